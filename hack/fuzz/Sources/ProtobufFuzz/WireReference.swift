/// Protobuf read in the plainest way, apart from the reader under test: a message is a list of fields, or none.
struct WireReference {
    struct Field {
        var number: UInt64
        var value: Value
    }

    enum Value {
        case integer(UInt64)
        case bytes([UInt8])
        case fixed
    }

    var fields: [Field] = []

    /// Nothing if the bytes are no message.
    init?(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            guard let tag = Self.integer(&rest), tag <= UInt64(UInt32.max), tag >> 3 > 0 else { return nil }
            switch tag & 7 {
            case 0:
                guard let value = Self.integer(&rest) else { return nil }
                fields.append(Field(number: tag >> 3, value: .integer(value)))
            case 1, 5:
                let length = tag & 7 == 1 ? 8 : 4
                guard rest.count >= length else { return nil }
                rest = rest.dropFirst(length)
                fields.append(Field(number: tag >> 3, value: .fixed))
            case 2:
                guard let length = Self.integer(&rest), length <= UInt64(rest.count) else { return nil }
                fields.append(Field(number: tag >> 3, value: .bytes(Array(rest.prefix(Int(length))))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
        }
    }

    /// At most ten bytes of seven bits, together at most 64.
    private static func integer(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt128 = 0
        for position in 0..<10 {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt128(byte & 0x7F) << UInt128(7 * position)
            if byte < 0x80 { return UInt64(exactly: value) }
        }
        return nil
    }

    /// All values of a field that are bytes.
    func all(_ number: UInt64) -> [[UInt8]] {
        fields.compactMap { field in
            if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
        }
    }

    /// The last value of a field that is bytes, as text.
    func text(_ number: UInt64) -> String { String(decoding: all(number).last ?? [], as: UTF8.self) }

    /// The last value of a field that is an integer.
    func integer(_ number: UInt64) -> UInt64? {
        fields.reversed().lazy.compactMap { field -> UInt64? in
            if field.number == number, case .integer(let value) = field.value { value } else { nil }
        }.first
    }

    /// The messages in a field; nothing if one of them is none.
    func messages(_ number: UInt64) -> [WireReference]? {
        var messages: [WireReference] = []
        for bytes in all(number) {
            guard let message = WireReference(bytes) else { return nil }
            messages.append(message)
        }
        return messages
    }
}
