import Foundation
import KubernetesModel
import TestSupport

/// Random objects of few words, so that names, keys and resources meet each other often.
struct RandomObjects {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static let keys = ["team", "cost-center", "environment", "karpenter.sh/nodepool", "app", "", "pod-template-hash"]
    static let filter = KeyFilter.keys(["team", "cost-center", "environment"], prefixes: ["karpenter.sh/"])
    static let resources = [
        "cpu", "memory", "nvidia.com/gpu", "ephemeral-storage", "hugepages-2Mi", "storage", "pods", "example.com/x",
    ]
    static let amounts = [
        "0", "1", "2", "100m", "1500m", "1n", "0.5", "128Mi", "1Gi", "2Ki", "1e3", "3k", "4Ti", "7G", "", "1u",
        "9223372036854775807", "123456789012345Gi", "12345678901234567890", "-1", "x", "1.5Gi", "-0",
    ]

    mutating func chance(_ denominator: Int) -> Bool { random.oneIn(denominator) }

    mutating func word() -> String {
        let length = random.oneIn(20) ? 200 : Int.random(in: 0...12, using: &random)
        return String((0..<length).map { _ in random.pick(Array("abcxyz-.09ü")) })
    }

    mutating func uid() -> String {
        if random.oneIn(8) { return word() }
        return UUID(
            uuid: unsafeBitCast((random.next(), random.next()), to: uuid_t.self)
        ).uuidString.lowercased()
    }

    mutating func map() -> [String: String] {
        var map: [String: String] = [:]
        for _ in 0..<Int.random(in: 0...5, using: &random) { map[random.pick(Self.keys)] = word() }
        return map
    }

    mutating func quantities() -> [String: Oracle_Quantity] {
        var map: [String: Oracle_Quantity] = [:]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            var quantity = Oracle_Quantity()
            if !random.oneIn(20) { quantity.string = random.pick(Self.amounts) }
            map[random.pick(Self.resources)] = quantity
        }
        return map
    }

    mutating func time() -> Oracle_Time {
        var time = Oracle_Time()
        if !random.oneIn(5) { time.seconds = random.pick([0, 1, 1_800_000_000, -1, .max, .min + 1]) }
        return time
    }

    mutating func metadata(annotations: [String: String] = [:]) -> Oracle_ObjectMeta {
        var metadata = Oracle_ObjectMeta()
        if !random.oneIn(9) { metadata.name = word() }
        metadata.generateName = word()
        if !random.oneIn(9) { metadata.namespace = word() }
        metadata.uid = uid()
        metadata.resourceVersion = word()
        metadata.generation = random.pick([0, 1, -1, .max])
        metadata.creationTimestamp = time()
        if random.oneIn(3) { metadata.deletionTimestamp = time() }
        metadata.labels = map()
        metadata.annotations = map().merging(annotations) { $1 }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            var owner = Oracle_OwnerReference()
            owner.apiVersion = random.pick(["v1", "apps/v1", "batch/v1", "a/b/c", "", "/v1", "apps/"])
            owner.kind = random.pick(["ReplicaSet", "Job", "Node"])
            owner.name = word()
            owner.uid = uid()
            if !random.oneIn(4) { owner.controller = metadata.ownerReferences.allSatisfy { !$0.controller } }
            metadata.ownerReferences.append(owner)
        }
        if random.oneIn(2) { metadata.finalizers = [word()] }
        if random.oneIn(2) {
            metadata.managedFields = [Oracle_ManagedFields()]
            metadata.managedFields[0].fields = Data(repeating: 0xFF, count: 300)
        }
        if random.oneIn(3) {
            metadata.later64 = random.next()
            metadata.later32 = 7
            metadata.laterDouble = 0.5
        }
        return metadata
    }

    mutating func requirements() -> Oracle_Requirements {
        var requirements = Oracle_Requirements()
        requirements.limits = quantities()
        requirements.requests = quantities()
        return requirements
    }

    mutating func container() -> Oracle_Container {
        var container = Oracle_Container()
        container.name = word()
        container.image = word()
        if !random.oneIn(4) { container.resources = requirements() }
        if random.oneIn(2) { container.restartPolicy = random.pick(["Always", "Never", ""]) }
        return container
    }

    mutating func pod() -> Oracle_Pod {
        var pod = Oracle_Pod()
        pod.metadata = metadata(annotations: random.oneIn(4) ? ["kubernetes.io/config.mirror": ""] : [:])
        pod.spec.containers = (0..<Int.random(in: 0...3, using: &random)).map { _ in container() }
        pod.spec.initContainers = (0..<Int.random(in: 0...3, using: &random)).map { _ in container() }
        if random.oneIn(3) { pod.spec.overhead = quantities() }
        if random.oneIn(5) { pod.spec.resources = requirements() }
        pod.spec.nodeName = word()
        for number in 0..<Int.random(in: 0...3, using: &random) {
            var volume = Oracle_Volume()
            volume.name = "volume-\(number)"
            switch random.next() % 3 {
            case 0: volume.volumeSource.persistentVolumeClaim.claimName = word()
            case 1: volume.volumeSource.ephemeral = Oracle_EphemeralSource()
            default: volume.volumeSource.configMap = Data([1, 2, 3])
            }
            pod.spec.volumes.append(volume)
        }
        for number in 0..<Int.random(in: 0...2, using: &random) {
            var claim = Oracle_PodResourceClaim()
            claim.name = "claim-\(number)"
            if random.oneIn(2) {
                claim.resourceClaimName = "named-\(number)"
            } else {
                claim.resourceClaimTemplateName = "template"
                if random.oneIn(2) {
                    var status = Oracle_PodResourceClaimStatus()
                    status.name = claim.name
                    status.resourceClaimName = "made-\(number)"
                    pod.status.resourceClaimStatuses.append(status)
                }
            }
            pod.spec.resourceClaims.append(claim)
        }
        if random.oneIn(6) { pod.status.extendedResourceClaimStatus.resourceClaimName = "extended" }
        pod.status.phase = random.pick(["Pending", "Running", "Succeeded", "Failed", "Unknown", "", "running"])
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            pod.status.conditions.append(
                Self.condition(
                    random.pick(["Initialized", "Ready", "PodScheduled"]), random.pick(["True", "False", "Unknown"])))
        }
        if random.oneIn(2) { pod.status.startTime = time() }
        return pod
    }

    /// A PodCondition: type = 1, status = 2.
    private static func condition(_ type: String, _ status: String) -> Data {
        Data(
            [0x0A, UInt8(type.utf8.count)] + Array(type.utf8) + [0x12, UInt8(status.utf8.count)] + Array(status.utf8))
    }

    mutating func node() -> Oracle_Node {
        var node = Oracle_Node()
        node.metadata = metadata()
        for key in NodeLabel.instanceType + NodeLabel.zone + NodeLabel.region where random.oneIn(2) {
            node.metadata.labels[key] = word()
        }
        node.spec.providerID = word()
        node.spec.unschedulable = random.oneIn(2)
        node.status.capacity = quantities()
        node.status.allocatable = quantities()
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            var condition = Oracle_NodeCondition()
            condition.type = random.pick(["Ready", "DiskPressure"])
            condition.status = random.pick(["True", "False", "Unknown", ""])
            node.status.conditions.append(condition)
        }
        return node
    }
}
