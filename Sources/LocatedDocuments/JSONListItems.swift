/// The items of one List in JSON, one after the other, for lists whose tree would be too large to hold.
///
/// Positions are those in the file. The budget of values counts for each item on its own.
package struct JSONListItems {
    /// Of the list, as `kubectl get -o json` puts it before the items or behind them.
    package let apiVersion: String
    package let kind: String
    /// What ended the items before their end.
    package private(set) var diagnostic: Diagnostic?

    private let file: SourceFile
    private let limits: DocumentLimits
    private var parser: JSONTreeParser
    private var isFirst = true
    private var isAtEnd = false

    /// What is wrong behind the items.
    private var tail: Diagnostic?

    /// Nothing if the file is not one JSON object whose kind ends in `List` and that has an array `items`. Whoever reads
    /// it otherwise finds what is wrong with it.
    ///
    /// - Parameter allowsCutOff: takes a file that ends too early, too, whose kind may be missing with the rest: its
    ///   items come, then the diagnostic.
    package init?(_ file: SourceFile, limits: DocumentLimits, allowsCutOff: Bool = false) {
        guard SourceEncoding.problem(in: file, limits: limits) == nil else { return nil }
        var head = Head(file, limits)
        var problem: DocumentProblem?
        do throws(DocumentProblem) {
            guard try head.read() else { return nil }
        } catch {
            guard allowsCutOff else { return nil }
            problem = error
        }
        if problem != nil, head.kind.isEmpty { head.kind = "List" }
        guard let items = head.items, head.kind.hasSuffix("List"), problem != nil || !head.apiVersion.isEmpty else {
            return nil
        }
        apiVersion = head.apiVersion
        kind = head.kind
        self.file = file
        self.limits = limits
        parser = JSONTreeParser(file: file, range: items..<file.bytes.count)
        tail = problem.map { Self.diagnostic($0, file) }
    }

    /// What stands around the items.
    private struct Head {
        var apiVersion = ""
        var kind = ""
        /// Where the first of them begins.
        var items: Int?
        private var scan: JSONTreeParser
        private var budget: DocumentBudget

        init(_ file: SourceFile, _ limits: DocumentLimits) {
            scan = JSONTreeParser(file: file, range: 0..<file.bytes.count)
            budget = DocumentBudget(limits: limits)
        }

        /// Whether the file is one JSON object and nothing else.
        mutating func read() throws(DocumentProblem) -> Bool {
            guard scan.take(UInt8(ascii: "{")) else { return false }
            repeat {
                guard let key = try scan.nextValue(budget: &budget)?.string, scan.take(UInt8(ascii: ":")) else {
                    return try isCutOff()
                }
                if key == "items" {
                    guard scan.take(UInt8(ascii: "[")) else { return false }
                    items = scan.offset
                    guard scan.skipArray() else { throw scan.unexpected("`]`") }
                } else {
                    let value = try scan.nextValue(budget: &budget)
                    if key == "kind" { kind = value?.string ?? "" }
                    if key == "apiVersion" { apiVersion = value?.string ?? "" }
                }
            } while scan.take(UInt8(ascii: ","))
            guard scan.take(UInt8(ascii: "}")) else { return try isCutOff() }
            return try scan.nextValue(budget: &budget) == nil
        }

        /// At the end of the text, where more has to come.
        private func isCutOff() throws(DocumentProblem) -> Bool {
            if scan.isAtEnd { throw scan.unexpected("`}`") }
            return false
        }
    }

    private static func diagnostic(_ problem: DocumentProblem, _ file: SourceFile) -> Diagnostic {
        file.diagnostic(
            .error, problem.message, remedy: problem.remedy, at: file.position(atOffset: problem.offset),
            length: problem.length)
    }

    /// The next item; nil at the end, and where the text stops being JSON.
    package mutating func next() -> LocatedNode? {
        guard !isAtEnd else { return nil }
        if parser.take(UInt8(ascii: "]")) {
            isAtEnd = true
            diagnostic = tail
            return nil
        }
        var budget = DocumentBudget(limits: limits)
        do throws(DocumentProblem) {
            if !isFirst, !parser.take(UInt8(ascii: ",")) { throw parser.unexpected("`,` or `]`") }
            isFirst = false
            guard let item = try parser.nextValue(budget: &budget) else { throw parser.unexpected("a value") }
            parser.forgetDuplicates()
            return item
        } catch {
            isAtEnd = true
            diagnostic = Self.diagnostic(error, file)
            return nil
        }
    }
}
