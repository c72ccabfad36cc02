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
        case noSubjects
        case duplicateRule(LabelKey)
        case aliasIsAKey(LabelKey)
        case aliasListedTwice(LabelKey, other: LabelKey)
        case synonymTwice(LabelValue)
        case synonymNotAllowed(value: LabelValue)
        case synonymChain(value: LabelValue)
        case synonymOfItself(LabelValue)
        case synonymIsAllowed(LabelValue)
        case nothingAllowed
        case notLowercase(LabelValue)
        case allowedValueFailsPattern(LabelValue)
        case allowedValueNotRegistered(LabelValue, RegistryDimension)
        case defaultRefused(LabelValue, Gap.Problem)
        case registeredWithoutRegistry
        case registryDefaultWithoutDimension
        case registryDefaultOfTeam
        case registryDefaultWithoutTeam
        case nothingRegistered(RegistryDimension)
        case dimensionTwice(RegistryDimension, other: LabelKey)
        case tagTwice(String, other: LabelKey)
        case unreachableDefault(by: Int)
        case unreachableMode(by: Int)
        case modeOfUnlistedSubject(SubjectKind)
        case teamNameTwice(LabelValue, otherTeam: LabelValue)
        case valueTwice(LabelValue)
        case validityReversed
        case exemptionMatchesEverything
        case exemptionOfNothing
        case exemptionNameTwice(String)
        case exemptedLabelUnknown(LabelKey)
    }

    package let kind: Kind
    package let place: Place

    package init(kind: Kind, place: Place) {
        self.kind = kind
        self.place = place
    }

    /// What is wrong and what to do, in one line.
    package var explanation: String {
        switch kind {
        case .noLabels: "the policy asks for no labels; list at least one"
        case .noSubjects: "nothing is looked at; list subjects or leave the field out"
        case .duplicateRule(let key): "the label \"\(key)\" has a rule already; merge the two"
        case .aliasIsAKey(let key): "the alias \"\(key)\" is the key of a rule; an alias must be another name"
        case .aliasListedTwice(let key, let other):
            "the alias \"\(key)\" belongs to \"\(other)\" already; a label can stand for one key only"
        case .synonymTwice(let value):
            "values are brought to lowercase, so \"\(value)\" is the same as a synonym before it; keep one of them"
        case .synonymNotAllowed(let value):
            "the synonym stands for \"\(value)\", which the rule does not allow; mend the synonym or allow the value"
        case .synonymChain(let value):
            "the synonym stands for \"\(value)\", which is a synonym itself; name the final value"
        case .synonymOfItself(let value): "\"\(value)\" is a synonym of itself; remove it"
        case .synonymIsAllowed(let value):
            "\"\(value)\" is both an allowed value and a synonym; it can only be one of them"
        case .nothingAllowed: "no value is allowed; list at least one or leave oneOf out"
        case .notLowercase(let value):
            "values are brought to lowercase, so \"\(value)\" can never be met; write it in lowercase"
        case .allowedValueFailsPattern(let value): "\"\(value)\" is allowed but does not match the rule's pattern"
        case .allowedValueNotRegistered(let value, let dimension):
            "\"\(value)\" is allowed, but the registry has no \(dimension.noun) of that name; register it or remove it"
        case .defaultRefused(let value, _): "the rule does not accept its own default \"\(value)\"; mend one of them"
        case .registeredWithoutRegistry:
            "values must be registered, but no Registry document was given; add one or drop 'registered'"
        case .nothingRegistered(let dimension):
            "values must be registered, but the registry lists no \(dimension.noun); add one or drop 'registered'"
        case .registryDefaultWithoutDimension:
            "a default from the registry needs 'registered', which says what the label stands for"
        case .registryDefaultOfTeam:
            "the team cannot come from the registry: everything else in it is looked up by the team"
        case .registryDefaultWithoutTeam:
            "a default from the registry is looked up by the team, but no label is 'registered: team'"
        case .dimensionTwice(let dimension, let other):
            "the label \"\(other)\" stands for the registry's \(dimension.rawValue) already"
        case .tagTwice(let tag, let other): "the tag \"\(tag)\" belongs to the label \"\(other)\" already"
        case .unreachableDefault(let index):
            "the default is never reached: defaultFrom[\(index)] supplies everything it would"
        case .modeOfUnlistedSubject(let kind):
            "the policy does not look at \(kind.rawValue); add it to 'subjects' of the policy or remove it here"
        case .unreachableMode(let index): "the rule is never reached: modes[\(index)] matches everything it would match"
        case .teamNameTwice(let name, let team):
            "the name \"\(name)\" belongs to the team \"\(team)\" already; names and aliases must be unique"
        case .valueTwice(let value): "\"\(value)\" is listed twice"
        case .validityReversed: "the registration ends before it begins; swap validFrom and validUntil"
        case .exemptionMatchesEverything:
            "the exemption matches everything; name namespaces, kinds, names, users or serviceAccounts"
        case .exemptionOfNothing: "the exemption covers no label; list some, or leave 'labels' out to cover all"
        case .exemptionNameTwice(let name): "an exemption named \"\(name)\" exists already; names must be unique"
        case .exemptedLabelUnknown(let key): "the policy has no label \"\(key)\" to be exempt from"
        }
    }
}

extension RegistryDimension {
    /// As it is called in a sentence.
    fileprivate var noun: String {
        switch self {
        case .team: "team"
        case .costCenter: "cost center"
        case .environment: "environment"
        }
    }
}
