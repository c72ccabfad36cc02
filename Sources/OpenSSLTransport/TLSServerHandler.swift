package import NIOCore
import NIOTLS

/// TLS at the head of a server's pipeline: ciphertext on the network's side, plaintext on the other.
///
/// - Fires `TLSUserEvent.handshakeCompleted` once, and `TLSUserEvent.shutdownCompleted` when both sides have said
///   close_notify.
/// - Fires what goes wrong as one `TLSError`, and closes the channel by itself afterwards; those further on need not.
/// - Writes are gathered until `flush`, so that the parts of a response share a record.
/// - `close()` sends close_notify, and what was flushed reaches the peer; the channel is closed when the peer has
///   closed its side, or after `lingerBound`.
/// - A close_notify of the peer closes the channel, or, with `allowRemoteHalfClosure`, fires `ChannelEvent.inputClosed`.
/// - A time limit for the handshake is up to those further on: they know how many connections there are.
package final class TLSServerHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// How long a finished connection waits for its peer to leave: several round trips of any cluster, and short enough
    /// that peers that never leave hold few slots.
    package static let defaultLingerBound = TimeAmount.seconds(1)

    /// Answers to the peer's control messages (key updates, refused renegotiations) that may wait for a peer that does
    /// not read: some hundred of them. They are the only output a peer can cause without the server's doing.
    private static let controlBacklogLimit = 16 * 1024

    /// As Go's server answers it, so that people see the reason in the client they made the mistake with.
    private static let plainHTTPAnswer: StaticString =
        "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"

    private let tlsContext: TLSContext
    private let lingerBound: TimeAmount
    private var machine: TLSMachine?
    private var stage = TLSChannelStage()
    private var output = TLSOutputQueue()
    /// The channel's. To ask for it goes through the pipeline and an existential, for every buffer.
    private var allocator = ByteBufferAllocator()
    /// Kept from a read that yielded no whole record.
    private var spare: ByteBuffer?
    private var lingering: Scheduled<Void>?
    private var downstreamAwaitsRead = false
    private var didFireHandshake = false
    private var didFireShutdown = false
    private var controlBacklog = 0

    package init(context: TLSContext, lingerBound: TimeAmount = TLSServerHandler.defaultLingerBound) {
        tlsContext = context
        self.lingerBound = lingerBound
    }

    /// What the handshake agreed on; nil before it is done. To be asked on the event loop.
    package var handshake: TLSHandshake? {
        guard let machine, didFireHandshake else { return nil }
        return machine.handshake
    }

    // MARK: Life

    package func handlerAdded(context: ChannelHandlerContext) {
        allocator = context.channel.allocator
        do throws(TLSError) {
            machine = try TLSMachine(context: tlsContext)
        } catch {
            context.fireErrorCaught(error)
            return closeNow(context, promise: nil)
        }
        if context.channel.isActive {
            context.read()
        }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        tearDown(ChannelError.ioOnClosedChannel)
    }

    package func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        // The client speaks first. Where the channel reads by itself this changes nothing.
        context.read()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        if stage.processesInput, let error = machine?.receiveEndOfStream() {
            context.fireErrorCaught(error)
        }
        stage.closed()
        tearDown(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    private func tearDown(_ error: any Error) {
        lingering?.cancel()
        lingering = nil
        output.failAll(error)
        spare = nil
    }

    // MARK: Inbound

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let machine, stage.stage != .closed else { return }
        unwrapInboundIn(data).withUnsafeReadableBytes(machine.receive)
        guard stage.processesInput else {
            return discard(context, machine)
        }
        if machine.isHandshaking {
            switch machine.advanceHandshake() {
            case .needsMore:
                return sendControlOutput(context, machine)
            case .failed:
                return fail(context, machine)
            case .completed:
                sendControlOutput(context, machine)
                completeHandshake(context, machine)
            }
        }
        decrypt(context, machine)
    }

    private func completeHandshake(_ context: ChannelHandlerContext, _ machine: TLSMachine) {
        didFireHandshake = true
        context.fireUserInboundEventTriggered(
            TLSUserEvent.handshakeCompleted(negotiatedProtocol: machine.applicationProtocol))
        if output.hasFlushed {
            encrypt(context, machine)
        }
    }

    /// All records that are complete go on as one buffer.
    private func decrypt(_ context: ChannelHandlerContext, _ machine: TLSMachine) {
        guard stage.processesInput else { return }
        var plaintext = spare ?? allocator.buffer(capacity: machine.undigestedBytes)
        spare = nil
        var step = TLSMachine.ReadStep.plaintext(0)
        while case .plaintext = step {
            let room = max(1, machine.undigestedBytes)
            plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { region in
                step = machine.read(into: region)
                guard case .plaintext(let count) = step else { return 0 }
                return count
            }
        }
        if plaintext.readableBytes > 0 {
            downstreamAwaitsRead = false
            context.fireChannelRead(wrapInboundOut(plaintext))
        } else if case .needsMore = step {
            spare = plaintext
        }
        // Whoever got the plaintext may have closed the channel meanwhile.
        guard stage.processesInput else { return }
        switch step {
        case .plaintext, .needsMore: sendControlOutput(context, machine)
        case .closed: peerClosed(context, machine)
        case .failed: fail(context, machine)
        }
    }

    /// Reads on for the peer's close_notify alone.
    private func discard(_ context: ChannelHandlerContext, _ machine: TLSMachine) {
        var unwanted = allocator.buffer(capacity: machine.undigestedBytes)
        var step = TLSMachine.ReadStep.plaintext(0)
        while case .plaintext = step {
            step = unwanted.withUnsafeMutableWritableBytes(machine.read)
        }
        if case .closed = step, machine.isClosed {
            fireShutdown(context)
            closeNow(context, promise: nil)
        }
    }

    private func peerClosed(_ context: ChannelHandlerContext, _ machine: TLSMachine) {
        guard !stage.isInputOver else { return }
        _ = stage.inputEnded()
        let allowsHalfClosure = (try? context.channel.syncOptions?.getOption(.allowRemoteHalfClosure)) ?? false
        if allowsHalfClosure && stage.takesWrites {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else {
            close(context: context, mode: .all, promise: nil)
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        guard let machine else { return }
        // Those further on have asked for bytes once and got none of those that came.
        let isOwnRead = machine.isHandshaking || stage.stage == .lingering
        if stage.stage != .closed && (isOwnRead || downstreamAwaitsRead) {
            context.read()
        }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        // After a close_notify those further on know already.
        if stage.isInputOver { return }
        if stage.processesInput, let cutOff = machine?.receiveEndOfStream() {
            context.fireErrorCaught(cutOff)
        }
        let lingeredForThis = stage.inputEnded()
        if lingeredForThis || !didFireHandshake {
            return closeNow(context, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        controlBacklog = 0
        context.fireChannelWritabilityChanged()
    }

    package func read(context: ChannelHandlerContext) {
        downstreamAwaitsRead = true
        context.read()
    }

    // MARK: Outbound

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard stage.takesWrites else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        guard output.append(unwrapOutboundIn(data), promise, isBounded: !didFireHandshake) else {
            promise?.fail(ChannelError.writeMessageTooLarge)
            return
        }
    }

    package func flush(context: ChannelHandlerContext) {
        output.markFlushed()
        if let machine, didFireHandshake, output.hasFlushed {
            encrypt(context, machine)
        } else {
            context.flush()
        }
    }

    private func encrypt(_ context: ChannelHandlerContext, _ machine: TLSMachine) {
        let isWhole = output.encrypt(with: machine, allocator: allocator) { buffer, promise in
            context.write(wrapOutboundOut(buffer), promise: promise)
        }
        context.flush()
        if !isWhole {
            fail(context, machine)
        }
    }

    /// Sends what the machine has to say of its own accord.
    private func sendControlOutput(_ context: ChannelHandlerContext, _ machine: TLSMachine) {
        guard let bytes = takeCiphertext(context, machine) else { return }
        if !context.channel.isWritable {
            controlBacklog += bytes.readableBytes
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        if controlBacklog > Self.controlBacklogLimit && stage.fail() {
            let error = TLSError(
                .outputBacklog, "the client sends control messages and does not read the answers",
                remedy: "look at who connects there: no ordinary client does so")
            output.failAll(error)
            context.fireErrorCaught(error)
            closeNow(context, promise: nil)
        }
    }

    private func takeCiphertext(_ context: ChannelHandlerContext, _ machine: TLSMachine) -> ByteBuffer? {
        let count = machine.pendingCiphertext
        guard count > 0 else { return nil }
        var bytes = allocator.buffer(capacity: count)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count, machine.takeCiphertext)
        return bytes
    }

    // MARK: The end

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .input:
            context.close(mode: .input, promise: promise)
        case .output:
            guard stage.takesWrites else {
                promise?.fail(ChannelError.outputClosed)
                return
            }
            guard let machine, didFireHandshake, !machine.isFailed else {
                return close(context: context, mode: .all, promise: promise)
            }
            stage.closeOutput()
            sayFarewell(context, machine)
            context.close(mode: .output, promise: promise)
        case .all:
            let hasSession = didFireHandshake && machine?.isFailed == false
            switch stage.close(hasSession: hasSession) {
            case .closeNow:
                if hasSession, let machine {
                    sayFarewell(context, machine)
                }
                closeNow(context, promise: promise)
            case .farewell:
                if let machine {
                    sayFarewell(context, machine)
                }
                linger(context, promise)
            case .await:
                context.channel.closeFuture.cascade(to: promise)
            }
        }
    }

    /// Sends close_notify after everything that was flushed; what was only written is given up.
    private func sayFarewell(_ context: ChannelHandlerContext, _ machine: TLSMachine) {
        output.failAll(ChannelError.ioOnClosedChannel)
        machine.close()
        if let bytes = takeCiphertext(context, machine) {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
        if machine.isClosed {
            fireShutdown(context)
        }
    }

    private func fireShutdown(_ context: ChannelHandlerContext) {
        guard !didFireShutdown else { return }
        didFireShutdown = true
        context.fireUserInboundEventTriggered(TLSUserEvent.shutdownCompleted)
    }

    /// The machine has failed: its alert goes out, and is given the time to arrive.
    private func fail(_ context: ChannelHandlerContext, _ machine: TLSMachine) {
        guard stage.fail() else { return }
        let error =
            machine.failure
            ?? TLSError(
                .handshakeFailed, "the TLS connection failed", remedy: "the connection is given up")
        if let alert = takeCiphertext(context, machine) {
            context.writeAndFlush(wrapOutboundOut(alert), promise: nil)
        }
        if error.code == .plainHTTP {
            var answer = allocator.buffer(capacity: Self.plainHTTPAnswer.utf8CodeUnitCount)
            answer.writeStaticString(Self.plainHTTPAnswer)
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
        output.failAll(error)
        context.fireErrorCaught(error)
        guard stage.stage == .lingering, lingering == nil else { return }
        if stage.isInputOver {
            closeNow(context, promise: nil)
        } else {
            linger(context, nil)
        }
    }

    /// Closes the output and waits for the peer to leave.
    private func linger(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        if let promise {
            context.channel.closeFuture.cascade(to: promise)
        }
        lingering = context.eventLoop.assumeIsolated().scheduleTask(in: lingerBound) {
            self.lingering = nil
            self.closeNow(context, promise: nil)
        }
        context.close(mode: .output, promise: nil)
        // Bytes must be fetched to be thrown away, and the peer's end to be seen.
        context.read()
    }

    private func closeNow(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        lingering?.cancel()
        lingering = nil
        stage.closed()
        output.failAll(ChannelError.ioOnClosedChannel)
        context.close(mode: .all, promise: promise)
    }
}
