import Attribution
import Audit
import Foundation
import LabelPolicy
import Reports
import TestSupport
import Testing

@Suite("JSON of an audit") struct JSONAuditTests {
    private let schema: JSONSchema

    init() throws { schema = try JSONSchema(try Repository.read("docs/schemas/audit-report.schema.json")) }

    @Test func golden() throws {
        try expectGolden(try render(.sample(), .json), "sample.json")
        try expectGolden(try render(.empty(), .json), "empty.json")
    }

    @Test func satisfiesItsSchema() throws {
        for (name, report) in Samples.all {
            for grouping in [nil] + report.showback.map(\.dimension.name) {
                let problems = try schema.problems(in: try render(report, .json, by: grouping))
                #expect(problems == [], "\(name)")
            }
        }
    }

    /// The schema says more than "an object".
    @Test(arguments: [
        (#""nodes": "#, #""nodes": -"#), (#""kind": "AuditReport""#, #""kind": "Report""#),
        (#""costPerHour": "46.5""#, #""costPerHour": "46,5""#), (#""costPerHour": "46.5""#, #""costPerHour": 46.5"#),
        (#""source": "own""#, #""source": "thin air""#), (#""totals": {"#, #""totals": { "more": 1,"#),
        (#""reason": "missing","#, ""), (#""spend": 0."#, #""spend": 7."#),
        (#""mayRestart": true"#, #""mayRestart": 2"#),
        (#""provider": "eks""#, #""provider": "moon""#), (#""currency": "USD""#, #""currency": "dollars""#),
    ])
    func theSchemaRefusesOtherShapes(part: String, damage: String) throws {
        let text = try render(.sample(), .json)
        #expect(text.contains(part))
        #expect(try !schema.problems(in: text.replacing(part, with: damage)).isEmpty)
    }

    @Test("Hostile names come back as they were, and no raw one reaches the terminal")
    func hostile() throws {
        let text = try render(Hostile.report(), .json)
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let findings = document?["findings"] as? [[String: Any]] ?? []
        let names = findings.map { ($0["subject"] as? [String: Any])?["name"] as? String }
        #expect(names == Hostile.names)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202E}" })
    }

    @Test("Keys keep their order")
    func order() throws {
        let text = try render(.sample(), .json)
        let keys = ["apiVersion", "kind", "generatedAt", "cluster", "coverage", "totals", "findings", "notes"]
        let places = keys.compactMap { text.range(of: "\n  \"\($0)\":")?.lowerBound }
        #expect(places.count == keys.count && places == places.sorted())
    }

    @Test("Grouping gives the one table, workloads too")
    func grouping() throws {
        var report = AuditReport.sample()
        report.showback.append(AuditReport.Showback(dimension: .workload, rows: [], total: .zero))
        #expect(try !render(report, .json).contains(#""by": "workload""#))
        let text = try render(report, .json, by: "workload")
        #expect(text.contains(#""by": "workload""#) && !text.contains(#""by": "team""#))
    }
}
