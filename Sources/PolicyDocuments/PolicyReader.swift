package import KubernetesModel
package import LabelPolicy
package import LocatedDocuments

/// A policy that can be put to work.
package struct LoadedPolicy: Sendable {
    package var policy: Policy
    /// Kinds of WorkloadKind documents, in the order of the documents.
    package var addedKinds: [WorkloadKind]
    /// The built-in catalogue with those kinds.
    package var catalogue: WorkloadCatalogue
    /// Of a Pricing document; nil: the defaults hold.
    package var pricing: LoadedPricing?
    /// The files it was read from, in order; empty for the built-in policy.
    package var sources: [String]
    /// Tells policies apart: sixteen hexadecimal digits of a hash over the *meaning* (the canonical rendering), so that
    /// comments, the order of fields and the split into files do not count. The same in every run and release that
    /// renders alike. Not a defence against forgery.
    package var hash: String

    package init(
        policy: Policy, addedKinds: [WorkloadKind], catalogue: WorkloadCatalogue, pricing: LoadedPricing? = nil,
        sources: [String]
    ) {
        self.policy = policy
        self.addedKinds = addedKinds
        self.catalogue = catalogue
        self.pricing = pricing
        self.sources = sources
        self.hash = StableHash.text(of: PolicyRendering(policy: policy, addedKinds: addedKinds, pricing: pricing).json)
    }

    /// What holds when no policy is given.
    package static let builtIn = LoadedPolicy(policy: .builtIn, addedKinds: [], catalogue: .builtin, sources: [])
}

/// What became of policy files.
package struct PolicyLoadResult: Sendable {
    /// Nil if there is an error among the diagnostics.
    package var loaded: LoadedPolicy?
    /// Every error and warning of all files, in the order of files and lines.
    package var diagnostics: [Diagnostic]

    package init(loaded: LoadedPolicy?, diagnostics: [Diagnostic]) {
        self.loaded = loaded
        self.diagnostics = diagnostics
    }

    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    package var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
}

