import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("What holds for every cluster")
struct AuditPropertyTests {
    private static let now = Timestamp.on("2026-11-21")
    private static let rounds = 80

    /// What the audit says of one root, label and reason, worked out Pod by Pod.
    private struct Expected: Hashable {
        var subject: ObjectReference
        var label: String
        var reason: Reason
    }

    private struct Sum: Equatable {
        var pods = 0
        var cost = Money.zero
    }

    @Test(
        "Each root and label is attributed, or has one finding for each reason its Pods have, with their number and cost"
    )
    func findings() {
        var random = SeededGenerator(seed: 41)
        var reasons: Set<Reason> = []
        for round in 0..<Self.rounds {
            let state = RandomCluster.make(&random)
            let policy = RandomCluster.policy(&random)
            let report = Auditor(policy: policy).audit(state, at: Self.now)
            let expected = Self.expected(state, policy)
            var found: [Expected: Sum] = [:]
            for finding in report.findings {
                guard case .gap = finding.facts, finding.subject.kind != "PersistentVolumeClaim",
                    let label = finding.label
                else { continue }
                let key = Expected(subject: finding.subject, label: label, reason: finding.reason)
                #expect(found[key] == nil, "round \(round): two findings for \(key)")
                found[key] = Sum(pods: finding.pods, cost: finding.costPerHour ?? .zero)
            }
            #expect(found == expected, "round \(round)")
            reasons.formUnion(found.keys.map(\.reason))
        }
        // The generator makes every fault that a label can have, but for those of pairs and of ended registrations.
        #expect(
            reasons == [.missing, .empty, .invalidValue, .unregisteredValue, .conflictingAliases, .inconsistentPair])
    }

    /// The slow way: every Pod by itself with the labels of its owners, straight to the evaluator.
    private static func expected(_ state: ClusterState, _ policy: Policy) -> [Expected: Sum] {
        let index = ClusterIndex(state)
        let evaluator = Evaluator(policy)
        // A Pod's part of a volume counts even where its node has no price.
        var costs = [Money](repeating: .zero, count: state.pods.count)
        for line in Allocator.allocate(state, index: index).lines where line.pod >= 0 {
            costs[Int(line.pod)] += line.total
        }
        var sums: [Expected: Sum] = [:]
        var live: Set<Int> = []
        var ended: Set<Int> = []
        func add(_ verdict: Verdict, _ root: Int, pods: Int, cost: Money) {
            for label in verdict.labels where label.isOpen {
                guard let gap = label.gap else { continue }
                let key = Expected(
                    subject: reference(index.workloadRoots[root], state), label: label.key.text, reason: gap.reason)
                sums[key, default: Sum()].pods += pods
                sums[key, default: Sum()].cost += cost
            }
        }
        func verdict(_ root: Int, _ labels: LabelSetID, _ owners: [LabelSetID], _ namespace: StringID, gpu: Bool)
            -> Verdict
        {
            func observe(_ set: LabelSetID) -> ObservedLabels {
                evaluator.observe(Dictionary(uniqueKeysWithValues: state.pool.labels(set).map { ($0.key, $0.value) }))
            }
            let name = state.text(namespace)
            let context = index.namespace(named: namespace).map { place in
                evaluator.namespace(
                    name,
                    labels: Dictionary(
                        uniqueKeysWithValues: state.pool.labels(state.namespaces[place].labels).map {
                            ($0.key, $0.value)
                        }))
            }
            return evaluator.evaluate(
                Subject(
                    kind: .workloads, objectKind: state.pool[index.workloadRoots[root].kind].kind,
                    name: state.text(index.workloadRoots[root].name), namespace: context ?? .unknown(name),
                    labels: observe(labels), owners: owners.map(observe),
                    keepsEmpty: state.pool[index.workloadRoots[root].kind].kind != "Pod", requestsGPU: gpu),
                at: now, suggesting: false)
        }
        for (place, pod) in state.pods.enumerated() {
            let root = index.rootOfPod[place]
            if pod.hasEnded {
                ended.insert(root)
                continue
            }
            live.insert(root)
            if pod.isMirror || evaluator.isExcluded(namespace: state.text(pod.namespace)) { continue }
            var owners: [LabelSetID] = []
            var controller = pod.controller
            while !controller.isNone, case .owner(let owner)? = index.place(of: controller.uid) {
                owners.append(state.owners[owner].labels)
                controller = state.owners[owner].controller
            }
            let gpu = state.pool.amount(of: "nvidia.com/gpu", in: pod.requests) > 0
            add(
                verdict(root, pod.labels, owners, pod.namespace, gpu: gpu), root, pods: 1, cost: costs[place])
        }
        for (place, owner) in state.owners.enumerated() {
            let root = index.rootOfOwner[place]
            guard index.workloadRoots[root].place == .owner(place), owner.hasTemplate, !live.contains(root),
                !evaluator.isExcluded(namespace: state.text(owner.namespace)),
                !(ended.contains(root) && state.pool[owner.kind].kind == "Job")
            else { continue }
            add(
                verdict(root, owner.templateLabels, [owner.labels], owner.namespace, gpu: false), root, pods: 0,
                cost: .zero)
        }
        return sums
    }

    private static func reference(_ root: WorkloadRoot, _ state: ClusterState) -> ObjectReference {
        let kind = state.pool[root.kind]
        return ObjectReference(
            apiVersion: kind.group.isEmpty ? "v1" : "\(kind.group)/v1", kind: kind.kind,
            namespace: state.text(root.namespace), name: state.text(root.name))
    }

    @Test("Money is conserved in every table, and no finding costs more than there is")
    func conservation() {
        var random = SeededGenerator(seed: 42)
        for round in 0..<Self.rounds {
            let state = RandomCluster.make(&random)
            var input = AuditInput()
            if random.oneIn(2) {
                input.allocation.settings.sharing = SharingSettings(
                    idle: .weighted, overhead: .even, namespaces: .weighted)
            }
            let report = Auditor(policy: RandomCluster.policy(&random)).audit(state, input: input, at: Self.now)
            let totals = report.totals
            let total = Allocator.allocate(state, index: ClusterIndex(state), input: input.allocation).total
            #expect(totals.costPerHour == total, "round \(round)")
            #expect(totals.ownership.sum == total, "round \(round)")
            #expect(totals.nodesCost + totals.volumesCost + totals.loadBalancersCost + totals.externalCost == total)
            #expect(report.nodeGroups.map(\.price).sum() == totals.nodesCost, "round \(round)")
            #expect(report.nodeGroups.map(\.nodes).reduce(0, +) == totals.nodes)
            for group in report.nodeGroups { #expect(group.ownership.sum == group.price) }
            for table in report.showback {
                #expect(table.total == total, "round \(round): by \(table.dimension.name)")
                #expect(table.rows.map(\.costPerHour).sum() == total, "round \(round): by \(table.dimension.name)")
                for row in table.rows { #expect(row.parts.sum == row.costPerHour) }
            }
            #expect(
                totals.findings.byReason.map(\.unattributed).sum() == totals.ownership.unattributed, "round \(round)")
            #expect(report.namespaces.map(\.coverage.attributedSpend).sum() == totals.ownership.attributed)
            #expect(report.coverage.all.attributedWorkloads <= report.coverage.all.workloads)
            #expect(report.namespaces.map(\.coverage.workloads).reduce(0, +) == totals.workloads)
            #expect(
                report.simulation.namespaces.map(\.blocked.workloads).reduce(0, +)
                    == totals.workloads - report.coverage.all.attributedWorkloads)
            for finding in report.findings {
                #expect((finding.costPerHour ?? .zero) <= total && (finding.costPerHour ?? .zero) >= .zero)
                #expect(!finding.message.isEmpty && !finding.message.contains("\n"))
                #expect(finding.fix != nil)
            }
            #expect(totals.findings.all == report.findings.count)
        }
    }

    @Test("The report does not hang on the order of the input")
    func determinism() {
        var random = SeededGenerator(seed: 43)
        for round in 0..<Self.rounds / 2 {
            let seed = random.next()
            var first = SeededGenerator(seed: seed)
            var second = SeededGenerator(seed: seed)
            let state = RandomCluster.make(&first)
            // The same objects in another order, under other numbers.
            var shuffled = RandomCluster.make(
                &second,
                interned: ["zone", "team", "ns-3", "node-2", "payments", "environment", "app-7", "app-1-rs"].shuffled(
                    using: &random))
            shuffled.pods.shuffle(using: &random)
            shuffled.nodes.shuffle(using: &random)
            shuffled.owners.shuffle(using: &random)
            shuffled.namespaces.shuffle(using: &random)
            shuffled.volumes.shuffle(using: &random)
            shuffled.claims.shuffle(using: &random)
            let policy = RandomCluster.policy(&first)
            let auditor = Auditor(policy: policy)
            let (left, right) = (auditor.audit(state, at: Self.now), auditor.audit(shuffled, at: Self.now))
            #expect(left.findings == right.findings, "round \(round)")
            #expect(left.totals == right.totals, "round \(round)")
            #expect(left == right, "round \(round)")
        }
    }

    @Test("What the filters keep is all that an audit reads")
    func filters() {
        var random = SeededGenerator(seed: 44)
        for round in 0..<Self.rounds / 2 {
            let state = RandomCluster.make(&random)
            let policy = RandomCluster.policy(&random)
            let filters = AuditFilters.make(policy: policy)
            var reduced = state
            func reduce(_ set: LabelSetID, _ filter: KeyFilter) -> LabelSetID {
                reduced.pool.labels(state.pool.labels(set).filter { filter.keeps($0.key) })
            }
            for place in state.pods.indices {
                reduced.pods[place].labels = reduce(state.pods[place].labels, filters.pods.labels)
                reduced.pods[place].annotations = reduce(state.pods[place].annotations, filters.pods.annotations)
            }
            for place in state.owners.indices {
                reduced.owners[place].labels = reduce(state.owners[place].labels, filters.owners.labels)
                reduced.owners[place].templateLabels = reduce(state.owners[place].templateLabels, filters.owners.labels)
            }
            for place in state.nodes.indices {
                reduced.nodes[place].labels = reduce(state.nodes[place].labels, filters.nodes.labels)
                reduced.nodes[place].annotations = reduce(state.nodes[place].annotations, filters.nodes.annotations)
            }
            for place in state.claims.indices {
                reduced.claims[place].labels = reduce(state.claims[place].labels, filters.resources.labels)
            }
            let auditor = Auditor(policy: policy)
            #expect(
                auditor.audit(state, at: Self.now) == auditor.audit(reduced, at: Self.now), "round \(round)")
        }
    }

    @Test(
        "Spellings that collide with the policy's keys are kept",
        arguments: ["cost_center", "costCenter", "cost.center"])
    func spellings(key: String) {
        var policy = Policy.builtIn
        policy.labels = policy.labels.map { LabelRule(key: $0.key, level: $0.level) }
        let filters = AuditFilters.make(policy: policy, selectors: ["app"])
        #expect(filters.pods.labels.keeps(key))
        #expect(filters.pods.labels.keeps("app"))
        #expect(!filters.pods.labels.keeps("controller-uid"))
    }
}
