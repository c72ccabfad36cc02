import ArgumentParser
import LabelPolicy
import LocatedDocuments
import ManifestCheck
import PolicyDocuments
import Reports

extension CheckFormat: ExpressibleByArgument {}
extension FailLevel: ExpressibleByArgument {}

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judge manifests offline, as the webhook would at the API server.",
        discussion: """
            Reads files, directories and standard input (-): multi-document YAML, JSON and Lists, also as Helm and \
            Kustomize print them. Namespace manifests among them supply defaults and choose modes.

            Example: helm template my-release ./chart | tallygate check --policy policy.yaml -
            """)

    @Argument(help: ArgumentHelp("Files, directories (read recursively), or - for standard input.", valueName: "path"))
    var paths: [String]

    @OptionGroup var options: PolicyOptions

    @Option(name: [.customShort("o"), .long], help: "The output's format.")
    var output: CheckFormat?

    @Option(help: "Exit with 1 when there are findings of this level or above.")
    var failOn: FailLevel?

    @Flag(help: "Let pass what a namespace that is not among the manifests might supply.")
    var allowUnknown = false

    @Flag(help: "Judge as a webhook without a cluster does: labels of controllers do not reach their Pods.")
    var noCluster = false

    @Option(help: "The namespace of manifests that name none.")
    var namespace: String?

    @Flag(help: "No colours, even on a terminal.")
    var noColor = false

    func run() throws {
        let environment = EnvironmentSettings()
        let format =
            try output ?? environment.value(
                "output", { CheckFormat(rawValue: $0) }, expected: "text, json, sarif, junit or github")
            ?? .text
        let level = try environment.failLevel(given: failOn)
        let loaded = try options.load()
        let files = try ManifestFiles().read(paths)
        let now = WallClock.now()
        let checker = ManifestChecker(
            policy: loaded.policy, catalogue: loaded.catalogue,
            defaultNamespace: namespace ?? environment.text("namespace") ?? "default",
            suppliesOwners: try !environment.flag("no-cluster", given: noCluster))
        let report = checker.check(files, at: now)
        let isStyled = try format == .text && environment.stylesOutput(noColor: noColor)
        let renderer = CheckRenderer(version: Build.version, generatedAt: now, isStyled: isStyled)
        try StandardOutput.write(try renderer.render(report, as: format))
        if report.hasInputErrors {
            throw CommandOutcome.inputError("some manifests could not be read; the report leaves them out")
        }
        if report.fails(at: level, allowingUnknown: try environment.flag("allow-unknown", given: allowUnknown)) {
            throw CommandOutcome(code: .findings, message: nil)
        }
    }
}
