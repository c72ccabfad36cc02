import ArgumentParser
import Attribution
import Audit
import ClusterSnapshot
import KubernetesModel
import LabelPolicy
import PolicyDocuments

struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Write a cluster's state into one file, for audits without the cluster.",
        discussion: """
            Reads what 'audit' reads, and writes it compressed, with labels and annotations reduced to those that an \
            audit may ask for. With --redact names become pseudonyms, another word for each in each snapshot.

            Examples:
              tallygate snapshot -o prod.tgz
              tallygate snapshot --redact --policy policy.yaml prod.tgz -o to-mail.tgz
            """)

    @OptionGroup var input: ClusterInput

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "The file; written all at once or not at all (default: standard output).", valueName: "file"))
    var outputFile: String?

    @Flag(help: "Put pseudonyms in the place of names; what the policy and the prices know stays.")
    var redact = false

    func run() async throws {
        let environment = EnvironmentSettings()
        let file = outputFile ?? environment.text("output-file")
        if file == nil, StandardOutput.isTerminal {
            throw CommandOutcome.inputError(
                "a snapshot is no text for a terminal: name a file with -o, or send standard output to one")
        }
        let loaded = try input.options.load()
        let reading = try await input.read(loaded)
        // What lacks the Pods, or a broken file's objects, must not take the place of a good snapshot.
        if let failure = reading.failure { throw failure }
        for note in reading.state.notes where note.gap != .absent { StandardError.print("tallygate: \(note)") }
        var state = reading.state
        if try environment.flag("redact", given: redact) {
            let name = input.clusterName ?? environment.text("cluster-name")
            state = ClusterRedaction.redact(
                state, policy: loaded.policy, pricing: loaded.prices, allocation: loaded.allocation,
                at: WallClock.now(), random: SystemRandomNumberGenerator())
            if let name { state.cluster = name }
        }
        if let file {
            try AtomicFile.write(file, access: .owner) { try SnapshotWriter.write(state, to: $0) }
        } else {
            try SnapshotWriter.write(state) { try StandardOutput.write($0) }
        }
    }
}
