package import KubernetesModel

/// Makes a `ClusterState` object by object, in the words of the records.
package struct ClusterBuilder {
    package var state: ClusterState
    private var uids: UInt64 = 0

    package init(cluster: String = "test", observedAt: Int64 = 1_800_000_000) {
        state = ClusterState(cluster: cluster, observedAt: ObjectTime(seconds: observedAt))
    }

    /// A UID that no other object of this builder has.
    package mutating func nextUID() -> String {
        uids += 1
        let digits = String(uids, radix: 16)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    package mutating func intern(_ text: String) -> StringID { state.pool.strings.intern(text) }

    private mutating func labels(_ labels: [String: String]) -> LabelSetID {
        state.pool.labels(labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// A reference such as the object made by `owner` can be controlled by.
    package mutating func reference(group: String, kind: String, name: String, uid: String) -> ControllerReference {
        ControllerReference(
            kind: state.pool.kind(GroupKind(group: group, kind: kind)), name: intern(name), uid: state.pool.uid(uid))
    }

    package mutating func namespace(_ name: String, labels: [String: String] = [:]) {
        var record = NamespaceRecord(name: intern(name), uid: state.pool.uid(nextUID()))
        record.labels = self.labels(labels)
        state.namespaces.append(record)
    }

    /// - Parameter capacity: in millicores, bytes and units. Allocatable is the same unless given.
    package mutating func node(
        _ name: String, labels: [String: String] = [:], annotations: [String: String] = [:],
        capacity: [String: Int64] = [:], allocatable: [String: Int64]? = nil, providerID: String = ""
    ) {
        var record = NodeRecord(name: intern(name), uid: state.pool.uid(nextUID()))
        record.labels = self.labels(labels)
        record.annotations = self.labels(annotations)
        record.capacity = state.pool.resources(capacity)
        record.allocatable = state.pool.resources(allocatable ?? capacity)
        record.providerID = intern(providerID)
        record.instanceType = first(NodeLabel.instanceType, in: labels)
        record.zone = first(NodeLabel.zone, in: labels)
        record.region = first(NodeLabel.region, in: labels)
        record.readiness = .ready
        state.nodes.append(record)
    }

    private mutating func first(_ keys: [String], in labels: [String: String]) -> StringID {
        keys.lazy.compactMap { labels[$0] }.first.map { intern($0) } ?? .empty
    }

    /// - Returns: the reference by which another object names this one as its controller.
    @discardableResult
    package mutating func owner(
        group: String = "apps", version: String = "v1", kind: String, namespace: String, name: String,
        labels: [String: String] = [:], templateLabels: [String: String]? = nil,
        controller: ControllerReference = .none, uid: String? = nil
    ) -> ControllerReference {
        let reference = reference(group: group, kind: kind, name: name, uid: uid ?? nextUID())
        var record = OwnerRecord(
            kind: reference.kind, version: intern(version), namespace: intern(namespace), name: reference.name,
            uid: reference.uid)
        record.labels = self.labels(labels)
        record.templateLabels = self.labels(templateLabels ?? [:])
        record.hasTemplate = templateLabels != nil
        record.controller = controller
        state.owners.append(record)
        return reference
    }

    /// - Parameter requests: in millicores, bytes and units.
    package mutating func pod(
        _ name: String, namespace: String, node: String = "", labels: [String: String] = [:],
        requests: [String: Int64] = [:], controller: ControllerReference = .none, phase: PodPhase = .running,
        volumeClaims: [String] = []
    ) {
        var record = PodRecord(
            namespace: intern(namespace), name: intern(name), uid: state.pool.uid(nextUID()))
        record.node = intern(node)
        record.labels = self.labels(labels)
        record.requests = state.pool.resources(requests)
        record.runningRequests = record.requests
        record.controller = controller
        record.phase = phase
        let claims = volumeClaims.map { intern($0) }
        record.volumeClaims = state.pool.names(claims)
        state.pods.append(record)
    }
}
