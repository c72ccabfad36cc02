import Audit
import Foundation
import LabelPolicy
import Reports
import TestSupport
import Testing

/// Files of the repository, found from where this file was compiled.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }
}

/// Compares with a file of `Golden`; with `TALLYGATE_UPDATE_GOLDENS` set, writes it instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = "Tests/ReportsTests/Golden/\(name)"
    if ProcessInfo.processInfo.environment["TALLYGATE_UPDATE_GOLDENS"] != nil {
        try Data(text.utf8).write(to: Repository.root.appending(path: path))
        return
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = try Repository.read(path).split(separator: "\n", omittingEmptySubsequences: false)
    for (index, (line, want)) in zip(lines, wanted).enumerated() where line != want {
        Issue.record("\(path):\(index + 1): got \(line)", sourceLocation: sourceLocation)
        return
    }
    #expect(lines.count == wanted.count, "\(path)", sourceLocation: sourceLocation)
}

func render(
    _ report: AuditReport, _ format: AuditFormat, width: Int = 100, isStyled: Bool = false, by grouping: String? = nil
) throws -> String {
    try AuditRenderer(width: width, isStyled: isStyled, grouping: grouping).render(report, as: format)
}

/// Names that try to break out of every format, in every place that a name can stand in.
enum Hostile {
    static let names = [
        "=HYPERLINK(\"https://evil.example\",\"x\")", "+1", "-2+3", "@SUM(A1)", "\t=1", "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>", "a|b`c`*d*_e_[f](https://evil.example)", "\u{1B}[31mred\u{1B}[0m",
        "line\nbreak\r", "\u{202E}drowssap", "団体名前空間団体名前空間団体名前空間団体名前空間", "e\u{301}\u{301}\u{301}x",
        "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", String(repeating: "long-", count: 60), "'; rm -rf / #", "\"quoted\", comma", "&lt;&#64;", "",
        "\u{2028}\u{FEFF}", "www.evil.example https://evil.example @someone",
    ]

    static func report() -> AuditReport {
        var report = AuditReport.sample()
        report.cluster = names[5]
        report.policy = names[8]
        report.findings = names.enumerated().map { index, name in
            AuditReport.Finding(
                reason: .missing, label: name.isEmpty ? nil : name, level: index % 2 == 0 ? .required : .recommended,
                subject: ObjectReference(apiVersion: "apps/v1", kind: "Deployment", namespace: name, name: name),
                pods: index, costPerHour: "1",
                effective: [AuditReport.EffectiveLabel(key: "team", value: name + "-", source: .own)],
                facts: .metadataPruned(path: name), message: "said: \(name)",
                fix: .manual("do: \(name)"), isUncertain: index == 1)
        }
        report.namespaces = names.map { AuditReport.NamespaceRow(name: $0, pods: 1) }
        report.nodeGroups = names.map { name in
            AuditReport.NodeGroupRow(
                name: "n" + name, provider: .unknown, identity: .inferred, nodes: 1, instanceTypes: [name],
                tags: [
                    AuditReport.TagRow(label: "team", tag: "t" + name, value: nil, missingNodes: 1, isDrifting: false)
                ])
        }
        report.showback = [
            AuditReport.Showback(
                dimension: .label("team"),
                rows: names.map { AuditReport.ShowbackRow(account: .named($0), direct: "1") }, total: "21")
        ]
        report.advice = names.map {
            AuditReport.Advice(topic: .mixedNodeGroup(name: $0), message: "m\($0)", remedy: "r\($0)")
        }
        report.notes = names.map { AuditReport.Note(kind: .object, text: "n\($0)") }
        return report
    }
}

/// Reports that every format must stand.
enum Samples {
    static let all: [(String, AuditReport)] = [
        ("sample", .sample()), ("empty", .empty()), ("hostile", Hostile.report()),
    ]
}
