import NIOCore

/// Lists and watches the objects of a query through the client.
package struct ResourceLists: ListWatching {
    package typealias Chunks = HTTPBody

    private let api: KubernetesAPI
    private let query: ResourceQuery

    package init(_ api: KubernetesAPI, _ query: ResourceQuery) {
        self.api = api
        self.query = query
    }

    package var resource: String { query.resource.description }

    /// Not retried below: the watch machine decides when to try again, and tells.
    package func list(_ request: ListRequest) async throws(WatchFailure) -> ListResponse {
        do throws(APIError) {
            let answer = try await api.list(
                query, limit: request.limit, continueToken: request.continueToken,
                deadline: .now() + TimeAmount(request.timeout), isRetried: false)
            return ListResponse(encoding: try Self.encoding(answer.type, .list, query), body: answer.body)
        } catch {
            throw WatchFailure(error)
        }
    }

    package func watch(_ request: WatchRequest) async throws(WatchFailure) -> WatchResponse<HTTPBody> {
        let start: WatchStart =
            switch request.start {
            case .initialEvents: .initialEvents
            case .resume(let after): .after(resourceVersion: after)
            }
        do throws(APIError) {
            let answer = try await api.watch(
                query, from: start, timeoutSeconds: request.timeoutSeconds,
                deadline: .now() + TimeAmount(request.openTimeout), isRetried: false)
            return WatchResponse(encoding: try Self.encoding(answer.type, .watch, query), chunks: answer.body)
        } catch {
            throw WatchFailure(error)
        }
    }

    private static func encoding(
        _ type: ContentType, _ verb: APICall.Verb, _ query: ResourceQuery
    ) throws(APIError) -> WireEncoding {
        switch type {
        case .protobuf: return .protobuf
        case .json: return .json
        case .other(let name):
            let call = APICall(verb, query.resource, namespace: query.namespace)
            throw .malformed(call, problem: "its content type is \"\(name)\"; is it the API server that answers?")
        }
    }
}

extension WatchFailure {
    /// What a failed call means for what follows.
    package init(_ error: APIError) {
        let reason: Reason =
            switch error {
            case .status(let status): Reason(status)
            case .transport(let transport, _): Reason(transport.reason)
            case .credentials: .unauthorized
            case .configuration: .unreachable
            case .malformed: .malformed
            case .deadlineExceeded: .timedOut
            case .cancelled: .cut
            }
        self.init(reason, retryAfter: error.retryAfter, error.description)
    }
}

extension WatchFailure.Reason {
    fileprivate init(_ status: APIStatus) {
        let isTooOld = status.reason == "Expired" || status.reason == "Gone"
        // A version the server has not reached: it was put back to an older state (504, reason Timeout), and would
        // say so for ever.
        let isFromTheFuture = status.message.contains("Too large resource version")
        self = isTooOld || isFromTheFuture ? .expired : Self(status: status.code)
    }

    fileprivate init(_ reason: TransportError.Reason) {
        self =
            switch reason {
            case .timedOut: .timedOut
            case .closed, .cancelled, .shutDown: .cut
            case .malformed, .bodyTooLarge: .malformed
            case .refused, .unreachable, .unresolved, .certificate, .clientCertificateRefused, .notTLS, .tls, .proxy,
                .unusableIdentity, .other:
                .unreachable
            }
    }
}

extension TimeAmount {
    /// Rounded down to nanoseconds; the longest for what is longer.
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isTooLong) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        self = .nanoseconds(overflow || isTooLong ? .max : sum)
    }
}
