/// A strict reader of the Prometheus text format 0.0.4, for tests: what a scraper would reject, or `promtool check
/// metrics` complain of, is an error here.
struct Exposition {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Family {
        var name: String
        var kind: String
        var help: String
        var samples: [Sample] = []
    }

    struct Malformed: Error, CustomStringConvertible {
        var line: Int
        var reason: String
        var description: String { "line \(self.line): \(self.reason)" }
    }

    private(set) var families: [Family] = []

    init(parsing text: String) throws {
        guard text.hasSuffix("\n") else { throw Malformed(line: 0, reason: "no final newline") }
        var help: (name: String, text: String)?
        for (index, line) in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func fail(_ reason: String) -> Malformed { Malformed(line: index + 1, reason: "\(reason): \(line)") }
            if line.hasPrefix("# HELP ") {
                let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                guard parts.count == 2, help == nil else { throw fail("HELP") }
                help = (String(parts[0]), String(parts[1]))
            } else if line.hasPrefix("# TYPE ") {
                let parts = line.dropFirst(7).split(separator: " ")
                guard parts.count == 2, let about = help, about.name == parts[0] else { throw fail("TYPE") }
                guard ["counter", "gauge", "histogram"].contains(parts[1]) else { throw fail("kind") }
                guard Exposition.isName(about.name, colon: true) else { throw fail("name") }
                guard !self.families.contains(where: { $0.name == about.name }) else { throw fail("twice") }
                guard parts[1] != "counter" || about.name.hasSuffix("_total") else { throw fail("counter's name") }
                guard parts[1] == "counter" || !about.name.hasSuffix("_total") else { throw fail("gauge's name") }
                self.families.append(Family(name: about.name, kind: String(parts[1]), help: about.text))
                help = nil
            } else {
                guard !self.families.isEmpty, help == nil else { throw fail("sample without a family") }
                let family = self.families[self.families.count - 1]
                guard let sample = Exposition.sample(line) else { throw fail("sample") }
                let suffixes = family.kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                guard suffixes.contains(where: { family.name + $0 == sample.name }) else { throw fail("foreign") }
                let isRepeated = family.samples.contains { $0.name == sample.name && $0.labels == sample.labels }
                guard !isRepeated else { throw fail("repeated") }
                self.families[self.families.count - 1].samples.append(sample)
            }
        }
        for family in self.families where family.kind == "histogram" { try Exposition.check(family) }
    }

    func family(_ name: String) -> Family? { self.families.first { $0.name == name } }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        for family in self.families {
            if let sample = family.samples.first(where: { $0.name == name && $0.labels == labels }) {
                return sample.value
            }
        }
        return nil
    }

    private static func isName(_ text: String, colon: Bool) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || (colon && $0 == ":")) }
    }

    private static func sample(_ line: Substring) -> Sample? {
        let name = line.prefix { $0 != "{" && $0 != " " }
        guard isName(String(name), colon: true) else { return nil }
        var rest = line[name.endIndex...]
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let label = rest.prefix { $0 != "=" }
                rest = rest[label.endIndex...]
                guard isName(String(label), colon: false), labels[String(label)] == nil, rest.hasPrefix("=\"") else {
                    return nil
                }
                rest = rest.dropFirst(2)
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    switch rest.popFirst() {
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    case "n": value.append("\n")
                    default: return nil
                    }
                }
                labels[String(label)] = value
                if rest.first == "," { rest.removeFirst() } else if rest.first != "}" { return nil }
            }
            rest.removeFirst()
        }
        guard rest.first == " " else { return nil }
        let number = rest.dropFirst()
        let value = number == "+Inf" ? .infinity : number == "-Inf" ? -.infinity : Double(number)
        guard let value, !number.contains(" ") else { return nil }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func check(_ family: Family) throws {
        let buckets = family.samples.filter { $0.name.hasSuffix("_bucket") }
        let bounds = buckets.compactMap { $0.labels["le"] }.compactMap { $0 == "+Inf" ? .infinity : Double($0) }
        let counts = buckets.map(\.value)
        let count = family.samples.first { $0.name.hasSuffix("_count") }?.value
        let isSound =
            bounds.count == buckets.count && bounds == bounds.sorted() && bounds.last == .infinity
            && counts == counts.sorted() && counts.last == count
            && family.samples.contains { $0.name.hasSuffix("_sum") }
        guard isSound else { throw Malformed(line: 0, reason: "histogram \(family.name)") }
    }
}
