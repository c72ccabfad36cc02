package import KubernetesModel
package import LabelPolicy

/// What the gate knows of the cluster around a request. Asked on the event loop: an answer never waits.
///
/// Labels are given as the evaluator that asks reads them.
package protocol ClusterFacts: Sendable {
    /// Whether the labels of controllers can be read, so that a template's Pods will inherit them.
    var suppliesOwners: Bool { get }
    func namespace(_ name: String, for evaluator: Evaluator) -> NamespaceFact
    func owner(_ key: OwnerKey, for evaluator: Evaluator) -> OwnerFact
}

/// What is known of a namespace.
package enum NamespaceFact: Sendable, Hashable {
    case labels(ObservedLabels)
    /// It is not at hand, and asking the API server for it may tell.
    case missing
    /// It should be known and is not: the verdict is `unknown`, and nothing is denied for it.
    case unreadable
    /// There is nobody to ask; it supplies nothing.
    case nobodyToAsk
}

/// An object that an owner reference names. Two keys are equal only if all of it is: the name says whom to ask for, the
/// UID whether it is the one that is meant.
package struct OwnerKey: Sendable, Hashable {
    package let kind: GroupKind
    package let namespace: String
    package let name: String
    package let uid: OwnerUID

    package init(kind: GroupKind, namespace: String, name: String, uid: OwnerUID) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    /// An owner is looked for in the namespace of what it owns, as the garbage collector does, so one elsewhere is never
    /// found.
    init(_ reference: OwnerReference, of kind: OwnerKinds.Entry, namespace: String) {
        self.init(kind: kind.name, namespace: namespace, name: reference.name, uid: OwnerUID(reference.uid))
    }
}

/// What is known of the object an owner reference names.
package enum OwnerFact: Sendable, Hashable {
    case known(KnownOwner)
    /// It does not exist, or has another UID: the reference proves nothing.
    case absent
    /// It is not at hand, and asking the API server for it may tell.
    case missing
    /// The API server was asked and did not say.
    case unanswered
    /// There is nobody to ask.
    case nobodyToAsk
}

/// An object that exists with the UID that was asked for.
package struct KnownOwner: Sendable, Hashable {
    package let labels: ObservedLabels
    /// Its own controller.
    package let controller: OwnerKey?

    package init(labels: ObservedLabels, controller: OwnerKey?) {
        self.labels = labels
        self.controller = controller
    }
}

/// One thing that a decision hangs on and that is not at hand.
package enum Lookup: Sendable, Hashable {
    case namespace(String)
    case owner(OwnerKey)
}

/// Facts without a cluster: only what the caller supplies.
package struct SuppliedFacts: ClusterFacts {
    package let suppliesOwners: Bool
    private let namespaces: [String: [String: String]]

    /// - Parameters:
    ///   - namespaces: labels by the namespace's name.
    ///   - suppliesOwners: false for a gate without a cluster, whose Pods will not inherit what it cannot read; true
    ///     for an offline check, which speaks for the gate of the cluster.
    package init(namespaces: [String: [String: String]] = [:], suppliesOwners: Bool) {
        self.namespaces = namespaces
        self.suppliesOwners = suppliesOwners
    }

    package func namespace(_ name: String, for evaluator: Evaluator) -> NamespaceFact {
        namespaces[name].map { .labels(evaluator.observe($0)) } ?? .nobodyToAsk
    }

    package func owner(_ key: OwnerKey, for evaluator: Evaluator) -> OwnerFact { .nobodyToAsk }
}

/// Facts with what was looked up for one request laid over them.
package struct SupplementedFacts: ClusterFacts {
    private let base: any ClusterFacts
    private var namespaces: [String: NamespaceFact] = [:]
    private var owners: [OwnerKey: OwnerFact] = [:]
    /// Whether nothing more is looked up: then what is not at hand cannot be had.
    package var isFinal: Bool

    package init(_ base: any ClusterFacts, isFinal: Bool = false) {
        self.base = base
        self.isFinal = isFinal
    }

    /// What is known by now counts for more than what was found: it is not older.
    package mutating func add(_ fact: NamespaceFact, of namespace: String) { namespaces[namespace] = fact }

    package mutating func add(_ fact: OwnerFact, of owner: OwnerKey) { owners[owner] = fact }

    package var suppliesOwners: Bool { base.suppliesOwners }

    package func namespace(_ name: String, for evaluator: Evaluator) -> NamespaceFact {
        let fact = base.namespace(name, for: evaluator)
        guard case .missing = fact else { return fact }
        return namespaces[name] ?? (isFinal ? .unreadable : .missing)
    }

    package func owner(_ key: OwnerKey, for evaluator: Evaluator) -> OwnerFact {
        let fact = base.owner(key, for: evaluator)
        guard case .missing = fact else { return fact }
        return owners[key] ?? (isFinal ? .unanswered : .missing)
    }
}
