import NIOCore

/// One connection's exchange of requests and answers, one request at a time, in order. No I/O, no clock.
///
/// What the decoder yields goes in through `receive`; what to do comes out as an action. While an answer is
/// outstanding, or the client does not take what has been written, everything that follows waits in `queue`, and
/// `wantsRead` is false: the queue holds at most the rest of what was read already.
///
///     idle ── head ──▶ receiving ── end ──▶ answering ── answered ──▶ idle
///      │ │                 │                    │
///      │ └─ refused, no body ─▶ ending ─▶ idle  └─ answered, close ─▶ lingering ─▶ closed
///      └─ refused, body ───┴───────────────────────────────────────▶ lingering
struct HTTPExchange<Route: Sendable> {
    /// What the decoder yields.
    enum Part {
        case head(HeadVerdict<Route>)
        case body(ByteBuffer)
        case end
        /// The decoder gave up: nothing after this can be understood.
        case undecodable(Refusal)
    }

    enum Action {
        /// A request's head was accepted, and its time runs; write `100 Continue` if the client waits for it.
        case begin(expectsContinue: Bool)
        /// Answer the request, then call `answered`.
        case answer(Route, body: ByteBuffer, connection: ClientConnection, headOnly: Bool)
        /// Write the refusal. With `.close` the exchange lingers already: close output when it is written.
        case refuse(Refusal, connection: ClientConnection, headOnly: Bool)
        /// Cut the connection.
        case close
    }

    /// Where the exchange stands, for timeouts and eviction.
    enum Phase: Hashable {
        case idle
        case receiving
        case answering
        case lingering
        case closed
    }

    private enum State {
        case idle
        /// The body gathers in `body`, outside the enum: bound from a payload it would be copied at every part.
        case receiving(AcceptedRequest<Route>)
        /// Refused by its head, and answered; only its end is outstanding.
        case ending
        case answering
        /// The last answer is written; input is dropped until the client closes or too much has come.
        case lingering(droppedBytes: Int)
        case closed
    }

    private let maximumQueuedRequests: Int
    private let maximumDroppedBytes: Int
    private var state = State.idle
    private var body = BodyAccumulator(limit: 0, contentLength: nil)
    private var queue = CircularBuffer<Part>(initialCapacity: 0)
    private var queuedRequests = 0
    private var isQueueSealed = false
    private var isWritable = true

    init(maximumQueuedRequests: Int, maximumDroppedBytes: Int) {
        self.maximumQueuedRequests = maximumQueuedRequests
        self.maximumDroppedBytes = maximumDroppedBytes
    }

    var phase: Phase {
        switch self.state {
        case .idle, .ending: .idle
        case .receiving: .receiving
        case .answering: .answering
        case .lingering: .lingering
        case .closed: .closed
        }
    }

    /// Bytes of the body that is arriving.
    var heldBodyBytes: Int {
        switch self.state {
        case .receiving: self.body.readableBytes
        case .idle, .ending, .answering, .lingering, .closed: 0
        }
    }

    /// False while more input would have to be queued.
    var wantsRead: Bool {
        switch self.state {
        case .idle, .receiving, .ending: self.isWritable && self.queue.isEmpty
        case .answering: false
        case .lingering: true
        case .closed: false
        }
    }

    private var isHeld: Bool {
        switch self.state {
        case .answering: true
        case .idle, .receiving, .ending: !self.isWritable || !self.queue.isEmpty
        case .lingering, .closed: false
        }
    }

    /// Takes what the decoder yielded.
    mutating func receive(_ part: Part) -> Action? {
        guard self.isHeld else { return self.process(part) }
        guard !self.isQueueSealed else { return nil }
        switch part {
        case .head:
            self.queuedRequests += 1
            if self.queuedRequests > self.maximumQueuedRequests {
                self.isQueueSealed = true
                self.queue.append(.undecodable(.tooManyPipelined))
                return nil
            }
        case .undecodable:
            self.isQueueSealed = true
        case .body, .end:
            break
        }
        self.queue.append(part)
        return nil
    }

    /// What waits in the queue, one action at a time; nil when nothing can be done now.
    mutating func next() -> Action? {
        while self.isWritable, let part = self.queue.first {
            switch self.state {
            case .answering: return nil
            case .idle, .receiving, .ending, .lingering, .closed: break
            }
            self.queue.removeFirst()
            if case .head = part { self.queuedRequests -= 1 }
            if let action = self.process(part) { return action }
        }
        return nil
    }

