import ArgumentParser

@main
struct Tallygate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tallygate",
        abstract: "Makes every dollar a cluster spends belong to somebody.")
}
