import Admission
import GateCache
import KubernetesModel
import LabelPolicy
import Logging
import NIOCore
import Synchronization
import WebhookServer

/// Answers admission requests on the event loop they come in on, and says so to metrics and log. What hangs on
/// something that is not at hand is answered later, when it was looked up.
final class GateService: AdmissionService {
    private let policy: PolicyHolder
    private let metrics: GateMetrics
    private let logger: Logger
    /// Whoever sends rubbish can send it by the thousand.
    private let refusals = Mutex(LogThrottle())

    init(policy: PolicyHolder, metrics: GateMetrics, logger: Logger) {
        self.policy = policy
        self.metrics = metrics
        self.logger = logger
    }

    func answer(
        _ endpoint: WebhookEndpoint, body: ByteBuffer, deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> AdmissionAnswer {
        let started = NIODeadline.now()
        let current = policy.current
        let half: AdmissionGate.Half =
            switch endpoint {
            case .validate: .validating
            case .mutate: .mutating
            }
        do throws(ReviewError) {
            let step = try body.withUnsafeReadableBytes { (bytes) throws(ReviewError) in
                try current.gate.begin(bytes, half, facts: current.knowledge.facts, at: WallClock.now())
            }
            switch step {
            case .answered(let answer): return .now(reply(answer, current, since: started))
            case .lacks(let undecided):
                return settle(undecided, current, since: started, by: deadline, on: eventLoop)
            }
        } catch {
            return .now(refusal(error, body, current, since: started))
        }
    }

    private func settle(
        _ undecided: AdmissionGate.Undecided, _ current: PolicyHolder.Current, since started: NIODeadline,
        by deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> AdmissionAnswer {
        let facts = current.knowledge.facts
        // Where nobody can be asked nothing is lacking; were it so, it could not be had.
        let lookups = current.knowledge.lookups ?? LiveLookups { _ in .unanswered }
        let settling = ReviewSettling(current.gate, lookups: lookups, now: WallClock.now)
        return .later(
            settling.settle(undecided, facts: facts, by: deadline, on: eventLoop)
                .map { self.reply($0, current, since: started) })
    }

    private func reply(
        _ answer: AdmissionGate.Answer, _ current: PolicyHolder.Current, since started: NIODeadline
    ) -> AdmissionReply {
        // A dry run leaves no trace.
        if !answer.decision.record.isDryRun {
            count(answer.decision, current, NIODeadline.now() - started)
            if answer.decision.denial != nil { log(answer.decision) }
        }
        return AdmissionReply(status: .ok, body: ByteBuffer(bytes: answer.body))
    }

    private func refusal(
        _ error: ReviewError, _ body: ByteBuffer, _ current: PolicyHolder.Current, since started: NIODeadline
    ) -> AdmissionReply {
        metrics.recordAdmission(
            .other, kind: current.other, decision: .error, mode: .none, duration: NIODeadline.now() - started)
        let message = body.withUnsafeReadableBytes { error.message(in: $0) }
        if let suppressed = refusals.withLock({ $0.admit(at: started) }) {
            logger.warning(
                "Refused a malformed review", metadata: ["error": "\(message)", "suppressed": "\(suppressed)"])
        }
        return AdmissionReply(status: .badRequest, body: ByteBuffer(string: message + "\n"))
    }

    private func count(_ decision: Decision, _ current: PolicyHolder.Current, _ duration: TimeAmount) {
        let record = decision.record
        metrics.recordAdmission(
            AdmissionOperation(record.operation), kind: record.kind.flatMap { current.kinds[$0] } ?? current.other,
            decision: AdmissionDecision(decision.outcome), mode: AdmissionMode(record.mode), duration: duration)
        for gap in record.gaps {
            let labels = current.gate.evaluator.policy.labels
            guard labels.indices.contains(gap.rule) else { continue }
            metrics.gaps.increment(label: labels[gap.rule].key.text, reason: gap.reason.rawValue)
        }
    }

    /// One line for each denial: who, where, why; nothing of the object itself.
    private func log(_ decision: Decision) {
        let record = decision.record
        logger.info(
            "Denied",
            metadata: [
                "operation": "\(record.operation.rawValue)",
                "kind": "\(record.kind.map(\.description) ?? "other")",
                "namespace": "\(record.namespace)",
                "name": "\(record.name)",
                "gaps": "\(decision.auditAnnotations.first { $0.key == "gaps" }?.value ?? "")",
            ])
    }
}

extension AdmissionOperation {
    init(_ operation: Admission.Operation) {
        switch operation {
        case .create: self = .create
        case .update: self = .update
        case .delete: self = .delete
        case .connect: self = .connect
        }
    }
}

extension AdmissionDecision {
    init(_ outcome: Decision.Outcome) {
        switch outcome {
        case .allowed: self = .allow
        case .warned: self = .warn
        case .unknown: self = .unknown
        case .skipped: self = .skip
        case .denied: self = .deny
        case .patched: self = .mutate
        }
    }
}

extension AdmissionMode {
    init(_ mode: Mode?) {
        switch mode {
        case .enforce: self = .enforce
        case .warn: self = .warn
        case .audit: self = .audit
        case nil: self = .none
        }
    }
}
