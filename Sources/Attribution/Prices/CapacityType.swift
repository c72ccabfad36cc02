/// How a node's machine is paid for.
package enum CapacityType: String, Sendable, CaseIterable {
    case onDemand = "on-demand"
    /// Spare capacity that the cloud may take back: spot, preemptible.
    case spot
    /// Paid for ahead: reservations, capacity blocks.
    case reserved

    /// As the platforms label their nodes; on demand if nothing is said.
    package init(labels: (String) -> String?) {
        if let type = labels("karpenter.sh/capacity-type") {
            switch type {
            case "spot":
                self = .spot
                return
            case "reserved":
                self = .reserved
                return
            default: break
            }
        }
        switch labels("eks.amazonaws.com/capacityType") {
        case "SPOT":
            self = .spot
            return
        case "CAPACITY_BLOCK":
            self = .reserved
            return
        default: break
        }
        let isSpot =
            labels("cloud.google.com/gke-spot") == "true" || labels("cloud.google.com/gke-preemptible") == "true"
            || labels("cloud.google.com/gke-provisioning") == "spot"
            || labels("kubernetes.azure.com/scalesetpriority") == "spot"
        self = isSpot ? .spot : .onDemand
    }
}
