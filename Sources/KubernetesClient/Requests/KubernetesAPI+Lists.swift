package import NIOCore
import NIOHTTP1

/// Which objects, and in what form.
package struct ResourceQuery: Sendable, Hashable {
    package var resource: APIResource
    /// nil: all of them, or a resource without.
    package var namespace: String?
    package var labelSelector: String?
    package var fieldSelector: String?
    package var encoding: ResourceEncoding

    package init(
        _ resource: APIResource, namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil,
        encoding: ResourceEncoding = .json
    ) {
        self.resource = resource
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.encoding = encoding
    }

    fileprivate var target: RequestTarget {
        var target = RequestTarget(resource, namespace: namespace, name: nil)
        target.add("labelSelector", labelSelector)
        target.add("fieldSelector", fieldSelector)
        return target
    }
}

/// One page of a list: its bytes as they came, in the form that `type` tells.
package struct ListAnswer: Sendable {
    package var type: ContentType
    package var body: ByteBuffer
    package var metadata: ListMetadata
}

/// What comes of a list in pages.
package enum ListEvent: Sendable {
    case page(ListAnswer)
    /// The list was too old to go on and begins anew: what came so far no longer counts.
    case restarted
}

/// The end of a list in pages.
package struct ListEnd: Sendable, Hashable {
    /// From where a watch would go on.
    package var resourceVersion: String
    /// Whether all pages show the same moment. Where even the second try took longer than the server keeps old
    /// versions (five minutes), the last pages are newer than the first.
    package var isConsistent: Bool
}

/// The start of a watch.
package enum WatchStart: Sendable, Hashable {
    /// What happened after a version that a list gave.
    case after(resourceVersion: String)
    /// Every object first, then a bookmark, then what happens (Kubernetes 1.32 and later).
    case initialEvents
}

/// A watch that has begun: events as they come, in the form that `type` tells.
package struct WatchAnswer: Sendable {
    package var type: ContentType
    package var body: HTTPBody
}

extension KubernetesAPI {
    /// Objects in one page; enough of them to be worth a round trip, few enough to be held at once.
    package static let pageSize = 500

    /// One page.
    ///
    /// - Parameters:
    ///   - limit: objects; nil: all at once.
    ///   - continueToken: of the page before; nil: the first.
    ///   - isRetried: whether a failure that may pass is waited out until the deadline.
    package func list(
        _ query: ResourceQuery, limit: Int? = pageSize, continueToken: String? = nil, deadline: NIODeadline,
        isRetried: Bool = true
    ) async throws(APIError) -> ListAnswer {
        var target = query.target
        target.add("limit", limit.map(String.init))
        target.add("continue", continueToken)
        let call = APICall(.list, query.resource, namespace: query.namespace)
        let answer = try await answer(
            Exchange(
                call: call, method: .GET, target: target,
                headers: [("Accept", query.encoding.acceptHeader(ofList: true))], isRetried: isRetried),
            deadline: deadline)
        guard let metadata = ListMetadata(answer.body, answer.type) else {
            throw .malformed(call, problem: "it is no list (\(answer.type))")
        }
        return ListAnswer(type: answer.type, body: answer.body, metadata: metadata)
    }

    /// All pages, one after the other.
    ///
    /// If the server forgets the list's version meanwhile (410), it begins anew, once; if that happens again, it goes
    /// on with what the server offers instead, and says that it is not of one moment.
    package func list(
        _ query: ResourceQuery, pageSize: Int = pageSize, deadline: NIODeadline,
        _ body: (ListEvent) async throws(APIError) -> Void
    ) async throws(APIError) -> ListEnd {
        var token: String?
        var hasRestarted = false
        var isConsistent = true
        while true {
            let page: ListAnswer
            do throws(APIError) {
                page = try await list(query, limit: pageSize, continueToken: token, deadline: deadline)
            } catch {
                guard error.isExpired, token != nil else { throw error }
                if !hasRestarted {
                    (hasRestarted, token) = (true, nil)
                    try await body(.restarted)
                } else if case .status(let status) = error, let offered = status.continueToken, offered != token {
                    (isConsistent, token) = (false, offered)
                } else {
                    throw error
                }
                continue
            }
            try await body(.page(page))
            token = page.metadata.continueToken
            if token == nil {
                return ListEnd(resourceVersion: page.metadata.resourceVersion, isConsistent: isConsistent)
            }
        }
    }

    /// Begins a watch, with bookmarks. It ends when the server ends it, or when its body is dropped.
    ///
    /// - Parameters:
    ///   - timeoutSeconds: after how long the server is to end it; nil: when it likes (30 to 60 minutes).
    ///   - deadline: until when it has to have begun.
    package func watch(
        _ query: ResourceQuery, from start: WatchStart, timeoutSeconds: Int? = nil, deadline: NIODeadline,
        isRetried: Bool = true
    ) async throws(APIError) -> WatchAnswer {
        var target = query.target
        target.add("watch", "true")
        target.add("allowWatchBookmarks", "true")
        switch start {
        case .after(let resourceVersion): target.add("resourceVersion", resourceVersion)
        case .initialEvents:
            target.add("sendInitialEvents", "true")
            target.add("resourceVersionMatch", "NotOlderThan")
        }
        target.add("timeoutSeconds", timeoutSeconds.map(String.init))
        let response = try await stream(
            Exchange(
                call: APICall(.watch, query.resource, namespace: query.namespace), method: .GET, target: target,
                headers: [("Accept", query.encoding.acceptHeader(ofList: false))], isRetried: isRetried),
            deadline: deadline)
        return WatchAnswer(
            type: ContentType(header: response.headers.first(name: "Content-Type")), body: response.body)
    }
}
