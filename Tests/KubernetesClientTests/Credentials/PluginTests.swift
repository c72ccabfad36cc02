import Glibc
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Credential plugins")
struct PluginTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// A plugin that is this shell script.
    private func script(_ body: String, name: String = "plugin") throws -> String {
        let path = try folder.write(name, "#!/bin/sh\n" + body)
        chmod(path, 0o755)
        return path
    }

    static let head = #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":"#

    private func run(_ plugin: ExecPlugin, hasTerminal: Bool = false) async throws(CredentialError) -> ExecCredential {
        try await PluginRunner(
            plugin: plugin, environment: ["PATH": "\(folder.path):/usr/bin:/bin", "OWN": "kept"],
            hasTerminal: hasTerminal
        ).run()
    }

    private func refusal(_ body: String, hint: String? = nil) async throws -> String {
        let command = try script(body)
        do throws(CredentialError) {
            _ = try await run(ExecPlugin(command: command, installHint: hint))
            return ""
        } catch {
            return error.description.replacing(folder.path, with: "DIR")
        }
    }

    @Test("It is found on the PATH, and gets its arguments, its environment and what it is told")
    func call() async throws {
        _ = try script(
            """
            echo "$KUBERNETES_EXEC_INFO" > \(folder.path("info"))
            cat > \(folder.path("input"))
            echo '\(Self.head){"token":"'"$1-$2-$EXTRA-$OWN"'","expirationTimestamp":"2026-11-21T09:50:48Z"}}'
            """)
        let credential = try await run(
            ExecPlugin(
                command: "plugin", arguments: ["a b", "c"], environment: [.init(name: "EXTRA", value: "e")],
                interactiveMode: .ifAvailable, clusterInfo: #"{"server":"https://a"}"#))
        #expect(credential.token == "a b-c-e-kept")
        #expect(credential.expiration == 1_795_254_648)
        let info = try LocalFile.read(folder.path("info"), limit: 1_000)
        #expect(
            String(decoding: info, as: UTF8.self) == #"{"kind":"ExecCredential","#
                + #""apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false,"cluster":{"server":"https://a"}}}"#
                + "\n")
        // Without somebody to ask, nothing comes in.
        #expect(try LocalFile.read(folder.path("input"), limit: 1_000).isEmpty)
    }

    @Test("It may give a certificate, in YAML too")
    func certificate() async throws {
        let command = try script(
            """
            cat <<END
            kind: ExecCredential
            apiVersion: client.authentication.k8s.io/v1beta1
            status: {clientCertificateData: c, clientKeyData: k}
            END
            """)
        let credential = try await run(ExecPlugin(version: .v1beta1, command: command))
        #expect(credential.identity == ClientIdentity(certificatePEM: Array("c".utf8), keyPEM: Array("k".utf8)))
        #expect(credential.expiration == nil)
    }

    @Test("What goes wrong is one line with the remedy")
    func failures() async throws {
        let start = "the credential plugin DIR/plugin "
        #expect(
            try await refusal("echo first >&2; echo 'not logged in' >&2; echo >&2; exit 3", hint: "run login")
                == start + "failed with status 3: not logged in; run it by hand, or log in again; run login")
        #expect(
            try await refusal("kill -9 $$") == start + "was ended by signal 9; run it by hand to see why")
        #expect(
            try await refusal("true") == start + "printed no usable ExecCredential: it is empty; update it")
        #expect(try await refusal("echo '{'").contains("printed no usable ExecCredential: in its output:2:1: error: "))
        #expect(
            try await refusal("echo '{\"kind\": \"Status\"}'")
                == start + "printed no usable ExecCredential: its kind is not ExecCredential; update it")
        #expect(
            try await refusal(
                "echo '{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v2\"}'"
            )
            .contains("its apiVersion is not client.authentication.k8s.io/v1, which the kubeconfig names"))
        #expect(
            try await refusal("echo '\(Self.head){}}'").contains("it holds neither a token nor a certificate"))
        #expect(
            try await refusal("echo '\(Self.head){\"clientKeyData\":\"k\"}}'").contains("it has only one"))
        #expect(
            try await refusal("printf %s '\(Self.head){\"token\":\"a\\nb\"}}'").contains(
                "characters that no header may"))
        #expect(
            try await refusal("echo '\(Self.head){\"token\":\"a\",\"expirationTimestamp\":\"soon\"}}'").contains(
                "expirationTimestamp \"soon\" is no time"))
        #expect(
            try await refusal("cat /dev/zero")
                == start + "printed more than 1048576 bytes; it should print one ExecCredential")
    }

    @Test("A plugin that is not there, not to be run, or wants a terminal")
    func unavailable() async throws {
        await #expect(throws: CredentialError.plugin(command: "absent", problem: .notFound, hint: "get it")) {
            try await run(ExecPlugin(command: "absent", installHint: "get it"))
        }
        let path = try folder.write("plain", "no program")
        await #expect(
            throws: CredentialError.plugin(command: path, problem: .notExecutable("Permission denied"), hint: nil)
        ) {
            try await run(ExecPlugin(command: path))
        }
        let plugin = try script("true")
        await #expect(throws: CredentialError.plugin(command: plugin, problem: .needsTerminal, hint: nil)) {
            try await run(ExecPlugin(command: plugin, interactiveMode: .always))
        }
    }

    @Test(
        "A program that does not end is ended with all it started, and one that leaves children behind is not waited for"
    )
    func time() async throws {
        let sleeper = try script("sleep 1000 & echo $! > \(folder.path("child")); wait")
        func program(_ path: String, seconds: Int) -> ChildProgram {
            ChildProgram(
                path: path, arguments: [], environment: ["PATH": "/usr/bin:/bin"], isInteractive: false,
                seconds: seconds, outputLimit: 100)
        }
        #expect(throws: ChildProgram.Failure.timedOut) { try program(sleeper, seconds: 1).run() }
        let child = try #require(
            pid_t(String(decoding: try LocalFile.read(folder.path("child"), limit: 100), as: UTF8.self).dropLast()))
        // Its parent is gone: it is dead, or a zombie that nobody has collected yet.
        try await wait(for: "the end of what it started") {
            let state = try? LocalFile.read("/proc/\(child)/stat", limit: 1_000)
            let text = state.map { String(decoding: $0, as: UTF8.self) } ?? " Z "
            return text.contains(" Z ") || text.contains(" X ") ? nil : text
        }

        let leaver = try script("sleep 60 & echo out; echo $! > \(folder.path("left"))", name: "leaver")
        let outcome = try program(leaver, seconds: 50).run()
        #expect(outcome.ending == .exited(0))
        #expect(String(decoding: outcome.output, as: UTF8.self) == "out\n")
        if let left = pid_t(
            String(decoding: try LocalFile.read(folder.path("left"), limit: 100), as: UTF8.self).dropLast())
        {
            kill(left, SIGKILL)
        }
    }
}
