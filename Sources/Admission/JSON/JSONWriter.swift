/// Writes compact JSON into a byte array: replies are small and their shape is fixed, so nothing is built before.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    /// Whether the next key or element needs a comma before it.
    private var needsComma = false

    package init(reserving capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Appends a part of the document as it is, for what is the same in every one of a kind.
    /// - Parameter needsComma: whether a key or element right behind it needs a comma before it.
    mutating func fragment(_ text: StaticString, needsComma: Bool) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
        self.needsComma = needsComma
    }

    package mutating func string(_ text: String) {
        separate()
        appendQuoted(text)
        needsComma = true
    }

    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    package mutating func integer(_ value: Int) { raw(String(value)) }

    /// Bytes as standard Base64 text (RFC 4648, section 4), which is how Go's JSON carries `[]byte`.
    package mutating func base64(_ data: [UInt8]) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64.append(data, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func appendQuoted(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            // Whole runs at a time: hardly any text needs an escape.
            var start = 0
            var index = 0
            while true {
                index = Self.indexOfEscape(in: utf8, from: index)
                if start < index { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index])) }
                guard index < utf8.count else { break }
                appendEscape(utf8[index])
                index &+= 1
                start = index
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The first index from `start` on of a byte that needs an escape; the end when none does.
    private static func indexOfEscape(in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let bytes = JSONBytes(UnsafeRawBufferPointer(utf8))
        var index = start
        while true {
            index = bytes.indexAfterPlain(from: index)
            // What is not ASCII is special to a reader and nothing to a writer.
            if index >= bytes.count || needsEscape(bytes[index]) { return index }
            index &+= 1
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case 0..<0x20:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(Self.hexadecimal(byte >> 4))
            bytes.append(Self.hexadecimal(byte & 0xF))
        default: bytes.append(byte)
        }
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

/// Standard Base64 with padding.
enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    static func append(_ data: [UInt8], to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: (data.count + 2) / 3 * 4) { text in
            // What the data leaves of the last four is padding.
            text.initialize(repeating: UInt8(ascii: "="))
            alphabet.withUTF8Buffer { symbols in
                func symbol(_ group: UInt32, _ shift: UInt32) -> UInt8 { symbols[Int(group &>> shift & 0x3F)] }
                var (index, end) = (0, 0)
                while data.count &- index >= 3 {
                    let group = UInt32(data[index]) << 16 | UInt32(data[index &+ 1]) << 8 | UInt32(data[index &+ 2])
                    text[end] = symbol(group, 18)
                    text[end &+ 1] = symbol(group, 12)
                    text[end &+ 2] = symbol(group, 6)
                    text[end &+ 3] = symbol(group, 0)
                    index &+= 3
                    end &+= 4
                }
                guard index < data.count else { return }
                let hasSecond = data.count - index == 2
                let group = UInt32(data[index]) << 16 | (hasSecond ? UInt32(data[index + 1]) << 8 : 0)
                text[end] = symbol(group, 18)
                text[end &+ 1] = symbol(group, 12)
                if hasSecond { text[end &+ 2] = symbol(group, 6) }
            }
            output.append(contentsOf: text)
        }
    }
}
