import Attribution
import KubernetesModel
import LabelPolicy

/// Makes findings of candidates: their words, effective labels and fixes.
struct FindingWriter {
    private let cluster: AuditedCluster
    private let text: GapText
    private let planner: FixPlanner
    private var verdicts: VerdictTable

    init(_ cluster: AuditedCluster, planner: FixPlanner) {
        self.cluster = cluster
        self.planner = planner
        text = GapText(policy: cluster.policy)
        verdicts = cluster.verdicts
    }

    mutating func write(_ candidate: Candidate) -> AuditReport.Finding {
        var finding = AuditReport.Finding(
            reason: candidate.reason, label: candidate.rule.map { cluster.policy.labels[$0].key.text },
            level: candidate.level, subject: candidate.subject, pods: candidate.pods,
            unpricedPods: candidate.unpricedPods, costPerHour: candidate.cost,
            facts: .gap(Gap(problem: .missing), expiredExemption: nil, variants: 1),
            message: "", isUncertain: candidate.isUncertain)
        finding.currency = cluster.allocation.currency
        switch candidate.origin {
        case .workload(let group, let variants): write(group, variants, candidate, &finding)
        case .namespace(_, let verdict, let mends): writeNamespace(verdict, mends, candidate, &finding)
        case .object(let verdict): writeObject(verdict, candidate, &finding)
        case .exemption(let index): writeExemption(index, candidate, &finding)
        case .team(let index, let used): writeTeam(index, used, &finding)
        case .mismatch(let root, let environment, let groups): writeMismatch(root, environment, groups, &finding)
        case .unpriced(let group, let nodes, let causes): writeUnpriced(group, nodes, causes, &finding)
        case .tagMissing(let group, let reading): writeTagMissing(group, reading, &finding)
        case .tagDrift(let group, let reading): writeTagDrift(group, reading, &finding)
        case .unmounted(let volume, let verdict): writeUnmounted(volume, verdict, &finding)
        case .pruned(let kind): writePruned(kind, candidate, &finding)
        }
        return finding
    }

    // MARK: - Labels

    private mutating func write(
        _ group: Int, _ variants: Int, _ candidate: Candidate, _ finding: inout AuditReport.Finding
    ) {
        let group = cluster.groups.groups[group]
        let verdict = verdicts.suggesting(group.verdict)
        let lacksOwners = verdicts.entries[group.verdict].subject.lacksOwners
        guard let label = verdict.labels.first(where: { $0.rule == candidate.rule }), let gap = label.gap else {
            return
        }
        describe(label, gap, verdict, variants, unread: lacksOwners ? "its owner" : "the namespace", &finding)
        finding.mode = verdict.mode
        finding.effective = Self.effective(verdict)
        let root = cluster.index.workloadRoots[group.key.root]
        let plan = planner.plan(
            label, gap, of: verdict, root: candidate.subject, kind: cluster.state.pool[root.kind],
            missing: root.place == nil ? missing(root) : nil,
            offer: cluster.offer(rule: label.rule, namespace: group.key.namespace))
        finding.fix = plan.fix
        finding.gentlerFix = plan.gentler
        finding.subjectUID = cluster.state.pool.text(of: root.uid)
    }

    private func missing(_ root: WorkloadRoot) -> FixPlanner.MissingOwner {
        cluster.state.kindGaps[cluster.state.pool[root.kind]].map { .unread($0) } ?? .gone
    }

    private mutating func writeNamespace(
        _ verdict: Int, _ mends: AuditReport.Mending, _ candidate: Candidate, _ finding: inout AuditReport.Finding
    ) {
        let verdict = verdicts.suggesting(verdict)
        guard let label = verdict.labels.first(where: { $0.rule == candidate.rule }), let gap = label.gap else {
            return
        }
        describe(label, gap, verdict, 1, &finding)
        finding.facts = .namespaceDefault(gap, mends: mends)
        if mends.workloads > 0 {
            finding.message += "; the namespace could supply it to \(Self.count(mends.workloads, "workload"))"
        }
        finding.mode = verdict.mode
        finding.effective = Self.effective(verdict)
        if case .label(var edit) = planner.plan(label, gap, of: verdict, object: candidate.subject) {
            edit.mends = mends.workloads > 0 ? mends : nil
            finding.fix = .label(edit)
        } else {
            finding.fix = planner.plan(label, gap, of: verdict, object: candidate.subject)
        }
    }

