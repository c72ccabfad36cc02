import Attribution
import AuditController
import ClusterReading
import LabelPolicy
import Logging
import Synchronization
import WebhookServer

/// Keeps an auditor's prices true to OpenCost's: reads them again and again, and keeps the last good ones.
final class AuditorPrices: Sendable {
    private let source: OpenCostSource
    private let metrics: AuditorMetrics
    private let logger: Logger
    private let standing = Mutex(PriceStanding())

    init(_ source: OpenCostSource, metrics: AuditorMetrics, logger: Logger) {
        self.source = source
        self.metrics = metrics
        self.logger = logger
    }

    /// The last good ones; nil before there were any.
    var current: ExternalPrices? { standing.withLock { $0.prices } }

    var readiness: ReadinessCheck.Status {
        standing.withLock { $0.failure }.map(ReadinessCheck.Status.degraded) ?? .ok
    }

    /// Reads them once, within the bounds of the source.
    func read() async {
        let notices: [PriceStanding.Notice]
        do throws(OpenCostReadError) {
            let answer = try await source.read(today: WallClock.now().date)
            notices = standing.withLock { $0.read(answer) }
            metrics.recordPrices(nodes: answer.prices.perHour.count, at: WallClock.unixSeconds())
        } catch {
            // Ended by the end of this process.
            guard !Task.isCancelled else { return }
            notices = standing.withLock { $0.failed("\(error)") }
            metrics.priceFailures.increment()
        }
        for notice in notices { tell(notice) }
    }

    /// Reads them until the task is cancelled, after a pause each time.
    ///
    /// - Parameter changed: called with other prices than those before.
    func follow(_ changed: (ExternalPrices) async -> Void) async {
        var known = current
        while (try? await Task.sleep(for: standing.withLock { $0.pause })) != nil {
            await read()
            guard let prices = current, prices != known else { continue }
            known = prices
            await changed(prices)
        }
    }

    private func tell(_ notice: PriceStanding.Notice) {
        switch notice {
        case .began(let nodes):
            logger.info("Read prices", metadata: ["origin": "\(source.location.origin)", "nodes": "\(nodes)"])
        case .recovered(let nodes):
            logger.info("Read prices again", metadata: ["origin": "\(source.location.origin)", "nodes": "\(nodes)"])
        case .problem(let text): logger.warning("A price is doubtful", metadata: ["problem": "\(text)"])
        case .failed(let text):
            logger.warning("Cannot read prices; the last ones stay, trying again", metadata: ["error": "\(text)"])
        }
    }
}
