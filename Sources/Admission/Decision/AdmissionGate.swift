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

    /// An answer with what metrics and logs say of it. A class, because it is handed on and a decision has many parts.
    package final class Answer: Sendable {
        package let body: [UInt8]
        package let decision: Decision

        fileprivate init(_ decision: consuming Decision, uid: String) {
            body = ReviewResponse.write(decision, uid: uid)
            self.decision = decision
        }
    }

    package let evaluator: Evaluator
    private let scanner: ReviewScanner
    private let judge: ObjectJudge
    private let completer: PodCompleter
    private let surroundings: SurroundingsReader
    private let text: DecisionText
    /// Whether the policy only watches anywhere: then a mode that cannot be told may be audit.
    private let hasAuditMode: Bool
    /// Whether an exemption speaks of objects by their names.
    private let exemptsByName: Bool

    package init(policy: Policy, catalogue: WorkloadCatalogue) {
        evaluator = Evaluator(policy)
        scanner = ReviewScanner(catalogue: catalogue, keys: evaluator.keys)
        judge = ObjectJudge(evaluator: evaluator)
        completer = PodCompleter(evaluator)
        surroundings = SurroundingsReader(evaluator: evaluator, kinds: OwnerKinds(catalogue))
        text = DecisionText(policy: policy)
        hasAuditMode = policy.mode == .audit || policy.modes.contains { $0.mode == .audit }
        exemptsByName = policy.exemptions.contains { !$0.match.names.isEmpty }
    }

    /// How far a review has come.
    package enum Step: Sendable {
        case answered(Answer)
        /// The answer hangs on what is not at hand.
        case lacks(Undecided)
    }

    /// A review that is read and not decided.
    package final class Undecided: Sendable {
        /// What to look up before it is taken up again; never empty.
        package let lookups: [Lookup]
        fileprivate let request: AdmissionRequest
        fileprivate let half: Half

        fileprivate init(lookups: [Lookup], request: AdmissionRequest, half: Half) {
            self.lookups = lookups
            self.request = request
            self.half = half
        }
    }

    /// Answers one review, or says what it lacks to be answered.
    /// - Throws: `ReviewError` for a body that is none; whoever speaks HTTP answers 400.
    package func begin(
        _ body: UnsafeRawBufferPointer, _ half: Half, facts: some ClusterFacts, at now: Timestamp
    ) throws(ReviewError) -> Step {
        step(try scanner.scan(body), half, facts: facts, at: now)
    }

    /// Takes up a review that lacked something. With final facts it is answered.
    package func resume(_ undecided: Undecided, facts: some ClusterFacts, at now: Timestamp) -> Step {
        step(undecided.request, undecided.half, facts: facts, at: now)
    }

    /// Answers one review with what is at hand; what is not is taken for what cannot be had.
    /// - Throws: `ReviewError` for a body that is none; whoever speaks HTTP answers 400.
    package func answer(
        _ body: UnsafeRawBufferPointer, _ half: Half, facts: some ClusterFacts, at now: Timestamp
    ) throws(ReviewError) -> Answer {
        let request = try scanner.scan(body)
        var lookups: [Lookup] = []
        return Answer(decide(request, half, facts: facts, at: now, lacking: &lookups), uid: request.uid)
    }

    private func step(
        _ request: AdmissionRequest, _ half: Half, facts: some ClusterFacts, at now: Timestamp
    ) -> Step {
        var lookups: [Lookup] = []
        let decision = decide(request, half, facts: facts, at: now, lacking: &lookups)
        if lookups.isEmpty { return .answered(Answer(decision, uid: request.uid)) }
        return .lacks(Undecided(lookups: lookups, request: request, half: half))
    }

    // MARK: Deciding

    /// The decision by what is at hand.
    /// - Parameter lookups: gets those by which it might become another.
    private func decide(
        _ request: AdmissionRequest, _ half: Half, facts: some ClusterFacts, at now: Timestamp,
        lacking lookups: inout [Lookup]
    ) -> Decision {
        guard let object = request.object else { return Decision(.skipped, request.record(.given(request.name))) }
        guard let target = request.target, isJudged(request, object, target, half) else {
            return Decision(.skipped, request.record(request.name(of: object)))
        }
        var seen = SurroundingsReader.Seen(username: request.username, suppliesOwners: facts.suppliesOwners)
        surroundings.look(around: object, request, target, facts: facts, &seen)
        let judgements = judge(object, request, target, seen.surroundings, at: now)
        if !seen.missing.isEmpty, object.hasTooManyTemplates || judgements.contains(where: \.isOpen) {
            lookups = seen.missing
        }
        switch half {
        case .mutating: return complete(request, object, judgements)
        case .validating: return validate(request, object, target, judgements, seen, at: now)
        }
    }

    /// Whether the policy speaks of the request at all. Subresources (status, scale, ephemeralcontainers, binding,
    /// eviction, resize) have no target. Terminating objects are let through so that finalizers can be removed;
    /// nothing terminates before it exists, so a deletionTimestamp that a user writes into a new object counts for
    /// nothing. Nor does a mirror annotation on anything but a Pod, which the kubelet alone can make of a file.
    private func isJudged(
        _ request: AdmissionRequest, _ object: ScannedObject, _ target: ScanTarget, _ half: Half
    ) -> Bool {
        if case .mutating = half, !isCompletable(request, target) { return false }
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

    private func judge(
        _ object: ScannedObject, _ request: AdmissionRequest, _ target: ScanTarget,
        _ surroundings: ObjectJudge.Surroundings, at now: Timestamp
    ) -> [Judgement] {
        let name = exemptsByName ? request.name(of: object).text : ""
        return judge.judge(object, as: target, kind: request.kind.kind, name: name, in: surroundings, at: now)
    }

    /// Pods are completed when they are made, and nothing else ever.
    private func isCompletable(_ request: AdmissionRequest, _ target: ScanTarget) -> Bool {
        guard case .workload(let kind) = target else { return false }
        return kind.isPod && request.operation == .create
    }

    /// The mutating half. In audit mode, or where it may hold, nothing is touched: audit watches.
    private func complete(
        _ request: AdmissionRequest, _ object: ScannedObject, _ judgements: [Judgement]
    ) -> Decision {
        let name = request.name(of: object)
        guard let verdict = judgements.first?.verdict else { return Decision(.skipped, request.record(name)) }
        let record = request.record(name, mode: verdict.mode)
        if verdict.mode == .audit { return Decision(.allowed, record) }
        let completion = completer.complete(object, verdict)
        if completion.isEmpty { return Decision(.allowed, record) }
        if verdict.mode == nil, hasAuditMode { return Decision(.unknown, record) }
        return Decision(.patched, record, patch: completion)
    }

    private func validate(
        _ request: AdmissionRequest, _ object: ScannedObject, _ target: ScanTarget, _ judgements: [Judgement],
        _ seen: SurroundingsReader.Seen, at now: Timestamp
    ) -> Decision {
        let surroundings = seen.surroundings
        let mode = evaluator.mode(
            for: judge.subjectKind(of: target, object) ?? .workloads, in: surroundings.namespace)
        if object.hasTooManyTemplates { return tooManyTemplates(request, object, mode) }
        let open = judgements.filter(\.verdict.hasGaps)
        let unfilled = isCompletable(request, target) ? unfilled(object, judgements) : []
        let name = request.name(of: object)
        if open.isEmpty { return allowed(unfilled, request.record(name, mode: mode)) }
        let gaps = open.flatMap { judgement in
            judgement.verdict.labels.filter(\.isOpen).compactMap { label in
                label.gap.map { DecisionRecord.GapCount(rule: label.rule, reason: $0.reason) }
            }
        }
        let record = request.record(name, mode: mode, gaps: gaps)
        let outcomes = open.map(\.verdict.outcome)
        var grace: Grace?
        if outcomes.contains(.violating) {
            grace = self.grace(request, object, target, judgements, seen, at: now)
            if grace == nil {
                var decision = Decision(.denied, record)
                decision.denial = text.denial(
                    request, object, open, advisesNamespace: takesDefaults(target, from: surroundings.namespace),
                    fillsEmpty: !object.hasController && isCompletable(request, target))
                decision.auditAnnotations = [("gaps", annotation(open))]
                return decision
            }
        }
        let isUnknown = !outcomes.contains(.violating) && outcomes.contains(.unknown)
        var decision = Decision(isUnknown ? .unknown : .warned, record)
        decision.auditAnnotations = [("gaps", annotation(open))]
        if mode == .audit { return decision }
        if isUnknown {
            decision.warnings = [
                DecisionText.unknown(surroundings.namespace, object.controller)
            ]
        } else {
            decision.warnings = text.warnings(request, object, open)
            if let grace { decision.warnings.append(DecisionText.warning(grace.text)) }
        }
        say(unfilled, in: &decision)
        return decision
    }

    /// What a Pod that is made lacks although there is a default for it. The mutating half sees it first, so it was not
    /// asked, or did not answer in time and the API server went on without it.
    private func unfilled(_ object: ScannedObject, _ judgements: [Judgement]) -> [String] {
        guard let verdict = judgements.first?.verdict, verdict.mode != .audit, verdict.mode != nil || !hasAuditMode
        else { return [] }
        return completer.additions(to: object, verdict)
    }

    private func allowed(_ unfilled: [String], _ record: DecisionRecord) -> Decision {
        if unfilled.isEmpty { return Decision(.allowed, record) }
        var decision = Decision(.warned, record)
        say(unfilled, in: &decision)
        return decision
    }

    private func say(_ unfilled: [String], in decision: inout Decision) {
        if unfilled.isEmpty { return }
        decision.auditAnnotations.append(("unfilled", unfilled.joined(separator: "; ")))
        decision.warnings.append(DecisionText.unfilled(unfilled))
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
        _ seen: SurroundingsReader.Seen, at now: Timestamp
    ) -> Grace? {
        let ratchet = evaluator.policy.ratchet
        if seen.isControlled, let controller = object.controller {
            // Its Pods are where nobody would see a denial; whoever edits the controller sees one.
            let denies = ratchet.map { $0.pods == .deny && !$0.isOpen(at: now) } ?? false
            if !denies { return .controlled(by: "\(controller.kind)/\(controller.name)") }
        }
        guard request.operation == .update, let oldObject = request.oldObject else { return nil }
        let before = judge(oldObject, request, target, seen.surroundings, at: now).map(\.verdict)
        guard Ratchet.isNotWorse(old: before, new: judgements.map(\.verdict)) else { return nil }
        // Controllers and the kubelet's helpers update Pods all the time (finalizers, annotations) and cannot mend
        // labels, so a Pod that stays as it was is never denied.
        if case .workload(let kind) = target, kind.isPod { return .unchangedPod }
        // Kubernetes' own components scale, adopt, orphan and bind what is there, and cannot mend labels either.
        if seen.surroundings.requester?.isControlPlane == true { return .unchangedByControlPlane }
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
        _ request: AdmissionRequest, _ object: ScannedObject, _ mode: Mode?
    ) -> Decision {
        let limit = ObjectScanner.maximumTemplates
        let message =
            "\(DecisionText.objectName(request, object)) has more than \(limit) pod templates; "
            + "cost labels cannot be judged, split the object"
        // What had too many before may be updated: a finalizer has to come off all the same.
        let isDenied = mode == .enforce && request.oldObject?.hasTooManyTemplates != true
        var decision = Decision(isDenied ? .denied : .warned, request.record(request.name(of: object), mode: mode))
        if isDenied {
            decision.denial = message
        } else if mode != .audit {
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
