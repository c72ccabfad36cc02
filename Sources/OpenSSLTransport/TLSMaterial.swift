import COpenSSL
import Glibc

/// The bytes of one file, wiped when they are let go: one of them is a private key.
final class FileContents {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// 1 MiB: a chain is a few KiB, a bundle of all public authorities about 220 KiB. More is a wrong path.
    static let sizeLimit = 1 << 20

    private init(capacity: Int) {
        memory = .allocate(byteCount: capacity, alignment: 1)
    }

    deinit {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    /// A copy.
    convenience init(copying bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        memory.copyBytes(from: bytes)
        count = bytes.count
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    static func read(_ path: String) throws(TLSError) -> FileContents {
        func refusal(_ what: String, _ code: Int32?) -> TLSError {
            TLSError(
                .unreadableFile, what, file: path, cause: code.map { String(cString: strerror($0)) },
                remedy: "check the path, the mount and that this user may read it")
        }
        // Non-blocking, so that opening a named pipe does not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refusal("cannot open the file", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw refusal("cannot read the file", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("not a regular file", nil) }
        guard status.st_size <= sizeLimit else {
            throw refusal("the file is larger than \(sizeLimit) bytes, so it is no PEM file of certificates", nil)
        }
        // One byte more than it was, so that growth meanwhile is seen.
        let contents = FileContents(capacity: Int(status.st_size) + 1)
        while contents.count < contents.memory.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: contents.memory[contents.count...])
            let count = Glibc.read(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw refusal("cannot read the file", errno) }
            if count == 0 { return contents }
            contents.count += count
        }
        throw refusal("the file grew while it was read", nil)
    }
}

/// The files of a configuration as they are at one moment, each read once: what is fingerprinted is what is loaded.
struct TLSMaterial {
    var certificateChain: Result<FileContents, TLSError>
    var privateKey: Result<FileContents, TLSError>
    var clientAuthority: Result<FileContents, TLSError>?
    var authority: Result<FileContents, TLSError>?
    /// SHA-256 over contents and failures: equal if and only if loading has the same result.
    var fingerprint: String

    init(_ configuration: TLSConfiguration) {
        func contents(_ path: String) -> Result<FileContents, TLSError> {
            Result { () throws(TLSError) in try FileContents.read(path) }
        }
        self.init(
            configuration, certificateChain: contents(configuration.certificateChainFile),
            privateKey: contents(configuration.privateKeyFile), authority: configuration.authorityFile.map(contents))
    }

    /// Certificate and key as they were given; the authorities of clients stay a file.
    init(_ configuration: TLSConfiguration, _ pair: SuppliedPair) {
        self.init(
            configuration, certificateChain: .success(FileContents(copying: pair.certificateChain)),
            privateKey: .success(FileContents(copying: pair.privateKey)),
            authority: configuration.authorityFile == nil
                ? nil : .success(FileContents(copying: pair.authorities)))
    }

    private init(
        _ configuration: TLSConfiguration, certificateChain: Result<FileContents, TLSError>,
        privateKey: Result<FileContents, TLSError>, authority: Result<FileContents, TLSError>?
    ) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        clientAuthority = configuration.clientAuthorityFile.map { path in
            Result { () throws(TLSError) in try FileContents.read(path) }
        }
        self.authority = authority
        fingerprint = Self.fingerprint([certificateChain, privateKey, clientAuthority, authority])
    }

    private static func fingerprint(_ files: [Result<FileContents, TLSError>?]) -> String {
        let parts = files.map { file -> String in
            switch file {
            case .success(let contents): Hexadecimal.text(sha256(contents.bytes))
            case .failure(let error): "failed: \(error)"
            case nil: "none"
            }
        }
        var joined = parts.joined(separator: "\n")
        return joined.withUTF8 { Hexadecimal.text(sha256(UnsafeRawBufferPointer($0))) }
    }

    private static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let made = ErrorQueue.withEmptyQueue {
            EVP_Digest(bytes.baseAddress, bytes.count, &digest, &length, EVP_sha256(), nil)
        }
        return made == 1 ? Array(digest.prefix(Int(length))) : []
    }
}
