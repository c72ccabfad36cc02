import Audit
import LabelPolicy
import TestSupport
import Testing

@testable import Reports

@Suite("Markdown of an audit") struct MarkdownAuditTests {
    @Test func golden() throws {
        try expectGolden(try render(.sample(), .markdown), "sample.md")
        try expectGolden(try render(.empty(), .markdown), "empty.md")
        try expectGolden(try render(Hostile.report(), .markdown), "hostile.md")
        try expectGolden(try render(.sample(), .markdown, by: "team"), "by-team.md")
    }

    @Test(arguments: [
        ("ml-platform", "ml-platform"), ("a_b", "a_b"), ("_a", "\\_a"), ("a|b", "a\\|b"), ("# head", "\\# head"),
        ("<b>", "\\<b\\>"), ("[x](y)", "\\[x\\](y)"), ("a`b", "a\\`b"), ("a\\b", "a\\\\b"), ("&lt;", "&amp;lt;"),
        ("me@example.com", "me&#64;example.com"), ("https://x.y", "https&#58;//x.y"), ("www.x.y", "www\\.x.y"),
        ("a\nb", "a\u{FFFD}b"), ("- a", "\\- a"),
    ])
    func escapes(text: String, escaped: String) { #expect(Markdown.escape(text) == escaped) }

    @Test("A fence is longer than any in the code")
    func fences() {
        let block = Markdown.codeBlock(["echo ````"], language: "sh", indent: 0)
        #expect(block == "`````sh\necho ````\n`````\n")
    }

    @Test("Every row of a table has as many cells as its heading")
    func tables() throws {
        for (name, report) in Samples.all {
            var columns: Int?
            for line in try render(report, .markdown).split(separator: "\n", omittingEmptySubsequences: false) {
                guard line.hasPrefix("|") else {
                    columns = nil
                    continue
                }
                let bars = line.replacing("\\\\", with: "").replacing("\\|", with: "").count { $0 == "|" }
                #expect(columns == nil || columns == bars, "\(name): \(line)")
                columns = bars
            }
        }
    }
}
