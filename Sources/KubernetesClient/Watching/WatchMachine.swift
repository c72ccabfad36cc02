/// Keeps a copy of a resource's objects true to the server's, as far as decisions go: what to ask next, when, and what
/// the answers mean for the copy. It does no I/O and has no clock: times and randomness are passed in, and every method
/// says what is to be done.
///
/// It is always in one of four states:
///
/// | state | left by | to |
/// |---|---|---|
/// | *waiting* (also at the beginning) | ``proceed(at:using:)`` when its time has come | *listing* or *opening* |
/// | *listing*: a page is asked for | a page that is not the last | *listing* |
/// | | the last page: the copy is replaced | *opening*, after the list's resourceVersion |
/// | | 410 in the middle | *listing* once more, in one piece; then *waiting* |
/// | | any other failure, no answer in time | *waiting* |
/// | *opening*: a watch is asked for | the answer's head | *streaming* |
/// | | 400 or 422 to `sendInitialEvents` | *listing*, now and from now on |
/// | | 410, 400, 422 to a resourceVersion | *listing* (or *opening* with initial events), at once if it is the first time since a good stream |
/// | | any other failure | *waiting*, then the same resourceVersion |
/// | *streaming*: events come | its end after a good while, or silence | *opening*, after the last event |
/// | | its end soon, or a cut | *waiting*, then *opening* after the last event |
/// | | ERROR 410 | as 410 while *opening* |
/// | | another ERROR, unreadable bytes | *waiting*; the third in a row without news asks for a list |
///
/// With initial events the copy is replaced when the bookmark annotated `k8s.io/initial-events-end` comes; until then
/// events are collected beside it. If it never comes, the server does not know the parameter, and lists are used.
///
/// A resourceVersion is opaque: it is given back as it came and never compared. Lists ask for the most recent state
/// (none is sent), because an API server's cache may be older than what this process has seen from another one.
///
/// **It cannot spin.** Every step is followed by an answer, a wait or a bounded number of further steps: what is asked
/// again at once is asked so only once until a stream has been good for `healthyAfter`.
package struct WatchMachine: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private enum Plan: Sendable, Hashable {
        case sync
        case resume(after: String)
    }

    private struct Listing: Sendable {
        var request: ListRequest
        var deadline: Instant
        /// The first page's. The others show the same state.
        var resourceVersion: String?
        var pages = 0
    }

    private struct Streaming: Sendable {
        /// nil while the initial events come.
        var resourceVersion: String?
        /// When it was opened, or the initial events were over.
        var since: Instant
        var lastHeard: Instant
        var patience: Duration
        /// The server should have ended it by then.
        var end: Instant
    }

    private enum State: Sendable {
        case waiting(until: Instant?, Plan)
        case listing(Listing)
        case opening(WatchRequest, deadline: Instant)
        case streaming(Streaming)
    }

    private let settings: WatchSettings
    private var state = State.waiting(until: nil, .sync)
    private var backoff: WatchBackoff
    private var lastFailure: WatchFailure.Reason?
    /// False once the server has shown that it does not know them.
    private var usesInitialEvents: Bool
    /// Set by a list that expired between two pages, until one succeeds.
    private var listsInOnePiece = false
    /// Whether everything has been asked for again without a pause since the last good stream.
    private var hasRelisted = false
    /// Streams in a row that ended in an error without news.
    private var fruitlessStreams = 0
    /// Streams in a row on which nothing came at all. Each doubles the patience with the next: not every server sends
    /// bookmarks, and one that has had no event since its start may not either.
    private var silentStreams = 0

    package init(_ settings: WatchSettings = WatchSettings()) {
        self.settings = settings
        backoff = WatchBackoff(settings.backoff)
        usesInitialEvents = settings.usesInitialEvents
    }

    package var condition: Condition {
        if let lastFailure { return .failing(lastFailure) }
        switch state {
        case .waiting(_, .sync), .listing: return .syncing
        case .waiting(_, .resume): return .watching
        case .opening(let request, _): return request.start == .initialEvents ? .syncing : .watching
        case .streaming(let stream): return stream.resourceVersion == nil ? .syncing : .watching
        }
    }

    /// When ``deadlinePassed(at:using:)`` is due. It moves as bytes come.
    package var deadline: Instant? {
        switch state {
        case .waiting: nil
        case .listing(let listing): listing.deadline
        case .opening(_, let deadline): deadline
        case .streaming(let stream): min(stream.lastHeard + stream.patience, stream.end)
        }
    }
}

