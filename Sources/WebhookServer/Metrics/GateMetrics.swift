package import NIOCore

package enum AdmissionOperation: Int, Sendable, CaseIterable {
    case create, update, delete, connect, other

    var text: String {
        switch self {
        case .create: "CREATE"
        case .update: "UPDATE"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .other: "other"
        }
    }
}

package enum AdmissionDecision: String, Sendable, CaseIterable {
    case allow, warn, deny, mutate
    /// Nothing could be judged, for want of the namespace.
    case unknown
    /// The policy does not speak of the request.
    case skip
    case error

    static let count = AdmissionDecision.allCases.count

    var position: Int {
        switch self {
        case .allow: 0
        case .warn: 1
        case .deny: 2
        case .mutate: 3
        case .unknown: 4
        case .skip: 5
        case .error: 6
        }
    }
}

/// The mode a request was judged in; `none` when no policy applied to it.
package enum AdmissionMode: String, Sendable, CaseIterable {
    case enforce, warn, audit, none

    static let count = AdmissionMode.allCases.count

    var position: Int {
        switch self {
        case .enforce: 0
        case .warn: 1
        case .audit: 2
        case .none: 3
        }
    }
}

/// What the API server was asked for.
package enum LookupSubject: String, Sendable, CaseIterable {
    case namespace, owner

    var position: Int {
        switch self {
        case .namespace: 0
        case .owner: 1
        }
    }
}

/// What came of it.
package enum LookupResult: String, Sendable, CaseIterable {
    case found, absent, forbidden, unanswered

    var position: Int {
        switch self {
        case .found: 0
        case .absent: 1
        case .forbidden: 2
        case .unanswered: 3
        }
    }
}

/// A kind that is counted by name, resolved once.
package struct MetricKind: Sendable, Hashable {
    let position: Int
}

/// Which certificate an expiry time belongs to.
package enum CertificateRole: Int, Sendable, CaseIterable {
    case leaf, ca

    var text: String {
        switch self {
        case .leaf: "leaf"
        case .ca: "ca"
        }
    }
}

/// Where a gate's certificate comes from.
package enum CertificateSource: String, Sendable {
    case secret, files
}

