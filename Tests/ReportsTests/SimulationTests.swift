import Audit
import LabelPolicy
import Reports
import TestSupport
import Testing

@Suite("Reports of a simulation") struct SimulationTests {
    private func render(_ report: AuditReport, _ format: SimulationFormat, width: Int = 100) -> String {
        SimulationRenderer(width: width).render(report, as: format)
    }

    @Test(arguments: [
        (SimulationFormat.text, "simulation.txt"), (.json, "simulation.json"), (.csv, "simulation.csv"),
        (.markdown, "simulation.md"),
    ])
    func golden(format: SimulationFormat, name: String) throws {
        try expectGolden(render(.sample(), format), name)
    }

    private func hostile() -> AuditReport {
        var report = Hostile.report()
        report.simulation.namespaces = Hostile.names.map { name in
            Simulation.Row(
                namespace: name, mode: nil, workloads: 1, costPerHour: "1",
                blocked: Simulation.Blocked(workloads: 1, pods: 2, costPerHour: "1"),
                labels: [Simulation.LabelCount(label: name, workloads: 1)], isUncertain: true)
        }
        return report
    }

    @Test func satisfiesItsSchema() throws {
        let schema = try JSONSchema(try Repository.read("docs/schemas/simulation-report.schema.json"))
        for report in [.sample(), .empty(), hostile()] {
            #expect(try schema.problems(in: render(report, .json)) == [])
        }
        let damaged = render(.sample(), .json).replacing(#""clean": false"#, with: #""clean": 2"#)
        #expect(try !schema.problems(in: damaged).isEmpty)
    }

    @Test("Hostile names stay in their cells", arguments: [SimulationFormat.text, .json, .csv, .markdown])
    func hostileNames(format: SimulationFormat) {
        let text = render(hostile(), format)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\r" || $0 == "\u{202E}" })
        #expect(!text.contains("\n=HYPERLINK") && !text.contains(",=HYPERLINK"))
    }

    @Test("Text fits into the terminal", arguments: [40, 60, 80, 120])
    func width(columns: Int) {
        for line in render(hostile(), .text, width: columns).split(separator: "\n") {
            // Marks that combine take no column.
            #expect(line.count <= columns, "\(line)")
        }
    }
}

@Suite("Scripts of fixes") struct FixScriptTests {
    private func script(
        _ report: AuditReport, gently: Bool = false, allowsRestarts: Bool = false
    ) -> String {
        FixScript(
            report, steps: FixStep.steps(for: report.findings, gently: gently), allowsRestarts: allowsRestarts
        ).render()
    }

    private func list(_ report: AuditReport) -> String {
        FixList.render(report, steps: FixStep.steps(for: report.findings))
    }

    @Test("As JSON the steps are the script's") func goldenJSON() throws {
        try expectGolden(list(.sample()), "fixes.json")
        let commands = FixStep.steps(for: AuditReport.sample().findings).flatMap(\.commands)
        let script = script(.sample(), allowsRestarts: true)
        #expect(!commands.isEmpty && commands.allSatisfy { script.contains($0) })
    }

    @Test("The list satisfies its schema, whatever the names") func satisfiesItsSchema() throws {
        let schema = try JSONSchema(try Repository.read("docs/schemas/fix-list.schema.json"))
        for report in [.sample(), .empty(), Hostile.report()] {
            #expect(try schema.problems(in: list(report)) == [])
        }
        let damaged = list(.sample()).replacing(#""restarts": true"#, with: #""restarts": "yes""#)
        #expect(try !schema.problems(in: damaged).isEmpty)
    }

    @Test func golden() throws {
        try expectGolden(script(.sample()), "fixes.sh")
        try expectGolden(script(.sample(), allowsRestarts: true), "fixes-restarting.sh")
        try expectGolden(script(.empty()), "fixes-empty.sh")
    }

    @Test("Only complete commands that restart nothing are live lines")
    func live() {
        for report in [.sample(), Hostile.report()] {
            for line in script(report).split(separator: "\n") where !line.hasPrefix("#") {
                #expect(!line.contains("<"), "\(line)")
                #expect(!line.contains("deployment.apps") || !line.contains(#""template""#), "\(line)")
            }
        }
        #expect(script(.sample(), allowsRestarts: true).contains("\nkubectl patch"))
    }

    @Test("Names cannot leave their comments")
    func hostile() {
        let text = script(Hostile.report(), allowsRestarts: true)
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }
}