// MARK: - What happens

extension WatchMachine {
    /// Begins, and goes on after a wait. Too early, it says to wait on.
    package mutating func proceed(at now: Instant, using random: inout some RandomNumberGenerator) -> Transition {
        guard case .waiting(let until, let plan) = state else { return standing(now) }
        if let until, now < until { return Transition(next: .wait(until: until)) }
        return begin(plan, at: now, using: &random)
    }

    /// The step's request is made now, perhaps after having waited for others. Its time begins.
    package mutating func requestBegins(at now: Instant) {
        switch state {
        case .waiting, .streaming: break
        case .listing(var listing):
            listing.deadline = now + listing.request.timeout
            state = .listing(listing)
        case .opening(let request, _):
            state = .opening(request, deadline: now + request.openTimeout)
        }
    }

    /// A page has come, and its items were collected.
    package mutating func pageArrived(
        _ page: ListPage, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        guard case .listing(var listing) = state else { return standing(now) }
        guard let resourceVersion = listing.resourceVersion ?? page.resourceVersion, !resourceVersion.isEmpty else {
            return failed(WatchFailure(.malformed, "the list has no resourceVersion"), at: now, using: &random)
        }
        guard let token = page.continueToken, !token.isEmpty else {
            lastFailure = nil
            listsInOnePiece = false
            var transition = begin(.resume(after: resourceVersion), at: now, using: &random)
            transition.store = .commitReplacement
            return transition
        }
        listing.resourceVersion = resourceVersion
        listing.pages += 1
        guard token != listing.request.continueToken, listing.pages < settings.maximumPages else {
            let failure = WatchFailure(.malformed, "the list has no end after \(listing.pages) pages")
            return failed(failure, at: now, using: &random)
        }
        listing.request.continueToken = token
        listing.deadline = now + listing.request.timeout
        state = .listing(listing)
        return Transition(next: .list(listing.request))
    }

    /// The head of a watch's answer has come, with status 200.
    package mutating func watchOpened(at now: Instant) {
        guard case .opening(let request, _) = state else { return }
        let end = settings.lateness + .seconds(request.timeoutSeconds)
        let resourceVersion: String? =
            switch request.start {
            case .initialEvents: nil
            case .resume(let after): after
            }
        // Beyond four doublings it is longer than any watch.
        let patience = (settings.bookmarkInterval + settings.lateness) * (1 << min(silentStreams, 4))
        lastFailure = nil
        state = .streaming(
            Streaming(
                resourceVersion: resourceVersion, since: now, lastHeard: now, patience: min(patience, end),
                end: now + end))
    }

    /// Some bytes of the stream have come; what they mean is told by the methods below.
    package mutating func bytesArrived(at now: Instant) {
        guard case .streaming(var stream) = state else { return }
        stream.lastHeard = now
        state = .streaming(stream)
    }

    /// An event about an object.
    ///
    /// - Parameter resourceVersion: the object's; nil if it could not be read.
    package mutating func objectArrived(resourceVersion: String?) -> Destination {
        guard case .streaming(var stream) = state else { return .nowhere }
        silentStreams = 0
        guard stream.resourceVersion != nil else { return .replacement }
        if let resourceVersion, !resourceVersion.isEmpty {
            fruitlessStreams = 0
            stream.resourceVersion = resourceVersion
            state = .streaming(stream)
        }
        return .copy
    }

