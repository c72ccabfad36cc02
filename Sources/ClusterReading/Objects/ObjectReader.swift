import KubernetesClient
package import KubernetesModel
package import LocatedDocuments

/// Turns objects in JSON or YAML, as `kubectl get -o json` prints them, into records: the same that
/// `ClusterStateReader` makes of protobuf.
package struct ObjectReader: Sendable {
    package var cluster: ClusterStateReader
    let catalogue: WorkloadCatalogue
    /// What the object being read lacks.
    var causes: [ObjectProblem.Cause] = []

    package init(_ cluster: ClusterStateReader, catalogue: WorkloadCatalogue) {
        self.cluster = cluster
        self.catalogue = catalogue
    }

    var filters: RecordFilters { cluster.records.filters }

    /// Takes one object. Of a kind that is none of a cluster's costs it keeps the metadata, since it may own Pods.
    package mutating func take(_ object: LocatedNode, kind: GroupVersionKind) {
        causes.removeAll(keepingCapacity: true)
        switch kind.group.isEmpty ? kind.kind : "" {
        case "Pod": cluster.state.pods.append(pod(object))
        case "Node": cluster.state.nodes.append(node(object))
        case "Namespace": cluster.state.namespaces.append(namespace(object))
        case "PersistentVolumeClaim": cluster.state.claims.append(claim(object))
        case "PersistentVolume": cluster.state.volumes.append(volume(object))
        case "Service":
            if let service = service(object) { cluster.state.services.append(service) }
        default: takeOther(object, kind)
        }
        guard !causes.isEmpty else { return }
        let metadata = object["metadata"]
        let namespace = metadata?.text("namespace") ?? ""
        let name = metadata?.text("name") ?? ""
        for cause in causes {
            cluster.records.add(
                ObjectProblem(
                    resource: Self.resource(of: kind, catalogue),
                    object: namespace.isEmpty ? name : "\(namespace)/\(name)", cause: cause))
        }
    }

    private static let definition = GroupKind(group: "apiextensions.k8s.io", kind: "CustomResourceDefinition")

    private mutating func takeOther(_ object: LocatedNode, _ kind: GroupVersionKind) {
        if let shape = CarrierKind.table[kind.groupKind] {
            cluster.state.tagCarriers.append(carrier(object, kind: kind, as: shape))
        } else if kind.groupKind == Self.definition {
            if let pruned = SchemaPruning.prunedKind(of: object, catalogue) { cluster.state.prunedKinds.append(pruned) }
        } else {
            cluster.state.owners.append(owner(object, kind: kind))
        }
    }

    private static func resource(of kind: GroupVersionKind, _ catalogue: WorkloadCatalogue) -> String {
        guard kind.group.isEmpty else { return catalogue.kind(kind)?.resource ?? kind.groupKind.description }
        return switch kind.kind {
        case "PersistentVolumeClaim": "persistentvolumeclaims"
        case "PersistentVolume": "persistentvolumes"
        default: kind.kind.lowercased() + "s"
        }
    }

    // MARK: Metadata

    mutating func metadata(_ object: LocatedNode, _ filter: RecordFilters.Metadata) -> RecordMetadata {
        var metadata = RecordMetadata()
        guard let node = object["metadata"] else { return metadata }
        metadata.namespace = intern(node.text("namespace"))
        metadata.name = intern(node.text("name"))
        metadata.uid = cluster.records.pool.uid(node.text("uid"))
        metadata.created = time(node["creationTimestamp"])
        metadata.deleted = time(node["deletionTimestamp"])
        metadata.labels = labels(node.texts("labels"), filter.labels)
        let annotations = node.texts("annotations")
        metadata.annotations = labels(annotations, filter.annotations)
        metadata.isMirror = annotations.contains { $0.key == "kubernetes.io/config.mirror" }
        for owner in node.elements("ownerReferences") where owner["controller"]?.bool == true {
            metadata.controller = controller(owner)
        }
        return metadata
    }

    mutating func intern(_ text: String) -> StringID { cluster.records.pool.strings.intern(text) }

    mutating func labels(_ pairs: [(key: String, value: String)], _ filter: KeyFilter) -> LabelSetID {
        cluster.records.pool.labels(pairs.filter { filter.keeps($0.key) })
    }

    func time(_ node: LocatedNode?) -> ObjectTime {
        node?.string.flatMap { RFC3339.parse($0) }.map { ObjectTime(seconds: $0.seconds) } ?? .none
    }

    private mutating func controller(_ node: LocatedNode) -> ControllerReference {
        do throws(GroupVersionError) {
            let kind = try GroupVersionKind(apiVersion: node.text("apiVersion"), kind: node.text("kind"))
            let number = cluster.records.pool.kind(kind.groupKind)
            cluster.records.pool.note(version: intern(kind.version), of: number)
            return ControllerReference(
                kind: number, name: intern(node.text("name")),
                uid: cluster.records.pool.uid(node.text("uid")))
        } catch {
            causes.append(.apiVersion(error))
            return .none
        }
    }

    // MARK: Amounts

    /// Billionths; 0 for what is no amount, which becomes a problem of the object.
    mutating func nanos(_ node: LocatedNode, of resource: String) -> Int128 {
        guard let text = node.written else {
            causes.append(.quantity(resource: resource, .malformed(node.foundDescription)))
            return 0
        }
        do throws(QuantityError) {
            let nanos = try Quantity(parsing: text).nanos
            if nanos < 0 { causes.append(.negative(resource: resource)) }
            return max(0, nanos)
        } catch {
            causes.append(.quantity(resource: resource, error))
            return 0
        }
    }

    mutating func resources(_ node: LocatedNode?) -> ResourceListID {
        var amounts: [String: Int64] = [:]
        for entry in node?.mapping ?? [] {
            let nanos = nanos(entry.value, of: entry.name)
            guard nanos != 0 else { continue }
            if let amount = ResourceUnit(resource: entry.name).amount(nanos: nanos) {
                amounts[entry.name] = amount
            } else {
                causes.append(.overflow(resource: entry.name))
            }
        }
        return cluster.records.pool.resources(amounts)
    }

    /// The bytes of `storage`.
    mutating func storage(_ node: LocatedNode?) -> Int64 {
        guard let storage = node?["storage"] else { return 0 }
        let nanos = nanos(storage, of: "storage")
        guard let bytes = ResourceUnit.whole.amount(nanos: nanos) else {
            causes.append(.overflow(resource: "storage"))
            return 0
        }
        return bytes
    }

    // MARK: Owners

    mutating func owner(_ object: LocatedNode, kind: GroupVersionKind) -> OwnerRecord {
        let metadata = metadata(object, filters.owners)
        var owner = OwnerRecord(
            kind: cluster.records.pool.kind(kind.groupKind), version: intern(kind.version),
            namespace: metadata.namespace, name: metadata.name, uid: metadata.uid)
        owner.controller = metadata.controller
        owner.created = metadata.created
        owner.deleted = metadata.deleted
        owner.labels = metadata.labels
        owner.annotations = metadata.annotations
        // A kind with several templates has no one set of labels; its Pods tell theirs.
        if let templates = catalogue.kind(kind)?.templates, templates.count == 1, let location = templates.first,
            location.coverage == .whole, location.labels == .template("metadata", "labels"),
            let template = object.member(at: location.path)
        {
            owner.templateLabels = labels(template["metadata"]?.texts("labels") ?? [], filters.owners.labels)
            owner.hasTemplate = true
        }
        return owner
    }
}

extension LocatedNode {
    /// The object at a path without wildcards.
    fileprivate func member(at path: TemplatePath) -> LocatedNode? {
        var node: LocatedNode? = self
        for segment in path.segments {
            guard case .member(let name) = segment else { return nil }
            node = node?[name]
        }
        return node?.mapping == nil ? nil : node
    }
}
