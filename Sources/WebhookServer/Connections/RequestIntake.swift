import NIOCore
import NIOHTTP1

/// Takes a connection's bytes in: plain requests by itself, anything else, and all that follows it, through the decoder.
///
/// The decoder makes a string of every name and value and boxes every part on its way; an API server's requests need
/// none of that. It joins the pipeline when it is first needed and then stays, since nobody but it can tell where its
/// last request ended.
final class RequestIntake<Router: HTTPRouter>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        /// Between requests: what comes next is a head.
        case head
        /// In a body announced by its length.
        case body(remaining: Int)
        /// The decoder has taken over.
        case decoding
        /// Nobody takes anything any more.
        case closed
    }

    private let router: Router
    private let limits: HTTPLimits
    private let connection: HTTPConnectionHandler<Router>
    private var state = State.head
    /// An API server asks for the same thing over and over.
    private var lastRoute: (method: RequestMethod, target: [UInt8], routing: Routing<Router.Route>)?

    init(router: Router, limits: HTTPLimits, connection: HTTPConnectionHandler<Router>) {
        self.router = router
        self.limits = limits
        self.connection = connection
    }

    // See HTTPConnectionHandler.
    @_specialize(where Router == WebhookRouter)
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        while true {
            switch self.state {
            case .head:
                guard bytes.readableBytes > 0 else { return }
                self.receiveHead(&bytes, context: context)
            case .body(let remaining):
                guard let part = bytes.readSlice(length: min(remaining, bytes.readableBytes)), part.readableBytes > 0
                else { return }
                self.receive(part, of: remaining)
            case .decoding:
                if bytes.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(bytes)) }
                return
            case .closed:
                return
            }
        }
    }

    private func receiveHead(_ bytes: inout ByteBuffer, context: ChannelHandlerContext) {
        let plain = bytes.withUnsafeReadableBytes { region in
            PlainRequestHead(region, limits: self.limits).map { head in
                (length: head.length, bodyLength: head.contentLength ?? 0, verdict: self.verdict(on: head, in: region))
            }
        }
        guard let plain else { return self.handOver(context) }
        bytes.moveReaderIndex(forwardBy: plain.length)
        self.state = plain.bodyLength > 0 ? .body(remaining: plain.bodyLength) : .head
        self.connection.receive(.head(plain.verdict))
        if plain.bodyLength == 0 { self.connection.receive(.end) }
    }

    private func handOver(_ context: ChannelHandlerContext) {
        let decoder = HTTPRequestDecoder(limitConfiguration: self.limits.decoderConfiguration)
        do {
            try context.pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder), position: .after(self))
            self.state = .decoding
        } catch {
            // Only a pipeline that is being torn down takes no more handlers.
            self.state = .closed
            context.close(promise: nil)
        }
    }

    private func receive(_ part: ByteBuffer, of remaining: Int) {
        let rest = remaining - part.readableBytes
        self.state = rest > 0 ? .body(remaining: rest) : .head
        self.connection.receive(.body(part))
        if rest == 0 { self.connection.receive(.end) }
    }

    private func verdict(on head: PlainRequestHead, in region: UnsafeRawBufferPointer) -> HeadVerdict<Router.Route> {
        let target = UnsafeRawBufferPointer(rebasing: region[head.target])
        let routing: Routing<Router.Route>
        if let last = self.lastRoute, last.method == head.method, last.target.elementsEqual(target) {
            routing = last.routing
        } else {
            let text = String(decoding: target, as: UTF8.self)
            let (path, query) = requestTarget(text)
            routing = self.router.route(method: head.method, path: path, query: query)
            self.lastRoute = (head.method, Array(target), routing)
        }
        return judge(
            routing, RequestFields(plain: head), connection: .keepAlive, headOnly: head.method == .head)
    }
}

@available(*, unavailable)
extension RequestIntake: Sendable {}
