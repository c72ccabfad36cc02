import KubernetesModel
import LabelPolicy

/// The words of a decision: the denial a user reads, the warnings kubectl prints.
struct DecisionText {
    /// The API server shortens or drops warnings beyond 120 characters (apiserver, `addWarning`).
    static let maximumWarningLength = 120
    /// Warnings of one reply: 30 of 120 characters, one for the reason of an admission and one for what was not added
    /// stay below the 4,096 after which the API server cuts the rest.
    static let maximumWarnings = 30
    /// Groups of templates listed in a denial. More would bury the first.
    static let maximumGroups = 8
    /// Characters of an object's name in messages; Kubernetes allows 253.
    static let maximumNameLength = 253

    let policy: Policy
    private let gaps: GapText
    private let teamRule: Int?

    init(policy: Policy) {
        self.policy = policy
        teamRule = policy.labels.firstIndex { $0.values.registered == .team }
        gaps = GapText(policy: policy)
    }

    /// What the user calls the object: `Deployment "trainer" in namespace "ml"`.
    static func objectName(_ request: AdmissionRequest, _ object: ScannedObject) -> String {
        let text = "\(GapText.clean(request.requestKind.kind, 63)) \"\(request.name(of: object).text)\""
        let isNamespace = request.kind.group.isEmpty && request.kind.kind == "Namespace"
        if request.namespace.isEmpty || isNamespace { return text }
        return "\(text) in namespace \"\(GapText.clean(request.namespace, maximumNameLength))\""
    }

    /// One message that names every gap of every label, with its reason, what is allowed, and how to mend it.
    /// - Parameters:
    ///   - advisesNamespace: whether the object would take a default from its namespace.
    ///   - fillsEmpty: whether it would where its label is there without a value.
    func denial(
        _ request: AdmissionRequest, _ object: ScannedObject, _ judgements: [Judgement], advisesNamespace: Bool,
        fillsEmpty: Bool
    ) -> String {
        var text = "\(Self.objectName(request, object)) lacks cost labels that policy \"\(policy.name)\" requires:"
        let groups = grouped(judgements)
        let isOnePlace = groups.count == 1 && groups[0].count == 1
        for group in groups.prefix(Self.maximumGroups) {
            if !isOnePlace {
                text += "\n  in \(group.firstPlace.text)"
                if group.count > 1 { text += " and \(group.count - 1) more" }
                text += ":"
            }
            for label in group.lacks.labels {
                if let line = line(label, team: group.lacks.team) { text += "\n  - \(line)" }
            }
        }
        let hidden = groups.dropFirst(Self.maximumGroups).reduce(0) { $0 + $1.count }
        if hidden > 0 { text += "\n  … and \(hidden) more templates" }
        text += "\nSet them in \(isOnePlace ? groups[0].firstPlace.text : "the labels of each template")"
        if advisesNamespace { text += namespaceAdvice(request, judgements, fillsEmpty: fillsEmpty) }
        return text + "."
    }

    /// Templates that lack the same.
    private struct Group {
        let lacks: Lacks
        let firstPlace: LabelPlace
        var count = 1
    }

    /// What the lines of a group are made of. Groups are told apart by it, because an object may have thousands of
    /// templates and only the lines of the first groups are written.
    private struct Lacks: Hashable {
        let labels: [LabelVerdict]
        let team: String?
    }

    private func grouped(_ judgements: [Judgement]) -> [Group] {
        var groups: [Group] = []
        var index: [Lacks: Int] = [:]
        for judgement in judgements where judgement.verdict.hasGaps {
            let lacks = Lacks(labels: judgement.verdict.labels.filter(\.isOpen), team: team(of: judgement.verdict))
            if let known = index[lacks] {
                groups[known].count += 1
            } else {
                index[lacks] = groups.count
                groups.append(Group(lacks: lacks, firstPlace: judgement.labels))
            }
        }
        return groups
    }

    /// `team: missing; registered: ml-platform, search`.
    private func line(_ label: LabelVerdict, team: String?) -> String? {
        guard let gap = label.gap else { return nil }
        let remarks = [gaps.allowed(label, team: team), gaps.rejectedDefaults(gap), gaps.expiredExemption(label)]
            .compactMap { $0 }
        return (["\(label.key)\(Self.mark(label)): \(gaps.fault(gap))"] + remarks).joined(separator: "; ")
    }

