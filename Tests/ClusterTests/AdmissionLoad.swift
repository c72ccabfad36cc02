import Foundation
import Synchronization
import TestSupport
import Testing

/// Clients that ask for admissions without pause, each on a connection of its own: dry runs of a Pod that the gate
/// completes, so that both webhooks are asked and nothing is stored.
final class AdmissionLoad: Sendable {
    private struct State {
        var answered = 0
        var incomplete = 0
        var failures: [String] = []
        var isStopped = false
    }

    /// Of all clients together; what runs away ends all the same.
    private static let maximumRequests = 100_000
    /// Enough to see what went wrong.
    private static let maximumFailures = 5

    private let state = Mutex(State())
    private let clients = DispatchGroup()
    private let allowsIncomplete: Bool

    /// - Parameter allowsIncomplete: whether Pods that were admitted as they are count in `incomplete` instead of as
    ///   failures.
    init(clients count: Int, on cluster: Cluster, allowsIncomplete: Bool = false) throws {
        self.allowsIncomplete = allowsIncomplete
        let access = try cluster.access()
        for client in 0..<count {
            clients.enter()
            Thread.detachNewThread { [self] in
                run(access, name: "load-\(client)")
                clients.leave()
            }
        }
    }

    /// Asks without pause while `body` runs; every failure counts.
    ///
    /// - Parameter warmUp: admissions before it begins.
    static func run(
        clients: Int, on cluster: Cluster, warmUp: Int, _ body: (AdmissionLoad) async throws -> Void
    ) async throws {
        let load = try AdmissionLoad(clients: clients, on: cluster)
        let outcome: Result<Void, any Error>
        do {
            try await load.more(warmUp, what: "to begin with")
            try await body(load)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await load.stop()
        #expect(load.failures == [])
        try outcome.get()
    }

    /// Admissions so far.
    var answered: Int { state.withLock { $0.answered } }

    /// Pods that were admitted as they are.
    var incomplete: Int { state.withLock { $0.incomplete } }

    /// What was answered otherwise than with a completed Pod.
    var failures: [String] { state.withLock { $0.failures } }

    /// Waits for so many more admissions from now on; throws at the first that fails.
    func more(_ count: Int, what: String) async throws {
        let goal = answered + count
        try await wait(for: "\(count) more admissions (\(what))") {
            let (answered, failures) = state.withLock { ($0.answered, $0.failures) }
            if let failure = failures.first { throw FixtureError("an admission failed (\(what)): \(failure)") }
            return answered >= goal ? nil : "\(answered) of \(goal)"
        }
    }

    /// Ends the clients and waits for them.
    func stop() async {
        state.withLock { $0.isStopped = true }
        await withCheckedContinuation { ended in
            clients.notify(queue: .global()) { ended.resume() }
        }
    }

    private func run(_ access: APIConnection.Access, name: String) {
        do {
            let connection = try APIConnection(access)
            let path = "\(Cluster.Path.pods(Gate.supplied))?dryRun=All"
            let pod = Manifest.pod(name, in: Gate.supplied)
            while !isOver {
                let answer = try connection.send("POST", path, pod, type: "application/json")
                let isComplete = answer.body.contains(#""team":"ml-platform""#)
                if answer.status == 201, !isComplete, allowsIncomplete { state.withLock { $0.incomplete += 1 } }
                note(answer.status == 201 && (isComplete || allowsIncomplete) ? nil : "\(answer)")
            }
        } catch {
            note("client \(name): \(error)")
        }
    }

    private var isOver: Bool {
        state.withLock {
            $0.isStopped || $0.answered >= Self.maximumRequests || $0.failures.count >= Self.maximumFailures
        }
    }

    private func note(_ failure: String?) {
        state.withLock { state in
            state.answered += 1
            if let failure { state.failures.append(failure) }
        }
    }
}
