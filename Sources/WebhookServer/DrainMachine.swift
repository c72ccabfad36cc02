/// The order of a shutdown. No I/O, no clock.
///
///     serving ── shutdown ──▶ draining ── drain time over ──▶ finishing ── all closed, or grace over ──▶ stopped
///
/// While draining, the Pod is not ready any more but the API server's endpoints lag behind, so everything is still
/// served, each answer with `Connection: close`. While finishing, nothing new is accepted and only requests under way
/// go on. Cancellation at any point stops at once.
struct DrainMachine {
    enum Event: Hashable, Sendable {
        case shutdownRequested
        case elapsed(Timer)
        case connectionsClosed
        case cancelled
    }

    enum Timer: Hashable, Sendable {
        case drain
        case grace
    }

    enum Action: Hashable, Sendable {
        /// Readiness fails, and every answer says `Connection: close`.
        case announce
        case start(Timer)
        case stopAccepting
        /// Close idle connections, and report when the last one is gone.
        case finishConnections
        case abortConnections
        case stop
    }

    enum State: Hashable, Sendable {
        case serving
        case draining
        case finishing
        case stopped
    }

    private(set) var state = State.serving

    mutating func handle(_ event: Event) -> [Action] {
        switch (self.state, event) {
        case (.serving, .shutdownRequested):
            self.state = .draining
            return [.announce, .start(.drain)]
        case (.draining, .elapsed(.drain)):
            self.state = .finishing
            return [.stopAccepting, .start(.grace), .finishConnections]
        case (.finishing, .connectionsClosed):
            self.state = .stopped
            return [.stop]
        case (.finishing, .elapsed(.grace)):
            self.state = .stopped
            return [.abortConnections, .stop]
        case (.serving, .cancelled), (.draining, .cancelled), (.finishing, .cancelled):
            self.state = .stopped
            return [.announce, .stopAccepting, .abortConnections, .stop]
        case (.serving, .elapsed), (.serving, .connectionsClosed), (.draining, .shutdownRequested),
            (.draining, .elapsed(.grace)), (.draining, .connectionsClosed), (.finishing, .shutdownRequested),
            (.finishing, .elapsed(.drain)), (.stopped, _):
            return []
        }
    }
}
