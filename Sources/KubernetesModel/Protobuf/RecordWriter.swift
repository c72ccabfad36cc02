/// Writes records as reduced objects in Kubernetes' protobuf: what `RecordReader` reads, under the same field numbers,
/// and nothing else. Reading them back with a filter that keeps everything gives the same records.
///
/// Where a record says less than the object did, the reduced object says the same in another way: effective requests
/// stand as one container's (and the peak of the init containers as one of these), a controller's version is `v1`.
package struct RecordWriter: Sendable {
    private let pool: RecordPool

    package init(_ pool: RecordPool) { self.pool = pool }

    // MARK: - Objects, appended to what the writer holds

    package func write(_ pod: PodRecord, to writer: inout WireWriter) {
        var metadata = Metadata(pod.namespace, pod.name, pod.uid, pod.labels, pod.annotations)
        metadata.created = pod.created
        metadata.deleted = pod.deleted
        metadata.controller = pod.controller
        metadata.isMirror = pod.isMirror
        start(metadata, &writer)
        writer.message(2) { spec in
            for claim in pool[pod.volumeClaims] {
                spec.message(1) { volume in
                    volume.message(2) { source in source.message(10) { text(1, claim, &$0) } }
                }
            }
            if !pod.runningRequests.isEmpty {
                spec.message(2) { container in container.message(8) { resources(2, pod.runningRequests, &$0) } }
            }
            text(10, pod.node, &spec)
            if pod.requests != pod.runningRequests {
                spec.message(20) { container in container.message(8) { resources(2, pod.requests, &$0) } }
            }
            for (number, claim) in pool[pod.resourceClaims].enumerated() {
                spec.message(39) { entry in
                    entry.text(1, String(number))
                    text(3, claim, &entry)
                }
            }
        }
        writer.message(3) { status in
            if pod.phase != .unknown { status.text(1, pod.phase.text) }
            if let initialized = pod.initialization.text {
                status.message(2) { condition in
                    condition.text(1, PodInitialization.condition)
                    condition.text(2, initialized)
                }
            }
            time(7, pod.started, &status)
        }
    }

    package func write(_ node: NodeRecord, to writer: inout WireWriter) {
        var metadata = Metadata(.empty, node.name, node.uid, node.labels, node.annotations)
        metadata.created = node.created
        metadata.deleted = node.deleted
        metadata.added = [
            (NodeLabel.instanceType, node.instanceType), (NodeLabel.zone, node.zone), (NodeLabel.region, node.region),
        ].compactMap { keys, value in
            let isThere = keys.contains { pool.label($0, in: node.labels) != nil }
            return isThere || value.isEmpty ? nil : keys.first.map { ($0, pool.strings[value]) }
        }
        start(metadata, &writer)
        writer.message(2) { spec in
            text(3, node.providerID, &spec)
            if node.isUnschedulable { spec.varint(4, 1) }
        }
        writer.message(3) { status in
            resources(1, node.capacity, &status)
            resources(2, node.allocatable, &status)
            if let readiness = node.readiness.text {
                status.message(4) { condition in
                    condition.text(1, "Ready")
                    condition.text(2, readiness)
                }
            }
        }
    }

    package func write(_ namespace: NamespaceRecord, to writer: inout WireWriter) {
        var metadata = Metadata(.empty, namespace.name, namespace.uid, namespace.labels, namespace.annotations)
        metadata.created = namespace.created
        metadata.deleted = namespace.deleted
        start(metadata, &writer)
    }

    package func write(_ claim: ClaimRecord, to writer: inout WireWriter) {
        var metadata = Metadata(claim.namespace, claim.name, claim.uid, claim.labels, claim.annotations)
        metadata.created = claim.created
        metadata.deleted = claim.deleted
        metadata.controller = claim.controller
        start(metadata, &writer)
        writer.message(2) { spec in
            spec.message(2) { storage(2, claim.requested, &$0) }
            text(3, claim.volume, &spec)
            text(5, claim.storageClass, &spec)
        }
        writer.message(3) { storage(3, claim.capacity, &$0) }
    }

    package func write(_ volume: VolumeRecord, to writer: inout WireWriter) {
        var metadata = Metadata(.empty, volume.name, volume.uid, volume.labels, volume.annotations)
        metadata.created = volume.created
        metadata.deleted = volume.deleted
        start(metadata, &writer)
        writer.message(2) { spec in
            storage(1, volume.capacity, &spec)
            spec.message(2) { source in
                source.message(22) { csi in
                    text(1, volume.driver, &csi)
                    text(2, volume.handle, &csi)
                }
            }
            spec.message(4) { claim in
                text(2, volume.claimNamespace, &claim)
                text(3, volume.claimName, &claim)
                uid(4, volume.claimUID, &claim)
            }
            text(6, volume.storageClass, &spec)
        }
    }

    package func write(_ service: ServiceRecord, to writer: inout WireWriter) {
        var metadata = Metadata(service.namespace, service.name, service.uid, service.labels, service.annotations)
        metadata.created = service.created
        metadata.deleted = service.deleted
        metadata.controller = service.controller
        start(metadata, &writer)
        writer.message(2) { spec in
            labels(2, service.selector, &spec)
            spec.text(4, "LoadBalancer")
            text(21, service.loadBalancerClass, &spec)
        }
        writer.message(3) { status in
            status.message(1) { balancer in
                for address in pool[service.addresses] { balancer.message(1) { text(1, address, &$0) } }
            }
        }
    }

    /// See `RecordReader.reducedOwner`: the template stands in field 2, whatever the kind.
    package func write(_ owner: OwnerRecord, to writer: inout WireWriter) {
        var metadata = Metadata(owner.namespace, owner.name, owner.uid, owner.labels, owner.annotations)
        metadata.created = owner.created
        metadata.deleted = owner.deleted
        metadata.controller = owner.controller
        start(metadata, &writer)
        if owner.hasTemplate {
            writer.message(2) { template in template.message(1) { labels(11, owner.templateLabels, &$0) } }
        }
    }

    /// See `RecordReader.tagCarrier`.
    package func write(_ carrier: TagCarrierRecord, to writer: inout WireWriter) {
        var metadata = Metadata(carrier.namespace, carrier.name, carrier.uid, carrier.labels, carrier.annotations)
        metadata.controller = carrier.controller
        start(metadata, &writer)
        labels(2, carrier.tags, &writer)
        labels(3, carrier.nodeLabels, &writer)
        if !carrier.reference.isNone { writer.message(4) { reference(carrier.reference, &$0) } }
        text(5, carrier.providerID, &writer)
        text(6, carrier.cloudName, &writer)
    }

    // MARK: - Parts

    private struct Metadata {
        let namespace: StringID
        let name: StringID
        let uid: ObjectUID
        let labels: LabelSetID
        let annotations: LabelSetID
        var created = ObjectTime.none
        var deleted = ObjectTime.none
        var controller = ControllerReference.none
        var isMirror = false
        /// Labels beside `labels`.
        var added: [(String, String)] = []

        init(
            _ namespace: StringID, _ name: StringID, _ uid: ObjectUID, _ labels: LabelSetID, _ annotations: LabelSetID
        ) {
            self.namespace = namespace
            self.name = name
            self.uid = uid
            self.labels = labels
            self.annotations = annotations
        }
    }

    /// Begins an object with its ObjectMeta.
    private func start(_ metadata: Metadata, _ writer: inout WireWriter) {
        writer.message(1) { message in
            text(1, metadata.name, &message)
            text(3, metadata.namespace, &message)
            uid(5, metadata.uid, &message)
            time(8, metadata.created, &message)
            time(9, metadata.deleted, &message)
            labels(11, metadata.labels, &message)
            for (key, value) in metadata.added { pair(11, key, value, &message) }
            labels(12, metadata.annotations, &message)
            if metadata.isMirror, pool.label(RecordReader.mirrorAnnotation, in: metadata.annotations) == nil {
                pair(12, RecordReader.mirrorAnnotation, "", &message)
            }
            if !metadata.controller.isNone { message.message(13) { reference(metadata.controller, &$0) } }
        }
    }

    /// An absent text is the empty one.
    private func text(_ field: UInt32, _ id: StringID, _ message: inout WireWriter) {
        guard !id.isEmpty else { return }
        pool.strings.withUTF8(id) { message.data(field, UnsafeRawBufferPointer($0)) }
    }

    private func uid(_ field: UInt32, _ uid: ObjectUID, _ message: inout WireWriter) {
        if !uid.isNone { message.text(field, pool.text(of: uid)) }
    }

    private func time(_ field: UInt32, _ time: ObjectTime, _ message: inout WireWriter) {
        guard let seconds = time.seconds else { return }
        message.message(field) { $0.varint(1, UInt64(bitPattern: seconds)) }
    }

    private func reference(_ controller: ControllerReference, _ message: inout WireWriter) {
        let kind = pool[controller.kind]
        message.text(1, kind.kind)
        text(3, controller.name, &message)
        uid(4, controller.uid, &message)
        message.text(5, GroupVersion(group: kind.group, version: pool.version(of: controller.kind) ?? "v1").description)
        message.varint(6, 1)
    }

    private func labels(_ field: UInt32, _ id: LabelSetID, _ message: inout WireWriter) {
        for label in pool.labelSets[id] {
            message.message(field) { entry in
                text(1, label.key, &entry)
                text(2, label.value, &entry)
            }
        }
    }

    private func pair(_ field: UInt32, _ key: String, _ value: String, _ message: inout WireWriter) {
        message.message(field) { entry in
            entry.text(1, key)
            entry.text(2, value)
        }
    }

    private func resources(_ field: UInt32, _ id: ResourceListID, _ message: inout WireWriter) {
        for amount in pool.resourceLists[id] {
            message.message(field) { entry in
                text(1, amount.name, &entry)
                let suffix = amount.name == RecordPool.WellKnown.cpu ? "m" : ""
                entry.message(2) { $0.text(1, "\(amount.amount)\(suffix)") }
            }
        }
    }

    private func storage(_ field: UInt32, _ bytes: Int64, _ message: inout WireWriter) {
        message.message(field) { entry in
            entry.text(1, "storage")
            entry.message(2) { $0.text(1, String(bytes)) }
        }
    }
}

extension PodPhase {
    fileprivate var text: String {
        switch self {
        case .unknown: "Unknown"
        case .pending: "Pending"
        case .running: "Running"
        case .succeeded: "Succeeded"
        case .failed: "Failed"
        }
    }
}

extension NodeReadiness {
    /// Of the condition; nothing if there is none.
    fileprivate var text: String? {
        switch self {
        case .unreported: nil
        case .ready: "True"
        case .notReady: "False"
        case .unknown: "Unknown"
        }
    }
}
