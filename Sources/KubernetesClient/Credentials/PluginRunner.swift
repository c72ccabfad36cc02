import LocatedDocuments
import NIOPosix

/// Runs a credential plugin and reads what it prints.
struct PluginRunner: Sendable {
    /// As long as a login service may take; a person who has to type gets more.
    private static let seconds = 60
    private static let interactiveSeconds = 300
    /// A token of the largest kind and a certificate with its chain.
    private static let outputLimit = 1 << 20

    let plugin: ExecPlugin
    /// Of this process: the PATH is in it, and plugins look for their own settings.
    let environment: [String: String]
    /// Whether standard input is a terminal, with somebody in front of it.
    let hasTerminal: Bool

    func run() async throws(CredentialError) -> ExecCredential {
        let isInteractive: Bool
        switch plugin.interactiveMode {
        case .never: isInteractive = false
        case .ifAvailable: isInteractive = hasTerminal
        case .always:
            guard hasTerminal else { throw error(.needsTerminal) }
            isInteractive = true
        }
        guard let path = ChildProgram.locate(plugin.command, path: environment["PATH"] ?? "") else {
            throw error(.notFound)
        }
        let program = ChildProgram(
            path: path, arguments: plugin.arguments, environment: variables(isInteractive: isInteractive),
            isInteractive: isInteractive, seconds: isInteractive ? Self.interactiveSeconds : Self.seconds,
            outputLimit: Self.outputLimit)
        let outcome: Result<ChildProgram.Outcome, ChildProgram.Failure>
        do {
            // It blocks: not for the threads that tasks share.
            outcome = try await NIOThreadPool.singleton.runIfActive {
                Result { () throws(ChildProgram.Failure) in try program.run() }
            }
        } catch {
            throw .cancelled
        }
        return try read(outcome, program)
    }

    /// The process' own, the plugin's, and what it is told.
    private func variables(isInteractive: Bool) -> [String: String] {
        var variables = environment
        for variable in plugin.environment { variables[variable.name] = variable.value }
        let cluster = plugin.clusterInfo.map { ",\"cluster\":\($0)" } ?? ""
        variables["KUBERNETES_EXEC_INFO"] =
            "{\"kind\":\"ExecCredential\",\"apiVersion\":\"\(plugin.version.rawValue)\","
            + "\"spec\":{\"interactive\":\(isInteractive)\(cluster)}}"
        return variables
    }

    private func read(
        _ outcome: Result<ChildProgram.Outcome, ChildProgram.Failure>, _ program: ChildProgram
    ) throws(CredentialError) -> ExecCredential {
        switch outcome {
        case .failure(.cannotStart(let cause)): throw error(.notExecutable(cause))
        case .failure(.timedOut): throw error(.timedOut(seconds: program.seconds))
        case .failure(.outputTooLarge): throw error(.outputTooLarge(limit: Self.outputLimit))
        case .success(let outcome):
            switch outcome.ending {
            case .exited(0): break
            case .exited(let status): throw error(.failed(status: status, words: Self.lastLine(outcome.words)))
            case .signalled(let signal): throw error(.killed(signal: signal, words: Self.lastLine(outcome.words)))
            }
            do {
                return try ExecCredential(outcome.output, version: plugin.version)
            } catch {
                throw self.error(.badOutput(error.text))
            }
        }
    }

    private func error(_ problem: CredentialError.PluginProblem) -> CredentialError {
        .plugin(command: plugin.command, problem: problem, hint: plugin.installHint)
    }

    /// Long enough for a reason.
    private static let lineLimit = 300

    private static func lastLine(_ words: [UInt8]) -> String {
        let lines = words.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let line = lines.last { line in line.contains { $0 > 0x20 } } ?? []
        return Terminal.printable(String(String(decoding: line, as: UTF8.self).prefix(Self.lineLimit)))
    }
}

/// What a credential plugin prints.
struct ExecCredential: Equatable {
    var token: String?
    var identity: ClientIdentity?
    /// In seconds since 1970; nil: for the life of this process.
    var expiration: Int64?

    struct Problem: Error, Equatable {
        var text: String
    }

    /// Each in its largest form, as a tree: a handful of members.
    private static let limits = DocumentLimits(
        fileBytes: 1 << 20, documents: 1, nodes: 1_000, depth: 16, diagnostics: 5)

    init(_ output: [UInt8], version: ExecPlugin.Version) throws(Problem) {
        let file = SourceFile(name: "its output", bytes: output)
        let stream = DocumentReader(limits: Self.limits, duplicateKeys: nil).read(file)
        if let error = stream.diagnostics.first { throw Problem(text: "in \(error.line)") }
        guard let root = stream.documents.first?.root else { throw Problem(text: "it is empty") }
        guard root["kind"]?.string == "ExecCredential" else { throw Problem(text: "its kind is not ExecCredential") }
        guard let said = root["apiVersion"]?.string, said == version.rawValue else {
            throw Problem(text: "its apiVersion is not \(version.rawValue), which the kubeconfig names")
        }
        guard let status = root["status"], status.mapping != nil else { throw Problem(text: "it has no status") }
        token = try Self.text("token", status)
        if let token, !token.isHeaderSafe { throw Problem(text: "the token holds characters that no header may") }
        let certificate = try Self.text("clientCertificateData", status)
        let key = try Self.text("clientKeyData", status)
        switch (certificate, key) {
        case (nil, nil): identity = nil
        case (let certificate?, let key?):
            identity = ClientIdentity(certificatePEM: Array(certificate.utf8), keyPEM: Array(key.utf8))
        case (nil, _), (_, nil): throw Problem(text: "of clientCertificateData and clientKeyData it has only one")
        }
        guard token != nil || identity != nil else { throw Problem(text: "it holds neither a token nor a certificate") }
        if let text = try Self.text("expirationTimestamp", status) {
            guard let moment = RFC3339.parse(text) else {
                throw Problem(text: "expirationTimestamp \"\(Terminal.printable(String(text.prefix(40))))\" is no time")
            }
            expiration = moment.seconds
        }
    }

    private static func text(_ field: String, _ status: LocatedNode) throws(Problem) -> String? {
        guard let node = status[field], !node.isNull else { return nil }
        // A plain time is a string in YAML too.
        guard let text = node.string else { throw Problem(text: "status.\(field) is not a string") }
        return text.isEmpty ? nil : text
    }
}