/// All metrics of the gate, and their exposition.
///
/// Every label value is one of a set fixed at the start (or, for label keys of the policy, bounded): nothing a user
/// can invent becomes a series. Recording is a lock that is hardly ever contended and an addition to an array.
package final class GateMetrics: MetricsExposing {
    package let gaps: GapCounter
    package let policyReloadFailures: CounterFamily
    package let certificateReloadFailures: CounterFamily
    /// Seconds since each cache was in touch with the API server; empty without caches.
    package let cacheAge: ObservedGaugeFamily
    /// What the caches lacked and the API server was asked for, by `LookupSubject` and `LookupResult`.
    private let lookups: CounterFamily
    /// TLS handshakes that failed, and connections that broke before a request came.
    package let handshakeFailures: CounterFamily
    package let connectionsEvicted: CounterFamily
    package let selfProbeFailures: CounterFamily

    private let selfProbeSuccess: GaugeFamily
    private let selfProbeTime: GaugeFamily

    private let admissions: CounterFamily
    private let admissionDuration: DurationHistogram
    private let certificateExpiry: GaugeFamily
    private let certificateSource: InfoFamily
    private let policyInfo: InfoFamily
    private let requests: CounterFamily
    private let watchFailures: CounterFamily
    private let watchFailurePositions: [String: Int]
    private let connections: GaugeFamily
    private let families: [any MetricFamily]
    private let kindPositions: [String: Int]
    private let kindCount: Int

    /// - Parameters:
    ///   - version: of this program; `toolchain` and `openSSL` of what it was built with and runs on.
    ///   - kinds: the catalogue's kinds, in any order; all others count as `other`.
    ///   - gapReasons: the stable codes of all reasons.
    ///   - watchFailureReasons: the stable codes of all reasons for which a list or watch fails.
    ///   - includeProcess: whether the `process_*` families are read from /proc at each scrape.
    package init(
        version: String, toolchain: String, openSSL: String, kinds: [String], gapReasons: [String],
        watchFailureReasons: [String] = [], includeProcess: Bool = true
    ) {
        let kindNames = Array(Set(kinds).subtracting(["other"])).sorted() + ["other"]
        self.kindCount = kindNames.count
        self.kindPositions = Dictionary(uniqueKeysWithValues: zip(kindNames, kindNames.indices))

        self.admissions = CounterFamily(
            "tallygate_admission_requests_total",
            help: "Admission requests decided, by operation, kind, decision and the mode they were judged in.",
            dimensions: [
                MetricDimension("operation", values: AdmissionOperation.allCases.map(\.text)),
                MetricDimension("kind", values: kindNames),
                MetricDimension("decision", values: AdmissionDecision.allCases.map(\.rawValue)),
                MetricDimension("mode", values: AdmissionMode.allCases.map(\.rawValue)),
            ])
        self.admissionDuration = DurationHistogram(
            "tallygate_admission_duration_seconds",
            help: "Time from a complete request to its answer.",
            // From what a warm decision takes to what an API server waits at most.
            bounds: [
                10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
                25_000_000, 50_000_000, 100_000_000, 250_000_000, 1_000_000_000, 5_000_000_000, 30_000_000_000,
            ])
        self.gaps = GapCounter(
            "tallygate_admission_gaps_total", help: "Gaps found in admitted and denied objects, by label and reason.",
            reasons: gapReasons)
        self.certificateExpiry = GaugeFamily(
            "tallygate_certificate_expiry_timestamp_seconds",
            help: "When the certificate served, and the CA it came with, expire, in seconds since 1970.",
            dimensions: [MetricDimension("certificate", values: CertificateRole.allCases.map(\.text))])
        self.certificateReloadFailures = CounterFamily(
            "tallygate_certificate_reload_failures_total",
            help: "Changed certificate files that could not be used; the last good pair stayed.")
        self.certificateSource = InfoFamily(
            "tallygate_certificate_source",
            help: "Where the certificate comes from: a Secret that is followed, or files.")
        self.policyInfo = InfoFamily(
            "tallygate_policy_info", help: "The policy in force, by the hash of its documents.")
        self.policyReloadFailures = CounterFamily(
            "tallygate_policy_reload_failures_total",
            help: "Changed policies that could not be used; the last good policy stayed.")
        self.cacheAge = ObservedGaugeFamily(
            "tallygate_cache_age_seconds", help: "Time since a cache was last in touch with the API server.",
            label: "resource")
        self.lookups = CounterFamily(
            "tallygate_live_lookups_total",
            help: "Requests to the API server for what a cache lacked, by what was asked for and what came of it.",
            dimensions: [
                MetricDimension("subject", values: LookupSubject.allCases.map(\.rawValue)),
                MetricDimension("result", values: LookupResult.allCases.map(\.rawValue)),
            ])
        self.watchFailures = CounterFamily(
            "tallygate_watch_failures_total", help: "Lists and watches of the API server that failed, by reason.",
            dimensions: [MetricDimension("reason", values: watchFailureReasons)])
        self.watchFailurePositions = Dictionary(
            zip(watchFailureReasons, watchFailureReasons.indices)
        ) { first, _ in first }
        self.requests = CounterFamily(
            "tallygate_http_requests_total", help: "Answers of the webhook listener, by HTTP status code.",
            dimensions: [MetricDimension("code", values: ReplyStatus.allCases.map { String($0.rawValue) })])
        self.connections = GaugeFamily(
            "tallygate_connections", help: "Open connections of the webhook listener.", initially: 0)
        self.connectionsEvicted = CounterFamily(
            "tallygate_connections_evicted_total",
            help: "Connections closed for want of room, though nothing was wrong with them.")
        self.handshakeFailures = CounterFamily(
            "tallygate_handshake_failures_total",
            help: "Connections of the webhook listener that failed before their first request: TLS handshakes, mostly.")
        self.selfProbeFailures = CounterFamily(
            "tallygate_self_probe_failures_total",
            help: "Times the gate could not be asked through its Service with the published CA bundle.")
        self.selfProbeSuccess = GaugeFamily(
            "tallygate_self_probe_success",
            help: "Whether the gate could be asked through its Service with the published CA bundle, the last time.")
        self.selfProbeTime = GaugeFamily(
            "tallygate_self_probe_timestamp_seconds",
            help: "When the gate was last asked through its Service, in seconds since 1970.")
        let build = InfoFamily(
            "tallygate_build_info", help: "The version that runs, what it was built with, and its TLS library.",
            labels: [("openssl", openSSL), ("toolchain", toolchain), ("version", version)])
        self.families =
            (includeProcess ? [ProcessMetrics()] : []) + [
                self.admissionDuration, self.gaps, self.admissions, build, self.cacheAge, self.certificateExpiry,
                self.certificateReloadFailures, self.certificateSource, self.connections, self.connectionsEvicted,
                self.handshakeFailures,
                self.requests, self.lookups, self.policyInfo, self.policyReloadFailures, self.selfProbeFailures,
                self.selfProbeSuccess, self.selfProbeTime, self.watchFailures,
            ]
    }

    /// The position of a kind, for `recordAdmission`; resolve it once for each kind.
    package func kind(_ name: String) -> MetricKind {
        MetricKind(position: self.kindPositions[name] ?? self.kindCount - 1)
    }

    package func recordAdmission(
        _ operation: AdmissionOperation, kind: MetricKind, decision: AdmissionDecision, mode: AdmissionMode,
        duration: TimeAmount
    ) {
        let position =
            ((operation.rawValue * self.kindCount + kind.position) * AdmissionDecision.count + decision.position)
            * AdmissionMode.count + mode.position
        self.admissions.increment(at: position)
        self.admissionDuration.record(nanoseconds: UInt64(clamping: duration.nanoseconds))
    }

    /// Seconds since 1970; nil when there is no such certificate.
    package func setCertificateExpiry(_ seconds: Double?, of role: CertificateRole) {
        self.certificateExpiry.set(seconds, at: role.rawValue)
    }

    /// - Parameter seconds: since 1970.
    package func recordSelfProbe(succeeded: Bool, at seconds: Int64) {
        self.selfProbeSuccess.set(succeeded ? 1 : 0)
        self.selfProbeTime.set(Double(seconds))
        if !succeeded { self.selfProbeFailures.increment() }
    }

    package func setCertificateSource(_ source: CertificateSource) {
        self.certificateSource.set([("source", source.rawValue)])
    }

    package func setPolicyHash(_ hash: String) {
        self.policyInfo.set([("hash", hash)])
    }

    package func recordLookup(_ subject: LookupSubject, _ result: LookupResult) {
        self.lookups.increment(at: subject.position * LookupResult.allCases.count + result.position)
    }

    /// A reason that was not given at the start is not counted.
    package func recordWatchFailure(_ reason: String) {
        guard let position = self.watchFailurePositions[reason] else { return }
        self.watchFailures.increment(at: position)
    }

    func recordAnswer(_ status: ReplyStatus) {
        self.requests.increment(at: status.position)
    }

    func connectionsChanged(by difference: Double) {
        self.connections.add(difference)
    }

    /// The text exposition of all families, ordered by name.
    package func exposition() -> ByteBuffer {
        var writer = ExpositionWriter()
        for family in self.families { family.write(to: &writer) }
        return writer.buffer
    }
}

extension ReplyStatus {
    /// The place among `allCases`.
    fileprivate var position: Int {
        switch self {
        case .ok: 0
        case .badRequest: 1
        case .notFound: 2
        case .methodNotAllowed: 3
        case .requestTimeout: 4
        case .tooLarge: 5
        case .unsupportedMediaType: 6
        case .expectationFailed: 7
        case .headersTooLarge: 8
        case .internalError: 9
        case .notImplemented: 10
        case .unavailable: 11
        case .versionNotSupported: 12
        }
    }
}
