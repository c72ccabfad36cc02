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
        let discovery = try await api.discover(deadline: .now() + Self.discoveryTimeout)
        var served = ServedResources()
        for group in discovery.groups where groups.contains(group.name) {
            // Whoever serves an empty version did not say what is in it.
            if group.versions.contains(where: \.resources.isEmpty) { served.unknownGroups.insert(group.name) }
            for version in group.versions {
                for found in version.resources where found.isWatchable {
                    let kind = GroupKind(group: group.name, kind: found.resource.kind)
                    // The first version that has it is the preferred one.
                    if served.resources[kind] == nil { served.resources[kind] = found.resource }
                }
            }
        }
        return served
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
