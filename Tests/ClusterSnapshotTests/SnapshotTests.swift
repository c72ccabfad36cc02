import ClusterSnapshot
import KubernetesModel
import TestSupport
import Testing

@Suite struct SnapshotTests {
    /// One of everything, with every field set, and one of each with none.
    private static func state() -> ClusterState {
        var builder = ClusterBuilder(cluster: "prod-eu", observedAt: 1_790_000_000)
        let deployment = builder.owner(
            kind: "Deployment", namespace: "shop", name: "web", labels: ["team": "web", "empty": ""],
            templateLabels: ["team": "web"])
        builder.owner(kind: "ReplicaSet", namespace: "shop", name: "web-1", templateLabels: [:], controller: deployment)
        builder.owner(group: "ray.io", kind: "RayCluster", namespace: "ml", name: "ray")
        builder.owner(group: "", kind: "ReplicationController", namespace: "old", name: "rc")
        builder.owner(group: "ray.io", version: "v1alpha1", kind: "RayCluster", namespace: "ml", name: "older")
        builder.namespace("shop", labels: ["team": "web"])
        builder.namespace("bare")
        builder.node(
            "n1", labels: ["node.kubernetes.io/instance-type": "m7i.large", "topology.kubernetes.io/zone": "a"],
            annotations: ["price": "1"], capacity: ["cpu": 2000, "memory": 8 << 30, "nvidia.com/gpu": 1],
            allocatable: ["cpu": 1930, "memory": 7 << 30, "nvidia.com/gpu": 1], providerID: "aws:///a/i-1")
        builder.node("n2")
        for readiness in NodeReadiness.allCases {
            builder.node("node-\(readiness)")
            builder.state.nodes[builder.state.nodes.count - 1].readiness = readiness
        }
        for phase in PodPhase.allCases {
            builder.pod(
                "web-\(phase)", namespace: "shop", node: "n1", labels: ["team": "web"],
                requests: ["cpu": 250, "memory": .max], controller: deployment, phase: phase,
                volumeClaims: ["data", "cache"])
        }
        fill(&builder)
        return builder.state
    }

