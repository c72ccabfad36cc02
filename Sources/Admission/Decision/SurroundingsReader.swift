import KubernetesModel
import LabelPolicy

/// Joins an object with what the cluster says of its namespace and its controllers.
struct SurroundingsReader: Sendable {
    /// Controllers followed from an object upwards. The longest chains in the field have six (a KServe
    /// InferenceService, three kinds of Knative, a Deployment, a ReplicaSet); a circle, which a user could write, ends
    /// here.
    static let maximumChain = 8

    /// What was found.
    struct Seen {
        var surroundings: ObjectJudge.Surroundings
        /// Whether the object is its controller's business: who edits that gets the denial.
        var isControlled = false
        /// What was not at hand.
        var missing: [Lookup] = []

        init(username: String, suppliesOwners: Bool) {
            surroundings = ObjectJudge.Surroundings(
                namespace: .none, suppliesOwners: suppliesOwners,
                requester: username.isEmpty ? nil : Requester(username: username))
        }

        mutating func lacks(_ owner: OwnerKey) {
            missing.append(.owner(owner))
            surroundings.lacksOwners = true
        }
    }

    private let evaluator: Evaluator
    private let kinds: OwnerKinds
    /// Whether an exemption may speak of what an object is controlled by.
    private let namesControllers: Bool

    init(evaluator: Evaluator, kinds: OwnerKinds) {
        self.evaluator = evaluator
        self.kinds = kinds
        namesControllers = evaluator.policy.exemptions.contains {
            !$0.match.kinds.isEmpty || !$0.match.names.isEmpty
        }
    }

    /// - Parameter seen: what is found is added to; handed over, as a large value would be copied on its way back.
    func look(
        around object: ScannedObject, _ request: AdmissionRequest, _ target: ScanTarget, facts: some ClusterFacts,
        _ seen: inout Seen
    ) {
        let name = request.namespace.isEmpty ? object.namespace : request.namespace
        if case .namespace = target {
            seen.surroundings.namespace = evaluator.namespace(
                request.name.isEmpty ? object.name : request.name, observed: object.labels)
        } else if !name.isEmpty {
            switch facts.namespace(name, for: evaluator) {
            case .labels(let labels): seen.surroundings.namespace = evaluator.namespace(name, observed: labels)
            case .missing:
                seen.surroundings.namespace = .unknown(name)
                seen.missing.append(.namespace(name))
            case .unreadable: seen.surroundings.namespace = .unknown(name)
            case .nobodyToAsk: seen.surroundings.namespace = .absent(name)
            }
        }
        if let reference = object.controller, let requester = seen.surroundings.requester,
            let kind = kinds.entry(for: reference)
        {
            follow(reference, of: kind, in: name, requester, facts, &seen)
        }
    }

    /// Follows the chain of controllers.
    ///
    /// An owner reference is the user's to write, and the UID of a live controller is no secret. So a reference counts
    /// only from whom objects of that kind come: Kubernetes' own controllers for its own kinds, a service account for
    /// the others. Anybody else's is not even looked up.
    private func follow(
        _ reference: OwnerReference, of kind: OwnerKinds.Entry, in namespace: String, _ requester: Requester,
        _ facts: some ClusterFacts, _ seen: inout Seen
    ) {
        guard requester.mayAct(forKubernetesOwn: kind.isMadeByKubernetes) else { return }
        let key = OwnerKey(reference, of: kind, namespace: namespace)
        switch facts.owner(key, for: evaluator) {
        case .known(let owner):
            seen.isControlled = kind.decidesLabels
            ascend(from: owner, key, facts, &seen)
        case .absent: break
        case .missing:
            seen.lacks(key)
            seen.isControlled = isVouchedFor(kind, requester)
        case .unanswered:
            seen.surroundings.lacksOwners = true
            seen.isControlled = isVouchedFor(kind, requester)
        case .nobodyToAsk: seen.isControlled = isVouchedFor(kind, requester)
        }
    }

    /// Where the controller itself cannot be asked for, the API server vouches for who asks: what Kubernetes' own
    /// controllers make is a controller's.
    private func isVouchedFor(_ kind: OwnerKinds.Entry, _ requester: Requester) -> Bool {
        kind.decidesLabels && requester.isWorkloadController
    }

    /// Collects the labels of a controller and of those above it. Each of them was judged when it was made, so here it
    /// does not matter who made it.
    private func ascend(from owner: KnownOwner, _ key: OwnerKey, _ facts: some ClusterFacts, _ seen: inout Seen) {
        var (owner, key) = (owner, key)
        while true {
            seen.surroundings.owners.append(owner.labels)
            if namesControllers {
                seen.surroundings.controllers.append(ControllerName(kind: key.kind.kind, name: key.name))
            }
            guard seen.surroundings.owners.count < Self.maximumChain, let next = owner.controller,
                kinds.contains(next.kind)
            else { return }
            switch facts.owner(next, for: evaluator) {
            case .known(let above): (owner, key) = (above, next)
            case .missing: return seen.lacks(next)
            case .unanswered:
                seen.surroundings.lacksOwners = true
                return
            case .absent, .nobodyToAsk: return
            }
        }
    }
}
