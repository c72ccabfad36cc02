package import NIOCore

/// What is shown to the API server with a request.
package struct Credential: Sendable, Hashable {
    /// The Authorization header's value.
    package var authorization: String?
    package var identity: ClientIdentity?

    package init(authorization: String? = nil, identity: ClientIdentity? = nil) {
        self.authorization = authorization
        self.identity = identity
    }
}

extension Credential: CustomStringConvertible {
    /// Which there are, not what they are.
    package var description: String {
        switch (authorization, identity) {
        case (nil, nil): "none"
        case (_?, nil): "authorization"
        case (nil, _?): "client certificate"
        case (_?, _?): "authorization, client certificate"
        }
    }
}

/// Gives credentials that are fresh.
package protocol CredentialProviding: Sendable {
    /// - Parameter deadline: until when it has to be there.
    func credential(deadline: NIODeadline) async throws(CredentialError) -> Credential
    /// The server did not accept this one: the next has to be asked for anew, unless that has happened since.
    func refused(_ credential: Credential) async
}

/// For a server that asks for none, and for tests.
package struct FixedCredential: CredentialProviding {
    private let value: Credential

    package init(_ value: Credential = Credential()) { self.value = value }

    package func credential(deadline: NIODeadline) async throws(CredentialError) -> Credential { value }
    package func refused(_ credential: Credential) async {}
}

