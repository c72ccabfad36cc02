import Foundation
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Proxies, base64, times and addresses")
struct SmallReadersTests {
    static let proxied: [(String, [String: String], Bool)] = [
        ("https://api.example.com", ["HTTPS_PROXY": "p:1"], true),
        ("https://api.example.com", ["https_proxy": "p:1"], true),
        ("http://api.example.com", ["HTTPS_PROXY": "p:1"], false),
        ("http://api.example.com", ["http_proxy": "p:1"], true),
        ("https://localhost", ["HTTPS_PROXY": "p:1"], false),
        ("https://127.0.0.1:6443", ["HTTPS_PROXY": "p:1"], false),
        ("https://[::1]:6443", ["HTTPS_PROXY": "p:1"], false),
        ("https://api.example.com", ["HTTPS_PROXY": "p:1", "NO_PROXY": "*"], false),
        ("https://api.example.com", ["HTTPS_PROXY": "p:1", "no_proxy": "a, example.com"], false),
        ("https://api.example.com", ["HTTPS_PROXY": "p:1", "NO_PROXY": ".example.com"], false),
        ("https://example.com", ["HTTPS_PROXY": "p:1", "NO_PROXY": ".example.com"], true),
        ("https://api.example.com", ["HTTPS_PROXY": "p:1", "NO_PROXY": "*.EXAMPLE.com"], false),
        ("https://badexample.com", ["HTTPS_PROXY": "p:1", "NO_PROXY": "example.com"], true),
        ("https://api.example.com:6443", ["HTTPS_PROXY": "p:1", "NO_PROXY": "api.example.com:443"], true),
        ("https://api.example.com:6443", ["HTTPS_PROXY": "p:1", "NO_PROXY": "api.example.com:6443"], false),
        ("https://10.1.2.3", ["HTTPS_PROXY": "p:1", "NO_PROXY": "10.0.0.0/8"], false),
        ("https://11.1.2.3", ["HTTPS_PROXY": "p:1", "NO_PROXY": "10.0.0.0/8"], true),
        ("https://10.1.2.3", ["HTTPS_PROXY": "p:1", "NO_PROXY": "10.1.2.3"], false),
        ("https://[fd00::5]", ["HTTPS_PROXY": "p:1", "NO_PROXY": "fd00::/8"], false),
        ("https://[fd00::5]", ["HTTPS_PROXY": "p:1", "NO_PROXY": "fd00::5"], false),
    ]

    @Test("A proxy of the environment is used as Go's programs use it", arguments: proxied)
    func proxy(server: String, environment: [String: String], isUsed: Bool) throws {
        let url = try ServerURL(server, assumesTLS: true)
        let proxy = try ProxyEnvironment(variables: environment).server(for: url)
        #expect(proxy == (isUsed ? ProxyServer(scheme: .http, host: "p", port: 1) : nil))
    }

    @Test("Proxies' URLs")
    func proxyURLs() throws {
        #expect(
            try ProxyServer("http://jane:p%40ss@proxy.test:3128/")
                == ProxyServer(
                    scheme: .http, host: "proxy.test", port: 3128,
                    credentials: BasicCredentials(username: "jane", password: "p@ss")))
        #expect(try ProxyServer("socks5://[::1]") == ProxyServer(scheme: .socks5, host: "::1", port: 1080))
        #expect(throws: ProxyServer.Problem.socksCredentials) { try ProxyServer("socks5://a:b@c") }
        #expect(throws: ProxyServer.Problem.scheme("ftp")) { try ProxyServer("ftp://a") }
        let shown = ConfigurationError.self
        #expect(throws: shown) {
            try ProxyEnvironment(variables: ["HTTPS_PROXY": "https://u:secret@p"]).server(
                for: ServerURL(isTLS: true, host: "a", port: 1))
        }
        do {
            _ = try ProxyEnvironment(variables: ["HTTPS_PROXY": "https://u:secret@p"]).server(
                for: ServerURL(isTLS: true, host: "a", port: 1))
        } catch {
            #expect(error.description.contains("HTTPS_PROXY"))
            #expect(!error.description.contains("secret"))
        }
    }

    @Test("Base64 is what Foundation says it is")
    func base64() {
        var random = SeededGenerator(seed: 7)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.encode(bytes) == text)
            #expect(Base64.decode(text) == bytes)
        }
        #expect(Base64.decode("YW\nJj\r\n") == Array("abc".utf8))
        for wrong in ["a", "ab", "abc", "ab=c", "a===", "====", "YWJj=", "YW Jj", "YQ="] {
            #expect(Base64.decode(wrong) == nil, "\(wrong)")
        }
    }

    @Test(
        "Times are read and written as RFC 3339 has them",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("2026-11-21T09:50:48Z", 1_795_254_648, 0),
            ("2026-11-21T09:50:48.123456789Z", 1_795_254_648, 123_456),
            ("2026-11-21T11:50:48.5+02:00", 1_795_254_648, 500_000),
            ("2000-02-29T23:59:59-00:30", 951_870_599, 0), ("1969-12-31t23:59:59z", -1, 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
        ])
    func times(text: String, seconds: Int64, microseconds: Int) {
        #expect(RFC3339.parse(text) == RFC3339.Moment(seconds: seconds, microseconds: microseconds))
    }

    @Test(
        "What is no time is none",
        arguments: [
            "", "2026-11-21", "2026-11-21T09:50Z", "2026-13-21T09:50:48Z", "2026-02-29T09:50:48Z",
            "2026-11-21T24:50:48Z",
            "2026-11-21T09:50:48", "2026-11-21T09:50:48.Z", "2026-11-21T09:50:48Zz", "2026-11-21T09:50:48+2:00",
            "99999-01-01T00:00:00Z",
        ])
    func noTimes(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test("A time that is written is read as the same")
    func roundTrip() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            let moment = RFC3339.Moment(
                seconds: Int64.random(in: -62_135_596_800...253_402_300_799, using: &random),
                microseconds: Int.random(in: 0...999_999, using: &random))
            #expect(RFC3339.parse(RFC3339.formatMicroseconds(moment)) == moment)
        }
        #expect(RFC3339.format(1_795_254_648) == "2026-11-21T09:50:48Z")
        #expect(RFC3339.format(.max) == "9999-12-31T23:59:59Z")
        #expect(RFC3339.format(.min).hasPrefix("0000-"))
    }

    @Test(
        "Servers' URLs",
        arguments: [
            ("https://a", "https://a:443"), ("HTTP://A:8080/", "http://A:8080"), ("a:6443", "https://a:6443"),
            ("https://a.b:1/c/d//", "https://a.b:1/c/d"), ("https://a:", "https://a:443"),
        ])
    func urls(text: String, description: String) throws {
        #expect(try ServerURL(text, assumesTLS: true).description == description)
    }

    @Test(
        "What is no server's URL",
        arguments: [
            "", "https://", "https://:1", "https://a:0", "https://a:x", "https://[::1", "https://[::1]x", "https://::1",
            "https://u@a", "https://a/?b", "https://a#b", "https://a b", "https://ä", "https://a\n",
        ])
    func noURLs(text: String) {
        #expect(throws: ServerURL.Problem.self) { try ServerURL(text, assumesTLS: true) }
    }
}
