import Foundation
import FoundationXML
import ManifestCheck
import Reports
import TestSupport
import Testing

/// Names that would act on a terminal, in every place a report quotes.
enum Hostile {
    /// Escape, bell, C1 control, carriage return, direction marks, a line separator, zero width, a tag.
    static let text = "\u{1B}[31mx\u{7}\u{9B}\r\u{202E}\u{61C}\u{2066}\u{2028}\u{200B}\u{FEFF}\u{E0041}\u{7F}"

    static let file = "dir/\(text)\n::error::.yaml"

    /// The text as an escape in JSON, which is how it can stand in a manifest at all.
    static let escaped: String = text.utf16.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()

    static let manifest: String = """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {
          "name": "n\(escaped)\\n::error::", "namespace": "s\(escaped)",
          "labels": {"team": "t\(escaped)", "environment": {"a\(escaped)": 1}}}}
        {"apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob", "metadata": {"name": "j"},
          "spec": {"pytorchReplicaSpecs": {"R\(escaped)": {"template": {"metadata": {}}}}}}
        {"apiVersion": "acme.io/v1\(escaped)", "kind": "K\(escaped)",
          "spec": {"p\(escaped)": {"spec": {"containers": []}}}}
        {"apiVersion": "v1", "kind": "Pod", "a\(escaped)": 1, "a\(escaped)": 2}
        {"apiVersion": "a/b/\(escaped)", "kind": "Pod"}
        {"apiVersion": "v1", "kind": ["\(escaped)"]}
        "\(escaped)"
        """
}

@Suite struct HostileTextTests {
    private func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: scalar == "\n"
        case .format, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }

    @Test(arguments: CheckFormat.allCases) func nothingReachesTheTerminalRaw(format: CheckFormat) throws {
        let report = check(Hostile.manifest, name: Hostile.file)
        #expect(report.judged.count == 3 && report.diagnostics.count == 5)
        let text = try render(report, format)
        let unsafe = text.unicodeScalars.filter { !isSafe($0) }.map { String($0.value, radix: 16) }
        #expect(unsafe == [])
        #expect(text.hasSuffix("\n"))
    }

    /// A tab is legal in a name that JSON carries, and would shift columns.
    @Test func tabsStayInExcerptsOnly() throws {
        let report = check("{\"apiVersion\": \"v1\",\t\"kind\": \"Pod\", \"metadata\": {\"name\": \"a\\tb\"}}\n")
        let lines = try render(report, .text).split(separator: "\n")
        #expect(lines.filter { $0.contains("\t") }.allSatisfy { $0.hasPrefix("    ") })
    }

    /// Programs get the names as they are.
    @Test func jsonIsLossless() throws {
        struct Report: Decodable {
            struct Subject: Decodable { var name: String }
            struct Finding: Decodable {
                var subject: Subject
                var file: String
            }
            var findings: [Finding]
        }
        let text = try render(check(Hostile.manifest, name: Hostile.file), .json)
        let first = try #require(try JSONDecoder().decode(Report.self, from: Data(text.utf8)).findings.first)
        #expect(Array(first.subject.name.unicodeScalars) == Array("n\(Hostile.text)\n::error::".unicodeScalars))
        #expect(Array(first.file.unicodeScalars) == Array(Hostile.file.unicodeScalars))
    }

    /// Only the report's own colours.
    @Test func stylesAreClosedAndOurs() throws {
        let text = try render(check(Hostile.manifest, name: Hostile.file), .text, isStyled: true)
        let codes = text.split(separator: "\u{1B}", omittingEmptySubsequences: false).dropFirst().map {
            $0.prefix { $0 != "m" }
        }
        #expect(Set(codes) == ["[0", "[1", "[31", "[33", "[35", "[36"])
        #expect(codes.count { $0 == "[0" } * 2 == codes.count)
        #expect(try render(try examples(), .text, isStyled: true).contains("\u{1B}[31merror:\u{1B}[0m"))
    }

    // MARK: GitHub

    /// What the runner makes of a line, by its own rules.
    private func parsed(_ line: Substring) -> (properties: [String: String], message: String)? {
        guard line.hasPrefix("::"), let end = line.dropFirst(2).firstRange(of: "::") else { return nil }
        func data(_ text: some StringProtocol) -> String {
            String(text).replacing("%0D", with: "\r").replacing("%0A", with: "\n").replacing("%25", with: "%")
        }
        var properties: [String: String] = [:]
        let head = line[line.index(line.startIndex, offsetBy: 2)..<end.lowerBound]
        guard let space = head.firstIndex(of: " ") else { return nil }
        for part in head[space...].dropFirst().split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard let key = pair.first, let value = pair.last else { return nil }
            properties[String(key)] = data(String(value).replacing("%3A", with: ":").replacing("%2C", with: ","))
        }
        return (properties, data(line[end.upperBound...]))
    }

    @Test func annotationsCannotBeForged() throws {
        let name = "a,b:c%0A::error.yaml\n::error::forged"
        let report = check(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: \"100%\\n::error::x\", namespace: shop}\n", name: name)
        let commands = try render(report, .github).split(separator: "\n").filter { $0.hasPrefix("::") }
        #expect(commands.count == report.findings.count)
        for command in commands {
            let (properties, message) = try #require(parsed(command))
            #expect(properties["file"] == name)
            #expect(properties["line"] == "3")
            #expect(properties["title"]?.contains(": ") == true)
            #expect(message.hasPrefix("Pod \"100%\u{FFFD}::error::x\" in namespace"))
        }
    }

    // MARK: JUnit

    private final class Counter: NSObject, XMLParserDelegate {
        var elements: [String: Int] = [:]
        var attributes: [[String: String]] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements[name, default: 0] += 1
            if name == "testsuite" { self.attributes.append(attributes) }
        }
    }

    private func parse(_ report: CheckReport) throws -> Counter {
        let parser = XMLParser(data: Data(try render(report, .junit).utf8))
        let counter = Counter()
        parser.delegate = counter
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        return counter
    }

    @Test func junitIsWellFormedAndCounts() throws {
        for report in [
            try examples(), CheckReport(), check("a: ["), check(Hostile.manifest, name: Hostile.file),
            check("apiVersion: v1\nkind: Pod\nmetadata: {name: \"<a href='x'>&amp;]]>\\uFFFE\"}\n", name: "<&\">.yaml"),
        ] {
            let counter = try parse(report)
            let suite = try #require(counter.attributes.first)
            #expect(suite["tests"] == "\(counter.elements["testcase", default: 0])")
            #expect(suite["failures"] == "\(counter.elements["failure", default: 0])")
            #expect(suite["errors"] == "\(counter.elements["error", default: 0])")
        }
    }
}
