import KubernetesClient
import LocatedDocuments
import NIOCore

/// Where the gates are.
package enum ReplicaSource: Sendable, Hashable {
    /// Pods of the namespace by their labels; they listen on the port.
    case pods(namespace: String, labelSelector: String, port: Int)
    /// Gates outside of the cluster.
    case addresses([ReplicaAddress])
}

package struct ReplicaAddress: Sendable, Hashable {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `HOST:PORT`, IPv6 addresses in brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }
}

/// A gate that may be asked, or why not.
struct FoundReplica: Sendable {
    var name: String
    var isReady: Bool
    /// nil: it has none yet.
    var address: ReplicaAddress?
}

struct ReplicaFinder: Sendable {
    let api: KubernetesAPI
    let source: ReplicaSource

    func find(deadline: NIODeadline) async throws(APIError) -> [FoundReplica] {
        switch source {
        case .addresses(let addresses):
            // Nobody says whether they are ready: they count as if they were.
            return addresses.map { FoundReplica(name: "\($0.host):\($0.port)", isReady: true, address: $0) }
        case .pods(let namespace, let selector, let port):
            let query = ResourceQuery(.pods, namespace: namespace, labelSelector: selector)
            let answer = try await api.list(query, limit: nil, deadline: deadline, isRetried: false)
            guard let root = SmallJSON.tree(answer.body) else {
                throw .malformed(APICall(.list, .pods, namespace: namespace), problem: "it is no list")
            }
            return (root["items"]?.sequence ?? []).compactMap { Self.replica($0, port) }
        }
    }

    /// nil: it serves nothing any more.
    private static func replica(_ pod: LocatedNode, _ port: Int) -> FoundReplica? {
        let status = pod["status"]
        let phase = status?["phase"]?.string
        guard phase != "Succeeded", phase != "Failed" else { return nil }
        let isReady = (status?["conditions"]?.sequence ?? []).contains {
            $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
        }
        let address = status?["podIP"]?.string.flatMap { $0.isEmpty ? nil : ReplicaAddress(host: $0, port: port) }
        return FoundReplica(name: pod["metadata"]?["name"]?.string ?? "?", isReady: isReady, address: address)
    }
}
