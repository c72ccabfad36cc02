package import NIOCore

/// The two webhooks a cluster registers, by the path they are served at.
package enum WebhookEndpoint: Sendable, Hashable {
    /// `POST /validate`: allows, warns or denies; never patches.
    case validate
    /// `POST /mutate`: allows, with or without a patch.
    case mutate
}

/// What an admission request is answered with.
package struct AdmissionReply: Sendable {
    package var status: ReplyStatus
    /// With `.ok`, an AdmissionReview served as `application/json`; otherwise one line of plain text that names the
    /// problem and its remedy.
    package var body: ByteBuffer

    package init(status: ReplyStatus, body: ByteBuffer) {
        self.status = status
        self.body = body
    }
}

/// An answer at hand, or one that has to wait for a lookup.
package enum AdmissionAnswer {
    case now(AdmissionReply)
    /// Completed on any event loop. A failed future is answered with 500; one that is not completed by the time the
    /// whole request may take (`HTTPLimits.request`) with 503.
    case later(EventLoopFuture<AdmissionReply>)
}

/// Decides admission requests; the server knows nothing of what is in them.
package protocol AdmissionService: Sendable {
    /// Called on the connection's event loop, inline, once the whole body has arrived: the hot path never hops.
    ///
    /// - Parameters:
    ///   - body: the request's body, at most `HTTPLimits.webhookBody` bytes, not yet looked at.
    ///   - deadline: when an answer must have left, from the request's `?timeout=` less a margin.
    ///   - eventLoop: the loop this is called on; futures are best made on it.
    func answer(
        _ endpoint: WebhookEndpoint, body: ByteBuffer, deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> AdmissionAnswer
}
