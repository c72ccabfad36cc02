import KubernetesModel
import TestSupport
import Testing

@Suite struct ClusterIndexTests {
    private func describe(_ root: WorkloadRoot, _ state: ClusterState) -> String {
        "\(state.text(root.namespace))/\(state.pool[root.kind])/\(state.text(root.name)) \(root.end)"
    }

    private func roots(_ state: ClusterState) -> [String] {
        let index = ClusterIndex(state)
        return index.rootOfPod.map { describe(index.workloadRoots[$0], state) }
    }

    @Test func `a chain of controllers ends at its top`() {
        var builder = ClusterBuilder()
        let deployment = builder.owner(kind: "Deployment", namespace: "shop", name: "web")
        let replicaSet = builder.owner(kind: "ReplicaSet", namespace: "shop", name: "web-1", controller: deployment)
        builder.pod("web-1-a", namespace: "shop", controller: replicaSet)
        builder.pod("web-1-b", namespace: "shop", controller: replicaSet)
        builder.pod("lone", namespace: "shop")
        #expect(
            roots(builder.state) == [
                "shop/Deployment.apps/web top", "shop/Deployment.apps/web top", "shop/Pod/lone top",
            ])
        let index = ClusterIndex(builder.state)
        #expect(index.workloadRoots.count == 2)
        #expect(index.workloadRoots[index.rootOfPod[0]].place == .owner(0))
        #expect(index.rootOfOwner == [index.rootOfPod[0], index.rootOfPod[0]])
    }

    @Test func `a mirror Pod's root is its node`() {
        var builder = ClusterBuilder()
        builder.node("n1")
        let node = builder.state.nodes[0]
        let uid = builder.state.pool.text(of: node.uid)
        let reference = builder.reference(group: "", kind: "Node", name: "n1", uid: uid)
        builder.pod("kube-proxy-n1", namespace: "kube-system", node: "n1", controller: reference)
        #expect(roots(builder.state) == ["/Node/n1 top"])
    }

    @Test func `a missing controller is named`() {
        var builder = ClusterBuilder()
        let gone = builder.reference(group: "apps", kind: "ReplicaSet", name: "gone", uid: builder.nextUID())
        builder.pod("orphan", namespace: "shop", controller: gone)
        #expect(roots(builder.state) == ["shop/ReplicaSet.apps/gone missing"])
    }

    @Test(arguments: ["kind", "group", "name", "namespace"]) func `a forged reference leads nowhere`(part: String) {
        var builder = ClusterBuilder()
        let uid = builder.nextUID()
        builder.owner(kind: "Deployment", namespace: part == "namespace" ? "other" : "shop", name: "web", uid: uid)
        let forged = builder.reference(
            group: part == "group" ? "batch" : "apps", kind: part == "kind" ? "ReplicaSet" : "Deployment",
            name: part == "name" ? "site" : "web", uid: uid)
        builder.pod("forger", namespace: "shop", controller: forged)
        #expect(roots(builder.state)[0].hasSuffix("missing"))
    }

    @Test func `a controller may stand in no namespace`() {
        var builder = ClusterBuilder()
        let owner = builder.owner(group: "acme.io", kind: "Fleet", namespace: "", name: "all")
        builder.pod("one", namespace: "shop", controller: owner)
        #expect(roots(builder.state) == ["/Fleet.acme.io/all top"])
    }

    @Test func `owners in a circle have one root`() {
        var builder = ClusterBuilder()
        let uids = (0..<3).map { _ in builder.nextUID() }
        let references = (0..<3).map { number in
            builder.reference(group: "acme.io", kind: "Ring", name: "r\(number)", uid: uids[number])
        }
        for number in 0..<3 {
            builder.owner(
                group: "acme.io", kind: "Ring", namespace: "shop", name: "r\(number)",
                controller: references[(number + 1) % 3], uid: uids[number])
            builder.pod("p\(number)", namespace: "shop", controller: references[number])
        }
        #expect(roots(builder.state) == Array(repeating: "shop/Ring.acme.io/r0 cycle", count: 3))
    }

    @Test func `an owner of itself is a circle`() {
        var builder = ClusterBuilder()
        let uid = builder.nextUID()
        let itself = builder.reference(group: "acme.io", kind: "Ring", name: "r", uid: uid)
        builder.owner(group: "acme.io", kind: "Ring", namespace: "shop", name: "r", controller: itself, uid: uid)
        builder.pod("p", namespace: "shop", controller: itself)
        #expect(roots(builder.state) == ["shop/Ring.acme.io/r cycle"])
    }

    @Test(arguments: [(16, "o0 top"), (17, "o0 top"), (18, "o1 tooDeep")])
    func `a chain is followed to a bound`(owners: Int, end: String) {
        var builder = ClusterBuilder()
        var controller = ControllerReference.none
        for number in 0..<owners {
            controller = builder.owner(
                group: "acme.io", kind: "Link", namespace: "shop", name: "o\(number)", controller: controller)
        }
        builder.pod("p", namespace: "shop", controller: controller)
        #expect(roots(builder.state)[0].hasSuffix(end))
    }

    @Test func `Pods are found by their node, and objects by their names`() {
        var builder = ClusterBuilder()
        for name in ["n1", "n2", "n3"] { builder.node(name) }
        builder.namespace("shop", labels: ["team": "web"])
        for (pod, node) in [("a", "n3"), ("b", "n1"), ("c", ""), ("d", "n3"), ("e", "gone")] {
            builder.pod(pod, namespace: "shop", node: node)
        }
        let state = builder.state
        let index = ClusterIndex(state)
        func pods(_ node: Int) -> [String] { index.pods(onNode: node).map { state.text(state.pods[$0].name) } }
        #expect(pods(0) == ["b"])
        #expect(pods(1) == [])
        #expect(pods(2) == ["a", "d"])
        #expect(pods(3) == [])
        #expect(index.node(named: builder.intern("n3")) == 2)
        #expect(index.namespace(named: builder.intern("shop")) == 0)
        #expect(index.namespace(named: builder.intern("none")) == nil)
        #expect(index.place(of: state.pods[1].uid) == .pod(1))
        #expect(index.place(of: .none) == nil)
    }

    @Test func `a record is small`() {
        #expect(MemoryLayout<PodRecord>.stride <= 112)
    }
}
