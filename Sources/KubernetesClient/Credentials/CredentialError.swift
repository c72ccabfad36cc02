import LocatedDocuments

/// Why there is nothing to show the API server.
package enum CredentialError: Error, Sendable, Hashable {
    /// A token's, certificate's or key's file.
    case unreadable(path: String, purpose: String, cause: String)
    case tooLarge(path: String, purpose: String, limit: Int)
    /// The file holds nothing that could be sent.
    case unusable(path: String, purpose: String, problem: String)
    /// A credential plugin did not give any.
    case plugin(command: String, problem: PluginProblem, hint: String?)
    case cancelled

    package enum PluginProblem: Sendable, Hashable {
        case notFound
        case notExecutable(String)
        /// - Parameter words: the last line it wrote to standard error.
        case failed(status: Int32, words: String)
        case killed(signal: Int32, words: String)
        case timedOut(seconds: Int)
        /// It runs still, and whoever asked cannot wait for longer.
        case unfinished
        case outputTooLarge(limit: Int)
        /// What it printed is no ExecCredential, or one without credentials.
        case badOutput(String)
        /// It wants a terminal and there is none.
        case needsTerminal
    }

    /// Whether asking again may help without anybody doing something.
    package var isRetriable: Bool {
        switch self {
        case .unreadable, .unusable: true
        case .plugin(_, .timedOut, _), .plugin(_, .unfinished, _), .plugin(_, .failed, _), .plugin(_, .killed, _): true
        case .plugin, .tooLarge, .cancelled: false
        }
    }
}

extension CredentialError: CustomStringConvertible {
    package var description: String {
        let text =
            switch self {
            case .unreadable(let path, let purpose, let cause):
                "\(path): cannot read \(purpose): \(cause); check the path, and that this user may read it"
            case .tooLarge(let path, let purpose, let limit):
                "\(path): \(purpose) has more than \(limit) bytes; is it the right file?"
            case .unusable(let path, let purpose, let problem): "\(path): \(purpose) \(problem)"
            case .plugin(let command, let problem, let hint):
                "the credential plugin \(command) \(problem.text)" + (hint.map { "; \($0)" } ?? "")
            case .cancelled: "given up"
            }
        return Terminal.printable(text)
    }
}

extension CredentialError.PluginProblem {
    /// With its remedy.
    fileprivate var text: String {
        switch self {
        case .notFound: "is not installed; install it, or put its folder on the PATH"
        case .notExecutable(let cause): "cannot be run: \(cause); check its permissions"
        case .failed(let status, let words):
            "failed with status \(status)\(Self.quoted(words)); run it by hand, or log in again"
        case .killed(let signal, let words):
            "was ended by signal \(signal)\(Self.quoted(words)); run it by hand to see why"
        case .timedOut(let seconds): "did not answer within \(seconds) s; run it by hand to see what it waits for"
        case .unfinished: "has not answered yet; it is waited for by the next call"
        case .outputTooLarge(let limit): "printed more than \(limit) bytes; it should print one ExecCredential"
        case .badOutput(let problem): "printed no usable ExecCredential: \(problem); update it"
        case .needsTerminal:
            "wants to ask questions (interactiveMode: Always) and standard input is no terminal; log in by hand before"
        }
    }

    private static func quoted(_ words: String) -> String { words.isEmpty ? "" : ": \(words)" }
}
