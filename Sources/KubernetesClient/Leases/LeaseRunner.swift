import NIOCore
import Synchronization

/// Takes part in an election for as long as it runs, and does the work while it is won.
package struct LeaseRunner: Sendable {
    /// What is worth a log line.
    package enum Change: Sendable, Hashable {
        case elected
        /// Renewals failed for too long, or somebody else holds the lease.
        case lost
        case observed(holder: String)
        case failed(APIError)
        case released
    }

    /// One call's share of the time limit for renewals: a server that hangs must leave time for a second try.
    private static let callTimeout = TimeAmount.seconds(4)
    /// For giving the lease back. Whoever waits for the end of this process does not wait for longer.
    private static let releaseTimeout = TimeAmount.seconds(2)

    private let api: KubernetesAPI
    private let lease: ObjectReference
    private let settings: LeaderElection.Settings
    private let owner: OwnerFinder?
    private let timing: APITiming
    private let wallClock: @Sendable () -> RFC3339.Moment
    private let report: @Sendable (Change) -> Void

    /// - Parameters:
    ///   - owner: with whom a Lease that is made here ends; nil: with nobody.
    ///   - wallClock: written into the lease, for people.
    ///   - report: called with each change, from the task that runs the election.
    package init(
        api: KubernetesAPI, namespace: String, name: String, settings: LeaderElection.Settings,
        owner: OwnerFinder? = nil, timing: APITiming = .system, wallClock: @escaping @Sendable () -> RFC3339.Moment,
        report: @escaping @Sendable (Change) -> Void
    ) {
        self.api = api
        lease = ObjectReference(.leases, namespace: namespace, name: name)
        self.settings = settings
        self.owner = owner
        self.timing = timing
        self.wallClock = wallClock
        self.report = report
    }

    /// Runs until its task is cancelled or the work is done. Then the work is ended first, and the lease released after
    /// it, so that no two lead.
    ///
    /// - Parameter work: runs while this process leads, each time from its start; it is cancelled when the lease is
    ///   lost and should end promptly then: another leader may begin a few seconds later.
    package func run(_ work: @escaping @Sendable () async -> Void) async {
        var machine = LeaderElection(settings, now: timing.now())
        let worker = Worker()
        var holder: String?
        while !Task.isCancelled, !worker.isDone {
            let action = machine.proceed(at: timing.now(), wallClock: wallClock(), fraction: timing.fraction())
            await follow(machine, worker, work)
            await perform(action, &machine, worker)
            await follow(machine, worker, work)
            if let observed = machine.observedHolder, observed != holder {
                holder = observed
                if observed != settings.identity { report(.observed(holder: observed)) }
            }
        }
        await worker.stop()
        await release(machine)
    }

    /// Starts or ends the work.
    private func follow(_ machine: LeaderElection, _ worker: Worker, _ work: @escaping @Sendable () async -> Void) async
    {
        let leads = machine.isLeader(at: timing.now())
        guard leads != worker.isRunning else { return }
        if leads {
            report(.elected)
            worker.start(work)
        } else {
            report(.lost)
            await worker.stop()
        }
    }

    private func perform(_ action: LeaderElection.Action, _ machine: inout LeaderElection, _ worker: Worker) async {
        var next: LeaderElection.Action? = action
        while let action = next {
            if case .wait(let until) = action {
                // A lead that ends meanwhile is noticed in time.
                let bound = min(until, machine.leadsUntil ?? until)
                await worker.sleep(max(.nanoseconds(0), bound - timing.now()), timing)
                return
            }
            guard let outcome = await outcome(of: action, before: machine.leadsUntil) else { return }
            next = machine.received(outcome, at: timing.now(), wallClock: wallClock(), fraction: timing.fraction())
        }
    }

    /// nil: there was nothing to do.
    private func outcome(
        of action: LeaderElection.Action, before limit: NIODeadline?
    ) async -> LeaderElection.Outcome? {
        let bound = timing.now() + Self.callTimeout
        let deadline = limit.map { min($0, bound) } ?? bound
        do throws(APIError) {
            let answer: APIAnswer
            switch action {
            case .wait, .end: return nil
            case .read: answer = try await api.get(lease, deadline: deadline, isRetried: false)
            case .create(let record):
                let metadata = LeaseRecord.metadata(
                    name: lease.name, namespace: lease.namespace ?? "default",
                    owner: await owner?.find(deadline: deadline))
                answer = try await api.create(
                    .leases, namespace: lease.namespace, name: lease.name, body: record.body(metadata: metadata),
                    deadline: deadline)
            case .update(let record, let replaced):
                answer = try await api.update(lease, body: record.body(metadata: replaced.metadata), deadline: deadline)
            }
            guard let stored = StoredLease(answer.body) else {
                throw .malformed(
                    APICall(.get, lease.resource, namespace: lease.namespace, name: lease.name),
                    problem: "it is no Lease")
            }
            if case .read = action { return .found(stored) }
            return .written(stored)
        } catch {
            if error.isConflict { return .conflict }
            if error.isNotFound { return .missing }
            if !Task.isCancelled { report(.failed(error)) }
            return .failed
        }
    }

    /// In a task of its own: this one is cancelled already.
    private func release(_ machine: LeaderElection) async {
        guard machine.leadsUntil != nil else { return }
        let task = Task {
            var machine = machine
            machine.shutDown()
            let action = machine.proceed(at: timing.now(), wallClock: wallClock(), fraction: 0)
            let limit = timing.now() + Self.releaseTimeout
            if case .written? = await outcome(of: action, before: limit) { report(.released) }
        }
        await task.value
    }
}

/// The work, while it is done.
private final class Worker: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var isDone = false
        var sleeper: Task<Void, Never>?
    }

    private let state = Mutex(State())

    var isRunning: Bool { state.withLock { $0.task != nil } }
    /// Whether the work has ended by itself.
    var isDone: Bool { state.withLock { $0.isDone } }

    func start(_ work: @escaping @Sendable () async -> Void) {
        let task = Task { [weak self] in
            await work()
            if !Task.isCancelled { self?.finished() }
        }
        state.withLock { $0.task = task }
    }

    private func finished() {
        state.withLock { state in
            state.isDone = true
            state.sleeper?.cancel()
        }
    }

    func stop() async {
        let task = state.withLock { state in
            defer { state.task = nil }
            return state.task
        }
        task?.cancel()
        await task?.value
    }

    /// Sleeps, until the work is done at most.
    func sleep(_ amount: TimeAmount, _ timing: APITiming) async {
        let sleeper = Task { _ = try? await timing.sleep(amount) }
        let isDone = state.withLock { state in
            state.sleeper = sleeper
            return state.isDone
        }
        if isDone { sleeper.cancel() }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        state.withLock { $0.sleeper = nil }
    }
}
