import Foundation
import LabelPolicy
import LocatedDocuments
import ManifestCheck
import Reports
import TestSupport
import Testing

@Suite struct TextReportTests {
    /// Labels that are missing at one place share its excerpt, and one snippet mends them.
    @Test func gapsOfOnePlaceStandUnderOneExcerpt() throws {
        let text = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop, labels: {team: payments, cost-center: checkout, environment: dev, project: p, model: m}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              template:
                metadata:
                  labels: {app: web, environment: prodution}
            """
        var policy = Policy.finance
        policy.labels[0].defaultFrom = []
        #expect(
            try render(check(text, policy: policy), .text) == """
                Deployment "web" in namespace "shop": would be denied
                m.yaml:11:7: error: cost label team: missing
                m.yaml:11:7: warning: cost label project: missing
                m.yaml:11:7: warning: cost label model: missing
                          labels: {app: web, environment: prodution}
                          ^~~~~~
                    in spec.template.metadata.labels:
                      team: VALUE     # registered: ml-platform, payments
                      project: VALUE
                      model: VALUE
                m.yaml:11:39: error: cost label environment: invalid-value "prodution"
                          labels: {app: web, environment: prodution}
                                                          ^~~~~~~~~
                    did you mean, in spec.template.metadata.labels:
                      environment: production

                2 of 2 objects in 1 file judged: 1 compliant, 1 not; the gate would deny 1.
                Labels missing or wrong: 2 required, 2 recommended.

                """)
    }

    @Test func whatIsUnknownSaysWhatToDo() throws {
        let policy = Policy.enforcing(LabelRule(key: "team", level: .required, defaultFrom: [.namespace]))
        #expect(
            try render(check("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", policy: policy), .text) == """
                Pod "a" in namespace "shop": unknown without its namespace
                m.yaml:3:1: unknown: cost label team: missing
                    metadata: {name: a}
                    ^~~~~~~~
                    in metadata.labels:
                      team: VALUE
                    or, if namespace "shop" has this label: pass its manifest too

                1 of 1 object in 1 file judged: 0 compliant, 1 not.
                Labels missing or wrong: 0 required, 0 recommended; 1 unknown without the namespace.

                """)
    }

    @Test func problemsStandBeforeTheSummary() throws {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {team: x}}\n---\na: b: c\n"
        let rule = Policy.enforcing(LabelRule(key: "team", level: .required))
        #expect(
            try render(check(text, policy: rule), .text) == """
                m.yaml:5:5: error: a second `:` where only one key fits
                    a: b: c
                        ^
                    quote a value that contains `: `, or check the indentation of this line

                1 of 1 object in 1 file judged: 1 compliant, 0 not.
                1 input error: the answer is incomplete.

                """)
    }

    @Test func nothingFoundIsOneLine() throws {
        #expect(
            try render(check("apiVersion: v1\nkind: ConfigMap\n"), .text) == "0 of 1 object in 1 file judged.\n")
        #expect(try render(CheckReport(), .text) == "0 of 0 objects in 0 files judged.\n")
    }

    /// Pieces that read as a number or a boolean are proposed in quotes.
    @Test func proposalsAreYAML() throws {
        let rule = LabelRule(key: "year", level: .required, values: ValueRule(oneOf: ["2026"]))
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {labels: {year: \"2025\"}}\n"
        #expect(
            check(text, policy: .enforcing(rule)).findings.map(\.fix) == ["set \"year: \"2026\"\" in metadata.labels"])
    }

    // MARK: Always

    @Test(arguments: CheckFormat.allCases) func theSameInputGivesTheSameBytes(format: CheckFormat) throws {
        let first = try render(try examples(), format)
        for _ in 0..<3 { #expect(try render(try examples(), format) == first) }
    }

    /// Whatever is done to manifests, a report comes of it, and every place lies in the file.
    @Test func damagedManifestsAreReported() throws {
        let names = try FileManager.default
            .contentsOfDirectory(atPath: Repository.root.appending(path: "examples/manifests").path()).sorted()
        let seeds = try names.map { Array(try Repository.read("examples/manifests/\($0)").utf8) }
        var generator = SeededGenerator(seed: 7)
        for round in 0..<400 {
            var bytes = generator.pick(seeds)
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let index = Int.random(in: 0..<max(1, bytes.count), using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0 where index < bytes.count: bytes[index] = .random(in: 0...255, using: &generator)
                case 1 where index < bytes.count: bytes.remove(at: index)
                case 2: bytes.insert(generator.pick(Array("{}[]:,-*&\"'\n \t#|é".utf8)), at: min(index, bytes.count))
                default:
                    // A piece of another document in the midst of this one.
                    let other = generator.pick(seeds)
                    let start = Int.random(in: 0..<other.count, using: &generator)
                    bytes.insert(contentsOf: other[start..<min(other.count, start + 80)], at: min(index, bytes.count))
                }
            }
            let report = check([SourceFile(name: "m.yaml", bytes: bytes)])
            for finding in report.findings {
                #expect(finding.position.offset <= bytes.count && finding.length >= 1)
            }
            for format in CheckFormat.allCases where round % CheckFormat.allCases.count == 0 || format == .text {
                #expect(try !render(report, format).isEmpty)
            }
        }
    }
}
