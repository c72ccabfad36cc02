/// A document of a file.
package struct LocatedDocument: Sendable {
    package enum Syntax: Sendable {
        case yaml, json
    }

    package var root: LocatedNode
    package var syntax: Syntax

    package init(root: LocatedNode, syntax: Syntax) {
        self.root = root
        self.syntax = syntax
    }
}

/// What was read of a file: every document that could be, and what is wrong with the others.
package struct DocumentStream: Sendable {
    package var documents: [LocatedDocument]
    package var diagnostics: [Diagnostic]
}

/// Reads YAML streams and JSON files into trees with positions.
///
/// - A stream is cut at `---` lines first, as kubectl does, so that an error in one document hides no other.
/// - A document that starts with `{` or `[` is read as JSON; if it is not that, as YAML in flow style.
/// - Empty documents (only comments, as Helm writes them) and `null` are left out.
package struct DocumentReader: Sendable {
    package var limits: DocumentLimits
    /// How a key that stands twice in a mapping is reported; nil: not at all. The last one counts.
    package var duplicateKeys: Diagnostic.Severity?

    package init(limits: DocumentLimits, duplicateKeys: Diagnostic.Severity?) {
        self.limits = limits
        self.duplicateKeys = duplicateKeys
    }

    package func read(_ file: SourceFile) -> DocumentStream {
        var result = DocumentStream(documents: [], diagnostics: [])
        if let problem = SourceEncoding.problem(in: file, limits: limits) {
            result.diagnostics.append(diagnostic(problem, in: file))
            return result
        }
        var budget = DocumentBudget(limits: limits)
        for chunk in DocumentChunks(file: file) {
            let read = readChunk(chunk, of: file, budget: &budget)
            result.documents.append(contentsOf: read.roots)
            result.diagnostics.append(contentsOf: duplicateDiagnostics(read.duplicates, in: file))
            if let problem = read.problem { result.diagnostics.append(diagnostic(problem, in: file)) }
            if result.documents.count > limits.documents, let last = result.documents.last {
                result.documents.removeLast(result.documents.count - limits.documents)
                result.diagnostics.append(
                    file.diagnostic(
                        .error, "the file holds more than \(limits.documents) documents", remedy: "split the file",
                        at: last.root.start))
                break
            }
            if result.diagnostics.count >= limits.diagnostics || budget.nodes > limits.nodes { break }
        }
        if result.diagnostics.count > limits.diagnostics {
            result.diagnostics.removeLast(result.diagnostics.count - limits.diagnostics)
        }
        return result
    }

    // MARK: One chunk

    private struct ChunkResult {
        var roots: [LocatedDocument] = []
        var duplicates: [DuplicateKey] = []
        var problem: DocumentProblem?
        /// Whether the problem is that the text does not follow the syntax.
        var isSyntaxProblem = true

        mutating func add(_ root: LocatedNode, _ syntax: LocatedDocument.Syntax) {
            if !root.isNull { roots.append(LocatedDocument(root: root, syntax: syntax)) }
        }
    }

    private func readChunk(
        _ chunk: DocumentChunks.Chunk, of file: SourceFile, budget: inout DocumentBudget
    ) -> ChunkResult {
        guard let jsonStart = chunk.jsonStart else { return readYAML(chunk.range, of: file, budget: &budget) }
        var jsonBudget = budget
        let json = readJSON(jsonStart..<chunk.range.upperBound, of: file, budget: &jsonBudget)
        guard let jsonProblem = json.problem else {
            budget = jsonBudget
            return json
        }
        // Not JSON; but `{a: b}` and JSON with comments are YAML.
        let yaml = readYAML(chunk.range, of: file, budget: &budget)
        guard let yamlProblem = yaml.problem else { return yaml }
        // Neither: what has YAML's syntax is meant as YAML, otherwise what got further is more likely meant.
        if file.name.hasSuffix(".json") { return json }
        return yaml.isSyntaxProblem && jsonProblem.offset >= yamlProblem.offset ? json : yaml
    }

    private func readJSON(_ range: Range<Int>, of file: SourceFile, budget: inout DocumentBudget) -> ChunkResult {
        var result = ChunkResult()
        var parser = JSONTreeParser(file: file, range: range)
        do {
            while let root = try parser.nextValue(budget: &budget) { result.add(root, .json) }
        } catch {
            result.problem = error
        }
        result.duplicates = parser.duplicates
        return result
    }

    private func readYAML(_ range: Range<Int>, of file: SourceFile, budget: inout DocumentBudget) -> ChunkResult {
        var result = ChunkResult()
        var builder = YAMLTreeBuilder(file: file, baseOffset: range.lowerBound)
        let problem = file.bytes.withUnsafeBufferPointer { buffer in
            Self.parse(UnsafeBufferPointer(rebasing: buffer[range]), into: &builder, budget: &budget)
        }
        for root in builder.roots { result.add(root, .yaml) }
        result.duplicates = builder.duplicates
        switch problem {
        case nil: break
        case .document(let problem):
            result.problem = problem
            result.isSyntaxProblem = false
        case .syntax(let error):
            result.problem = YAMLProblems.problem(error, in: file, range: range)
        }
        return result
    }

    private enum ParseFailure {
        case syntax(YAMLSyntaxError)
        case document(DocumentProblem)
    }

    private static func parse(
        _ input: UnsafeBufferPointer<UInt8>, into builder: inout YAMLTreeBuilder, budget: inout DocumentBudget
    ) -> ParseFailure? {
        guard var events = YAMLEvents(input) else {
            return .syntax(YAMLSyntaxError(problem: "out of memory", context: "", place: .byte(0), contextPlace: nil))
        }
        while true {
            let event: YAMLEvent
            do {
                event = try events.next()
            } catch {
                return .syntax(error)
            }
            do {
                try builder.take(event, budget: &budget)
            } catch {
                return .document(error)
            }
            if case .streamEnd = event.kind { return nil }
        }
    }

    // MARK: Diagnostics

    private func diagnostic(_ problem: DocumentProblem, in file: SourceFile) -> Diagnostic {
        file.diagnostic(
            .error, problem.message, remedy: problem.remedy, at: file.position(atOffset: problem.offset),
            length: problem.length)
    }

    private func duplicateDiagnostics(_ duplicates: [DuplicateKey], in file: SourceFile) -> [Diagnostic] {
        guard let severity = duplicateKeys else { return [] }
        return duplicates.sorted { $0.position < $1.position }.prefix(limits.diagnostics).map { duplicate in
            let name = Terminal.printable(String(duplicate.name.prefix(80)))
            return file.diagnostic(
                severity, "the key \"\(name)\" stands here again, first in line \(duplicate.first.line)",
                remedy: "remove one of the two; the last would count", at: duplicate.position,
                length: duplicate.length)
        }
    }
}
