import NIOCore
import NIOEmbedded
import Testing

@testable import WebhookServer

struct RequestTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var request: String
        var status: Int
        /// Whether the connection goes on after the answer.
        var goesOn: Bool
        /// Something the answer has to say.
        var says: String

        init(_ name: String, _ request: String, _ status: Int, goesOn: Bool = false, says: String = "") {
            self.name = name
            self.request = request
            self.status = status
            self.goesOn = goesOn
            self.says = says
        }

        var testDescription: String { self.name }
    }

    static let json = "Content-Type: application/json\r\n"

    static let accepted: [Case] = [
        Case("validate", post("x"), 200, goesOn: true, says: "Content-Type: application/json\r\n"),
        Case("mutate", post("x", path: "/mutate"), 200, goesOn: true),
        Case("empty body", post(""), 200, goesOn: true),
        Case("date", post("x"), 200, goesOn: true, says: "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
        Case("absolute form", post("x", path: "http://gate.example/validate?timeout=1s"), 200, goesOn: true),
        Case(
            "absolute form, scheme in capitals", post("x", path: "HTTPS://gate.example:8443/mutate"), 200, goesOn: true),
        Case("service refuses", post("broken"), 400, goesOn: true, says: "not an AdmissionReview"),
        Case(
            "media type with parameters",
            "POST /validate HTTP/1.1\r\nHost: a\r\nCONTENT-TYPE: Application/JSON ; charset=utf-8\r\nContent-Length: 1\r\n\r\nx",
            200, goesOn: true),
        Case(
            "blanks around a length",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: \t 1  \r\n\r\nx", 200, goesOn: true),
        Case("identity encoding", post("x", fields: "Content-Encoding: identity\r\n"), 200, goesOn: true),
        Case("client closes", post("x", fields: "Connection: close\r\n"), 200, says: "Connection: close\r\n"),
        Case(
            "HTTP/1.0", "POST /validate HTTP/1.0\r\n\(json)Content-Length: 1\r\n\r\nx", 200,
            says: "Connection: close\r\n"),
        Case(
            "HTTP/1.0 keep-alive",
            "POST /validate HTTP/1.0\r\nConnection: Keep-Alive\r\n\(json)Content-Length: 1\r\n\r\nx", 200, goesOn: true,
            says: "Connection: keep-alive\r\n"),
        Case(
            "chunked",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: chunked\r\n\r\n2;ext=1\r\nab\r\n1\r\nc\r\n0\r\nTrailer: x\r\n\r\n",
            200, goesOn: true, says: "{\"echo\":\"abc\"}"),
        Case(
            "offers an upgrade", post("x", fields: "Connection: Upgrade\r\nUpgrade: h2c\r\n"), 200,
            says: "Connection: close\r\n"),
    ]

    static let refused: [Case] = [
        Case("unknown path, no body", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 404, goesOn: true),
        Case("unknown path, body", post("x", path: "/validate/"), 404),
        Case("path of another port", "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 404, goesOn: true),
        Case(
            "GET", "GET /validate HTTP/1.1\r\nHost: a\r\n\r\n", 405, goesOn: true, says: "Allow: POST\r\n"),
        Case(
            "PUT with a body", "PUT /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 405, says: "Allow: POST"
        ),
        Case("CONNECT", "CONNECT gate:443 HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        Case("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 404, goesOn: true),
        Case("no content type", "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 415),
        Case(
            "YAML",
            "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/yaml\r\nContent-Length: 1\r\n\r\nx",
            415, says: "application/json"),
        Case(
            "media type with a tail",
            "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/jsonx\r\nContent-Length: 1\r\n\r\nx", 415),
        Case(
            "two content types", post("x", fields: "Content-Type: application/json\r\n"), 415),
        Case("compressed", post("x", fields: "Content-Encoding: gzip\r\n"), 415, says: "uncompressed"),
        Case(
            "length over the limit",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: \(7 * 1024 * 1024 + 1)\r\n\r\n", 413,
            says: "7340032"),
        Case("unknown expectation", post("x", fields: "Expect: 200-maybe\r\n"), 417),
        Case("no host", "POST /validate HTTP/1.1\r\n\(json)Content-Length: 1\r\n\r\nx", 400, says: "Host"),
        Case("two hosts", post("x", fields: "Host: b\r\n"), 400, says: "Host"),
        Case("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, says: "HTTP/1.1"),
        Case("HTTP/0.9", "GET /validate HTTP/0.9\r\n\r\n", 505),
        Case("garbage", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}", 400),
        Case("no version", "POST /validate\r\nHost: a\r\n\r\n", 505),
        Case("lower-case method", "post /validate HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        Case("space before colon", post("x", fields: "Content-Length : 1\r\n"), 400),
        Case("space in a name", post("x", fields: "Bad Name: 1\r\n"), 400),
        Case("NUL in a value", post("x", fields: "X: a\u{0}b\r\n"), 400),
        Case("folded field", post("x", fields: "X: a\r\n b\r\n"), 400),
        Case("empty name", post("x", fields: ": a\r\n"), 400),
        Case("negative length", "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: -1\r\n\r\n", 400),
        Case("length with a sign", "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: +1\r\n\r\nx", 400),
        Case("hexadecimal length", "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: 0x1\r\n\r\nx", 400),
        Case("blank within a length", "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: 1 1\r\n\r\nx", 400),
        Case("list of lengths", "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: 1, 1\r\n\r\nx", 400),
        Case(
            "length beyond 64 bits",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: 99999999999999999999\r\n\r\n", 400),
        Case(
            "two lengths",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400),
        Case(
            "length and chunked",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400),
        Case(
            "chunked and length",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            400),
        Case(
            "chunked in HTTP/1.0",
            "POST /validate HTTP/1.0\r\n\(json)Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        Case(
            "gzip and chunked",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        Case(
            "chunked twice",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400),
        Case(
            "not chunked at the end",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
        Case(
            "obscured chunked",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        Case(
            "bad chunk size",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        Case(
            "chunk without its end",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", 400),
        Case(
            "chunk size beyond 64 bits",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400),
        Case("long field", post("x", fields: "X: \(String(repeating: "a", count: 9_000))\r\n"), 431),
        Case("long target", post("x", path: "/\(String(repeating: "a", count: 9_000))"), 431),
        Case(
            "large block",
            post("x", fields: (0..<5).map { "X\($0): \(String(repeating: "a", count: 4_000))\r\n" }.joined()), 431),
        Case("many fields", post("x", fields: String(repeating: "A: b\r\n", count: 65)), 431),
        Case(
            "many trailers",
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(json)Transfer-Encoding: chunked\r\n\r\n0\r\n"
                + String(repeating: "A: b\r\n", count: 65) + "\r\n", 431),
    ]

    @Test("One request, one answer", arguments: accepted + refused)
    func answer(_ expected: Case) throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        let answer = connection.send(expected.request)
        #expect(statuses(answer) == [expected.status], "\(answer)")
        #expect(answer.contains(expected.says), "\(answer)")
        #expect(connection.isOutputClosed == !expected.goesOn)
        #expect(answer.contains("Connection: close\r\n") == !expected.goesOn)
        #expect(!answer.contains("Retry-After"))
        #expect(server.counts.value.statuses.map(\.rawValue) == [expected.status])
        if expected.goesOn {
            #expect(echoes(connection.send(post("again"))) == ["again"])
        } else {
            // Nothing that follows is taken for a request.
            #expect(connection.send(post("smuggled")) == "")
        }
        #expect(!server.admission.calls.contains { $0.body.contains("smuggled") })
    }

    @Test("Byte by byte, the answer is the same", arguments: accepted + refused)
    func dripped(_ expected: Case) throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        var answer = ""
        for byte in expected.request.utf8 where connection.isOpen {
            answer += connection.send(ByteBuffer(bytes: [byte]))
        }
        #expect(statuses(answer) == [expected.status], "\(answer)")
    }

    @Test("A body in two parts, split at every byte, chunked or not")
    func splits() throws {
        let bodies = [
            post("abcdef"),
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(RequestTests.json)Transfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n003\r\ndef\r\n0\r\n\r\n",
        ]
        for request in bodies {
            let bytes = Array((request + request).utf8)
            for split in 1..<bytes.count {
                let server = EmbeddedServer()
                let connection = try server.connect()
                var answer = connection.send(ByteBuffer(bytes: bytes[..<split]))
                answer += connection.send(ByteBuffer(bytes: bytes[split...]))
                #expect(echoes(answer) == ["abcdef", "abcdef"], "split at \(split)")
            }
        }
    }

    @Test("The largest body passes, one byte more does not, announced or chunked", arguments: [0, 1])
    func bodyLimit(excess: Int) throws {
        let size = 7 * 1024 * 1024 + excess
        let part = String(repeating: "a", count: 65_536)
        let server = EmbeddedServer()
        let connection = try server.connect()
        var answer = connection.send(
            "POST /validate HTTP/1.1\r\nHost: a\r\n\(RequestTests.json)Transfer-Encoding: chunked\r\n\r\n")
        var left = size
        while left > 0, answer.isEmpty {
            let count = min(left, part.utf8.count)
            answer += connection.send("\(String(count, radix: 16))\r\n\(part.prefix(count))\r\n")
            left -= count
        }
        if answer.isEmpty { answer += connection.send("0\r\n\r\n") }
        #expect(statuses(answer) == [excess == 0 ? 200 : 413])
        #expect(server.admission.calls.map(\.body.utf8.count) == (excess == 0 ? [size] : []))
    }

    @Test("Expect: 100-continue is answered before the body is sent, and not after a refusal")
    func expectContinue() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        let head = "POST /validate HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n"
        #expect(connection.send(head + "\(RequestTests.json)\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(statuses(connection.send("ab")) == [200])
        #expect(statuses(connection.send(head + "\r\n")) == [415])
        #expect(connection.isOutputClosed)
    }

    @Test("HTTP/1.0 knows no 100-continue")
    func expectInHTTP10() throws {
        let connection = try EmbeddedServer().connect()
        let head = "POST /validate HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\(RequestTests.json)\r\n"
        #expect(connection.send(head) == "")
        #expect(statuses(connection.send("ab")) == [200])
    }

    @Test(
        "The deadline is the query's timeout, in its range, less a margin",
        arguments: [
            ("", 9_000), ("?timeout=10s", 9_000), ("?timeout=2s", 1_800), ("?timeout=1s", 800),
            ("?timeout=0s", 800), ("?timeout=30s", 27_000), ("?timeout=3600s", 27_000),
            ("?a=b&timeout=5s&c", 4_500), ("?timeout=", 9_000), ("?timeout=soon", 9_000), ("?timeout=-5s", 9_000),
            ("?timeout=99999999999999999999s", 9_000), ("?timeouts=5s", 9_000), ("?timeout=5s#x", 4_500),
        ])
    func deadline(query: String, milliseconds: Int64) throws {
        let server = EmbeddedServer()
        server.advance(.seconds(5))
        let connection = try server.connect()
        connection.send(post("x", path: "/mutate\(query)"))
        let call = try #require(server.admission.calls.first)
        #expect(call.endpoint == .mutate)
        #expect(call.deadline - server.eventLoop.now == .milliseconds(milliseconds))
    }
}
