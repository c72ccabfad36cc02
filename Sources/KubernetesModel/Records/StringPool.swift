/// A string of a `StringPool`. Only within one pool do equal numbers mean equal strings.
package struct StringID: Sendable, Hashable, BitwiseCopyable {
    package let rawValue: UInt32

    package static let empty = StringID(rawValue: 0)

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package var isEmpty: Bool { rawValue == 0 }
}

/// Strings, each kept once: a cluster repeats the names of namespaces, nodes and labels with every Pod.
///
/// A value: a copy shares the storage until one is changed. Bytes that are no UTF-8 are kept as they are and read as
/// U+FFFD, as in any decoded `String`.
package struct StringPool: Sendable {
    private var runs = InternedRuns<UInt8>()

    package init() {}

    /// Distinct strings, the empty one included.
    package var count: Int { runs.count }
    /// Bytes of all strings.
    package var byteCount: Int { runs.elementCount }
    /// Whether strings were lost because all numbers are given (see `InternedRuns.maximumCount`).
    package var isFull: Bool { runs.isFull }

    package mutating func intern(_ text: String) -> StringID {
        var text = text
        return text.withUTF8 { StringID(rawValue: runs.intern($0)) }
    }

    package mutating func intern(utf8 text: UnsafeRawBufferPointer) -> StringID {
        StringID(rawValue: runs.intern(text.assumingMemoryBound(to: UInt8.self)))
    }

    mutating func intern(utf8 text: UnsafeRawBufferPointer, hash: UInt32) -> StringID {
        StringID(rawValue: runs.intern(text.assumingMemoryBound(to: UInt8.self), hash: hash))
    }

    /// The number of a string if it is there: what is not was in no object read so far.
    package func id(of text: String) -> StringID? {
        var text = text
        return text.withUTF8 { runs.find($0).map(StringID.init(rawValue:)) }
    }

    func id(utf8 text: UnsafeRawBufferPointer, hash: UInt32) -> StringID? {
        runs.find(text.assumingMemoryBound(to: UInt8.self), hash: hash).map(StringID.init(rawValue:))
    }

    /// The text; empty for a number that this pool did not give.
    package subscript(_ id: StringID) -> String {
        withUTF8(id) { String(decoding: $0, as: UTF8.self) }
    }

    package func withUTF8<Result>(_ id: StringID, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        runs.withRun(id.rawValue, body)
    }

    /// Gives back the room that growing has set aside.
    package mutating func compact() { runs.compact() }
}
