import FuzzSupport
import Logging
import NIOCore
import WebhookServer

/// Notes what it is asked. A body that begins with `l` is answered when the script says so, one with `b` is refused.
final class ScriptedService: AdmissionService, @unchecked Sendable {
    // Used on the one thread the fuzzer has.
    private(set) var calls: [(endpoint: WebhookEndpoint, body: [UInt8])] = []
    private var waiting: CircularBuffer<EventLoopPromise<AdmissionReply>> = []

    struct LookupFailed: Error {}

    func answer(
        _ endpoint: WebhookEndpoint, body: ByteBuffer, deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> AdmissionAnswer {
        calls.append((endpoint, Array(body.readableBytesView)))
        switch body.readableBytesView.first {
        case UInt8(ascii: "l"):
            let promise = eventLoop.makePromise(of: AdmissionReply.self)
            waiting.append(promise)
            return .later(promise.futureResult)
        case UInt8(ascii: "b"):
            return .now(AdmissionReply(status: .badRequest, body: ByteBuffer(string: "no AdmissionReview\n")))
        default:
            return .now(reply(body))
        }
    }

    /// Longer than the request, so that answers pile up.
    private func reply(_ body: ByteBuffer) -> AdmissionReply {
        AdmissionReply(status: .ok, body: ByteBuffer(string: "{\"bytes\":\(body.readableBytes)}"))
    }

    /// Whether there was an answer to give.
    @discardableResult
    func answerOldest(succeeds: Bool) -> Bool {
        guard let promise = waiting.popFirst() else { return false }
        if succeeds {
            promise.succeed(reply(ByteBuffer()))
        } else {
            promise.fail(LookupFailed())
        }
        return true
    }
}

/// Looks at every record, and keeps none.
struct CheckingLogHandler: LogHandler {
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        for (_, value) in event.metadata ?? [:] {
            require(value.description.utf8.count < 1_024, "metadata is bounded: \(event.message)")
        }
    }
}
