import Foundation
import KubernetesClient
import KubernetesModel
import Logging
import NIOPosix
import Synchronization
import TestSupport

/// A resource of the running cluster that a reflector follows, through a proxy that a test can trouble.
final class FollowedResource: Sendable {
    let proxy: TroubledProxy
    let store: Store<WatchedHead>
    /// What the reflector told.
    let tellings = CountingReflectorMetrics()
    private let connection: ClusterConnection
    private let run: @Sendable () async -> Void

    /// - Parameter intercept: called with every list request, before it is made.
    init(
        _ resource: APIResource, of cluster: Cluster, settings: WatchSettings = .impatient,
        intercept: @escaping @Sendable (ListRequest) async -> Void = { _ in }
    ) throws {
        let port = try cluster.access().port
        proxy = try TroubledProxy(before: UInt16(port))
        // The certificate is for the address, whatever the port.
        let files = try TemporaryDirectory()
        let kubeconfig = try String(contentsOfFile: cluster.kubeconfig, encoding: .utf8)
            .replacingOccurrences(of: "127.0.0.1:\(port)", with: "127.0.0.1:\(proxy.port)")
        connection = ClusterConnection(
            try ConfigurationLoader(environment: [:]).load(kubeconfig: try files.write("kubeconfig", kubeconfig)),
            environment: [:], hasTerminal: false, userAgent: "tallygate/test",
            group: .singletonMultiThreadedEventLoopGroup,
            unixSeconds: { Int64(Date().timeIntervalSince1970) })
        let lists = KubernetesClient.ResourceLists(connection.api, ResourceQuery(resource, encoding: .metadata))
        let reflector = Reflector(
            InterceptedLists(lists: lists, intercept: intercept), WatchedHeadDecoder(), settings: settings,
            metrics: tellings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        store = reflector.store
        run = { await reflector.run() }
    }

    /// Follows while `body` runs.
    func following(_ body: () async throws -> Void) async throws {
        let task = Task { [run] in await run() }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        task.cancel()
        await task.value
        proxy.stop()
        await connection.shutdown()
        try outcome.get()
    }

    func head(_ name: String, in namespace: String = "") -> ObjectHead? {
        switch store.find(WatchedHead.Key(namespace: namespace, name: name)) {
        case .found(let object): object.head
        case .absent, .notSynced: nil
        }
    }

    /// Waits until the copy has the object with this label's value, or has it no more (nil).
    func wait(for name: String, in namespace: String = "", label: String = "team", _ value: String?) async throws {
        try await TestSupport.wait(for: "\(name) with \(label)=\(value ?? "(gone)")") {
            let head = head(name, in: namespace)
            let isThere = value.map { head?.labels[label] == $0 } ?? (head == nil)
            return isThere && store.status.isSynced
                ? nil : "\(String(describing: head)), \(store.status), \(tellings.counts)"
        }
    }
}

/// Lists with something that happens before each.
private struct InterceptedLists: ListWatching {
    typealias Chunks = HTTPBody

    let lists: KubernetesClient.ResourceLists
    let intercept: @Sendable (ListRequest) async -> Void

    var resource: String { lists.resource }

    func list(_ request: ListRequest) async throws(WatchFailure) -> ListResponse {
        await intercept(request)
        return try await lists.list(request)
    }

    func watch(_ request: WatchRequest) async throws(WatchFailure) -> WatchResponse<HTTPBody> {
        try await lists.watch(request)
    }
}

extension WatchSettings {
    /// Waits that are a nuisance in tests cut short.
    static var impatient: WatchSettings {
        var settings = WatchSettings()
        settings.backoff.cap = .seconds(1)
        settings.backoff.refusedCap = .seconds(1)
        return settings
    }
}
