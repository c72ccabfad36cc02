import KubernetesModel

/// Something that makes an allocation less than certain. None of them stops it: the sums still hold.
package enum AllocationProblem: Sendable, Hashable, CustomStringConvertible {
    /// Why the idle part of a node would be below zero.
    package enum NegativeIdle: Sendable, Hashable {
        /// Pods ask for more than is allocatable: bound past the scheduler, or the node shrank under them.
        case requests
        /// What Pods ask for fits, and what they use does not.
        case usage
        /// The node does not offer the resource at all: a device plugin that is down, a GPU that failed.
        case notOffered
        /// The node says that more is allocatable than there is.
        case allocatableAboveCapacity

        var explanation: String {
            switch self {
            case .requests:
                "Pods were bound past the scheduler or the node shrank under them: look for `nodeName` in templates"
            case .usage: "Pods use what is reserved for the system: raise their requests"
            case .notOffered: "its device plugin is down or the device failed: look at the node's capacity"
            case .allocatableAboveCapacity: "the kubelet reports more allocatable than capacity: restart it"
            }
        }
    }

    case price(node: String, PriceProblem)
    /// The node reports no capacity; its price stays undivided.
    case noCapacity(node: String)
    /// The node reports more than any machine has; its price stays undivided.
    case absurdCapacity(node: String)
    /// The bases weigh nothing of what the node has; its price stays undivided.
    case weightless(node: String)
    /// By how much the Pods' amounts exceed what there is. Each pays its part of the resource; nothing is idle.
    case negativeIdle(node: String, SplitResource, excess: UInt64, NegativeIdle)
    /// The machine has more GPUs than the node offers; the rest counts as reserved.
    case gpusNotOffered(node: String, machine: Int64, offered: UInt64)
    /// Pods are bound to a node that is not in the state; they cost nothing here.
    case unknownNode(String, pods: Int)
    /// Two nodes have one name: the same file twice. The first counts.
    case duplicateNode(String)
    /// Two Pods have one UID: the same file twice. The first counts.
    case duplicateUID(pod: String)
    /// No rate is known for the volume, or its capacity is absurd.
    case unpricedVolume(String)
    case unpricedLoadBalancer(String)
    /// Below zero, or beyond 63 bits.
    case absurdExternalCost(String, Money)
    /// GPUs that are claimed through dynamic resource allocation are not in any request.
    case claimedDevices(pods: Int)

    package var description: String {
        switch self {
        case .price(let node, let problem): "node \(node.quotation): \(problem)"
        case .noCapacity(let node):
            "node \(node.quotation) reports no capacity, so its price stays undivided: look at its kubelet"
        case .absurdCapacity(let node):
            "node \(node.quotation) reports a capacity no machine has, so its price stays undivided: look at its kubelet"
        case .weightless(let node):
            "node \(node.quotation) has nothing that the split's bases weigh, so its price stays undivided: set other bases"
        case .negativeIdle(let node, let resource, let excess, let cause):
            "node \(node.quotation): its Pods hold \(excess)\(resource.unit) of \(resource.rawValue) more than there is: "
                + cause.explanation
        case .gpusNotOffered(let node, let machine, let offered):
            "node \(node.quotation): its machine has \(machine) GPUs and the node offers \(offered): look at its device plugin"
        case .unknownNode(let node, let pods):
            "\(pods) Pods are bound to node \(node.quotation), which is not there; they cost nothing here"
        case .duplicateNode(let node):
            "node \(node.quotation) stands twice in the state and is counted once: was a file given twice?"
        case .duplicateUID(let pod):
            "Pod \(pod.quotation) has the UID of another and is counted once: was a file given twice?"
        case .unpricedVolume(let volume):
            "no price is known for volume \(volume.quotation): add its class to `storage` of a Pricing document"
        case .unpricedLoadBalancer(let service):
            "no price is known for load balancer \(service.quotation): set `loadBalancerPerHour` in a Pricing document"
        case .absurdExternalCost(let name, let cost):
            "the external cost \(name.quotation) of \(cost) an hour is left out: give an amount that is not negative"
        case .claimedDevices(let pods):
            "\(pods) Pods claim devices (dynamic resource allocation), which carry no share of their node's GPU cost yet"
        }
    }
}
