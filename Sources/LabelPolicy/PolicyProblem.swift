/// Something in a policy that cannot be meant, with its place in the document that says it.
package struct PolicyProblem: Error, Hashable, Sendable {
    /// One step of a path into a document: `spec` is implied, so `labels[2].aliases[0]` is
    /// `[.field("labels"), .index(2), .field("aliases"), .index(0)]`.
    package enum PathElement: Hashable, Sendable {
        case field(String)
        case index(Int)
    }

    package enum Place: Hashable, Sendable {
        /// In the AttributionPolicy, below `spec`.
        case policy([PathElement])
        /// In the registry's team of that index (in the order of all documents together), below the team.
        case team(Int, [PathElement])
        /// In the exemption of that index, below `spec`.
        case exemption(Int, [PathElement])
    }

    package enum Kind: Hashable, Sendable {
        case noLabels
        case duplicateRule(LabelKey)
        case aliasIsAKey(LabelKey)
        case aliasListedTwice(LabelKey, other: LabelKey)
        case synonymNotAllowed(value: LabelValue)
        case synonymChain(value: LabelValue)
        case synonymOfItself(LabelValue)
        case synonymIsAllowed(LabelValue)
        case notLowercase(LabelValue)
        case allowedValueFailsPattern(LabelValue)
        case defaultRefused(LabelValue, Gap.Problem)
        case registeredWithoutRegistry
        case registryDefaultWithoutDimension
        case registryDefaultOfTeam
        case registryDefaultWithoutTeam
        case dimensionTwice(RegistryDimension, other: LabelKey)
        case unreachableMode(by: Int)
        case teamNameTwice(LabelValue, otherTeam: LabelValue)
        case valueTwice(LabelValue)
        case validityReversed
        case exemptionMatchesEverything
        case exemptionNameTwice(String)
        case exemptedLabelUnknown(LabelKey)
    }

    package let kind: Kind
    package let place: Place

    /// What is wrong and what to do, in one line.
    package var explanation: String {
        switch kind {
        case .noLabels: "the policy asks for no labels; list at least one"
        case .duplicateRule(let key): "the label \"\(key)\" has a rule already; merge the two"
        case .aliasIsAKey(let key): "the alias \"\(key)\" is the key of a rule; an alias must be another name"
        case .aliasListedTwice(let key, let other):
            "the alias \"\(key)\" belongs to \"\(other)\" already; a label can stand for one key only"
        case .synonymNotAllowed(let value):
            "the synonym stands for \"\(value)\", which the rule does not allow; add it to oneOf or mend the synonym"
        case .synonymChain(let value):
            "the synonym stands for \"\(value)\", which is a synonym itself; name the final value"
        case .synonymOfItself(let value): "\"\(value)\" is a synonym of itself; remove it"
        case .synonymIsAllowed(let value):
            "\"\(value)\" is both an allowed value and a synonym; it can only be one of them"
        case .notLowercase(let value):
            "values are brought to lowercase, so \"\(value)\" can never be met; write it in lowercase"
        case .allowedValueFailsPattern(let value): "\"\(value)\" is allowed but does not match the rule's pattern"
        case .defaultRefused(let value, _): "the rule does not accept its own default \"\(value)\"; mend one of them"
        case .registeredWithoutRegistry:
            "values must be registered, but no Registry document was given; add one or drop 'registered'"
        case .registryDefaultWithoutDimension:
            "a default from the registry needs 'registered', which says what the label stands for"
        case .registryDefaultOfTeam:
            "the team cannot come from the registry: everything else in it is looked up by the team"
        case .registryDefaultWithoutTeam:
            "a default from the registry is looked up by the team, but no label is 'registered: team'"
        case .dimensionTwice(let dimension, let other):
            "the label \"\(other)\" stands for the registry's \(dimension.rawValue) already"
        case .unreachableMode(let index): "the rule is never reached: modes[\(index)] matches everything it would match"
        case .teamNameTwice(let name, let team):
            "the name \"\(name)\" belongs to the team \"\(team)\" already; names and aliases must be unique"
        case .valueTwice(let value): "\"\(value)\" is listed twice"
        case .validityReversed: "the registration ends before it begins; swap validFrom and validUntil"
        case .exemptionMatchesEverything:
            "the exemption matches everything; name namespaces, kinds, names, users or serviceAccounts"
        case .exemptionNameTwice(let name): "an exemption named \"\(name)\" exists already; names must be unique"
        case .exemptedLabelUnknown(let key): "the policy has no label \"\(key)\" to be exempt from"
        }
    }
}

