import NIOCore
import Testing

@testable import WebhookServer

struct IntakeTests {
    // MARK: - What is plain

    private static func head(_ text: String, _ adjust: (inout HTTPLimits) -> Void = { _ in }) -> PlainRequestHead? {
        var limits = HTTPLimits.webhook
        adjust(&limits)
        return Array(text.utf8).withUnsafeBytes { PlainRequestHead($0, limits: limits) }
    }

    /// As Go's client of an API server writes it.
    private static let review =
        "POST /mutate?timeout=10s HTTP/1.1\r\nHost: tallygate.tallygate.svc:443\r\nUser-Agent: kube-apiserver-admission\r\n"
        + "Content-Length: 4800\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\n"
        + "Authorization: Bearer abc\r\nTraceparent: 00-1-2-01\r\nAccept-Encoding: gzip\r\n\r\n"

    @Test("A review as an API server sends it is plain")
    func apiServer() throws {
        let head = try #require(IntakeTests.head(IntakeTests.review + "{"))
        #expect(head.method == .post)
        #expect(Array(IntakeTests.review.utf8)[head.target] == Array("/mutate?timeout=10s".utf8)[...])
        #expect(head.contentLength == 4_800)
        #expect(head.isJSON)
        #expect(head.length == IntakeTests.review.utf8.count)
    }

    @Test("So is a probe")
    func probe() throws {
        let text = "GET /readyz HTTP/1.1\r\nHost: 10.0.0.1:8080\r\nUser-Agent: kube-probe/1.33\r\nAccept: */*\r\n\r\n"
        let head = try #require(IntakeTests.head(text))
        #expect(head.method == .get && head.contentLength == nil && !head.isJSON && head.length == text.utf8.count)
    }

    @Test("A head that has not come whole is not")
    func parts() {
        let bytes = Array(IntakeTests.review.utf8)
        for count in bytes.indices {
            let head = bytes[..<count].withUnsafeBytes { PlainRequestHead($0, limits: .webhook) }
            #expect(head == nil, "\(count) bytes")
        }
    }

    @Test(
        "What the decoder has to judge is not plain",
        arguments: [
            "PUT /mutate HTTP/1.1\r\nHost: a\r\n\r\n", "post /mutate HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST  /mutate HTTP/1.1\r\nHost: a\r\n\r\n", "POST /mutate  HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST mutate HTTP/1.1\r\nHost: a\r\n\r\n", "POST * HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /mu#tate HTTP/1.1\r\nHost: a\r\n\r\n", "POST /mu\"tate HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /mutate HTTP/1.0\r\nHost: a\r\n\r\n", "POST /mutate HTTP/1.1\nHost: a\r\n\r\n",
            "POST /mutate HTTP/1.1\r\nHost: a\n\r\n", "POST /mutate HTTP/1.1\r\nHost: a\r\n\n",
            "POST /mutate HTTP/1.1\r\n\r\n", "POST /mutate HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "\r\nPOST /mutate HTTP/1.1\r\nHost: a\r\n\r\n", "POST /mutate HTTP/1.1\r\n Host: a\r\n\r\n",
        ]
            + [
                "Connection: close", "Connection: keep-alive", "Expect: 100-continue", "Upgrade: h2c",
                "Transfer-Encoding: chunked", "Content-Encoding: identity", "Proxy-Connection: close", "X: a",
                "Content-Length: +1", "Content-Length: 01", "Content-Length: ", "Content-Length: 1, 1",
                "Content-Length: 1 ", "Content-Length: 99999999999999999999", "Content-Length : 1",
                "Content-Length: 1\r\nContent-Length: 1", "Content-Type: application/yaml",
                "Content-Type: application/json; charset=utf-8",
                "Content-Type: application/json\r\nContent-Type: application/json", "Accept: a\r\n b", "Accept: a\tb",
                "Accept: a\rb", "Accept: a\u{0}b", "Accept: é", "Accept", ": a", "Acc ept: a",
            ].map { "POST /mutate HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n" })
    func unusual(text: String) {
        #expect(IntakeTests.head(text) == nil)
    }

