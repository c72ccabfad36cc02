import Attribution
import Audit
import ClusterReading
import KubernetesClient
import KubernetesModel
import LabelPolicy
import LocatedDocuments
import NIOCore
import NIOPosix
import PolicyDocuments

/// Where an audit's cluster comes from.
struct AuditSource {
    /// What was read, and what is said once the report is out.
    struct Reading {
        var state: ClusterState
        var notes: [AuditReport.Note] = []
        var failure: CommandOutcome?
    }

    /// For a whole cluster: 100,000 Pods take some 200 requests, each of a second on a busy API server.
    private static let timeout = TimeAmount.minutes(10)

    let loaded: LoadedPolicy
    let cluster: ClusterOptions
    /// How reports call it; nil to call it by its server.
    let clusterName: String?

    private var filters: RecordFilters { loaded.auditFilters }

    // MARK: Files

    func files(_ paths: [String]) throws -> Reading {
        var files = ClusterFiles(
            filters: filters, catalogue: loaded.catalogue, cluster: clusterName ?? "",
            observedAt: ObjectTime(seconds: WallClock.unixSeconds()))
        for file in try ManifestFiles(limit: DocumentLimits.clusterLists.fileBytes).read(paths) { files.read(file) }
        for diagnostic in files.diagnostics { StandardError.print(diagnostic.rendered) }
        let isBroken = files.diagnostics.contains { $0.severity == .error }
        if files.objectCount == 0 {
            throw CommandOutcome.inputError(
                isBroken
                    ? "no object could be read; see above"
                    : "no Kubernetes object was found in what was named; give what 'kubectl get … -o json' prints")
        }
        let (state, ignored) = files.finish()
        var reading = Reading(state: state)
        for (kind, count) in ignored.sorted(by: { $0.key < $1.key }) {
            let objects = count == 1 ? "1 object that owns" : "\(count) objects that own"
            reading.notes.append(
                AuditReport.Note(kind: .unread, text: "\(kind): \(objects) no Pods left out"))
        }
        if state.nodes.isEmpty {
            reading.notes.append(
                AuditReport.Note(
                    kind: .unread,
                    text: "nodes: none is among the objects, so Pods cost nothing; add 'kubectl get nodes'"))
        }
        if isBroken {
            reading.failure = .inputError("some objects could not be read; the report leaves them out")
        }
        return reading
    }

    // MARK: A live cluster

    func live() async throws -> Reading {
        let environment = EnvironmentSettings()
        let access: ClusterAccess
        do throws(ConfigurationError) {
            access = try cluster.access(environment)
        } catch {
            throw CommandOutcome.inputError(error.description)
        }
        for warning in access.warnings { StandardError.print("tallygate: \(warning)") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let connection = ClusterConnection(
            access, environment: environment.variables, hasTerminal: StandardInput.isTerminal,
            userAgent: "tallygate/\(Build.version)", group: group, unixSeconds: WallClock.unixSeconds)
        let result: Result<ClusterState, APIError>
        let progress = ProgressLine()
        do throws(APIError) {
            let reader = LiveClusterReader(connection.api, catalogue: loaded.catalogue) { progress.show($0) }
            result = .success(
                try await reader.read(
                    filters: filters, cluster: clusterName ?? access.server.description,
                    observedAt: ObjectTime(seconds: WallClock.unixSeconds()), deadline: .now() + Self.timeout))
        } catch {
            result = .failure(error)
        }
        progress.clear()
        await connection.shutdown()
        try await group.shutdownGracefully()
        switch result {
        case .success(let state): return Reading(state: state, failure: Self.failure(state))
        case .failure(let error): throw CommandOutcome(code: .unreachable, message: error.description)
        }
    }

    /// Without Pods there is nothing an audit could find, and that must not look like a clean cluster.
    private static func failure(_ state: ClusterState) -> CommandOutcome? {
        let note = state.notes.first { note in
            guard note.resource == "pods" else { return false }
            return switch note.gap {
            case .forbidden, .failed, .absent: true
            case .problems: false
            }
        }
        return note.map { CommandOutcome(code: .unreachable, message: "\($0); the report does not cover them") }
    }
}
