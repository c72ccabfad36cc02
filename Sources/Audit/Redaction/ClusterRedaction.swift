package import Attribution
package import KubernetesModel
package import LabelPolicy

/// Makes a cluster's state one that can be given away: names of namespaces, workloads, Pods, nodes, volumes, machines and
/// addresses, label keys that no audit reads and label values that the policy does not know become pseudonyms.
///
/// Whatever an audit of the same policy and prices counts or sums stays as it is; see `RedactionRules` for what stays
/// readable because of that. UIDs, kinds, amounts and times stay, and storage classes, which have prices.
package struct ClusterRedaction<Random: RandomNumberGenerator> {
    private let rules: RedactionRules
    private var words: PseudonymTable<Random>
    private var state: ClusterState
    private var labelSets: [LabelSetID: LabelSetID] = [:]
    private var annotationSets: [LabelSetID: LabelSetID] = [:]

    /// - Parameters:
    ///   - state: with all that its notes say; of those the kinds of gaps stay, and no words of the cluster.
    ///   - random: of which nobody can tell what it gives: the system's.
    /// - Returns: the same state in other words. Records keep their order.
    package static func redact(
        _ state: ClusterState, policy: Policy, pricing: PricingPolicy, allocation: AllocationSettings,
        settings: AuditSettings = AuditSettings(), at now: Timestamp, random: Random
    ) -> ClusterState {
        let rules = RedactionRules(
            policy: policy, pricing: pricing, allocation: allocation, settings: settings, at: now)
        var redaction = ClusterRedaction(rules: rules, words: PseudonymTable(random), state: state)
        redaction.run()
        return redaction.state
    }

    private init(rules: RedactionRules, words: PseudonymTable<Random>, state: ClusterState) {
        self.rules = rules
        self.words = words
        self.state = state
    }

    private mutating func run() {
        state.cluster = words.word(for: state.cluster)
        for place in state.namespaces.indices { redactNamespace(place) }
        for place in state.nodes.indices { redactNode(place) }
        for place in state.pods.indices { redactPod(place) }
        for place in state.owners.indices { redactOwner(place) }
        for place in state.claims.indices { redactClaim(place) }
        for place in state.volumes.indices { redactVolume(place) }
        for place in state.services.indices { redactService(place) }
        for place in state.tagCarriers.indices { redactCarrier(place) }
        state.notes = state.notes.map { $0.redacted() }
    }

    // MARK: Records

    private mutating func redactNamespace(_ place: Int) {
        var record = state.namespaces[place]
        record.name = namespace(record.name)
        record.labels = labels(record.labels)
        record.annotations = annotations(record.annotations)
        state.namespaces[place] = record
    }

    private mutating func redactNode(_ place: Int) {
        var record = state.nodes[place]
        record.name = node(record.name)
        record.labels = labels(record.labels)
        record.annotations = annotations(record.annotations)
        record.providerID = providerID(record.providerID)
        state.nodes[place] = record
    }

    private mutating func redactPod(_ place: Int) {
        var record = state.pods[place]
        record.controller = reference(record.controller)
        record.namespace = namespace(record.namespace)
        record.name = object(record.name)
        record.node = node(record.node)
        record.labels = labels(record.labels)
        record.annotations = annotations(record.annotations)
        record.volumeClaims = names(record.volumeClaims)
        record.resourceClaims = names(record.resourceClaims)
        state.pods[place] = record
    }

    private mutating func redactOwner(_ place: Int) {
        var record = state.owners[place]
        record.controller = reference(record.controller)
        record.namespace = namespace(record.namespace)
        record.name = object(record.name)
        record.labels = labels(record.labels)
        record.annotations = annotations(record.annotations)
        record.templateLabels = labels(record.templateLabels)
        state.owners[place] = record
    }

    private mutating func redactClaim(_ place: Int) {
        var record = state.claims[place]
        record.controller = reference(record.controller)
        record.namespace = namespace(record.namespace)
        record.name = object(record.name)
        record.volume = object(record.volume)
        record.labels = labels(record.labels)
        record.annotations = annotations(record.annotations)
        state.claims[place] = record
    }

    private mutating func redactVolume(_ place: Int) {
        var record = state.volumes[place]
        record.name = object(record.name)
        record.labels = labels(record.labels)
        record.annotations = annotations(record.annotations)
        record.claimNamespace = namespace(record.claimNamespace)
        record.claimName = object(record.claimName)
        record.handle = word(record.handle)
        state.volumes[place] = record
    }

    private mutating func redactService(_ place: Int) {
        var record = state.services[place]
        record.controller = reference(record.controller)
        record.namespace = namespace(record.namespace)
        record.name = object(record.name)
        record.labels = labels(record.labels)
        record.annotations = annotations(record.annotations)
        record.selector = labels(record.selector)
        record.addresses = names(record.addresses)
        state.services[place] = record
    }

    private mutating func redactCarrier(_ place: Int) {
        var record = state.tagCarriers[place]
        record.controller = reference(record.controller)
        record.namespace = namespace(record.namespace)
        // Not as a node or an object of an exemption: nothing but the group's label names it.
        record.name = word(record.name)
        record.labels = labels(record.labels)
        record.annotations = annotations(record.annotations)
        record.tags = labels(record.tags)
        record.nodeLabels = labels(record.nodeLabels)
        record.reference = ControllerReference(
            kind: record.reference.kind, name: word(record.reference.name), uid: record.reference.uid)
        record.cloudName = word(record.cloudName)
        record.providerID = providerID(record.providerID)
        state.tagCarriers[place] = record
    }

    // MARK: Names

    private mutating func intern(_ text: String) -> StringID { state.pool.strings.intern(text) }

    private mutating func word(_ id: StringID) -> StringID {
        id.isEmpty ? id : intern(words.word(for: state.text(id)))
    }

    private mutating func namespace(_ id: StringID) -> StringID {
        let name = state.text(id)
        let word = words.word(for: name)
        return rules.keepsNamespace(name, insteadOf: word) ? id : intern(word)
    }

    private mutating func object(_ id: StringID) -> StringID {
        let name = state.text(id)
        let word = words.word(for: name)
        return rules.keepsObject(name, insteadOf: word) ? id : intern(word)
    }

    private mutating func node(_ id: StringID) -> StringID {
        let name = state.text(id)
        let word = words.word(for: name)
        return rules.keepsNode(name, insteadOf: word) ? id : intern(word)
    }

    private mutating func names(_ id: NameListID) -> NameListID {
        let names = state.pool[id].map { object($0) }
        return id.isEmpty ? id : state.pool.names(names)
    }

    private mutating func reference(_ reference: ControllerReference) -> ControllerReference {
        guard !reference.isNone else { return reference }
        // Kubelets control static Pods: there the name is a node's.
        let name = reference.kind == RecordPool.WellKnown.nodeKind ? node(reference.name) : object(reference.name)
        return ControllerReference(kind: reference.kind, name: name, uid: reference.uid)
    }

    /// `aws:///us-east-1a/i-0123` keeps the cloud, by which load balancers are priced.
    private mutating func providerID(_ id: StringID) -> StringID {
        let text = state.text(id)
        guard let colon = text.firstIndex(of: ":") else { return word(id) }
        return intern("\(text[...colon])///\(words.word(for: text))")
    }

    // MARK: Labels

    private mutating func labels(_ id: LabelSetID) -> LabelSetID {
        if let known = labelSets[id] { return known }
        var pairs: [(key: String, value: String)] = []
        for (key, value) in state.pool.labels(id) {
            let isKept = rules.keepsKey(key)
            let word = words.word(for: rules.stem(value, of: key))
            let staysReadable = isKept && rules.keepsValue(value, of: key, insteadOf: word)
            pairs.append((isKept ? key : words.word(for: key), staysReadable ? value : word))
        }
        let redacted = id.isEmpty ? id : state.pool.labels(pairs)
        labelSets[id] = redacted
        return redacted
    }

    /// The price of a node stays; names of machines are told apart at the slash (`namespace/name`).
    private mutating func annotations(_ id: LabelSetID) -> LabelSetID {
        if let known = annotationSets[id] { return known }
        var pairs: [(key: String, value: String)] = []
        for (key, value) in state.pool.labels(id) {
            if rules.keepsAnnotation(key) {
                pairs.append((key, value))
            } else {
                let parts = value.split(separator: "/", omittingEmptySubsequences: false)
                pairs.append((key, parts.map { words.word(for: String($0)) }.joined(separator: "/")))
            }
        }
        let redacted = id.isEmpty ? id : state.pool.labels(pairs)
        annotationSets[id] = redacted
        return redacted
    }
}

extension ReadingNote {
    /// What could not be read, without words that may name something of the cluster.
    fileprivate func redacted() -> ReadingNote {
        switch gap {
        case .forbidden, .absent: self
        case .failed: ReadingNote(resource: resource, gap: .failed("the reason is redacted"))
        case .problems(let count, _): ReadingNote(resource: resource, gap: .problems(count: count, first: []))
        }
    }
}