extension Policy {
    /// Everything in the policy that cannot be meant, in the order of the documents; empty for a sound policy.
    ///
    /// A policy with problems still evaluates without a trap, but its idempotence is not assured.
    package func problems() -> [PolicyProblem] {
        var check = PolicyCheck(policy: self)
        check.run()
        return check.problems
    }
}

private struct PolicyCheck {
    let policy: Policy
    var problems: [PolicyProblem] = []
    private var rule: [PolicyProblem.PathElement] = []

    init(policy: Policy) { self.policy = policy }

    private mutating func report(_ kind: PolicyProblem.Kind, _ path: [PolicyProblem.PathElement]) {
        problems.append(PolicyProblem(kind: kind, place: .policy(path)))
    }

    mutating func run() {
        if policy.labels.isEmpty { report(.noLabels, [.field("labels")]) }
        checkKeys()
        for (index, label) in policy.labels.enumerated() {
            rule = [.field("labels"), .index(index)]
            checkValues(label)
            checkDefaults(label)
        }
        checkModes()
        checkTeams()
        checkExemptions()
    }

    private mutating func checkKeys() {
        let keys = Set(policy.labels.map(\.key))
        var seenKeys: Set<LabelKey> = []
        var aliases: [LabelKey: LabelKey] = [:]
        var dimensions: [RegistryDimension: LabelKey] = [:]
        for (index, label) in policy.labels.enumerated() {
            let path: [PolicyProblem.PathElement] = [.field("labels"), .index(index)]
            if !seenKeys.insert(label.key).inserted { report(.duplicateRule(label.key), path + [.field("key")]) }
            for (position, alias) in label.aliases.enumerated() {
                let place = path + [.field("aliases"), .index(position)]
                if keys.contains(alias) {
                    report(.aliasIsAKey(alias), place)
                } else if let other = aliases.updateValue(label.key, forKey: alias) {
                    report(.aliasListedTwice(alias, other: other), place)
                }
            }
            if let dimension = label.values.registered,
                let other = dimensions.updateValue(label.key, forKey: dimension)
            {
                report(.dimensionTwice(dimension, other: other), path + [.field("values"), .field("registered")])
            }
        }
    }

    private mutating func checkValues(_ label: LabelRule) {
        let values = label.values
        let path = rule + [.field("values")]
        if values.registered != nil, policy.registry == nil {
            report(.registeredWithoutRegistry, path + [.field("registered")])
        }
        func isLowercase(_ value: LabelValue) -> Bool { value.text == value.text.lowercased() }
        var seen: Set<LabelValue> = []
        for (position, value) in (values.oneOf ?? []).enumerated() {
            let place = path + [.field("oneOf"), .index(position)]
            if !seen.insert(value).inserted { report(.valueTwice(value), place) }
            if values.lowercased, !isLowercase(value) { report(.notLowercase(value), place) }
            if values.synonyms[value] != nil { report(.synonymIsAllowed(value), place) }
            if let pattern = values.pattern, !pattern.matches(value.text) {
                report(.allowedValueFailsPattern(value), place)
            }
        }
        for (spelling, value) in values.synonyms.sorted(by: { $0.key < $1.key }) {
            let place = path + [.field("synonyms"), .field(spelling.text)]
            if spelling == value {
                report(.synonymOfItself(value), place)
            } else if values.synonyms[value] != nil {
                report(.synonymChain(value: value), place)
            } else if let allowed = values.oneOf, !allowed.contains(value) {
                report(.synonymNotAllowed(value: value), place)
            }
            if values.lowercased, !isLowercase(value) { report(.notLowercase(value), place) }
        }
    }

