internal import KubernetesModel

/// What a snapshot unpacks to, taken frame by frame. Its stages follow one another: magic, header, sections with their
/// objects and notes, end. Anything out of turn is an error, and so is anything behind the end.
struct SnapshotContent {
    private enum Stage {
        case magic, header, sections, ended
    }

    private struct Section {
        let shape: ObjectShape
        let kind: GroupVersionKind
        let expected: UInt64
        var found: UInt64 = 0
    }

    private var reader: ClusterStateReader
    private var stage = Stage.magic
    private var section: Section?
    /// Of all sections.
    private(set) var objects = 0
    /// The beginning of a frame whose rest has not come.
    private var pending: [UInt8] = []
    /// Unpacked bytes before `pending`.
    private var passed = 0

    private let maximumObjects: Int

    init(filters: RecordFilters, maximumObjects: Int = SnapshotFormat.maximumObjects) {
        reader = ClusterStateReader(filters: filters)
        self.maximumObjects = maximumObjects
    }

    var hasEnded: Bool { stage == .ended && pending.isEmpty }

    /// The state; nothing before the end.
    consuming func finish() -> ClusterState? { hasEnded ? reader.finish() : nil }

    /// The state as far as it came.
    consuming func abandon() -> ClusterState { reader.finish() }

    mutating func take(_ piece: UnsafeRawBufferPointer) throws(SnapshotError) {
        guard passed + pending.count + piece.count <= SnapshotFormat.maximumContent else { throw .tooLarge }
        var bytes = pending
        bytes += piece
        var offset = 0
        if stage == .magic {
            guard bytes.starts(with: SnapshotFormat.magic.prefix(bytes.count)) else { throw .foreign }
            if bytes.count >= SnapshotFormat.magic.count {
                offset = SnapshotFormat.magic.count
                stage = .header
            }
        }
        while stage != .magic, let frame = try frame(in: bytes, at: offset) {
            let place = passed + offset
            try bytes.withUnsafeBufferPointer { buffer throws(SnapshotError) in
                try take(
                    frame.type, UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[frame.payload])), at: place)
            }
            offset = frame.payload.upperBound
        }
        passed += offset
        pending = Array(bytes[offset...])
    }

    /// The frame that begins here, if all of it is there.
    private func frame(in bytes: [UInt8], at offset: Int) throws(SnapshotError) -> (type: UInt8, payload: Range<Int>)? {
        guard bytes.count - offset >= SnapshotFormat.frameHeadSize else { return nil }
        let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 1 + $1]) << (8 * $1) }
        guard length <= SnapshotFormat.maximumFrame else {
            throw .malformed(at: passed + offset, what: "a frame of \(length) bytes")
        }
        let start = offset + SnapshotFormat.frameHeadSize
        return bytes.count - start >= length ? (bytes[offset], start..<(start + length)) : nil
    }

    private mutating func take(
        _ type: UInt8, _ payload: UnsafeRawBufferPointer, at offset: Int
    ) throws(SnapshotError) {
        guard let frame = SnapshotFormat.Frame(rawValue: type) else {
            throw .malformed(at: offset, what: "a frame of type \(type), which does not exist")
        }
        switch (stage, frame) {
        case (.header, .header): try takeHeader(payload, at: offset)
        case (.sections, .section): try takeSection(payload, at: offset)
        case (.sections, .object): try takeObject(payload, at: offset)
        case (.sections, .note): try takeNote(payload, at: offset)
        case (.sections, .end): try takeEnd(payload, at: offset)
        case (.magic, _), (.header, _), (.sections, .header), (.ended, _):
            throw .malformed(at: offset, what: "a frame of type \(type) where none belongs")
        }
    }

    private func fields(_ payload: UnsafeRawBufferPointer, at offset: Int) throws(SnapshotError) -> WireFields {
        do throws(WireError) { return try WireFields(payload) } catch {
            throw .malformed(at: offset, what: error.description)
        }
    }

    private mutating func takeHeader(_ payload: UnsafeRawBufferPointer, at offset: Int) throws(SnapshotError) {
        let fields = try fields(payload, at: offset)
        let version = fields.integer(1) ?? 0
        guard version == SnapshotFormat.version else { throw .version(version) }
        reader.describe(
            cluster: fields.text(2),
            observedAt: fields.integer(3).map { ObjectTime(seconds: Int64(bitPattern: $0)) } ?? .none)
        for bytes in fields.all(4) {
            let kind = try bytes.withUnsafeBufferPointer { buffer throws(SnapshotError) in
                try self.fields(UnsafeRawBufferPointer(buffer), at: offset)
            }
            reader.state.prunedKinds.append(
                PrunedKind(
                    kind: GroupKind(group: kind.text(1), kind: kind.text(2)), resource: kind.text(3), path: kind.text(4)
                ))
        }
        for bytes in fields.all(5) {
            let gap = try bytes.withUnsafeBufferPointer { buffer throws(SnapshotError) in
                try self.fields(UnsafeRawBufferPointer(buffer), at: offset)
            }
            let kind = GroupKind(group: gap.text(1), kind: gap.text(2))
            // A later program may know more of them.
            reader.state.kindGaps[kind] = gap.integer(3).flatMap { UInt8(exactly: $0) }.flatMap(KindGap.init)
        }
        stage = .sections
    }

    private mutating func takeSection(_ payload: UnsafeRawBufferPointer, at offset: Int) throws(SnapshotError) {
        try endSection()
        let fields = try fields(payload, at: offset)
        let number = fields.integer(1) ?? 0
        guard let shape = UInt8(exactly: number).flatMap(ObjectShape.init(rawValue:)) else {
            throw .malformed(at: offset, what: "objects of shape \(number), which does not exist")
        }
        let kind: GroupVersionKind
        do throws(GroupVersionError) {
            kind = try GroupVersionKind(apiVersion: fields.text(2), kind: fields.text(3))
        } catch {
            throw .malformed(at: offset, what: error.description)
        }
        section = Section(shape: shape, kind: kind, expected: fields.integer(4) ?? 0)
    }

    private func endSection() throws(SnapshotError) {
        guard let section, section.found != section.expected else { return }
        throw .count(kind: section.kind.groupKind.description, expected: section.expected, found: section.found)
    }

    private mutating func takeObject(_ payload: UnsafeRawBufferPointer, at offset: Int) throws(SnapshotError) {
        guard let section else { throw .malformed(at: offset, what: "an object outside of a section") }
        guard objects < maximumObjects else { throw .tooManyObjects }
        reader.read(payload, of: section.kind, as: section.shape, at: Int(section.found))
        self.section?.found += 1
        objects += 1
    }

    private mutating func takeNote(_ payload: UnsafeRawBufferPointer, at offset: Int) throws(SnapshotError) {
        let note = try fields(payload, at: offset)
        let resource = note.text(1)
        let number = note.integer(2) ?? 0
        let gap: ReadingNote.Gap
        switch SnapshotFormat.GapCode(rawValue: number) {
        case .forbidden: gap = .forbidden(note.text(3))
        case .absent: gap = .absent
        case .failed: gap = .failed(note.text(3))
        case .problems:
            var problems: [ObjectProblem] = []
            for bytes in note.all(5).prefix(ReadingNote.maximumProblems) {
                let problem = try bytes.withUnsafeBufferPointer { buffer throws(SnapshotError) in
                    try fields(UnsafeRawBufferPointer(buffer), at: offset)
                }
                problems.append(
                    ObjectProblem(resource: resource, object: problem.text(1), cause: .recorded(problem.text(2))))
            }
            gap = .problems(count: Int(clamping: note.integer(4) ?? 0), first: problems)
        case nil: throw .malformed(at: offset, what: "a note of kind \(number), which does not exist")
        }
        reader.note(ReadingNote(resource: resource, gap: gap))
    }

    private mutating func takeEnd(_ payload: UnsafeRawBufferPointer, at offset: Int) throws(SnapshotError) {
        try endSection()
        let expected = try fields(payload, at: offset).integer(1) ?? 0
        guard expected == UInt64(objects) else {
            throw .count(kind: "any", expected: expected, found: UInt64(objects))
        }
        stage = .ended
    }
}