    @Test("Nor is what comes near a limit")
    func limits() {
        let text =
            "GET /\(String(repeating: "a", count: 50)) HTTP/1.1\r\nHost: \(String(repeating: "b", count: 40))\r\n\r\n"
        #expect(IntakeTests.head(text) != nil)
        #expect(IntakeTests.head(text) { $0.headerBytes = text.utf8.count } != nil)
        #expect(IntakeTests.head(text) { $0.headerBytes = text.utf8.count - 1 } == nil)
        #expect(IntakeTests.head(text) { $0.headerFieldBytes = 51 } != nil)
        #expect(IntakeTests.head(text) { $0.headerFieldBytes = 50 } == nil)
        #expect(IntakeTests.head(text) { $0.headerFieldBytes = 45 } == nil)
        let fields = "GET / HTTP/1.1\r\nHost: a\r\nAccept: a\r\nAccept: b\r\n\r\n"
        #expect(IntakeTests.head(fields) { $0.headerFields = 3 } != nil)
        #expect(IntakeTests.head(fields) { $0.headerFields = 2 } == nil)
    }

    // MARK: - Beside the decoder

    /// What a client sees, and what was decided.
    private struct Seen: Equatable {
        var answer: String
        var isOutputClosed: Bool
        var bodies: [String]
        var statuses: [Int]
    }

    /// - Parameter parts: one for each read. A head that comes in two goes through the decoder, and all after it.
    private static func serve(_ parts: [[UInt8]]) throws -> Seen {
        let server = EmbeddedServer { $0.pipelinedRequests = 3 }
        let connection = try server.connect()
        var answer = ""
        for part in parts where connection.isOpen { answer += connection.send(ByteBuffer(bytes: part)) }
        for promise in server.admission.pending { promise.succeed(ScriptedAdmission.reply("{\"echo\":\"later\"}")) }
        answer += connection.received()
        return Seen(
            answer: answer, isOutputClosed: connection.isOutputClosed, bodies: server.admission.calls.map(\.body),
            statuses: server.counts.value.statuses.map(\.rawValue))
    }

    @Test("Every request is answered as by way of the decoder", arguments: RequestTests.accepted + RequestTests.refused)
    func likeDecoder(_ expected: RequestTests.Case) throws {
        let bytes = Array((expected.request + post("again")).utf8)
        let plain = try IntakeTests.serve([bytes])
        #expect(try IntakeTests.serve([Array(bytes.prefix(1)), Array(bytes.dropFirst())]) == plain)
        // A request before it that leaves the intake between two heads.
        let first = Array(post("first", path: "/mutate").utf8)
        #expect(try IntakeTests.serve([first, bytes]).answer.hasSuffix(plain.answer))
    }

    @Test("So are mutated requests, one behind the other", arguments: 0..<4 as Range<UInt64>)
    func mutatedLikeDecoder(seed: UInt64) throws {
        var generator = MutationTests.Generator(state: seed &+ 1_000)
        for _ in 0..<400 {
            let plain = Bool.random(using: &generator) ? Array(post("plain", path: "/mutate").utf8) : []
            let bytes = plain + MutationTests.mutated(&generator)
            let whole = try IntakeTests.serve([bytes])
            let decoded = try IntakeTests.serve([Array(bytes.prefix(1)), Array(bytes.dropFirst())])
            #expect(whole == decoded, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    @Test("A body in many reads is one body, whatever the intake")
    func manyReads() throws {
        let count = 1_000
        let body = String((0..<count).map { Character(Unicode.Scalar(UInt8(0x61 + $0 % 26))) })
        let request = post(body) + post("next")
        for size in [1, 7, 100, 600] {
            let bytes = Array(request.utf8)
            let head = request.utf8.count - body.utf8.count - post("next").utf8.count
            var parts = [Array(bytes[..<(head + 1)])]
            var rest = bytes[(head + 1)...]
            while !rest.isEmpty {
                parts.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(try IntakeTests.serve(parts).bodies == [body, "next"], "\(size) bytes at a time")
        }
    }
}
