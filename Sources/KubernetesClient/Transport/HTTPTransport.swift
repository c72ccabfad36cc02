package import NIOCore

/// Carries requests to one API server: the seam between what is asked and how it travels.
package protocol HTTPTransport: Sendable {
    /// The server, as errors name it: `https://10.0.0.1:6443`.
    var address: String { get }

    /// Sends a request and returns as soon as the head of the answer is there.
    ///
    /// Cancelling the task ends the request, as does dropping the answer's body unread.
    ///
    /// - Parameter deadline: until when the head has to be there. The body has a bound of its own, see
    ///   `HTTPBody.collect`: a watch's has no end.
    func execute(_ request: HTTPRequest, deadline: NIODeadline) async throws(TransportError) -> HTTPResponse
}
