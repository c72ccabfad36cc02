package import LabelPolicy

/// Reads the prices of nodes from what OpenCost and Kubecost show to Prometheus: the series `node_total_hourly_cost`,
/// one for each node, in the text format of Prometheus or OpenMetrics.
///
/// Everything else is passed over unread. The prices per unit beside it (`node_cpu_hourly_cost`, `node_ram_hourly_cost`,
/// `node_gpu_hourly_cost`) are not used: the total is theirs times the node's capacity, and how a node's price is divided
/// is a setting here.
///
/// Takes the text in pieces of any size and keeps no more of it than one line, so that a server with a hundred thousand
/// Pods' series costs no memory.
package struct OpenCostReader: Sendable {
    /// A series has some 300 bytes; names and values of labels that are Kubernetes' own have at most 253 and 63.
    package static let maximumLineBytes = 64 << 10
    /// Clusters have at most 5,000 nodes, and some servers show several clusters.
    package static let maximumNodes = 100_000

    private static let metric = Array("node_total_hourly_cost".utf8)

    /// What is known of a node so far.
    private struct Entry {
        var text: String
        /// Nil: it is no amount.
        var amount: Money?
        var lowest: Money?
    }

    private var entries: [String: Entry] = [:]
    /// The line that has begun, as far as it is kept.
    private var line: [UInt8] = []
    private var isTooLong = false
    private var lineNumber = 1
    private var malformed = OpenCostPrices.Malformed()
    private var isCut = false

    package init() {}

    /// Takes the next piece of the text.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                endLine()
            } else if line.count < Self.maximumLineBytes {
                line.append(byte)
            } else {
                isTooLong = true
            }
        }
    }

    /// Ends the text.
    ///
    /// - Parameters:
    ///   - origin: where it is from, for reports: `OpenCost at http://opencost.opencost:9003/metrics`.
    ///   - date: of the prices, if that is known.
    /// - Throws: `.noPrices` if it has not a single one.
    package consuming func finish(origin: String, date: CivilDate?) throws(OpenCostError) -> OpenCostPrices {
        if !line.isEmpty { endLine() }
        guard !entries.isEmpty else { throw .noPrices(malformed) }
        let several = entries.compactMap { name, entry -> OpenCostPrices.Several? in
            guard let highest = entry.amount, let lowest = entry.lowest, lowest < highest else { return nil }
            return OpenCostPrices.Several(node: name, lowest: lowest, highest: highest)
        }
        return OpenCostPrices(
            prices: ExternalPrices(origin: origin, date: date, perHour: entries.mapValues(\.text)),
            several: several.sorted { $0.node < $1.node }, malformed: malformed, isCut: isCut)
    }

    // MARK: - Lines

    private mutating func endLine() {
        if Self.isPrice(line[...]) {
            if isTooLong { malformed.add(lineNumber) } else { take(line[...].dropFirst(Self.metric.count)) }
        }
        line.removeAll(keepingCapacity: true)
        isTooLong = false
        lineNumber &+= 1
    }

    /// Whether the line is a series of the metric, and not of one whose name only begins like it.
    private static func isPrice(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: metric) else { return false }
        return line.dropFirst(metric.count).first.map { $0 == UInt8(ascii: "{") || isBlank($0) } ?? true
    }

    /// - Parameter rest: of a line after the metric's name.
    private mutating func take(_ rest: ArraySlice<UInt8>) {
        var scanner = SeriesScanner(rest)
        guard let labels = scanner.labels(), let value = scanner.value(),
            let name = labels.first(where: { $0.name == "node" }) ?? labels.first(where: { $0.name == "instance" }),
            !name.value.isEmpty
        else { return malformed.add(lineNumber) }
        add(value, of: name.value)
    }

    /// Of several prices of a node the highest counts, whatever their order; what is no amount counts only where there is
    /// nothing else. A zero says that the price is not known.
    private mutating func add(_ text: String, of node: String) {
        let parsed = try? Money(rounding: text)
        let amount = parsed.flatMap { $0.isNegative ? nil : $0 }
        let known = amount.flatMap { $0.isZero ? nil : $0 }
        guard var entry = entries[node] else {
            guard entries.count < Self.maximumNodes else {
                isCut = true
                return
            }
            entries[node] = Entry(text: text, amount: amount, lowest: known)
            return
        }
        if let known { entry.lowest = min(entry.lowest ?? known, known) }
        if let amount, entry.amount.map({ $0 < amount }) ?? true {
            entry.amount = amount
            entry.text = text
        } else if amount == nil, entry.amount == nil, text < entry.text {
            entry.text = text
        }
        entries[node] = entry
    }

    fileprivate static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

/// Reads one series: `{name="value",…} value [timestamp]`, without the metric's name.
///
/// Source: prometheus.io/docs/instrumenting/exposition_formats. An exemplar or comment after `#` is left alone.
private struct SeriesScanner {
    private var rest: ArraySlice<UInt8>

    init(_ rest: ArraySlice<UInt8>) { self.rest = rest }

    /// Nil if they are none.
    mutating func labels() -> [(name: String, value: String)]? {
        var labels: [(name: String, value: String)] = []
        skipBlanks()
        guard take("{") else { return labels }
        while true {
            skipBlanks()
            if take("}") { return labels }
            let name = rest.prefix { Self.isNameByte($0) }
            rest = rest.dropFirst(name.count)
            skipBlanks()
            guard !name.isEmpty, take("=") else { return nil }
            skipBlanks()
            guard let value = quoted() else { return nil }
            labels.append((String(decoding: name, as: UTF8.self), value))
            skipBlanks()
            guard take(",") || rest.first == UInt8(ascii: "}") else { return nil }
        }
    }

    /// The value's text as it stands, without a plus sign. Nil if there is none, or something other than a timestamp
    /// follows.
    mutating func value() -> String? {
        skipBlanks()
        guard let text = word() else { return nil }
        skipBlanks()
        if let first = rest.first, first != UInt8(ascii: "#") {
            guard word()?.utf8.allSatisfy({ Self.isNumberByte($0) }) == true else { return nil }
            skipBlanks()
            guard rest.first.map({ $0 == UInt8(ascii: "#") }) ?? true else { return nil }
        }
        return text.hasPrefix("+") ? String(text.dropFirst()) : text
    }

    private mutating func word() -> String? {
        let word = rest.prefix { !OpenCostReader.isBlank($0) && $0 != UInt8(ascii: "\r") }
        rest = rest.dropFirst(word.count)
        return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    private mutating func quoted() -> String? {
        guard take("\"") else { return nil }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                bytes.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipBlanks() {
        rest = rest.drop { OpenCostReader.isBlank($0) || $0 == UInt8(ascii: "\r") }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ":")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || "+-.eE".utf8.contains(byte)
    }
}
