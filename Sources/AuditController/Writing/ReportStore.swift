package import Audit
package import KubernetesClient
import LocatedDocuments
import NIOCore
package import Reports

/// The cluster's reports, as far as they are ours: what stands there, and how it is changed.
package struct ReportStore: Sendable {
    /// Who owns the fields of what is written.
    package static let fieldManager = "tallygate"
    private static let timeout = TimeAmount.seconds(20)
    /// All reports' metadata: some seconds in a cluster of 10,000 namespaces.
    private static let listTimeout = TimeAmount.seconds(120)

    private let api: KubernetesAPI
    package let reports: ReportAPI

    package init(_ api: KubernetesAPI, _ reports: ReportAPI) {
        self.api = api
        self.reports = reports
    }

    /// Hashes of the reports that stand, by scope; nil if the cluster lacks one of the two kinds.
    package func standing() async throws(APIError) -> [ClusterScope: String]? {
        var hashes: [ClusterScope: String] = [:]
        for example in [ClusterScope.cluster, .namespace("")] {
            let query = ResourceQuery(
                resource(of: example), labelSelector: "\(PolicyReport.managedBy.key)=\(PolicyReport.managedBy.value)",
                encoding: .metadataJSON)
            do throws(APIError) {
                _ = try await api.list(query, deadline: .now() + Self.listTimeout) { event throws(APIError) in
                    switch event {
                    case .restarted: break
                    case .page(let page):
                        guard let root = SmallJSON.tree(page.body) else {
                            throw APIError.malformed(APICall(.list, query.resource), problem: "it is no list in JSON")
                        }
                        for item in root["items"]?.sequence ?? [] { Self.note(item["metadata"], in: &hashes) }
                    }
                }
            } catch {
                if error.isNotFound { return nil }
                throw error
            }
        }
        return hashes
    }

    private static func note(_ metadata: LocatedNode?, in hashes: inout [ClusterScope: String]) {
        // A label can be put on anything; the name is ours.
        guard let metadata, metadata["name"]?.string == PolicyReport.name else { return }
        let namespace = metadata["namespace"]?.string ?? ""
        hashes[namespace.isEmpty ? .cluster : .namespace(namespace)] =
            metadata["annotations"]?[PolicyReport.hashAnnotation]?.string ?? ""
    }

    /// Writes the report, whatever stands there: its fields are nobody else's.
    package func write(_ report: PolicyReport) async throws(APIError) {
        _ = try await api.apply(
            reference(to: report.scope), body: ByteBuffer(string: report.body), fieldManager: Self.fieldManager,
            force: true, deadline: .now() + Self.timeout)
    }

    package func remove(_ scope: ClusterScope) async throws(APIError) {
        do throws(APIError) {
            _ = try await api.delete(reference(to: scope), deadline: .now() + Self.timeout)
        } catch {
            // It is gone, perhaps with its namespace.
            if !error.isNotFound { throw error }
        }
    }

    private func reference(to scope: ClusterScope) -> KubernetesClient.ObjectReference {
        let namespace: String? =
            switch scope {
            case .cluster: nil
            case .namespace(let name): name
            }
        return KubernetesClient.ObjectReference(
            resource(of: scope), namespace: namespace, name: PolicyReport.name)
    }

    private func resource(of scope: ClusterScope) -> APIResource {
        APIResource(
            group: reports.group, version: reports.version, plural: reports.resource(of: scope),
            kind: reports.kind(of: scope), isNamespaced: scope != .cluster)
    }
}
