import KubernetesModel
import LocatedDocuments

extension ObjectReader {
    mutating func namespace(_ object: LocatedNode) -> NamespaceRecord {
        let metadata = metadata(object, filters.namespaces)
        var namespace = NamespaceRecord(name: metadata.name, uid: metadata.uid)
        namespace.created = metadata.created
        namespace.deleted = metadata.deleted
        namespace.labels = metadata.labels
        namespace.annotations = metadata.annotations
        return namespace
    }

    mutating func node(_ object: LocatedNode) -> NodeRecord {
        let metadata = metadata(object, filters.nodes)
        var node = NodeRecord(name: metadata.name, uid: metadata.uid)
        node.created = metadata.created
        node.deleted = metadata.deleted
        node.labels = metadata.labels
        node.annotations = metadata.annotations
        let labels = object["metadata"]?["labels"]
        node.instanceType = first(NodeLabel.instanceType, in: labels)
        node.zone = first(NodeLabel.zone, in: labels)
        node.region = first(NodeLabel.region, in: labels)
        node.providerID = intern(object["spec"]?.text("providerID") ?? "")
        node.isUnschedulable = object.member("spec", "unschedulable")?.bool ?? false
        node.capacity = resources(object.member("status", "capacity"))
        node.allocatable = resources(object.member("status", "allocatable"))
        for condition in object["status"]?.elements("conditions") ?? [] where condition.text("type") == "Ready" {
            node.readiness = NodeReadiness(status: condition.text("status"))
        }
        return node
    }

    private mutating func first(_ keys: [String], in labels: LocatedNode?) -> StringID {
        guard let value = keys.lazy.compactMap({ labels?[$0]?.string }).first else { return .empty }
        return intern(value)
    }

    mutating func claim(_ object: LocatedNode) -> ClaimRecord {
        let metadata = metadata(object, filters.resources)
        var claim = ClaimRecord(namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
        claim.controller = metadata.controller
        claim.created = metadata.created
        claim.deleted = metadata.deleted
        claim.labels = metadata.labels
        claim.annotations = metadata.annotations
        claim.requested = storage(object.member("spec", "resources", "requests"))
        claim.capacity = storage(object.member("status", "capacity"))
        claim.storageClass = intern(object["spec"]?.text("storageClassName") ?? "")
        claim.volume = intern(object["spec"]?.text("volumeName") ?? "")
        return claim
    }

    mutating func volume(_ object: LocatedNode) -> VolumeRecord {
        let metadata = metadata(object, filters.resources)
        var volume = VolumeRecord(name: metadata.name, uid: metadata.uid)
        volume.created = metadata.created
        volume.deleted = metadata.deleted
        volume.labels = metadata.labels
        volume.annotations = metadata.annotations
        guard let spec = object["spec"] else { return volume }
        volume.capacity = storage(spec["capacity"])
        volume.storageClass = intern(spec.text("storageClassName"))
        if let claim = spec["claimRef"] {
            volume.claimNamespace = intern(claim.text("namespace"))
            volume.claimName = intern(claim.text("name"))
            volume.claimUID = cluster.records.pool.uid(claim.text("uid"))
        }
        for source in Self.sources {
            guard let found = spec[source.member] else { continue }
            volume.driver = intern(source.driver ?? found.text("driver"))
            volume.handle = intern(found.text(source.handle))
        }
        return volume
    }

    /// Where a volume says what it is on: CSI, and of the kinds that were built in before, those of the large clouds,
    /// under their provisioners' names.
    private static let sources: [(member: String, driver: String?, handle: String)] = [
        ("gcePersistentDisk", "kubernetes.io/gce-pd", "pdName"),
        ("awsElasticBlockStore", "kubernetes.io/aws-ebs", "volumeID"),
        ("azureDisk", "kubernetes.io/azure-disk", "diskURI"),
        ("csi", nil, "volumeHandle"),
    ]

    /// Nothing for a Service of another type than LoadBalancer.
    mutating func service(_ object: LocatedNode) -> ServiceRecord? {
        guard let spec = object["spec"], spec.text("type") == "LoadBalancer" else { return nil }
        let metadata = metadata(object, filters.resources)
        var service = ServiceRecord(namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
        service.controller = metadata.controller
        service.created = metadata.created
        service.deleted = metadata.deleted
        service.labels = metadata.labels
        service.annotations = metadata.annotations
        service.selector = labels(spec.texts("selector"), .everything)
        service.loadBalancerClass = intern(spec.text("loadBalancerClass"))
        var addresses: [StringID] = []
        for ingress in object.member("status", "loadBalancer")?.elements("ingress") ?? [] {
            for name in ["ip", "hostname"] {
                let text = ingress.text(name)
                if !text.isEmpty { addresses.append(intern(text)) }
            }
        }
        service.addresses = cluster.records.pool.names(addresses)
        return service
    }
}
