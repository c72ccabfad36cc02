import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Lists in pages")
struct ListTests {
    private let time = ScriptedTime()

    private static func page(_ name: String, next: String? = nil) -> ScriptedTransport.Step {
        let rest = next.map { #","continue":"\#($0)","remainingItemCount":7"# } ?? ""
        return .respond(
            .json(
                #"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"\#(rest)},"items":["\#(name)"]}"#
            ))
    }

    private static let gone = ScriptedTransport.Step.respond(.refusal(410, "Expired", "too old"))
    private static func gone(offering token: String) -> ScriptedTransport.Step {
        .respond(.refusal(410, "Expired", "too old", metadata: #"{"continue":"\#(token)"}"#))
    }

    /// What came, and how it ended.
    private func run(_ steps: [ScriptedTransport.Step]) async -> (
        events: [String], end: Result<ListEnd, APIError>, asked: [String]
    ) {
        let transport = ScriptedTransport(steps)
        let api = KubernetesAPI(transport: transport, credentials: FixedCredential(), timing: time.timing)
        var events: [String] = []
        let end: Result<ListEnd, APIError>
        do throws(APIError) {
            end = .success(
                try await api.list(ResourceQuery(.pods), pageSize: 2, deadline: time.now + .seconds(60)) {
                    (event) throws(APIError) in
                    switch event {
                    case .page(let page): events.append(String(String(buffer: page.body).suffix(4).prefix(1)))
                    case .restarted: events.append("restarted")
                    }
                })
        } catch {
            end = .failure(error)
        }
        return (events, end, transport.targets.map { String($0.dropFirst("GET /api/v1/pods?limit=2".count)) })
    }

    @Test("Pages follow each other")
    func pages() async throws {
        let run = await run([Self.page("a", next: "x/"), Self.page("b", next: "y"), Self.page("c")])
        #expect(run.events == ["a", "b", "c"])
        #expect(run.asked == ["", "&continue=x%2F", "&continue=y"])
        #expect(try run.end.get() == ListEnd(resourceVersion: "5", isConsistent: true))
    }

    @Test("A list that has grown too old begins anew, once")
    func restart() async throws {
        let run = await run([
            Self.page("a", next: "x"), Self.gone(offering: "i"), Self.page("a", next: "z"), Self.page("b"),
        ])
        #expect(run.events == ["a", "restarted", "a", "b"])
        #expect(run.asked == ["", "&continue=x", "", "&continue=z"])
        #expect(try run.end.get().isConsistent)
    }

    @Test("The second time it goes on with what the server offers, and says that it is not of one moment")
    func inconsistent() async throws {
        let run = await run([
            Self.page("a", next: "x"), Self.gone, Self.page("a", next: "z"), Self.gone(offering: "i"), Self.page("b"),
        ])
        #expect(run.events == ["a", "restarted", "a", "b"])
        #expect(run.asked == ["", "&continue=x", "", "&continue=z", "&continue=i"])
        #expect(try run.end.get().isConsistent == false)
    }

    @Test("Without an offer, or with the first page too old, it fails")
    func failures() async throws {
        let run = await run([Self.page("a", next: "x"), Self.gone, Self.page("a", next: "z"), Self.gone])
        #expect(throws: APIError.self) { try run.end.get() }
        let first = await self.run([Self.gone])
        #expect(throws: APIError.self) { try first.end.get() }
        #expect(first.asked.count == 1)
    }

    @Test("What is no list is said to be none")
    func malformed() async throws {
        let run = await run([.respond(.json("[]"))])
        guard case .failure(let error) = run.end else {
            Issue.record("it was taken for a list")
            return
        }
        #expect(
            error.description
                == "list pods in all namespaces: the API server's answer cannot be read: it is no list (json)")
    }

    @Test(
        "What a list says beside its items, wherever it stands",
        arguments: [
            (#"{"metadata":{"resourceVersion":"1","continue":"c","remainingItemCount":3},"items":[]}"#, "1", "c", 3),
            (
                #" { "items" : [ { "a" : "}]\"" } , [] , 1 ] , "kind":"x", "metadata" : {"resourceVersion":"2"} }"#,
                "2", nil, nil
            ),
            (#"{"metadata":{"resourceVersion":"3","continue":""},"items":["#, "3", nil, nil),
        ] as [(String, String, String?, Int64?)])
    func json(text: String, version: String, token: String?, remaining: Int64?) {
        #expect(
            ListMetadata(ByteBuffer(string: text), .json)
                == ListMetadata(resourceVersion: version, continueToken: token, remainingItemCount: remaining))
    }

    @Test("Bytes that are cut or mixed up are no list, and harm nobody")
    func hostile() {
        let good = Array(#"{"items":[{"a":"b\"c"}],"metadata":{"resourceVersion":"1"}}"#.utf8)
        // What is read stands before the last bracket.
        for length in 0..<(good.count - 1) {
            #expect(ListMetadata(ByteBuffer(bytes: good.prefix(length)), .json) == nil)
        }
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5_000 {
            var bytes = random.oneIn(2) ? good : KubernetesAPITests.protobufStatus
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            _ = ListMetadata(ByteBuffer(bytes: bytes), random.oneIn(2) ? .json : .protobuf)
        }
    }

    @Test("The envelope of protobuf is opened, fields that nobody asked for are passed over")
    func protobuf() {
        let text = Array("77".utf8)
        let meta: [UInt8] = [0x0A, 0, 0x12, 2] + text + [0x1A, 1, 0x63, 0x20, 9]
        let list: [UInt8] = [0x08, 1, 0x0D, 1, 2, 3, 4, 0x0A, UInt8(meta.count)] + meta + [0x12, 0]
        let body: [UInt8] = [0x6B, 0x38, 0x73, 0, 0x0A, 0, 0x12, UInt8(list.count)] + list
        #expect(
            ListMetadata(ByteBuffer(bytes: body), .protobuf)
                == ListMetadata(resourceVersion: "77", continueToken: "c", remainingItemCount: 9))
        #expect(ListMetadata(ByteBuffer(bytes: list), .protobuf) == nil)
        #expect(ListMetadata(ByteBuffer(bytes: body), .other("text/plain")) == nil)
    }
}