    /// The answer to the request handed out has been written.
    mutating func answered(closing: Bool) {
        switch self.state {
        case .answering: self.state = closing ? .lingering(droppedBytes: 0) : .idle
        case .idle, .receiving, .ending, .lingering, .closed: break
        }
        if closing { self.release() }
    }

    /// A deadline has passed, or the connection has to go: refuse what is under way, if anything is.
    mutating func abandon(_ refusal: Refusal) -> Action {
        switch self.state {
        case .receiving, .answering: return self.refuseAndClose(refusal, headOnly: false)
        case .idle, .ending, .lingering, .closed:
            self.closed()
            return .close
        }
    }

    /// The answer just written says `Connection: close`, though the exchange would have gone on.
    mutating func endsAfterRefusal() {
        switch self.state {
        case .idle, .ending: self.state = .lingering(droppedBytes: 0)
        case .receiving, .answering, .lingering, .closed: break
        }
        self.release()
    }

    /// Whether an answer is due to what has arrived completely.
    var owesAnswer: Bool {
        switch self.state {
        case .answering: true
        case .idle, .receiving, .ending: !self.queue.isEmpty
        case .lingering, .closed: false
        }
    }

    mutating func writabilityChanged(_ isWritable: Bool) { self.isWritable = isWritable }

    mutating func closed() {
        self.state = .closed
        self.release()
    }

    /// Lets go of all that is held in memory.
    private mutating func release() {
        self.queue.removeAll()
        self.queuedRequests = 0
        self.body = BodyAccumulator(limit: 0, contentLength: nil)
    }

    private mutating func process(_ part: Part) -> Action? {
        switch (self.state, part) {
        case (.idle, .head(.accept(let request))):
            self.body = BodyAccumulator(limit: request.bodyLimit, contentLength: request.contentLength)
            self.state = .receiving(request)
            return .begin(expectsContinue: request.expectsContinue)
        case (.idle, .head(.refuse(let refusal, let connection, let headOnly))):
            switch connection {
            case .close:
                return self.refuseAndClose(refusal, headOnly: headOnly)
            case .keepAlive, .keepAliveHTTP10:
                self.state = .ending
                return .refuse(refusal, connection: connection, headOnly: headOnly)
            }
        case (.receiving(let request), .body(let bytes)):
            guard self.body.append(bytes) else {
                return self.refuseAndClose(.bodyTooLarge(limit: request.bodyLimit), headOnly: request.headOnly)
            }
            return nil
        case (.receiving(let request), .end):
            self.state = .answering
            return .answer(
                request.route, body: self.body.take(), connection: request.connection, headOnly: request.headOnly)
        case (.ending, .end):
            self.state = .idle
            return nil
        case (.idle, .undecodable(let refusal)), (.receiving, .undecodable(let refusal)),
            (.ending, .undecodable(let refusal)):
            return self.refuseAndClose(refusal, headOnly: false)
        case (.lingering(let dropped), .body(let bytes)):
            return self.drop(bytes.readableBytes, after: dropped)
        case (.lingering, .head), (.lingering, .end), (.lingering, .undecodable), (.closed, _):
            return nil
        case (.idle, .body), (.idle, .end), (.receiving, .head), (.ending, .head), (.ending, .body), (.answering, _):
            // Out of the decoder's order; nothing that follows can be trusted.
            return self.refuseAndClose(.malformed(.syntax), headOnly: false)
        }
    }

    /// Bytes that came while lingering, undecoded.
    mutating func dropped(_ bytes: Int) -> Action? {
        switch self.state {
        case .lingering(let dropped): self.drop(bytes, after: dropped)
        case .idle, .receiving, .ending, .answering, .closed: nil
        }
    }

    private mutating func drop(_ bytes: Int, after dropped: Int) -> Action? {
        let (sum, overflow) = dropped.addingReportingOverflow(bytes)
        guard !overflow, sum <= self.maximumDroppedBytes else {
            self.closed()
            return .close
        }
        self.state = .lingering(droppedBytes: sum)
        return nil
    }

    private mutating func refuseAndClose(_ refusal: Refusal, headOnly: Bool) -> Action {
        self.state = .lingering(droppedBytes: 0)
        self.release()
        return .refuse(refusal, connection: .close, headOnly: headOnly)
    }
}
