import NIOCore
import Synchronization
import Testing

@testable import WebhookServer

struct MetricsTests {
    static func metrics(process: Bool = false) -> GateMetrics {
        GateMetrics(
            version: "0.1.0", toolchain: "Swift 6.3", openSSL: "OpenSSL 3.0.17", kinds: ["Pod", "Deployment"],
            gapReasons: ["missing", "invalid-value"], watchFailureReasons: ["cut", "expired"], includeProcess: process)
    }

    @Test("The exposition of every family, word by word")
    func golden() {
        let metrics = MetricsTests.metrics()
        let pod = metrics.kind("Pod")
        metrics.recordAdmission(.create, kind: pod, decision: .deny, mode: .enforce, duration: .microseconds(40))
        metrics.recordAdmission(.create, kind: pod, decision: .deny, mode: .enforce, duration: .milliseconds(2))
        metrics.recordAdmission(
            .update, kind: metrics.kind("Invented"), decision: .allow, mode: .none, duration: .seconds(100))
        metrics.gaps.increment(label: "team", reason: "missing")
        metrics.gaps.increment(label: "team", reason: "missing")
        metrics.gaps.increment(label: "cost-center", reason: "invalid-value")
        metrics.gaps.increment(label: "team", reason: "unheard-of")
        metrics.setCertificateExpiry(1_800_000_000, of: .leaf)
        metrics.setPolicyHash("sha256:ab\"c\\d\ne")
        metrics.setCertificateSource(.secret)
        metrics.cacheAge.observe { [("namespaces", 1.5)] }
        metrics.recordLookup(.owner, .absent)
        metrics.recordWatchFailure("expired")
        metrics.recordWatchFailure("unheard-of")
        metrics.recordAnswer(.ok)
        metrics.recordAnswer(.tooLarge)
        metrics.connectionsChanged(by: 1)
        #expect(String(buffer: metrics.exposition()) == goldenExposition)
    }

    @Test("The exposition is well-formed, with the process' own figures")
    func wellFormed() throws {
        let metrics = MetricsTests.metrics(process: true)
        metrics.setPolicyHash("quote \" backslash \\ newline \n end")
        let exposition = try Exposition(parsing: String(buffer: metrics.exposition()))
        #expect(exposition.families.map(\.name) == exposition.families.map(\.name).sorted())
        #expect(exposition.value("tallygate_policy_info", ["hash": "quote \" backslash \\ newline \n end"]) == 1)
        #expect(try #require(exposition.value("process_resident_memory_bytes")) > 1_000_000)
        #expect(try #require(exposition.value("process_open_fds")) >= 3)
        #expect(try #require(exposition.value("process_cpu_seconds_total")) > 0)
        // Some time after this test was written.
        #expect(try #require(exposition.value("process_start_time_seconds")) > 1_750_000_000)
        #expect(exposition.families.allSatisfy { !$0.help.isEmpty })
    }

    @Test("Every combination of operation, kind, decision and mode has its own series")
    func positions() throws {
        let metrics = MetricsTests.metrics()
        for operation in AdmissionOperation.allCases {
            for kind in ["Pod", "Deployment", "other"] {
                for decision in AdmissionDecision.allCases {
                    for mode in AdmissionMode.allCases {
                        metrics.recordAdmission(
                            operation, kind: metrics.kind(kind), decision: decision, mode: mode, duration: .zero)
                    }
                }
            }
        }
        let family = try #require(
            try Exposition(parsing: String(buffer: metrics.exposition())).family("tallygate_admission_requests_total"))
        #expect(family.samples.count == 5 * 3 * 7 * 4)
        #expect(family.samples.allSatisfy { $0.value == 1 })
        #expect(
            family.samples.contains {
                $0.labels == ["operation": "CONNECT", "kind": "other", "decision": "error", "mode": "none"]
            })
    }

    @Test("Every status has its own series")
    func statuses() throws {
        let metrics = MetricsTests.metrics()
        for (index, status) in ReplyStatus.allCases.enumerated() {
            for _ in 0...index { metrics.recordAnswer(status) }
        }
        let exposition = try Exposition(parsing: String(buffer: metrics.exposition()))
        for (index, status) in ReplyStatus.allCases.enumerated() {
            #expect(
                exposition.value("tallygate_http_requests_total", ["code": "\(status.rawValue)"]) == Double(index + 1))
        }
    }

    @Test("Label keys beyond the bound count together")
    func boundedGaps() throws {
        let metrics = MetricsTests.metrics()
        for index in 0..<1_000 { metrics.gaps.increment(label: "key-\(index)", reason: "missing") }
        let exposition = try Exposition(parsing: String(buffer: metrics.exposition()))
        let samples = try #require(exposition.family("tallygate_admission_gaps_total")).samples
        #expect(samples.count == 65)
        #expect(exposition.value("tallygate_admission_gaps_total", ["label": "other", "reason": "missing"]) == 936)
    }

    @Test("Bounds of the buckets belong to them")
    func buckets() throws {
        let histogram = DurationHistogram("d_seconds", help: "h", bounds: [10, 20])
        for nanoseconds in [0, 10, 11, 20, 21, .max] as [UInt64] { histogram.record(nanoseconds: nanoseconds) }
        var writer = ExpositionWriter()
        histogram.write(to: &writer)
        let exposition = try Exposition(parsing: String(buffer: writer.buffer))
        #expect(exposition.value("d_seconds_bucket", ["le": "1e-08"]) == 2)
        #expect(exposition.value("d_seconds_bucket", ["le": "2e-08"]) == 4)
        #expect(exposition.value("d_seconds_bucket", ["le": "+Inf"]) == 6)
    }

    @Test(
        "Numbers as Prometheus reads them",
        arguments: [
            (0, "0"), (-0.0, "0"), (1, "1"), (-3, "-3"), (0.5, "0.5"), (1e-05, "1e-05"), (1e300, "1e+300"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (9_007_199_254_740_992, "9007199254740992.0"),
        ] as [(Double, String)])
    func numbers(value: Double, text: String) {
        #expect(ExpositionWriter.number(value) == text)
    }
}

