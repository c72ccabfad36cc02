import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Kubeconfig files")
struct KubeconfigTests {
    private let harness: KubeconfigHarness

    init() throws { harness = try KubeconfigHarness() }

    @Test("A context leads to a server, whom to trust, and who to be")
    func whole() throws {
        let access = try harness.access(
            KubeconfigHarness.text(
                cluster: "{server: 'https://[fd00::1]:6443/k8s/', certificate-authority: pki/ca.crt, "
                    + "tls-server-name: api.example.com}",
                user: "{client-certificate-data: Y2VydA==, client-key: /keys/jane.key, tokenFile: token}",
                context: ", namespace: web"))
        #expect(access.server == ServerURL(isTLS: true, host: "fd00::1", port: 6443, basePath: "/k8s"))
        #expect(access.server.description == "https://[fd00::1]:6443/k8s")
        #expect(access.trust.authorities == .file(path: harness.folder.path("pki/ca.crt")))
        #expect(access.trust.serverName == "api.example.com")
        #expect(access.user.certificate == .bytes(Array("cert".utf8)))
        #expect(access.user.key == .file(path: "/keys/jane.key"))
        #expect(access.user.tokenFile == harness.folder.path("token"))
        #expect(access.namespace == "web")
        #expect(access.warnings.isEmpty)
        #expect(access.origin == "context \"main\" of \(harness.folder.path("config"))")
    }

    @Test("Data goes before files, and another context can be chosen")
    func choices() throws {
        let text =
            KubeconfigHarness.text(
                cluster: "{server: 'https://a', certificate-authority: ca.crt, certificate-authority-data: Y2E=}")
            + "\n- name: other\n  context: {cluster: east}\n"
        #expect(try harness.access(text).trust.authorities == .bytes(Array("ca".utf8)))
        let other = try harness.access(text, context: "other")
        #expect(other.user.token == nil)
        #expect(other.server.port == 443)
    }

    @Test("Fields nobody knows, empty ones and entries nobody asks for do no harm")
    func leniency() throws {
        let text =
            KubeconfigHarness.text(
                cluster: "{server: 'https://a:1', certificate-authority: '', extensions: [{name: minikube}], later: 1}",
                user: "{token: abc, username: '', auth-provider: null}", context: ", namespace: null")
            + "\npreferences: {colors: true}\nextensions: []\n"
        let access = try harness.access(text)
        #expect(access.trust.authorities == nil)
        #expect(access.user.token == "abc")
        #expect(access.namespace == nil)
        let broken = text.replacing("users:", with: "users:\n- name: broken\n  user: {token: 5}")
        #expect(try harness.access(broken).user.token == "abc")
    }

    static let insecure = "INSECURE: context \"main\" of"

