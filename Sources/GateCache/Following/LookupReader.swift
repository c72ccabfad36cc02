package import Admission
package import KubernetesClient
import KubernetesModel
import LabelPolicy
import Synchronization

/// Asks the API server for the one object that a look-up names.
package final class LookupReader<Source: ClusterSource>: Sendable {
    private let source: Source
    private let reading: ObjectReading
    /// Nil until the server has told what it has.
    private let served = Mutex<ServedResources?>(nil)
    private let observe: @Sendable (Lookup, LookupAnswer) -> Void

    /// - Parameter observe: called with every answer of the server, to be counted.
    package init(
        _ source: Source, _ reading: ObjectReading, observe: @escaping @Sendable (Lookup, LookupAnswer) -> Void
    ) {
        self.source = source
        self.reading = reading
        self.observe = observe
    }

    package func setServed(_ resources: ServedResources) { served.withLock { $0 = resources } }

    package func read(_ lookup: Lookup) async -> LookupAnswer {
        switch lookup {
        case .namespace(let name):
            return await read(lookup, name, .namespaces, namespace: nil) { head in
                .namespace(reading.evaluator.observe(head.labels))
            }
        case .owner(let key):
            guard let served = served.withLock({ $0 }) else { return .unanswered }
            // A kind that is not there has no objects.
            guard let resource = served.resources[key.kind] else {
                return served.unknownGroups.contains(key.kind.group) ? .unanswered : .absent
            }
            guard resource.isNamespaced else { return .absent }
            return await read(lookup, key.name, resource, namespace: key.namespace) {
                reading.knownOwner($0, for: key)
            }
        }
    }

    private func read(
        _ lookup: Lookup, _ name: String, _ resource: APIResource, namespace: String?,
        _ answer: (ObjectHead) -> LookupAnswer
    ) async -> LookupAnswer {
        // The name of an owner is whatever a user wrote.
        guard PathSegment.isName(name), PathSegment.isName(namespace ?? name) else { return .absent }
        let result: LookupAnswer
        do throws(APIError) {
            result = answer(try await source.head(of: name, resource, namespace: namespace))
        } catch {
            if error.isNotFound {
                result = .absent
            } else {
                result = error.isForbidden ? .forbidden : .unanswered
            }
        }
        observe(lookup, result)
        return result
    }
}

enum PathSegment {
    /// Whether an object can have the name at all (apimachinery's `path.IsValidPathSegmentName`): others would lead a
    /// request to another path.
    static func isName(_ text: String) -> Bool {
        text != "." && text != ".." && !text.isEmpty && text.utf8.count <= 253
            && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }
    }
}