struct HealthTests {
    final class Box: Sendable {
        let status = Mutex(ReadinessCheck.Status.ok)
    }

    private let box = Box()
    private let metrics = MetricsTests.metrics()
    private let readiness: Readiness

    init() {
        let box = self.box
        self.readiness = Readiness(checks: [
            ReadinessCheck("tls") { .ok }, ReadinessCheck("policy") { box.status.withLock { $0 } },
        ])
    }

    private func get(_ target: String, method: String = "GET") throws -> String {
        let connection = try EmbeddedServer().connectHealth(
            HealthRouter(readiness: self.readiness, metrics: self.metrics))
        return connection.send("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
    }

    private func body(_ answer: String) -> String {
        answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).last.map(String.init) ?? ""
    }

    @Test("Live and ready")
    func healthy() throws {
        #expect(statuses(try self.get("/livez")) == [200])
        #expect(self.body(try self.get("/readyz")) == "ok\n")
        let verbose = "[+]tls ok\n[+]policy ok\n[+]shutdown ok\nreadyz check passed\n"
        for query in ["verbose", "verbose=true", "verbose=1", "a=b&verbose"] {
            #expect(self.body(try self.get("/readyz?\(query)")) == verbose)
        }
        #expect(self.body(try self.get("/readyz?verbose=false")) == "ok\n")
    }

    @Test("A failing check makes unready and says why; a degraded one only says")
    func unhealthy() throws {
        self.box.status.withLock { $0 = .degraded("reload failed:\npolicy.yaml:3:1") }
        #expect(statuses(try self.get("/readyz")) == [200])
        #expect(try self.get("/readyz?verbose").contains("[!]policy degraded: reload failed: policy.yaml:3:1\n"))
        self.box.status.withLock { $0 = .failing("no policy yet") }
        let answer = try self.get("/readyz")
        #expect(statuses(answer) == [503])
        #expect(
            self.body(answer) == "[+]tls ok\n[-]policy failed: no policy yet\n[+]shutdown ok\nreadyz check failed\n")
        #expect(statuses(try self.get("/livez")) == [200])
    }

    @Test("Draining makes unready, not dead")
    func draining() throws {
        self.readiness.startDraining()
        #expect(statuses(try self.get("/readyz")) == [503])
        #expect(try self.get("/readyz").contains("[-]shutdown failed: draining\n"))
        #expect(statuses(try self.get("/livez")) == [200])
    }

    @Test("Metrics are served as Prometheus wants them")
    func metricsEndpoint() throws {
        let answer = try self.get("/metrics")
        #expect(answer.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(throws: Never.self) { try Exposition(parsing: self.body(answer)) }
    }

    @Test("HEAD answers without a body, but with its length")
    func head() throws {
        let answer = try self.get("/livez", method: "HEAD")
        #expect(statuses(answer) == [200])
        #expect(answer.hasSuffix("Content-Length: 3\r\n\r\n"))
        #expect(self.body(try self.get("/", method: "HEAD")) == "")
    }

    @Test("Anything else is refused")
    func refused() throws {
        #expect(statuses(try self.get("/")) == [404])
        #expect(statuses(try self.get("/validate")) == [404])
        let answer = try self.get("/livez", method: "DELETE")
        #expect(statuses(answer) == [405])
        #expect(answer.contains("Allow: GET, HEAD\r\n"))
    }
}
