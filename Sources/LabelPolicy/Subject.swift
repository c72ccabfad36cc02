/// The labels of one object, as far as a policy reads them: a value for each key of the evaluator's table, in its order.
///
/// Made by `Evaluator.observe` or filled key by key by a scanner; only meaningful to the evaluator it was made for.
package struct ObservedLabels: Hashable, Sendable {
    package internal(set) var values: [String?]

    /// Nothing is there, in a table of `count` keys.
    package init(count: Int) { values = [String?](repeating: nil, count: count) }

    /// Sets the value of the key at `index`; an index outside the table is ignored.
    package mutating func set(_ index: Int, to value: String?) {
        if values.indices.contains(index) { values[index] = value }
    }

    subscript(index: Int) -> String? { values.indices.contains(index) ? values[index] : nil }
}

/// What is known of the namespace a subject lives in. A class, as it is handed from place to place.
package final class NamespaceContext: Sendable {
    package enum Knowledge: Sendable {
        /// Its labels were read.
        case known
        /// It should have been readable and was not: no default is invented.
        case unknown
        /// The subject lives in none, or nobody is there to ask (`--no-cluster`): it supplies nothing.
        case none
    }

    package let name: String
    package let knowledge: Knowledge
    /// Its labels, as far as the policy reads them; selectors read among them.
    let observed: ObservedLabels?
    /// Where a key stands in `observed`.
    let positions: [String: Int]

    init(name: String, knowledge: Knowledge, observed: ObservedLabels?, positions: [String: Int]) {
        self.name = name
        self.knowledge = knowledge
        self.observed = observed
        self.positions = positions
    }

    /// The label the API server gives every namespace (since 1.21), so that selectors can go by name; manifests do not
    /// carry it.
    private static let nameLabel = "kubernetes.io/metadata.name"

    /// The value of a label, for selectors.
    func label(_ key: String) -> String? {
        if key == Self.nameLabel, !name.isEmpty { return name }
        guard let position = positions[key] else { return nil }
        return observed?[position]
    }

    /// A namespace that could not be read.
    package static func unknown(_ name: String) -> NamespaceContext {
        NamespaceContext(name: name, knowledge: .unknown, observed: nil, positions: [:])
    }

    /// None at all.
    package static let none = NamespaceContext(name: "", knowledge: .none, observed: nil, positions: [:])

    /// A namespace that supplies nothing: none at all, or one that nobody can be asked about.
    package static func absent(_ name: String = "") -> NamespaceContext {
        NamespaceContext(name: name, knowledge: .none, observed: nil, positions: [:])
    }
}

/// A controller by its kind and name, as exemptions name objects.
package struct ControllerName: Hashable, Sendable {
    package let kind: String
    package let name: String

    package init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }
}

