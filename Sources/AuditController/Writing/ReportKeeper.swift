package import Audit
import KubernetesClient
package import Logging
package import Reports

/// Keeps the cluster's reports as the audit has them, while this process leads.
///
/// Everything that goes wrong is logged, counted and tried again: the audit goes on without its reports.
package actor ReportKeeper {
    /// Between two looks whether what stands in the cluster is what was written: somebody may delete or change it.
    private static let lookInterval = Duration.seconds(600)
    /// Between two looks whether the kinds of reports are there by now.
    private static let absentInterval = Duration.seconds(60)
    /// After a look that failed.
    private static let retry = Duration.seconds(10)
    /// Between two looks whether a report has changed.
    private static let glance = Duration.seconds(1)

    private let store: ReportStore
    private let logger: Logger
    private let record: @Sendable (WriteResult) -> Void
    private let render: @Sendable (ClusterScope) async -> PolicyReport?
    private let clock = ContinuousClock()
    private var book: ReportBook
    private var nextLook: ContinuousClock.Instant?
    /// Whether it is known what stands in the cluster.
    private var isReady = false
    private var isAbsent = false
    private var hasFailed = false

    package enum WriteResult: Sendable {
        case written, removed, failed
        /// So many stand in the cluster; nil: it has no such kinds.
        case standing(Int?)
    }

    /// - Parameters:
    ///   - interval: the least time between two writes of one report.
    ///   - record: told of every write, for metrics.
    ///   - render: makes the report of a scope as it is now.
    package init(
        _ store: ReportStore, interval: Duration, logger: Logger, record: @escaping @Sendable (WriteResult) -> Void,
        render: @escaping @Sendable (ClusterScope) async -> PolicyReport?
    ) {
        self.store = store
        self.logger = logger
        self.record = record
        self.render = render
        book = ReportBook(interval: interval)
    }

    /// What reports should say.
    ///
    /// - Parameter isAll: all others want none.
    package func want(_ changed: [ScopeChange], isAll: Bool) {
        if isAll { book.begin() }
        for change in changed { book.want(change.reportHash, for: change.scope) }
    }

    /// Writes until its task is cancelled. What stands is looked at anew each time: another may have led meanwhile.
    package func run() async {
        nextLook = nil
        isReady = false
        while !Task.isCancelled {
            if nextLook.map({ clock.now >= $0 }) ?? true { await look() }
            guard isReady else {
                await pause(Self.glance)
                continue
            }
            switch book.next(at: clock.now) {
            case .wait: await pause(Self.glance)
            case .write(let scope): await write(scope)
            case .remove(let scope): await remove(scope)
            }
        }
    }

    private func pause(_ duration: Duration) async { try? await clock.sleep(for: duration) }

    private func look() async {
        do throws(APIError) {
            guard let hashes = try await store.standing() else {
                if !isAbsent {
                    logger.info(
                        "The cluster has no such reports; none are written until their definitions are installed",
                        metadata: ["api": "\(store.reports.group)/\(store.reports.version)"])
                }
                isAbsent = true
                isReady = false
                nextLook = clock.now + Self.absentInterval
                record(.standing(nil))
                return
            }
            isAbsent = false
            isReady = true
            book.found(hashes)
            nextLook = clock.now + Self.lookInterval
            record(.standing(book.count))
        } catch {
            note(error)
            nextLook = clock.now + Self.retry
        }
    }

    private func write(_ scope: ClusterScope) async {
        guard let report = await render(scope) else {
            book.want(nil, for: scope)
            return
        }
        do throws(APIError) {
            try await store.write(report)
            hasFailed = false
            book.done(scope, hash: report.hash, at: clock.now)
            record(.written)
            record(.standing(book.count))
        } catch {
            failed(scope, error)
        }
    }

    private func remove(_ scope: ClusterScope) async {
        do throws(APIError) {
            try await store.remove(scope)
            hasFailed = false
            book.done(scope, hash: nil, at: clock.now)
            record(.removed)
            record(.standing(book.count))
        } catch {
            failed(scope, error)
        }
    }

    private func failed(_ scope: ClusterScope, _ error: APIError) {
        guard !Task.isCancelled else { return }
        book.failed(scope, at: clock.now)
        record(.failed)
        note(error)
        // The definitions may be gone.
        if error.isNotFound { nextLook = clock.now }
    }

    /// The first of a row of failures is for everybody, with the rule that would allow it.
    private func note(_ error: APIError) {
        guard !Task.isCancelled else { return }
        logger.log(
            level: hasFailed ? .debug : .warning, "Cannot write reports; trying again", metadata: ["error": "\(error)"])
        hasFailed = true
    }
}
