package import NIOCore

/// A write of the keeper of certificates.
package enum KeeperWrite: String, Sendable, CaseIterable {
    case authority, bundle, leaf, retirement, restored

    var position: Int {
        switch self {
        case .authority: 0
        case .bundle: 1
        case .leaf: 2
        case .retirement: 3
        case .restored: 4
        }
    }
}

/// All metrics of the keeper of certificates, and their exposition.
///
/// How the certificates stand is shown by the leader alone; the rest is of this process.
package final class KeeperMetrics: MetricsExposing {
    private static let outcomes = MetricDimension("outcome", values: ["done", "failed"])

    package let leaseFailures: CounterFamily
    private let checks: CounterFamily
    private let renewal: GaugeFamily
    private let writes: CounterFamily
    private let inOrder: GaugeFamily
    private let verified: GaugeFamily
    private let leader: GaugeFamily
    private let families: [any MetricFamily]

    /// - Parameter includeProcess: whether the `process_*` families are read from /proc at each scrape.
    package init(version: String, toolchain: String, openSSL: String, includeProcess: Bool = true) {
        checks = CounterFamily(
            "tallygate_certificate_checks_total",
            help: "Looks at Secret, caBundles and what every gate serves, by whether they could be done.",
            dimensions: [Self.outcomes])
        renewal = GaugeFamily(
            "tallygate_certificate_renewal_timestamp_seconds",
            help: "When the certificate and the CA in the Secret are to be renewed, in seconds since 1970.",
            dimensions: [MetricDimension("certificate", values: CertificateRole.allCases.map(\.text))])
        writes = CounterFamily(
            "tallygate_certificate_writes_total", help: "What the keeper of certificates wrote, by what it was.",
            dimensions: [MetricDimension("step", values: KeeperWrite.allCases.map(\.rawValue))])
        inOrder = GaugeFamily(
            "tallygate_certificates_in_order",
            help:
                "Whether every gate serves the Secret's certificate, and its CA is all that is trusted; by the leader.")
        verified = GaugeFamily(
            "tallygate_certificates_verified_timestamp_seconds",
            help: "When all was last seen to be in order, in seconds since 1970; by the leader.")
        leader = GaugeFamily("tallygate_leader", help: "Whether this process is the one that writes.", initially: 0)
        leaseFailures = CounterFamily(
            "tallygate_lease_failures_total", help: "Requests for the Lease that failed; conflicts are none.")
        let build = InfoFamily(
            "tallygate_build_info", help: "The version that runs, what it was built with, and its TLS library.",
            labels: [("openssl", openSSL), ("toolchain", toolchain), ("version", version)])
        families =
            (includeProcess ? [ProcessMetrics()] : []) + [
                build, checks, renewal, writes, inOrder, verified, leader, leaseFailures,
            ]
    }

    /// - Parameters:
    ///   - isInOrder: nothing is to be done before the next renewal.
    ///   - seconds: now, since 1970; the renewals likewise, nil for what is not there.
    package func recordCheck(isInOrder: Bool, at seconds: Int64, leafRenewal: Int64?, authorityRenewal: Int64?) {
        checks.increment(at: 0)
        inOrder.set(isInOrder ? 1 : 0)
        if isInOrder { verified.set(Double(seconds)) }
        renewal.set(leafRenewal.map(Double.init), at: CertificateRole.leaf.rawValue)
        renewal.set(authorityRenewal.map(Double.init), at: CertificateRole.ca.rawValue)
    }

    /// Something could not be read or written: nothing is known to be in order.
    package func recordFailure() {
        checks.increment(at: 1)
        inOrder.set(0)
    }

    package func recordWrite(_ write: KeeperWrite) { writes.increment(at: write.position) }

    package func setLeader(_ leads: Bool) {
        leader.set(leads ? 1 : 0)
        if !leads { forget() }
    }

    /// How the certificates stand is not for this process to say.
    package func forget() {
        for family in [inOrder, verified] { family.set(nil) }
        for role in CertificateRole.allCases { renewal.set(nil, at: role.rawValue) }
    }

    package func exposition() -> ByteBuffer {
        var writer = ExpositionWriter()
        for family in families { family.write(to: &writer) }
        return writer.buffer
    }
}
