import Attribution
import Audit
import LabelPolicy
import LocatedDocuments
import Reports
import TestSupport
import Testing

@Suite("Text of an audit") struct TextAuditTests {
    @Test("Reads as the goldens do", arguments: [60, 80, 120])
    func golden(width: Int) throws {
        try expectGolden(try render(.sample(), .text, width: width), "sample-\(width).txt")
    }

    @Test func emptyCluster() throws { try expectGolden(try render(.empty(), .text), "empty.txt") }
    @Test func hostileNames() throws { try expectGolden(try render(Hostile.report(), .text, width: 80), "hostile.txt") }

    @Test("Groups by a label, a namespace, a node group", arguments: ["team", "namespace", "nodegroup"])
    func groups(by dimension: String) throws {
        try expectGolden(try render(.sample(), .text, width: 80, by: dimension), "by-\(dimension).txt")
    }

    @Test(
        "No line but a command is wider than the terminal", arguments: [1, 40, 41, 57, 60, 79, 80, 100, 120, 160, 900])
    func fits(width: Int) throws {
        let room = min(max(width, AuditRenderer.minimumWidth), AuditRenderer.maximumWidth)
        for (name, report) in Samples.all {
            for grouping in [nil] + report.showback.map(\.dimension.name) {
                let text = try render(report, .text, width: width, by: grouping)
                for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                    let columns = line.unicodeScalars.reduce(0) { $0 + Terminal.width($1) }
                    if !line.hasPrefix("     $ ") { #expect(columns <= room, "\(name): \(line)") }
                    #expect(line.last != " ", "\(name): \(line)")
                    #expect(line.unicodeScalars.allSatisfy(Terminal.isPrintable), "\(name): \(line)")
                }
            }
        }
    }

    @Test("A name of a megabyte is shortened, and takes no longer than others")
    func longName() throws {
        var report = AuditReport.sample()
        let name = String(repeating: "x", count: 1 << 20)
        report.findings[0].subject.name = name
        report.findings[0].message += name
        report.findings[0].fix = .manual(name)
        let text = try render(report, .text, width: 80)
        #expect(text.contains("xxx…xxx"))
        for format in AuditFormat.allCases { #expect(try render(report, format).utf8.count > 1_000) }
    }

    @Test("A subject that has no room keeps its namespace and its kind")
    func paths() throws {
        var report = AuditReport.sample()
        report.findings[0].subject = ObjectReference(
            apiVersion: "apps/v1", kind: "Deployment", namespace: "kube-prometheus-stack",
            name: "prometheus-kube-prometheus-operator-admission-webhook")
        let lines = try render(report, .text, width: 60).split(separator: "\n")
        let line = try #require(lines.first { $0.contains("/Deployment/") })
        #expect(line.contains("stack/Deployment/") && line.hasSuffix("hook"))
    }

    @Test("Colours change nothing but colours")
    func colours() throws {
        for (name, report) in Samples.all {
            let styled = try render(report, .text, isStyled: true)
            #expect(styled.contains("\u{1B}["), "\(name)")
            #expect(styled.replacing(/\u{1B}\[[0-9]+m/, with: "") == (try render(report, .text)), "\(name)")
        }
    }

    @Test("A dimension that the report has no table for is refused with those it has")
    func unknownDimension() {
        #expect {
            try render(.sample(), .text, by: "tema")
        } throws: { error in
            "\(error)" == "cannot group by \"tema\"; this report has: team, namespace, nodegroup"
        }
    }

    @Test("Rows beyond a screen are one row, and the money is all there")
    func others() throws {
        var report = AuditReport.sample()
        let rows = (0..<100).map { AuditReport.ShowbackRow(account: .named("team-\($0)"), workloads: 1, direct: "1") }
        report.showback = [AuditReport.Showback(dimension: .label("team"), rows: rows, total: "100")]
        let text = try render(report, .text, by: "team")
        #expect(text.contains("60 others"))
        #expect(text.contains("43,800"))
        #expect(!text.contains("team-40"))
    }
}

@Suite struct AmountTextTests {
    private let amounts = AmountText(.usd)

    @Test(
        arguments: [
            (0, "0"), (0.000000001, "<1"), (0.001, "<1"), (0.00137, "1"), (4.5, "3,285"), (1712.3287, "1,250,000"),
            (-4.5, "-3,285"),
        ] as [(Double, String)])
    func monthly(rate: Double, text: String) {
        #expect(amounts.month(.init(nanos: Int64((rate * 1e9).rounded()))) == text)
    }

    @Test func hourly() {
        #expect(amounts.hour("46.5") == "$46.50")
        #expect(amounts.hour("12345.678") == "$12,345.68")
        #expect(amounts.hour("0.0001") == "<$0.01")
        #expect(amounts.hour("0") == "$0.00")
    }

    @Test func sharesAreNeverRoundedUp() {
        #expect(AmountText.percent(9_999) == "99.9%")
        #expect(AmountText.percent(10_000) == "100.0%")
        #expect(AmountText.percent(nil) == "-")
        #expect(AmountText.percent(AmountText.basisPoints("1", of: "3")) == "33.3%")
    }
}
