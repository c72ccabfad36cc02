import ArgumentParser
import LabelPolicy
import LocatedDocuments
import PolicyDocuments

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Check and show policies.", subcommands: [Lint.self, Show.self])

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read policy files as the webhook does and say what is wrong with them.",
            discussion: "Exit code 2 when there are errors; warnings and notes do not fail.")

        @Argument(help: ArgumentHelp("Policy files or directories.", valueName: "path"))
        var paths: [String] = []

        @OptionGroup var options: PolicyOptions

        func run() throws {
            let all = paths.isEmpty ? options.paths : paths + options.policy
            guard !all.isEmpty else {
                throw CommandOutcome.inputError("no policy was named; write: tallygate policy lint PATH…")
            }
            let result = PolicyLoader().load(all, today: WallClock.now().date)
            for diagnostic in result.diagnostics { try StandardOutput.print(diagnostic.rendered) }
            guard let loaded = result.loaded else {
                let count = result.errors.count
                throw CommandOutcome.inputError("\(count) error\(count == 1 ? "" : "s") in the policy")
            }
            let policy = loaded.policy
            let teams = policy.registry?.teams.count ?? 0
            try StandardOutput.print(
                "Policy \"\(policy.name)\" is sound: \(PolicyCommand.count(policy.labels.count, "label")), \(PolicyCommand.count(teams, "team")), "
                    + "\(PolicyCommand.count(policy.exemptions.count, "exemption")), "
                    + "\(PolicyCommand.count(loaded.addedKinds.count, "added workload kind")), mode \(policy.mode.rawValue), "
                    + "\(PolicyCommand.count(result.warnings.count, "warning")).")
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the effective policy: what holds once all files are read and defaults are filled in.")

        enum Format: String, ExpressibleByArgument, CaseIterable {
            case yaml, json
        }

        @OptionGroup var options: PolicyOptions

        @Option(name: [.customShort("o"), .long], help: "The output's format.")
        var output: Format?

        func run() throws {
            let loaded = try options.load()
            let rendering = PolicyRendering(loaded)
            let environment = EnvironmentSettings()
            switch try output ?? environment.value("output", { Format(rawValue: $0) }, expected: "yaml or json")
                ?? .yaml
            {
            case .yaml:
                let sources = loaded.sources.isEmpty ? "the built-in policy" : loaded.sources.joined(separator: ", ")
                try StandardOutput.print(rendering.yaml(comments: ["From: \(sources)", "Hash: \(loaded.hash)"]))
            case .json: try StandardOutput.print(rendering.json)
            }
        }
    }
}
