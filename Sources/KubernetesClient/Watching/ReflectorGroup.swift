import ServiceLifecycle
import Synchronization

/// Something that follows a resource until it is cancelled: a `Reflector` of any kind.
package protocol ResourceFollower: Sendable {
    func run() async
}

extension Reflector: ResourceFollower {}

/// Runs the reflectors of several resources, which may come and go while it runs: kinds are installed and removed.
///
/// Give them all the same `Permits`, and only so many read everything at a time.
package final class ReflectorGroup: Service {
    private struct Member: Sendable {
        var follower: any ResourceFollower
        var stop: AsyncStream<Never>
    }

    private let stops = Mutex<[String: AsyncStream<Never>.Continuation]>([:])
    private let joining: AsyncStream<Member>
    private let join: AsyncStream<Member>.Continuation

    package init() {
        (joining, join) = AsyncStream.makeStream(of: Member.self)
    }

    /// Of those that were added and not removed.
    package var names: Set<String> { stops.withLock { Set($0.keys) } }

    /// It runs as soon as the group does. False, and nothing happens, if the name is taken.
    @discardableResult
    package func add(_ name: String, _ follower: any ResourceFollower) -> Bool {
        let (stop, continuation) = AsyncStream.makeStream(of: Never.self)
        let isNew = stops.withLock { stops in
            if stops[name] != nil { return false }
            stops[name] = continuation
            return true
        }
        if isNew { join.yield(Member(follower: follower, stop: stop)) }
        return isNew
    }

    /// It is cancelled. False if there is none of that name.
    @discardableResult
    package func remove(_ name: String) -> Bool {
        let stop = stops.withLock { $0.removeValue(forKey: name) }
        stop?.finish()
        return stop != nil
    }

    /// Returns when the task is cancelled or the service shut down. To be called once.
    package func run() async {
        await cancelWhenGracefulShutdown { [joining] in
            await withDiscardingTaskGroup { group in
                for await member in joining {
                    group.addTask { await Self.run(member) }
                }
                group.cancelAll()
            }
        }
    }

    private static func run(_ member: Member) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await member.follower.run() }
            group.addTask { for await _ in member.stop {} }
            await group.next()
            group.cancelAll()
        }
    }
}