    /// Whom the Pods will be billed to, if that is known.
    private func team(of verdict: Verdict) -> String? {
        guard let teamRule else { return nil }
        return verdict.labels.first { $0.rule == teamRule }?.attribution?.value
    }

    /// A namespace mends many workloads at once, where the policy takes defaults from it.
    private func namespaceAdvice(
        _ request: AdmissionRequest, _ judgements: [Judgement], fillsEmpty: Bool
    ) -> String {
        guard !request.namespace.isEmpty else { return "" }
        var keys: [String] = []
        var isOverwriting = false
        for label in judgements.flatMap(\.verdict.labels) where label.isViolation {
            guard let gap = label.gap, gap.problem == .missing || (fillsEmpty && gap.problem == .empty),
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

    /// One line for each gap, the same words merged. Of what is beyond the limit no line is made; it is counted.
    func warnings(_ request: AdmissionRequest, _ object: ScannedObject, _ judgements: [Judgement]) -> [String] {
        var result: [String] = []
        var seen: Set<String> = []
        var hidden = 0
        for judgement in judgements {
            let team = team(of: judgement.verdict)
            for label in judgement.verdict.labels where label.isOpen {
                guard let gap = label.gap else { continue }
                guard result.count < Self.maximumWarnings else {
                    hidden += 1
                    continue
                }
                let text = warning(label, gap, team: team, judgement.labels)
                if seen.insert(text).inserted { result.append(text) }
            }
        }
        if hidden == 0 { return result }
        return result.dropLast() + ["and \(hidden + 1) more cost label warnings"]
    }

    /// `cost label team: missing; registered: ml-platform, search; set spec.template.metadata.labels`. Where that is
    /// too long it is the list that is cut, not the place.
    private func warning(_ label: LabelVerdict, _ gap: Gap, team: String?, _ place: LabelPlace) -> String {
        let fault = "cost label \(label.key)\(Self.mark(label)): \(gaps.fault(gap))"
        let place = "; set \(place.text)"
        guard let allowed = gaps.allowed(label, team: team) else { return Self.warning(fault + place) }
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

    /// The warning for what could not be judged. The namespace is named before the controller: it says more.
    static func unknown(_ namespace: NamespaceContext, _ controller: OwnerReference?) -> String {
        let end = " could not be read, so its cost labels were not judged"
        let who =
            switch namespace.knowledge {
            case .unknown: "namespace \(namespace.name)"
            case .known, .none: controller.map { "\($0.kind)/\($0.name)" } ?? "the controller"
            }
        return GapText.clean(who, maximumWarningLength - end.utf8.count) + end
    }

    /// The warning for what the mutating half would have added. It is the list that is cut.
    static func unfilled(_ defaults: [String]) -> String {
        let start = "not added, as the mutating webhook gave no answer: "
        return start + GapText.clean(defaults.joined(separator: ", "), maximumWarningLength - start.utf8.count)
    }

    static func warning(_ text: String) -> String { GapText.clean(text, maximumWarningLength) }
}

/// What people call an object: its name, or the prefix of one that the API server makes up.
enum ObjectName: Sendable {
    case given(String)
    case generated(prefix: String)

    var text: String {
        switch self {
        case .given(let name): GapText.clean(name, DecisionText.maximumNameLength)
        case .generated(let prefix): GapText.clean(prefix, DecisionText.maximumNameLength) + "*"
        }
    }
}

extension AdmissionRequest {
    /// What the API server keeps of a generateName before it adds its five characters (apiserver, `names`).
    private static let maximumGeneratedPrefix = 58

    func name(of object: ScannedObject) -> ObjectName {
        let name = self.name.isEmpty ? object.name : self.name
        let prefix = object.generateName
        return !prefix.isEmpty && isGenerated(name, from: prefix) ? .generated(prefix: prefix) : .given(name)
    }

    /// Whether a new object has no name yet. The API server has made one up by the time it asks the validating half,
    /// but an object that is denied never gets it.
    private func isGenerated(_ name: String, from prefix: String) -> Bool {
        if name.isEmpty { return true }
        return operation == .create && name.hasPrefix(prefix.prefix(Self.maximumGeneratedPrefix))
    }
}
