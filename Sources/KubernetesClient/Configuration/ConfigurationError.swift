package import LocatedDocuments

/// Why it is not known which API server to talk to, or how.
package enum ConfigurationError: Error, Sendable, Hashable {
    /// Something a kubeconfig says, with its place.
    case document(Diagnostic)
    /// A file that has to be there cannot be read.
    case unreadable(path: String, purpose: String, cause: String)
    /// A file is larger than any of its kind.
    case tooLarge(path: String, purpose: String, limit: Int)
    /// No kubeconfig was found and this is no Pod.
    case nothingConfigured(searched: [String])
    /// The environment says that this is a Pod, but in a way that cannot be used.
    case environment(variable: String, value: String, problem: String)
    /// No kubeconfig has what the user asked for: there is no place to point at.
    case missing(what: String, files: [String], remedy: String)
}

extension ConfigurationError: CustomStringConvertible {
    /// One line: what, where and the remedy.
    package var description: String {
        let text =
            switch self {
            case .document(let diagnostic): diagnostic.line
            case .unreadable(let path, let purpose, let cause):
                "\(path): cannot read \(purpose): \(cause); check the path, and that this user may read it"
            case .tooLarge(let path, let purpose, let limit):
                "\(path): \(purpose) has more than \(limit) bytes; is it the right file?"
            case .nothingConfigured(let searched):
                "no cluster is configured: no \(searched.joined(separator: ", no ")), and this is not a Pod; "
                    + "give --kubeconfig or set KUBECONFIG"
            case .environment(let variable, let value, let problem):
                "the environment variable \(variable) is \"\(value)\": \(problem)"
            case .missing(let what, let files, let remedy):
                "\(files.joined(separator: ":")): \(what); \(remedy)"
            }
        return Terminal.printable(text)
    }
}
