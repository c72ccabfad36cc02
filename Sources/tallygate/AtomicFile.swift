import Glibc

/// Writes files that are whole or not there: beside the old one first, then in its place.
enum AtomicFile {
    /// Who may read a file that was not there before; one that was keeps its own.
    enum Access {
        /// Whoever the user's umask lets.
        case usual
        /// The user alone: it describes a cluster.
        case owner

        fileprivate var mode: mode_t {
            switch self {
            case .usual: 0o666
            case .owner: 0o600
            }
        }
    }

    typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    /// Attempts at a name that nobody has taken; names have 64 random bits.
    private static let attempts = 8

    /// Gives `body` a sink, and makes what went into it the file. A link stays one, and what it leads to is replaced;
    /// devices and pipes are written as they are.
    ///
    /// - Throws: what `body` throws, or what is wrong with the file; the file that was there is then as it was.
    static func write(_ path: String, access: Access = .usual, _ body: (Sink) throws -> Void) throws {
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR { throw failure(path, EISDIR) }
        if exists, status.st_mode & S_IFMT != S_IFREG { return try writeThrough(path, body) }
        let target = exists ? resolved(path) : path
        let (temporary, descriptor) = try create(beside: target, path, access)
        var isInPlace = false
        defer { if !isInPlace { unlink(temporary) } }
        do {
            defer { close(descriptor) }
            if exists, fchmod(descriptor, status.st_mode & 0o7777) != 0 { throw failure(path, errno) }
            try body { try write($0, to: descriptor, path) }
            guard fsync(descriptor) == 0 else { throw failure(path, errno) }
        }
        guard rename(temporary, target) == 0 else { throw failure(path, errno) }
        isInPlace = true
        syncDirectory(of: target)
    }

    /// The same for a text.
    static func write(_ path: String, _ text: String) throws {
        var text = text
        try write(path) { sink in try text.withUTF8 { try sink(UnsafeRawBufferPointer($0)) } }
    }

    private static func writeThrough(_ path: String, _ body: (Sink) throws -> Void) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        try body { try write($0, to: descriptor, path) }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
        let code = DescriptorWriter.write(bytes, to: descriptor)
        if code != 0 { throw failure(path, code) }
    }

    // MARK: The folder

    private static func create(
        beside target: String, _ path: String, _ access: Access
    ) throws -> (path: String, descriptor: Int32) {
        for _ in 0..<attempts {
            let name =
                ".\(target.split(separator: "/").last ?? "output").\(String(UInt64.random(in: 0 ... .max), radix: 36))"
            let temporary = folder(of: target) + name
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, access.mode)
            if descriptor >= 0 { return (temporary, descriptor) }
            if errno != EEXIST { throw failure(path, errno) }
        }
        throw failure(path, EEXIST)
    }

    /// With a slash at its end; empty for the current one.
    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// Where links lead to.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// The new name must outlive a loss of power as the content does; file systems that cannot do that say so, and
    /// then nothing more can be done.
    private static func syncDirectory(of path: String) {
        let folder = folder(of: path)
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    private static func failure(_ path: String, _ code: Int32) -> CommandOutcome {
        .inputError(
            "\(path): cannot be written: \(String(cString: strerror(code))); nothing there was changed: name another "
                + "file, or make room and let this user write there")
    }
}
