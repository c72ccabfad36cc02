import Foundation
import ManifestCheck
import Reports
import TestSupport
import Testing

@Suite struct JSONReportTests {
    private let schema: JSONSchema

    init() throws { schema = try JSONSchema(try Repository.read("docs/schemas/check-report.schema.json")) }

    @Test func satisfiesItsSchema() throws {
        let reports = [
            try examples(), CheckReport(), check(""), check("a: ["), check(Hostile.manifest, name: Hostile.file),
        ]
        for report in reports {
            let problems = try schema.problems(in: try render(report, .json))
            #expect(problems == [])
        }
    }

    /// The validator can fail, and the schema says more than "an object".
    @Test(arguments: [
        (#""line" : "#, #""line" : -"#), (#""kind" : "CheckReport""#, #""kind" : "Report""#),
        (#""level" : "required""#, #""level" : "must""#), (#""source" : "own""#, #""source" : "thin air""#),
        (#""totals" : {"#, #""totals" : { "more" : 1,"#), (#""reason" : "missing","#, ""),
        (#""workloads" : 0."#, #""workloads" : 7."#), (#""generatedAt" : "2026"#, #""generatedAt" : "in 2026"#),
    ])
    func theSchemaRefusesOtherShapes(part: String, damage: String) throws {
        let text = try render(try examples(), .json)
        #expect(text.contains(part))
        #expect(try !schema.problems(in: text.replacing(part, with: damage)).isEmpty)
    }

    @Test func coverageCountsWhatCostsMoney() throws {
        let report = check(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: a, labels: {team: payments, cost-center: checkout, environment: dev}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: b, labels: {team: payments}}
            """)
        let text = try render(report, .json)
        // The Namespace lacks labels too, and is no workload. The registry supplies b's cost center.
        #expect(text.contains(#""workloads" : 0.5"#))
        #expect(text.contains(#""team" : 1"#) && text.contains(#""environment" : 0.5"#))
        #expect(report.compliantCount == 1 && report.judged.count == 3)
    }

    @Test func withoutWorkloadsThereIsNoShare() throws {
        #expect(try !render(check("apiVersion: v1\nkind: ConfigMap\n"), .json).contains("\"workloads\""))
    }
}
