package import Audit

/// Which reports stand in the cluster and which should: what to write next, and when. No I/O, no clock.
///
/// A report is written only when its contents differ from what stands there, told by a hash that stands with it, so
/// that a new leader writes nothing that is there already.
package struct ReportBook: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Action: Sendable, Hashable {
        /// Write what the scope's report is now.
        case write(ClusterScope)
        case remove(ClusterScope)
        /// Nothing is due before then; nil: nothing at all.
        case wait(until: Instant?)
    }

    /// Between two writes of one report: its figures move with every Pod that comes and goes, and who reads it looks
    /// once in a while.
    package static let defaultInterval = Duration.seconds(60)
    /// After a write that failed, doubled each time up to the last.
    private static let firstPause = Duration.seconds(5)
    private static let longestPause = Duration.seconds(300)

    private struct Entry: Sendable {
        /// Of the report that stands in the cluster; empty where it has none of ours.
        var standing: String?
        /// Of the report as it should be; nil: there should be none.
        var wanted: String?
        var notBefore: Instant?
        var failures = 0

        var isDue: Bool { standing != wanted }
    }

    private var entries: [ClusterScope: Entry] = [:]
    /// Before it is known what is wanted, nothing is done: what stands may be just that.
    private var isComplete = false
    private let interval: Duration

    /// - Parameter interval: the least time between two writes of one report.
    package init(interval: Duration = defaultInterval) { self.interval = interval }

    /// What is wanted is told anew, all of it, before anything is asked again.
    package mutating func begin() {
        isComplete = true
        for scope in entries.keys { want(nil, for: scope) }
    }

    /// What was found in the cluster, of ours: hashes by scope. It takes the place of what was known.
    package mutating func found(_ hashes: [ClusterScope: String]) {
        for scope in entries.keys { entries[scope]?.standing = nil }
        for (scope, hash) in hashes { entries[scope, default: Entry()].standing = hash }
    }

    /// What the scope's report is to be, by the hash of its contents; nil: none.
    package mutating func want(_ hash: String?, for scope: ClusterScope) {
        entries[scope, default: Entry()].wanted = hash
        dropIfEmpty(scope)
    }

    /// Reports that stand in the cluster.
    package var count: Int { entries.values.count { $0.standing != nil } }

    package func next(at now: Instant) -> Action {
        guard isComplete else { return .wait(until: nil) }
        var due: (scope: ClusterScope, entry: Entry)?
        var earliest: Instant?
        for (scope, entry) in entries where entry.isDue {
            if let notBefore = entry.notBefore, notBefore > now {
                earliest = min(earliest ?? notBefore, notBefore)
            } else if due.map({ scope < $0.scope }) ?? true {
                due = (scope, entry)
            }
        }
        guard let due else { return .wait(until: earliest) }
        return due.entry.wanted == nil ? .remove(due.scope) : .write(due.scope)
    }

    /// The report was written, or removed.
    ///
    /// - Parameter hash: of what was written, which may be newer than what was wanted; nil: it was removed.
    package mutating func done(_ scope: ClusterScope, hash: String?, at now: Instant) {
        entries[scope, default: Entry()].standing = hash
        if let hash { entries[scope]?.wanted = hash }
        entries[scope]?.notBefore = now + interval
        entries[scope]?.failures = 0
        dropIfEmpty(scope)
    }

    /// It could not be done; it is tried again later.
    package mutating func failed(_ scope: ClusterScope, at now: Instant) {
        guard var entry = entries[scope] else { return }
        // Six doublings reach the longest pause.
        entry.notBefore = now + min(Self.firstPause * (1 << min(entry.failures, 6)), Self.longestPause)
        entry.failures += 1
        entries[scope] = entry
    }

    private mutating func dropIfEmpty(_ scope: ClusterScope) {
        if let entry = entries[scope], entry.standing == nil, entry.wanted == nil { entries[scope] = nil }
    }
}
