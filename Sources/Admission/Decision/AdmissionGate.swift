package import KubernetesModel
package import LabelPolicy

/// The gate's judgement, without transport: bytes of an AdmissionReview in, bytes of the answer out.
///
/// Immutable; a new policy makes a new gate. Everything is done on the caller's thread, without waiting.
package struct AdmissionGate: Sendable {
    /// Which half of the admission is asked.
    package enum Half: Sendable {
        /// Denies and warns, never patches.
        case validating
        /// Completes Pods, never denies or warns: the validating half speaks to the user.
        case mutating
    }

    /// An answer with what metrics and logs say of it.
    package struct Answer: Sendable {
        package let body: [UInt8]
        package let decision: Decision
    }

    package let evaluator: Evaluator
    private let scanner: ReviewScanner
    private let judge: ObjectJudge
    private let completer: PodCompleter
    private let text: DecisionText
    /// Whether the policy only watches anywhere: then a mode that cannot be told may be audit.
    private let hasAuditMode: Bool

    package init(policy: Policy, catalogue: WorkloadCatalogue) {
        evaluator = Evaluator(policy)
        scanner = ReviewScanner(catalogue: catalogue, keys: evaluator.keys)
        judge = ObjectJudge(evaluator: evaluator)
        completer = PodCompleter(evaluator)
        text = DecisionText(policy: policy)
        hasAuditMode = policy.mode == .audit || policy.modes.contains { $0.mode == .audit }
    }

    /// Answers one review.
    /// - Throws: `ReviewError` for a body that is none; whoever speaks HTTP answers 400.
    package func answer(
        _ body: UnsafeRawBufferPointer, _ half: Half, facts: any ClusterFacts, at now: Timestamp
    ) throws(ReviewError) -> Answer {
        let request = try scanner.scan(body)
        let decision = decide(request, half, facts: facts, at: now)
        return Answer(body: ReviewResponse.write(decision, uid: request.uid), decision: decision)
    }

    // MARK: Deciding

    package func decide(
        _ request: AdmissionRequest, _ half: Half, facts: any ClusterFacts, at now: Timestamp
    ) -> Decision {
        let record = DecisionRecord(
            operation: request.operation, kind: request.target == nil ? nil : request.kind,
            isDryRun: request.isDryRun,
            namespace: GapText.clean(request.namespace, DecisionText.maximumNameLength),
            name: DecisionText.shortName(request, request.object))
        guard let target = request.target, let object = request.object, isJudged(request, object, target) else {
            return Decision(.skipped, record)
        }
        switch half {
        case .mutating:
            return complete(request, object, target, facts: facts, at: now, record)
        case .validating:
            return validate(request, object, target, facts: facts, at: now, record)
        }
    }

    /// Whether the policy speaks of the request at all. Subresources (status, scale, ephemeralcontainers, binding,
    /// eviction, resize) have no target. Terminating objects are let through so that finalizers can be removed;
    /// nothing terminates before it exists, so a deletionTimestamp that a user writes into a new object counts for
    /// nothing. Nor does a mirror annotation on anything but a Pod, which the kubelet alone can make of a file.
    private func isJudged(_ request: AdmissionRequest, _ object: ScannedObject, _ target: ScanTarget) -> Bool {
        switch request.operation {
        case .create: break
        case .update: if object.isTerminating || request.oldObject?.isTerminating == true { return false }
        case .delete, .connect: return false
        }
        if object.isMirror, case .workload(let kind) = target, kind.isPod { return false }
        let namespace = request.namespace.isEmpty ? object.namespace : request.namespace
        if case .namespace = target {
            let name = request.name.isEmpty ? object.name : request.name
            if evaluator.isExcluded(namespace: name) { return false }
        } else if evaluator.isExcluded(namespace: namespace) {
            return false
        }
        return judge.subjectKind(of: target, object) != nil
    }

    private func surroundings(
        _ request: AdmissionRequest, _ object: ScannedObject, _ target: ScanTarget, facts: any ClusterFacts
    ) -> (ObjectJudge.Surroundings, isControlled: Bool) {
        let name = request.namespace.isEmpty ? object.namespace : request.namespace
        var namespace = NamespaceContext.absent(name)
        if case .namespace = target {
            namespace = evaluator.namespace(request.name.isEmpty ? object.name : request.name, observed: object.labels)
        } else if !name.isEmpty {
            switch facts.namespace(name) {
            case .labels(let labels): namespace = evaluator.namespace(name, labels: labels)
            case .unreadable: namespace = .unknown(name)
            case .nobodyToAsk: break
            }
        }
        var surroundings = ObjectJudge.Surroundings(
            namespace: namespace, suppliesOwners: facts.suppliesOwners,
            requester: request.username.isEmpty ? nil : Requester(username: request.username))
        guard let reference = object.controller else { return (surroundings, false) }
        switch facts.controller(reference, namespace: name) {
        case .unverified: return (surroundings, false)
        case .verified(let chain):
            surroundings.owners = chain.map(evaluator.observe)
            return (surroundings, scanner.decidesLabels(of: reference))
        case .nobodyToAsk:
            // The API server vouches for who asks: what a workload controller makes is the controller's.
            let isMadeByController = surroundings.requester?.isWorkloadController ?? false
            return (surroundings, isMadeByController && scanner.decidesLabels(of: reference))
        }
    }

    /// The mutating half. In audit mode, or where it may hold, nothing is touched: audit watches.
    private func complete(
        _ request: AdmissionRequest, _ object: ScannedObject, _ target: ScanTarget, facts: any ClusterFacts,
        at now: Timestamp, _ record: DecisionRecord
    ) -> Decision {
        guard case .workload(let kind) = target, kind.isPod, request.operation == .create else {
            return Decision(.skipped, record)
        }
        let (surroundings, _) = surroundings(request, object, target, facts: facts)
        guard
            let verdict = judge.judge(
                object, as: target, kind: request.kind.kind, name: record.name, in: surroundings, at: now
            ).first?.verdict
        else {
            return Decision(.skipped, record)
        }
        var record = record
        record.mode = verdict.mode
        if verdict.mode == .audit { return Decision(.allowed, record) }
        let completion = completer.complete(object, verdict)
        if completion.operations.isEmpty { return Decision(.allowed, record) }
        if verdict.mode == nil, hasAuditMode { return Decision(.unknown, record) }
        var decision = Decision(.patched, record)
        decision.patch = completion.operations
        decision.auditAnnotations = [("defaults", completion.record)]
        return decision
    }

    private func validate(
        _ request: AdmissionRequest, _ object: ScannedObject, _ target: ScanTarget, facts: any ClusterFacts,
        at now: Timestamp, _ record: DecisionRecord
    ) -> Decision {
        let (surroundings, isControlled) = surroundings(request, object, target, facts: facts)
        let judgements = judge.judge(
            object, as: target, kind: request.kind.kind, name: record.name, in: surroundings, at: now)
        var record = record
        record.mode = evaluator.mode(
            for: judge.subjectKind(of: target, object) ?? .workloads, in: surroundings.namespace)
        if object.hasTooManyTemplates {
            return tooManyTemplates(request, object, record)
        }
        let open = judgements.filter(\.verdict.hasGaps)
        if open.isEmpty { return Decision(.allowed, record) }
        record.gaps = open.flatMap { judgement in
            judgement.verdict.labels.filter(\.isOpen).compactMap { label in
                label.gap.map { DecisionRecord.GapCount(rule: label.rule, reason: $0.reason) }
            }
        }
        let outcomes = open.map(\.verdict.outcome)
        var grace: Grace?
        if outcomes.contains(.violating) {
            grace = self.grace(request, object, target, judgements, surroundings, isControlled: isControlled, at: now)
            if grace == nil {
                var decision = Decision(.denied, record)
                decision.denial = text.denial(
                    request, object, open, advisesNamespace: takesDefaults(target, from: surroundings.namespace))
                decision.auditAnnotations = [("gaps", annotation(open))]
                return decision
            }
        }
        let isUnknown = !outcomes.contains(.violating) && outcomes.contains(.unknown)
        var decision = Decision(isUnknown ? .unknown : .warned, record)
        decision.auditAnnotations = [("gaps", annotation(open))]
        if record.mode == .audit { return decision }
        if isUnknown {
            decision.warnings = [
                DecisionText.warning(
                    "namespace \(surroundings.namespace.name) could not be read, so its cost labels were not judged")
            ]
        } else {
            decision.warnings = text.warnings(request, object, open)
            if let grace { decision.warnings.append(DecisionText.warning(grace.text)) }
        }
        return decision
    }

    /// Why a violator is admitted all the same.
    private enum Grace {
        case unchangedPod
        case unchangedByControlPlane
        case ratchet(until: CivilDate)
        case controlled(by: String)

        var text: String {
            switch self {
            case .unchangedPod: "admitted because the update leaves the Pod's cost labels as they were"
            case .unchangedByControlPlane:
                "admitted because Kubernetes itself asks and leaves the cost labels as they were"
            case .ratchet(let until): "admitted because the gaps were there before; from \(until) on they are denied"
            case .controlled(let name): DecisionText.controlled(by: name)
            }
        }
    }

    private func grace(
        _ request: AdmissionRequest, _ object: ScannedObject, _ target: ScanTarget, _ judgements: [Judgement],
        _ surroundings: ObjectJudge.Surroundings, isControlled: Bool, at now: Timestamp
    ) -> Grace? {
        let ratchet = evaluator.policy.ratchet
        if isControlled, let controller = object.controller {
            // Its Pods are where nobody would see a denial; whoever edits the controller sees one.
            let denies = ratchet.map { $0.pods == .deny && !$0.isOpen(at: now) } ?? false
            if !denies { return .controlled(by: "\(controller.kind)/\(controller.name)") }
        }
        guard request.operation == .update, let oldObject = request.oldObject else { return nil }
        let before = judge.judge(
            oldObject, as: target, kind: request.kind.kind, name: DecisionText.shortName(request, oldObject),
            in: surroundings, at: now
        ).map(\.verdict)
        guard Ratchet.isNotWorse(old: before, new: judgements.map(\.verdict)) else { return nil }
        // Controllers and the kubelet's helpers update Pods all the time (finalizers, annotations) and cannot mend
        // labels, so a Pod that stays as it was is never denied.
        if case .workload(let kind) = target, kind.isPod { return .unchangedPod }
        // Kubernetes' own components scale, adopt, orphan and bind what is there, and cannot mend labels either.
        if surroundings.requester?.isControlPlane == true { return .unchangedByControlPlane }
        guard let ratchet, ratchet.isOpen(at: now) else { return nil }
        return .ratchet(until: CivilDate(daysSinceEpoch: ratchet.until.daysSinceEpoch + 1))
    }

    /// Whether a label of the namespace would help: only workloads take defaults from it, and only where it is read.
    private func takesDefaults(_ target: ScanTarget, from namespace: NamespaceContext) -> Bool {
        switch target {
        case .workload: namespace.knowledge == .known
        case .namespace, .claim, .service: false
        }
    }

    private func tooManyTemplates(
        _ request: AdmissionRequest, _ object: ScannedObject, _ record: DecisionRecord
    ) -> Decision {
        let limit = ObjectScanner.maximumTemplates
        let message =
            "\(DecisionText.objectName(request, object)) has more than \(limit) pod templates; "
            + "cost labels cannot be judged, split the object"
        // What had too many before may be updated: a finalizer has to come off all the same.
        let isDenied = record.mode == .enforce && request.oldObject?.hasTooManyTemplates != true
        var decision = Decision(isDenied ? .denied : .warned, record)
        if isDenied {
            decision.denial = message
        } else if record.mode != .audit {
            decision.warnings = [DecisionText.warning(message)]
        }
        return decision
    }

    /// `team=missing environment=invalid-value`, each once.
    private func annotation(_ judgements: [Judgement]) -> String {
        var parts: [String] = []
        for label in judgements.flatMap(\.verdict.labels) where label.isOpen {
            guard let gap = label.gap else { continue }
            let part = "\(label.key)=\(gap.reason.rawValue)"
            if !parts.contains(part) { parts.append(part) }
        }
        return parts.joined(separator: " ")
    }
}
