package import NIOCore
package import NIOHTTP1

/// A request to the API server.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// Path and query, percent-encoded, beginning with a slash: `/api/v1/pods?limit=500`.
    package var target: String
    package var headers: HTTPHeaders
    package var body: ByteBuffer?
    /// The client's certificate; nil: none is shown.
    package var identity: ClientIdentity?

    package init(
        method: HTTPMethod, target: String, headers: HTTPHeaders = HTTPHeaders(), body: ByteBuffer? = nil,
        identity: ClientIdentity? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.identity = identity
    }
}

extension HTTPRequest: CustomStringConvertible {
    /// Without headers, which hold the token.
    package var description: String { "\(method.rawValue) \(target)" }
}

/// A certificate that says who the client is, and its key, as PEM.
package struct ClientIdentity: Sendable, Hashable, CustomStringConvertible {
    /// The leaf first, then what is between it and the root.
    package var certificatePEM: [UInt8]
    package var keyPEM: [UInt8]

    package init(certificatePEM: [UInt8], keyPEM: [UInt8]) {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
    }

    /// Without the key.
    package var description: String { "client certificate" }
}

/// The head of an answer, and its body as it comes in.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: HTTPBody

    package init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: HTTPBody = HTTPBody(chunks: [])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// A body in pieces whose borders mean nothing. To be read once.
package struct HTTPBody: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer
    package typealias Failure = TransportError
    /// Gives the next piece; nil at the end.
    package typealias Pull = () async throws(TransportError) -> ByteBuffer?

    package struct AsyncIterator: AsyncIteratorProtocol {
        private let pull: Pull

        fileprivate init(_ pull: @escaping Pull) { self.pull = pull }

        package mutating func next() async throws(TransportError) -> ByteBuffer? { try await pull() }
    }

    private let makePull: @Sendable () -> Pull

    package init(_ makePull: @escaping @Sendable () -> Pull) { self.makePull = makePull }

    package init(chunks: [ByteBuffer]) {
        self.init {
            var rest = chunks[...]
            return { () async throws(TransportError) in rest.popFirst() }
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(makePull()) }
}

extension HTTPBody {
    /// The whole body.
    ///
    /// - Parameters:
    ///   - limit: bytes; a longer body is refused with `.bodyTooLarge`.
    ///   - deadline: until when the last byte has to be there.
    ///   - address: of the server, for errors.
    package func collect(
        upTo limit: Int, deadline: NIODeadline, from address: String
    ) async throws(TransportError) -> ByteBuffer {
        try await reduce(into: ByteBuffer(), upTo: limit, deadline: deadline, from: address) { all, chunk in
            if all.readableBytes == 0 {
                all = chunk
            } else {
                var chunk = chunk
                all.writeBuffer(&chunk)
            }
        }
    }

    /// What `take` makes of the body, piece by piece, under the bounds of `collect`.
    package func reduce<Value: Sendable>(
        into initial: Value, upTo limit: Int, deadline: NIODeadline, from address: String,
        _ take: @escaping @Sendable (inout Value, ByteBuffer) -> Void
    ) async throws(TransportError) -> Value {
        // Of the two, what comes first counts. Cancelling the reader ends the request.
        let outcome = await withTaskGroup(of: Result<Value, TransportError>.self) { tasks in
            tasks.addTask { await reduce(into: initial, upTo: limit, from: address, take) }
            tasks.addTask {
                let wait = Swift.max(.nanoseconds(0), deadline - .now())
                do {
                    try await Task.sleep(for: .nanoseconds(wait.nanoseconds))
                    return .failure(TransportError(address: address, reason: .timedOut(.answer)))
                } catch {
                    return .failure(TransportError(address: address, reason: .cancelled))
                }
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? .failure(TransportError(address: address, reason: .cancelled))
        }
        return try outcome.get()
    }

    private func reduce<Value: Sendable>(
        into initial: Value, upTo limit: Int, from address: String, _ take: (inout Value, ByteBuffer) -> Void
    ) async -> Result<Value, TransportError> {
        do throws(TransportError) {
            var value = initial
            var total = 0
            var iterator = makeAsyncIterator()
            while let chunk = try await iterator.next() {
                total += chunk.readableBytes
                guard total <= limit else {
                    return .failure(TransportError(address: address, reason: .bodyTooLarge(limit: limit)))
                }
                take(&value, chunk)
            }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }
}