    private mutating func writeObject(
        _ verdict: Int, _ candidate: Candidate, _ finding: inout AuditReport.Finding
    ) {
        let verdict = verdicts.suggesting(verdict)
        guard let label = verdict.labels.first(where: { $0.rule == candidate.rule }), let gap = label.gap else {
            return
        }
        describe(label, gap, verdict, 1, &finding)
        finding.mode = verdict.mode
        finding.effective = Self.effective(verdict)
        finding.fix = planner.plan(label, gap, of: verdict, object: candidate.subject)
    }

    private func describe(
        _ label: LabelVerdict, _ gap: Gap, _ verdict: Verdict, _ variants: Int, unread: String = "the namespace",
        _ finding: inout AuditReport.Finding
    ) {
        let expired = label.expiredExemption.flatMap(exemption)
        finding.facts = .gap(gap, expiredExemption: expired, variants: variants)
        var parts = ["cost label \(label.key): \(text.fault(gap))"]
        if let rejected = text.rejectedDefaults(gap) { parts.append(rejected) }
        if let allowed = text.allowed(label, team: planner.team(of: verdict)) { parts.append(allowed) }
        if let note = text.expiredExemption(label) { parts.append(note) }
        if variants > 1 { parts.append("its Pods have \(variants) different faults; this is the dearest") }
        if gap.isUncertain { parts.append("\(unread) could not be read and might supply it") }
        finding.message = parts.joined(separator: "; ")
    }

    private func exemption(_ index: Int) -> AuditReport.ExpiredExemption? {
        guard cluster.policy.exemptions.indices.contains(index) else { return nil }
        let exemption = cluster.policy.exemptions[index]
        return AuditReport.ExpiredExemption(
            name: exemption.name, expired: exemption.expires, owner: exemption.owner, ticket: exemption.ticket)
    }

    static func effective(_ verdict: Verdict) -> [AuditReport.EffectiveLabel] {
        verdict.labels.compactMap { label in
            label.attribution.map {
                AuditReport.EffectiveLabel(key: label.key.text, value: $0.value, source: $0.source)
            }
        }
    }

    // MARK: - Policy

    private func writeExemption(_ index: Int, _ candidate: Candidate, _ finding: inout AuditReport.Finding) {
        guard let exemption = exemption(index) else { return }
        finding.facts = .expiredExemption(exemption)
        finding.message = "exemption \(GapText.quote(exemption.name)) expired on \(exemption.expired)"
        if candidate.pods > 0 || candidate.cost != .zero {
            finding.message += " and no longer excuses the gaps of what it matches"
        }
        let ticket = exemption.ticket.map { " (\($0))" } ?? ""
        finding.fix = .manual("mend what it excused and remove it, or have \(exemption.owner) renew it\(ticket)")
    }

    private func writeTeam(_ index: Int, _ used: AuditReport.Mending, _ finding: inout AuditReport.Finding) {
        guard let teams = cluster.policy.registry?.teams, teams.indices.contains(index) else { return }
        let team = teams[index]
        finding.facts = .expiredRegistration(team: team.name.text, from: team.validFrom, until: team.validUntil)
        let end =
            team.validUntil.map { "ended on \($0)" } ?? team.validFrom.map { "begins on \($0)" } ?? "does not hold"
        finding.message =
            "the registration of team \(GapText.quote(team.name.text)) \(end), "
            + "and \(Self.count(used.workloads, "workload")) \(used.workloads == 1 ? "is" : "are") billed to it"
        finding.fix = .manual("extend its registration, or bill the workloads to the team that took them over")
    }

    private func writePruned(_ kind: PrunedKind, _ candidate: Candidate, _ finding: inout AuditReport.Finding) {
        finding.facts = .metadataPruned(path: kind.path)
        finding.message =
            "the API server removes labels at \(GapText.clean(kind.path, 120)) of \(kind.kind), "
            + "so that its Pods get none from their template"
        finding.fix = .manual(
            "label the \(kind.kind.kind) objects themselves or their namespaces; "
                + "the definition has to preserve unknown fields at \(GapText.clean(kind.path, 120))")
    }

