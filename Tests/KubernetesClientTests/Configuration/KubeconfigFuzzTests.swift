import LocatedDocuments
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Kubeconfigs out of order")
struct KubeconfigFuzzTests {
    private static let seeds = [
        KubeconfigHarness.text(),
        KubeconfigHarness.text(
            cluster: "{server: 'https://[::1]:6443/x', certificate-authority-data: Y2E=, tls-server-name: a.b, "
                + "proxy-url: 'http://u:p@h:1', extensions: [{name: client.authentication.k8s.io/exec, extension: {a: 1}}]}",
            user:
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: a, args: [b], env: [{name: A, value: B}], "
                + "interactiveMode: Never, provideClusterInfo: true}, as: x, as-user-extra: {k: [v]}}"),
        #"{"kind":"Config","apiVersion":"v1","current-context":"a","contexts":[{"name":"a","context":{"cluster":"b"}}],"clusters":[{"name":"b","cluster":{"server":"https://b"}}]}"#,
    ]

    private static let pieces = [
        "{", "}", "[", "]", ":", "- ", "\n", "  ", "&a ", "*a", "<<: *a", "null", "\"", "'", "\u{0}", "\u{FF}",
        "!!int ",
        "server: ", "name: ", "user: {}", "---\n", "true", "0x1", "|\n", "ü", "\t", "exec: ", "data: ", "clusters:\n",
    ]

    @Test("Whatever is cut, doubled or put between ends in a configuration or in one line", arguments: 0..<40)
    func broken(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<100 {
            var bytes = Array(random.pick(Self.seeds).utf8)
            for _ in 0...Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.insert(contentsOf: Array(random.pick(Self.pieces).utf8), at: place)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...30, using: &random)))
                case 2 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                default:
                    let end = min(bytes.count, place + 40)
                    bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
                }
            }
            do {
                let file = try KubeconfigFile(SourceFile(name: "config", bytes: bytes))
                let access = try Kubeconfig([file]).access(
                    context: random.oneIn(4) ? "a" : nil, proxies: ProxyEnvironment(variables: [:]))
                #expect(!access.server.host.isEmpty)
                #expect((1...65_535).contains(access.server.port))
            } catch {
                #expect(!error.description.isEmpty)
                #expect(!error.description.contains { $0.isNewline })
            }
        }
    }
}
