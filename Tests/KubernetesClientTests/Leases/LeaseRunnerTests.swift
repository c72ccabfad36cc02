import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import KubernetesClient

/// An API server with one Lease.
private final class LeaseServer: Sendable {
    private struct State {
        var lease: StoredLease?
        var version = 0
        var isDown = false
    }

    private let state = Mutex(State())

    var holder: String? { state.withLock { $0.lease?.record.holder } }
    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    var transport: ScriptedTransport { ScriptedTransport(then: .handle { self.answer($0) }) }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        state.withLock { state in
            if state.isDown { return .refusal(500, "InternalError", "down") }
            let sent = request.body.flatMap { StoredLease($0) }
            switch request.method {
            case .GET:
                guard let lease = state.lease else { return .refusal(404, "NotFound", "no lease") }
                return Self.response(lease)
            case .POST, .PUT:
                guard let sent else { return .refusal(400, "BadRequest", "no lease") }
                if request.method == .POST, state.lease != nil { return .refusal(409, "AlreadyExists", "there is one") }
                if request.method == .PUT, state.lease?.metadata != sent.metadata {
                    return .refusal(409, "Conflict", "changed")
                }
                state.version += 1
                let metadata = #"{"name":"l","labels":{"kept":"yes"},"resourceVersion":"\#(state.version)"}"#
                let lease = StoredLease(record: sent.record, metadata: Array(metadata.utf8))
                state.lease = lease
                return Self.response(lease)
            default: return .refusal(405, "MethodNotAllowed", "no")
            }
        }
    }

    private static func response(_ lease: StoredLease) -> HTTPResponse {
        .json(String(buffer: lease.record.body(metadata: lease.metadata)))
    }
}

@Suite("Leader election, run", .timeLimit(.minutes(3)))
struct LeaseRunnerTests {
    /// Real time; what is waited for are events. A lead lasts so long that no busy machine lets it lapse, but where its
    /// lapse is what is tested.
    private func runner(
        _ identity: String, _ server: LeaseServer, renewDeadline: TimeAmount = .seconds(40),
        _ report: @escaping @Sendable (LeaseRunner.Change) -> Void
    ) -> LeaseRunner {
        LeaseRunner(
            api: KubernetesAPI(transport: server.transport, credentials: FixedCredential()), namespace: "n", name: "l",
            settings: LeaderElection.Settings(
                identity: identity, leaseDuration: renewDeadline * 2, renewDeadline: renewDeadline,
                retryPeriod: .milliseconds(50)),
            wallClock: { RFC3339.Moment(seconds: 0) }, report: report)
    }

    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    @Test("One works; when it is told to stop, its work ends first, then the lease is given back, and the other works")
    func handover() async throws {
        let server = LeaseServer()
        let log = Log()
        func start(_ identity: String) -> Task<Void, Never> {
            let runner = runner(identity, server) { change in
                switch change {
                case .elected: log.add("\(identity) elected")
                case .lost: log.add("\(identity) lost")
                case .released: log.add("\(identity) released")
                case .observed, .failed: break
                }
            }
            return Task {
                await runner.run {
                    log.add("\(identity) begins")
                    try? await Task.sleep(for: .seconds(600))
                    log.add("\(identity) ends")
                }
            }
        }
        let a = start("a")
        try await wait(for: "the first to work") { log.all.contains("a begins") ? nil : "\(log.all)" }
        let b = start("b")
        try await Task.sleep(for: .milliseconds(120))
        #expect(log.all == ["a elected", "a begins"])
        a.cancel()
        await a.value
        #expect(log.all.prefix(4) == ["a elected", "a begins", "a ends", "a released"])
        try await wait(for: "the second to work") { log.all.contains("b begins") ? nil : "\(log.all)" }
        #expect(server.holder == "b")
        b.cancel()
        await b.value
        #expect(server.holder == "")
    }

    @Test("When the server is gone for too long the work is stopped, and begins again when it is back")
    func outage() async throws {
        let server = LeaseServer()
        let log = Log()
        let runner = runner("a", server, renewDeadline: .seconds(2)) { change in
            if case .failed = change { return }
            log.add("\(change)")
        }
        let task = Task {
            await runner.run {
                log.add("begins")
                try? await Task.sleep(for: .seconds(600))
                log.add("ends")
            }
        }
        try await wait(for: "the work") { log.all.contains("begins") ? nil : "\(log.all)" }
        server.setDown(true)
        try await wait(for: "its end") { log.all.contains("ends") ? nil : "\(log.all)" }
        #expect(log.all == ["elected", "begins", "lost", "ends"])
        server.setDown(false)
        try await wait(for: "its second start") { log.all.count { $0 == "begins" } == 2 ? nil : "\(log.all)" }
        task.cancel()
        await task.value
    }

    @Test("Work that is done ends the run, and the lease is given back")
    func done() async {
        let server = LeaseServer()
        let log = Log()
        await runner("a", server) { log.add("\($0)") }.run { log.add("work") }
        #expect(log.all == ["elected", "work", "released"])
        #expect(server.holder == "")
    }

    @Test("What others wrote into the lease's metadata stays")
    func metadata() throws {
        let body = ByteBuffer(
            string: #"{"kind":"Lease","metadata":{"name":"l","labels":{"a":"b"},"resourceVersion":"5"},"spec":"#
                + #"{"holderIdentity":"x","leaseDurationSeconds":15,"leaseTransitions":2,"renewTime":"2026-11-21T09:50:48.000001Z"}}"#
        )
        let lease = try #require(StoredLease(body))
        #expect(
            lease.record
                == LeaseRecord(
                    holder: "x", durationSeconds: 15,
                    renewed: RFC3339.Moment(seconds: 1_795_254_648, microseconds: 1), transitions: 2))
        let again = try #require(StoredLease(lease.record.body(metadata: lease.metadata)))
        #expect(again == lease)
        #expect(StoredLease(ByteBuffer(string: "{}")) == nil)
    }
}
