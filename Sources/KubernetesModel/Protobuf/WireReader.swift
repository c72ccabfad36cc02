/// The number and type of a field as they stand before its value.
struct WireTag: Equatable {
    let rawValue: UInt32

    /// A field that holds an integer or a bool.
    static func varint(_ number: UInt32) -> WireTag { WireTag(rawValue: number << 3) }
    /// A field that holds a string, bytes, a message, or an entry of a map.
    static func bytes(_ number: UInt32) -> WireTag { WireTag(rawValue: number << 3 | 2) }

    var number: UInt32 { rawValue >> 3 }
}

/// Reads the fields of one protobuf message in their order (protobuf.dev/programming-guides/encoding).
///
/// Messages within are readers of their own over a part of the same bytes: no method calls itself, so that no depth of
/// nesting costs anything. A field that the caller does not know, or that is of another type than the caller expects,
/// is for `skip()`. Every length is checked against the message it stands in; no input traps.
///
/// The bytes must outlive the reader, which is why it does not leave this module.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    /// Never past `end`, which is never past the bytes.
    private(set) var offset: Int
    let end: Int
    /// Of the field whose value comes next, once `next()` has returned true.
    private(set) var tag = WireTag(rawValue: 0)

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
    }

    private init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// Proceeds to the next field. What `tag` names has to be read or skipped before the next call.
    ///
    /// - Returns: false at the end of the message.
    @inline(__always)
    mutating func next() throws(WireError) -> Bool {
        guard offset < end else { return false }
        let first = bytes[offset]
        if first < 0x80 {
            offset &+= 1
            tag = WireTag(rawValue: UInt32(first))
        } else {
            tag = try longTag()
        }
        guard tag.rawValue >= 8 else { throw WireError(.fieldZero, at: offset) }
        return true
    }

    private mutating func longTag() throws(WireError) -> WireTag {
        let start = offset
        guard let value = UInt32(exactly: try varint()) else { throw WireError(.fieldNumber, at: start) }
        return WireTag(rawValue: value)
    }

    @inline(__always)
    mutating func varint() throws(WireError) -> UInt64 {
        guard offset < end else { throw WireError(.truncated, at: offset) }
        let first = bytes[offset]
        guard first >= 0x80 else {
            offset &+= 1
            return UInt64(first)
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(WireError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end {
            let byte = bytes[offset]
            offset &+= 1
            // The tenth byte has room for the last bit only.
            if shift == 63, byte > 1 { throw WireError(.varint, at: start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
        throw WireError(.truncated, at: start)
    }

    mutating func bool() throws(WireError) -> Bool { try varint() != 0 }

    mutating func int64() throws(WireError) -> Int64 { Int64(bitPattern: try varint()) }

    /// The range of a value with its length before it.
    @inline(__always)
    private mutating func lengthDelimited() throws(WireError) -> Range<Int> {
        let start = offset
        let length = try varint()
        // Compared before the conversion, which could not fail after it.
        guard length <= UInt64(end &- offset) else { throw WireError(.length(length), at: start) }
        let range = Range(uncheckedBounds: (offset, offset &+ Int(truncatingIfNeeded: length)))
        offset = range.upperBound
        return range
    }

    /// The bytes of a string, or bytes.
    @inline(__always)
    mutating func text() throws(WireError) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[try lengthDelimited()])
    }

    @inline(__always)
    mutating func message() throws(WireError) -> WireReader { WireReader(bytes, try lengthDelimited()) }

    /// Passes the value of the field.
    @inline(__always)
    mutating func skip() throws(WireError) {
        switch tag.rawValue & 7 {
        case 2: _ = try lengthDelimited()
        case 0: _ = try varint()
        default: try skipFixed()
        }
    }

    private mutating func skipFixed() throws(WireError) {
        let length: Int
        switch tag.rawValue & 7 {
        case 1: length = 8
        case 5: length = 4
        // Groups are of proto2's early days; Kubernetes has none.
        case 3, 4: throw WireError(.group(tag.number), at: offset)
        default: throw WireError(.wireType(UInt8(truncatingIfNeeded: tag.rawValue & 7)), at: offset)
        }
        guard length <= end - offset else { throw WireError(.truncated, at: offset) }
        offset += length
    }
}

/// Why bytes are not the protobuf message they should be.
package struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Cause: Sendable, Hashable {
        /// The message ends within a field.
        case truncated
        /// A field is longer than the message it stands in.
        case length(UInt64)
        /// An integer of more than 64 bits.
        case varint
        /// A field number of more than 29 bits.
        case fieldNumber
        case fieldZero
        case group(UInt32)
        case wireType(UInt8)
        /// The bytes do not begin as Kubernetes' protobuf does.
        case noEnvelope
        /// The envelope is compressed, or holds something else than protobuf.
        case encoding(String)
        /// The envelope holds another kind than expected.
        case kind(found: String, expected: String)
    }

    package let cause: Cause
    /// From the start of the bytes given.
    package let offset: Int

    init(_ cause: Cause, at offset: Int) {
        self.cause = cause
        self.offset = offset
    }

    package var description: String {
        let place = "at byte \(offset)"
        return switch cause {
        case .truncated: "protobuf ends within a field \(place)"
        case .length(let length): "protobuf field of \(length) bytes does not fit into its message \(place)"
        case .varint: "protobuf integer of more than 64 bits \(place)"
        case .fieldNumber: "protobuf field number of more than 29 bits \(place)"
        case .fieldZero: "protobuf field number zero \(place)"
        case .group(let number): "protobuf group (field \(number)), which Kubernetes does not use, \(place)"
        case .wireType(let type): "protobuf wire type \(type), which does not exist, \(place)"
        case .noEnvelope:
            "no Kubernetes protobuf: it begins with 'k8s' and a zero byte; the server may have answered in another format"
        case .encoding(let found): "Kubernetes protobuf envelope with content '\(found.quotation)' instead of protobuf"
        case .kind(let found, let expected):
            "the answer is of kind '\(found.quotation)' instead of '\(expected.quotation)'"
        }
    }
}
