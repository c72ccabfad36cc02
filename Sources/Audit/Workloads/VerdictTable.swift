import KubernetesModel
import LabelPolicy

/// What is known of the namespaces of a state.
struct NamespaceTable {
    private let state: ClusterState
    private let evaluator: Evaluator
    private let index: ClusterIndex
    private var contexts: [StringID: NamespaceContext] = [:]

    init(_ state: ClusterState, _ index: ClusterIndex, _ evaluator: Evaluator) {
        self.state = state
        self.index = index
        self.evaluator = evaluator
    }

    mutating func context(_ name: StringID) -> NamespaceContext {
        if let known = contexts[name] { return known }
        let text = state.text(name)
        let context: NamespaceContext
        if name.isEmpty {
            context = .absent()
        } else if let place = index.namespace(named: name) {
            let labels = state.pool.labels(state.namespaces[place].labels)
            context = evaluator.namespace(text, labels: Dictionary(labels) { _, last in last })
        } else {
            context = .unknown(text)
        }
        contexts[name] = context
        return context
    }
}

/// Verdicts, each made once for what it hangs on.
struct VerdictTable {
    /// A verdict and what sums ask of it.
    struct Entry {
        let verdict: Verdict
        /// Every required label has a value, or an exemption that holds.
        let isAttributed: Bool
        /// The reason of the first required label that has not.
        let firstReason: Reason?
        /// The subject as it was asked, for asking again with suggestions.
        let subject: Subject
    }

    private struct Key: Hashable {
        var group: WorkloadGroup.Key
        /// As at the gate: a controller selects by the labels it writes, so no default may stand in for an empty one.
        var isControlled: Bool
    }

    private(set) var entries: [Entry] = []
    private var known: [Key: Int] = [:]
    private var suggesting: [Int: Verdict] = [:]
    private let state: ClusterState
    private let roots: [WorkloadRoot]
    private let evaluator: Evaluator
    private let now: Timestamp
    /// Exemptions match kinds and names: then every root is a case of its own.
    private let dependsOnRoot: Bool

    init(_ state: ClusterState, _ index: ClusterIndex, _ evaluator: Evaluator, at now: Timestamp) {
        self.state = state
        roots = index.workloadRoots
        self.evaluator = evaluator
        self.now = now
        dependsOnRoot = !evaluator.policy.exemptions.isEmpty
    }

    mutating func number(
        of key: WorkloadGroup.Key, _ projection: LabelProjection, _ chains: OwnerChains,
        _ namespaces: inout NamespaceTable
    ) -> Int {
        let root = roots[key.root]
        var asked = Key(group: key, isControlled: true)
        if case .pod? = root.place { asked.isControlled = false }
        if !dependsOnRoot { asked.group.root = -1 }
        if let place = known[asked] { return place }
        var subject = Subject(
            kind: .workloads, objectKind: state.pool[root.kind].kind, name: state.text(root.name),
            namespace: namespaces.context(key.namespace), labels: projection.observed[key.labels],
            owners: chains.labels[key.owners].map { projection.observed[$0] },
            keepsEmpty: asked.isControlled,
            requestsGPU: key.requestsGPU)
        subject.lacksOwners = chains.isCut[key.owners]
        let place = add(subject)
        known[asked] = place
        return place
    }

    /// A subject that is no workload, or asked for once.
    mutating func add(_ subject: Subject) -> Int {
        // The nearest allowed value is looked for only where it is shown: it is by far the dearest part.
        let verdict = evaluator.evaluate(subject, at: now, suggesting: false)
        let violation = verdict.labels.first { $0.isViolation }
        entries.append(
            Entry(
                verdict: verdict, isAttributed: violation == nil, firstReason: violation?.gap?.reason, subject: subject)
        )
        return entries.count - 1
    }

    /// The verdict with suggestions.
    mutating func suggesting(_ number: Int) -> Verdict {
        if let known = suggesting[number] { return known }
        let verdict = evaluator.evaluate(entries[number].subject, at: now)
        suggesting[number] = verdict
        return verdict
    }
}

extension Gap {
    /// Whether a default would close it: nothing writes over an empty label that a controller selects by.
    func takesDefault(keepsEmpty: Bool) -> Bool { problem == .missing || problem == .empty && !keepsEmpty }
}
