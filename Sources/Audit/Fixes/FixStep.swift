package import Attribution
package import LabelPolicy

/// What to do for several findings at once: one command where one does, so that a Deployment that lacks two labels is
/// rolled out once, and a namespace that mends forty workloads is labelled once.
package struct FixStep: Sendable, Hashable {
    /// One, or the label edits of one place.
    package private(set) var fixes: [Fix]
    /// For each of them another that restarts nothing, where its finding has one.
    private var gentler: [Fix?]
    /// What the registry says once a chosen value is there, so that nobody has to write it.
    private var supplied: [String] = []
    /// Whom or what the first finding is about, and what is wrong with it.
    package private(set) var subject: ObjectReference
    package private(set) var messages: [String]
    /// Under which labels the first finding's subject is billed as it stands.
    package private(set) var effective: [AuditReport.EffectiveLabel]
    /// Findings that it mends.
    package private(set) var findings: Int
    /// Of the dearest of them, per hour; nil where no price is known of any.
    package private(set) var costPerHour: Money?
    /// Whether a part of the first finding's Pods has no price, so that it costs more.
    package private(set) var isPartlyPriced: Bool
    /// Whether it mends a required label.
    package private(set) var level: Level

    /// Labels of one place are one command; everything else is as its fix.
    package var commands: [String] { Self.commands(of: fixes) }

    /// What mends the same without a restart; none where the commands restart nothing, or where nothing else does it.
    package var gentlerCommands: [String] {
        let fixes = gentler.compactMap(\.self)
        return mayRestart && fixes.count == gentler.count ? Self.commands(of: fixes) : []
    }

    private static func commands(of fixes: [Fix]) -> [String] {
        let edits = labelEdits(of: fixes)
        guard let first = edits.first, edits.count == fixes.count,
            edits.allSatisfy({ $0.target == first.target && $0.place == first.place }),
            let patch = Self.patch(edits)
        else {
            return fixes.flatMap(\.commands)
        }
        guard KubectlCommand.canName(first.target) else { return [] }
        switch first.place {
        case .own:
            return [KubectlCommand.label(first.resource, first.target, edits.map { ($0.key, $0.value.text) })]
        case .template: return [KubectlCommand.patch(first.resource, patch)]
        case .templates: return []
        }
    }

    /// What to know before; each once.
    package var remarks: [String] {
        var seen: Set<String> = []
        return (fixes.flatMap(\.remarks) + supplied).filter { seen.insert($0).inserted }
    }

    package var mayRestart: Bool { fixes.contains { $0.effect.mayRestart } }

    /// What a program could apply as it stands; nil if a value has to be filled in or no patch does it.
    package var patch: MergePatch? {
        guard let edits = labelEdits else { return fixes.first?.patch }
        return edits.allSatisfy(\.value.isKnown) ? Self.patch(edits) : nil
    }

    /// What somebody has to fill in: `team`, `cost-center`.
    package var placeholders: [String] {
        fixes.compactMap { fix in
            guard case .placeholder = fix.value else { return nil }
            switch fix {
            case .label(let edit): return edit.key
            case .nodeGroup(let edit): return edit.key
            case .manual, .decision: return nil
            }
        }
    }

    /// Whether a reader has to decide on the commands.
    package var isDecision: Bool {
        fixes.contains { fix in
            if case .decision = fix { true } else { false }
        }
    }

    /// Whether the commands can be run as they stand: nothing in angle brackets is left. No label can hold one.
    package var isComplete: Bool { placeholders.isEmpty && !commands.contains { $0.utf8.contains(UInt8(ascii: "<")) } }

    /// The step with these values where somebody would have to fill them in; nil if nothing is left of it to do.
    ///
    /// What the registry says once they are there needs no label of its own.
    package func filled(_ values: FixValues) -> FixStep? {
        let derives = !effective.contains { $0.key == values.teamKey }
        var step = self
        step.fixes = []
        step.gentler = []
        for (fix, gentler) in zip(fixes, gentler) {
            if derives, case .placeholder(let name) = fix.value, values[name] == nil,
                let value = values.supplied(name)
            {
                step.supplied.append("the registry supplies \(name)=\(value)")
                continue
            }
            step.fixes.append(fix.filled(values, derives: derives))
            step.gentler.append(gentler?.filled(values, derives: derives))
        }
        return step.fixes.isEmpty ? nil : step
    }

    private var labelEdits: [LabelEdit]? {
        let edits = Self.labelEdits(of: fixes)
        return edits.isEmpty ? nil : edits
    }

    private static func labelEdits(of fixes: [Fix]) -> [LabelEdit] {
        fixes.compactMap { fix in
            if case .label(let edit) = fix { edit } else { nil }
        }
    }

    private static func patch(_ edits: [LabelEdit]) -> MergePatch? {
        guard let first = edits.first, first.effect != .immutable else { return nil }
        let labels = edits.map { MergePatch.Member(key: $0.key, value: $0.value.text) }
        switch first.place {
        case .own: return MergePatch(target: first.target, path: ["metadata", "labels"], members: labels)
        case .template(let path): return MergePatch(target: first.target, path: path, members: labels)
        case .templates: return nil
        }
    }

    // MARK: - Gathering

    /// The steps that mend the findings, in the order of the first finding that each mends.
    ///
    /// - Parameter gently: takes the fix that restarts nothing where a finding has one.
    package static func steps(for findings: [AuditReport.Finding], gently: Bool = false) -> [FixStep] {
        var steps: [FixStep] = []
        var places: [Key: Int] = [:]
        for finding in findings {
            let gentler = finding.gentlerFix.flatMap { $0.effect.mayRestart ? nil : $0 }
            guard let fix = gently ? gentler ?? finding.fix : finding.fix else { continue }
            if let place = places[Key(fix)] {
                steps[place].add(fix, gentler, of: finding)
            } else {
                places[Key(fix)] = steps.count
                steps.append(FixStep(fix, gentler, of: finding))
            }
        }
        return steps
    }

    private enum Key: Hashable {
        case labels(ObjectReference, LabelEdit.Place, FixEffect)
        case other(Fix)

        init(_ fix: Fix) {
            switch fix {
            case .label(let edit): self = .labels(edit.target, edit.place, edit.effect)
            case .nodeGroup, .manual, .decision: self = .other(fix)
            }
        }
    }

    private init(_ fix: Fix, _ gentler: Fix?, of finding: AuditReport.Finding) {
        fixes = [fix]
        self.gentler = [gentler]
        subject = finding.subject
        messages = [finding.message]
        effective = finding.effective
        findings = 1
        costPerHour = finding.costPerHour
        isPartlyPriced = finding.unpricedPods > 0
        level = finding.level
    }

    /// Messages that a step quotes; a namespace can mend thousands of workloads.
    package static let maximumMessages = 3

    private mutating func add(_ fix: Fix, _ gentler: Fix?, of finding: AuditReport.Finding) {
        findings += 1
        if messages.count < Self.maximumMessages, !messages.contains(where: { $0.hasPrefix(finding.message) }) {
            messages.append(finding.message)
        }
        if let cost = finding.costPerHour { costPerHour = max(costPerHour ?? .zero, cost) }
        if finding.level == .required { level = .required }
        guard case .label(let edit) = fix, let edits = labelEdits else { return }
        // Of two values for one label the first counts: it mends the worse finding.
        if edits.contains(where: { $0.key == edit.key }) { return }
        fixes.append(fix)
        self.gentler.append(gentler)
    }
}

extension Fix {
    /// What it writes; nil where it writes no one value.
    fileprivate var value: ProposedValue? {
        switch self {
        case .label(let edit): edit.value
        case .nodeGroup(let edit): edit.value
        case .manual, .decision: nil
        }
    }

    /// - Parameter derives: whether what follows from the chosen team holds, too.
    fileprivate func filled(_ values: FixValues, derives: Bool) -> Fix {
        guard case .placeholder(let name) = value,
            let value = values[name] ?? (derives ? values.proposed(name) : nil)
        else {
            return self
        }
        switch self {
        case .label(var edit):
            edit.value = .known(value)
            return .label(edit)
        case .nodeGroup(var edit):
            edit.value = .known(value)
            return .nodeGroup(edit)
        case .manual, .decision: return self
        }
    }
}
