import NIOCore

/// What a listener keeps of one connection. Owned by the connection's handler, listed in its loop's table; touched
/// on that event loop only.
final class ConnectionSlot {
    /// Where the connection stands, in the order in which connections are given up when there are too many.
    enum Standing: Int {
        /// Accepted; no request's head has arrived yet.
        case fresh
        /// A request is arriving.
        case receiving
        /// Between requests.
        case idle
        /// Output is closed; only the client's close is awaited.
        case lingering
        /// A complete request is being answered: never given up for another.
        case answering
    }

    var standing = Standing.fresh
    /// The last moment a complete request was answered, or the accept.
    var waitingSince: NIODeadline
    /// When the present standing has lasted too long.
    var deadline: NIODeadline
    /// The connection has had a request decided: its peer is what this server is here for.
    var hasServed = false
    /// Bytes of an arriving body.
    var heldBytes = 0

    fileprivate var index: Int?
    private(set) weak var owner: (any ConnectionOwner)?

    init(owner: any ConnectionOwner, now: NIODeadline, deadline: NIODeadline) {
        self.owner = owner
        self.waitingSince = now
        self.deadline = deadline
    }
}

/// The handler of a connection, as its loop's table sees it.
protocol ConnectionOwner: AnyObject {
    /// The deadline in the connection's slot has passed.
    func deadlinePassed(now: NIODeadline)
    /// The connection has to make room for another.
    func evict(_ cause: EvictionCause)
    /// Serving ends: close unless a request is under way.
    func finish(now: NIODeadline)
    /// Close at once.
    func abort()
}

enum EvictionCause: Hashable, Sendable {
    case connectionLimit
    case heldBodyLimit
}

/// The open connections of one event loop. No I/O, no clock.
struct ConnectionTable {
    private var slots: [ConnectionSlot] = []

    var count: Int { self.slots.count }

    mutating func insert(_ slot: ConnectionSlot) {
        slot.index = self.slots.count
        self.slots.append(slot)
    }

    mutating func remove(_ slot: ConnectionSlot) {
        guard let index = slot.index, index < self.slots.count, self.slots[index] === slot else { return }
        slot.index = nil
        let last = self.slots.removeLast()
        guard last !== slot else { return }
        self.slots[index] = last
        last.index = index
    }

    /// The connection to give up for a new one: the one that has waited longest without a complete request. Those that
    /// never had a request decided go first, so that a flood of silent connections cannot push out an API server's.
    func longestWaiting() -> ConnectionSlot? {
        var longest: ConnectionSlot?
        for slot in self.slots where slot.standing != .answering {
            guard let candidate = longest else {
                longest = slot
                continue
            }
            if slot.hasServed != candidate.hasServed ? !slot.hasServed : slot.waitingSince < candidate.waitingSince {
                longest = slot
            }
        }
        return longest
    }

    /// The connection whose body has been arriving longest, among those that hold memory worth freeing.
    func slowestBody() -> ConnectionSlot? {
        // A request of ordinary size comes in one read; those are never the problem.
        let worthFreeing = 64 * 1024
        var slowest: ConnectionSlot?
        for slot in self.slots where slot.standing == .receiving && slot.heldBytes >= worthFreeing {
            if slowest.map({ slot.deadline < $0.deadline }) ?? true { slowest = slot }
        }
        return slowest
    }

    func overdue(at now: NIODeadline) -> [ConnectionSlot] {
        self.slots.filter { $0.deadline <= now }
    }

    /// All connections, as they are now: acting on one may change the table.
    var all: [ConnectionSlot] { self.slots }
}