    /// - Parameter endsInitialEvents: it is annotated `k8s.io/initial-events-end: "true"`.
    /// - Returns: whether the copy is now to become what was collected.
    package mutating func bookmarkArrived(
        resourceVersion: String, endsInitialEvents: Bool, at now: Instant
    ) -> Bool {
        guard case .streaming(var stream) = state, !resourceVersion.isEmpty else { return false }
        silentStreams = 0
        let isInitial = stream.resourceVersion == nil
        if isInitial && !endsInitialEvents { return false }
        if isInitial { stream.since = now }
        if stream.resourceVersion != resourceVersion { fruitlessStreams = 0 }
        stream.resourceVersion = resourceVersion
        state = .streaming(stream)
        return isInitial
    }

    /// The server has ended the stream as it should.
    package mutating func streamEnded(
        at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        guard case .streaming(let stream) = state else { return standing(now) }
        if let resourceVersion = stream.resourceVersion, isHealthy(stream, at: now) {
            noteHealth()
            return begin(.resume(after: resourceVersion), at: now, using: &random)
        }
        let rest = stream.resourceVersion == nil ? "before the end of the initial events" : "soon after it began"
        return failed(WatchFailure(.cut, "the server ended the watch \(rest)"), at: now, using: &random)
    }

    /// A request failed, the stream was cut, or an ERROR event came.
    package mutating func failed(
        _ failure: WatchFailure, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        switch state {
        case .waiting:
            return standing(now)
        case .listing(let listing):
            return listFailed(listing, failure, at: now, using: &random)
        case .opening(let request, _):
            switch request.start {
            case .initialEvents:
                if failure.reason == .rejected { return listInstead(failure, at: now, using: &random) }
                return retry(.sync, failure, at: now, using: &random)
            case .resume(let after):
                return resumeFailed(after, failure, at: now, using: &random)
            }
        case .streaming(let stream):
            return streamFailed(stream, failure, at: now, using: &random)
        }
    }

    /// The time told by `deadline` has come; nil if it has moved since.
    package mutating func deadlinePassed(
        at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition? {
        guard let deadline, now >= deadline else { return nil }
        switch state {
        case .waiting:
            return nil
        case .listing, .opening:
            return failed(WatchFailure(.timedOut, "no answer in time"), at: now, using: &random)
        case .streaming(let stream):
            let silence = now - stream.lastHeard
            guard let resourceVersion = stream.resourceVersion else {
                let failure = WatchFailure(.silent, "the initial events have no end: nothing came for \(silence)")
                return listInstead(failure, at: now, using: &random)
            }
            if isHealthy(stream, at: now) { noteHealth() }
            var failure: WatchFailure?
            if silence >= stream.patience {
                silentStreams += 1
                failure = WatchFailure(.silent, "nothing came for \(silence)")
            }
            var transition = begin(.resume(after: resourceVersion), at: now, using: &random)
            transition.notice = failure.map(Notice.reopening)
            return transition
        }
    }
}

// MARK: - What is done about it

extension WatchMachine {
    /// What the state stands for, when something is told that does not belong to it.
    private func standing(_ now: Instant) -> Transition {
        switch state {
        case .waiting(let until, _): Transition(next: .wait(until: until ?? now))
        case .listing(let listing): Transition(next: .list(listing.request))
        case .opening(let request, _): Transition(next: .watch(request))
        case .streaming: Transition(next: .wait(until: now))
        }
    }

    private mutating func begin(
        _ plan: Plan, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        switch plan {
        case .resume(let after):
            return open(.resume(after: after), at: now, using: &random)
        case .sync where usesInitialEvents:
            var transition = open(.initialEvents, at: now, using: &random)
            transition.store = .beginReplacement
            return transition
        case .sync:
            let request = ListRequest(
                limit: listsInOnePiece ? nil : settings.pageSize, timeout: settings.listTimeout)
            state = .listing(Listing(request: request, deadline: now + request.timeout))
            return Transition(store: .beginReplacement, next: .list(request))
        }
    }

