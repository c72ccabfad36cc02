import KubernetesModel
import LabelPolicy

/// The words of a decision: the denial a user reads, the warnings kubectl prints.
struct DecisionText {
    /// The API server shortens or drops warnings beyond 120 characters (apiserver, `addWarning`).
    static let maximumWarningLength = 120
    /// Warnings of one reply: 30 of 120 characters stay below the 4,096 after which the API server cuts the rest.
    static let maximumWarnings = 30
    /// Groups of templates listed in a denial. More would bury the first.
    static let maximumGroups = 8
    /// Characters of an object's name in messages; Kubernetes allows 253.
    static let maximumNameLength = 253

    let policy: Policy
    private let gaps: GapText

    init(policy: Policy) {
        self.policy = policy
        gaps = GapText(policy: policy)
    }

    /// What the user calls the object: `Deployment "trainer" in namespace "ml"`.
    static func objectName(_ request: AdmissionRequest, _ object: ScannedObject) -> String {
        let text = "\(GapText.clean(request.requestKind.kind, 63)) \"\(shortName(request, object))\""
        let isNamespace = request.kind.group.isEmpty && request.kind.kind == "Namespace"
        if request.namespace.isEmpty || isNamespace { return text }
        return "\(text) in namespace \"\(GapText.clean(request.namespace, maximumNameLength))\""
    }

    static func shortName(_ request: AdmissionRequest, _ object: ScannedObject) -> String {
        let name = [request.name, object.name].first { !$0.isEmpty }
        if let name { return GapText.clean(name, maximumNameLength) }
        return object.generateName.isEmpty ? "" : GapText.clean(object.generateName, maximumNameLength) + "*"
    }

    /// One message that names every gap of every label, with its reason, what is allowed, and how to mend it.
    func denial(_ request: AdmissionRequest, _ object: ScannedObject, _ judgements: [Judgement]) -> String {
        var text = "\(Self.objectName(request, object)) lacks cost labels that policy \"\(policy.name)\" requires:"
        let groups = grouped(judgements)
        for group in groups.prefix(maximum(groups)) {
            if groups.count > 1 || group.places.count > 1 {
                text += "\n  in \(group.places[0])"
                if group.places.count > 1 { text += " and \(group.places.count - 1) more" }
                text += ":"
            }
            for line in group.lines { text += "\n  - \(line)" }
        }
        if groups.count > Self.maximumGroups { text += "\n  … and \(groups.count - Self.maximumGroups) more templates" }
        if let place = groups.first?.places.first {
            text += "\nSet them in \(place)\(namespaceAdvice(request, judgements))."
        }
        return text
    }

    private func maximum(_ groups: [Group]) -> Int { min(groups.count, Self.maximumGroups) }

    /// Templates that lack the same.
    private struct Group {
        var lines: [String]
        var places: [String]
    }

    private func grouped(_ judgements: [Judgement]) -> [Group] {
        var groups: [Group] = []
        var index: [[String]: Int] = [:]
        for judgement in judgements where judgement.verdict.hasGaps {
            let lines = judgement.verdict.labels.filter(\.isOpen).compactMap(line)
            if let known = index[lines] {
                groups[known].places.append(judgement.labels.text)
            } else {
                index[lines] = groups.count
                groups.append(Group(lines: lines, places: [judgement.labels.text]))
            }
        }
        return groups
    }

    /// `team: missing; registered: ml-platform, search`.
    private func line(_ label: LabelVerdict) -> String? {
        guard let gap = label.gap else { return nil }
        let remarks = [gaps.allowed(label), gaps.rejectedDefaults(gap), gaps.expiredExemption(label)].compactMap { $0 }
        let level = label.level == .recommended ? " (recommended)" : ""
        return (["\(label.key)\(level): \(gaps.fault(gap))"] + remarks).joined(separator: "; ")
    }

    /// A namespace mends many workloads at once, where the policy takes defaults from it.
    private func namespaceAdvice(_ request: AdmissionRequest, _ judgements: [Judgement]) -> String {
        guard !request.namespace.isEmpty else { return "" }
        var keys: [String] = []
        for label in judgements.flatMap(\.verdict.labels) where label.isViolation {
            guard let gap = label.gap, gap.problem == .missing, policy.labels.indices.contains(label.rule),
                policy.labels[label.rule].defaultFrom.contains(.namespace), !keys.contains(label.key.text)
            else { continue }
            keys.append(label.key.text)
        }
        if keys.isEmpty { return "" }
        let assignments = keys.map { "\($0)=VALUE" }.joined(separator: " ")
        return ", or for the whole namespace: kubectl label namespace "
            + "\(GapText.clean(request.namespace, Self.maximumNameLength)) \(assignments)"
    }

    /// One line for each gap, the same words merged.
    func warnings(_ request: AdmissionRequest, _ object: ScannedObject, _ judgements: [Judgement]) -> [String] {
        var result: [String] = []
        var seen: Set<String> = []
        for judgement in judgements {
            for label in judgement.verdict.labels where label.isOpen {
                guard let gap = label.gap else { continue }
                var text = "cost label \(label.key): \(gaps.fault(gap))"
                if let allowed = gaps.allowed(label) { text += "; \(allowed)" }
                text += "; set \(judgement.labels.text)"
                if seen.insert(text).inserted { result.append(Self.warning(text)) }
            }
        }
        guard result.count > Self.maximumWarnings else { return result }
        let hidden = result.count - Self.maximumWarnings + 1
        return result.prefix(Self.maximumWarnings - 1) + ["and \(hidden) more cost label warnings"]
    }

    static func warning(_ text: String) -> String { GapText.clean(text, maximumWarningLength) }
}