    @Test(
        "What gives the credentials to anybody is warned of",
        arguments: [
            ("{server: 'https://a', insecure-skip-tls-verify: true}", "sets insecure-skip-tls-verify"),
            ("{server: 'http://a'}", "in plain text"),
            ("{server: 'a:6443'}", "in plain text"),
        ])
    func warnings(cluster: String, words: String) throws {
        let warnings = try harness.access(KubeconfigHarness.text(cluster: cluster)).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasPrefix(Self.insecure) == true)
        #expect(warnings.first?.contains(words) == true)
    }

    @Test("Somebody else can be acted as")
    func impersonation() throws {
        let access = try harness.access(
            KubeconfigHarness.text(
                user: "{token: a, as: jane, as-uid: u1, as-groups: [g1, g2], as-user-extra: {a/b: [c]}}"))
        #expect(
            access.user.impersonation.map { "\($0.name): \($0.value)" } == [
                "Impersonate-User: jane", "Impersonate-Uid: u1", "Impersonate-Group: g1", "Impersonate-Group: g2",
                "Impersonate-Extra-a%2Fb: c",
            ])
    }

    @Test("A plugin is told of the cluster when it asks")
    func plugin() throws {
        let access = try harness.access(
            KubeconfigHarness.text(
                cluster:
                    "{server: 'https://a', certificate-authority-data: Y2E=, tls-server-name: api.test, extensions: "
                    + "[{name: client.authentication.k8s.io/exec, extension: {audience: x}}]}",
                user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [a, '1'], "
                    + "env: [{name: A, value: b}], interactiveMode: IfAvailable, provideClusterInfo: true, "
                    + "installHint: \"get it\\nat x\"}}"))
        #expect(
            access.user.plugin
                == ExecPlugin(
                    command: harness.folder.path("./login"), arguments: ["a", "1"],
                    environment: [.init(name: "A", value: "b")], interactiveMode: .ifAvailable,
                    installHint: "get it at x",
                    clusterInfo:
                        #"{"server":"https://a","tls-server-name":"api.test","certificate-authority-data":"Y2E=","#
                        + #""config":{"audience":"x"}}"#))
        let older = try harness.access(
            KubeconfigHarness.text(
                user: "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login}}"))
        #expect(older.user.plugin == ExecPlugin(version: .v1beta1, command: "login", interactiveMode: .ifAvailable))
    }

    // MARK: Refusals

    static let refusals: [(String, String)] = [
        (
            KubeconfigHarness.text().replacing("current-context: main", with: "current-context: mian"),
            "config:3:18: error: current-context: there is no context named \"mian\"; did you mean \"main\"? there are main"
        ),
        (
            KubeconfigHarness.text().replacing("user: jane}", with: "user: jnae}"),
            "config:12:34: error: context \"main\": there is no user named \"jnae\"; did you mean \"jane\"? there are jane"
        ),
        (
            KubeconfigHarness.text().replacing("cluster: east,", with: "cluster: west,"),
            "config:12:22: error: context \"main\": there is no cluster named \"west\"; there are east"
        ),
        (
            KubeconfigHarness.text().replacing("current-context: main\n", with: ""),
            "config: no current-context is set; give --context or run kubectl config use-context; there are main"
        ),
        (
            KubeconfigHarness.text().replacing("{cluster: east, user: jane}", with: "{user: jane}"),
            "config:12:12: error: context \"main\" names no cluster; there are east"
        ),
        (
            KubeconfigHarness.text(cluster: "{}"),
            "config:6:12: error: cluster \"east\" has no server; add server: https://HOST:6443"
        ),
        (
            KubeconfigHarness.text(cluster: "{server: 'ftp://a'}"),
            "config:6:21: error: cluster \"east\": the server has the scheme ftp://; it must be https:// or http://; write https://HOST:PORT"
        ),
        (
            KubeconfigHarness.text(cluster: "{server: 'https://a:99999'}"),
            "config:6:21: error: cluster \"east\": the server has the port \"99999\"; ports are 1 to 65535; write https://HOST:PORT"
        ),
        (
            KubeconfigHarness.text(
                cluster: "{server: 'https://a', certificate-authority: ca, insecure-skip-tls-verify: true}"),
            "config:6:87: error: cluster \"east\": insecure-skip-tls-verify is set although there is a certificate-authority; remove insecure-skip-tls-verify"
        ),
        (
            KubeconfigHarness.text(cluster: "{server: 'https://a', certificate-authority-data: '!'}"),
            "config:6:62: error: cluster \"east\": certificate-authority-data is not base64; encode the file with base64 -w0"
        ),
        (
            KubeconfigHarness.text(cluster: "{server: 'https://a', tls-server-name: 10.0.0.1}"),
            "config:6:51: error: cluster \"east\": tls-server-name must be a DNS name, found \"10.0.0.1\"; use one of the certificate's DNS names, or put the address into the server's URL"
        ),
        (
            KubeconfigHarness.text(cluster: "{server: 'https://a', proxy-url: 'https://p'}"),
            "config:6:45: error: cluster \"east\": proxy-url is an https:// proxy, which is not supported; name its http:// port (what goes through is encrypted)"
        ),
        (
            KubeconfigHarness.text(user: "{token: 123}"),
            "config:9:17: error: user \"jane\": token must be a string, found the number 123; write it in quotes"
        ),
        (
            KubeconfigHarness.text(user: "{client-certificate: a}"),
            "config:9:9: error: user \"jane\" has a client-certificate but no client-key; add client-key or client-key-data"
        ),
        (
            KubeconfigHarness.text(user: "{token: a, username: b}"),
            "config:9:9: error: user \"jane\" has both a token and a password; keep one of the two"
        ),
        (
            KubeconfigHarness.text(user: "{auth-provider: {name: azure}}"),
            "config:9:25: error: user \"jane\": auth-provider \"azure\" went out of use with Kubernetes 1.26; use the exec plugin kubelogin: kubelogin convert-kubeconfig"
        ),
        (
            KubeconfigHarness.text(user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: a}}"),
            "config:9:16: error: user \"jane\": exec has no interactiveMode; write Never, IfAvailable or Always"
        ),
        (
            KubeconfigHarness.text(user: "{exec: {apiVersion: client.authentication.k8s.io/v2, command: a}}"),
            "config:9:29: error: user \"jane\": exec: apiVersion cannot be \"client.authentication.k8s.io/v2\"; did you mean client.authentication.k8s.io/v1?"
        ),
        (
            "kind: Deployment",
            "config:1:7: error: this is a Deployment, not a kubeconfig (kind: Config); give the file that kubectl uses"
        ),
        (
            "clusters: {}", "config:1:11: error: clusters must be a list, found a mapping; write it as - name: …"
        ),
        (
            "clusters: [{name: a, cluster: {}}, {name: a}]",
            "config:1:43: error: clusters holds \"a\" twice; rename or remove one of the two"
        ),
        ("[]", "config:1:1: error: a kubeconfig must be a mapping, found a list"),
    ]

    @Test("What is wrong is one line, with its place and the remedy", arguments: refusals)
    func refusal(text: String, line: String) {
        #expect(harness.refusal(text) == line)
    }

    @Test("A context that is asked for and not there")
    func unknownContext() {
        #expect(
            harness.refusal(KubeconfigHarness.text(), context: "mein")
                == "config: there is no context named \"mein\"; did you mean \"main\"? there are main")
    }

    @Test("Broken YAML is said to be, where it is")
    func syntax() {
        let line = harness.refusal("clusters: [\n  - a: {")
        #expect(line.hasPrefix("config:2:"))
        #expect(!line.contains("\n"))
    }
}
