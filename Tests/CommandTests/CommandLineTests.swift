import Foundation
import TestSupport
import Testing

/// The program as a user starts it: what it prints where, and the code it ends with.
@Suite struct CommandLineTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// `{name}` stands for the path of that file.
        var arguments: [String]
        var environment: [String: String] = [:]
        var input = ""
        var files: [String: String] = [:]
        var status: Int32
        var output: [String] = []
        /// Texts of standard error; empty: nothing may stand there.
        var errors: [String] = []
    }

    static let policy = """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: strict}
        spec:
          mode: enforce
          labels:
          - {key: team, level: required, values: {oneOf: [search, ranking]}}
          - {key: project, level: recommended}
        """

    static func pod(_ labels: String) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          labels: \(labels)
        spec: {containers: [{name: a, image: b}]}

        """
    }

    static let kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: staging
        contexts:
        - name: staging
          context: {cluster: here, user: jane}
        clusters:
        - {name: here, cluster: {server: "https://127.0.0.1:1"}}
        users:
        - {name: jane, user: {token: secret}}
        """

    static let cases: [Case] = [
        Case(testDescription: "no arguments show the help", arguments: [], status: 0, output: ["USAGE: tallygate"]),
        Case(testDescription: "help of a command", arguments: ["help", "check"], status: 0, output: ["--fail-on"]),
        Case(
            testDescription: "unknown command", arguments: ["chek"], status: 2, errors: ["chek", "Usage: tallygate"]),
        Case(
            testDescription: "unknown option", arguments: ["check", "--colour", "x"], status: 2,
            errors: ["--colour", "Usage: tallygate check"]),
        Case(
            testDescription: "version", arguments: ["version"], status: 0, output: ["tallygate 0.", "tls: OpenSSL 3"]),

        Case(
            testDescription: "a compliant manifest",
            arguments: ["check", "--policy", "{p.yaml}", "{m.yaml}"],
            files: ["p.yaml": policy, "m.yaml": pod("{team: search, project: x}")], status: 0,
            output: ["1 compliant"]),
        Case(
            testDescription: "a required label is missing",
            arguments: ["check", "--policy", "{p.yaml}", "{m.yaml}"],
            files: ["p.yaml": policy, "m.yaml": pod("{app: x}")], status: 1,
            output: ["m.yaml:5:", "cost label team: missing", "allowed: search, ranking"]),
        Case(
            testDescription: "a recommended label is missing",
            arguments: ["check", "--policy", "{p.yaml}", "{m.yaml}"],
            files: ["p.yaml": policy, "m.yaml": pod("{team: search}")], status: 0, output: ["project"]),
        Case(
            testDescription: "recommended labels fail when asked to",
            arguments: ["check", "--policy", "{p.yaml}", "--fail-on", "recommended", "{m.yaml}"],
            files: ["p.yaml": policy, "m.yaml": pod("{team: search}")], status: 1, output: ["project"]),
        Case(
            testDescription: "nothing fails when asked to",
            arguments: ["check", "--policy", "{p.yaml}", "--fail-on", "never", "{m.yaml}"],
            files: ["p.yaml": policy, "m.yaml": pod("{}")], status: 0, output: ["team"]),
        Case(
            testDescription: "options from the environment", arguments: ["check", "{m.yaml}"],
            environment: ["TALLYGATE_POLICY": "{p.yaml}", "TALLYGATE_OUTPUT": "github"],
            files: ["p.yaml": policy, "m.yaml": pod("{}")], status: 1, output: ["::error file="]),
        Case(
            testDescription: "the command line wins over the environment",
            arguments: ["check", "-o", "text", "--policy", "{p.yaml}", "{m.yaml}"],
            environment: ["TALLYGATE_OUTPUT": "github"],
            files: ["p.yaml": policy, "m.yaml": pod("{team: search, project: x}")], status: 0, output: ["1 compliant"]),
        Case(
            testDescription: "a bad environment variable", arguments: ["check", "{m.yaml}"],
            environment: ["TALLYGATE_FAIL_ON": "always"], files: ["m.yaml": pod("{}")], status: 2,
            errors: ["--fail-on", "\"always\"", "required, recommended or never"]),
        Case(
            testDescription: "standard input", arguments: ["check", "--policy", "{p.yaml}", "-"],
            input: pod("{team: serch, project: x}"), files: ["p.yaml": policy], status: 1,
            output: ["<stdin>:5:", "did you mean", "team: search"]),
        Case(
            testDescription: "broken YAML beside a good manifest",
            arguments: ["check", "--policy", "{p.yaml}", "{bad.yaml}", "{m.yaml}"],
            files: ["p.yaml": policy, "bad.yaml": "a: [b\n", "m.yaml": pod("{team: search, project: x}")], status: 2,
            output: ["bad.yaml:", "1 compliant"], errors: ["could not be read"]),
        Case(
            testDescription: "a manifest that is not there", arguments: ["check", "/nowhere/x.yaml"], status: 2,
            errors: ["/nowhere/x.yaml", "no such file"]),
        Case(
            testDescription: "a policy that is not there", arguments: ["check", "--policy", "/nowhere/p.yaml", "-"],
            status: 2, errors: ["/nowhere/p.yaml", "no such file"]),

        Case(
            testDescription: "lint of a sound policy", arguments: ["policy", "lint", "{p.yaml}"],
            files: ["p.yaml": policy], status: 0, output: ["\"strict\" is sound", "mode enforce"]),
        Case(
            testDescription: "lint of a policy with a slip", arguments: ["policy", "lint", "{p.yaml}"],
            files: ["p.yaml": policy.replacing("level: required", with: "levl: required")], status: 2,
            output: ["p.yaml:7:", "levl", "level"], errors: ["error"]),
        Case(
            testDescription: "what is named is linted, not the environment's policy",
            arguments: ["policy", "lint", "{p.yaml}"], environment: ["TALLYGATE_POLICY": "{other.yaml}"],
            files: ["p.yaml": policy, "other.yaml": policy], status: 0, output: ["\"strict\" is sound"]),
        Case(
            testDescription: "an unknown namespace passes when the environment says so",
            arguments: ["check", "{m.yaml}"], environment: ["TALLYGATE_ALLOW_UNKNOWN": "true"],
            files: ["m.yaml": pod("{}")], status: 0, output: ["unknown"]),
        Case(
            testDescription: "system namespaces are left alone unless the policy says otherwise",
            arguments: ["check", "--policy", "{p.yaml}", "--namespace", "kube-system", "{m.yaml}"],
            files: ["p.yaml": policy, "m.yaml": pod("{}")], status: 0),
        Case(
            testDescription: "an empty list of exclusions excludes nothing",
            arguments: ["check", "--policy", "{p.yaml}", "--namespace", "kube-system", "{m.yaml}"],
            files: ["p.yaml": policy + "\n  exclude: {namespaces: []}\n", "m.yaml": pod("{}")], status: 1,
            output: ["team"]),
        Case(testDescription: "lint of nothing", arguments: ["policy", "lint"], status: 2, errors: ["no policy"]),
        Case(
            testDescription: "the built-in policy is shown", arguments: ["policy", "show"], status: 0,
            output: ["kind: AttributionPolicy", "mode: warn", "From: the built-in policy"]),

        Case(
            testDescription: "webhook without a certificate", arguments: ["webhook", "--no-cluster"], status: 2,
            errors: ["--tls-cert-file is missing"]),
        Case(
            testDescription: "webhook with a certificate from two places",
            arguments: ["webhook", "--no-cluster", "--tls-cert-file", "a", "--certificate-secret", "ns/tls"], status: 2,
            errors: ["give one of them"]),
        Case(
            testDescription: "webhook with a Secret of no namespace",
            arguments: ["webhook", "--no-cluster", "--certificate-secret", "tls"], status: 2,
            errors: ["\"tls\" names no Secret", "NAMESPACE/NAME"]),
        Case(
            testDescription: "a self-probe without TLS",
            arguments: ["webhook", "--certificate-secret", "ns/tls", "--self-probe", "http://gate"], status: 2,
            errors: ["is not https://"]),
        Case(
            testDescription: "certificates of a life too short to be renewed",
            arguments: [
                "certificates", "keep", "--kubeconfig", "{k.yaml}", "--namespace", "ns", "--ca-lifetime", "9s",
            ],
            files: ["k.yaml": kubeconfig], status: 2, errors: ["--ca-lifetime is too short; at least 10s"]),
        Case(
            testDescription: "webhook with a certificate that is none",
            arguments: ["webhook", "--no-cluster", "--tls-cert-file", "{c.pem}", "--tls-private-key-file", "{c.pem}"],
            files: ["c.pem": "not a certificate\n"], status: 2, errors: ["c.pem"]),
        Case(
            testDescription: "webhook with a bad address",
            arguments: [
                "webhook", "--no-cluster", "--tls-cert-file", "a", "--tls-private-key-file", "b", "--listen", "8443",
            ], status: 2, errors: ["\"8443\"", "HOST:PORT"]),
        Case(
            testDescription: "webhook without any cluster configured",
            arguments: ["webhook", "--tls-cert-file", "a", "--tls-private-key-file", "b"],
            environment: ["HOME": "/nowhere", "KUBECONFIG": "", "KUBERNETES_SERVICE_HOST": ""], status: 2,
            errors: ["no cluster is configured", "/nowhere/.kube/config", "--kubeconfig", "--no-cluster"]),
        Case(
            testDescription: "webhook with a kubeconfig that is not there",
            arguments: [
                "webhook", "--tls-cert-file", "a", "--tls-private-key-file", "b", "--kubeconfig", "/nowhere/config",
            ], status: 2, errors: ["/nowhere/config", "check the path"]),
        Case(
            testDescription: "webhook with a kubeconfig whose context names an unknown user",
            arguments: ["webhook", "--tls-cert-file", "a", "--tls-private-key-file", "b"],
            environment: ["TALLYGATE_KUBECONFIG": "{k.yaml}"],
            files: ["k.yaml": kubeconfig.replacing("user: jane", with: "user: jnae")], status: 2,
            errors: ["k.yaml:6:", "jnae", "jane"]),
        Case(
            testDescription: "webhook with a context that is not there",
            arguments: [
                "webhook", "--tls-cert-file", "a", "--tls-private-key-file", "b", "--kubeconfig", "{k.yaml}",
                "--context", "stage",
            ], files: ["k.yaml": kubeconfig], status: 2, errors: ["k.yaml", "stage", "staging"]),
        Case(
            testDescription: "webhook with namespaces and a cluster",
            arguments: [
                "webhook", "--tls-cert-file", "a", "--tls-private-key-file", "b", "--namespaces", "n.yaml",
            ], status: 2, errors: ["--namespaces", "--no-cluster"]),
        Case(
            testDescription: "webhook with a policy that does not read",
            arguments: [
                "webhook", "--no-cluster", "--tls-cert-file", "a", "--tls-private-key-file", "b", "--policy",
                "{p.yaml}",
            ], files: ["p.yaml": "kind: AttributionPolicy\n"], status: 2, errors: ["p.yaml:1:"]),
    ]

    /// A report that is cut short must not pass for a clean one.
    @Test func fullDisk() async throws {
        let result = try await ChildProcess.run(
            "/bin/sh", ["-c", "exec \"$0\" policy show > /dev/full", BuiltProduct.tallygate])
        #expect(result.status == 2)
        #expect(result.errors.contains("standard output cannot be written"))
    }

    @Test(arguments: cases) func run(_ test: Case) async throws {
        let directory = try TemporaryDirectory()
        for (name, text) in test.files { try directory.write(name, text) }
        func resolve(_ text: String) -> String {
            test.files.keys.reduce(text) { $0.replacing("{\($1)}", with: directory.path($1)) }
        }
        let result = try await ChildProcess.run(
            BuiltProduct.tallygate, test.arguments.map(resolve), input: test.input,
            environment: test.environment.mapValues(resolve))
        #expect(result.status == test.status, "\(result.output)\(result.errors)")
        for text in test.output { #expect(result.output.contains(text), "\(result.output)") }
        for text in test.errors { #expect(result.errors.contains(text), "\(result.errors)") }
        if test.errors.isEmpty { #expect(result.errors.isEmpty) }
        // One clear line, or usage below it; never a dump.
        #expect(!result.errors.contains("Fatal error"))
    }
}
