package import NIOCore

/// What a store keeps of an object of the cluster: little, as it keeps tens of thousands.
package protocol CachedObject: Sendable {
    /// What it is looked up by: a name, or a UID. It means the same whatever is shared.
    associatedtype Key: Hashable, Sendable
    /// What many objects have in common and refer to: pooled strings, sets of labels.
    associatedtype Shared: Sendable

    var key: Key { get }

    /// Nothing yet. Made for every event: it has to be cheap.
    static func makeShared() -> Shared

    /// The same object, referring to `new` instead of `old`.
    func moved(from old: Shared, to new: inout Shared) -> Self

    /// How much is shared, in any unit that grows with its memory. It never shrinks as objects go: the store builds it
    /// anew when it has doubled. Asked after every event: it has to be cheap.
    static func footprint(of shared: Shared) -> Int
}

/// For objects that stand for themselves.
package struct NothingShared: Sendable, Hashable {
    package init() {}
}

extension CachedObject where Shared == NothingShared {
    package static func makeShared() -> NothingShared { NothingShared() }
    package func moved(from old: NothingShared, to new: inout NothingShared) -> Self { self }
    package static func footprint(of shared: NothingShared) -> Int { 0 }
}

/// One object of a list or a watch cannot be read. The others can.
package struct DecodingProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which one: `item 17`, `an ADDED event`, with its namespace and name if they could be read.
    package var place: String
    package var problem: String

    package init(place: String, problem: String) {
        self.place = place
        self.problem = problem
    }

    package var description: String { "\(place): \(problem)" }
}

/// What a page of a list holds.
package struct DecodedPage<Object: CachedObject>: Sendable {
    package var page: ListPage
    package var objects: [Object]
    /// How many cannot be read.
    package var skipped: Int
    /// Of these, the first few.
    package var problems: [DecodingProblem]

    /// More would all say the same.
    package static var mostProblems: Int { 5 }

    package init(page: ListPage = ListPage(resourceVersion: nil), objects: [Object] = []) {
        self.page = page
        self.objects = objects
        skipped = 0
        problems = []
    }

    package mutating func skip(_ problem: @autoclosure () -> DecodingProblem) {
        skipped += 1
        if problems.count < Self.mostProblems { problems.append(problem()) }
    }
}

/// One event of a watch.
package enum WatchEvent<Object: CachedObject>: Sendable {
    /// ADDED and MODIFIED mean the same to a copy.
    case stored(Object, resourceVersion: String?)
    case deleted(Object, resourceVersion: String?)
    /// - Parameter endsInitialEvents: it is annotated `k8s.io/initial-events-end: "true"`.
    case bookmark(resourceVersion: String, endsInitialEvents: Bool)
    /// ERROR, with what its Status says.
    case failed(WatchFailure)
    /// The object is passed over.
    case unreadable(DecodingProblem, resourceVersion: String?)
}

/// How a list takes the place of a copy. What is read after it began, and before it is over, belongs to the list.
package enum ReplacementStep: Sendable, Hashable {
    /// One that began before it is abandoned.
    case began
    case abandoned
    /// The copy is what was read since it began.
    case committed
}

/// Reads objects from the bytes of lists and watches.
package protocol ObjectDecoder<Object>: Sendable {
    associatedtype Object: CachedObject

    /// - Parameter shared: what the page's objects will refer to, besides those of the pages before.
    /// - Throws: if not even a list can be made out; `malformed`.
    func readPage(
        _ body: ByteBuffer, as encoding: WireEncoding, into shared: inout Object.Shared
    ) throws(WatchFailure) -> DecodedPage<Object>

    /// - Parameter frame: one event, as `WatchFrameDecoder` cuts it.
    /// - Throws: if not even an event can be made out; `malformed`.
    func readEvent(
        _ frame: ByteBuffer, as encoding: WireEncoding, into shared: inout Object.Shared
    ) throws(WatchFailure) -> WatchEvent<Object>
}
