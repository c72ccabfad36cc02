import FuzzSupport
import KubernetesModel

/// One execution: the first byte chooses a kind, the rest is a list of it, and also one object, a watch's frame, a
/// status and an envelope.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProtobuf(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let bytes = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    let kind = kinds[Int(choice) % kinds.count]
    checkList(bytes, kind, isPartial: choice & 0x80 != 0)
    checkItems(bytes)
    checkHead(bytes)
    checkFrame(bytes)
    _ = try? StatusMessage(protobuf: bytes)
    _ = try? ProtobufEnvelope(bytes)
    return 0
}

private let kinds = [
    ("", "Pod"), ("", "Node"), ("", "Namespace"), ("", "PersistentVolumeClaim"), ("", "PersistentVolume"),
    ("", "Service"), ("", "ReplicationController"), ("apps", "Deployment"), ("apps", "DaemonSet"), ("batch", "CronJob"),
    ("acme.io", "Anything"),
].map { GroupVersionKind(group: $0.0, version: "v1", kind: $0.1) }

private let filters: RecordFilters = {
    let some = RecordFilters.Metadata(labels: .keys(["team"], prefixes: ["a"]), annotations: .everything)
    return RecordFilters(pods: some, owners: some, nodes: some, resources: some)
}()

private func checkList(_ bytes: UnsafeRawBufferPointer, _ kind: GroupVersionKind, isPartial: Bool) {
    var writer = WireWriter()
    writer.append(raw: ProtobufEnvelope.magic)
    writer.message(1) { type in
        type.text(1, isPartial ? "meta.k8s.io/v1" : kind.apiVersion)
        type.text(2, isPartial ? "PartialObjectMetadataList" : kind.kind + "List")
    }
    writer.data(2, bytes)
    let first = read(writer.bytes, kind)
    let second = read(writer.bytes, kind)
    require(first.problems == second.problems, "reading is the same every time")
    let state = first.state
    require(state.pods == second.state.pods && state.nodes == second.state.nodes, "records are the same every time")
    require(state.owners == second.state.owners, "owners are the same every time")
    let records =
        state.pods.count + state.nodes.count + state.namespaces.count + state.claims.count + state.volumes.count
        + state.services.count + state.owners.count
    var items = 0
    let whole = try? bytes.withItems { _ in items += 1 }
    // Of Services only the load balancers are kept.
    require(records <= items, "no more records than items")
    require((whole != nil) == first.isWhole, "a list is whole or it is not")
    require(state.pool.strings.byteCount <= 4 * bytes.count + 1024, "the pool is bounded by what was read")
    for pod in state.pods { check(pod, state.pool) }
    for node in state.nodes {
        check(node.capacity, state.pool)
        check(node.allocatable, state.pool)
    }
    for owner in state.owners { check(owner.labels, state.pool) }
    let index = ClusterIndex(state)
    require(index.rootOfPod.allSatisfy { index.workloadRoots.indices.contains($0) }, "every Pod has a root")
}

private func read(_ body: [UInt8], _ kind: GroupVersionKind) -> (state: ClusterState, isWhole: Bool, problems: Int) {
    var reader = ClusterStateReader(filters: filters)
    let isWhole = (try? body.withUnsafeBytes { try reader.read(list: $0, of: kind) }) != nil
    let problems = reader.problems.count
    return (reader.finish(), isWhole, problems)
}

private func check(_ pod: PodRecord, _ pool: RecordPool) {
    check(pod.requests, pool)
    check(pod.labels, pool)
    require((pod.deleted.isNone) == (pod.deleted.seconds == nil), "a time is one or none")
    for amount in pool.resourceLists[pod.runningRequests] {
        let most = pool.resourceLists[pod.requests].first { $0.name == amount.name }?.amount
        // A sum that overflowed is left out of the whole.
        require(most.map { $0 >= amount.amount } ?? true, "running, a Pod holds no more than at its peak")
    }
}

private func check(_ list: ResourceListID, _ pool: RecordPool) {
    let amounts = pool.resourceLists[list]
    require(amounts.allSatisfy { $0.amount > 0 }, "amounts are more than nothing")
    require(Set(amounts.map(\.name)).count == amounts.count, "a resource stands once")
}

private func check(_ labels: LabelSetID, _ pool: RecordPool) {
    for (key, value) in pool.labels(labels) {
        require(key == "team" || key.utf8.first == UInt8(ascii: "a"), "what the filter leaves out is not kept")
        require(pool.label(key, in: labels) != nil || value.isEmpty || key.contains("\u{FFFD}"), "a label is found")
    }
}

/// Items against the reference.
private func checkItems(_ bytes: UnsafeRawBufferPointer) {
    var items: [[UInt8]] = []
    var metadata: ListMetadata?
    do { metadata = try bytes.withItems { items.append($0) } } catch {
        require((0...bytes.count).contains(error.offset), "an error is in bounds")
        require(!error.description.contains("\n"), "an error is one line")
    }
    let reference = WireReference(bytes)
    guard let reference, let lists = reference.messages(1) else {
        require(metadata == nil, "what is no message is no list")
        return
    }
    require(items == reference.all(2), "the items are those of the message")
    let parts = lists.flatMap(\.fields)
    let all = WireReference(fields: parts)
    require(metadata?.resourceVersion == all.text(2), "the list's version is the one it says")
    require(metadata?.continueToken == all.text(3), "the next page is the one it says")
    require(
        metadata?.remainingItemCount == all.integer(4).map { Int64(bitPattern: $0) }, "the count is the one it says")
}

/// An object's head against the reference: what stands twice is merged, which is to read one after the other.
private func checkHead(_ bytes: UnsafeRawBufferPointer) {
    let head = try? ObjectHead(protobuf: bytes, labels: .everything)
    guard let parts = WireReference(bytes)?.messages(1) else {
        require(head == nil, "what is no message has no head")
        return
    }
    let metadata = WireReference(fields: parts.flatMap(\.fields))
    guard let labels = metadata.messages(11), metadata.messages(12) != nil, let owners = metadata.messages(13),
        let created = metadata.messages(8), metadata.messages(9) != nil
    else {
        require(head == nil, "a part that is no message spoils the head")
        return
    }
    require(head != nil, "what is sound is read")
    guard let head else { return }
    require(head.name == metadata.text(1), "the name")
    require(head.namespace == metadata.text(3), "the namespace")
    require(head.uid == metadata.text(5), "the UID")
    require(head.resourceVersion == metadata.text(6), "the version")
    var expected: [String: String] = [:]
    for label in labels { expected[label.text(1)] = label.text(2) }
    require(head.labels == expected, "the labels")
    let controllers = owners.filter { $0.integer(6) ?? 0 != 0 }
    require(head.controller?.uid == controllers.last?.text(4), "the controller")
    let seconds = created.last?.integer(1).map { Int64(bitPattern: $0) }
    require(head.created.seconds == (seconds == .min ? nil : seconds), "the time")
}

private func checkFrame(_ bytes: UnsafeRawBufferPointer) {
    guard let frame = try? WatchFrame(bytes) else { return }
    require(frame.object.raw.count <= bytes.count, "an object is a part of its frame")
    checkHead(frame.object.raw)
}

extension UnsafeRawBufferPointer {
    fileprivate func withItems(_ body: ([UInt8]) -> Void) throws(WireError) -> ListMetadata {
        try ProtobufList.forEachItem(in: self) { item, _ in body(Array(item)) }
    }
}

extension WireReference {
    fileprivate init(fields: [Field]) { self.fields = fields }
}
