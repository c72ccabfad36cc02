import ArgumentParser
import Audit
import ClusterFixing
import KubernetesClient
import LabelPolicy
import NIOCore
import PolicyDocuments
import Reports

struct FixCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fix",
        abstract: "Print the commands that mend what an audit finds, or apply them.",
        discussion: """
            Prints a shell script, the worst first. A step that needs a value, or that would restart Pods, is commented \
            out. With --apply the steps are done on the live cluster: each is tried first as a dry run, shown, and done \
            when you say yes.

            Examples:
              tallygate fix --policy policy.yaml --namespace shop --set team=payments > fix.sh
              tallygate fix --policy policy.yaml --namespace shop --set team=payments --apply
            """)

    @OptionGroup var input: ClusterInput
    @OptionGroup var selection: NamespaceOptions

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Only findings of this reason, such as missing; repeatable.", valueName: "reason"))
    var reason: [String] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "The value where nobody can know one; the policy has to accept it. Repeatable.", valueName: "key=value"))
    var set: [String] = []

    @Flag(help: "Also do what restarts Pods; without it a way that restarts nothing is taken where there is one.")
    var allowRestarts = false

    @Flag(help: "Do the steps on the live cluster, each after a dry run and a question.")
    var apply = false

    @Flag(help: "With --apply: ask nothing.")
    var yes = false

    @Option(help: "'server': have the API server check every step, and keep nothing.")
    var dryRun: DryRun?

    enum DryRun: String, ExpressibleByArgument, CaseIterable {
        case server
    }

    func run() async throws {
        let environment = EnvironmentSettings()
        let dryRun = try dryRun ?? environment.value("dry-run", { DryRun(rawValue: $0) }, expected: "server")
        let applies = try environment.flag("apply", given: apply)
        let asksNothing = try environment.flag("yes", given: yes)
        let allowsRestarts = try environment.flag("allow-restarts", given: allowRestarts)
        let acts = applies || dryRun != nil
        guard !acts || input.isLive else {
            throw CommandOutcome.inputError(
                "--apply and --dry-run change a live cluster: leave out the files, or print the commands without them")
        }
        guard !applies || dryRun != nil || asksNothing || StandardInput.isTerminal else {
            throw CommandOutcome.inputError(
                "--apply asks before each change, and standard input is no terminal: give --yes, or run it in one")
        }
        let reasons = try selectedReasons(environment)
        let sets = set.isEmpty ? environment.list("set") : set
        var values = FixValues.none
        let audited = try await input.audit(namespaces: selection.names) { loaded in
            do throws(FixValueError) {
                values = try FixValues(sets, policy: loaded.policy, at: WallClock.now())
            } catch {
                throw CommandOutcome.inputError(error.description)
            }
        }
        var findings = audited.report.findings
        if !reasons.isEmpty { findings.removeAll { !reasons.contains($0.reason) } }
        let steps = FixStep.steps(for: findings, gently: !allowsRestarts).compactMap { $0.filled(values) }
        guard acts else {
            let script = FixScript(audited.report, steps: steps, allowsRestarts: allowsRestarts)
            try StandardOutput.write(script.render())
            if let failure = audited.failure { throw failure }
            return
        }
        if let failure = audited.failure { throw failure }
        var run = FixRun(
            goal: dryRun != nil ? .validate : .apply, allowsRestarts: allowsRestarts, asksEach: !asksNothing)
        try await perform(steps, audited.report, &run)
        try StandardOutput.print(TerminalFixDialogue.summary(run))
        if run.tally.leavesFindings { throw CommandOutcome(code: .findings, message: nil) }
    }

    private func selectedReasons(_ environment: EnvironmentSettings) throws -> Set<Reason> {
        let names = reason.isEmpty ? environment.list("reason") : reason
        return Set(
            try names.map { name in
                guard let reason = Reason(rawValue: name) else {
                    throw CommandOutcome.inputError(
                        "--reason \"\(name)\" is no reason; choose among: "
                            + Reason.allCases.map(\.rawValue).joined(separator: ", "))
                }
                return reason
            })
    }

    /// In which a cluster that was there a moment ago says what it serves.
    private static let discoveryTimeout = TimeAmount.seconds(20)

    private func perform(_ steps: [FixStep], _ report: AuditReport, _ run: inout FixRun) async throws {
        let dialogue = TerminalFixDialogue(currency: report.currency)
        run = try await input.cluster.connected { [run] api, _ throws(APIError) in
            var run = run
            let discovery = try await api.discover(deadline: .now() + Self.discoveryTimeout)
            try await ClusterFixer(api, discovery: discovery, dialogue: dialogue).perform(steps, &run)
            return run
        }
    }
}
