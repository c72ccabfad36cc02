import KubernetesModel
import LabelPolicy

/// The words of a decision: the denial a user reads, the warnings kubectl prints.
struct DecisionText {
    /// The API server shortens or drops warnings beyond 120 characters (apiserver, `addWarning`).
    static let maximumWarningLength = 120
    /// Warnings of one reply: 30 of 120 characters and one for the reason of an admission stay below the 4,096 after
    /// which the API server cuts the rest.
    static let maximumWarnings = 30
    /// Groups of templates listed in a denial. More would bury the first.
    static let maximumGroups = 8
    /// Characters of an object's name in messages; Kubernetes allows 253.
    static let maximumNameLength = 253
    /// What the API server keeps of a generateName before it adds its five characters (apiserver, `names`).
    private static let maximumGeneratedPrefix = 58

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

    static func shortName(_ request: AdmissionRequest, _ object: ScannedObject?) -> String {
        let name = request.name.isEmpty ? object?.name ?? "" : request.name
        let prefix = object?.generateName ?? ""
        if prefix.isEmpty || !isGenerated(name, from: prefix, request) { return GapText.clean(name, maximumNameLength) }
        return GapText.clean(prefix, maximumNameLength) + "*"
    }

    /// Whether a new object has no name yet. The API server has made one up by the time it asks the validating half,
    /// but an object that is denied never gets it.
    private static func isGenerated(_ name: String, from prefix: String, _ request: AdmissionRequest) -> Bool {
        if name.isEmpty { return true }
        return request.operation == .create && name.hasPrefix(prefix.prefix(maximumGeneratedPrefix))
    }

    /// One message that names every gap of every label, with its reason, what is allowed, and how to mend it.
    /// - Parameter advisesNamespace: whether the object would take a default from its namespace.
    func denial(
        _ request: AdmissionRequest, _ object: ScannedObject, _ judgements: [Judgement], advisesNamespace: Bool
    ) -> String {
        var text = "\(Self.objectName(request, object)) lacks cost labels that policy \"\(policy.name)\" requires:"
        let groups = grouped(judgements)
        let isOnePlace = groups.count == 1 && groups[0].places.count == 1
        for group in groups.prefix(Self.maximumGroups) {
            if !isOnePlace {
                text += "\n  in \(group.places[0])"
                if group.places.count > 1 { text += " and \(group.places.count - 1) more" }
                text += ":"
            }
            for line in group.lines { text += "\n  - \(line)" }
        }
        if groups.count > Self.maximumGroups { text += "\n  … and \(groups.count - Self.maximumGroups) more templates" }
        text += "\nSet them in \(isOnePlace ? groups[0].places[0] : "the labels of each template")"
        if advisesNamespace { text += namespaceAdvice(request, judgements) }
        return text + "."
    }

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
        return (["\(label.key)\(Self.mark(label)): \(gaps.fault(gap))"] + remarks).joined(separator: "; ")
    }

    /// A namespace mends many workloads at once, where the policy takes defaults from it.
    private func namespaceAdvice(_ request: AdmissionRequest, _ judgements: [Judgement]) -> String {
        guard !request.namespace.isEmpty else { return "" }
        var keys: [String] = []
        var isOverwriting = false
        for label in judgements.flatMap(\.verdict.labels) where label.isViolation {
            guard let gap = label.gap, gap.problem == .missing || gap.problem == .empty,
                policy.labels.indices.contains(label.rule),
                policy.labels[label.rule].defaultFrom.contains(.namespace), !keys.contains(label.key.text)
            else { continue }
            keys.append(label.key.text)
            if gap.rejectedDefaults.contains(where: { $0.source == .namespace }) { isOverwriting = true }
        }
        if keys.isEmpty { return "" }
        let assignments = keys.map { "\($0)=VALUE" }.joined(separator: " ")
        return ", or for the whole namespace: kubectl label \(isOverwriting ? "--overwrite " : "")namespace "
            + "\(GapText.clean(request.namespace, Self.maximumNameLength)) \(assignments)"
    }

    /// One line for each gap, the same words merged.
    func warnings(_ request: AdmissionRequest, _ object: ScannedObject, _ judgements: [Judgement]) -> [String] {
        var result: [String] = []
        var seen: Set<String> = []
        for judgement in judgements {
            for label in judgement.verdict.labels where label.isOpen {
                guard let gap = label.gap else { continue }
                let text = warning(label, gap, judgement.labels)
                if seen.insert(text).inserted { result.append(text) }
            }
        }
        guard result.count > Self.maximumWarnings else { return result }
        let hidden = result.count - Self.maximumWarnings + 1
        return result.prefix(Self.maximumWarnings - 1) + ["and \(hidden) more cost label warnings"]
    }

    /// `cost label team: missing; registered: ml-platform, search; set spec.template.metadata.labels`. Where that is
    /// too long it is the list that is cut, not the place.
    private func warning(_ label: LabelVerdict, _ gap: Gap, _ place: LabelPlace) -> String {
        let fault = "cost label \(label.key)\(Self.mark(label)): \(gaps.fault(gap))"
        let place = "; set \(place.text)"
        guard let allowed = gaps.allowed(label) else { return Self.warning(fault + place) }
        let text = "\(fault); \(allowed)\(place)"
        let fits = text.unicodeScalars.count <= Self.maximumWarningLength
        return Self.warning(fits ? text : "\(fault)\(place); \(allowed)")
    }

    private static func mark(_ label: LabelVerdict) -> String {
        label.level == .recommended ? " (recommended)" : ""
    }

    /// The warning for what a controller made. The remedy stands at the end, so a long name is cut before it.
    static func controlled(by name: String) -> String {
        let (start, end) = ("admitted because ", " controls it; mend the labels there")
        return start + GapText.clean(name, maximumWarningLength - start.utf8.count - end.utf8.count) + end
    }

    static func warning(_ text: String) -> String { GapText.clean(text, maximumWarningLength) }
}
