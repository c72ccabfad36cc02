import ArgumentParser
import Audit
import ManifestCheck
import Reports

extension SimulationFormat: ExpressibleByArgument {}

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Say what enforcing the policy would block today, and where to begin.",
        discussion: """
            Judges every workload as if the mode were 'enforce' in all namespaces. Those where nothing would be blocked \
            come first, the dearest first, then those with the least blocked spend.

            Example: tallygate simulate --policy policy.yaml --context staging
            """)

    @OptionGroup var input: ClusterInput

    @Option(name: [.customShort("o"), .long], help: "The output's format.")
    var output: SimulationFormat?

    @OptionGroup var selection: NamespaceOptions

    @Option(
        help: "Exit with 1 when something would be blocked, unless 'never'; recommended labels never block.")
    var failOn: FailLevel?

    @Flag(help: "No colours, even on a terminal.")
    var noColor = false

    func run() async throws {
        let environment = EnvironmentSettings()
        let format = try environment.format(given: output, default: .text)
        let level = try environment.failLevel(given: failOn)
        let audited = try await input.audit(namespaces: selection.names)
        let isStyled = try format == .text && environment.stylesOutput(noColor: noColor)
        let renderer = SimulationRenderer(
            width: StandardOutput.columns() ?? AuditRenderer.defaultWidth, isStyled: isStyled)
        try StandardOutput.write(renderer.render(audited.report, as: format))
        if let failure = audited.failure { throw failure }
        if level != .never, audited.report.simulation.blocked.workloads > 0 {
            throw CommandOutcome(code: .findings, message: nil)
        }
    }
}
