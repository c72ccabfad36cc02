package import KubernetesClient
package import KubernetesModel
import NIOCore

/// The API server behind a client.
package struct LiveCluster: ClusterSource {
    /// For finding out which kinds there are. A server from before aggregated discovery is asked some forty times.
    private static let discoveryTimeout = TimeAmount.seconds(30)
    /// For one object. API servers ask webhooks for ten seconds at most by default, and two are recommended; whoever
    /// comes next profits from an answer that is late.
    private static let headTimeout = TimeAmount.seconds(5)

    private let api: KubernetesAPI

    package init(_ api: KubernetesAPI) { self.api = api }

    package func discover(groups: Set<String>) async throws(APIError) -> ServedResources {
        ServedResources(try await api.discover(deadline: .now() + Self.discoveryTimeout), groups: groups)
    }

    package func lists(of resource: APIResource) -> KubernetesClient.ResourceLists {
        KubernetesClient.ResourceLists(api, ResourceQuery(resource, encoding: .metadata))
    }

    package func head(
        of name: String, _ resource: APIResource, namespace: String?
    ) async throws(APIError) -> ObjectHead {
        let answer = try await api.get(
            ObjectReference(resource, namespace: namespace, name: name), encoding: .metadata,
            deadline: .now() + Self.headTimeout, isRetried: false)
        guard let head = HeadReading.object(answer.body, answer.type) else {
            throw .malformed(
                APICall(.get, resource, namespace: namespace, name: name),
                problem: "it has no metadata (\(answer.type))")
        }
        return head
    }
}