    // MARK: - Node groups

    private func writeMismatch(
        _ root: Int, _ environment: String, _ groups: [AuditReport.GroupEnvironment],
        _ finding: inout AuditReport.Finding
    ) {
        finding.facts = .environmentMismatch(environment: environment, groups: groups)
        let places = groups.prefix(3).map { "\(GapText.quote($0.group)) of \(GapText.clean($0.environment, 63))" }
        let more = groups.count > 3 ? " and \(groups.count - 3) more" : ""
        finding.message =
            "a workload of \(GapText.clean(environment, 63)) runs on node group \(places.joined(separator: ", "))\(more)"
        let root = cluster.index.workloadRoots[root]
        if root.place != nil, let label = nodeLabel(of: environment),
            let fix = planner.nodeSelector(label, for: finding.subject, kind: cluster.state.pool[root.kind])
        {
            finding.fix = fix
        } else {
            finding.fix = .manual(
                "give it a node selector for nodes of \(GapText.clean(environment, 63)), which replaces its Pods; "
                    + "a taint keeps others off")
        }
    }

    /// A label that all nodes of some group of this environment have; nil where there is no such group.
    private func nodeLabel(of environment: String) -> (key: String, value: String)? {
        guard let rule = cluster.environmentRule else { return nil }
        let label = cluster.policy.labels[rule]
        for (group, found) in cluster.environments.enumerated() where found == environment {
            let nodes = cluster.nodeGroups.groups[group].nodes.map { cluster.state.nodes[$0].labels }
            for key in [label.key.text] + label.aliases.map(\.text) {
                let values = Set(nodes.map { cluster.state.pool.label(key, in: $0) })
                if values.count == 1, let value = values.first.flatMap(\.self) { return (key, value) }
            }
        }
        return nil
    }

    private func writeUnpriced(
        _ group: Int, _ nodes: Int, _ causes: [String], _ finding: inout AuditReport.Finding
    ) {
        let row = cluster.nodeGroups.groups[group]
        let types = Set(row.nodes.map { cluster.state.text(cluster.state.nodes[$0].instanceType) }).subtracting([""])
        finding.facts = .unpriced(instanceTypes: types.sorted(), nodes: nodes, cause: causes.first ?? "")
        finding.message = "\(Self.count(nodes, "node")) \(nodes == 1 ? "has" : "have") no price"
        if let cause = causes.first { finding.message += ": \(cause)" }
        finding.fix = .manual("add a price for these nodes to the overrides of the Pricing document")
    }

    private func writeTagMissing(_ group: Int, _ place: Int, _ finding: inout AuditReport.Finding) {
        let row = cluster.nodeGroups.groups[group]
        let reading = cluster.readings[group][place]
        let tag = reading.tag ?? reading.label
        finding.facts = .tagMissing(tag: tag, nodes: reading.missingNodes, of: row.nodes.count)
        if let carrier = reading.carriersWithout.first {
            finding.message =
                "node group \(GapText.quote(row.name)): \(carrier.kind) \(GapText.quote(carrier.name)) has no tag \(tag)"
        } else {
            finding.message =
                "node group \(GapText.quote(row.name)): \(reading.missingNodes) of "
                + "\(Self.count(row.nodes.count, "node")) \(reading.missingNodes == 1 ? "has" : "have") no \(reading.label)"
        }
        finding.fix = .nodeGroup(edit(row, reading, tag: reading.carriersWithout.first))
    }

    private func writeTagDrift(_ group: Int, _ place: Int, _ finding: inout AuditReport.Finding) {
        let row = cluster.nodeGroups.groups[group]
        let reading = cluster.readings[group][place]
        let onNodes = reading.nodeValues.map {
            AuditReport.TagValue(place: "node label \(reading.label)", value: $0.value, nodes: $0.nodes)
        }
        let values = onNodes + reading.carried
        finding.facts = .tagDrift(tag: reading.tag ?? reading.label, values: values)
        let shown = values.prefix(4).map { value in
            let nodes =
                value.nodes > 0 ? " on \(Self.count(value.nodes, "node"))" : " (\(GapText.clean(value.place, 80)))"
            return GapText.quote(value.value) + nodes
        }
        let more = values.count > 4 ? " and \(values.count - 4) more" : ""
        finding.message =
            "node group \(GapText.quote(row.name)) has several values of \(reading.label): "
            + shown.joined(separator: ", ") + more
        finding.fix = .nodeGroup(edit(row, reading, tag: nil))
    }

