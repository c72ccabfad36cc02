import Admission
import GateCache
import KubernetesModel
import LabelPolicy
import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport
import Testing

/// An API server that answers look-ups as a test says, or not at all.
private final class ScriptedServer: Sendable {
    private struct State {
        var answers: [Lookup: LookupAnswer]
        var asked: [Lookup] = []
        var held: [Lookup: [CheckedContinuation<LookupAnswer, Never>]] = [:]
    }

    private let state: Mutex<State>

    /// What is not among the answers is never answered, until it is released.
    init(_ answers: [Lookup: LookupAnswer]) { state = Mutex(State(answers: answers)) }

    var asked: [Lookup] { state.withLock { $0.asked } }

    func read(_ lookup: Lookup) async -> LookupAnswer {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> LookupAnswer? in
                state.asked.append(lookup)
                if let answer = state.answers[lookup] { return answer }
                state.held[lookup, default: []].append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    func release(_ lookup: Lookup, _ answer: LookupAnswer) {
        let held = state.withLock { $0.held.removeValue(forKey: lookup) ?? [] }
        for continuation in held { continuation.resume(returning: answer) }
    }
}

/// Facts of which nothing is at hand.
private struct NothingCached: ClusterFacts {
    let suppliesOwners = true
    func namespace(_ name: String, for evaluator: Evaluator) -> NamespaceFact { .missing }
    func owner(_ key: OwnerKey, for evaluator: Evaluator) -> OwnerFact { .missing }
}

/// The service's way from a miss to the answer.
@Suite struct ReviewSettlingTests {
    private static let gate = AdmissionGate(
        policy: Policy(
            name: "team-only", mode: .enforce,
            labels: [LabelRule(key: "team", level: .required, defaultFrom: [.owner, .namespace])]),
        catalogue: .builtin)

    private static func labels(_ labels: [String: String]) -> ObservedLabels { gate.evaluator.observe(labels) }

    private static func key(_ kind: String, _ name: String, _ uid: String) -> OwnerKey {
        OwnerKey(kind: GroupKind(group: "apps", kind: kind), namespace: "ml", name: name, uid: OwnerUID(uid))
    }

    private static let replicaSet = key("ReplicaSet", "web-6c9f", "rs-1")
    private static let deployment = key("Deployment", "web", "d-1")
    private static let pod = ReviewBuilder.pod(ManifestText.pod([:], metadata: ManifestText.owner()))
        .by(ReviewBuilder.replicaSetController)

    private static func undecided(_ review: ReviewBuilder) throws -> AdmissionGate.Undecided? {
        let body = Array(review.json.utf8)
        let step = try body.withUnsafeBytes {
            try gate.begin($0, .validating, facts: NothingCached(), at: .on("2026-06-15"))
        }
        guard case .lacks(let undecided) = step else { return nil }
        return undecided
    }

    private static func settle(
        _ lookups: LiveLookups, _ undecided: AdmissionGate.Undecided, on loop: NIOAsyncTestingEventLoop
    ) -> EventLoopFuture<AdmissionGate.Answer> {
        ReviewSettling(gate, lookups: lookups, now: { .on("2026-06-15") })
            .settle(undecided, facts: NothingCached(), by: loop.now + .seconds(1), on: loop)
    }

