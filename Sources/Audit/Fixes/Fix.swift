/// How a finding is mended: typed, so that `fix --apply` can do it and reports can say it.
package enum Fix: Sendable, Hashable {
    /// A label to set on an object, or in its Pod template.
    case label(LabelEdit)
    /// A label or tag of a node group, set where its provider keeps it.
    case nodeGroup(NodeGroupEdit)
    /// Something that no one command mends.
    case manual(String)
    /// A command that nobody but a reader can decide on, since it takes away what cannot be had back, and what to make
    /// sure of before. No program runs it.
    case decision(command: String, String)
}

/// One label on one object of the cluster.
package struct LabelEdit: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        /// `metadata.labels` of the object itself.
        case own
        /// The labels of the object's one Pod template, by the members of the path: `spec`, `template`, `metadata`,
        /// `labels`. Or its node selector, which is a map of labels, too.
        case template([String])
        /// Templates in lists or maps, which a merge patch cannot reach: `spec.tasks[*].template.metadata.labels`.
        case templates(String)
    }

    package var target: ObjectReference
    /// How `kubectl` is told the kind: `deployment.apps`.
    package var resource: String
    package var place: Place
    package var key: String
    package var value: ProposedValue
    package var effect: FixEffect
    /// What it would mend, where that is more than the finding itself.
    package var mends: AuditReport.Mending?
    /// Another value stands there now.
    package var replacesValue: Bool

    package init(
        target: ObjectReference, resource: String, place: Place, key: String, value: ProposedValue, effect: FixEffect,
        mends: AuditReport.Mending? = nil, replacesValue: Bool = false
    ) {
        self.target = target
        self.resource = resource
        self.place = place
        self.key = key
        self.value = value
        self.effect = effect
        self.mends = mends
        self.replacesValue = replacesValue
    }
}

/// What to write.
package enum ProposedValue: Sendable, Hashable {
    /// The registry's nearest value, or the only one that fits.
    case known(String)
    /// Nobody can know: the reader fills it in. The text names what is asked for: `team`.
    case placeholder(String)

    /// As a command shows it: `<team>` for a placeholder.
    package var text: String {
        switch self {
        case .known(let value): value
        case .placeholder(let name): "<\(name)>"
        }
    }

    package var isKnown: Bool {
        switch self {
        case .known: true
        case .placeholder: false
        }
    }
}

/// What a fix does besides.
package enum FixEffect: Sendable, Hashable {
    /// It takes effect at once and restarts nothing.
    case immediate
    /// A changed template makes the controller replace every Pod.
    case rollout
    /// Running Pods stay as they are; those made from now on have it.
    case newPods
    /// The next Job has it; those that run stay as they are.
    case nextJob
    /// The API server refuses the change: it takes a new object.
    case immutable
    /// The kind's own controller may replace the Pods.
    case controllerDecides
    /// The group's nodes are replaced, and with them every Pod on them.
    case nodesReplaced
    /// Nodes made from now on have it.
    case newNodes

    /// Whether anything that runs may be restarted.
    package var mayRestart: Bool {
        switch self {
        case .rollout, .controllerDecides, .nodesReplaced: true
        case .immediate, .newPods, .nextJob, .immutable, .newNodes: false
        }
    }
}

/// A label or tag on a node group.
package struct NodeGroupEdit: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        /// A label of its nodes.
        case nodeLabel
        /// A tag of what it costs: instances and volumes.
        case tag
    }

    package var provider: NodeGroupProvider
    /// The group's name at its provider.
    package var group: String
    package var place: Place
    package var key: String
    package var value: ProposedValue
    /// The object of the cluster that carries it, where there is one: a NodePool, an EC2NodeClass.
    package var carrier: ObjectReference?
    /// Nodes of a group that no provider knows, at most `maximumNodes`, for labels set by hand.
    package var nodes: [String]
    package var effect: FixEffect

    /// Nodes named in one command; a group without an owner can have thousands.
    package static let maximumNodes = 20

    package init(
        provider: NodeGroupProvider, group: String, place: Place, key: String, value: ProposedValue,
        carrier: ObjectReference? = nil, nodes: [String] = [], effect: FixEffect
    ) {
        self.provider = provider
        self.group = group
        self.place = place
        self.key = key
        self.value = value
        self.carrier = carrier
        self.nodes = nodes
        self.effect = effect
    }
}