    private mutating func open(
        _ start: WatchRequest.Start, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        let request = WatchRequest(
            start, timeoutSeconds: Int.random(in: settings.watchSeconds, using: &random),
            openTimeout: settings.openTimeout)
        state = .opening(request, deadline: now + request.openTimeout)
        return Transition(next: .watch(request))
    }

    private mutating func retry(
        _ plan: Plan, _ failure: WatchFailure, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        let wait = backoff.next(after: failure, using: &random)
        lastFailure = failure.reason
        state = .waiting(until: now + wait, plan)
        return Transition(
            store: plan == .sync ? .abandonReplacement : .none, next: .wait(until: now + wait),
            notice: .retrying(failure, after: wait))
    }

    /// Asks for everything again, without a pause if that has not happened since the last good stream.
    private mutating func relist(
        _ failure: WatchFailure, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        if hasRelisted { return retry(.sync, failure, at: now, using: &random) }
        hasRelisted = true
        backoff.reset()
        var transition = begin(.sync, at: now, using: &random)
        transition.notice = .relisting(failure)
        return transition
    }

    private mutating func listInstead(
        _ failure: WatchFailure, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        usesInitialEvents = false
        var transition = begin(.sync, at: now, using: &random)
        transition.notice = .withoutInitialEvents(failure)
        return transition
    }

    private mutating func listFailed(
        _ listing: Listing, _ failure: WatchFailure, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        // Between two pages, the state they show was compacted away. One piece cannot expire.
        guard failure.reason == .expired, listing.request.continueToken != nil, !listsInOnePiece else {
            return retry(.sync, failure, at: now, using: &random)
        }
        listsInOnePiece = true
        var transition = begin(.sync, at: now, using: &random)
        transition.notice = .relisting(failure)
        return transition
    }

    private mutating func resumeFailed(
        _ resourceVersion: String, _ failure: WatchFailure, at now: Instant,
        using random: inout some RandomNumberGenerator
    ) -> Transition {
        switch failure.reason {
        case .expired, .rejected:
            return relist(failure, at: now, using: &random)
        case .unauthorized, .forbidden, .absent, .throttled, .unavailable, .unreachable, .timedOut, .cut, .silent,
            .malformed:
            return retry(.resume(after: resourceVersion), failure, at: now, using: &random)
        }
    }

    private mutating func streamFailed(
        _ stream: Streaming, _ failure: WatchFailure, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Transition {
        if isHealthy(stream, at: now) { noteHealth() }
        let isFruitless = isFruitless(failure)
        fruitlessStreams += isFruitless ? 1 : 0
        let isHopeless = isFruitless && fruitlessStreams >= settings.fruitlessStreams
        if isHopeless { fruitlessStreams = 0 }
        guard let resourceVersion = stream.resourceVersion else {
            if failure.reason == .rejected { return listInstead(failure, at: now, using: &random) }
            // A list passes over what cannot be read, item by item.
            if isHopeless { usesInitialEvents = false }
            return retry(.sync, failure, at: now, using: &random)
        }
        if isHopeless { return retry(.sync, failure, at: now, using: &random) }
        return resumeFailed(resourceVersion, failure, at: now, using: &random)
    }

    /// Whether the same resourceVersion may bring the same again.
    private func isFruitless(_ failure: WatchFailure) -> Bool {
        switch failure.reason {
        case .malformed, .unavailable: true
        case .expired, .unauthorized, .forbidden, .absent, .throttled, .rejected, .unreachable, .timedOut, .cut,
            .silent:
            false
        }
    }

    private func isHealthy(_ stream: Streaming, at now: Instant) -> Bool {
        stream.resourceVersion != nil && now - stream.since >= settings.healthyAfter
    }

    private mutating func noteHealth() {
        backoff.reset()
        hasRelisted = false
    }
}
