package import NIOCore

/// What became of a write to the cluster.
package enum WriteOutcome: String, Sendable, CaseIterable {
    case written, removed, failed

    var position: Int {
        switch self {
        case .written: 0
        case .removed: 1
        case .failed: 2
        }
    }
}

/// What became of an Event.
package enum EventOutcome: String, Sendable, CaseIterable {
    /// `known`: it was there already, so that nothing was said twice. `postponed`: beyond the bound of one round.
    case created, known, postponed, failed

    var position: Int {
        switch self {
        case .created: 0
        case .known: 1
        case .postponed: 2
        case .failed: 3
        }
    }
}

/// All metrics of the auditor, and their exposition.
///
/// The cluster's figures are shown by the leader alone, so that a sum over replicas counts nothing twice; everything
/// else is of this process.
package final class AuditorMetrics: MetricsExposing {
    package let coverage: TableGaugeFamily
    package let cost: TableGaugeFamily
    package let unattributedCost: TableGaugeFamily
    package let tagGaps: TableGaugeFamily
    package let policyReloadFailures: CounterFamily
    package let policyReloads: CounterFamily
    /// Seconds since each cache was in touch with the API server.
    package let cacheAge: ObservedGaugeFamily
    package let leaseFailures: CounterFamily
    /// Looks for prices at OpenCost that failed.
    package let priceFailures: CounterFamily

    private let auditDuration: GaugeFamily
    private let watchFailures: CounterFamily
    private let watchFailurePositions: [String: Int]
    private let unreadable: CounterFamily
    private let leader: GaugeFamily
    private let reports: CounterFamily
    private let reportObjects: GaugeFamily
    private let events: CounterFamily
    private let pricedNodes: GaugeFamily
    private let pricesRead: GaugeFamily
    private let policyInfo: InfoFamily
    private let families: [any MetricFamily]

    /// - Parameters:
    ///   - watchFailureReasons: the stable codes of all reasons for which a list or watch fails.
    ///   - includeProcess: whether the `process_*` families are read from /proc at each scrape.
    package init(
        version: String, toolchain: String, openSSL: String, watchFailureReasons: [String] = [],
        includeProcess: Bool = true
    ) {
        coverage = TableGaugeFamily(
            "tallygate_coverage_ratio",
            help: "The part of spend, or of workloads, that has an owner; by label, empty for all that are required.",
            labels: ["basis", "label"])
        cost = TableGaugeFamily(
            "tallygate_cost_usd_per_hour",
            help: "What the cluster costs per hour in dollars, by whom it is billed to. All series sum to the cluster.",
            labels: ["team", "cost_center", "environment"])
        unattributedCost = TableGaugeFamily(
            "tallygate_unattributed_cost_usd_per_hour",
            help: "What workloads without an owner cost per hour in dollars, by namespace and first reason.",
            labels: ["namespace", "reason"])
        tagGaps = TableGaugeFamily(
            "tallygate_nodegroup_tag_gaps",
            help: "Nodes of a node group that lack a tag; where the tag has several values, at least 1.",
            labels: ["nodegroup", "tag"])
        auditDuration = GaugeFamily(
            "tallygate_audit_duration_seconds",
            help: "How long the last audit took, from taking the changes to its figures; writes excepted.")
        cacheAge = ObservedGaugeFamily(
            "tallygate_cache_age_seconds", help: "Time since a cache was last in touch with the API server.",
            label: "resource")
        watchFailures = CounterFamily(
            "tallygate_watch_failures_total", help: "Lists and watches of the API server that failed, by reason.",
            dimensions: [MetricDimension("reason", values: watchFailureReasons)])
        watchFailurePositions = Dictionary(
            zip(watchFailureReasons, watchFailureReasons.indices)
        ) { first, _ in first }
        unreadable = CounterFamily(
            "tallygate_unreadable_objects_total", help: "Objects of the cluster that could not be read.")
        leader = GaugeFamily("tallygate_leader", help: "Whether this process is the one that writes.", initially: 0)
        leaseFailures = CounterFamily(
            "tallygate_lease_failures_total", help: "Requests for the Lease that failed; conflicts are none.")
        reports = CounterFamily(
            "tallygate_report_writes_total", help: "Reports written to and removed from the cluster, and failures.",
            dimensions: [MetricDimension("outcome", values: WriteOutcome.allCases.map(\.rawValue))])
        reportObjects = GaugeFamily("tallygate_reports", help: "Reports of this auditor that are in the cluster.")
        events = CounterFamily(
            "tallygate_events_total", help: "Events about findings, by what became of them.",
            dimensions: [MetricDimension("outcome", values: EventOutcome.allCases.map(\.rawValue))])
        priceFailures = CounterFamily(
            "tallygate_external_price_failures_total",
            help: "Times that OpenCost's prices could not be read; the last good ones stayed.")
        pricedNodes = GaugeFamily(
            "tallygate_external_priced_nodes", help: "Nodes that OpenCost gave a price of when it was last read.")
        pricesRead = GaugeFamily(
            "tallygate_external_prices_timestamp_seconds",
            help: "When OpenCost's prices were last read, in seconds since 1970.")
        policyInfo = InfoFamily("tallygate_policy_info", help: "The policy in force, by the hash of its documents.")
        policyReloads = CounterFamily("tallygate_policy_reloads_total", help: "Changed policies that came into force.")
        policyReloadFailures = CounterFamily(
            "tallygate_policy_reload_failures_total",
            help: "Changed policies that could not be used; the last good policy stayed.")
        let build = InfoFamily(
            "tallygate_build_info", help: "The version that runs, what it was built with, and its TLS library.",
            labels: [("openssl", openSSL), ("toolchain", toolchain), ("version", version)])
        families =
            (includeProcess ? [ProcessMetrics()] : []) + [
                auditDuration, build, cacheAge, cost, coverage, events, priceFailures, pricedNodes, pricesRead, leader,
                leaseFailures, tagGaps, policyInfo, policyReloadFailures, policyReloads, reports, reportObjects,
                unattributedCost, unreadable,
                watchFailures,
            ]
    }

    package func recordAudit(_ duration: Duration) { auditDuration.set(duration / .seconds(1)) }

    /// A reason that was not given at the start is not counted.
    package func recordWatchFailure(_ reason: String) {
        guard let position = watchFailurePositions[reason] else { return }
        watchFailures.increment(at: position)
    }

    package func recordUnreadable(_ objects: Int) { unreadable.increment(by: UInt64(clamping: objects)) }

    package func setLeader(_ leads: Bool) { leader.set(leads ? 1 : 0) }

    package func recordReport(_ outcome: WriteOutcome) { reports.increment(at: outcome.position) }

    /// Nil where reports are not written.
    package func setReports(_ count: Int?) { reportObjects.set(count.map(Double.init)) }

    package func recordEvent(_ outcome: EventOutcome, count: Int = 1) {
        events.increment(at: outcome.position, by: UInt64(clamping: count))
    }

    package func recordPrices(nodes: Int, at unixSeconds: Int64) {
        pricedNodes.set(Double(nodes))
        pricesRead.set(Double(unixSeconds))
    }

    package func setPolicyHash(_ hash: String) { policyInfo.set([("hash", hash)]) }

    package func exposition() -> ByteBuffer {
        var writer = ExpositionWriter()
        for family in families { family.write(to: &writer) }
        return writer.buffer
    }
}
