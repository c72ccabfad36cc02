import Audit
import COpenSSL
import Foundation
import LabelPolicy
import TestSupport
import Testing

@testable import Reports

@Suite("HTML of an audit") struct HTMLAuditTests {
    @Test func golden() throws {
        try expectGolden(try render(.sample(), .html), "sample.html")
        try expectGolden(try render(.empty(), .html), "empty.html")
        try expectGolden(try render(.sample(), .html, by: "team"), "by-team.html")
    }

    @Test("The policy of the page lets its own script run, and nothing else")
    func digest() {
        var digest = [UInt8](repeating: 0, count: 32)
        let script = Array(HTMLPage.script.utf8)
        _ = SHA256(script, script.count, &digest)
        #expect(Data(digest).base64EncodedString() == HTMLPage.scriptDigest)
    }

    @Test("The page loads nothing", arguments: Samples.all.indices)
    func selfContained(index: Int) throws {
        let (name, report) = Samples.all[index]
        let text = try render(report, .html)
        for pattern in [" src=", " href=", "url(", "@import", "<link", "<iframe", "<img", "<base", "<object", "fetch("]
        {
            // Names may say such things; as text, not in a tag.
            let inTags = text.matches(of: /<[^>]*>/).contains { $0.output.contains(pattern) }
            #expect(!inTags, "\(name): \(pattern)")
        }
        #expect(!HTMLPage.style.contains("url(") && !HTMLPage.style.contains("@import"))
        #expect(!HTMLPage.script.contains("innerHTML") && !HTMLPage.script.contains("eval"))
    }

    @Test("Tags close in order, and none comes from a name", arguments: Samples.all.indices)
    func wellFormed(index: Int) throws {
        let (name, report) = Samples.all[index]
        var open: [Substring] = []
        let page = try render(report, .html).replacing(HTMLPage.script, with: "").replacing(HTMLPage.style, with: "")
        for match in page.matches(of: /<(\/?)([a-zA-Z0-9!]+)([^>]*)>/) {
            let tag = match.output.2
            if ["meta", "input", "!DOCTYPE"].contains(tag) || match.output.3.hasSuffix("/") { continue }
            if match.output.1.isEmpty {
                open.append(tag)
            } else {
                #expect(open.popLast() == tag, "\(name): \(match.output.0)")
            }
        }
        #expect(open.isEmpty, "\(name)")
        #expect(page.components(separatedBy: "<script").count == 2, "\(name)")
        #expect(!page.contains("\u{1B}") && !page.contains("\u{202E}"), "\(name)")
    }

    @Test("Ten thousand findings make a page of two thousand rows that says so")
    func bounded() throws {
        var report = AuditReport.sample()
        if let finding = report.findings.first { report.findings = Array(repeating: finding, count: 10_000) }
        report.totals.findings.required = 10_000
        report.totals.findings.recommended = 0
        let text = try render(report, .html)
        #expect(text.components(separatedBy: "<tr data-level").count == 2_001)
        #expect(text.contains("8,000 more"))
    }
}
