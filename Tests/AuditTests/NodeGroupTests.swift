import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("Node groups")
struct NodeGroupTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var labels: [String: String]
        var annotations: [String: String] = [:]
        var name: String
        var provider: NodeGroupProvider
        var identity: NodeGroupIdentity? = nil
        var capacity: NodeCapacity = .unknown

        var testDescription: String { "\(provider): \(name)" }
    }

    private static func label(
        _ key: String, _ provider: NodeGroupProvider, _ more: [String: String] = [:],
        _ capacity: NodeCapacity = .unknown
    ) -> Case {
        Case(
            labels: more.merging([key: "pool-a"]) { first, _ in first }, name: "pool-a", provider: provider,
            identity: .label(key), capacity: capacity)
    }

    @Test(
        "Each provider's label names the group, and says how the machine was bought",
        arguments: [
            label("eks.amazonaws.com/nodegroup", .eks, ["eks.amazonaws.com/capacityType": "SPOT"], .spot),
            label("eks.amazonaws.com/nodegroup", .eks, ["eks.amazonaws.com/capacityType": "ON_DEMAND"], .onDemand),
            label(
                "eks.amazonaws.com/nodegroup", .eks, ["eks.amazonaws.com/capacityType": "CAPACITY_BLOCK"],
                .capacityBlock),
            // A managed group that eksctl made.
            label("eks.amazonaws.com/nodegroup", .eks, ["alpha.eksctl.io/nodegroup-name": "other"]),
            label("alpha.eksctl.io/nodegroup-name", .eksctl),
            label("karpenter.sh/nodepool", .karpenter, ["karpenter.sh/capacity-type": "spot"], .spot),
            label("karpenter.sh/nodepool", .karpenter, ["karpenter.sh/capacity-type": "on-demand"], .onDemand),
            label("karpenter.sh/nodepool", .karpenter, ["karpenter.sh/capacity-type": "reserved"], .reserved),
            label("cloud.google.com/gke-nodepool", .gke, [:], .onDemand),
            label("cloud.google.com/gke-nodepool", .gke, ["cloud.google.com/gke-spot": "true"], .spot),
            label("cloud.google.com/gke-nodepool", .gke, ["cloud.google.com/gke-preemptible": "true"], .spot),
            label("cloud.google.com/gke-nodepool", .gke, ["cloud.google.com/gke-provisioning": "spot"], .spot),
            label("kubernetes.azure.com/agentpool", .aks, ["agentpool": "old"], .onDemand),
            label("agentpool", .aks, ["kubernetes.azure.com/scalesetpriority": "spot"], .spot),
            label("kops.k8s.io/instancegroup", .kops, ["node-lifecycle": "spot"], .spot),
            label("hypershift.openshift.io/nodePool", .hyperShift),
            label("doks.digitalocean.com/node-pool", .digitalOcean),
            label("oke.oraclecloud.com/pool.name", .oracle),
            label("lke.linode.com/pool-id", .linode),
            label("k8s.scaleway.com/pool-name", .scaleway),
            label("ibm-cloud.kubernetes.io/worker-pool-name", .ibm),
            label("alibabacloud.com/nodepool-id", .alibaba),
            label("worker.gardener.cloud/pool", .gardener),
            label("acme.io/rack", .custom, ["eks.amazonaws.com/nodegroup": "other"]),
            Case(
                labels: ["eks.amazonaws.com/compute-type": "fargate"], name: "fargate", provider: .fargate,
                identity: .label("eks.amazonaws.com/compute-type"), capacity: .fargate),
            Case(
                labels: ["node.kubernetes.io/instance-type": "m7i.large", "topology.kubernetes.io/zone": "eu-west-1a"],
                name: "m7i.large in eu-west-1a", provider: .unknown, identity: .inferred),
            Case(labels: [:], name: "(no group)", provider: .unknown, identity: NodeGroupIdentity.none),
            Case(labels: ["eks.amazonaws.com/nodegroup": ""], name: "(no group)", provider: .unknown),
        ])
    func identity(_ this: Case) throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1", labels: this.labels, annotations: this.annotations)
        let report = cluster.audited(.team, settings: AuditSettings(nodeGroupKeys: ["acme.io/rack"]))
        let row = try #require(report.nodeGroups.first)
        #expect(row.name == this.name)
        #expect(row.provider == this.provider)
        if let identity = this.identity { #expect(row.identity == identity) }
        #expect(row.capacity == [AuditReport.CapacityShare(type: this.capacity, nodes: 1)])
        #expect(report.nodeGroups.count == 1)
    }

    @Test(
        "Machines name the group of their node",
        arguments: [
            (
                "cluster.x-k8s.io", "cluster.x-k8s.io/deployment-name",
                ["cluster.x-k8s.io/machine": "m-1", "cluster.x-k8s.io/cluster-namespace": "fleet"],
                NodeGroupProvider.clusterAPI
            ),
            (
                "machine.openshift.io", "machine.openshift.io/cluster-api-machineset",
                ["machine.openshift.io/machine": "fleet/m-1"], .openShift
            ),
        ])
    func machines(group: String, key: String, annotations: [String: String], provider: NodeGroupProvider) {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1", annotations: annotations)
        cluster.carrier(group: group, kind: "Machine", name: "m-1", namespace: "fleet", labels: [key: "workers"])
        cluster.carrier(group: group, kind: "Machine", name: "m-1", namespace: "other", labels: [key: "not-this"])
        let row = cluster.audited(.team).nodeGroups.first
        #expect(row?.name == "workers")
        #expect(row?.provider == provider)
        #expect(row?.identity == .machine(key))
    }

    @Test("Without the Machine, the owner that the node names is the group")
    func machineOwner() {
        var cluster = ClusterBuilder()
        cluster.pricedNode(
            "node-1",
            annotations: ["cluster.x-k8s.io/machine": "m-1", "cluster.x-k8s.io/owner-name": "workers-set"])
        #expect(cluster.audited(.team).nodeGroups.first?.name == "workers-set")
    }

    @Test("Two groups of one name are told apart")
    func names() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1", labels: ["eks.amazonaws.com/nodegroup": "default"])
        cluster.pricedNode("node-2", labels: ["karpenter.sh/nodepool": "default"])
        #expect(cluster.audited(.team).nodeGroups.map(\.name) == ["default (eks)", "default (karpenter)"])
    }

    @Test("Price, shares and Pods of a group, and a mixed one")
    func sums() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        let pool = ["eks.amazonaws.com/nodegroup": "pool"]
        cluster.pricedNode(
            "node-1", labels: pool.merging(["node.kubernetes.io/instance-type": "a"]) { first, _ in first })
        cluster.pricedNode(
            "node-2", labels: pool.merging(["node.kubernetes.io/instance-type": "b"]) { first, _ in first }, price: "8")
        cluster.deployment("web", namespace: "shop", template: ["team": "payments"], pods: 2)
        cluster.deployment("api", namespace: "shop", node: "node-2")
        let report = cluster.audited(.team)
        let row = try #require(report.nodeGroup("pool"))
        #expect(row.price == "12")
        #expect(row.ownership.attributed == "2")
        #expect(row.ownership.unattributed == "2")
        #expect(row.ownership.idle.unallocated == "8")
        #expect(row.coverage == AuditReport.share(1, of: 2, "2", of: "12"))
        #expect(row.pods == 3)
        #expect(row.isMixed)
        #expect(row.prices.map(\.perHour) == ["8", "4"])
        #expect(row.prices.map(\.source) == ["annotation", "annotation"])
        #expect(report.advice.map(\.topic) == [.mixedNodeGroup(name: "pool")])
    }

    // MARK: - Tags

    @Test("A label on the nodes or a visible tag will do; neither is a finding, priced by what it leaves unattributed")
    func missingTags() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pricedNode("node-1", labels: ["karpenter.sh/nodepool": "bare"])
        cluster.pricedNode("node-2", labels: ["karpenter.sh/nodepool": "labelled", "team": "payments"])
        cluster.pricedNode("node-3", labels: ["karpenter.sh/nodepool": "tagged"])
        cluster.pricedNode("node-4", labels: ["karpenter.sh/nodepool": "labelled-as-tagged", "Team": "payments"])
        let nodeClass = cluster.reference(
            group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default", uid: cluster.nextUID())
        cluster.carrier(group: "karpenter.sh", kind: "NodePool", name: "tagged", reference: nodeClass)
        cluster.carrier(
            group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default", tags: ["Team": "payments"])
        cluster.deployment("web", namespace: "shop", template: ["team": "payments"])
        let report = cluster.audited(.taggedTeam)
        #expect(report.summary == ["NodeGroup/bare team tag-missing"])
        let finding = try #require(report.findings.first)
        #expect(finding.costPerHour == "3")
        #expect(finding.level == .recommended)
        #expect(finding.fix?.commands == ["kubectl label --overwrite node/node-1 'team=<team>'"])
        #expect(
            report.nodeGroup("bare")?.tags == [
                AuditReport.TagRow(label: "team", tag: "Team", value: nil, missingNodes: 1, isDrifting: false)
            ])
        #expect(report.nodeGroup("tagged")?.tags.first?.value == "payments")
        #expect(report.nodeGroup("tagged")?.tags.first?.hasGap == false)
    }

    @Test("A node class without the tag is a finding even where the nodes are labelled, and mended with a warning")
    func untaggedClass() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1", labels: ["karpenter.sh/nodepool": "pool", "team": "payments"])
        let nodeClass = cluster.reference(
            group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default", uid: cluster.nextUID())
        cluster.carrier(group: "karpenter.sh", kind: "NodePool", name: "pool", reference: nodeClass)
        cluster.carrier(group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default")
        let fix = try #require(cluster.audited(.taggedTeam).findings(.tagMissing).first?.fix)
        #expect(
            fix.commands == [
                "kubectl patch EC2NodeClass.v1.karpenter.k8s.aws/default --type=merge "
                    + #"'--patch={"spec":{"tags":{"Team":"payments"}}}'"#
            ])
        #expect(fix.effect == .nodesReplaced)
        #expect(fix.effect.mayRestart)
        #expect(fix.remarks == ["Karpenter sees drift and replaces the nodes with their Pods"])
    }

    @Test("A Nodegroup is found by the name that AWS knows, not by its object's")
    func cloudName() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1", labels: ["eks.amazonaws.com/nodegroup": "general", "team": "payments"])
        cluster.carrier(
            group: "eks.services.k8s.aws", version: "v1alpha1", kind: "Nodegroup", name: "prod-general",
            namespace: "ack")
        cluster.carrier(
            group: "eks.services.k8s.aws", version: "v1alpha1", kind: "Nodegroup", name: "general", namespace: "ack",
            tags: ["Team": "payments"])
        cluster.state.tagCarriers[0].cloudName = cluster.intern("general")
        cluster.state.tagCarriers[1].cloudName = cluster.intern("another")
        let finding = try #require(cluster.audited(.taggedTeam).findings(.tagMissing).first)
        #expect(finding.message.contains("Nodegroup \"prod-general\" has no tag Team"))
    }

    @Test("Nodes that disagree, or a tag that disagrees with them, drift; spelling does not")
    func drift() throws {
        var cluster = ClusterBuilder()
        let pools = [("a", "payments", "payments"), ("b", "payments", "search"), ("c", "PAYMENTS", "payments")]
        for (name, first, second) in pools {
            cluster.pricedNode("\(name)-1", labels: ["karpenter.sh/nodepool": name, "team": first])
            cluster.pricedNode("\(name)-2", labels: ["karpenter.sh/nodepool": name, "team": second])
        }
        cluster.pricedNode("d-1", labels: ["karpenter.sh/nodepool": "d", "team": "payments"])
        cluster.carrier(group: "karpenter.sh", kind: "NodePool", name: "d", nodeLabels: ["team": "search"])
        var policy = Policy.taggedTeam
        policy.labels[0].values.lowercased = true
        let report = cluster.audited(policy)
        #expect(report.summary == ["NodeGroup/b team tag-drift", "NodeGroup/d team tag-drift"])
        #expect(
            report.findings(.tagDrift).first?.message.contains("\"payments\" on 1 node, \"search\" on 1 node") == true)
    }

    @Test(
        "Each provider has its command or its file",
        arguments: [
            ("eks.amazonaws.com/nodegroup", "aws eks update-nodegroup-config"),
            ("alpha.eksctl.io/nodegroup-name", "eksctl set labels"),
            ("cloud.google.com/gke-nodepool", "gcloud container node-pools update"),
            ("kubernetes.azure.com/agentpool", "az aks nodepool update"),
            ("kops.k8s.io/instancegroup", "kops edit instancegroup"),
            ("doks.digitalocean.com/node-pool", "doctl kubernetes cluster node-pool update"),
            ("lke.linode.com/pool-id", "linode-cli lke pool-update"),
            ("ibm-cloud.kubernetes.io/worker-pool-name", "ibmcloud ks worker-pool label set"),
            ("worker.gardener.cloud/pool", "kubectl label --overwrite node/node-1"),
        ])
    func commands(key: String, beginning: String) throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1", labels: [key: "odd pool;"])
        let fix = try #require(cluster.audited(.taggedTeam).findings(.tagMissing).first?.fix)
        let command = try #require(fix.commands.first)
        #expect(command.hasPrefix(beginning))
        #expect(!command.contains("pool; "))
        #expect(fix.patch == nil)
    }

    // MARK: - Environments

    @Test("Development on production nodes, and the reverse, with what it costs there")
    func mismatch() throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pricedNode("node-1", labels: ["eks.amazonaws.com/nodegroup": "prod", "environment": "prod"])
        cluster.pricedNode("node-2", labels: ["eks.amazonaws.com/nodegroup": "dev", "environment": "development"])
        cluster.pricedNode("node-3", labels: ["eks.amazonaws.com/nodegroup": "any"])
        cluster.deployment("tests", namespace: "shop", template: ["environment": "dev"], pods: 2)
        cluster.deployment("web", namespace: "shop", template: ["environment": "production"], node: "node-2")
        cluster.deployment("fine", namespace: "shop", template: ["environment": "production"], node: "node-1")
        cluster.deployment("free", namespace: "shop", template: ["environment": "production"], node: "node-3")
        cluster.deployment("none", namespace: "shop", node: "node-1", millicores: 100)
        var rule = LabelRule.environment
        rule.tag = nil
        let report = cluster.audited(Policy(name: "environments", mode: .warn, subjects: [.workloads], labels: [rule]))
        let found = report.findings(.environmentMismatch)
        #expect(found.map(\.subject.name) == ["tests", "web"])
        #expect(found.map(\.costPerHour) == ["2", "1"])
        #expect(found.map(\.pods) == [2, 1])
        #expect(found.first?.message == "a workload of development runs on node group \"prod\" of production")
        #expect(
            found.map { $0.fix?.commands } == [
                [
                    "kubectl patch --namespace=shop deployment.apps/tests --type=merge "
                        + #"'--patch={"spec":{"template":{"spec":{"nodeSelector":{"environment":"development"}}}}}'"#
                ],
                [
                    "kubectl patch --namespace=shop deployment.apps/web --type=merge "
                        + #"'--patch={"spec":{"template":{"spec":{"nodeSelector":{"environment":"prod"}}}}}'"#
                ],
            ])
        #expect(found.first?.fix?.effect == .rollout)
        #expect(
            found.first?.facts
                == .environmentMismatch(
                    environment: "development",
                    groups: [
                        AuditReport.GroupEnvironment(
                            group: "prod", environment: "production", pods: 2, costPerHour: "2")
                    ]))
    }
}