    private mutating func checkDefaults(_ label: LabelRule) {
        for (position, source) in label.defaultFrom.enumerated() {
            let place = rule + [.field("defaultFrom"), .index(position)]
            switch source {
            case .owner, .namespace: continue
            case .value(let value):
                let compiled = CompiledRule(label, key: 0, aliases: [])
                let registry = policy.registry.map(RegistryIndex.init)
                // Dates pass and pairs depend on the workload; whether the value can ever be right does not.
                let judged = compiled.judge(
                    value.text, registry: registry, team: nil, today: CivilDate(daysSinceEpoch: 0))
                guard case .failure(let fault) = judged else { continue }
                if case .outsideValidity = fault.problem { continue }
                report(.defaultRefused(value, fault.problem), place)
            case .registry:
                switch label.values.registered {
                case nil: report(.registryDefaultWithoutDimension, place)
                case .team: report(.registryDefaultOfTeam, place)
                case .costCenter, .environment:
                    if !policy.labels.contains(where: { $0.values.registered == .team }) {
                        report(.registryDefaultWithoutTeam, place)
                    }
                }
            }
        }
    }

    private mutating func checkModes() {
        for (index, mode) in policy.modes.enumerated() {
            let earlier = policy.modes[..<index].firstIndex { Self.covers($0, mode) }
            if let earlier { report(.unreachableMode(by: earlier), [.field("modes"), .index(index)]) }
        }
    }

    /// Whether everything `later` matches was matched by `earlier`, as far as can be told without solving selectors.
    private static func covers(_ earlier: ModeRule, _ later: ModeRule) -> Bool {
        let everything = Set(SubjectKind.allCases)
        let before = earlier.subjects ?? everything.subtracting([.namespaces])
        let after = later.subjects ?? everything.subtracting([.namespaces])
        guard after.isSubset(of: before) else { return false }
        guard let selector = earlier.namespaceSelector, !selector.selectsEverything else { return true }
        guard let other = later.namespaceSelector else { return false }
        return selector.matchLabels.allSatisfy { other.matchLabels[$0.key] == $0.value }
            && selector.matchExpressions.allSatisfy { other.matchExpressions.contains($0) }
    }

    private mutating func checkTeams() {
        var names: [LabelValue: LabelValue] = [:]
        for (index, team) in (policy.registry?.teams ?? []).enumerated() {
            func add(_ kind: PolicyProblem.Kind, _ path: [PolicyProblem.PathElement]) {
                problems.append(PolicyProblem(kind: kind, place: .team(index, path)))
            }
            if let other = names.updateValue(team.name, forKey: team.name) {
                add(.teamNameTwice(team.name, otherTeam: other), [.field("name")])
            }
            for (position, alias) in team.aliases.enumerated() {
                if let other = names.updateValue(team.name, forKey: alias) {
                    add(.teamNameTwice(alias, otherTeam: other), [.field("aliases"), .index(position)])
                }
            }
            for (field, list) in [("costCenters", team.costCenters), ("environments", team.environments)] {
                var seen: Set<LabelValue> = []
                for (position, value) in list.enumerated() where !seen.insert(value).inserted {
                    add(.valueTwice(value), [.field(field), .index(position)])
                }
            }
            if let from = team.validFrom, let until = team.validUntil, until < from {
                add(.validityReversed, [.field("validUntil")])
            }
        }
    }

    private mutating func checkExemptions() {
        var names: Set<String> = []
        let keys = Set(policy.labels.map(\.key))
        for (index, exemption) in policy.exemptions.enumerated() {
            func add(_ kind: PolicyProblem.Kind, _ path: [PolicyProblem.PathElement]) {
                problems.append(PolicyProblem(kind: kind, place: .exemption(index, path)))
            }
            if !names.insert(exemption.name).inserted { add(.exemptionNameTwice(exemption.name), []) }
            if exemption.match.isEmpty { add(.exemptionMatchesEverything, [.field("match")]) }
            for (position, key) in (exemption.labels ?? []).enumerated() where !keys.contains(key) {
                add(.exemptedLabelUnknown(key), [.field("labels"), .index(position)])
            }
        }
    }
}
