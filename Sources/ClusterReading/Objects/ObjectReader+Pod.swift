import KubernetesModel
import LocatedDocuments

extension ObjectReader {
    mutating func pod(_ object: LocatedNode) -> PodRecord {
        let metadata = metadata(object, filters.pods)
        var pod = PodRecord(namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
        pod.controller = metadata.controller
        pod.created = metadata.created
        pod.deleted = metadata.deleted
        pod.labels = metadata.labels
        pod.annotations = metadata.annotations
        pod.isMirror = metadata.isMirror
        let spec = object["spec"]
        let status = object["status"]
        pod.node = intern(spec?.text("nodeName") ?? "")
        pod.phase = PodPhase(status?.text("phase") ?? "")
        for condition in status?.elements("conditions") ?? []
        where condition.text("type") == PodInitialization.condition {
            pod.initialization = PodInitialization(status: condition.text("status"))
        }
        pod.started = time(status?["startTime"])
        (pod.requests, pod.runningRequests) = requests(spec)
        pod.volumeClaims = names(volumeClaims(spec, of: metadata.name))
        pod.resourceClaims = names(resourceClaims(spec, status))
        return pod
    }

    private mutating func names(_ texts: [String]) -> NameListID {
        var names: [StringID] = []
        for text in texts { names.append(intern(text)) }
        return cluster.records.pool.names(names)
    }

    // MARK: Requests

    /// The scheduler's sum, and what stays of it once the init containers have run.
    private mutating func requests(_ spec: LocatedNode?) -> (ResourceListID, ResourceListID) {
        guard let spec else { return (.empty, .empty) }
        var sum = PodRequestSum()
        for container in spec.elements("containers") {
            add(container["resources"], orLimits: true, to: &sum, for: .container)
        }
        for container in spec.elements("initContainers") {
            let isSidecar = container.text("restartPolicy") == "Always"
            add(container["resources"], orLimits: true, to: &sum, for: isSidecar ? .sidecar : .initContainer)
        }
        add(spec["overhead"]?.mapping ?? [], to: &sum, for: .overhead)
        let whole = spec.member("resources", "requests")?.mapping ?? []
        add(whole.filter { PodRequestSum.isPodLevel($0.name) }, to: &sum, for: .wholePod)
        var overflows: [StringID] = []
        var scratch: [ResourceAmount] = []
        let lists = sum.finish(in: &cluster.records.pool, scratch: &scratch) { overflows.append($0) }
        for name in overflows { causes.append(.overflow(resource: cluster.records.pool.strings[name])) }
        return lists
    }

    /// A limit counts for a resource that has no request.
    private mutating func add(
        _ resources: LocatedNode?, orLimits: Bool, to sum: inout PodRequestSum, for part: PodRequestSum.Part
    ) {
        let requests = resources?["requests"]?.mapping ?? []
        add(requests, to: &sum, for: part)
        guard orLimits else { return }
        let limits = resources?["limits"]?.mapping ?? []
        add(limits.filter { limit in !requests.contains { $0.name == limit.name } }, to: &sum, for: part)
    }

    private mutating func add(
        _ entries: [LocatedEntry], to sum: inout PodRequestSum, for part: PodRequestSum.Part
    ) {
        for entry in entries {
            let nanos = nanos(entry.value, of: entry.name)
            sum.add(nanos, of: intern(entry.name), for: part)
        }
    }

    // MARK: Claims

    /// PersistentVolumeClaims; one of an ephemeral volume is named after the Pod and the volume.
    private func volumeClaims(_ spec: LocatedNode?, of pod: StringID) -> [String] {
        let name = cluster.records.pool.strings[pod]
        return (spec?.elements("volumes") ?? []).compactMap { volume in
            if let claim = volume["persistentVolumeClaim"] { return claim.text("claimName") }
            return volume["ephemeral"] == nil ? nil : "\(name)-\(volume.text("name"))"
        }
    }

    /// An entry of the spec names its claim, or its status does once the claim is made.
    private func resourceClaims(_ spec: LocatedNode?, _ status: LocatedNode?) -> [String] {
        let made = status?.elements("resourceClaimStatuses") ?? []
        var claims = (spec?.elements("resourceClaims") ?? []).map { entry -> String in
            let named = entry.text("resourceClaimName")
            if !named.isEmpty { return named }
            return made.first { $0.text("name") == entry.text("name") }?.text("resourceClaimName") ?? ""
        }
        claims.append(status?.member("extendedResourceClaimStatus")?.text("resourceClaimName") ?? "")
        return claims.filter { !$0.isEmpty }
    }
}