    private func edit(
        _ group: NodeGroup, _ reading: NodeGroupLabels.Reading, tag carrier: ObjectReference?
    ) -> NodeGroupEdit {
        let value = reading.value.map(ProposedValue.known) ?? .placeholder(String(reading.label))
        if let carrier {
            return NodeGroupEdit(
                provider: group.key.provider, group: group.key.name, place: .tag, key: reading.tag ?? reading.label,
                value: value, carrier: carrier, effect: group.key.provider == .karpenter ? .nodesReplaced : .newNodes)
        }
        let owner = cluster.carriers.of(group).map(\.reference).first { $0.kind != "EC2NodeClass" }
        let lacking = group.nodes.lazy.map { cluster.state.text(cluster.state.nodes[$0].name) }
        return NodeGroupEdit(
            provider: group.key.provider, group: group.key.name, place: .nodeLabel, key: reading.label, value: value,
            carrier: owner, nodes: Array(lacking.prefix(NodeGroupEdit.maximumNodes)),
            effect: Self.effect(of: group.key.provider, hasCarrier: owner != nil))
    }

    private static func effect(of provider: NodeGroupProvider, hasCarrier: Bool) -> FixEffect {
        switch provider {
        case .karpenter: hasCarrier ? .nodesReplaced : .immediate
        case .openShift, .hyperShift: hasCarrier ? .newNodes : .immediate
        case .kops: .newNodes
        case .eks, .eksctl, .fargate, .gke, .aks, .clusterAPI, .digitalOcean, .oracle, .linode, .scaleway, .ibm,
            .alibaba, .gardener, .custom, .unknown:
            .immediate
        }
    }

    // MARK: - Volumes

    private mutating func writeUnmounted(_ place: Int, _ verdict: Int?, _ finding: inout AuditReport.Finding) {
        let cost = cluster.allocation.volumes[place]
        let volume = cost.volume.map { cluster.state.volumes[$0] }
        let claim = cost.claim.map { cluster.state.claims[$0] }
        let bytes = volume?.capacity ?? claim.map { $0.capacity > 0 ? $0.capacity : $0.requested } ?? 0
        let storageClass = cluster.state.text(volume?.storageClass ?? claim?.storageClass ?? .empty)
        let isReleased = claim == nil && !(volume?.claimName.isEmpty ?? true)
        finding.facts = .unmounted(bytes: bytes, storageClass: storageClass, isReleased: isReleased)
        let size = "\(ByteText.of(bytes))\(storageClass.isEmpty ? "" : ", \(GapText.clean(storageClass, 63))")"
        finding.message =
            isReleased ? "the volume's claim is gone and it goes on costing (\(size))" : "no Pod mounts it (\(size))"
        if let verdict { finding.effective = Self.effective(verdicts.suggesting(verdict)) }
        let reference = finding.subject
        let remark = "if its data is not needed any more, delete it"
        finding.fix =
            KubectlCommand.canName(reference)
            ? .decision(command: KubectlCommand.delete(KubectlResource.name(of: reference), reference), remark)
            : .manual(remark)
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

/// Amounts of bytes for people.
enum ByteText {
    /// `100 GiB`, `1.5 TiB`: in the largest unit that leaves at least one, to a tenth, rounded down.
    static func of(_ bytes: Int64) -> String {
        let units = ["EiB", "PiB", "TiB", "GiB", "MiB", "KiB"]
        for (place, unit) in units.enumerated() {
            let size = Int64(1) << (60 - 10 * place)
            guard bytes >= size else { continue }
            let tenths = bytes % size / (size / 10)
            // Ten tenths of a unit that 10 does not divide are a little less than it.
            return tenths == 0 || tenths > 9 ? "\(bytes / size) \(unit)" : "\(bytes / size).\(tenths) \(unit)"
        }
        return "\(bytes) bytes"
    }
}
