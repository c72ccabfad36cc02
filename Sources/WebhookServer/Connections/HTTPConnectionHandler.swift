import Logging
import NIOCore
import NIOHTTP1

/// Performs what the exchange of one connection decides.
///
/// Sits behind `RequestIntake` and, where there is one, the decoder, and writes serialised bytes: an encoder and a
/// pipelining handler in between would cost 2 µs and some ten allocations for each request, and the exchange keeps the
/// order by itself.
final class HTTPConnectionHandler<Router: HTTPRouter>: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = Never
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let router: Router
    private let loop: ServerLoop
    private var exchange: HTTPExchange<Router.Route>
    private var slot: ConnectionSlot?
    private var context: ChannelHandlerContext?
    /// Of the client. Kept from the beginning: a connection that has failed does not know any more.
    private var remote: SocketAddress?
    private var requestStarted: NIODeadline = .uptimeNanoseconds(0)
    /// Tells the answer that is awaited from those that were given up.
    private var answerNumber: UInt64 = 0
    private var needsFlush = false
    private var hasHeldRead = false
    private var hasInputEnded = false
    private var isLastAnswerPending = false

    init(router: Router, loop: ServerLoop) {
        self.router = router
        self.loop = loop
        self.exchange = HTTPExchange(
            maximumQueuedRequests: loop.limits.pipelinedRequests, maximumDroppedBytes: loop.limits.lingerBytes)
    }

    // MARK: - Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.remote = context.remoteAddress
        guard let slot = self.loop.admit(self) else {
            self.exchange.closed()
            self.loop.logFault(
                "Connection refused", remote: self.remote, error: "all connections are being answered")
            context.close(promise: nil)
            return
        }
        self.slot = slot
    }

    func channelActive(context: ChannelHandlerContext) {
        self.remote = self.remote ?? context.remoteAddress
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.leave()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.leave()
        context.fireChannelInactive()
    }

    private func leave() {
        self.exchange.closed()
        self.answerNumber &+= 1
        guard let slot = self.slot else { return }
        self.slot = nil
        self.loop.remove(slot)
    }

    // NIO calls through a witness table, where a generic class is not specialised by itself: every request would look
    // up its types in the runtime, some 2 µs.
    @_specialize(where Router == WebhookRouter)
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.receive(.head(judge(head, for: self.router)))
        case .body(let bytes): self.receive(.body(bytes))
        case .end: self.receive(.end)
        }
    }

    /// Takes the next part of the client's stream, from the intake or by way of the decoder.
    func receive(_ part: HTTPExchange<Router.Route>.Part) {
        guard let context = self.context else { return }
        let action = self.exchange.receive(part)
        if case .body = part, let slot = self.slot, slot.standing == .receiving {
            self.loop.hold(self.exchange.heldBodyBytes, in: slot)
        }
        if let action { self.perform(action, context: context) }
    }

    @_specialize(where Router == WebhookRouter)
    func channelReadComplete(context: ChannelHandlerContext) {
        self.flushIfNeeded(context: context)
        context.fireChannelReadComplete()
    }

    /// Reads pass only while there is room for what they bring.
    @_specialize(where Router == WebhookRouter)
    func read(context: ChannelHandlerContext) {
        if self.exchange.wantsRead {
            context.read()
        } else {
            self.hasHeldRead = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.exchange.writabilityChanged(context.channel.isWritable)
        self.proceed(context: context)
        self.flushIfNeeded(context: context)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            self.hasInputEnded = true
            self.proceed(context: context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes):
            if let action = self.exchange.dropped(bytes.readableBytes) { self.perform(action, context: context) }
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
            // The client left in the middle of a request, or sent on after it had said `Connection: close`.
            self.hasInputEnded = true
            self.proceed(context: context)
        case let error as HTTPParserError:
            let refusal = Refusal(error)
            if let action = self.exchange.receive(.undecodable(refusal)) { self.perform(action, context: context) }
            self.flushIfNeeded(context: context)
        default:
            if self.slot?.standing == .fresh {
                self.loop.logHandshakeFailure(remote: self.remote, error: String(describing: error))
            } else {
                self.loop.logFault("Connection failed", remote: self.remote, error: String(describing: error))
            }
            self.close(context: context)
        }
    }

    // MARK: - Actions

    private func perform(_ action: HTTPExchange<Router.Route>.Action, context: ChannelHandlerContext) {
        self.performOne(action, context: context)
        self.proceed(context: context)
    }

    /// Takes up what waited, once there is room for it.
    private func proceed(context: ChannelHandlerContext) {
        while let action = self.exchange.next() { self.performOne(action, context: context) }
        if self.hasInputEnded, !self.exchange.owesAnswer { self.closeAfterWrites(context: context) }
        if self.hasHeldRead, self.exchange.wantsRead {
            self.hasHeldRead = false
            context.read()
        }
    }

    private func performOne(_ action: HTTPExchange<Router.Route>.Action, context: ChannelHandlerContext) {
        switch action {
        case .begin(let expectsContinue):
            let now = self.loop.eventLoop.now
            self.requestStarted = now
            self.slot?.standing = .receiving
            self.slot?.deadline = now + self.loop.limits.request
            if expectsContinue {
                context.writeAndFlush(self.wrapOutboundOut(ResponseSerializer.continueResponse), promise: nil)
            }
        case .answer(let route, let body, let connection, let headOnly):
            self.answer(route, body: body, connection: connection, headOnly: headOnly, context: context)
        case .refuse(let refusal, let connection, let headOnly):
            self.loop.events.answered(refusal.status)
            self.loop.logFault("Request refused", remote: self.remote, error: refusal.text)
            var connection = connection
            if self.loop.isDraining, connection != .close {
                connection = .close
                self.exchange.endsAfterRefusal()
            }
            self.rest(since: self.loop.eventLoop.now)
            let bytes = self.loop.serializer.serialize(refusal, connection: connection, headOnly: headOnly)
            self.write(bytes, closing: connection == .close, context: context)
        case .close:
            self.close(context: context)
        }
    }

    /// The connection waits for its next request, from `now` on.
    private func rest(since now: NIODeadline) {
        self.slot?.standing = .idle
        self.slot?.waitingSince = now
        self.slot?.deadline = now + self.loop.limits.idle
    }

    private func answer(
        _ route: Router.Route, body: ByteBuffer, connection: ClientConnection, headOnly: Bool,
        context: ChannelHandlerContext
    ) {
        if let slot = self.slot {
            slot.standing = .answering
            self.loop.hold(0, in: slot)
        }
        switch self.router.answer(route, body: body, started: self.requestStarted, on: self.loop.eventLoop) {
        case .now(let reply):
            self.write(
                reply, connection: connection, headOnly: headOnly, now: self.requestStarted, context: context)
        case .later(let future):
            self.answerNumber &+= 1
            let number = self.answerNumber
            let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
            future.hop(to: self.loop.eventLoop).whenComplete { result in
                bound.value.completed(result, number: number, connection: connection, headOnly: headOnly)
            }
        }
    }

    private func completed(
        _ result: Result<HTTPReply, any Error>, number: UInt64, connection: ClientConnection, headOnly: Bool
    ) {
        guard number == self.answerNumber, self.exchange.phase == .answering, let context = self.context else { return }
        let reply: HTTPReply
        switch result {
        case .success(let answer):
            reply = answer
        case .failure(let error):
            self.loop.logFault("Answer failed", remote: self.remote, error: String(describing: error))
            let refusal = Refusal.serviceFailed
            reply = HTTPReply(
                status: refusal.status, contentType: .text, body: ByteBuffer(string: refusal.text + "\n"))
        }
        self.write(
            reply, connection: connection, headOnly: headOnly, now: self.loop.eventLoop.now, context: context)
        self.proceed(context: context)
        self.flushIfNeeded(context: context)
    }

    private func write(
        _ reply: HTTPReply, connection: ClientConnection, headOnly: Bool, now: NIODeadline,
        context: ChannelHandlerContext
    ) {
        self.loop.events.answered(reply.status)
        let connection = self.loop.isDraining ? .close : connection
        self.exchange.answered(closing: connection == .close)
        self.rest(since: now)
        if reply.status == .ok { self.slot?.hasServed = true }
        let bytes = self.loop.serializer.serialize(reply, connection: connection, headOnly: headOnly)
        self.write(bytes, closing: connection == .close, context: context)
    }

    private func write(_ bytes: ByteBuffer, closing: Bool, context: ChannelHandlerContext) {
        guard closing else {
            self.needsFlush = true
            context.write(self.wrapOutboundOut(bytes), promise: nil)
            return
        }
        self.slot?.standing = .lingering
        self.slot?.deadline = self.loop.eventLoop.now + self.loop.limits.linger
        if let slot = self.slot { self.loop.hold(0, in: slot) }
        self.needsFlush = false
        self.isLastAnswerPending = true
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.lastAnswerWritten() }
        context.writeAndFlush(self.wrapOutboundOut(bytes), promise: written)
    }

    /// Says that nothing more will come, and waits for the client to do the same.
    private func lastAnswerWritten() {
        self.isLastAnswerPending = false
        guard let context = self.context, self.exchange.phase == .lingering else { return }
        if self.hasInputEnded {
            self.close(context: context)
        } else {
            context.close(mode: .output, promise: nil)
        }
    }

    /// Closes once all answers have left; the client has said its last.
    private func closeAfterWrites(context: ChannelHandlerContext) {
        switch self.exchange.phase {
        case .idle, .receiving, .answering:
            break
        case .lingering:
            // While the last answer is on its way, `lastAnswerWritten` sees to the rest.
            if !self.isLastAnswerPending { self.close(context: context) }
            return
        case .closed:
            return
        }
        self.exchange.closed()
        self.needsFlush = false
        self.slot?.standing = .lingering
        self.slot?.deadline = self.loop.eventLoop.now + self.loop.limits.linger
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: self.loop.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer()), promise: written)
    }

    private func flushIfNeeded(context: ChannelHandlerContext) {
        guard self.needsFlush else { return }
        self.needsFlush = false
        context.flush()
    }

    private func close(context: ChannelHandlerContext) {
        self.exchange.closed()
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension HTTPConnectionHandler: Sendable {}

extension HTTPConnectionHandler: ConnectionOwner {
    func deadlinePassed(now: NIODeadline) {
        guard let context = self.context else { return }
        let refusal: Refusal
        switch self.exchange.phase {
        case .receiving: refusal = .timeout
        case .answering: refusal = .noAnswerInTime
        case .idle, .lingering, .closed:
            if self.slot?.standing == .fresh {
                self.loop.logFault("Connection timed out", remote: self.remote, error: "no request came")
            }
            self.close(context: context)
            return
        }
        self.loop.logFault("Request timed out", remote: self.remote, error: refusal.text)
        self.answerNumber &+= 1
        self.perform(self.exchange.abandon(refusal), context: context)
    }

    func evict(_ cause: EvictionCause) {
        guard let context = self.context else { return }
        switch cause {
        case .connectionLimit:
            self.loop.logFault("Connection evicted", remote: self.remote, error: "too many connections")
        case .heldBodyLimit:
            self.loop.logFault("Connection evicted", remote: self.remote, error: "too many bodies held")
        }
        self.slot = nil
        self.close(context: context)
    }

    func finish(now: NIODeadline) {
        guard let context = self.context, let slot = self.slot else { return }
        switch slot.standing {
        case .idle:
            self.close(context: context)
        case .fresh:
            // Just connected, the first request is likely on its way; net/http waits as long.
            let newConnectionGrace = TimeAmount.seconds(5)
            if slot.waitingSince + newConnectionGrace <= now {
                self.close(context: context)
            } else {
                slot.deadline = min(slot.deadline, slot.waitingSince + newConnectionGrace)
            }
        case .receiving, .answering, .lingering:
            break
        }
    }

    func abort() {
        guard let context = self.context else { return }
        self.close(context: context)
    }
}

extension Refusal {
    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow: self = .headersTooLarge
        case .invalidVersion: self = .version
        case .invalidMethod, .invalidURL, .invalidHost, .invalidPort, .invalidPath, .invalidQueryString,
            .invalidFragment, .invalidConstant, .invalidStatus:
            self = .malformed(.requestLine)
        case .lfExpected: self = .malformed(.framing)
        case .invalidHeaderToken, .invalidCharactersUsed: self = .malformed(.headerField)
        case .invalidContentLength: self = .malformed(.contentLength)
        case .unexpectedContentLength: self = .malformed(.lengthAndTransferEncoding)
        case .invalidChunkSize: self = .malformed(.chunk)
        default: self = .malformed(.syntax)
        }
    }
}