/// Who or what asks for an object, as far as exemptions care.
package struct Requester: Hashable, Sendable {
    package let username: String
    /// Whether the request comes from Kubernetes' own controllers of workloads, which make Pods and what lies between.
    ///
    /// The API server authenticates these names (a service account each, or the controller manager's own identity), and
    /// whoever could forge them rules the cluster already.
    package let isWorkloadController: Bool

    package init(username: String) {
        self.username = username
        // Few of the names are of one length.
        let length = username.utf8.count
        isWorkloadController = Self.workloadControllers.contains { $0.utf8.count == length && $0 == username }
    }

    private static let systemAccounts = "system:serviceaccount:kube-system:"
    private static let workloadControllers =
        [
            "replicaset-controller", "deployment-controller", "statefulset-controller", "daemon-set-controller",
            "job-controller", "cronjob-controller", "replication-controller",
        ].map { systemAccounts + $0 } + ["system:kube-controller-manager"]

    /// Whether what the request makes may be some controller's.
    ///
    /// - Parameter isMadeByKubernetes: whether that controller is of a kind whose Pods Kubernetes' own controllers make;
    ///   then only they may. Of any other kind the operator's identity is not known, but it is a service account.
    package func mayAct(forKubernetesOwn isMadeByKubernetes: Bool) -> Bool {
        isWorkloadController || (!isMadeByKubernetes && serviceAccount != nil)
    }

    /// Whether the request comes from a component of Kubernetes itself, the kubelets included.
    package var isControlPlane: Bool {
        let names = ["system:kube-controller-manager", "system:kube-scheduler", "system:apiserver"]
        return names.contains(username) || username.hasPrefix("system:node:")
            || username.hasPrefix(Self.systemAccounts)
    }

    /// `NAMESPACE/NAME` when the user is a service account (`system:serviceaccount:NAMESPACE:NAME`).
    ///
    /// Nil for a name that only looks like one: both parts must be names Kubernetes would give (as apiserver's
    /// `serviceaccount.SplitUsername` asks), so that `a/b:c` does not pass for something in the namespace `a`.
    package var serviceAccount: String? {
        let prefix = "system:serviceaccount:".utf8
        guard username.utf8.starts(with: prefix) else { return nil }
        let parts = username.utf8.dropFirst(prefix.count)
            .split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, LabelSyntax.isSubdomain(parts[0]), LabelSyntax.isSubdomain(parts[1]),
            // A namespace is one DNS label.
            parts[0].count <= LabelSyntax.maximumNameLength, !parts[0].contains(UInt8(ascii: "."))
        else { return nil }
        return "\(Substring(parts[0]))/\(Substring(parts[1]))"
    }
}

/// What is evaluated: one pod template (or Pod, Namespace, claim, load balancer) with what surrounds it.
package struct Subject: Sendable {
    package var kind: SubjectKind
    /// The kind of the object, as exemptions name it: `Deployment`.
    package var objectKind: String
    package var name: String
    package var namespace: NamespaceContext
    package var labels: ObservedLabels
    /// The labels of its controllers, nearest first.
    package var owners: [ObservedLabels]
    /// Whether it has controllers whose labels could not be read.
    package var lacksOwners = false
    /// Its controllers, nearest first, each of them verified: what an exemption says of one holds for what it makes.
    package var controllers: [ControllerName]
    /// Whether a label without a value stays as it is: a controller selects its Pods by their labels, so nothing may
    /// write over one that is there. Then a default helps only where the label is missing.
    package var keepsEmpty: Bool
    package var requestsGPU: Bool
    /// Nil where nobody asks: in an audit or an offline check.
    package var requester: Requester?

    package init(
        kind: SubjectKind, objectKind: String, name: String, namespace: NamespaceContext, labels: ObservedLabels,
        owners: [ObservedLabels] = [], controllers: [ControllerName] = [], keepsEmpty: Bool = false,
        requestsGPU: Bool = false, requester: Requester? = nil
    ) {
        self.kind = kind
        self.objectKind = objectKind
        self.name = name
        self.namespace = namespace
        self.labels = labels
        self.owners = owners
        self.controllers = controllers
        self.keepsEmpty = keepsEmpty
        self.requestsGPU = requestsGPU
        self.requester = requester
    }
}

extension ObservedLabels {
    /// These labels with what they lack taken from `weaker`.
    package func filled(from weaker: ObservedLabels) -> ObservedLabels {
        var result = self
        for index in result.values.indices where result.values[index] == nil { result.values[index] = weaker[index] }
        return result
    }

    /// Bytes it takes in memory, roughly: a place for each key, and storage for each text of more than 15 bytes.
    package var footprint: Int {
        values.reduce(32) { $0 + 16 + (($1?.utf8.count ?? 0) > 15 ? 32 + ($1?.utf8.count ?? 0) : 0) }
    }

    /// An empty set for the same table.
    package func cleared() -> ObservedLabels { ObservedLabels(count: values.count) }
}

extension ObservedLabels {
    /// The value of the key at `index` of the evaluator's table; nil where the label is not there.
    package func value(at index: Int) -> String? { self[index] }
}
