/// Writes protobuf messages field by field, in the order of the calls.
package struct WireWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// - Parameter field: the number, from 1 to 2^29 - 1.
    package mutating func varint(_ field: UInt32, _ value: UInt64) {
        append(varint: UInt64(WireTag.varint(field).rawValue))
        append(varint: value)
    }

    package mutating func text(_ field: UInt32, _ text: String) {
        var text = text
        text.withUTF8 { data(field, UnsafeRawBufferPointer($0)) }
    }

    package mutating func data(_ field: UInt32, _ data: UnsafeRawBufferPointer) {
        append(varint: UInt64(WireTag.bytes(field).rawValue))
        append(varint: UInt64(data.count))
        bytes.append(contentsOf: data)
    }

    /// Writes a message within this one.
    package mutating func message<Failure: Error>(
        _ field: UInt32, _ body: (inout WireWriter) throws(Failure) -> Void
    ) throws(Failure) {
        append(varint: UInt64(WireTag.bytes(field).rawValue))
        let start = bytes.count
        // Room for the length of most messages; what is longer moves by the rest.
        bytes.append(0)
        try body(&self)
        let length = UInt64(bytes.count - start - 1)
        guard length >= 0x80 else {
            bytes[start] = UInt8(truncatingIfNeeded: length)
            return
        }
        var prefix = WireWriter()
        prefix.append(varint: length)
        bytes.replaceSubrange(start...start, with: prefix.bytes)
    }

    package mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func append(raw data: [UInt8]) { bytes += data }

    /// Empties the writer and keeps its room.
    package mutating func reset() { bytes.removeAll(keepingCapacity: true) }
}
