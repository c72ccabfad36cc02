import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Where the configuration comes from")
struct ConfigurationLoaderTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func refusal(_ environment: [String: String], kubeconfig: String? = nil) -> String {
        do throws(ConfigurationError) {
            _ = try ConfigurationLoader(environment: environment, serviceAccount: folder.path).load(
                kubeconfig: kubeconfig)
            return ""
        } catch {
            return error.description.replacing(folder.path, with: "DIR")
        }
    }

    @Test("Of several files the first counts for each name, whole, and missing ones are skipped")
    func merging() throws {
        let first = try folder.write(
            "first",
            """
            contexts: [{name: a, context: {cluster: c, user: u}}]
            users: [{name: u, user: {token: first}}]
            """)
        let second = try folder.write(
            "second",
            """
            current-context: a
            contexts: [{name: a, context: {cluster: d, user: u, namespace: n}}, {name: b, context: {cluster: d}}]
            clusters: [{name: c, cluster: {server: 'https://c'}}, {name: d, cluster: {server: 'https://d'}}]
            users: [{name: u, user: {tokenFile: second}}]
            """)
        try folder.write("third", "current-context: b")
        let list = [folder.path("missing"), first, second, folder.path("third")].joined(separator: ":")
        let access = try ConfigurationLoader(environment: ["KUBECONFIG": ":" + list + ":"]).load()
        #expect(access.server.host == "c")
        #expect(access.user.token == "first")
        #expect(access.user.tokenFile == nil)
        #expect(access.namespace == nil)
        let flag = try ConfigurationLoader(environment: ["KUBECONFIG": "/nowhere"]).load(
            kubeconfig: second, context: "b")
        #expect(flag.server.host == "d")
    }

    @Test("What cannot be read is named")
    func unreadable() throws {
        #expect(
            refusal([:], kubeconfig: folder.path("config"))
                == "DIR/config: cannot read the kubeconfig: No such file or directory; check the path, and that this user may read it"
        )
        #expect(refusal(["KUBECONFIG": folder.path("config")]).hasPrefix("DIR/config: cannot read the kubeconfig"))
        #expect(
            refusal(["KUBECONFIG": folder.path("a") + ":" + folder.path("b")])
                == "no cluster is configured: no DIR/a, no DIR/b, and this is not a Pod; give --kubeconfig or set KUBECONFIG"
        )
        #expect(
            refusal(["HOME": folder.path])
                == "no cluster is configured: no KUBECONFIG, no DIR/.kube/config, and this is not a Pod; give --kubeconfig or set KUBECONFIG"
        )
        try folder.write("large", [UInt8](repeating: 0x20, count: FileLimits.kubeconfig + 1))
        #expect(
            refusal([:], kubeconfig: folder.path("large"))
                == "DIR/large: the kubeconfig has more than 8388608 bytes; is it the right file?")
        try folder.makeDirectory(".kube")
        #expect(refusal([:], kubeconfig: folder.path(".kube")).contains("Is a directory"))
    }

    @Test(
        "A Pod's ServiceAccount, by IPv4, IPv6 and name",
        arguments: [
            ("10.96.0.1", "https://10.96.0.1:443"), ("fd00::1", "https://[fd00::1]:443"),
            ("[fd00::1]", "https://[fd00::1]:443"), ("kubernetes.default", "https://kubernetes.default:443"),
        ])
    func inCluster(host: String, url: String) throws {
        try folder.write("token", "t\n")
        try folder.write("namespace", "tallygate\n")
        let environment = ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "443", "HOME": folder.path]
        let loader = ConfigurationLoader(environment: environment, serviceAccount: folder.path)
        let access = try loader.load()
        #expect(access.server.description == url)
        #expect(access.trust.authorities == .file(path: folder.path("ca.crt")))
        #expect(access.user.tokenFile == folder.path("token"))
        #expect(access.namespace == "tallygate")
        #expect(access.origin == "the ServiceAccount of this Pod")
    }

    @Test("A Pod with a variable nobody can use, and a machine with the variables and no ServiceAccount")
    func notInCluster() throws {
        let variables = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "https"]
        #expect(refusal(variables).hasPrefix("no cluster is configured: no KUBECONFIG, and this is not a Pod"))
        try folder.write("token", "t")
        #expect(
            refusal(variables) == "the environment variable KUBERNETES_SERVICE_PORT is \"https\": it must be a port")
        #expect(
            refusal(["KUBERNETES_SERVICE_HOST": "a/b", "KUBERNETES_SERVICE_PORT": "1"])
                == "the environment variable KUBERNETES_SERVICE_HOST is \"a/b\": it must be an address")
    }

    @Test("In a Pod, KUBECONFIG and a context that is asked for go before the ServiceAccount")
    func precedence() throws {
        try folder.write("token", "t")
        try folder.makeDirectory(".kube")
        let config = try folder.write(".kube/config", KubeconfigHarness.text())
        var environment = ["KUBERNETES_SERVICE_HOST": "1.2.3.4", "KUBERNETES_SERVICE_PORT": "1", "HOME": folder.path]
        func host(context: String? = nil) throws -> String {
            try ConfigurationLoader(environment: environment, serviceAccount: folder.path).load(context: context)
                .server.host
        }
        #expect(try host() == "1.2.3.4")
        #expect(try host(context: "main") == "10.0.0.1")
        environment["KUBECONFIG"] = config
        #expect(try host() == "10.0.0.1")
    }
}
