import ArgumentParser
import Attribution
import Audit
import ClusterReading
import KubernetesModel
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
    ///   - prices: who else is asked what nodes cost.
    ///   - check: looks at the policy before the cluster is asked.
    func audit(
        namespaces: [String], prices: PriceOptions, check: (LoadedPolicy) throws -> Void = { _ in }
    ) async throws -> Audited {
        let environment = EnvironmentSettings()
        let location = try prices.location(environment)
        let loaded = try options.load()
        try check(loaded)
        var outcome: Result<OpenCostPrices, OpenCostReadError>?
        if let location { outcome = try await OpenCostConnection.read(location, environment) }
        var reading = try await read(loaded)
        var input = loaded.auditInput
        input.notes = reading.notes
        if let outcome { Self.take(outcome, into: &input, &reading) }
        let selection = NamespaceSelection(namespaces)
        input.namespaces = selection.globs
        var report = Auditor(policy: loaded.policy, catalogue: loaded.catalogue)
            .audit(reading.state, input: input, at: WallClock.now())
        try selection.check(&report)
        return Audited(report: report, loaded: loaded, failure: reading.failure)
    }

    /// Without the prices that were asked for the report still comes, says so, and ends the command with an error.
    private static func take(
        _ outcome: Result<OpenCostPrices, OpenCostReadError>, into input: inout AuditInput,
        _ reading: inout AuditSource.Reading
    ) {
        var texts: [String] = []
        switch outcome {
        case .success(let answer):
            input.allocation.external = answer.prices
            texts = answer.problems
            let names = reading.state.nodes.map { reading.state.text($0.name) }
            if let mismatch = answer.mismatch(withNodes: names) { texts.append(mismatch) }
        case .failure(let error):
            texts = ["\(error); nodes have other prices"]
            reading.failure =
                reading.failure
                ?? CommandOutcome(
                    code: error.isOutOfReach ? .unreachable : .inputError,
                    message: "\(error); the report is without its prices")
        }
        input.notes += texts.map { AuditReport.Note(kind: .price, text: $0) }
    }
}
