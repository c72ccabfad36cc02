package import KubernetesModel

/// Writes a state as a snapshot (see `SnapshotFormat`).
package struct SnapshotWriter {
    private let compressor: GzipCompressor
    private let records: RecordWriter
    private let state: ClusterState
    private var pending: [UInt8] = []
    private var message = WireWriter()
    private var objects: UInt64 = 0

    /// Passes the file on to `sink` piece by piece.
    ///
    /// - Throws: what the sink throws, or `SnapshotError.outOfMemory`.
    package static func write(_ state: ClusterState, to sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        var writer = try SnapshotWriter(state)
        try writer.run(sink)
    }

    private init(_ state: ClusterState) throws {
        compressor = try GzipCompressor()
        records = RecordWriter(state.pool)
        self.state = state
    }

    private mutating func run(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        pending += SnapshotFormat.magic
        message.varint(1, SnapshotFormat.version)
        message.text(2, state.cluster)
        if let seconds = state.observedAt.seconds { message.varint(3, UInt64(bitPattern: seconds)) }
        for pruned in state.prunedKinds {
            message.message(4) { kind in
                kind.text(1, pruned.kind.group)
                kind.text(2, pruned.kind.kind)
                kind.text(3, pruned.resource)
                kind.text(4, pruned.path)
            }
        }
        for (kind, gap) in state.kindGaps.sorted(by: { $0.key < $1.key }) {
            message.message(5) { entry in
                entry.text(1, kind.group)
                entry.text(2, kind.kind)
                entry.varint(3, UInt64(gap.rawValue))
            }
        }
        try finishFrame(.header, sink)
        let records = records
        try section("Namespace", state.namespaces, sink) { records.write($0, to: &$1) }
        try section("Node", state.nodes, sink) { records.write($0, to: &$1) }
        try section("PersistentVolume", state.volumes, sink) { records.write($0, to: &$1) }
        try section("PersistentVolumeClaim", state.claims, sink) { records.write($0, to: &$1) }
        try section("Service", state.services, sink) { records.write($0, to: &$1) }
        for (kind, owners) in grouped(state.owners, by: { ($0.kind, $0.version) }) {
            try section(.reducedOwner, kind, owners, sink) { records.write($0, to: &$1) }
        }
        for (kind, carriers) in grouped(state.tagCarriers, by: { ($0.kind, $0.version) }) {
            try section(.tagCarrier, kind, carriers, sink) { records.write($0, to: &$1) }
        }
        try section("Pod", state.pods, sink) { records.write($0, to: &$1) }
        for note in state.notes { try write(note, sink) }
        message.varint(1, objects)
        try finishFrame(.end, sink)
        try pending.withUnsafeBytes { try compressor.write($0, isLast: true, to: sink) }
    }

    /// By kind and version, in the order they first come; within one, in the order of the state.
    private func grouped<Record>(
        _ records: [Record], by key: (Record) -> (KindID, StringID)
    ) -> [(GroupVersionKind, [Record])] {
        var places: [KindVersion: Int] = [:]
        var groups: [(GroupVersionKind, [Record])] = []
        for record in records {
            let (kind, version) = key(record)
            let place = places[KindVersion(kind: kind, version: version)] ?? groups.count
            if place == groups.count {
                let name = state.pool[kind]
                groups.append(
                    (GroupVersionKind(group: name.group, version: state.text(version), kind: name.kind), []))
                places[KindVersion(kind: kind, version: version)] = place
            }
            groups[place].1.append(record)
        }
        return groups
    }

    private struct KindVersion: Hashable {
        let kind: KindID
        let version: StringID
    }

    private mutating func section<Record>(
        _ kind: String, _ records: [Record], _ sink: (UnsafeRawBufferPointer) throws -> Void,
        _ write: (Record, inout WireWriter) -> Void
    ) throws {
        try section(.whole, GroupVersionKind(group: "", version: "v1", kind: kind), records, sink, write)
    }

    private mutating func section<Record>(
        _ shape: ObjectShape, _ kind: GroupVersionKind, _ records: [Record],
        _ sink: (UnsafeRawBufferPointer) throws -> Void, _ write: (Record, inout WireWriter) -> Void
    ) throws {
        guard !records.isEmpty else { return }
        message.varint(1, UInt64(shape.rawValue))
        message.text(2, kind.apiVersion)
        message.text(3, kind.kind)
        message.varint(4, UInt64(records.count))
        try finishFrame(.section, sink)
        for record in records {
            write(record, &message)
            try finishFrame(.object, sink)
        }
        objects += UInt64(records.count)
    }

    private mutating func write(_ note: ReadingNote, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        message.text(1, note.resource)
        switch note.gap {
        case .forbidden(let remedy):
            message.varint(2, SnapshotFormat.GapCode.forbidden.rawValue)
            message.text(3, remedy)
        case .absent: message.varint(2, SnapshotFormat.GapCode.absent.rawValue)
        case .failed(let reason):
            message.varint(2, SnapshotFormat.GapCode.failed.rawValue)
            message.text(3, reason)
        case .problems(let count, let first):
            message.varint(2, SnapshotFormat.GapCode.problems.rawValue)
            message.varint(4, UInt64(clamping: count))
            for problem in first {
                message.message(5) { entry in
                    entry.text(1, problem.object)
                    entry.text(2, problem.description)
                }
            }
        }
        try finishFrame(.note, sink)
    }

    /// Puts what `message` holds into a frame and empties it.
    private mutating func finishFrame(
        _ frame: SnapshotFormat.Frame, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        pending.append(frame.rawValue)
        // An object of 4 GiB does not come about: its parts are kept under 32-bit numbers, and of few kinds.
        let length = UInt32(truncatingIfNeeded: message.bytes.count)
        for shift in stride(from: 0, to: 32, by: 8) {
            pending.append(UInt8(truncatingIfNeeded: length >> UInt32(shift)))
        }
        pending += message.bytes
        message.reset()
        if pending.count >= GzipCompressor.chunkSize {
            try pending.withUnsafeBytes { try compressor.write($0, isLast: false, to: sink) }
            pending.removeAll(keepingCapacity: true)
        }
    }
}
