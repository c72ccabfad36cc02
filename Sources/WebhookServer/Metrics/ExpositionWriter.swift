import NIOCore

/// Writes the Prometheus text exposition format 0.0.4.
package struct ExpositionWriter {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    private(set) var buffer: ByteBuffer

    init(capacity: Int = 16 * 1024) {
        self.buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    mutating func family(_ name: String, kind: Kind, help: String) {
        self.buffer.writeString(
            "# HELP \(name) \(ExpositionWriter.escapedHelp(help))\n# TYPE \(name) \(kind.rawValue)\n")
    }

    mutating func sample(_ name: String, labels: [(name: String, value: String)] = [], _ value: UInt64) {
        self.series(name, labels: labels)
        self.buffer.writeString(" \(value)\n")
    }

    mutating func sample(_ name: String, labels: [(name: String, value: String)] = [], _ value: Double) {
        self.series(name, labels: labels)
        self.buffer.writeString(" \(ExpositionWriter.number(value))\n")
    }

    private mutating func series(_ name: String, labels: [(name: String, value: String)]) {
        self.buffer.writeString(name)
        guard !labels.isEmpty else { return }
        var separator = "{"
        for label in labels {
            self.buffer.writeString("\(separator)\(label.name)=\"\(ExpositionWriter.escapedValue(label.value))\"")
            separator = ","
        }
        self.buffer.writeString("}")
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Whole numbers in full, as far as a double holds them exactly.
        if value == value.rounded(), value.magnitude < 9_007_199_254_740_992 { return "\(Int64(value))" }
        return "\(value)"
    }

    static func escapedValue(_ value: String) -> String { escape(value, quotes: true) }

    static func escapedHelp(_ help: String) -> String { escape(help, quotes: false) }

    private static func escape(_ text: String, quotes: Bool) -> String {
        let needsEscape = text.utf8.contains { $0 == 0x5C || $0 == 0x0A || (quotes && $0 == 0x22) }
        guard needsEscape else { return text }
        var escaped = ""
        // By scalars: a CR LF is one Character, and would slip through.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
