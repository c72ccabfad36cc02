package import NIOCore
import NIOHTTP1

/// Every bound of a listener. The defaults are what production runs with; tests make them small.
package struct HTTPLimits: Sendable {
    /// Bytes of an AdmissionReview: 7 MiB.
    ///
    /// The API server takes at most 3 MiB from a client, and a review of an update carries the object twice (`object`
    /// and `oldObject`); the seventh MiB is for the envelope: the user's groups and extra fields, options, and the
    /// growth of re-encoding. controller-runtime draws the same line.
    package static let webhookBody = 7 * 1024 * 1024

    /// Bytes of all header fields of one request, names and values: an API server sends about 250, a mesh or a proxy
    /// with tokens and tracing up to some KiB. 16 KiB is what Apache and nginx stop at, within a factor of two.
    package var headerBytes = 16 * 1024
    /// Bytes of the longest single header field or of the request target.
    package var headerFieldBytes = 8 * 1024
    /// Header fields (trailers too) of one request: Go's client sends 6.
    package var headerFields = 64
    /// Open connections. An API server keeps one or two per webhook open and opens more only as long as answers are
    /// pending: 1,024 serve hundreds of them, and cost at most some 40 MiB with TLS.
    package var connections = 1_024
    /// Bytes of request bodies held at one time by all connections. Without it, `connections` bodies of 7 MiB would
    /// be 7 GiB; with it, 36 of the largest are in flight at once, and beyond them the one that has been arriving
    /// longest gives way.
    package var heldBodyBytes = 256 * 1024 * 1024
    /// Complete requests read ahead of an unanswered one. Go's client does not pipeline at all; the rest of one read
    /// must be kept somewhere, as the decoder cannot be stopped in the middle of it.
    package var pipelinedRequests = 16
    /// From accepting a connection to the first request's head, TLS handshake included: ten times what a handshake
    /// over a bad link takes, the same as Go's and the API server's own bound.
    package var firstRequest: TimeAmount = .seconds(10)
    /// From one request's head to the answer's leaving. The API server waits at most 30 s for any webhook.
    package var request: TimeAmount = .seconds(30)
    /// Between requests. Go's client drops idle connections after 90 s: the server must wait longer, or it would
    /// close a connection in the moment the client picks it.
    package var idle: TimeAmount = .seconds(120)
    /// For a client to take the last answer and close, after output has been closed, before the connection is cut:
    /// closing with unread input resets the connection and may eat the answer on its way.
    package var linger: TimeAmount = .seconds(2)
    /// Bytes read and dropped while lingering, so that a client which first sends all of a body slightly too large
    /// still sees the 413.
    package var lingerBytes = 8 * 1024 * 1024

    package init() {}

    /// The webhook listener's.
    package static let webhook = HTTPLimits()

    /// The health listener's: probes and scrapes come from a handful of places, one at a time.
    package static let health: HTTPLimits = {
        var limits = HTTPLimits()
        limits.connections = 64
        limits.heldBodyBytes = 1024 * 1024
        limits.lingerBytes = 64 * 1024
        return limits
    }()

    var decoderConfiguration: NIOHTTPDecoderLimitConfiguration {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = self.headerFieldBytes
        configuration.maxHeaderListSize = self.headerBytes
        configuration.maxHeaderFieldCount = self.headerFields
        return configuration
    }

    /// The share of one of `loops` event loops; connections are dealt out evenly, so each loop keeps its own count.
    func share(of loops: Int) -> HTTPLimits {
        var share = self
        let loops = max(loops, 1)
        share.connections = max(1, self.connections / loops)
        // Never below one largest body, or it could not be taken at all.
        share.heldBodyBytes = max(HTTPLimits.webhookBody, self.heldBodyBytes / loops)
        return share
    }
}
