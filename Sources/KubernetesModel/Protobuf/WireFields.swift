/// A small message taken apart at once, for what is read too rarely to need more. Hot paths use `WireReader`.
package struct WireFields: Sendable {
    private var integers: [UInt32: UInt64] = [:]
    private var data: [UInt32: [[UInt8]]] = [:]

    package init(_ bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        while try reader.next() {
            let number = reader.tag.number
            switch reader.tag {
            case .varint(number): integers[number] = try reader.varint()
            case .bytes(number): data[number, default: []].append(Array(try reader.text()))
            default: try reader.skip()
            }
        }
    }

    /// The last value of an integer's field; nothing if it is absent.
    package func integer(_ field: UInt32) -> UInt64? { integers[field] }

    /// The last value of a string's field; empty if it is absent.
    package func text(_ field: UInt32) -> String { String(decoding: data[field]?.last ?? [], as: UTF8.self) }

    /// All values of a field of messages or strings.
    package func all(_ field: UInt32) -> [[UInt8]] { data[field] ?? [] }
}
