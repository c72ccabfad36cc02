import ArgumentParser
import FoundationEssentials
import LabelPolicy
import LocatedDocuments
import Logging
import ManifestCheck
import PolicyDocuments

/// `TALLYGATE_*` variables stand for the options of the same name, which win over them.
struct EnvironmentSettings {
    private let values: [String: String]

    init(_ values: [String: String] = ProcessInfo.processInfo.environment) { self.values = values }

    /// All variables of the process, for what reads its own.
    var variables: [String: String] { values }

    /// The variable of an option: `--tls-cert-file` is `TALLYGATE_TLS_CERT_FILE`. Empty counts as unset.
    func text(_ option: String) -> String? {
        let name = "TALLYGATE_" + option.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
        return values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The values of a repeatable option, separated by colons.
    func list(_ option: String) -> [String] {
        text(option)?.split(separator: ":").map(String.init) ?? []
    }

    func value<T>(_ option: String, _ parse: (String) -> T?, expected: String) throws -> T? {
        guard let text = text(option) else { return nil }
        guard let value = parse(text) else {
            throw CommandOutcome.inputError(
                "the environment variable for --\(option) is \"\(text)\"; expected \(expected)")
        }
        return value
    }

    /// A flag: set on the command line, or `true` in the environment.
    func flag(_ option: String, given: Bool) throws -> Bool {
        if given { return true }
        return try value(option, Self.boolean, expected: "true or false") ?? false
    }

    /// The level from which findings fail a command.
    func failLevel(given: FailLevel?) throws -> FailLevel {
        try given ?? value("fail-on", { FailLevel(rawValue: $0) }, expected: "required, recommended or never")
            ?? .required
    }

    /// The output's format, one of those there are.
    func format<Format: RawRepresentable<String> & CaseIterable>(given: Format?, default: Format) throws -> Format {
        try given ?? value(
            "output", { Format(rawValue: $0) },
            expected: Format.allCases.map(\.rawValue).joined(separator: ", "))
            ?? `default`
    }

    /// Whether text on standard output has colours.
    func stylesOutput(noColor: Bool) throws -> Bool {
        try StandardOutput.isTerminal && !flag("no-color", given: noColor) && !forbidsColour
    }

    private static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "1", "yes": true
        case "false", "0", "no": false
        default: nil
        }
    }

    /// Whether the user asked for no colours (https://no-color.org).
    private var forbidsColour: Bool { !(values["NO_COLOR"] ?? "").isEmpty || values["TERM"] == "dumb" }
}

struct PolicyOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "A policy file or directory; repeatable. Without one the built-in policy holds, which only warns.",
            valueName: "path"))
    var policy: [String] = []

    /// The paths of the command line, else those of TALLYGATE_POLICY, separated by colons.
    var paths: [String] {
        if !policy.isEmpty { return policy }
        return EnvironmentSettings().text("policy")?.split(separator: ":").map(String.init) ?? []
    }

    /// Loads the policy; prints what is wrong with it.
    func load() throws -> LoadedPolicy {
        let result = PolicyLoader().load(paths, today: WallClock.now().date)
        for diagnostic in result.diagnostics { StandardError.print(diagnostic.rendered) }
        guard let loaded = result.loaded else {
            let count = result.errors.count
            throw CommandOutcome.inputError("the policy has \(count) error\(count == 1 ? "" : "s"); see above")
        }
        return loaded
    }
}

/// On which namespaces to report.
struct NamespaceOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .singleValue,
        help: "Report on namespaces of this name, with * for any characters; repeatable. Costs are divided as ever.")
    var namespace: [String] = []

    var names: [String] { namespace.isEmpty ? EnvironmentSettings().list("namespace") : namespace }
}

enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// The levels of swift-log, as an option.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}

struct LogOptions: ParsableArguments {
    @Option(help: "Lines below this level are left out.")
    var logLevel: LogLevel?

    @Option(help: "How log lines are written.")
    var logFormat: LogFormat?

    /// Sets up logging for the process and returns its first logger.
    func bootstrap() throws -> Logger {
        let environment = EnvironmentSettings()
        let level =
            try logLevel ?? environment.value("log-level", { LogLevel(rawValue: $0) }, expected: "a log level") ?? .info
        let format =
            try logFormat ?? environment.value("log-format", { LogFormat(rawValue: $0) }, expected: "text or json")
            ?? .text
        LoggingSystem.bootstrap { _ in LineLogHandler(format: format, level: level.level) }
        return Logger(label: "tallygate")
    }
}
