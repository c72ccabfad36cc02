package import KubernetesModel

/// Reads a snapshot (see `SnapshotFormat`) piece by piece as it comes from a file.
package struct SnapshotReader {
    private let decompressor: GzipDecompressor
    private var content: SnapshotContent

    /// Whether a file is gzip (RFC 1952), as no list of kubectl is.
    package static func hasMagic(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// - Parameter filters: what is kept of labels and annotations; a snapshot has no more than was kept for it.
    /// - Throws: `SnapshotError.outOfMemory`.
    package init(filters: RecordFilters = .everything()) throws(SnapshotError) {
        decompressor = try GzipDecompressor()
        content = SnapshotContent(filters: filters)
    }

    /// Reads a whole file.
    package static func read(_ file: [UInt8]) throws(SnapshotError) -> ClusterState {
        var reader = try SnapshotReader()
        if let problem = file.withUnsafeBytes({ reader.problem(reading: $0) }) { throw problem }
        return try reader.finish()
    }

    /// Reads a file of which the end may be missing: what is there, and in that case an error that says so.
    ///
    /// - Throws: as `read` does, and for a file that is cut off before its first object.
    package static func readWhatIsThere(
        _ file: [UInt8]
    ) throws(SnapshotError) -> (state: ClusterState, cutOff: SnapshotError?) {
        var reader = try SnapshotReader()
        if let problem = file.withUnsafeBytes({ reader.problem(reading: $0) }) { throw problem }
        let objects = reader.content.objects
        guard !reader.isWhole, objects > 0 else { return (try reader.finish(), nil) }
        return (reader.content.abandon(), .cutOff(objects: objects))
    }

    private var isWhole: Bool { decompressor.hasEnded && content.hasEnded }

    private mutating func problem(reading bytes: UnsafeRawBufferPointer) -> SnapshotError? {
        do throws(SnapshotError) {
            try read(bytes)
            return nil
        } catch {
            return error
        }
    }

    /// Takes the next bytes of the file, as many as there are.
    package mutating func read(_ bytes: UnsafeRawBufferPointer) throws(SnapshotError) {
        try decompressor.read(bytes) { piece throws(SnapshotError) in try content.take(piece) }
    }

    /// The state, once the whole file has been taken.
    package consuming func finish() throws(SnapshotError) -> ClusterState {
        guard decompressor.hasEnded, let state = content.finish() else {
            throw decompressor.taken == 0 ? .notGzip(at: 0) : .cutOff(objects: content.objects)
        }
        return state
    }
}
