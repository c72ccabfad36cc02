package import KubernetesModel
package import LabelPolicy

/// The verdict on one place of an object whose labels cost is attributed by: a pod template, or the object itself.
package struct Judgement: Sendable {
    package let verdict: Verdict
    /// The map of labels that advice and findings name: `spec.template.metadata.labels`.
    package let labels: LabelPlace

    /// Whether more knowledge of the cluster could change it: what an object says of itself holds whatever surrounds
    /// it.
    var isOpen: Bool {
        verdict.labels.contains { $0.attribution?.source != .own && $0.attribution?.source != .alias }
    }
}

/// A map of labels in an object, by its path.
package struct LabelPlace: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        case member(String)
        case element(Int)
    }

    package let steps: [Step]

    /// `metadata.labels` of the object itself.
    package static let ownLabels = LabelPlace(steps: [.member("metadata"), .member("labels")])

    package init(steps: [Step]) { self.steps = steps }

    /// Where a template's labels are written, with the wildcards of its location filled in.
    init(_ template: ScannedTemplate, of kind: WorkloadKind) {
        let location = kind.templates[template.location]
        var wildcards = template.wildcards[...]
        func resolve(_ path: TemplatePath) -> [Step] {
            path.segments.map { segment in
                if case .member(let name) = segment { return .member(name) }
                switch wildcards.popFirst() {
                case .member(let name): return .member(name)
                case .element(let index): return .element(index)
                // As many wildcards were met as the path has; what follows is never reached.
                case nil: return .member("*")
                }
            }
        }
        switch location.labels.anchor {
        case .template: steps = resolve(location.path) + resolve(location.labels.path)
        case .object: steps = resolve(location.labels.path)
        }
    }

    /// `spec.workers[0].template.metadata.labels`, for people: names that the object's author chose are cleaned like
    /// every text from outside.
    package var text: String {
        var result = ""
        for step in steps {
            switch step {
            case .member(let name):
                let name = GapText.clean(name, GapText.maximumQuotedCharacters)
                result += result.isEmpty ? name : "." + name
            case .element(let index): result += "[\(index)]"
            }
        }
        return result
    }

    /// The same as a JSON Pointer (RFC 6901).
    package var pointer: String {
        steps.map { step in
            switch step {
            case .member(let name): "/" + JSONPointerToken.escape(name)
            case .element(let index): "/\(index)"
            }
        }.joined()
    }
}

/// Judges scanned objects: joins them with what surrounds them and asks the evaluator.
package struct ObjectJudge: Sendable {
    /// Templates of one object, told apart by their labels, for whose gaps the nearest allowed value is looked for.
    /// A denial shows eight groups of templates at most; looking further only costs, by the size of the registry.
    static let maximumSuggestions = 16

    package let evaluator: Evaluator

    package init(evaluator: Evaluator) { self.evaluator = evaluator }

    /// What a template's verdict hangs on, its surroundings being the same for all.
    private struct Asked: Hashable {
        let labels: ObservedLabels
        let requestsGPU: Bool
    }

    /// What surrounds an object.
    package struct Surroundings: Sendable {
        package var namespace: NamespaceContext
        /// The labels of the object's controllers, nearest first.
        package var owners: [ObservedLabels]
        /// Their names, where an exemption may speak of them.
        package var controllers: [ControllerName] = []
        /// Whether there may be controllers whose labels are not among them.
        package var lacksOwners = false
        /// Whether the object's own labels reach its Pods as their owner's.
        package var suppliesOwners: Bool
        package var requester: Requester?

        package init(
            namespace: NamespaceContext, owners: [ObservedLabels] = [], suppliesOwners: Bool,
            requester: Requester? = nil
        ) {
            self.namespace = namespace
            self.owners = owners
            self.suppliesOwners = suppliesOwners
            self.requester = requester
        }
    }

    /// Which of the policy's subjects a target is; nil when the policy does not speak of it.
    package func subjectKind(of target: ScanTarget, _ object: ScannedObject) -> SubjectKind? {
        let kind: SubjectKind
        switch target {
        case .workload: kind = .workloads
        case .namespace: kind = .namespaces
        case .claim: kind = .claims
        case .service:
            guard object.serviceType == "LoadBalancer" else { return nil }
            kind = .loadbalancers
        }
        return evaluator.speaks(of: kind) ? kind : nil
    }

    /// One judgement for each template; one for an object that is judged by its own labels.
    package func judge(
        _ object: ScannedObject, as target: ScanTarget, kind: String, name: String, in surroundings: Surroundings,
        at now: Timestamp
    ) -> [Judgement] {
        guard let subjectKind = subjectKind(of: target, object) else { return [] }
        var subject = Subject(
            kind: subjectKind, objectKind: kind, name: name, namespace: surroundings.namespace, labels: object.labels,
            owners: surroundings.owners, requester: surroundings.requester)
        subject.controllers = surroundings.controllers
        subject.lacksOwners = surroundings.lacksOwners
        guard case .workload(let compiled) = target else {
            return [Judgement(verdict: evaluator.evaluate(subject, at: now), labels: .ownLabels)]
        }
        let isPod = compiled.isPod
        // Only a Pod that nothing selects may have a label of its own replaced.
        subject.keepsEmpty = !isPod || object.hasController
        if !isPod { subject.owners = surroundings.suppliesOwners ? [object.labels] + surroundings.owners : [] }
        // Templates of one object are often alike, and an object may have thousands.
        var known: [Asked: Verdict] = [:]
        let isAlone = object.templates.count == 1
        return object.templates.map { template in
            let asked = isAlone ? nil : Asked(labels: template.labels, requestsGPU: template.requestsGPU)
            let verdict: Verdict
            if let asked, let same = known[asked] {
                verdict = same
            } else {
                subject.labels = template.labels
                subject.requestsGPU = template.requestsGPU
                let suggesting = known.count < Self.maximumSuggestions
                verdict = evaluator.evaluate(subject, at: now, suggesting: suggesting)
                if let asked { known[asked] = verdict }
            }
            let isOverlay = compiled.kind.templates[template.location].coverage == .overlay
            return Judgement(
                verdict: isOverlay ? verdict.ofOverlay : verdict,
                labels: isPod ? .ownLabels : LabelPlace(template, of: compiled.kind))
        }
    }
}

extension ScannedObject {
    /// Whether it names a controller, asked without a copy of the reference.
    var hasController: Bool { if case .some = controller { true } else { false } }
}

extension WorkloadKind {
    /// Whether objects of the kind are Pods: the one workload that is its own template.
    package var isPod: Bool { group.isEmpty && kind == "Pod" }
}