    /// Each look-up once, in rounds, and the answer is that of a gate that knew all along.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            (["team": "a"], [:], Decision.Outcome.warned), ([:], ["team": "b"], .warned), ([:], [:], .warned),
        ])
    func rounds(above: [String: String], namespace: [String: String], outcome: Decision.Outcome) async throws {
        let server = ScriptedServer([
            .namespace("ml"): .namespace(Self.labels(namespace)),
            .owner(Self.replicaSet): .owner(KnownOwner(labels: Self.labels([:]), controller: Self.deployment)),
            .owner(Self.deployment): .owner(KnownOwner(labels: Self.labels(above), controller: nil)),
        ])
        let loop = NIOAsyncTestingEventLoop()
        let lookups = LiveLookups { await server.read($0) }
        let undecided = try #require(try Self.undecided(Self.pod))
        let answer = try await Self.settle(lookups, undecided, on: loop).get()
        #expect(answer.decision.outcome == outcome)
        #expect(answer.decision.record.gaps.isEmpty == !(above.isEmpty && namespace.isEmpty))
        #expect(Set(server.asked) == [.namespace("ml"), .owner(Self.replicaSet), .owner(Self.deployment)])
        #expect(server.asked.count == 3)
        // The next Pod of the rollout asks for nothing.
        _ = try await Self.settle(lookups, undecided, on: loop).get()
        #expect(server.asked.count == 3)
        await loop.shutdownGracefully()
    }

    /// What is not answered by the deadline is not waited for, and what was answered counts.
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func deadline(namespaceAnswers: Bool) async throws {
        let server = ScriptedServer(namespaceAnswers ? [.namespace("ml"): .namespace(Self.labels([:]))] : [:])
        let loop = NIOAsyncTestingEventLoop()
        let lookups = LiveLookups { await server.read($0) }
        let undecided = try #require(try Self.undecided(Self.pod))
        let future = Self.settle(lookups, undecided, on: loop)
        while server.asked.count < 2 { await Task.yield() }
        await loop.advanceTime(by: .milliseconds(999))
        #expect(await Fulfilled([future]).count(on: loop) == 0)
        await loop.advanceTime(by: .milliseconds(1))
        let answer = try await future.get()
        #expect(answer.decision.outcome == .unknown)
        #expect(
            answer.decision.warnings == [
                "\(namespaceAnswers ? "ReplicaSet/web-6c9f" : "namespace ml") could not be read, "
                    + "so its cost labels were not judged"
            ])
        // A late answer serves the next who asks.
        server.release(.namespace("ml"), .namespace(Self.labels(["team": "a"])))
        server.release(.owner(Self.replicaSet), .absent)
        let next = try #require(try Self.undecided(.deployment(ManifestText.deployment([:]))))
        let known = try await Self.settle(lookups, next, on: loop).get()
        #expect(namespaceAnswers || known.decision.outcome == .allowed)
        await loop.shutdownGracefully()
    }

    /// What came of an answer that says little.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            // The reference proves nothing, so the Pod is judged by itself.
            (LookupAnswer.absent, Decision.Outcome.denied),
            // Kubernetes' own controllers are believed where the kind cannot be read.
            (.forbidden, .warned), (.unanswered, .unknown),
        ])
    func poorAnswers(answer: LookupAnswer, outcome: Decision.Outcome) async throws {
        let server = ScriptedServer([
            .namespace("ml"): .namespace(Self.labels([:])), .owner(Self.replicaSet): answer,
        ])
        let loop = NIOAsyncTestingEventLoop()
        let undecided = try #require(try Self.undecided(Self.pod))
        let settled = try await Self.settle(LiveLookups { await server.read($0) }, undecided, on: loop).get()
        #expect(settled.decision.outcome == outcome)
        await loop.shutdownGracefully()
    }

    /// A flood of references that operators' accounts make up: the server is asked within the limits, and the rest is
    /// answered at once.
    @Test(.timeLimit(.minutes(1))) func flood() async throws {
        var limits = LookupLimits()
        limits.concurrent = 4
        limits.waiting = 8
        limits.burst = 20
        let server = ScriptedServer([.namespace("ml"): .namespace(Self.labels([:]))])
        let loop = NIOAsyncTestingEventLoop()
        let lookups = LiveLookups(limits: limits) { await server.read($0) }
        var futures: [EventLoopFuture<LookupAnswer>] = []
        for index in 0..<1_000 {
            let owner = Self.key("ReplicaSet", "forged", "forged-\(index)")
            futures.append(lookups.find(.owner(owner), by: loop.now + .seconds(1), on: loop))
        }
        #expect(await Fulfilled(futures).count(on: loop) == 1_000 - 12)
        await loop.advanceTime(by: .seconds(1))
        for future in futures { #expect(try await future.get() == .unanswered) }
        while server.asked.count < 4 { await Task.yield() }
        #expect(server.asked.count == 4)
        for owner in server.asked { server.release(owner, .absent) }
        await loop.shutdownGracefully()
    }
}

/// Counts futures that have their value.
private final class Fulfilled: Sendable {
    private let count = Mutex(0)

    init(_ futures: [EventLoopFuture<some Sendable>]) {
        for future in futures { future.whenComplete { _ in self.count.withLock { $0 += 1 } } }
    }

    /// Once the loop has done what it has to do.
    func count(on loop: NIOAsyncTestingEventLoop) async -> Int {
        await loop.run()
        return count.withLock { $0 }
    }
}
