import Glibc
import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Credentials stay fresh")
struct CredentialSourceTests {
    private let folder: TemporaryDirectory
    private let time = ScriptedTime()

    init() throws { folder = try TemporaryDirectory() }

    private func source(_ user: UserCredentials) -> CredentialSource {
        CredentialSource(
            user, environment: ["PATH": "/usr/bin:/bin"], hasTerminal: false, unixSeconds: { time.unixSeconds })
    }

    @Test("What is given outright is used as it is")
    func fixed() async throws {
        #expect(try await source(UserCredentials()).credential(deadline: .distantFuture) == Credential())
        #expect(
            try await source(UserCredentials(token: "t")).credential(deadline: .distantFuture).authorization
                == "Bearer t")
        let basic = UserCredentials(basic: BasicCredentials(username: "jane", password: "p:w"))
        #expect(try await source(basic).credential(deadline: .distantFuture).authorization == "Basic amFuZTpwOnc=")
        let certificate = UserCredentials(certificate: .bytes([1]), key: .bytes([2]))
        #expect(
            try await source(certificate).credential(deadline: .distantFuture).identity
                == ClientIdentity(certificatePEM: [1], keyPEM: [2]))
    }

    @Test("A token's file is read again after a minute, and at once after a refusal")
    func tokenFile() async throws {
        let path = try folder.write("token", "one\n")
        let source = source(UserCredentials(tokenFile: path))
        let first = try await source.credential(deadline: .distantFuture)
        #expect(first.authorization == "Bearer one")
        try folder.write("token", "two\n")
        time.advance(seconds: 59)
        #expect(try await source.credential(deadline: .distantFuture) == first)
        time.advance(seconds: 1)
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer two")
        try folder.write("token", "three\n")
        await source.refused(try await source.credential(deadline: .distantFuture))
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer three")
        // A file that is away for a moment, as while it is replaced.
        folder.remove("token")
        time.advance(seconds: 100)
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer three")
    }

    @Test("A file that is not there or of no use is named")
    func badFiles() async throws {
        let path = folder.path("token")
        await #expect(
            throws: CredentialError.unreadable(path: path, purpose: "the token", cause: "No such file or directory")
        ) { try await source(UserCredentials(tokenFile: path)).credential(deadline: .distantFuture) }
        #expect(
            try await source(UserCredentials(token: "fallback", tokenFile: path)).credential(deadline: .distantFuture)
                .authorization
                == "Bearer fallback")
        try folder.write("token", "a\nb")
        await #expect(
            throws: CredentialError.unusable(
                path: path, purpose: "the token", problem: "holds characters that no header may")
        ) { try await source(UserCredentials(tokenFile: path)).credential(deadline: .distantFuture) }
        try folder.write("token", " \n")
        await #expect(throws: CredentialError.unusable(path: path, purpose: "the token", problem: "is empty")) {
            try await source(UserCredentials(tokenFile: path)).credential(deadline: .distantFuture)
        }
    }

    @Test("A client certificate's files are read again")
    func certificateFiles() async throws {
        let certificate = try folder.write("crt", "c1")
        let key = try folder.write("key", "k1")
        let source = source(UserCredentials(certificate: .file(path: certificate), key: .file(path: key)))
        #expect(try await source.credential(deadline: .distantFuture).identity?.keyPEM == Array("k1".utf8))
        try folder.write("crt", "c2")
        try folder.write("key", "k2")
        time.advance(seconds: 60)
        #expect(
            try await source.credential(deadline: .distantFuture).identity
                == ClientIdentity(certificatePEM: Array("c2".utf8), keyPEM: Array("k2".utf8)))
    }

    /// A plugin that counts its runs in its token; the file `expiry` gives how long each is good.
    private func plugin(expiresAt: Int64?) throws -> UserCredentials {
        let expiry = expiresAt.map { #","expirationTimestamp":"\#(RFC3339.format($0))""# } ?? ""
        let path = try folder.write(
            "plugin",
            """
            #!/bin/sh
            test -e \(folder.path("broken")) && exit 1
            echo x >> \(folder.path("runs"))
            echo '\(PluginTests.head){"token":"'$(wc -l < \(folder.path("runs")))'"\(expiry)}}'
            """)
        chmod(path, 0o755)
        return UserCredentials(plugin: ExecPlugin(command: path))
    }

    @Test("A plugin runs once for everybody, again shortly before its credentials expire, and after a refusal")
    func pluginRuns() async throws {
        let source = source(try plugin(expiresAt: time.unixSeconds + 3_600))
        await withTaskGroup(of: String?.self) { tasks in
            for _ in 0..<20 { tasks.addTask { try? await source.credential(deadline: .distantFuture).authorization } }
            for await authorization in tasks { #expect(authorization == "Bearer 1") }
        }
        time.advance(seconds: 3_500)
        let first = try await source.credential(deadline: .distantFuture)
        #expect(first.authorization == "Bearer 1")
        time.advance(seconds: 40)
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer 2")
        // That an older one was refused says nothing against this one.
        await source.refused(first)
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer 2")
        await source.refused(Credential(authorization: "Bearer 2"))
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer 3")
    }

    @Test("When a plugin fails, what it gave before is used as long as it is good")
    func pluginFails() async throws {
        let source = source(try plugin(expiresAt: time.unixSeconds + 600))
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer 1")
        try folder.write("broken", "")
        time.advance(seconds: 590)
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer 1")
        time.advance(seconds: 10)
        await #expect(throws: CredentialError.self) { try await source.credential(deadline: .distantFuture) }
        folder.remove("broken")
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer 2")
    }

    @Test("A plugin that is slow keeps nobody beyond his deadline, and is waited for by the next")
    func slowPlugin() async throws {
        let path = try folder.write(
            "slow",
            """
            #!/bin/sh
            while ! test -e \(folder.path("go")); do sleep 0.02; done
            echo '\(PluginTests.head){"token":"late"}}'
            """)
        chmod(path, 0o755)
        let source = source(UserCredentials(plugin: ExecPlugin(command: path)))
        await #expect(throws: CredentialError.plugin(command: path, problem: .unfinished, hint: nil)) {
            try await source.credential(deadline: .now() + .milliseconds(20))
        }
        let waiting = Task { try await source.credential(deadline: .distantFuture) }
        waiting.cancel()
        await #expect(throws: CredentialError.cancelled) { try await waiting.value }
        try folder.write("go", "")
        #expect(try await source.credential(deadline: .distantFuture).authorization == "Bearer late")
    }

    @Test("No description shows a secret")
    func descriptions() async throws {
        let user = UserCredentials(token: "secret", basic: BasicCredentials(username: "jane", password: "secret"))
        let credential = try await source(user).credential(deadline: .distantFuture)
        #expect(!"\(user) \(credential)".contains("secret"))
        #expect("\(credential)" == "authorization")
        #expect("\(user)" == "token, password")
    }
}
