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
    private let registry: RegistryIndex?
    /// The path of the rule that is being checked.
    private var rule: [PolicyProblem.PathElement] = []

    init(policy: Policy) {
        self.policy = policy
        registry = policy.registry.map(RegistryIndex.init)
    }

    private mutating func report(_ kind: PolicyProblem.Kind, _ path: [PolicyProblem.PathElement]) {
        problems.append(PolicyProblem(kind: kind, place: .policy(path)))
    }

    mutating func run() {
        if policy.subjects.isEmpty { report(.noSubjects, [.field("subjects")]) }
        if policy.labels.isEmpty { report(.noLabels, [.field("labels")]) }
        checkKeys()
        for (index, label) in policy.labels.enumerated() {
            rule = [.field("labels"), .index(index)]
            let compiled = CompiledRule(label, key: 0, aliases: [])
            checkRegistered(label)
            checkAllowed(label)
            checkSynonyms(label, compiled)
            checkDefaults(label, compiled)
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
        var tags: [String: LabelKey] = [:]
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
            if let tag = label.tag, let other = tags.updateValue(label.key, forKey: tag) {
                report(.tagTwice(tag, other: other), path + [.field("tag")])
            }
        }
    }

    private mutating func checkRegistered(_ label: LabelRule) {
        guard let dimension = label.values.registered else { return }
        let place = rule + [.field("values"), .field("registered")]
        guard let registry else { return report(.registeredWithoutRegistry, place) }
        let isEmpty =
            switch dimension {
            case .team: registry.teamNames.isEmpty
            case .costCenter: registry.costCenters.values.isEmpty
            case .environment: registry.environments.values.isEmpty
            }
        if isEmpty { report(.nothingRegistered(dimension), place) }
    }

    private static func isLowercase(_ value: LabelValue) -> Bool {
        !value.text.utf8.contains(where: LabelSyntax.isUppercase)
    }

    private mutating func checkAllowed(_ label: LabelRule) {
        let values = label.values
        let path = rule + [.field("values"), .field("oneOf")]
        if values.oneOf?.isEmpty == true { report(.nothingAllowed, path) }
        let spellings = Set(values.synonyms.keys.map { folded($0, values) })
        var seen: Set<LabelValue> = []
        for (position, value) in (values.oneOf ?? []).enumerated() {
            let place = path + [.index(position)]
            if !seen.insert(value).inserted { report(.valueTwice(value), place) }
            if values.lowercased, !Self.isLowercase(value) { report(.notLowercase(value), place) }
            if spellings.contains(value.text) { report(.synonymIsAllowed(value), place) }
            if let pattern = values.pattern, !pattern.matches(value.text) {
                report(.allowedValueFailsPattern(value), place)
            }
            if let dimension = values.registered, let registry, !registry.isCanonical(value.text, dimension) {
                report(.allowedValueNotRegistered(value, dimension), place)
            }
        }
    }

    /// A synonym's spelling as it is looked up.
    private func folded(_ spelling: LabelValue, _ values: ValueRule) -> String {
        values.lowercased ? spelling.text.lowercased() : spelling.text
    }

    private mutating func checkSynonyms(_ label: LabelRule, _ compiled: CompiledRule) {
        let values = label.values
        let spellings = Set(values.synonyms.keys.map { folded($0, values) })
        var meanings: [String: LabelValue] = [:]
        for (spelling, value) in values.synonyms.sorted(by: { $0.key < $1.key }) {
            let place = rule + [.field("values"), .field("synonyms"), .field(spelling.text)]
            let looked = folded(spelling, values)
            if let other = meanings.updateValue(value, forKey: looked), other != value {
                report(.synonymTwice(spelling), place)
            }
            // A name of the registry that is read as another would never be billed.
            if let dimension = values.registered, registry?.isCanonical(looked, dimension) == true {
                report(.synonymIsAllowed(spelling), place)
            }
            if looked == value.text {
                report(.synonymOfItself(value), place)
            } else if spellings.contains(value.text) {
                report(.synonymChain(value: value), place)
            } else if values.lowercased, !Self.isLowercase(value) {
                report(.notLowercase(value), place)
            } else if refusal(of: value, compiled) != nil {
                report(.synonymNotAllowed(value: value), place)
            }
        }
    }

    /// Why the rule can never accept `value`. Dates pass and pairs depend on the workload, so they do not count.
    private func refusal(of value: LabelValue, _ compiled: CompiledRule) -> Gap.Problem? {
        // Without a registry nothing is registered; that is said once, of the rule.
        if compiled.registered != nil, registry == nil { return nil }
        let anyDay = CivilDate(daysSinceEpoch: 0)
        switch compiled.judge(value.text, CompiledRule.Circumstances(registry: registry, today: anyDay)) {
        case .accepted, .refused(.outsideValidity): return nil
        case .refused(let problem): return problem
        }
    }

    private mutating func checkDefaults(_ label: LabelRule, _ compiled: CompiledRule) {
        for (position, source) in label.defaultFrom.enumerated() {
            let place = rule + [.field("defaultFrom"), .index(position)]
            // A fixed value ends the search, unless the registry may still refuse it for the team or the day.
            let earlier = label.defaultFrom[..<position].firstIndex { before in
                if case .value = before { before == source || label.values.registered == nil } else { before == source }
            }
            if let earlier { report(.unreachableDefault(by: earlier), place) }
            switch source {
            case .owner, .namespace: continue
            case .value(let value):
                if let problem = refusal(of: value, compiled) { report(.defaultRefused(value, problem), place) }
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
            if let subjects = mode.subjects {
                let place: [PolicyProblem.PathElement] = [.field("modes"), .index(index), .field("subjects")]
                if subjects.isEmpty { report(.noSubjects, place) }
                for kind in SubjectKind.allCases where subjects.contains(kind) && !policy.subjects.contains(kind) {
                    report(.modeOfUnlistedSubject(kind), place)
                }
            }
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
        let lowercased = Set(policy.labels.filter(\.values.lowercased).compactMap(\.values.registered))
        var names: [LabelValue: LabelValue] = [:]
        for (index, team) in (policy.registry?.teams ?? []).enumerated() {
            func add(_ kind: PolicyProblem.Kind, _ path: [PolicyProblem.PathElement]) {
                problems.append(PolicyProblem(kind: kind, place: .team(index, path)))
            }
            /// A value in upper case is never met where the rule brings values to lower case.
            func checkCase(_ value: LabelValue, _ dimension: RegistryDimension, _ path: [PolicyProblem.PathElement]) {
                if lowercased.contains(dimension), !Self.isLowercase(value) { add(.notLowercase(value), path) }
            }
            checkCase(team.name, .team, [.field("name")])
            if let other = names.updateValue(team.name, forKey: team.name) {
                add(.teamNameTwice(team.name, otherTeam: other), [.field("name")])
            }
            for (position, alias) in team.aliases.enumerated() {
                checkCase(alias, .team, [.field("aliases"), .index(position)])
                /// A value in upper case is never met where the rule brings values to lower case.
                func checkCase(_ value: LabelValue, _ dimension: RegistryDimension, _ path: [PolicyProblem.PathElement])
                {
                    if lowercased.contains(dimension), !Self.isLowercase(value) { add(.notLowercase(value), path) }
                }
                checkCase(team.name, .team, [.field("name")])
                if let other = names.updateValue(team.name, forKey: alias) {
                    add(.teamNameTwice(alias, otherTeam: other), [.field("aliases"), .index(position)])
                }
            }
            for (field, list, dimension) in [
                ("costCenters", team.costCenters, RegistryDimension.costCenter),
                ("environments", team.environments, .environment),
            ] {
                var seen: Set<LabelValue> = []
                for (position, value) in list.enumerated() {
                    checkCase(value, dimension, [.field(field), .index(position)])
                    if !seen.insert(value).inserted { add(.valueTwice(value), [.field(field), .index(position)]) }
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
            if exemption.labels?.isEmpty == true { add(.exemptionOfNothing, [.field("labels")]) }
            for (position, key) in (exemption.labels ?? []).enumerated() where !keys.contains(key) {
                add(.exemptedLabelUnknown(key), [.field("labels"), .index(position)])
            }
        }
    }
}
