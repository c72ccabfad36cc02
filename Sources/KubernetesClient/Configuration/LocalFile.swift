import Glibc

/// A file on this machine, read whole or in pieces. Calls block, for as long as a local disk takes.
package enum LocalFile {
    package enum Failure: Error, Equatable {
        /// The system's words.
        case system(code: Int32)
        case tooLarge(limit: Int)

        var isNotFound: Bool { self == .system(code: ENOENT) || self == .system(code: ENOTDIR) }

        var cause: String {
            switch self {
            case .system(let code): String(cString: strerror(code))
            case .tooLarge(let limit): "it has more than \(limit) bytes"
            }
        }
    }

    /// More than most of those that are read whole have.
    private static let chunkSize = 16 << 10

    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        try read(path, limit: limit) { bytes += $0 }
        return bytes
    }

    /// Reads a file in pieces, of which no more than one is kept.
    package static func read(_ path: String, limit: Int, _ take: ([UInt8]) -> Void) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(code: errno) }
        defer { close(descriptor) }
        var total = 0
        while true {
            var code: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: chunkSize) { buffer, count in
                let read = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                code = read < 0 ? errno : 0
                count = max(0, read)
            }
            if code == EINTR { continue }
            guard code == 0 else { throw .system(code: code) }
            if chunk.isEmpty { return }
            total += chunk.count
            guard total <= limit else { throw .tooLarge(limit: limit) }
            take(chunk)
        }
    }

    /// A relative path is relative to `folder`.
    static func resolve(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : folder == "/" ? "/\(path)" : "\(folder)/\(path)"
    }

    /// What a file stands in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// The largest files that are read; beyond, it is the wrong file.
enum FileLimits {
    /// An entry of a kubeconfig takes some 6 KB with its certificates: room for a thousand clusters.
    static let kubeconfig = 8 << 20
    /// A certificate takes 2 KB as PEM; the bundle of all public authorities 250 KB.
    static let certificates = 4 << 20
    static let key = 64 << 10
    /// HTTP servers take 8 KB to 1 MB of headers: Go's, which the API server is, 1 MiB.
    static let token = 256 << 10
    /// Names of namespaces have at most 63 characters.
    static let namespace = 1 << 10
}
