import Synchronization

/// One condition of being ready, looked at whenever `/readyz` is asked.
package struct ReadinessCheck: Sendable {
    package enum Status: Sendable, Hashable {
        case ok
        /// Ready all the same, but somebody should look: a reload that failed, say.
        case degraded(String)
        case failing(String)
    }

    /// Short, lower case, unique: `tls`, `policy`.
    package let name: String
    /// Called on an event loop: it must not block.
    package let status: @Sendable () -> Status

    package init(_ name: String, status: @escaping @Sendable () -> Status) {
        self.name = name
        self.status = status
    }
}

/// Keeps a check that was once ready from failing: what is amiss later is said, and no more.
///
/// For a condition that a replica has to meet before it takes requests, and that takes no requests from it afterwards:
/// leaving its Service for it would cost more than serving without.
package final class ReadinessLatch: Sendable {
    private let wasReady = Atomic(false)

    package init() {}

    package func pass(_ status: ReadinessCheck.Status) -> ReadinessCheck.Status {
        switch status {
        case .ok, .degraded:
            wasReady.store(true, ordering: .relaxed)
            return status
        case .failing(let reason): return wasReady.load(ordering: .relaxed) ? .degraded(reason) : status
        }
    }
}

/// Whether requests should come: all checks together, and no shutdown under way.
package final class Readiness: Sendable {
    private let checks: [ReadinessCheck]
    private let isDraining = Atomic(false)

    package init(checks: [ReadinessCheck]) {
        self.checks = checks
    }

    /// From now on not ready, whatever the checks say.
    package func startDraining() {
        self.isDraining.store(true, ordering: .relaxed)
    }

    struct Report {
        var isReady: Bool
        /// One line for each check, in the manner of the API server's own `/readyz?verbose`.
        var lines: [String]
    }

    func report() -> Report {
        var report = Report(isReady: true, lines: [])
        for check in self.checks {
            switch check.status() {
            case .ok:
                report.lines.append("[+]\(check.name) ok")
            case .degraded(let reason):
                report.lines.append("[!]\(check.name) degraded: \(Readiness.oneLine(reason))")
            case .failing(let reason):
                report.isReady = false
                report.lines.append("[-]\(check.name) failed: \(Readiness.oneLine(reason))")
            }
        }
        if self.isDraining.load(ordering: .relaxed) {
            report.isReady = false
            report.lines.append("[-]shutdown failed: draining")
        } else {
            report.lines.append("[+]shutdown ok")
        }
        return report
    }

    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
