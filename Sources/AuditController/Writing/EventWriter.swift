import Audit
package import KubernetesClient
package import KubernetesModel
import LocatedDocuments
import NIOCore
import Reports

/// Makes Events in the cluster.
package struct EventWriter: Sendable {
    package enum Outcome: Sendable, Hashable {
        case created
        /// It was made before, by this process or another.
        case known
        /// The object that it is about is gone, or its kind is not known.
        case gone
    }

    /// `reportingController`: a qualified name.
    private static let controller = "tallygate.io/auditor"
    private static let timeout = TimeAmount.seconds(10)
    /// Events' instance has 128 characters at most.
    private static let maximumInstance = 128

    private let api: KubernetesAPI
    private let instance: String
    private let resource: @Sendable (GroupKind) -> APIResource?

    /// - Parameters:
    ///   - instance: this process: the Pod's name.
    ///   - resource: of a kind, as the cluster serves it.
    package init(
        _ api: KubernetesAPI, instance: String, resource: @escaping @Sendable (GroupKind) -> APIResource?
    ) {
        self.api = api
        self.instance = String(instance.prefix(Self.maximumInstance))
        self.resource = resource
    }

    package func write(_ event: FindingEvent, at now: RFC3339.Moment) async throws(APIError) -> Outcome {
        let kind = GroupKind(group: event.subject.group, kind: event.subject.kind)
        guard let uid = try await uid(of: event, kind) else { return .gone }
        do throws(APIError) {
            _ = try await api.create(
                Self.events, namespace: event.subject.namespace, name: event.name,
                body: ByteBuffer(string: body(event, uid: uid, at: now)), deadline: .now() + Self.timeout)
            return .created
        } catch {
            if error.isConflict { return .known }
            throw error
        }
    }

    /// Of an object that may not be read the references of its Pods tell the UID; without one nothing can be said of it,
    /// and asking again would change nothing.
    private func uid(of event: FindingEvent, _ kind: GroupKind) async throws(APIError) -> String? {
        let told = event.subjectUID.isEmpty ? nil : event.subjectUID
        guard let resource = resource(kind) else { return told }
        do throws(APIError) {
            return try await uid(of: event.subject, resource)
        } catch {
            if error.isForbidden { return told }
            throw error
        }
    }

    /// An object is shown its Events by its UID. A list needs no other right than following does.
    private func uid(of subject: Audit.ObjectReference, _ resource: APIResource) async throws(APIError) -> String? {
        let query = ResourceQuery(
            resource, namespace: subject.namespace, fieldSelector: "metadata.name=\(subject.name)",
            encoding: .metadataJSON)
        let answer = try await api.list(query, limit: 1, deadline: .now() + Self.timeout)
        return SmallJSON.tree(answer.body)?["items"]?.sequence?.first?["metadata"]?["uid"]?.string
    }

    private func body(_ event: FindingEvent, uid: String, at now: RFC3339.Moment) -> String {
        let subject = event.subject
        func text(_ text: String) -> String { CompactJSON.quoted(text) }
        return CompactJSON.object([
            ("apiVersion", #""events.k8s.io/v1""#), ("kind", #""Event""#),
            ("metadata", CompactJSON.object([("name", text(event.name)), ("namespace", text(subject.namespace))])),
            ("eventTime", text(RFC3339.formatMicroseconds(now))), ("type", #""Warning""#),
            ("reason", text(event.reason)), ("action", #""Audit""#), ("note", text(event.note)),
            (
                "regarding",
                CompactJSON.object([
                    ("apiVersion", text(subject.apiVersion)), ("kind", text(subject.kind)),
                    ("namespace", text(subject.namespace)), ("name", text(subject.name)), ("uid", text(uid)),
                ])
            ),
            ("reportingController", text(Self.controller)), ("reportingInstance", text(instance)),
        ])
    }

    /// Of every Kubernetes from 1.19 on.
    private static let events = APIResource(
        group: "events.k8s.io", version: "v1", plural: "events", kind: "Event", isNamespaced: true)
}
