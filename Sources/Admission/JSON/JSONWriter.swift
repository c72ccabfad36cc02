/// Writes compact JSON into a byte array: replies are small and their shape is fixed, so nothing is built before.
package struct JSONWriter {
    /// What is written, and room behind it: a byte is put into its place for a fraction of what it costs to append it.
    private var storage: [UInt8]
    private var count = 0
    /// Whether the next key or element needs a comma before it.
    private var needsComma = false

    /// What a writer begins with, its own copy from the first byte on. Enough for the answers to nearly all reviews, and
    /// with an array's header still among the small blocks (1,032 bytes) that the C library's allocator has at hand.
    private static let room = [UInt8](repeating: 0, count: 960)

    package init() { storage = Self.room }

    /// What is written so far.
    package var bytes: [UInt8] { Array(storage[..<count]) }

    /// What is written, handed over.
    consuming func finish() -> [UInt8] {
        storage.removeLast(storage.count - count)
        return storage
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ name: String) {
        string(name)
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Appends a part of the document as it is, for what is the same in every one of a kind.
    /// - Parameter needsComma: whether a key or element right behind it needs a comma before it.
    mutating func fragment(_ text: StaticString, needsComma: Bool) {
        text.withUTF8Buffer { put($0) }
        self.needsComma = needsComma
    }

    /// Begins an element with what another writer made of it; a value is to follow.
    mutating func beginElement(_ start: [UInt8]) {
        separate()
        start.withUnsafeBufferPointer { put($0) }
        needsComma = false
    }

    package mutating func string(_ text: String) {
        beginString()
        continueString(text)
        endString()
    }

    /// Begins a string that is written part by part.
    mutating func beginString() {
        separate()
        put(UInt8(ascii: "\""))
    }

    /// A part of the string that was begun, in which nothing needs an escape.
    mutating func continueString(plain text: String) {
        var text = text
        text.withUTF8 { put($0) }
    }

    /// A part of the string that was begun.
    mutating func continueString(_ text: String) {
        // Every text of this platform is contiguous; the copy is for one that is not, and costs the others nothing.
        if text.utf8.withContiguousStorageIfAvailable({ appendEscaped($0) }) == nil {
            var text = text
            text.withUTF8 { appendEscaped($0) }
        }
    }

    mutating func endString() {
        put(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    package mutating func integer(_ value: Int) { raw(String(value)) }

    /// A document within this one as standard Base64 text (RFC 4648, section 4), which is how Go's JSON carries
    /// `[]byte`. It is written where its text will stand, so that it needs no memory of its own.
    mutating func base64(_ write: (inout JSONWriter) -> Void) {
        beginString()
        let start = count
        needsComma = false
        write(&self)
        let length = count - start
        let textLength = Base64.length(of: length)
        makeRoom(for: textLength - length)
        count = start + textLength
        storage.withUnsafeMutableBufferPointer { storage in
            Base64.encode(length, in: UnsafeMutableBufferPointer(rebasing: storage[start..<start + textLength]))
        }
        endString()
    }

    private mutating func raw(_ text: String) {
        separate()
        continueString(plain: text)
        needsComma = true
    }

    private mutating func put(_ byte: UInt8) {
        makeRoom(for: 1)
        storage[count] = byte
        count &+= 1
    }

    private mutating func put(_ run: UnsafeBufferPointer<UInt8>) {
        makeRoom(for: run.count)
        storage.withUnsafeMutableBytes { storage in
            UnsafeMutableRawBufferPointer(rebasing: storage[count..<count &+ run.count])
                .copyMemory(from: UnsafeRawBufferPointer(run))
        }
        count &+= run.count
    }

    private mutating func makeRoom(for length: Int) {
        if storage.count &- count < length { grow(by: length) }
    }

    /// Doubles what there is at least, so that a long document is moved a few times only.
    private mutating func grow(by length: Int) {
        storage.append(contentsOf: repeatElement(0, count: max(length, storage.count)))
    }

    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
    }

    private mutating func open(_ byte: UInt8) {
        separate()
        put(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        put(byte)
        needsComma = true
    }

    private mutating func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        // Whole runs at a time: hardly any text needs an escape.
        var start = 0
        var index = 0
        while true {
            index = Self.indexOfEscape(in: utf8, from: index)
            if start < index { put(UnsafeBufferPointer(rebasing: utf8[start..<index])) }
            guard index < utf8.count else { break }
            appendEscape(utf8[index])
            index &+= 1
            start = index
        }
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
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): put(UInt8(ascii: "n"))
        case 0..<0x20:
            put(UInt8(ascii: "u"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0"))
            put(Self.hexadecimal(byte >> 4))
            put(Self.hexadecimal(byte & 0xF))
        default: put(byte)
        }
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

/// Standard Base64 with padding.
enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// The text's length for so many bytes.
    static func length(of count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Puts text in the place of the first `count` bytes, over the whole of `place`, which is as long as the text.
    static func encode(_ count: Int, in place: UnsafeMutableBufferPointer<UInt8>) {
        // A last group that is not full is filled with zeros, and their digits give way to padding.
        let groups = place.count / 4
        for index in count..<groups * 3 { place[index] = 0 }
        alphabet.withUTF8Buffer { digits in
            // From the last group to the first: the text of a group stands behind the bytes of those before it.
            for group in (0..<groups).reversed() {
                let (source, target) = (group &* 3, group &* 4)
                let bits = UInt32(place[source]) << 16 | UInt32(place[source &+ 1]) << 8 | UInt32(place[source &+ 2])
                place[target] = digits[Int(bits >> 18)]
                place[target &+ 1] = digits[Int(bits >> 12 & 0x3F)]
                place[target &+ 2] = digits[Int(bits >> 6 & 0x3F)]
                place[target &+ 3] = digits[Int(bits & 0x3F)]
            }
        }
        for index in place.count - (groups * 3 - count)..<place.count { place[index] = UInt8(ascii: "=") }
    }
}
