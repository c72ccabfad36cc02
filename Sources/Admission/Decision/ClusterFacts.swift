package import KubernetesModel

/// What the gate knows of the cluster around a request. Asked on the event loop: an answer never waits.
package protocol ClusterFacts: Sendable {
    /// Whether the labels of controllers can be read, so that a template's Pods will inherit them.
    var suppliesOwners: Bool { get }
    func namespace(_ name: String) -> NamespaceFact
    func controller(_ reference: OwnerReference, namespace: String) -> ControllerFact
}

/// What is known of a namespace.
package enum NamespaceFact: Sendable, Hashable {
    case labels([String: String])
    /// It should be known and is not: the verdict is `unknown`, and nothing is denied for it.
    case unreadable
    /// There is nobody to ask; it supplies nothing.
    case nobodyToAsk
}

/// What is known of the controller an owner reference names.
package enum ControllerFact: Sendable, Hashable {
    /// It does not exist, has another UID, or cannot be asked for: the reference proves nothing.
    case unverified
    /// There is nobody to ask. Then who asks for the object decides: Kubernetes' own controllers are vouched for.
    case nobodyToAsk
    /// It exists with that UID. The labels of the owner chain, nearest first.
    case verified(ownerLabels: [[String: String]])
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

    package func namespace(_ name: String) -> NamespaceFact {
        namespaces[name].map(NamespaceFact.labels) ?? .nobodyToAsk
    }

    package func controller(_ reference: OwnerReference, namespace: String) -> ControllerFact { .nobodyToAsk }
}
