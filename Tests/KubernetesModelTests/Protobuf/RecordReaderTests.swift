import Foundation
import KubernetesModel
import SwiftProtobuf
import TestSupport
import Testing

/// Random objects, encoded by swift-protobuf's generated code, read back by the reader.
@Suite struct RecordReaderTests {
    private static let filters: RecordFilters = {
        let some = RecordFilters.Metadata(labels: RandomObjects.filter, annotations: .keys(["team"]))
        return RecordFilters(pods: some, owners: some, nodes: some, resources: some)
    }()

    private func state(
        _ kind: GroupVersionKind, list: String? = nil, apiVersion: String? = nil, _ items: [[UInt8]],
        metadata: Oracle_ListMeta = Oracle_ListMeta(), filters: RecordFilters = filters
    ) throws -> ClusterState {
        var reader = ClusterStateReader(filters: filters)
        let body = OracleEncoding.list(
            apiVersion ?? kind.apiVersion, list ?? kind.kind + "List", items, metadata: metadata)
        _ = try body.read(into: &reader, kind)
        return reader.finish()
    }

    @Test(arguments: 0..<40) func `any Pod is read as the oracle wrote it`(seed: UInt64) throws {
        var objects = RandomObjects(seed: seed)
        let pods = (0..<50).map { _ in objects.pod() }
        let state = try state(.core("Pod"), pods.map(OracleEncoding.bytes))
        let pool = state.pool
        #expect(state.pods.count == pods.count)
        for (record, pod) in zip(state.pods, pods) {
            #expect(pool.strings[record.name] == pod.metadata.name)
            #expect(pool.strings[record.namespace] == pod.metadata.namespace)
            #expect(pool.text(of: record.uid) == pod.metadata.uid)
            #expect(record.created.seconds == PlainReading.time(pod.metadata.creationTimestamp))
            #expect(record.deleted.seconds == PlainReading.time(pod.metadata.deletionTimestamp))
            #expect(record.started.seconds == PlainReading.time(pod.status.startTime))
            #expect(pool.dictionary(record.labels) == PlainReading.kept(pod.metadata.labels, RandomObjects.filter))
            #expect(pool.dictionary(record.annotations) == pod.metadata.annotations.filter { $0.key == "team" })
            #expect(pool.describe(record.controller) == PlainReading.controller(pod.metadata))
            #expect(record.isMirror == (pod.metadata.annotations["kubernetes.io/config.mirror"] != nil))
            #expect(pool.strings[record.node] == pod.spec.nodeName)
            #expect(record.phase == PodPhase(pod.status.phase))
            #expect(record.initialization == initialization(of: pod))
            let requests = PlainReading.requests(pod.spec)
            #expect(pool.resources(record.requests) == requests.all)
            #expect(pool.resources(record.runningRequests) == requests.running)
            #expect(pool.texts(record.volumeClaims) == claims(of: pod))
            #expect(Set(pool.texts(record.resourceClaims)) == resourceClaims(of: pod))
        }
    }

    private func initialization(of pod: Oracle_Pod) -> PodInitialization {
        let type = [0x0A, 11] + Array("Initialized".utf8)
        let condition = pod.status.conditions.last { $0.starts(with: type) }
        return condition.map {
            PodInitialization(status: String(decoding: $0.dropFirst(type.count + 2), as: UTF8.self))
        }
            ?? .unreported
    }

    private func claims(of pod: Oracle_Pod) -> [String] {
        pod.spec.volumes.compactMap { volume in
            if volume.volumeSource.hasPersistentVolumeClaim {
                volume.volumeSource.persistentVolumeClaim.claimName
            } else {
                volume.volumeSource.hasEphemeral ? "\(pod.metadata.name)-\(volume.name)" : nil
            }
        }
    }

    private func resourceClaims(of pod: Oracle_Pod) -> Set<String> {
        var names = pod.spec.resourceClaims.map(\.resourceClaimName)
        names += pod.status.resourceClaimStatuses.map(\.resourceClaimName)
        names.append(pod.status.extendedResourceClaimStatus.resourceClaimName)
        return Set(names.filter { !$0.isEmpty })
    }

