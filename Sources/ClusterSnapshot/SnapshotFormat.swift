/// A cluster's state in a file:
///
///     gzip( magic, frame… )
///     frame = type (1 byte), length (4 bytes, the lowest first), that many bytes
///
/// The first frame is a header, the last an end. Between them stand sections, each a frame that says how many objects
/// of which kind follow, and those objects; and notes of what could not be read. Objects are reduced ones in Kubernetes'
/// protobuf (see `RecordWriter`), the other frames are protobuf messages of these fields:
///
///     header   version = 1, cluster = 2, observedAt = 3 (seconds since 1970),
///              prunedKind = 4 (group = 1, kind = 2, resource = 3, path = 4),
///              kindGap = 5 (group = 1, kind = 2, gap = 3, see `KindGap`)
///     section  shape = 1 (see `ObjectShape`), apiVersion = 2, kind = 3, count = 4
///     note     resource = 1, gap = 2, text = 3, count = 4, problem = 5 (object = 1, text = 2)
///     end      objects = 1 (of all sections)
///
/// gzip's checksum covers everything. A reader of version 1 refuses other versions; fields may be added without a new
/// one, as readers pass what they do not know.
enum SnapshotFormat {
    static let magic = Array("tallygate-snapshot\n".utf8)
    static let version: UInt64 = 1

    enum Frame: UInt8 {
        case header = 1
        case section, object, note, end
    }

    static let frameHeadSize = 5

    /// Largest frame: an API server keeps no object above 3 MiB or so, and reduced ones are smaller by far.
    static let maximumFrame = 8 * 1024 * 1024

    /// Largest content: ten times what half a million Pods take, so that a small file cannot fill the memory.
    static let maximumContent = 4 * 1024 * 1024 * 1024

    /// Most objects: twenty times the Pods of the largest clusters that Kubernetes is tested for (150,000), with their
    /// owners. Each takes some hundred bytes of memory, and an empty one five of content.
    static let maximumObjects = 6_000_000

    enum GapCode: UInt64 {
        case forbidden = 1
        case absent, failed, problems
    }
}

/// Why a file is no snapshot, or not all of one.
package enum SnapshotError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No gzip, or gzip that was damaged.
    case notGzip(at: Int)
    /// gzip with something else inside.
    case foreign
    case version(UInt64)
    /// The file ends before the snapshot does.
    case cutOff(objects: Int)
    /// Bytes behind the end.
    case trailingBytes(at: Int)
    /// The content is not as it was written, in spite of its checksum.
    case malformed(at: Int, what: String)
    /// A section has another number of objects than it says.
    case count(kind: String, expected: UInt64, found: UInt64)
    case tooLarge
    case tooManyObjects
    case outOfMemory

    package var description: String {
        switch self {
        case .notGzip(let offset):
            offset == 0
                ? "this is no snapshot: it is not compressed with gzip; make one with 'tallygate snapshot'"
                : "the snapshot is damaged at byte \(offset) of the file: copy it again, or take it again"
        case .foreign:
            "this is no snapshot of Tallygate: it is compressed, but holds something else; unpack lists of kubectl first"
        case .version(let version):
            "the snapshot is of version \(version) and this program reads \(SnapshotFormat.version): use the program "
                + "that took it, or take it again"
        case .cutOff(let objects):
            "the snapshot is cut off after \(objects) objects: copy it again, or take it again"
        case .trailingBytes(let offset):
            "something follows the snapshot at byte \(offset) of the file: copy it again, or take it again"
        case .malformed(let offset, let what):
            "the snapshot's content is malformed at byte \(offset) of what it unpacks to: \(what); take it again"
        case .count(let kind, let expected, let found):
            "the snapshot says it has \(expected) objects of kind \(kind) and has \(found): take it again"
        case .tooLarge:
            "the snapshot unpacks to more than \(SnapshotFormat.maximumContent >> 30) GiB, which no cluster needs: "
                + "take it again"
        case .tooManyObjects:
            "the snapshot has more than \(SnapshotFormat.maximumObjects) objects, which no cluster has: take it again"
        case .outOfMemory: "there is not enough memory to pack or unpack a snapshot"
        }
    }
}
