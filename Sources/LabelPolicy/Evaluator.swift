/// A policy made ready to judge: keys in a table, values and registry in dictionaries. Immutable, so that one serves
/// every event loop.
package final class Evaluator: Sendable {
    package let policy: Policy
    /// Every label key the policy reads (keys, aliases, those of namespace selectors): the order of `ObservedLabels`.
    package let keys: [LabelKey]

    /// Where each of them stands in `keys`.
    private let positions: [String: Int]
    private let rules: [CompiledRule]
    private let registry: RegistryIndex?
    private let exemptions: [Exemption]
    private let subjects: SubjectKinds
    /// The rule that says which team is billed: judged first, because pairs and registry defaults depend on it.
    private let teamRule: Int?

    package init(_ policy: Policy) {
        self.policy = policy
        var keys: [LabelKey] = []
        var indices: [LabelKey: Int] = [:]
        func index(of key: LabelKey) -> Int {
            if let known = indices[key] { return known }
            indices[key] = keys.count
            keys.append(key)
            return keys.count - 1
        }
        rules = policy.labels.map { rule in
            CompiledRule(rule, key: index(of: rule.key), aliases: rule.aliases.map(index(of:)))
        }
        for rule in policy.modes {
            guard let selector = rule.namespaceSelector else { continue }
            for key in selector.matchLabels.keys.sorted() { _ = index(of: key) }
            for requirement in selector.matchExpressions { _ = index(of: requirement.key) }
        }
        self.keys = keys
        positions = Dictionary(keys.enumerated().map { ($1.text, $0) }) { first, _ in first }
        registry = policy.registry.map(RegistryIndex.init)
        exemptions = policy.exemptions
        subjects = SubjectKinds(policy.subjects)
        teamRule = policy.labels.firstIndex { $0.values.registered == .team }
    }

    // MARK: Observing

    /// The labels of an object, as far as the policy reads them.
    package func observe(_ labels: [String: String]) -> ObservedLabels {
        var observed = ObservedLabels(count: keys.count)
        for (index, key) in keys.enumerated() { observed.values[index] = labels[key.text] }
        return observed
    }

    /// A namespace whose labels are known.
    package func namespace(_ name: String, labels: [String: String]) -> NamespaceContext {
        namespace(name, observed: observe(labels))
    }

    /// A namespace whose labels have been observed. A Namespace object is seen as the namespace it is: its own labels
    /// decide which mode holds for it.
    package func namespace(_ name: String, observed: ObservedLabels) -> NamespaceContext {
        NamespaceContext(name: name, knowledge: .known, observed: observed, positions: positions)
    }

    /// Whether the policy speaks of subjects of this kind.
    package func speaks(of kind: SubjectKind) -> Bool { subjects.contains(kind) }

    package func isExcluded(namespace: String) -> Bool { policy.excludedNamespaces.anyMatches(namespace) }

    /// The mode that holds; nil when that hangs on a namespace that could not be read.
    package func mode(for kind: SubjectKind, in namespace: NamespaceContext) -> Mode? {
        // What a rule says that might hold, should the namespace be one it selects.
        var possible: Mode?
        func settled(_ mode: Mode) -> Mode? { possible == nil || possible == mode ? mode : nil }
        for rule in policy.modes {
            if let subjects = rule.subjects {
                if !subjects.contains(kind) { continue }
            } else if kind == .namespaces {
                continue
            }
            guard let selector = rule.namespaceSelector, !selector.selectsEverything else { return settled(rule.mode) }
            if namespace.knowledge == .unknown {
                guard let agreed = settled(rule.mode) else { return nil }
                possible = agreed
            } else if selector.matches(namespace.label) {
                return rule.mode
            }
        }
        // Nobody sees a denied Namespace coming, so it takes a rule that names them to deny one.
        return settled(kind == .namespaces && policy.mode == .enforce ? .warn : policy.mode)
    }

    // MARK: Judging

    /// - Parameter suggesting: whether gaps name the nearest allowed value. It is by far the dearest part of a
    ///   judgement (its cost grows with the registry), so a caller with many subjects asks for it where it is shown.
    package func evaluate(_ subject: Subject, at now: Timestamp, suggesting: Bool = true) -> Verdict {
        var circumstances = CompiledRule.Circumstances(registry: registry, today: now.date, suggests: suggesting)
        var ofTeam: Outcome?
        if let teamRule, applies(rules[teamRule], to: subject) {
            let outcome = attribute(rules[teamRule], subject, circumstances)
            circumstances.team = outcome.attribution.flatMap { registry?.team(named: $0.value) }
            circumstances.teamIsUncertain = outcome.gap?.isUncertain ?? false
            ofTeam = outcome
        }
        var labels: [LabelVerdict] = []
        labels.reserveCapacity(rules.count)
        // Found when the first gap asks for them: most workloads have none.
        var excuses: [Int]?
        for (index, compiled) in rules.enumerated() where applies(compiled, to: subject) {
            let (attribution, gap) =
                if index == teamRule, let ofTeam { ofTeam } else { attribute(compiled, subject, circumstances) }
            var excuse: LabelVerdict.Excuse?
            if gap != nil, !exemptions.isEmpty {
                let matching = excuses ?? exemptions.indices.filter { exemptions[$0].match.matches(subject) }
                excuses = matching
                excuse = self.excuse(keys[compiled.key], matching, circumstances.today)
            }
            labels.append(
                LabelVerdict(
                    rule: index, key: keys[compiled.key],
                    level: subject.requestsGPU && compiled.rule.requiredWhenGPU ? .required : compiled.level,
                    attribution: attribution, gap: gap, excuse: excuse))
        }
        return Verdict(labels: labels, mode: mode(for: subject.kind, in: subject.namespace))
    }

    /// Of a Namespace only what it supplies to others is asked.
    private func applies(_ compiled: CompiledRule, to subject: Subject) -> Bool {
        subject.kind != .namespaces || compiled.defaultsFromNamespace
    }

    /// What becomes of one label: a value or a gap. A tuple, because its parts move on into a verdict without a copy.
    private typealias Outcome = (attribution: Attribution?, gap: Gap?)

    private func attribute(
        _ compiled: CompiledRule, _ subject: Subject, _ circumstances: CompiledRule.Circumstances
    ) -> Outcome {
        switch read(compiled, subject.labels) {
        case .value(let raw, let keyIndex):
            switch compiled.judge(raw, circumstances) {
            case .accepted(let value):
                return (
                    attribution: Attribution(
                        value: value, source: keyIndex == compiled.key ? .own : .alias, key: keys[keyIndex],
                        spelled: value == raw ? nil : raw), nil
                )
            case .refused(let problem):
                return (nil, gap(problem, key: keys[keyIndex], found: raw, compiled, circumstances))
            }
        case .conflict(let first, let firstValue, let other, let otherValue):
            let problem = Gap.Problem.conflict(other: keys[other], otherValue: otherValue)
            return (nil, gap(problem, key: keys[first], found: firstValue, compiled, circumstances))
        case .empty:
            if subject.keepsEmpty { return (nil, Gap(problem: .empty, key: keys[compiled.key], found: "")) }
            return fill(compiled, subject, circumstances, wasEmpty: true)
        case .absent: return fill(compiled, subject, circumstances, wasEmpty: false)
        }
    }

    private func gap(
        _ problem: Gap.Problem, key: LabelKey, found: String, _ compiled: CompiledRule,
        _ circumstances: CompiledRule.Circumstances
    ) -> Gap {
        Gap(
            problem: problem, key: key, found: found,
            nearest: circumstances.suggests ? compiled.nearest(to: found, problem, circumstances) : nil,
            rejectedDefaults: [], isUncertain: false)
    }

    // MARK: Defaults

    /// Looks for a default, in the rule's order; the first one the rule itself accepts counts.
    private func fill(
        _ compiled: CompiledRule, _ subject: Subject, _ circumstances: CompiledRule.Circumstances, wasEmpty: Bool
    ) -> Outcome {
        var search = DefaultSearch()
        var uncertain = false
        sources: for origin in compiled.rule.defaultFrom {
            switch origin {
            case .owner:
                guard subject.kind == .workloads else { continue }
                for owner in subject.owners {
                    // An owner whose aliases contradict each other supplies nothing.
                    guard case .value(let raw, let index) = read(compiled, owner) else { continue }
                    if search.accepts(raw, .owner, keys[index], by: compiled, circumstances) { break sources }
                }
                if subject.lacksOwners { uncertain = true }
            case .namespace:
                guard subject.kind == .workloads else { continue }
                if subject.namespace.knowledge == .unknown { uncertain = true }
                guard let observed = subject.namespace.observed,
                    case .value(let raw, let index) = read(compiled, observed)
                else { break }
                if search.accepts(raw, .namespace, keys[index], by: compiled, circumstances) { break sources }
            case .registry:
                if let team = circumstances.team {
                    guard let value = compiled.registryDefault(of: team) else { continue }
                    if search.accepts(value, .registry, nil, by: compiled, circumstances) { break sources }
                } else if circumstances.teamIsUncertain {
                    uncertain = true
                }
            case .value(let value):
                if search.accepts(value.text, .value, nil, by: compiled, circumstances) { break sources }
            }
            // What an owner or a namespace that cannot be read would have supplied, here or by the team it names, must
            // not be replaced by a later source.
            if uncertain { break }
        }
        if let found = search.found { return (found, nil) }
        if !wasEmpty, !uncertain, search.rejected.isEmpty { return (nil, .missing) }
        return (
            nil,
            Gap(
                problem: wasEmpty ? .empty : .missing, key: wasEmpty ? keys[compiled.key] : nil,
                found: wasEmpty ? "" : nil, nearest: nil, rejectedDefaults: search.rejected, isUncertain: uncertain)
        )
    }

    private struct DefaultSearch {
        var found: Attribution?
        var rejected: [Gap.RejectedDefault] = []

        mutating func accepts(
            _ raw: String, _ source: Source, _ key: LabelKey?, by compiled: CompiledRule,
            _ circumstances: CompiledRule.Circumstances
        ) -> Bool {
            switch compiled.judge(raw, circumstances) {
            case .accepted(let value):
                found = Attribution(value: value, source: source, key: key, spelled: value == raw ? nil : raw)
                return true
            case .refused(let problem):
                rejected.append(Gap.RejectedDefault(value: raw, source: source, problem: problem))
                return false
            }
        }
    }

    // MARK: Reading

    private enum Reading {
        case absent
        case empty
        case value(String, key: Int)
        case conflict(first: Int, String, other: Int, String)
    }

    /// The key's own value; when it is absent or empty, that of its aliases, which must agree.
    private func read(_ compiled: CompiledRule, _ labels: ObservedLabels) -> Reading {
        let own = labels[compiled.key]
        if let own, !own.isEmpty { return .value(own, key: compiled.key) }
        var found: (key: Int, value: String)?
        for alias in compiled.aliases {
            guard let value = labels[alias], !value.isEmpty else { continue }
            guard let first = found else {
                found = (alias, value)
                continue
            }
            if first.value == value { continue }
            if compiled.canonical(first.value, registry: registry) != compiled.canonical(value, registry: registry) {
                return .conflict(first: first.key, first.value, other: alias, value)
            }
        }
        if let found { return .value(found.value, key: found.key) }
        return own == nil ? .absent : .empty
    }

    // MARK: Exemptions

    /// The first of the matching exemptions that covers the label and holds, else the first that would have.
    private func excuse(_ key: LabelKey, _ matching: [Int], _ today: CivilDate) -> LabelVerdict.Excuse? {
        func covers(_ index: Int) -> Bool { exemptions[index].labels?.contains(key) ?? true }
        if let holding = matching.first(where: { today <= exemptions[$0].expires && covers($0) }) {
            return .holding(holding)
        }
        return matching.first { covers($0) }.map { .expired($0) }
    }
}

extension Exemption.Match {
    func matches(_ subject: Subject) -> Bool {
        if isEmpty { return false }
        if !namespaces.isEmpty, !namespaces.anyMatches(subject.namespace.name) { return false }
        if !names(subject.objectKind, subject.name),
            !subject.controllers.contains(where: { names($0.kind, $0.name) })
        {
            return false
        }
        if !users.isEmpty {
            guard let requester = subject.requester, users.anyMatches(requester.username) else { return false }
        }
        if !serviceAccounts.isEmpty {
            guard let account = subject.requester?.serviceAccount, serviceAccounts.anyMatches(account) else {
                return false
            }
        }
        return true
    }

    /// Whether an object of this kind and name is among those that are named.
    private func names(_ kind: String, _ name: String) -> Bool {
        (kinds.isEmpty || kinds.contains(kind)) && (names.isEmpty || names.anyMatches(name))
    }
}