    @Test(arguments: 0..<20) func `any Node is read as the oracle wrote it`(seed: UInt64) throws {
        var objects = RandomObjects(seed: seed)
        let nodes = (0..<50).map { _ in objects.node() }
        let state = try state(.core("Node"), nodes.map(OracleEncoding.bytes))
        let pool = state.pool
        #expect(state.nodes.count == nodes.count)
        for (record, node) in zip(state.nodes, nodes) {
            #expect(pool.strings[record.name] == node.metadata.name)
            #expect(pool.text(of: record.uid) == node.metadata.uid)
            #expect(pool.dictionary(record.labels) == PlainReading.kept(node.metadata.labels, RandomObjects.filter))
            #expect(pool.resources(record.capacity) == PlainReading.list(PlainReading.amounts(node.status.capacity)))
            #expect(
                pool.resources(record.allocatable) == PlainReading.list(PlainReading.amounts(node.status.allocatable)))
            #expect(pool.strings[record.providerID] == node.spec.providerID)
            #expect(record.isUnschedulable == node.spec.unschedulable)
            func first(_ keys: [String]) -> String {
                keys.lazy.compactMap { node.metadata.labels[$0] }.first ?? ""
            }
            #expect(pool.strings[record.instanceType] == first(NodeLabel.instanceType))
            #expect(pool.strings[record.zone] == first(NodeLabel.zone))
            #expect(pool.strings[record.region] == first(NodeLabel.region))
            let ready = node.status.conditions.last { $0.type == "Ready" }
            #expect(record.readiness == ready.map { NodeReadiness(status: $0.status) } ?? .unreported)
        }
    }

    @Test func `a Namespace keeps all its labels`() throws {
        var objects = RandomObjects(seed: 1)
        let items = (0..<50).map { _ in
            var item = Oracle_Object()
            item.metadata = objects.metadata()
            return item
        }
        let state = try state(.core("Namespace"), items.map(OracleEncoding.bytes))
        #expect(state.namespaces.count == items.count)
        for (record, item) in zip(state.namespaces, items) {
            #expect(state.text(record.name) == item.metadata.name)
            #expect(state.pool.dictionary(record.labels) == item.metadata.labels)
            #expect(record.deleted.seconds == PlainReading.time(item.metadata.deletionTimestamp))
        }
    }

    @Test func `a claim says what is asked for, and what there is`() throws {
        var item = Oracle_Object()
        item.metadata.namespace = "shop"
        item.metadata.name = "data-0"
        item.metadata.labels = ["team": "web", "app": "db"]
        var spec = Oracle_PersistentVolumeClaimSpec()
        spec.resources.requests["storage"] = Oracle_Quantity.with { $0.string = "10Gi" }
        spec.resources.limits["storage"] = Oracle_Quantity.with { $0.string = "20Gi" }
        spec.volumeName = "pv-1"
        spec.storageClassName = "gp3"
        var status = Oracle_PersistentVolumeClaimStatus()
        status.phase = "Bound"
        status.capacity["storage"] = Oracle_Quantity.with { $0.string = "12Gi" }
        item.spec = Data(OracleEncoding.bytes(spec))
        item.status = Data(OracleEncoding.bytes(status))
        let state = try state(.core("PersistentVolumeClaim"), [OracleEncoding.bytes(item)])
        let claim = try #require(state.claims.first)
        #expect(claim.requested == 10 << 30)
        #expect(claim.capacity == 12 << 30)
        #expect(state.text(claim.volume) == "pv-1")
        #expect(state.text(claim.storageClass) == "gp3")
        #expect(state.pool.dictionary(claim.labels) == ["team": "web"])
    }

    @Test(arguments: [
        ("csi", "ebs.csi.aws.com", "vol-1"), ("ebs", "kubernetes.io/aws-ebs", "aws://eu-west-1a/vol-2"),
        ("gce", "kubernetes.io/gce-pd", "disk-3"), ("azure", "kubernetes.io/azure-disk", "/subscriptions/4"),
        ("path", "", ""),
    ]) func `a volume says which disk it is`(source: String, driver: String, handle: String) throws {
        var spec = Oracle_PersistentVolumeSpec()
        spec.capacity["storage"] = Oracle_Quantity.with { $0.string = "10Gi" }
        spec.storageClassName = "gp3"
        spec.claimRef.namespace = "shop"
        spec.claimRef.name = "data-0"
        spec.claimRef.uid = "8f3a6a0e-98c1-4a51-8a0c-2b7f6f0d1e2c"
        switch source {
        case "csi":
            spec.persistentVolumeSource.csi.driver = driver
            spec.persistentVolumeSource.csi.volumeHandle = handle
            spec.persistentVolumeSource.csi.volumeAttributes = ["a": "b"]
        case "ebs": spec.persistentVolumeSource.awsElasticBlockStore.first = handle
        case "gce": spec.persistentVolumeSource.gcePersistentDisk.first = handle
        case "azure":
            spec.persistentVolumeSource.azureDisk.first = "name"
            spec.persistentVolumeSource.azureDisk.second = handle
        default: spec.persistentVolumeSource.hostPath = Data([1])
        }
        var item = Oracle_Object()
        item.metadata.name = "pv-1"
        item.spec = Data(OracleEncoding.bytes(spec))
        let state = try state(.core("PersistentVolume"), [OracleEncoding.bytes(item)])
        let volume = try #require(state.volumes.first)
        #expect(volume.capacity == 10 << 30)
        #expect(state.text(volume.driver) == driver)
        #expect(state.text(volume.handle) == handle)
        #expect(state.text(volume.claimNamespace) == "shop")
        #expect(state.text(volume.claimName) == "data-0")
        #expect(state.pool.text(of: volume.claimUID) == "8f3a6a0e-98c1-4a51-8a0c-2b7f6f0d1e2c")
        #expect(state.text(volume.storageClass) == "gp3")
    }

    @Test func `only load balancers are kept of the Services`() throws {
        let items = ["ClusterIP", "LoadBalancer", "", "NodePort"].map { type in
            var spec = Oracle_ServiceSpec()
            spec.type = type
            spec.selector = ["app": "web-\(type)", "pod-template-hash": "x"]
            spec.loadBalancerClass = "example.com/class"
            var status = Oracle_ServiceStatus()
            status.loadBalancer.ingress = [
                Oracle_Ingress.with { $0.ip = "192.0.2.1" }, Oracle_Ingress.with { $0.hostname = "lb.example.com" },
            ]
            var item = Oracle_Object()
            item.metadata.name = "name-\(type)"
            item.spec = Data(OracleEncoding.bytes(spec))
            item.status = Data(OracleEncoding.bytes(status))
            return OracleEncoding.bytes(item)
        }
        let state = try state(.core("Service"), items)
        #expect(state.services.map { state.text($0.name) } == ["name-LoadBalancer"])
        let service = try #require(state.services.first)
        #expect(
            state.pool.dictionary(service.selector) == ["app": "web-LoadBalancer", "pod-template-hash": "x"])
        #expect(state.pool.texts(service.addresses) == ["192.0.2.1", "lb.example.com"])
        #expect(state.text(service.loadBalancerClass) == "example.com/class")
        #expect(state.pool.strings.id(of: "name-ClusterIP") == nil)
        #expect(state.notes.isEmpty)
    }

    private static let workloads: [(GroupVersionKind, @Sendable (Oracle_PodTemplateSpec) -> [UInt8])] = [
        (.core("ReplicationController"), spec3), (apps("Deployment"), spec3), (apps("StatefulSet"), spec3),
        (apps("ReplicaSet"), spec3),
        (
            apps("DaemonSet"),
            { template in
                OracleEncoding.bytes(
                    Oracle_SpecWithTemplate2.with {
                        $0.selector = Data([9])
                        $0.template = template
                    })
            }
        ),
        (batch("Job"), { template in OracleEncoding.bytes(Oracle_JobSpec.with { $0.template = template }) }),
        (
            batch("CronJob"),
            { template in
                OracleEncoding.bytes(
                    Oracle_CronJobSpec.with {
                        $0.schedule = "@daily"
                        $0.jobTemplate.metadata.labels = ["team": "wrong"]
                        $0.jobTemplate.spec.template = template
                    })
            }
        ),
    ]

    private static func apps(_ kind: String) -> GroupVersionKind {
        GroupVersionKind(group: "apps", version: "v1", kind: kind)
    }

    private static func batch(_ kind: String) -> GroupVersionKind {
        GroupVersionKind(group: "batch", version: "v1", kind: kind)
    }

    @Sendable private static func spec3(_ template: Oracle_PodTemplateSpec) -> [UInt8] {
        OracleEncoding.bytes(
            Oracle_SpecWithTemplate3.with {
                $0.replicas = 3
                $0.template = template
            })
    }

    @Test(arguments: workloads.indices) func `a workload has its template's labels`(number: Int) throws {
        let (kind, spec) = Self.workloads[number]
        var objects = RandomObjects(seed: UInt64(number))
        var items: [Oracle_Object] = []
        var templates: [[String: String]?] = []
        for index in 0..<50 {
            var item = Oracle_Object()
            item.metadata = objects.metadata()
            var template = Oracle_PodTemplateSpec()
            if index % 5 != 0 { template.metadata = objects.metadata() }
            template.spec.containers = [objects.container()]
            if index % 7 != 0 { item.spec = Data(spec(template)) }
            items.append(item)
            templates.append(index % 7 == 0 ? nil : template.metadata.labels)
        }
        let state = try state(kind, items.map(OracleEncoding.bytes))
        #expect(state.owners.count == items.count)
        #expect(RecordReader.knowsTemplate(of: kind))
        for (record, (item, template)) in zip(state.owners, zip(items, templates)) {
            #expect(state.pool[record.kind] == kind.groupKind)
            #expect(state.text(record.version) == "v1")
            #expect(state.text(record.name) == item.metadata.name)
            #expect(state.pool.describe(record.controller) == PlainReading.controller(item.metadata))
            #expect(record.hasTemplate == (template != nil))
            #expect(
                state.pool.dictionary(record.templateLabels)
                    == PlainReading.kept(template ?? [:], RandomObjects.filter))
            #expect(
                state.pool.dictionary(record.labels)
                    == PlainReading.kept(item.metadata.labels, RandomObjects.filter))
        }
    }

    @Test func `metadata alone makes an owner of any kind`() throws {
        var objects = RandomObjects(seed: 3)
        let items = (0..<50).map { _ in
            var item = Oracle_Object()
            item.metadata = objects.metadata()
            return item
        }
        let kind = GroupVersionKind(group: "ray.io", version: "v1", kind: "RayCluster")
        let state = try state(
            kind, list: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", items.map(OracleEncoding.bytes))
        #expect(state.owners.count == items.count)
        for (record, item) in zip(state.owners, items) {
            #expect(state.pool[record.kind] == kind.groupKind)
            #expect(state.text(record.namespace) == item.metadata.namespace)
            #expect(!record.hasTemplate)
        }
    }

    @Test func `an object's head is what its metadata says`() throws {
        var objects = RandomObjects(seed: 4)
        for _ in 0..<200 {
            let pod = objects.pod()
            let head = try OracleEncoding.bytes(pod).withUnsafeBytes {
                try ObjectHead(protobuf: $0, labels: RandomObjects.filter, annotations: .keys(["team"]))
            }
            #expect(head.name == pod.metadata.name)
            #expect(head.namespace == pod.metadata.namespace)
            #expect(head.uid == pod.metadata.uid)
            #expect(head.resourceVersion == pod.metadata.resourceVersion)
            #expect(head.created.seconds == PlainReading.time(pod.metadata.creationTimestamp))
            #expect(head.deleted.seconds == PlainReading.time(pod.metadata.deletionTimestamp))
            #expect(head.labels == PlainReading.kept(pod.metadata.labels, RandomObjects.filter))
            #expect(head.annotations == pod.metadata.annotations.filter { $0.key == "team" })
            let owner = pod.metadata.ownerReferences.first { $0.controller }
            #expect(head.controller?.apiVersion == owner?.apiVersion)
            #expect(head.controller?.kind == owner?.kind)
            #expect(head.controller?.name == owner?.name)
            #expect(head.controller?.uid == owner?.uid)
        }
    }
}
