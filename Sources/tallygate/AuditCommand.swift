import ArgumentParser
import Attribution
import Audit
import ClusterReading
import KubernetesModel
import LabelPolicy
import ManifestCheck
import PolicyDocuments
import Reports

extension AuditFormat: ExpressibleByArgument {}

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Say which spend of a cluster nobody owns, why, and how it is mended.",
        discussion: """
            Reads the cluster of the kubeconfig or, where files are named, what 'kubectl get … -o json' or '-o yaml' \
            printed into them, or 'tallygate snapshot'; - stands for standard input.

            Examples:
              tallygate audit --policy policy.yaml --context staging
              kubectl get pods,nodes,namespaces,deployments,replicasets -A -o json | tallygate audit -
            """)

    @OptionGroup var input: ClusterInput

    @Option(name: [.customShort("o"), .long], help: "The output's format.")
    var output: AuditFormat?

    @Option(
        name: .long,
        help: ArgumentHelp("Write the report to this file, all at once or not at all.", valueName: "file"))
    var outputFile: String?

    @OptionGroup var selection: NamespaceOptions

    @Option(help: "Group the money by a label of the policy, or by namespace, nodegroup or workload.")
    var groupBy: String?

    @Option(help: "Exit with 1 when less of the spend than this has an owner.")
    var failUnder: Percentage?

    @Option(help: "Exit with 1 when there are findings of this level or above.")
    var failOn: FailLevel?

    @Flag(help: "No colours, even on a terminal.")
    var noColor = false

    func run() async throws {
        let environment = EnvironmentSettings()
        let format = try environment.format(given: output, default: .text)
        let level = try environment.failLevel(given: failOn)
        let minimum =
            try failUnder ?? environment.value("fail-under", { Percentage($0) }, expected: Percentage.expectation)
        let grouping = groupBy ?? environment.text("group-by")
        let file = outputFile ?? environment.text("output-file")
        let audited = try await input.audit(
            namespaces: selection.names
        ) { loaded in if let grouping { try AuditGrouping.check(grouping, loaded.policy) } }
        let report = audited.report
        let isStyled = try format == .text && file == nil && environment.stylesOutput(noColor: noColor)
        let text = try AuditOutput.render(report, as: format, grouping: grouping, isStyled: isStyled)
        if let file { try AtomicFile.write(file, text) } else { try StandardOutput.write(text) }
        if let failure = audited.failure { throw failure }
        try AuditOutcome.check(report, level: level, minimum: minimum)
    }
}

/// What an audit ends with, beside its report.
enum AuditOutcome {
    static func check(_ report: AuditReport, level: FailLevel, minimum: Percentage?) throws {
        if let minimum {
            // Where nothing costs anything, and where there is nothing at all, everything has an owner.
            let share = report.coverage.all
            let reached = share.spendBasisPoints ?? share.workloadBasisPoints ?? Percentage.all
            let judges = share.spendBasisPoints == nil ? "workloads" : "spend"
            let reason = share.spendBasisPoints == nil ? "nothing has a price, so it judges workloads: " : ""
            let text = Percentage(basisPoints: reached).description
            let verb = share.spendBasisPoints == nil ? "have" : "has"
            if reached < minimum.basisPoints {
                throw CommandOutcome(
                    code: .findings,
                    message: "\(reason)\(text) of the \(judges) \(verb) an owner; --fail-under asks for \(minimum)")
            }
            if !reason.isEmpty {
                StandardError.print("tallygate: --fail-under \(minimum): \(reason)\(text) of them have an owner")
            }
        }
        let findings = report.totals.findings
        let failing =
            switch level {
            case .required: findings.required
            case .recommended: findings.all
            case .never: 0
            }
        if failing > 0 { throw CommandOutcome(code: .findings, message: nil) }
    }
}

/// A part of a hundred, with up to two decimals: `80`, `99.5`, `99.95%`.
struct Percentage: ExpressibleByArgument, CustomStringConvertible, Hashable {
    /// Hundredths of a percent: 0 to 10,000.
    let basisPoints: Int

    static let all = 10_000
    static let expectation = "a percentage from 0 to 100 with at most two decimals"

    init(basisPoints: Int) { self.basisPoints = basisPoints }

    init?(_ text: String) {
        let number = text.hasSuffix("%") ? text.dropLast() : text[...]
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count > 1 ? parts[1] : "0"
        guard let whole = parts.first, (1...3).contains(whole.utf8.count), (1...2).contains(decimals.utf8.count),
            (whole + decimals).utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let units = Int(whole), let fraction = Int(decimals)
        else { return nil }
        basisPoints = units * 100 + (decimals.utf8.count == 1 ? fraction * 10 : fraction)
        guard basisPoints <= Self.all else { return nil }
    }

    init?(argument: String) { self.init(argument) }

    var description: String {
        let fraction = basisPoints % 100
        if fraction == 0 { return "\(basisPoints / 100)%" }
        return "\(basisPoints / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
    }
}

/// What `--group-by` takes.
enum AuditGrouping {
    static func check(_ name: String, _ policy: Policy) throws {
        let known = policy.labels.map(\.key.text) + ["namespace", "nodegroup", "workload"]
        guard known.contains(name) else {
            throw CommandOutcome.inputError(
                "--group-by \"\(name)\" is neither a label of the policy nor namespace, nodegroup or workload; "
                    + "choose among: \(known.joined(separator: ", "))")
        }
    }
}
