/// What an organisation wants of its cost labels: one `AttributionPolicy` with its registry and exemptions.
///
/// A value without behaviour: `Evaluator` compiles it. `problems()` lists what cannot be meant.
package struct Policy: Hashable, Sendable {
    package var name: String
    /// What happens to a violator where no mode rule says otherwise.
    package var mode: Mode
    package var ratchet: Ratchet?
    package var subjects: Set<SubjectKind>
    package var labels: [LabelRule]
    /// First match wins over `mode`.
    package var modes: [ModeRule]
    package var excludedNamespaces: [Glob]
    /// Nil when no Registry document was given: then nothing can be `registered`.
    package var registry: Registry?
    package var exemptions: [Exemption]

    package init(
        name: String, mode: Mode, ratchet: Ratchet? = nil, subjects: Set<SubjectKind> = [.workloads, .namespaces],
        labels: [LabelRule], modes: [ModeRule] = [], excludedNamespaces: [Glob] = [], registry: Registry? = nil,
        exemptions: [Exemption] = []
    ) {
        self.name = name
        self.mode = mode
        self.ratchet = ratchet
        self.subjects = subjects
        self.labels = labels
        self.modes = modes
        self.excludedNamespaces = excludedNamespaces
        self.registry = registry
        self.exemptions = exemptions
    }
}

/// What a violation leads to.
package enum Mode: String, Sendable, CaseIterable {
    /// Required labels are demanded: a violator is denied.
    case enforce
    /// A violator is admitted with a warning.
    case warn
    /// A violator is admitted in silence and counted.
    case audit
}

/// The kinds of objects a policy speaks of.
package enum SubjectKind: String, Sendable, CaseIterable {
    /// Pods and everything with a pod template.
    case workloads
    /// Namespaces, as the source of defaults.
    case namespaces
    /// PersistentVolumeClaims.
    case claims
    /// Services of type LoadBalancer.
    case loadbalancers
}

/// A set of kinds, as it is asked in every judgement.
struct SubjectKinds: Sendable {
    private let bits: UInt8

    init(_ kinds: Set<SubjectKind>) { bits = kinds.reduce(0) { $0 | Self.bit($1) } }

    func contains(_ kind: SubjectKind) -> Bool { bits & Self.bit(kind) != 0 }

    private static func bit(_ kind: SubjectKind) -> UInt8 {
        switch kind {
        case .workloads: 1
        case .namespaces: 2
        case .claims: 4
        case .loadbalancers: 8
        }
    }
}

package enum Level: String, Sendable, CaseIterable {
    case required
    /// Never denies.
    case recommended
}

/// What the policy asks of one label.
package struct LabelRule: Hashable, Sendable {
    package var key: LabelKey
    package var level: Level
    /// Labels read in the key's stead when it is absent, in order.
    package var aliases: [LabelKey]
    package var values: ValueRule
    /// Where a missing value comes from, in order.
    package var defaultFrom: [DefaultSource]
    /// Raises `recommended` to `required` for workloads that request GPUs.
    package var requiredWhenGPU: Bool
    /// Key of the cloud tag that carries this label on node groups.
    package var tag: String?

    package init(
        key: LabelKey, level: Level, aliases: [LabelKey] = [], values: ValueRule = ValueRule(),
        defaultFrom: [DefaultSource] = [], requiredWhenGPU: Bool = false, tag: String? = nil
    ) {
        self.key = key
        self.level = level
        self.aliases = aliases
        self.values = values
        self.defaultFrom = defaultFrom
        self.requiredWhenGPU = requiredWhenGPU
        self.tag = tag
    }
}

/// Which values a label may have. A value is first brought to its canonical form (case, then synonym, then the
/// registry's alias) and then must satisfy every condition that is set.
package struct ValueRule: Hashable, Sendable {
    /// Which side of the registry the value must stand in; nil: none.
    package var registered: RegistryDimension?
    package var lowercased: Bool
    /// The allowed values; nil: any.
    package var oneOf: [LabelValue]?
    /// Other spellings, each with the value it stands for.
    package var synonyms: [LabelValue: LabelValue]
    package var pattern: Pattern?

    package init(
        registered: RegistryDimension? = nil, lowercased: Bool = false, oneOf: [LabelValue]? = nil,
        synonyms: [LabelValue: LabelValue] = [:], pattern: Pattern? = nil
    ) {
        self.registered = registered
        self.lowercased = lowercased
        self.oneOf = oneOf
        self.synonyms = synonyms
        self.pattern = pattern
    }
}

/// The sides of the registry a label can stand for.
package enum RegistryDimension: String, Sendable, CaseIterable {
    case team
    case costCenter = "cost-center"
    case environment

    /// The dimension `registered: true` means for a key: by the key's name, whatever its prefix and word separators.
    package init?(inferredFrom key: LabelKey) {
        let letters = key.name.lowercased().utf8.filter(LabelSyntax.isAlphanumeric)
        switch String(decoding: letters, as: UTF8.self) {
        case "team": self = .team
        case "costcenter", "costcentre": self = .costCenter
        case "environment", "env": self = .environment
        default: return nil
        }
    }
}

/// Where the value of a missing label may come from.
package enum DefaultSource: Hashable, Sendable {
    /// The labels of the controller, nearest first: a Deployment's own `metadata.labels` for its Pods.
    case owner
    case namespace
    /// The team's first cost center (or environment).
    case registry
    case value(LabelValue)
}

/// Which mode holds where.
package struct ModeRule: Hashable, Sendable {
    /// Namespaces by their labels; nil: all.
    package var namespaceSelector: LabelSelector?
    /// What the rule speaks of. Without a list it covers everything but Namespace objects, which are denied only when a
    /// rule names them.
    package var subjects: Set<SubjectKind>?
    package var mode: Mode

    package init(namespaceSelector: LabelSelector?, subjects: Set<SubjectKind>? = nil, mode: Mode) {
        self.namespaceSelector = namespaceSelector
        self.subjects = subjects
        self.mode = mode
    }
}

/// A leave from the rules, with an owner and an end.
package struct Exemption: Hashable, Sendable {
    /// All lists that are not empty must match; users and service accounts are those of the request.
    package struct Match: Hashable, Sendable {
        package var namespaces: [Glob]
        package var kinds: [String]
        package var names: [Glob]
        package var users: [Glob]
        /// `NAMESPACE/NAME`, of the requester.
        package var serviceAccounts: [Glob]

        package init(
            namespaces: [Glob] = [], kinds: [String] = [], names: [Glob] = [], users: [Glob] = [],
            serviceAccounts: [Glob] = []
        ) {
            self.namespaces = namespaces
            self.kinds = kinds
            self.names = names
            self.users = users
            self.serviceAccounts = serviceAccounts
        }

        package var isEmpty: Bool {
            namespaces.isEmpty && kinds.isEmpty && names.isEmpty && users.isEmpty && serviceAccounts.isEmpty
        }
    }

    package var name: String
    package var match: Match
    /// The labels that need not be there; nil: all.
    package var labels: [LabelKey]?
    package var owner: String
    package var reason: String
    package var ticket: String?
    /// Last day on which it counts.
    package var expires: CivilDate

    package init(
        name: String, match: Match, labels: [LabelKey]? = nil, owner: String, reason: String, ticket: String? = nil,
        expires: CivilDate
    ) {
        self.name = name
        self.match = match
        self.labels = labels
        self.owner = owner
        self.reason = reason
        self.ticket = ticket
        self.expires = expires
    }
}
