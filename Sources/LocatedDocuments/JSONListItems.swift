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

    /// Nothing if the file is not one JSON object whose kind ends in `List` and that has an array `items`. Whoever reads
    /// it otherwise finds what is wrong with it.
    package init?(_ file: SourceFile, limits: DocumentLimits) {
        guard SourceEncoding.problem(in: file, limits: limits) == nil else { return nil }
        var apiVersion = ""
        var kind = ""
        var items: Int?
        var scan = JSONTreeParser(file: file, range: 0..<file.bytes.count)
        var budget = DocumentBudget(limits: limits)
        do throws(DocumentProblem) {
            guard scan.take(UInt8(ascii: "{")) else { return nil }
            repeat {
                guard let key = try scan.nextValue(budget: &budget)?.string, scan.take(UInt8(ascii: ":")) else {
                    return nil
                }
                if key == "items" {
                    guard scan.take(UInt8(ascii: "[")) else { return nil }
                    items = scan.offset
                    guard scan.skipArray() else { return nil }
                } else {
                    let value = try scan.nextValue(budget: &budget)
                    if key == "kind" { kind = value?.string ?? "" }
                    if key == "apiVersion" { apiVersion = value?.string ?? "" }
                }
            } while scan.take(UInt8(ascii: ","))
            guard scan.take(UInt8(ascii: "}")), try scan.nextValue(budget: &budget) == nil else { return nil }
        } catch {
            return nil
        }
        guard let items, kind.hasSuffix("List"), !apiVersion.isEmpty else { return nil }
        self.apiVersion = apiVersion
        self.kind = kind
        self.file = file
        self.limits = limits
        parser = JSONTreeParser(file: file, range: items..<file.bytes.count)
    }

    /// The next item; nil at the end, and where the text stops being JSON.
    package mutating func next() -> LocatedNode? {
        guard !isAtEnd else { return nil }
        if parser.take(UInt8(ascii: "]")) {
            isAtEnd = true
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
            diagnostic = file.diagnostic(
                .error, error.message, remedy: error.remedy, at: file.position(atOffset: error.offset),
                length: error.length)
            return nil
        }
    }
}
