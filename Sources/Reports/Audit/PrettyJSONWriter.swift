import LocatedDocuments

/// Writes indented JSON as it goes, so that a long report is never held twice. Keys stand in the order in which they are
/// written. Characters that a terminal would act on are escaped, those too that JSON would let through.
struct PrettyJSONWriter {
    private var bytes: [UInt8] = []
    private var depth = 0
    /// Whether the open object or array has an element already.
    private var hasElement = false
    /// Whether a key stands before what comes next.
    private var followsKey = false

    /// The document, ending in a line feed.
    func finished() -> String { String(decoding: bytes + [UInt8(ascii: "\n")], as: UTF8.self) }

    mutating func object(_ body: (inout PrettyJSONWriter) -> Void) { nest("{", "}", body) }
    mutating func array(_ body: (inout PrettyJSONWriter) -> Void) { nest("[", "]", body) }

    mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(contentsOf: ": ".utf8)
        followsKey = true
    }

    mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    mutating func integer(_ value: Int) { raw(String(value)) }
    mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    /// Hundredths of a percent as a share from 0 to 1: `0.6107`.
    mutating func share(_ basisPoints: Int) {
        let bounded = min(max(basisPoints, 0), 10_000)
        var digits = String(bounded % 10_000)
        while digits.utf8.count < 4 { digits = "0" + digits }
        while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
        raw(String(bounded / 10_000) + (digits.isEmpty ? "" : "." + digits))
    }

    // MARK: Members

    mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        key(name)
        string(text)
    }

    mutating func member(_ name: String, _ value: Int) {
        key(name)
        integer(value)
    }

    mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    mutating func object(_ name: String, _ body: (inout PrettyJSONWriter) -> Void) {
        key(name)
        object(body)
    }

    mutating func array<Element>(
        _ name: String, _ elements: some Sequence<Element>, _ body: (inout PrettyJSONWriter, Element) -> Void
    ) {
        key(name)
        array { writer in for element in elements { body(&writer, element) } }
    }

    mutating func strings(_ name: String, _ texts: some Sequence<String>) {
        array(name, texts) { $0.string($1) }
    }

    // MARK: Bytes

    private mutating func nest(_ open: String, _ close: String, _ body: (inout PrettyJSONWriter) -> Void) {
        separate()
        bytes.append(contentsOf: open.utf8)
        depth += 1
        hasElement = false
        body(&self)
        depth -= 1
        if hasElement { breakLine() }
        bytes.append(contentsOf: close.utf8)
        hasElement = true
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// Before an element: a comma where one is due, and its own line.
    private mutating func separate() {
        if followsKey {
            followsKey = false
        } else {
            if hasElement { bytes.append(UInt8(ascii: ",")) }
            if depth > 0 { breakLine() }
        }
        hasElement = true
    }

    private mutating func breakLine() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            case "\n": bytes.append(contentsOf: "\\n".utf8)
            case "\t": bytes.append(contentsOf: "\\t".utf8)
            default:
                if Terminal.isPrintable(scalar) {
                    bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                } else {
                    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { escape(unit) }
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        bytes.append(contentsOf: "\\u".utf8)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, 4 - digits.utf8.count)))
        bytes.append(contentsOf: digits.utf8)
    }
}
