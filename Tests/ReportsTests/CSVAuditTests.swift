import Audit
import LabelPolicy
import Reports
import TestSupport
import Testing

@Suite("CSV of an audit") struct CSVAuditTests {
    @Test func golden() throws {
        try expectGolden(try render(.sample(), .csv), "sample.csv")
        try expectGolden(try render(.sample(), .csv, by: "team"), "by-team.csv")
        try expectGolden(try render(Hostile.report(), .csv), "hostile.csv")
    }

    @Test func emptyClusterHasTheHeadings() throws {
        let text = try render(.empty(), .csv)
        #expect(text.hasPrefix("level,reason,label,namespace,kind,name,"))
        #expect(text.hasSuffix("\r\n") && text.unicodeScalars.count { $0 == "\n" } == 1)
    }

    @Test("Every record has as many cells as the heading, and no cell begins a formula")
    func parses() throws {
        for (name, report) in Samples.all {
            for grouping in [nil] + report.showback.map(\.dimension.name) {
                let records = Self.parse(try render(report, .csv, by: grouping))
                let count = grouping == nil ? report.findings.count : report.showback(named: grouping)?.rows.count
                #expect(records.count - 1 == count, "\(name)")
                for record in records {
                    #expect(record.count == records[0].count, "\(name): \(record)")
                    for cell in record {
                        let first = cell.drop { $0.isWhitespace }.first
                        #expect(first.map { "=+@".contains($0) } != true, "\(name): \(cell)")
                        if first == "-" { #expect(Double(cell) != nil, "\(name): \(cell)") }
                    }
                }
            }
        }
    }

    /// RFC 4180, section 2.
    private static func parse(_ text: String) -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var cell = ""
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if isQuoted {
                if scalar != "\"" {
                    cell.unicodeScalars.append(scalar)
                } else if scalars.first == "\"" {
                    scalars.removeFirst()
                    cell.unicodeScalars.append("\"")
                } else {
                    isQuoted = false
                }
            } else if scalar == "\"" {
                isQuoted = true
            } else if scalar == "," || scalar == "\n" {
                record.append(cell)
                cell = ""
                if scalar == "\n" {
                    records.append(record)
                    record = []
                }
            } else if scalar != "\r" {
                cell.unicodeScalars.append(scalar)
            }
        }
        return records
    }
}

extension AuditReport {
    fileprivate func showback(named name: String?) -> Showback? { showback.first { $0.dimension.name == name } }
}
