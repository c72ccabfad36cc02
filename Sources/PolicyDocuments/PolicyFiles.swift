import Glibc

/// What a path leads to, links followed.
package enum PolicyFileKind: Sendable {
    /// A file, a pipe or a device: something that is read.
    case file
    case directory
}

/// The file system as the loader needs it.
package protocol PolicyFileReading: Sendable {
    func kind(of path: String) throws(PolicyFileError) -> PolicyFileKind
    /// Names in a directory, in any order.
    func entries(of directory: String) throws(PolicyFileError) -> [String]
    /// The content; of a file larger than `limit` at least one byte more than that.
    func read(_ path: String, limit: Int) throws(PolicyFileError) -> [UInt8]
    /// What a symbolic link names; nil if there is none of this name.
    func linkTarget(of path: String) throws(PolicyFileError) -> String?
}

/// Why a policy's file could not be read.
package struct PolicyFileError: Error, Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case notFound
        case notPermitted
        /// Any other error of the system, by number.
        case system(Int32)
        case emptyDirectory
        case tooManyFiles
        case tooLarge(limit: Int)
        case tooLargeTogether
    }

    package let path: String
    package let reason: Reason

    package init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    package var message: String {
        switch reason {
        case .notFound: "no such file or directory"
        case .notPermitted: "permission denied"
        case .system(let code): "cannot be read: \(String(cString: strerror(code)))"
        case .emptyDirectory: "the directory holds no *.yaml, *.yml or *.json file"
        case .tooManyFiles: "there are more than \(PolicyLoader.Limits.files) policy files"
        case .tooLarge(let limit): "the file has more than \(limit) bytes"
        case .tooLargeTogether: "the policy files have more than \(PolicyLoader.Limits.bytes) bytes together"
        }
    }

    package var remedy: String {
        switch reason {
        case .notFound: "check --policy and what is mounted there"
        case .notPermitted: "let the user that runs tallygate read it"
        case .system: "check the file and the disk"
        case .emptyDirectory: "put the policy there; files in directories inside it are not read"
        case .tooManyFiles, .tooLargeTogether: "is it the right directory?"
        case .tooLarge: "split the file"
        }
    }
}

/// The file system itself. Calls block: a load belongs on a thread that may wait.
package struct SystemPolicyFiles: PolicyFileReading {
    package init() {}

    package func kind(of path: String) throws(PolicyFileError) -> PolicyFileKind {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Self.failure(path) }
        return status.st_mode & S_IFMT == S_IFDIR ? .directory : .file
    }

    package func entries(of directory: String) throws(PolicyFileError) -> [String] {
        guard let stream = opendir(directory) else { throw Self.failure(directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw Self.failure(directory) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            names.append(name)
            // Enough to see that it is the wrong directory.
            if names.count > Self.maximumEntries { return names }
        }
    }

    /// Names listed of one directory, those that are no policy files included.
    private static let maximumEntries = 100_000

    package func read(_ path: String, limit: Int) throws(PolicyFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var code: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, count in
                let read = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                code = read < 0 ? errno : 0
                count = max(0, read)
            }
            if code == EINTR { continue }
            if code != 0 { throw PolicyFileError(path: path, reason: Self.reason(code)) }
            if chunk.isEmpty { break }
            bytes.append(contentsOf: chunk)
        }
        return bytes
    }

    /// Policies seldom have more, and it is a fraction of the smallest stack.
    private static let chunkSize = 64 << 10

    package func linkTarget(of path: String) throws(PolicyFileError) -> String? {
        var code: Int32 = 0
        let target = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            let length = buffer.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(path, $0, text.count) } ?? 0
            }
            code = length < 0 ? errno : 0
            count = max(0, length)
        }
        switch code {
        case 0: return String(decoding: target, as: UTF8.self)
        case ENOENT, EINVAL, ENOTDIR: return nil
        default: throw PolicyFileError(path: path, reason: Self.reason(code))
        }
    }

    private static func failure(_ path: String) -> PolicyFileError {
        PolicyFileError(path: path, reason: reason(errno))
    }

    private static func reason(_ code: Int32) -> PolicyFileError.Reason {
        switch code {
        case ENOENT: .notFound
        case EACCES, EPERM: .notPermitted
        default: .system(code)
        }
    }
}
