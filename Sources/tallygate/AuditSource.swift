import Attribution
import Audit
import ClusterReading
import ClusterSnapshot
import KubernetesClient
import KubernetesModel
import LabelPolicy
import LocatedDocuments
import NIOCore
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
        let sources = try ManifestFiles(limit: DocumentLimits.clusterLists.fileBytes).read(paths)
        if let snapshot = sources.first(where: { SnapshotReader.hasMagic($0.bytes) }) {
            guard sources.count == 1 else {
                throw CommandOutcome.inputError(
                    "\(snapshot.name) is a snapshot, which is a whole cluster: give it alone, without other files")
            }
            return try self.snapshot(snapshot)
        }
        return try lists(sources)
    }

    private func snapshot(_ file: SourceFile) throws -> Reading {
        do throws(SnapshotError) {
            var (state, cutOff) = try SnapshotReader.readWhatIsThere(file.bytes)
            if let clusterName { state.cluster = clusterName }
            guard let cutOff else { return Reading(state: state) }
            let message = "\(file.name): \(cutOff) (it ends at byte \(file.bytes.count))"
            return Reading(
                state: state,
                notes: [
                    AuditReport.Note(kind: .unread, text: message + "; the report covers nothing of what is missing")
                ],
                failure: .inputError(message))
        } catch {
            throw CommandOutcome.inputError("\(file.name): \(error)")
        }
    }

    private func lists(_ sources: [SourceFile]) throws -> Reading {
        var files = ClusterFiles(
            filters: filters, catalogue: loaded.catalogue, cluster: clusterName ?? "",
            observedAt: ObjectTime(seconds: WallClock.unixSeconds()))
        for file in sources { files.read(file) }
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
        if files.repeatedCount > 0 {
            let objects = files.repeatedCount == 1 ? "1 object is" : "\(files.repeatedCount) objects are"
            reading.notes.append(
                AuditReport.Note(
                    kind: .object, text: "\(objects) there more than once, by UID or by names, and counted once"))
        }
        for list in files.brokenLists {
            let items = list.items == 1 ? "1 object" : "\(list.items) objects"
            reading.notes.append(
                AuditReport.Note(
                    kind: .unread,
                    text: "\(list.file) cannot be read from \(list.position.line):\(list.position.column) on: "
                        + "the report covers \(items) before that place and nothing behind it"))
        }
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
        let progress = ProgressLine()
        defer { progress.clear() }
        let state = try await cluster.connected { api, server throws(APIError) in
            let reader = LiveClusterReader(api, catalogue: loaded.catalogue) { progress.show($0) }
            return try await reader.read(
                filters: filters, cluster: clusterName ?? server,
                observedAt: ObjectTime(seconds: WallClock.unixSeconds()), deadline: .now() + Self.timeout)
        }
        return Reading(state: state, failure: Self.failure(state))
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