/// Reads policy documents strictly: whatever is not understood is an error, and all errors are reported at once.
package enum PolicyReader {
    /// Reads files that are in memory already.
    /// - Parameter today: for warnings of exemptions that have expired; they are no errors, since a policy must not stop
    ///   loading overnight.
    package static func read(_ files: [SourceFile], today: CivilDate) -> PolicyLoadResult {
        let sink = DiagnosticSink()
        var parts = PolicyParts()
        let reader = DocumentReader(limits: .policy, duplicateKeys: .error)
        var documentCount = 0
        for file in files {
            let stream = reader.read(file)
            documentCount += stream.documents.count
            stream.diagnostics.forEach(sink.add)
            let log = FileLog(file: file, sink: sink)
            for document in stream.documents { parts.take(document.root, log: log, today: today) }
        }
        if documentCount == 0, sink.errorCount == 0, let file = files.first {
            sink.add(
                file.diagnostic(
                    .error, "there is no policy document in it",
                    remedy: "write one, or give no policy at all for the built-in one", at: .start))
        }
        let loaded = parts.assemble(sources: files.map(\.name), sink: sink)
        let order = Dictionary(files.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let sorted = sink.diagnostics.enumerated().sorted { left, right in
            let leftFile = order[left.element.file] ?? 0
            let rightFile = order[right.element.file] ?? 0
            if leftFile != rightFile { return leftFile < rightFile }
            if left.element.position != right.element.position { return left.element.position < right.element.position }
            return left.offset < right.offset
        }
        return PolicyLoadResult(
            loaded: sink.errorCount == 0 ? loaded : nil, diagnostics: sorted.map(\.element))
    }
}

/// The documents of one load.
private struct PolicyParts {
    private var policy: ReadAttributionPolicy?
    /// Where the AttributionPolicy stands, even if it could not be read.
    private var policyPlace: String?
    private var policyHasErrors = false
    private var hasRegistry = false
    private var registryHasErrors = false
    private var teams: [ReadTeam] = []
    private var exemptions: [ReadExemption] = []
    private var kinds: [ReadWorkloadKind] = []
    private var pricing: LoadedPricing?
    /// Where the Pricing document stands, even if it could not be read.
    private var pricingPlace: (text: String, log: FileLog, node: LocatedNode)?

    mutating func take(_ root: LocatedNode, log: FileLog, today: CivilDate) {
        let errorsBefore = log.sink.errorCount
        guard let head = DocumentHead(root, log: log) else { return }
        switch head.kind {
        case .attributionPolicy:
            if let policyPlace {
                log.error(
                    "a second AttributionPolicy; the first stands at \(policyPlace)",
                    remedy: "keep one, and use `modes` where namespaces differ", at: head.nameNode)
                return
            }
            policyPlace = "\(log.file.name):\(root.start.line)"
            policy = log.attributionPolicy(head)
            policyHasErrors = log.sink.errorCount > errorsBefore
        case .registry:
            hasRegistry = true
            teams.append(contentsOf: log.teams(head))
            if log.sink.errorCount > errorsBefore { registryHasErrors = true }
        case .exemption:
            if let exemption = log.exemption(head, today: today) { exemptions.append(exemption) }
        case .workloadKind:
            if let kind = log.workloadKind(head) { kinds.append(kind) }
        case .pricing:
            if let pricingPlace {
                log.error(
                    "a second Pricing document; the first stands at \(pricingPlace.text)",
                    remedy: "put all prices into one", at: head.nameNode)
                return
            }
            pricingPlace = ("\(log.file.name):\(root.start.line)", log, head.nameNode)
            pricing = log.pricing(head)
        }
    }

    func assemble(sources: [String], sink: DiagnosticSink) -> LoadedPolicy {
        var whole = policy?.policy ?? .builtIn
        whole.registry = hasRegistry ? Registry(teams: teams.map(\.team)) : nil
        whole.exemptions = exemptions.map(\.exemption)
        for problem in whole.problems() where counts(problem) { report(problem) }
        let catalogue = catalogue()
        for exemption in exemptions { exemption.checkKinds(against: catalogue) }
        if policyPlace == nil, sink.errorCount == 0, let place = firstPlace {
            place.log.warning(
                "no AttributionPolicy is given, so the built-in one holds",
                remedy: "`tallygate policy show` prints it; start from there", at: place.node)
        }
        return LoadedPolicy(
            policy: whole, addedKinds: kinds.map(\.kind), catalogue: catalogue, pricing: pricing, sources: sources)
    }

    private var firstPlace: (log: FileLog, node: LocatedNode)? {
        if let team = teams.first { return (team.log, start(of: team.node)) }
        if let exemption = exemptions.first { return (exemption.log, exemption.nameNode) }
        if let kind = kinds.first { return (kind.log, start(of: kind.spec)) }
        return pricingPlace.map { ($0.log, $0.node) }
    }

    private func start(of node: LocatedNode) -> LocatedNode {
        LocatedNode(value: node.value, start: node.start, end: node.start)
    }

    // MARK: Problems between the parts

    /// Whether a problem is one of the policy, and not of our having left out what could not be read.
    private func counts(_ problem: PolicyProblem) -> Bool {
        switch problem.kind {
        case .noLabels, .registryDefaultWithoutDimension, .registryDefaultWithoutTeam, .exemptedLabelUnknown:
            !policyHasErrors
        case .defaultRefused: !policyHasErrors && !registryHasErrors
        case .synonymNotAllowed, .nothingRegistered, .allowedValueNotRegistered: !registryHasErrors
        case .duplicateRule, .aliasIsAKey, .aliasListedTwice, .synonymChain, .synonymOfItself, .synonymTwice,
            .synonymIsAllowed, .notLowercase, .allowedValueFailsPattern, .registeredWithoutRegistry,
            .registryDefaultOfTeam, .dimensionTwice, .unreachableMode, .teamNameTwice, .valueTwice, .validityReversed,
            .exemptionMatchesEverything, .exemptionNameTwice, .noSubjects, .nothingAllowed, .tagTwice,
            .unreachableDefault, .modeOfUnlistedSubject, .exemptionOfNothing:
            true
        }
    }

    private func report(_ problem: PolicyProblem) {
        guard let (log, node) = place(of: problem.place) else { return }
        let (message, remedy) = split(problem.explanation)
        log.error(message, remedy: remedy, at: node)
    }

    private func place(of place: PolicyProblem.Place) -> (FileLog, LocatedNode)? {
        switch place {
        case .policy(let path):
            guard let policy else { return nil }
            if case .field(let list)? = path.first, case .index(let index)? = path.dropFirst().first {
                // Items that could not be read are not counted by the policy, so indices lead through our own lists.
                let nodes = list == "labels" ? policy.labelNodes : policy.modeNodes
                guard nodes.indices.contains(index) else { return nil }
                return (policy.log, node(path.dropFirst(2), below: nodes[index]))
            }
            return (policy.log, node(path[...], below: policy.spec))
        case .team(let index, let path):
            guard teams.indices.contains(index) else { return nil }
            return (teams[index].log, node(path[...], below: teams[index].node))
        case .exemption(let index, let path):
            guard exemptions.indices.contains(index) else { return nil }
            let exemption = exemptions[index]
            return (exemption.log, path.isEmpty ? exemption.nameNode : node(path[...], below: exemption.spec))
        }
    }

    /// What to underline: a value, the key of a block, or the nearest thing that is there.
    private func node(_ path: ArraySlice<PolicyProblem.PathElement>, below root: LocatedNode) -> LocatedNode {
        let pointer = JSONPointer(
            tokens: path.map { element in
                switch element {
                case .field(let name): name
                case .index(let index): String(index)
                }
            })
        let found = root.lookup(pointer)
        let isSynonym = path.dropLast().last == .field("synonyms")
        if let key = found.key, isSynonym || found.node.scalar == nil || !found.isComplete { return key }
        return found.node.scalar == nil ? start(of: found.node) : found.node
    }

    private func catalogue() -> WorkloadCatalogue {
        var catalogue = WorkloadCatalogue.builtin
        // One at a time, so that each collision is reported where it stands.
        for read in kinds {
            do throws(CatalogueCollision) {
                catalogue = try catalogue.adding([read.kind])
            } catch {
                let (message, remedy) = splitAtColon(error.description)
                let field =
                    switch error.conflict {
                    case .kind: "kind"
                    case .resource, .otherResource: "resource"
                    }
                read.log.error(message, remedy: remedy, at: read.spec[field] ?? read.spec)
            }
        }
        return catalogue
    }
}
