import NIOCore

/// Has somebody look at one object whenever it may have changed.
///
/// Less than a reflector, which keeps copies of many: it keeps nothing and reads nothing of what a watch says but that
/// it says something. Whoever looks asks for the object. Since bookmarks come about once a minute, and a watch that
/// ends is opened again, no change is missed for long, whatever the server does.
///
/// With `metadata.name` as its field selector the watch is allowed by a rule with `resourceNames`.
package struct ObjectFollower: Sendable {
    /// When the server ends the watch; it is opened again.
    private static let watchSeconds = 300
    /// A watch that has not ended by then is dead.
    private static let lateness = TimeAmount.seconds(30)
    /// Until the head of the watch's answer.
    private static let openTimeout = TimeAmount.seconds(10)
    /// Between attempts. One object that a handful of processes ask for is no burden, and a gate that started while the
    /// API server was away is not ready before it has its certificate: what comes back is noticed within five seconds.
    private static let backoff: WatchBackoff.Settings = {
        var settings = WatchBackoff.Settings()
        settings.cap = .seconds(5)
        settings.refusedCap = .seconds(15)
        settings.absentCap = .seconds(15)
        return settings
    }()

    private let api: KubernetesAPI
    private let query: ResourceQuery
    private let timing: APITiming

    package init(_ api: KubernetesAPI, _ object: ObjectReference, timing: APITiming = .system) {
        self.api = api
        self.timing = timing
        query = ResourceQuery(
            object.resource, namespace: object.namespace, fieldSelector: "metadata.name=\(object.name)")
    }

    /// Goes on until its task is cancelled.
    ///
    /// - Parameter look: called one at a time; at first, and after a failure too.
    package func run(_ look: @escaping @Sendable () async -> Void) async {
        var backoff = WatchBackoff(Self.backoff)
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let failure: WatchFailure
            do throws(APIError) {
                // From 0: whatever there is now comes first, at once.
                let answer = try await api.watch(
                    query, from: .after(resourceVersion: "0"), timeoutSeconds: Self.watchSeconds,
                    deadline: timing.now() + Self.openTimeout, isRetried: false)
                await look()
                if await drain(answer.body, look) { backoff.reset() }
                failure = WatchFailure(.cut, "the watch ended")
            } catch {
                await look()
                failure = WatchFailure(error)
            }
            let wait = backoff.next(after: failure, using: &random)
            do throws(CancellationError) { try await timing.sleep(.milliseconds(wait.milliseconds)) } catch { return }
        }
    }

    /// - Returns: whether anything came.
    private func drain(_ body: HTTPBody, _ look: @escaping @Sendable () async -> Void) async -> Bool {
        await withTaskGroup(of: Bool?.self) { group in
            group.addTask {
                var hasCome = false
                var iterator = body.makeAsyncIterator()
                while let chunk = try? await iterator.next(), !Task.isCancelled {
                    hasCome = hasCome || chunk.readableBytes > 0
                    await look()
                }
                return hasCome
            }
            group.addTask { [timing] in
                try? await timing.sleep(.seconds(Int64(Self.watchSeconds)) + Self.lateness)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? false
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds &* 1_000 &+ components.attoseconds / 1_000_000_000_000_000
    }
}
