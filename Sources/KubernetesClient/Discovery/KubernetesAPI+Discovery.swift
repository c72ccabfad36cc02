import KubernetesModel
import LocatedDocuments
package import NIOCore

extension KubernetesAPI {
    /// Everything in one document where the server offers it (Kubernetes 1.27 and later), else lists of groups.
    private static let aggregatedAccept =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

    /// What the cluster serves. A group that cannot be asked is a note, not an error.
    package func discover(deadline: NIODeadline) async throws(APIError) -> Discovery {
        var discovery = Discovery(groups: [])
        var unread: [GroupVersion] = []
        for path in ["/api", "/apis"] {
            let root = try await tree(path, accept: Self.aggregatedAccept, deadline: deadline)
            if let all = DiscoveryReading.aggregated(root) {
                discovery.groups += all.groups
                discovery.notes += all.notes
                continue
            }
            for (group, versions) in DiscoveryReading.groups(root) {
                discovery.groups.append(
                    Discovery.Group(
                        name: group, versions: versions.map { Discovery.Version(name: $0, resources: []) }))
                unread += versions.map { GroupVersion(group: group, version: $0) }
            }
        }
        if !unread.isEmpty { await read(unread, into: &discovery, deadline: deadline) }
        return discovery
    }

    package func serverVersion(deadline: NIODeadline) async throws(APIError) -> ServerVersion {
        let root = try await tree("/version", accept: "application/json", deadline: deadline)
        guard let version = DiscoveryReading.version(root) else {
            throw .malformed(APICall(verb: .get, object: .path("/version")), problem: "it says no version")
        }
        return version
    }

    /// Asks for each version of each group, as many at a time as the client's permits allow.
    private func read(_ versions: [GroupVersion], into discovery: inout Discovery, deadline: NIODeadline) async {
        let found = await withTaskGroup(of: FoundVersion.self) { tasks in
            for version in versions {
                tasks.addTask { await self.found(version, deadline: deadline) }
            }
            var found: [FoundVersion] = []
            for await one in tasks { found.append(one) }
            return found
        }
        for one in found.sorted(by: { $0.version.description < $1.version.description }) {
            let version = one.version
            switch one.resources {
            case .success(let resources):
                guard let group = discovery.groups.firstIndex(where: { $0.name == version.group }),
                    let index = discovery.groups[group].versions.firstIndex(where: { $0.name == version.version })
                else { continue }
                discovery.groups[group].versions[index].resources = resources
            case .failure(let error):
                discovery.notes.append("the resources of \(version) are not known: \(error)")
            }
        }
    }

    /// A struct made in a function, not a tuple made in the task: the optimizer of Swift 6.3 releases a tuple with an
    /// error in it too early there (`swift build -c release`; a gate in a cluster crashed).
    private struct FoundVersion: Sendable {
        var version: GroupVersion
        var resources: Result<[Discovery.Resource], APIError>
    }

    private func found(_ version: GroupVersion, deadline: NIODeadline) async -> FoundVersion {
        do throws(APIError) {
            return FoundVersion(
                version: version, resources: .success(try await resources(of: version, deadline: deadline)))
        } catch {
            return FoundVersion(version: version, resources: .failure(error))
        }
    }

    private func resources(
        of version: GroupVersion, deadline: NIODeadline
    ) async throws(APIError) -> [Discovery.Resource] {
        let path = version.group.isEmpty ? "/api/\(version)" : "/apis/\(version)"
        let root = try await tree(path, accept: "application/json", deadline: deadline)
        guard let resources = DiscoveryReading.resources(root, group: version.group, version: version.version) else {
            throw .malformed(APICall(verb: .get, object: .path(path)), problem: "it is no APIResourceList")
        }
        return resources
    }

    private func tree(_ path: String, accept: String, deadline: NIODeadline) async throws(APIError) -> LocatedNode {
        let answer = try await get(path: path, accept: accept, deadline: deadline)
        guard let root = SmallJSON.tree(answer.body) else {
            throw .malformed(APICall(verb: .get, object: .path(path)), problem: "it is no JSON")
        }
        return root
    }
}
