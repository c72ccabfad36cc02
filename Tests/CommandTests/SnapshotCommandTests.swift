import Foundation
import TestSupport
import Testing

/// `tallygate snapshot`, `fix` and `simulate` over files, as a user starts them.
@Suite struct SnapshotCommandTests {
    private let files: TemporaryDirectory

    init() throws {
        files = try TemporaryDirectory()
        try files.write("p.yaml", AuditCommandTests.policy)
        try files.write("l.json", SampleObjects.list())
    }

    @discardableResult
    private func run(_ arguments: String..., status: Int32 = 0) async throws -> ProcessResult {
        let result = try await ChildProcess.run(BuiltProduct.tallygate, arguments)
        #expect(result.status == status, "\(arguments): \(result.errors)")
        return result
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: files.path(name))))
    }

    private func audit(_ input: String, _ more: String..., status: Int32 = 1) async throws -> [String: Any] {
        let result = try await ChildProcess.run(
            BuiltProduct.tallygate, ["audit", "--policy", files.path("p.yaml"), "-o", "json", files.path(input)] + more)
        #expect(result.status == status, "\(result.errors)")
        let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return try #require(report)
    }

    @Test("An audit of a snapshot says what that of the files says, and when it was taken")
    func sameAudit() async throws {
        try await run("snapshot", "--policy", files.path("p.yaml"), files.path("l.json"), "-o", files.path("s.tgz"))
        #expect(try bytes("s.tgz").starts(with: [0x1F, 0x8B]))
        var (plain, taken) = (try await audit("l.json"), try await audit("s.tgz"))
        #expect(taken["observedAt"] is String)
        for key in ["generatedAt", "observedAt", "notes"] {
            plain[key] = nil
            taken[key] = nil
        }
        #expect(NSDictionary(dictionary: plain) == NSDictionary(dictionary: taken))
        let mode = try FileManager.default.attributesOfItem(atPath: files.path("s.tgz"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("Redacted, it has the same figures, and no names")
    func redacted() async throws {
        try await run(
            "snapshot", "--policy", files.path("p.yaml"), "--redact", "--cluster-name", "prod", files.path("l.json"),
            "-o", files.path("r.tgz"))
        let (plain, taken) = (try await audit("l.json"), try await audit("r.tgz"))
        for key in ["totals", "coverage"] {
            #expect((plain[key] as? NSDictionary) == (taken[key] as? NSDictionary), "\(key)")
        }
        #expect(taken["cluster"] as? String == "prod")
        let result = try await run(
            "audit", "--policy", files.path("p.yaml"), "-o", "json", files.path("r.tgz"), status: 1)
        for name in ["shop", "lab", "n1", "web"] { #expect(!result.output.contains("\"\(name)\""), "\(name)") }
    }

    @Test("What is no snapshot, or not all of one, is named with a remedy")
    func damaged() async throws {
        try await run("snapshot", files.path("l.json"), "-o", files.path("s.tgz"))
        let whole = try bytes("s.tgz")
        var corrupt = whole
        corrupt[whole.count / 2] ^= 0xFF
        let gzip = try await ChildProcess.run(
            "/bin/sh", ["-c", "gzip -c '\(files.path("l.json"))' > '\(files.path("l.gz"))'"])
        #expect(gzip.succeeded)
        let cases: [(String, [UInt8], String)] = [
            ("cut", Array(whole.dropLast(20)), "cut off"), ("head", Array(whole.prefix(2)), "cut off"),
            ("corrupt", corrupt, "damaged"), ("foreign", try bytes("l.gz"), "holds something else"),
            ("more", whole + [0], "something follows"),
        ]
        for (name, content, part) in cases {
            try files.write(name, content)
            let result = try await run("audit", files.path(name), status: 2)
            #expect(result.errors.contains("/\(name): ") && result.errors.contains(part), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        let mixed = try await run("audit", files.path("s.tgz"), files.path("l.json"), status: 2)
        #expect(mixed.errors.contains("give it alone"))
    }

    @Test("What cannot be written leaves the file that was there")
    func atomic() async throws {
        try files.write("s.tgz", "good")
        let broken = try files.write("b.json", String(SampleObjects.list().dropLast(40)))
        try await run("snapshot", broken, "-o", files.path("s.tgz"), status: 2)
        #expect(try bytes("s.tgz") == Array("good".utf8))
        let nowhere = try await run("snapshot", files.path("l.json"), "-o", files.path("none/s.tgz"), status: 2)
        #expect(nowhere.errors.contains("none/s.tgz: cannot be written"))
        let full = try await run("audit", files.path("l.json"), "--output-file", "/dev/full", status: 2)
        #expect(full.errors.contains("/dev/full: cannot be written"))
        try files.link("link", to: files.path("s.tgz"))
        try await run("snapshot", files.path("l.json"), "-o", files.path("link"))
        #expect(try bytes("s.tgz").starts(with: [0x1F, 0x8B]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.path).allSatisfy { !$0.hasPrefix(".") })
    }

    @Test("A report goes into a file as a whole")
    func outputFile() async throws {
        let printed = try await run(
            "audit", "--policy", files.path("p.yaml"), "-o", "csv", files.path("l.json"), status: 1)
        let result = try await run(
            "audit", "--policy", files.path("p.yaml"), "-o", "csv", "--output-file", files.path("a.csv"),
            files.path("l.json"), status: 1)
        #expect(result.output.isEmpty)
        #expect(try bytes("a.csv") == Array(printed.output.utf8))
    }

    @Test("Fixes are a script that a shell takes; --set makes a line live")
    func fix() async throws {
        let open = try await run("fix", "--policy", files.path("p.yaml"), "--namespace", "shop", files.path("l.json"))
        #expect(open.output.contains("choose one with --set team=VALUE"))
        #expect(open.output.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
        let closed = try await run(
            "fix", "--policy", files.path("p.yaml"), "--set", "team=payments", files.path("l.json"))
        #expect(
            closed.output.contains("\nkubectl label --overwrite --namespace=shop deployment.apps/web team=payments\n"))
        try files.write("fix.sh", closed.output)
        let shell = try await ChildProcess.run("/bin/sh", ["-n", files.path("fix.sh")])
        #expect(shell.succeeded)
        let none = try await run(
            "fix", "--policy", files.path("p.yaml"), "--reason", "unmounted", files.path("l.json"))
        #expect(none.output.contains("There is nothing to mend"))
    }

    @Test("Fixes that cannot be meant are refused before anything is read")
    func badFix() async throws {
        let cases: [([String], String)] = [
            (["--apply", files.path("l.json")], "change a live cluster"),
            (["--dry-run", "server", files.path("l.json")], "change a live cluster"),
            (["--apply"], "no terminal: give --yes"), (["--reason", "mising"], "choose among: missing"),
            (["--set", "tem=x"], "choose among: team"), (["--set", "team=a b"], "refuses it"),
        ]
        for (arguments, part) in cases {
            let result = try await ChildProcess.run(
                BuiltProduct.tallygate, ["fix", "--policy", files.path("p.yaml")] + arguments)
            #expect(result.status == 2 && result.errors.contains(part), "\(arguments): \(result.errors)")
        }
    }

    @Test("A simulation fails while something would be blocked")
    func simulate() async throws {
        let text = try await run("simulate", "--policy", files.path("p.yaml"), files.path("l.json"), status: 1)
        #expect(text.output.contains("1 of 2 workloads would be blocked"))
        let csv = try await run(
            "simulate", "--policy", files.path("p.yaml"), "-o", "csv", "--fail-on", "never", files.path("l.json"))
        #expect(
            csv.output.split(separator: "\r\n").map { $0.split(separator: ",")[1] } == ["namespace", "lab", "shop"])
        try await run("simulate", "--policy", files.path("p.yaml"), "--namespace", "lab", files.path("l.json"))
    }
}