    /// The fields that the builder has no words for.
    private static func fill(_ builder: inout ClusterBuilder) {
        var pod = builder.state.pods[0]
        pod.runningRequests = builder.state.pool.resources(["cpu": 100])
        pod.created = ObjectTime(seconds: 1)
        pod.started = ObjectTime(seconds: 0)
        pod.deleted = ObjectTime(seconds: -1)
        let claims = ["gpu-claim", "other"].map { builder.intern($0) }
        pod.resourceClaims = builder.state.pool.names(claims)
        pod.isMirror = true
        pod.initialization = .finished
        let kind = builder.state.pool.kind(GroupKind(group: "acme.io", kind: "Training"))
        builder.state.pool.note(version: builder.intern("v2beta1"), of: kind)
        pod.controller = ControllerReference(
            kind: kind, name: builder.intern("train"), uid: builder.state.pool.uid(builder.nextUID()))
        pod.annotations = builder.state.pool.labels([(key: "kubernetes.io/config.mirror", value: "x")])
        builder.state.pods[0] = pod
        builder.pod("lone", namespace: "shop", phase: .unknown)
        builder.state.nodes[0].isUnschedulable = true
        var claim = ClaimRecord(
            namespace: builder.intern("shop"), name: builder.intern("data"),
            uid: builder.state.pool.uid("not a UUID"))
        claim.requested = 10 << 30
        claim.capacity = 12 << 30
        claim.volume = builder.intern("disk")
        claim.storageClass = builder.intern("gp3")
        claim.labels = builder.state.pool.labels([(key: "team", value: "web")])
        builder.state.claims.append(claim)
        var volume = VolumeRecord(name: builder.intern("disk"), uid: .none)
        volume.capacity = 12 << 30
        volume.driver = builder.intern("ebs.csi.aws.com")
        volume.handle = builder.intern("vol-1")
        volume.claimName = claim.name
        volume.claimNamespace = claim.namespace
        volume.claimUID = claim.uid
        volume.storageClass = claim.storageClass
        builder.state.volumes.append(volume)
        var service = ServiceRecord(namespace: claim.namespace, name: builder.intern("front"), uid: .none)
        service.selector = builder.state.pool.labels([(key: "app", value: "web")])
        service.loadBalancerClass = builder.intern("nlb")
        let addresses = ["192.0.2.1", "lb.example.com"].map { builder.intern($0) }
        service.addresses = builder.state.pool.names(addresses)
        builder.state.services.append(service)
        let nodePool = builder.reference(group: "karpenter.sh", kind: "NodePool", name: "gpu", uid: builder.nextUID())
        var carrier = TagCarrierRecord(
            kind: nodePool.kind, version: builder.intern("v1"), namespace: .empty, name: nodePool.name,
            uid: nodePool.uid)
        carrier.tags = builder.state.pool.labels([(key: "Team", value: "ml"), (key: "none", value: "")])
        carrier.nodeLabels = builder.state.pool.labels([(key: "team", value: "ml")])
        carrier.reference = builder.reference(
            group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default", uid: "")
        carrier.providerID = builder.intern("aws:///a/i-1")
        carrier.cloudName = builder.intern("general")
        builder.state.tagCarriers.append(carrier)
        builder.state.prunedKinds = [
            PrunedKind(
                kind: GroupKind(group: "acme.io", kind: "Training"), resource: "trainings",
                path: "spec.template.metadata")
        ]
        builder.state.kindGaps = [
            GroupKind(group: "acme.io", kind: "Training"): .refused, GroupKind(group: "", kind: "Job"): .notGiven,
        ]
        let problem = ObjectProblem(resource: "pods", object: "shop/x", cause: .overflow(resource: "cpu"))
        builder.state.notes = [
            ReadingNote(resource: "nodes", gap: .forbidden("allow list of nodes")),
            ReadingNote(resource: "nodepools.karpenter.sh", gap: .absent),
            ReadingNote(resource: "services", gap: .failed("timed out")),
            ReadingNote(resource: "pods", gap: .problems(count: 300, first: [problem])),
        ]
    }

    private func file(_ state: ClusterState) throws -> [UInt8] {
        var file: [UInt8] = []
        try SnapshotWriter.write(state) { file += $0 }
        return file
    }

    private func read(_ file: [UInt8], by step: Int = .max) throws -> ClusterState {
        var reader = try SnapshotReader()
        var rest = file[...]
        while !rest.isEmpty {
            try rest.prefix(step).withUnsafeBytes { try reader.read($0) }
            rest = rest.dropFirst(step)
        }
        return try reader.finish()
    }

    /// A record's numbers turned into text, so that states of different pools compare.
    private func text(_ state: ClusterState) -> [String] {
        let pool = state.pool
        func labels(_ id: LabelSetID) -> String {
            pool.labels(id).map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }
        func list(_ id: ResourceListID) -> String { "\(pool.resources(id).sorted { $0.key < $1.key })" }
        func controller(_ controller: ControllerReference) -> String {
            "\(pool[controller.kind]) \(state.text(controller.name)) \(pool.text(of: controller.uid))"
        }
        func time(_ time: ObjectTime) -> String { "\(time.seconds ?? .min)" }
        var lines: [[String]] = []
        for pod in state.pods {
            lines.append([
                "pod", state.text(pod.namespace), state.text(pod.name), pool.text(of: pod.uid), state.text(pod.node),
                labels(pod.labels), labels(pod.annotations), list(pod.requests), list(pod.runningRequests),
                controller(pod.controller), time(pod.created), time(pod.started), time(pod.deleted), "\(pod.phase)",
                "\(pod.initialization)", pool.version(of: pod.controller.kind) ?? "v1", "\(pod.isMirror)",
                "\(pool.texts(pod.volumeClaims))", "\(pool.texts(pod.resourceClaims))",
            ])
        }
        for node in state.nodes {
            lines.append([
                "node", state.text(node.name), pool.text(of: node.uid), labels(node.labels), labels(node.annotations),
                list(node.capacity), list(node.allocatable), state.text(node.providerID), state.text(node.instanceType),
                state.text(node.zone), state.text(node.region), "\(node.isUnschedulable)", "\(node.readiness)",
            ])
        }
        for owner in state.owners {
            lines.append([
                "owner", "\(pool[owner.kind])", state.text(owner.version), state.text(owner.namespace),
                state.text(owner.name), pool.text(of: owner.uid), labels(owner.labels), labels(owner.templateLabels),
                "\(owner.hasTemplate)", controller(owner.controller),
            ])
        }
        for claim in state.claims {
            lines.append([
                "claim", state.text(claim.name), pool.text(of: claim.uid), "\(claim.requested) \(claim.capacity)",
                state.text(claim.volume), state.text(claim.storageClass), labels(claim.labels),
            ])
        }
        for volume in state.volumes {
            lines.append([
                "volume", state.text(volume.name), "\(volume.capacity)", state.text(volume.driver),
                state.text(volume.handle), state.text(volume.claimNamespace), state.text(volume.claimName),
                pool.text(of: volume.claimUID), state.text(volume.storageClass),
            ])
        }
        for service in state.services {
            lines.append([
                "service", state.text(service.name), labels(service.selector), state.text(service.loadBalancerClass),
                "\(pool.texts(service.addresses))",
            ])
        }
        for pruned in state.prunedKinds { lines.append(["pruned", "\(pruned.kind)", pruned.resource, pruned.path]) }
        for (kind, gap) in state.kindGaps.sorted(by: { $0.key < $1.key }) {
            lines.append(["gap", "\(kind)", "\(gap)"])
        }
        for carrier in state.tagCarriers {
            lines.append([
                "carrier", "\(pool[carrier.kind])", state.text(carrier.name), labels(carrier.tags),
                labels(carrier.nodeLabels), controller(carrier.reference), state.text(carrier.providerID),
                state.text(carrier.cloudName),
            ])
        }
        lines += state.namespaces.map { ["namespace", state.text($0.name), labels($0.labels)] }
        lines += state.notes.map { ["note", $0.description] }
        return lines.map { $0.joined(separator: " | ") }
    }

    @Test(arguments: [1, 7, 1000, Int.max]) func `a state is read back, whatever the pieces`(step: Int) throws {
        let state = Self.state()
        let read = try read(file(state), by: step)
        #expect(text(read).sorted() == text(state).sorted())
        #expect(read.cluster == "prod-eu")
        #expect(read.observedAt == state.observedAt)
        #expect(text(try self.read(file(read))) == text(read))
    }

    @Test func `an empty state is one`() throws {
        let read = try read(file(ClusterState()))
        #expect(read.pods.isEmpty)
        #expect(read.observedAt.isNone)
    }

    @Test func `a node's place survives though its labels were not kept`() throws {
        var builder = ClusterBuilder()
        builder.node("n1")
        builder.state.nodes[0].instanceType = builder.intern("m7i.large")
        builder.state.nodes[0].region = builder.intern("eu-west-1")
        let state = try read(file(builder.state))
        #expect(state.text(state.nodes[0].instanceType) == "m7i.large")
        #expect(state.text(state.nodes[0].region) == "eu-west-1")
        #expect(state.nodes[0].zone.isEmpty)
    }

    @Test func `many Pods in many pieces come through`() throws {
        var builder = ClusterBuilder()
        for number in 0..<5_000 {
            builder.pod(
                "pod-\(number * 7919 % 5_000)", namespace: "ns-\(number % 7)", requests: ["cpu": Int64(number + 1)])
        }
        let state = builder.state
        #expect(text(try read(file(state))) == text(state))
    }

    // MARK: - What is no snapshot

    private func error(_ file: [UInt8]) -> SnapshotError? {
        do {
            _ = try read(file)
            return nil
        } catch {
            return error as? SnapshotError
        }
    }

    @Test func `a file that is cut off anywhere is refused`() throws {
        let whole = try file(Self.state())
        for length in 0..<whole.count {
            switch error(Array(whole[..<length])) {
            case .cutOff: #expect(length > 0)
            case .notGzip(at: 0): #expect(length == 0)
            case let other: Issue.record("at \(length): \(String(describing: other))")
            }
        }
    }

    @Test func `what stands before a cut is read, with an error that counts it`() throws {
        let state = Self.state()
        let whole = try file(state)
        let (read, none) = try SnapshotReader.readWhatIsThere(whole)
        #expect(none == nil)
        #expect(read.pods.count == state.pods.count)
        var most = 0
        for length in 1..<whole.count {
            do throws(SnapshotError) {
                let (part, cutOff) = try SnapshotReader.readWhatIsThere(Array(whole[..<length]))
                let objects = part.pods.count + part.nodes.count + part.namespaces.count + part.owners.count
                #expect(objects > 0)
                guard case .cutOff(let count) = cutOff else {
                    Issue.record("at \(length): \(String(describing: cutOff))")
                    continue
                }
                #expect(count >= max(1, most))
                most = count
            } catch {
                #expect(error == .cutOff(objects: 0))
            }
        }
        #expect(most > 1)
    }

    @Test func `a damaged byte is noticed, or changes nothing`() throws {
        let state = Self.state()
        let whole = try file(state)
        var unnoticed = 0
        // Behind gzip's head, in which the time and the system's name may say anything.
        for place in 10..<whole.count {
            var damaged = whole
            damaged[place] ^= 0x20
            guard error(damaged) == nil else { continue }
            unnoticed += 1
            #expect(text(try read(damaged)).sorted() == text(state).sorted(), "at \(place)")
        }
        // The bits that fill up the last byte before the checksum, and lengths of codes that nothing is coded with.
        #expect(unnoticed <= 2)
    }

    @Test func `what follows is refused`() throws {
        let whole = try file(Self.state())
        #expect(error(whole + [0]) == .trailingBytes(at: whole.count))
        #expect(error(whole + whole) == .trailingBytes(at: whole.count))
    }

    @Test func `another file is called so`() {
        #expect(error(Array(#"{"kind": "List"}"#.utf8)) == .notGzip(at: 2))
        #expect(error([]) == .notGzip(at: 0))
        // gzip of "hello\n".
        let other: [UInt8] = [
            0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xE7, 0x02, 0x00, 0x20, 0x30, 0x3A,
            0x36, 0x06, 0, 0, 0,
        ]
        #expect(error(other) == .foreign)
    }

    @Test func `every error is one line that says what to do`() {
        let errors: [SnapshotError] = [
            .notGzip(at: 0), .notGzip(at: 9), .foreign, .version(2), .cutOff(objects: 3), .trailingBytes(at: 9),
            .malformed(at: 3, what: "x"), .count(kind: "Pod", expected: 2, found: 1), .tooLarge, .outOfMemory,
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        for error in errors { #expect(!error.description.contains("\n")) }
    }
}
