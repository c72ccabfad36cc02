package import NIOCore

/// One page of a list.
package struct ListRequest: Sendable, Hashable {
    /// `limit`; nil asks for everything at once.
    package var limit: Int?
    /// `continue`, as the page before gave it. nil asks for the first page, in its most recent state (no
    /// `resourceVersion` is sent).
    package var continueToken: String?
    /// How long the whole answer may take.
    package var timeout: Duration

    package init(limit: Int?, continueToken: String? = nil, timeout: Duration) {
        self.limit = limit
        self.continueToken = continueToken
        self.timeout = timeout
    }
}

/// A watch. Bookmarks are always asked for (`allowWatchBookmarks=true`).
package struct WatchRequest: Sendable, Hashable {
    package enum Start: Sendable, Hashable {
        /// Everything that happened after this `resourceVersion`.
        case resume(after: String)
        /// `sendInitialEvents=true&resourceVersionMatch=NotOlderThan`: first every object there is, then a bookmark
        /// annotated `k8s.io/initial-events-end`, then what happens.
        case initialEvents
    }

    package var start: Start
    /// `timeoutSeconds`: when the server ends the stream.
    package var timeoutSeconds: Int
    /// How long the answer's head may take.
    package var openTimeout: Duration

    package init(_ start: Start, timeoutSeconds: Int, openTimeout: Duration) {
        self.start = start
        self.timeoutSeconds = timeoutSeconds
        self.openTimeout = openTimeout
    }
}

/// How the bytes of an answer are to be read, by its `Content-Type`.
package enum WireEncoding: Sendable, Hashable {
    /// `application/vnd.kubernetes.protobuf`; watches in frames with a length of four bytes before each.
    case protobuf
    /// `application/json`; watches as one object after the other.
    case json
}

/// Lists and watches one resource, in all namespaces or one. Every call is one request; it is tried once.
///
/// Calls end promptly, with whatever error, when their task is cancelled.
package protocol ListWatching: Sendable {
    associatedtype Chunks: AsyncSequence, Sendable where Chunks.Element == ByteBuffer

    /// For messages and metrics: `namespaces`, `deployments.apps`.
    var resource: String { get }

    func list(_ request: ListRequest) async throws(WatchFailure) -> ListResponse

    /// Returns with the answer's head.
    func watch(_ request: WatchRequest) async throws(WatchFailure) -> WatchResponse<Chunks>
}

/// The answer to a `ListRequest` with status 200.
package struct ListResponse: Sendable {
    package var encoding: WireEncoding
    package var body: ByteBuffer

    package init(encoding: WireEncoding, body: ByteBuffer) {
        self.encoding = encoding
        self.body = body
    }
}

/// The answer to a `WatchRequest` with status 200.
package struct WatchResponse<Chunks: AsyncSequence & Sendable>: Sendable where Chunks.Element == ByteBuffer {
    package var encoding: WireEncoding
    /// The body as it comes, cut anywhere. It ends when the server ends it; an error it throws is a cut, unless it is a
    /// `WatchFailure`, which then says more.
    package var chunks: Chunks

    package init(encoding: WireEncoding, chunks: Chunks) {
        self.encoding = encoding
        self.chunks = chunks
    }
}

/// What a page of a list says beside its items.
package struct ListPage: Sendable, Hashable {
    package var resourceVersion: String?
    /// nil or empty: it is the last page.
    package var continueToken: String?
    /// A guess of what is still to come (`remainingItemCount`).
    package var remainingItems: Int64?

    package init(resourceVersion: String?, continueToken: String? = nil, remainingItems: Int64? = nil) {
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
        self.remainingItems = remainingItems
    }
}
