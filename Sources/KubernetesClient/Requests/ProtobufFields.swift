import NIOCore

/// Walks the fields of one protobuf message without copying: enough for what stands around a list's items.
struct ProtobufFields {
    enum Value {
        case varint(UInt64)
        case bytes(ByteBufferView)
        /// Of fixed width, which nothing here has.
        case other
    }

    private var rest: ByteBufferView

    init(_ bytes: ByteBufferView) { rest = bytes }

    /// The next field; nil at the end and where the bytes are no protobuf.
    mutating func next() -> (number: UInt64, value: Value)? {
        guard let key = varint() else { return nil }
        let value: Value
        switch key & 7 {
        case 0:
            guard let number = varint() else { return nil }
            value = .varint(number)
        case 1:
            guard skip(8) else { return nil }
            value = .other
        case 2:
            guard let length = varint(), length <= UInt64(rest.count) else { return nil }
            let count = Int(length)
            value = .bytes(rest.prefix(count))
            _ = skip(count)
        case 5:
            guard skip(4) else { return nil }
            value = .other
        default: return nil
        }
        return (key >> 3, value)
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard rest.count >= count else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    /// At most ten bytes; bits beyond the 64th are dropped, as every reader does.
    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for place in 0..<10 {
            guard let byte = rest.first else { return nil }
            rest = rest.dropFirst()
            value |= UInt64(byte & 0x7F) << UInt64(7 * place)
            if byte < 0x80 { return value }
        }
        return nil
    }

    /// The message inside the envelope in which the API server sends protobuf: `k8s\0` and a `runtime.Unknown`, whose
    /// field 2 it is.
    static func unwrap(_ body: ByteBuffer) -> ByteBufferView? {
        let bytes = body.readableBytesView
        guard bytes.starts(with: [0x6B, 0x38, 0x73, 0x00]) else { return nil }
        return ProtobufFields(bytes.dropFirst(4)).bytes(2)
    }

    /// The first field of this number that holds bytes.
    func bytes(_ number: UInt64) -> ByteBufferView? {
        var fields = self
        while let field = fields.next() {
            if field.number == number, case .bytes(let bytes) = field.value { return bytes }
        }
        return nil
    }

    func text(_ number: UInt64) -> String { bytes(number).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    func integer(_ number: UInt64) -> Int64? {
        var fields = self
        while let field = fields.next() {
            if field.number == number, case .varint(let value) = field.value { return Int64(bitPattern: value) }
        }
        return nil
    }
}
