import Foundation
import LabelPolicy
import LocatedDocuments
import ManifestCheck
import Reports
import TestSupport
import Testing

@Suite struct SARIFTests {
    /// What the tests read of a log.
    private struct Log: Decodable {
        struct Text: Decodable { var text: String }
        struct Rule: Decodable { var id: String }
        struct Driver: Decodable {
            var version: String
            var rules: [Rule]
        }
        struct Tool: Decodable { var driver: Driver }
        struct Region: Decodable, Equatable {
            var startLine: Int
            var startColumn: Int
            var endColumn: Int
        }
        struct Artifact: Decodable { var uri: String }
        struct Physical: Decodable {
            var artifactLocation: Artifact
            var region: Region
        }
        struct Location: Decodable { var physicalLocation: Physical }
        struct Result: Decodable {
            var ruleId: String
            var ruleIndex: Int
            var level: String
            var message: Text
            var locations: [Location]
            var partialFingerprints: [String: String]
        }
        struct Notification: Decodable {
            var level: String
            var message: Text
        }
        struct Invocation: Decodable {
            var executionSuccessful: Bool
            var toolExecutionNotifications: [Notification]
        }
        struct Run: Decodable {
            var tool: Tool
            var columnKind: String
            var invocations: [Invocation]
            var results: [Result]
        }
        var version: String
        var runs: [Run]
    }

    private func run(_ report: CheckReport) throws -> Log.Run {
        let log = try JSONDecoder().decode(Log.self, from: Data(try render(report, .sarif).utf8))
        #expect(log.version == "2.1.0")
        return try #require(log.runs.first)
    }

    private static let schemaPath = ProcessInfo.processInfo.environment["TALLYGATE_SARIF_SCHEMA"]

    /// Against OASIS's own schema, which may not be copied here.
    @Test(
        .enabled(
            if: schemaPath != nil,
            "set TALLYGATE_SARIF_SCHEMA to the path of OASIS's sarif-schema-2.1.0.json; needs python3-jsonschema"))
    func satisfiesTheStandardsSchema() throws {
        let directory = try TemporaryDirectory()
        let reports = [
            try examples(), CheckReport(), check("a: ["), check(Hostile.manifest, name: Hostile.file),
        ]
        for report in reports {
            let log = try directory.write("log.sarif", try render(report, .sarif))
            let python = Process()
            python.executableURL = URL(filePath: "/usr/bin/env")
            let program =
                "import json,sys,jsonschema; s,d=[json.load(open(p)) for p in sys.argv[1:]]; jsonschema.validate(d,s)"
            python.arguments = ["python3", "-c", program, Self.schemaPath ?? "", log]
            let errors = Pipe()
            python.standardError = errors
            try python.run()
            let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            python.waitUntilExit()
            #expect(python.terminationStatus == 0, "\(said.suffix(2_000))")
        }
    }

    @Test func rulesAndIndicesAgree() throws {
        let run = try run(try examples())
        #expect(run.results.count == (try examples().findings.count))
        #expect(Set(run.tool.driver.rules.map(\.id)).count == run.tool.driver.rules.count)
        for result in run.results { #expect(run.tool.driver.rules[result.ruleIndex].id == result.ruleId) }
        #expect(run.columnKind == "unicodeCodePoints")
        #expect(run.tool.driver.version == "1.2.3")
    }

    @Test func columnsAreCodePoints() throws {
        let text = #"{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{"n":"ü😀"},"labels":{"team":"😀"}}}"#
        let results = try run(check(text)).results
        let first = try #require(results.first?.locations.first?.physicalLocation.region)
        let before = try #require(text.range(of: #""😀""#)?.lowerBound)
        let column = text.unicodeScalars.distance(from: text.startIndex, to: before) + 1
        #expect(first == Log.Region(startLine: 1, startColumn: column, endColumn: column + 3))
    }

    @Test(arguments: [
        ("deploy/web.yaml", "deploy/web.yaml"), ("./deploy/web.yaml", "deploy/web.yaml"), (".//a.yaml", "a.yaml"),
        ("../a b.yaml", "../a%20b.yaml"), ("c:d/é.yaml", "c%3Ad/%C3%A9.yaml"), ("100%.yaml", "100%25.yaml"),
        ("<stdin>", "%3Cstdin%3E"), ("/tmp/a.yaml", "file:///tmp/a.yaml"),
    ])
    func pathsAreURIs(path: String, uri: String) throws {
        let results = try run(check("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", name: path)).results
        #expect(Set(results.flatMap(\.locations).map(\.physicalLocation.artifactLocation.uri)) == [uri])
    }

    // MARK: Fingerprints

    private let job = """
        apiVersion: kubeflow.org/v1
        kind: PyTorchJob
        metadata: {name: train}
        spec:
          pytorchReplicaSpecs:
            Master: {template: {metadata: {labels: {}}}}
            Worker: {template: {metadata: {labels: {}}}}
        """

    @Test func fingerprintsTellResultsApart() throws {
        let files = ["a.yaml", "b.yaml"].map { SourceFile(name: $0, text: job) }
        let results = try run(check(files)).results
        let fingerprints = results.compactMap { $0.partialFingerprints["tallygate/v1"] }
        #expect(results.count > 10)
        #expect(Set(fingerprints).count == results.count)
    }

    @Test func fingerprintsStayWhenLinesMove() throws {
        func fingerprints(_ text: String) throws -> [[String: String]] {
            try run(check(text)).results.map(\.partialFingerprints)
        }
        #expect(try fingerprints(job) == fingerprints("# A comment\n\n" + job))
    }

    // MARK: Words

    /// Braces are placeholders to SARIF, and brackets before parentheses a link.
    @Test func messagesAreNoMarkup() throws {
        let rule = Policy.enforcing(LabelRule(key: "team", level: .required, values: ValueRule(pattern: "^[a-z]{3}$")))
        let label = check("apiVersion: v1\nkind: Pod\nmetadata: {labels: {team: \"[x](http://y)\"}}\n", policy: rule)
        let text = try #require(try run(label).results.first?.message.text)
        #expect(text.contains(#"\[x\](http://y)"#))
        let pattern = check("apiVersion: v1\nkind: Pod\nmetadata: {labels: {team: abcd}}\n", policy: rule)
        #expect(try #require(try run(pattern).results.first?.message.text).contains("^[a-z]{{3}}$"))
    }

    @Test func inputErrorsMakeTheRunUnsuccessful() throws {
        let invocation = try #require(try run(check("a: [")).invocations.first)
        #expect(!invocation.executionSuccessful)
        #expect(invocation.toolExecutionNotifications.map(\.level) == ["error"])
        #expect(try run(examples()).invocations.first?.executionSuccessful == true)
    }

    @Test func whatIsUnknownIsAWarning() throws {
        let results = try run(check("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")).results
        let team = try #require(results.first)
        #expect(team.level == "warning" && team.message.text.hasPrefix("Unknown: "))
    }
}
