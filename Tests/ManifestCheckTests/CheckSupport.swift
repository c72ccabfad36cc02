import Foundation
import KubernetesModel
import LabelPolicy
import LocatedDocuments
import ManifestCheck
import PolicyDocuments
import Reports
import TestSupport
import Testing

/// Files of the repository, found from where this file was compiled.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func read(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// A file under its path from the root, as `tallygate check` run there would name it.
    static func source(_ path: String) throws -> SourceFile { SourceFile(name: path, text: try read(path)) }
}

/// The day the examples are checked on.
let today = Timestamp.on("2026-11-21", hour: 10, minute: 30)

/// Checks one text (or more files) under a policy.
func check(
    _ text: String, name: String = "m.yaml", policy: Policy = .finance, namespace: String = "shop",
    catalogue: WorkloadCatalogue = .builtin
) -> CheckReport {
    check([SourceFile(name: name, text: text)], policy: policy, namespace: namespace, catalogue: catalogue)
}

func check(
    _ files: [SourceFile], policy: Policy = .finance, namespace: String = "shop",
    catalogue: WorkloadCatalogue = .builtin
) -> CheckReport {
    ManifestChecker(policy: policy, catalogue: catalogue, defaultNamespace: namespace).check(files, at: today)
}

func render(_ report: CheckReport, _ format: CheckFormat, isStyled: Bool = false) throws -> String {
    try CheckRenderer(version: "1.2.3", generatedAt: today, isStyled: isStyled).render(report, as: format)
}

/// The examples of the repository under their own policy.
func examples() throws -> CheckReport {
    let policy = PolicyReader.read([try Repository.source("examples/policy.yaml")], today: today.date)
    #expect(policy.diagnostics.map(\.line) == [])
    let loaded = try #require(policy.loaded)
    let directory = Repository.root.appending(path: "examples/manifests")
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path()).sorted()
    return check(
        try names.map { try Repository.source("examples/manifests/\($0)") }, policy: loaded.policy,
        namespace: "default", catalogue: loaded.catalogue)
}

/// `team: missing @ 7:3`, one for each finding.
func gaps(_ report: CheckReport) -> [String] {
    report.findings.map { finding in
        let unknown = finding.isUncertain ? " (unknown)" : ""
        return
            "\(finding.label): \(finding.reason.rawValue)\(unknown) @ \(finding.position.line):\(finding.position.column)"
    }
}

/// The messages of the diagnostics, each with its severity.
func messages(_ report: CheckReport) -> [String] {
    report.diagnostics.map { "\($0.severity.rawValue): \($0.message)" }
}

/// What a caret underlines: the characters of the source that a finding points at.
func underlined(_ finding: CheckFinding) -> String {
    let scalars = Array(String(decoding: finding.source.lineBytes(finding.position.line), as: UTF8.self).unicodeScalars)
    let start = finding.position.column - 1
    guard start < scalars.count else { return "(past the end)" }
    return String(String.UnicodeScalarView(scalars[start...].prefix(finding.length)))
}

/// Compares with a file of `Golden`; with `TALLYGATE_UPDATE_GOLDENS` set, writes it instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = "Tests/ManifestCheckTests/Golden/\(name)"
    if ProcessInfo.processInfo.environment["TALLYGATE_UPDATE_GOLDENS"] != nil {
        try Data(text.utf8).write(to: Repository.root.appending(path: path))
        return
    }
    let golden = try Repository.read(path)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = golden.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, (line, want)) in zip(lines, wanted).enumerated() where line != want {
        Issue.record("\(path):\(index + 1): got \(line)", sourceLocation: sourceLocation)
        return
    }
    #expect(lines.count == wanted.count, "\(path)", sourceLocation: sourceLocation)
}
