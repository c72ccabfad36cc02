import ArgumentParser
import Audit
import LabelPolicy
import PolicyDocuments

/// Which cluster a command looks at: a live one, files of its objects, or a snapshot.
struct ClusterInput: ParsableArguments {
    @Argument(help: ArgumentHelp("Files or directories of objects, or - for standard input.", valueName: "path"))
    var paths: [String] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("A snapshot, or a file of objects, like the arguments; repeatable.", valueName: "file"))
    var snapshot: [String] = []

    @OptionGroup var options: PolicyOptions

    @Option(help: "How reports call the cluster; else by its server, or as the snapshot does.")
    var clusterName: String?

    @OptionGroup var cluster: ClusterOptions

    var isLive: Bool { paths.isEmpty && snapshot.isEmpty }

    func read(_ loaded: LoadedPolicy) async throws -> AuditSource.Reading {
        let source = AuditSource(
            loaded: loaded, cluster: cluster, clusterName: clusterName ?? EnvironmentSettings().text("cluster-name"))
        return try await isLive ? source.live() : source.files(paths + snapshot)
    }

    /// What an audit of it found, and what is to be said after the report.
    struct Audited {
        var report: AuditReport
        var loaded: LoadedPolicy
        var failure: CommandOutcome?
    }

    /// - Parameters:
    ///   - namespaces: names to report on, with `*`; none for all.
    ///   - check: looks at the policy before the cluster is asked.
    func audit(namespaces: [String], check: (LoadedPolicy) throws -> Void = { _ in }) async throws -> Audited {
        let loaded = try options.load()
        try check(loaded)
        let reading = try await read(loaded)
        var input = loaded.auditInput
        input.notes = reading.notes
        let selection = NamespaceSelection(namespaces)
        input.namespaces = selection.globs
        var report = Auditor(policy: loaded.policy, catalogue: loaded.catalogue)
            .audit(reading.state, input: input, at: WallClock.now())
        try selection.check(&report)
        return Audited(report: report, loaded: loaded, failure: reading.failure)
    }
}
