/// A policy made ready to judge: keys in a table, values and registry in dictionaries. Immutable, so that one serves
/// every event loop.
package final class Evaluator: Sendable {
    package let policy: Policy
    /// Every label key the policy reads (keys, aliases, those of namespace selectors): the order of `ObservedLabels`.
    package let keys: [LabelKey]

    private let rules: [CompiledRule]
    private let registry: RegistryIndex?
    /// The order of evaluation: the team first, because pairs and registry defaults depend on it.
    private let order: [Int]

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
        registry = policy.registry.map(RegistryIndex.init)
        let all = Array(policy.labels.indices)
        order =
            all.filter { policy.labels[$0].values.registered == .team }
            + all.filter { policy.labels[$0].values.registered != .team }
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
        NamespaceContext(name: name, knowledge: .known, labels: labels, observed: observe(labels))
    }

    /// A Namespace object seen as the namespace it is: its own labels decide which mode holds for it.
    package func namespace(_ name: String, observed: ObservedLabels) -> NamespaceContext {
        var labels: [String: String] = [:]
        for (index, key) in keys.enumerated() { labels[key.text] = observed[index] }
        return NamespaceContext(name: name, knowledge: .known, labels: labels, observed: observed)
    }

    package func isExcluded(namespace: String) -> Bool { policy.excludedNamespaces.anyMatches(namespace) }

    /// The mode that holds; nil when that hangs on a namespace that could not be read.
    package func mode(for kind: SubjectKind, in namespace: NamespaceContext) -> Mode? {
        for rule in policy.modes {
            if let subjects = rule.subjects {
                if !subjects.contains(kind) { continue }
            } else if kind == .namespaces {
                continue
            }
            guard let selector = rule.namespaceSelector, !selector.selectsEverything else { return rule.mode }
            if namespace.knowledge == .unknown { return nil }
            if selector.matches(namespace.labels) { return rule.mode }
        }
        // Nobody sees a denied Namespace coming, so it takes a rule that names them to deny one.
        return kind == .namespaces && policy.mode == .enforce ? .warn : policy.mode
    }

    // MARK: Judging

    package func evaluate(_ subject: Subject, at now: Timestamp) -> Verdict {
        let today = now.date
        let exemptions = matchingExemptions(subject, today)
        var verdicts = [LabelVerdict?](repeating: nil, count: rules.count)
        var team: String?
        for index in order {
            let compiled = rules[index]
            let rule = compiled.rule
            if subject.kind == .namespaces, !rule.defaultFrom.contains(.namespace) { continue }
            let outcome = attribute(compiled, subject, team: team, today)
            if rule.values.registered == .team { team = team ?? outcome.attribution?.value }
            let excuse = outcome.gap == nil ? (nil, nil) : exemptions.excuse(rule.key)
            verdicts[index] = LabelVerdict(
                rule: index, key: rule.key,
                level: rule.requiredWhenGPU && subject.requestsGPU ? .required : rule.level,
                attribution: outcome.attribution, gap: outcome.gap, exemption: excuse.0, expiredExemption: excuse.1)
        }
        return Verdict(labels: verdicts.compactMap { $0 }, mode: mode(for: subject.kind, in: subject.namespace))
    }

    private struct Outcome {
        var attribution: Attribution?
        var gap: Gap?
    }

    private func attribute(
        _ compiled: CompiledRule, _ subject: Subject, team: String?, _ today: CivilDate
    ) -> Outcome {
        let reading = read(compiled, subject.labels)
        switch reading {
        case .value(let raw, let keyIndex):
            let key = keys[keyIndex]
            switch compiled.judge(raw, registry: registry, team: team, today: today) {
            case .success(let value):
                let source: Source = keyIndex == compiled.key ? .own : .alias
                return Outcome(
                    attribution: Attribution(
                        value: value, source: source, key: key, spelled: value == raw ? nil : raw))
            case .failure(let fault):
                return Outcome(gap: gap(fault.problem, key: key, found: raw, compiled, team: team))
            }
        case .conflict(let first, let firstValue, let other, let otherValue):
            let problem = Gap.Problem.conflict(other: keys[other], otherValue: otherValue)
            return Outcome(gap: gap(problem, key: keys[first], found: firstValue, compiled, team: team))
        case .empty, .absent:
            return fill(compiled, subject, team: team, today, wasEmpty: reading == .empty)
        }
    }

    /// Looks for a default, in the rule's order; the first one the rule itself accepts counts.
    private func fill(
        _ compiled: CompiledRule, _ subject: Subject, team: String?, _ today: CivilDate, wasEmpty: Bool
    ) -> Outcome {
        var rejected: [Gap.RejectedDefault] = []
        var uncertain = false
        for origin in compiled.rule.defaultFrom {
            var candidates: [(raw: String, source: Source, key: LabelKey?)] = []
            switch origin {
            case .owner:
                guard subject.kind == .workloads else { continue }
                for owner in subject.owners { if let found = inherited(compiled, owner) { candidates.append(found) } }
            case .namespace:
                guard subject.kind == .workloads else { continue }
                if subject.namespace.knowledge == .unknown { uncertain = true }
                if let observed = subject.namespace.observed, let found = inherited(compiled, observed) {
                    candidates.append((found.raw, .namespace, found.key))
                }
            case .registry:
                guard let team, let value = registry?.defaultValue(of: compiled.rule.values.registered, team: team)
                else { continue }
                candidates.append((value, .registry, nil))
            case .value(let value):
                candidates.append((value.text, .value, nil))
            }
            // What a namespace that cannot be read would have supplied must not be replaced by a later source.
            if uncertain { break }
            for candidate in candidates {
                switch compiled.judge(candidate.raw, registry: registry, team: team, today: today) {
                case .success(let value):
                    return Outcome(
                        attribution: Attribution(
                            value: value, source: candidate.source, key: candidate.key,
                            spelled: value == candidate.raw ? nil : candidate.raw))
                case .failure(let fault):
                    rejected.append(
                        Gap.RejectedDefault(value: candidate.raw, source: candidate.source, problem: fault.problem))
                }
            }
        }
        return Outcome(
            gap: Gap(
                problem: wasEmpty ? .empty : .missing, key: wasEmpty ? compiled.rule.key : nil,
                found: wasEmpty ? "" : nil, nearest: nil, rejectedDefaults: rejected, isUncertain: uncertain))
    }

    private func inherited(
        _ compiled: CompiledRule, _ labels: ObservedLabels
    ) -> (raw: String, source: Source, key: LabelKey?)? {
        // An owner whose aliases contradict each other supplies nothing.
        guard case .value(let raw, let index) = read(compiled, labels) else { return nil }
        return (raw, .owner, keys[index])
    }

    private enum Reading: Equatable {
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
            if compiled.canonical(first.value, registry: registry) != compiled.canonical(value, registry: registry) {
                return .conflict(first: first.key, first.value, other: alias, value)
            }
        }
        if let found { return .value(found.value, key: found.key) }
        return own == nil ? .absent : .empty
    }

    private func gap(
        _ problem: Gap.Problem, key: LabelKey, found: String, _ compiled: CompiledRule, team: String?
    ) -> Gap {
        Gap(
            problem: problem, key: key, found: found,
            nearest: compiled.nearest(to: found, problem, registry: registry, team: team),
            rejectedDefaults: [], isUncertain: false)
    }

    // MARK: Exemptions

    private struct Excuses {
        var valid: [(index: Int, labels: [LabelKey]?)] = []
        var expired: [(index: Int, labels: [LabelKey]?)] = []

        func excuse(_ key: LabelKey) -> (Int?, Int?) {
            func first(_ list: [(index: Int, labels: [LabelKey]?)]) -> Int? {
                list.first { $0.labels?.contains(key) ?? true }?.index
            }
            let holding = first(valid)
            return (holding, holding == nil ? first(expired) : nil)
        }
    }

    private func matchingExemptions(_ subject: Subject, _ today: CivilDate) -> Excuses {
        var excuses = Excuses()
        for (index, exemption) in policy.exemptions.enumerated() where exemption.match.matches(subject) {
            if today <= exemption.expires {
                excuses.valid.append((index, exemption.labels))
            } else {
                excuses.expired.append((index, exemption.labels))
            }
        }
        return excuses
    }
}

extension Exemption.Match {
    func matches(_ subject: Subject) -> Bool {
        if isEmpty { return false }
        if !namespaces.isEmpty, !namespaces.anyMatches(subject.namespace.name) { return false }
        if !kinds.isEmpty, !kinds.contains(subject.objectKind) { return false }
        if !names.isEmpty, !names.anyMatches(subject.name) { return false }
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
}
