import ArgumentParser

struct Tallygate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tallygate",
        abstract: "Makes every dollar a cluster spends belong to somebody.",
        discussion: """
            The webhook denies, warns about or completes Pods and pod templates without the labels cost is \
            attributed by. The same policy judges manifests offline with 'check'.

            Every option --some-name can also be given as the environment variable TALLYGATE_SOME_NAME.
            Exit codes: 0 clean, 1 findings, 2 usage or input error, 3 cluster out of reach.
            """,
        subcommands: [
            WebhookCommand.self, AuditorCommand.self, AuditCommand.self, CheckCommand.self, PolicyCommand.self,
            VersionCommand.self,
        ])
}