/// The credentials of a `ClusterAccess`: files are read again as they rotate, plugins run again before what they gave
/// expires, and both at once after a refusal.
package actor CredentialSource: CredentialProviding {
    /// The kubelet replaces a ServiceAccount's token when a fifth of its life is left, ten minutes at least.
    private static let fileInterval: Int64 = 60
    /// What is used for a request must not expire on its way; of short lives, a tenth.
    private static let expiryMargin: Int64 = 60

    private struct PluginCredential {
        var value: ExecCredential
        var refreshAt: Int64?
    }

    private let user: UserCredentials
    private let runner: PluginRunner?
    private let unixSeconds: @Sendable () -> Int64
    private var certificate: RotatingFile?
    private var key: RotatingFile?
    private var token: RotatingFile?
    private var plugin: PluginCredential?
    /// Everybody who needs the plugin's answer waits for one run of it.
    private var running: Task<Result<ExecCredential, CredentialError>, Never>?

    /// - Parameters:
    ///   - environment: of the process, for plugins.
    ///   - hasTerminal: whether plugins may ask somebody.
    ///   - unixSeconds: the time of day.
    package init(
        _ user: UserCredentials, environment: [String: String], hasTerminal: Bool,
        unixSeconds: @escaping @Sendable () -> Int64
    ) {
        self.user = user
        self.unixSeconds = unixSeconds
        runner = user.plugin.map { PluginRunner(plugin: $0, environment: environment, hasTerminal: hasTerminal) }
        let interval = Self.fileInterval
        if case .file(let path) = user.certificate {
            certificate = RotatingFile(
                path: path, purpose: "the client certificate", limit: FileLimits.certificates, interval: interval)
        }
        if case .file(let path) = user.key {
            key = RotatingFile(path: path, purpose: "the client key", limit: FileLimits.key, interval: interval)
        }
        if let path = user.tokenFile {
            token = RotatingFile(path: path, purpose: "the token", limit: FileLimits.token, interval: interval)
        }
    }

    package func credential(deadline: NIODeadline) async throws(CredentialError) -> Credential {
        let fromPlugin = try await pluginCredential(deadline: deadline)
        let now = unixSeconds()
        var credential = Credential(identity: try identity(now))
        if let token = try bearerToken(now) {
            credential.authorization = "Bearer \(token)"
        } else if let basic = user.basic {
            credential.authorization = "Basic " + Base64.encode("\(basic.username):\(basic.password)".utf8)
        }
        // What the kubeconfig gives outright goes before what a plugin gives, as in kubectl.
        if credential.authorization == nil { credential.authorization = fromPlugin?.token.map { "Bearer \($0)" } }
        if credential.identity == nil { credential.identity = fromPlugin?.identity }
        return credential
    }

    package func refused(_ credential: Credential) async {
        token?.expire()
        certificate?.expire()
        key?.expire()
        // A request that was under way when the plugin ran again says nothing against what it gave.
        guard let plugin else { return }
        let usedToken = plugin.value.token.map { "Bearer \($0)" }
        if usedToken == nil || usedToken == credential.authorization,
            plugin.value.identity == nil
                || plugin.value.identity == credential.identity
        {
            self.plugin = nil
        }
    }

    // MARK: Files

    private func bearerToken(_ now: Int64) throws(CredentialError) -> String? {
        guard let path = user.tokenFile else { return user.token }
        do throws(CredentialError) {
            let bytes = try token?.contents(now) ?? []
            let text = String(decoding: bytes, as: UTF8.self).trimmed
            guard !text.isEmpty else {
                throw CredentialError.unusable(path: path, purpose: "the token", problem: "is empty")
            }
            guard text.isHeaderSafe else {
                throw CredentialError.unusable(
                    path: path, purpose: "the token", problem: "holds characters that no header may")
            }
            return text
        } catch {
            if let token = user.token { return token }
            throw error
        }
    }

    private func identity(_ now: Int64) throws(CredentialError) -> ClientIdentity? {
        guard let certificateSource = user.certificate, let keySource = user.key else { return nil }
        let certificatePEM: [UInt8]
        switch certificateSource {
        case .bytes(let bytes): certificatePEM = bytes
        case .file: certificatePEM = try certificate?.contents(now) ?? []
        }
        switch keySource {
        case .bytes(let bytes): return ClientIdentity(certificatePEM: certificatePEM, keyPEM: bytes)
        case .file:
            return ClientIdentity(certificatePEM: certificatePEM, keyPEM: try key?.contents(now) ?? [])
        }
    }

    // MARK: Plugin

    private func pluginCredential(deadline: NIODeadline) async throws(CredentialError) -> ExecCredential? {
        guard let runner else { return nil }
        // A certificate or token of the kubeconfig itself makes the plugin needless only if both are there; kubectl
        // runs it in any case, and so do we.
        let now = unixSeconds()
        if let plugin, plugin.refreshAt.map({ now < $0 }) ?? true { return plugin.value }
        let task = running ?? start(runner)
        // The run goes on for those who can wait for longer.
        guard let result = await BoundedWait.value(of: task, deadline: deadline) else {
            if Task.isCancelled { throw .cancelled }
            if let value = unexpired { return value }
            throw .plugin(command: runner.plugin.command, problem: .unfinished, hint: nil)
        }
        switch result {
        case .success(let value): return value
        case .failure(let error):
            if let value = unexpired { return value }
            throw error
        }
    }

    /// What the plugin gave before, if it still holds.
    private var unexpired: ExecCredential? {
        guard let value = plugin?.value, let expiration = value.expiration, unixSeconds() < expiration else {
            return nil
        }
        return value
    }

    /// Its outcome is kept even if nobody waits for it any more.
    private func start(_ runner: PluginRunner) -> Task<Result<ExecCredential, CredentialError>, Never> {
        let startedAt = unixSeconds()
        let task = Task {
            let result: Result<ExecCredential, CredentialError>
            do throws(CredentialError) { result = .success(try await runner.run()) } catch { result = .failure(error) }
            running = nil
            if case .success(let value) = result {
                let refreshAt = value.expiration.map { $0 - min(Self.expiryMargin, max(0, ($0 - startedAt) / 10)) }
                plugin = PluginCredential(value: value, refreshAt: refreshAt)
            }
            return result
        }
        running = task
        return task
    }
}

/// A file whose content changes from time to time. A failed reading leaves what was read before: files are replaced in
/// steps.
struct RotatingFile {
    let path: String
    let purpose: String
    let limit: Int
    /// Seconds after which it is read again.
    let interval: Int64

    private var content: [UInt8]?
    private var readAt: Int64?

    init(path: String, purpose: String, limit: Int, interval: Int64) {
        self.path = path
        self.purpose = purpose
        self.limit = limit
        self.interval = interval
    }

    /// - Parameter now: in seconds since 1970. A clock that was set back counts as an interval gone by.
    mutating func contents(_ now: Int64) throws(CredentialError) -> [UInt8] {
        if let content, let readAt, now >= readAt, now - readAt < interval { return content }
        do {
            let bytes = try LocalFile.read(path, limit: limit)
            content = bytes
            readAt = now
            return bytes
        } catch {
            if let content { return content }
            switch error {
            case .system: throw .unreadable(path: path, purpose: purpose, cause: error.cause)
            case .tooLarge(let limit): throw .tooLarge(path: path, purpose: purpose, limit: limit)
            }
        }
    }

    /// It is read again at the next use.
    mutating func expire() { readAt = nil }
}

extension String {
    /// Without white space at its ends: editors and `echo` leave a line break.
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
