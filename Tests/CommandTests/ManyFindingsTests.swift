import Foundation
import TestSupport
import Testing

/// A hundred thousand findings, as a user meets them: each format ends with 1, within its memory, says what it leaves out,
/// and has the rest.
@Suite("A hundred thousand findings", .serialized, .timeLimit(.minutes(10)))
struct ManyFindingsTests {
    /// A debug build takes a minute for as many: there it is just more than a report shows.
    private static let isRelease = ProcessInfo.processInfo.environment["TALLYGATE_BINARY"] != nil
    private static let workloads = isRelease ? 100_000 : 12_000
    /// Findings of one report.
    private static let shown = 10_000
    private static let namespaces = 40

    /// Of address space. An audit of 100,000 Pods is to stay within 200 MB; 10,000 findings with texts and fixes are some
    /// 30 MB, a report of them as text as much again, and once more while it is encoded. The rest is what the allocator
    /// holds back for each thread, and code: mapped, and never touched. A report of all 100,000 would not fit.
    private static let addressSpaceKiB = isRelease ? 640 << 10 : 1_024 << 10

    private let files: TemporaryDirectory

    init() throws {
        files = try TemporaryDirectory()
        try files.write("p.yaml", AuditCommandTests.policy.replacing(", defaultFrom: [owner, namespace]", with: ""))
        let kinds = (0..<Self.namespaces).map { number in
            #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"ns-\#(number)","uid":"\#(Self.uid(number))"}}"#
        }
        let workloads = (0..<Self.workloads).map { number in
            #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web-\#(number)","#
                + #""namespace":"ns-\#(number % Self.namespaces)","uid":"\#(Self.uid(1_000 + number))"},"#
                + #""spec":{"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[]}}}}"#
        }
        try files.write(
            "l.json",
            #"{"apiVersion":"v1","kind":"List","items":["# + (kinds + workloads).joined(separator: ",\n") + "]}")
    }

    private static func uid(_ number: Int) -> String {
        let digits = String(number)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private func run(_ arguments: String..., status: Int32) async throws -> ProcessResult {
        let result = try await ChildProcess.run(
            "/bin/sh",
            ["-c", "ulimit -v \(Self.addressSpaceKiB); exec \"$0\" \"$@\"", BuiltProduct.tallygate] + arguments)
        #expect(result.status == status, "\(arguments): \(result.errors.suffix(500))")
        return result
    }

    @Test("In every format")
    func formats() async throws {
        let snapshot = files.path("s.tgz")
        // What reads JSON holds the file's text and its tree.
        let written = try await ChildProcess.run(
            BuiltProduct.tallygate,
            ["snapshot", files.path("l.json"), "--policy", files.path("p.yaml"), "-o", snapshot])
        #expect(written.status == 0, "\(written.errors)")
        let left = Self.workloads - Self.shown
        for format in ["text", "json", "csv", "markdown", "html"] {
            let result = try await run(
                "audit", "--policy", files.path("p.yaml"), "--snapshot", snapshot, "-o", format, status: 1)
            try check(result, format, left: left)
        }
        // What is left out of the cluster's report is in the namespace's.
        let part = try await run(
            "audit", "--policy", files.path("p.yaml"), "--snapshot", snapshot, "-o", "json", "--namespace", "ns-39",
            status: 1)
        let report = try JSONSerialization.jsonObject(with: Data(part.output.utf8)) as? [String: Any]
        #expect((report?["findings"] as? [Any])?.count == Self.workloads / Self.namespaces)
        #expect((report?["cutFindings"] as? [String: Int]) == ["findings": 0, "required": 0])

        let script = try await run(
            "fix", "--policy", files.path("p.yaml"), "--snapshot", snapshot, "--set", "team=search", status: 0)
        #expect(script.output.contains("more than an audit shows have no step here"))
        let list = try await run(
            "fix", "--policy", files.path("p.yaml"), "--snapshot", snapshot, "-o", "json", status: 0)
        #expect(list.output.contains("findings are left out"))
    }

    private func check(_ result: ProcessResult, _ format: String, left: Int) throws {
        let text = result.output
        switch format {
        case "json":
            let report = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            #expect((report?["findings"] as? [Any])?.count == Self.shown)
            #expect((report?["cutFindings"] as? [String: Int]) == ["findings": left, "required": left])
            let totals = (report?["totals"] as? [String: Any])?["findings"] as? [String: Any]
            #expect(totals?["required"] as? Int == Self.workloads)
            #expect((report?["namespaces"] as? [Any])?.count == Self.namespaces)
            #expect(text.contains("\(left) findings are left out"))
        case "csv":
            #expect(text.split(separator: "\r\n").count == Self.shown + 1)
            #expect(result.errors.contains("\(left) findings are left out"))
        default:
            let grouped = Self.workloads.formatted(.number.locale(Locale(identifier: "en_US")))
            #expect(text.contains("\(grouped) findings: \(grouped) required"), "\(format)")
            #expect(text.contains("\(left) findings are left out"), "\(format)")
            #expect(text.contains("more"), "\(format)")
            #expect(text.contains("ns-0"), "\(format)")
        }
        if format == "html" { #expect(text.hasSuffix("</html>\n")) }
    }
}
