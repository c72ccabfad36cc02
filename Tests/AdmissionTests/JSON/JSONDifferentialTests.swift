import Admission
import Foundation
import Testing

/// The cursor against Foundation's JSONSerialization, on generated documents and on mutations of them.
@Suite struct JSONDifferentialTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func readsWhatWasWrittenAndWhatFoundationReads(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<25 {
            let tree = generator.tree()
            let document = generator.document(of: tree)
            let text = String(decoding: document, as: UTF8.self)
            let isWritten = try JSONTree.read(document) == tree
            #expect(isWritten, "\(text)")
            #expect(skipError(document) == nil, "\(text)")
            let other = try JSONTree(foundation: document)
            let isRead = tree.normalized == other.normalized
            #expect(isRead, "\(text)")
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func acceptsOfMutationsWhatFoundationAccepts(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: 1_000 + seed)
        var accepted = 0
        for _ in 0..<10 {
            let original = generator.document(of: generator.tree())
            for _ in 0..<25 {
                let document = generator.mutation(of: original)
                let error = skipError(document)
                // Reading and skipping are two walks over one grammar.
                #expect(readError(document) == error, "\(Document(document).testDescription)")
                if error == nil { accepted += 1 }
                let isAcceptedByFoundation = Self.isAcceptedByFoundation(document)
                if (error == nil) != isAcceptedByFoundation {
                    let divergence = Divergence(document, isAccepted: error == nil)
                    #expect(divergence != nil, "\(document) \(Document(document).testDescription)")
                }
            }
        }
        // Mutations that are all refused would prove little.
        #expect(accepted > 5)
    }

    @Test(arguments: JSONConformanceTests.legal)
    func foundationAcceptsWhatTheTablesCallLegal(document: Document) {
        #expect(Self.isAcceptedByFoundation(document.bytes) || Divergence(document.bytes, isAccepted: true) != nil)
    }

    @Test(arguments: JSONConformanceTests.illegal)
    func foundationRefusesWhatTheTablesCallIllegal(document: Document) {
        #expect(!Self.isAcceptedByFoundation(document.bytes) || Divergence(document.bytes, isAccepted: false) != nil)
    }

    /// A table finds the members of an object that reading them one by one finds, to the same end.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func passingMembersIsReadingAndSkippingThem(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: 2_000 + seed)
        var found = 0
        for _ in 0..<25 {
            let members = (0..<6).map {
                JSONTree.Member(name: Array("member\($0)".unicodeScalars), value: generator.tree())
            }
            let original = generator.document(of: .object(members))
            let table = JSONKeyTable(["member1", "member4", "member5"])
            for document in [original, generator.mutation(of: original), generator.mutation(of: original)] {
                let known = Self.known(document) { cursor throws(JSONError) in try cursor.nextMember(in: table) }
                let expected = Self.known(document) { cursor throws(JSONError) in
                    while let name = try cursor.nextMember() {
                        if let position = table.position(of: name) { return position }
                        try cursor.skipValue()
                    }
                    return nil
                }
                #expect(known == expected, "\(Document(document).testDescription)")
                found += known.places.count
            }
        }
        #expect(found > 75)
    }

    private struct Known: Equatable {
        var places: [[Int]] = []
        var error: JSONError?
    }

    /// The positions of members that are known, each with where its value begins and ends.
    private static func known(
        _ document: [UInt8], next: (inout JSONCursor) throws(JSONError) -> Int?
    ) -> Known {
        withCursor(document) { cursor in
            var known = Known()
            do throws(JSONError) {
                guard try cursor.enterObject() else { return known }
                while let position = try next(&cursor) {
                    let start = cursor.offset
                    try cursor.skipValue()
                    known.places.append([position, start, cursor.offset])
                }
                try cursor.endDocument()
            } catch {
                known.error = error
            }
            return known
        }
    }

    static func isAcceptedByFoundation(_ document: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(document), options: .fragmentsAllowed)) != nil
    }
}

/// Why the cursor and Foundation may differ about a document.
enum Divergence: Equatable {
    /// Accepted here; Foundation refuses a `\u` escape of a surrogate that is not half of a pair.
    case loneSurrogate
    /// Accepted here; Foundation refuses numbers no double or integer holds.
    case numberOutOfRange
    /// Accepted here up to 10,000 levels; Foundation allows 512.
    case nesting
    /// Refused here; Foundation detects UTF-16 and UTF-32 and skips byte order marks.
    case encodingDetection
    /// Refused here, as RFC 8259 wants it; Foundation allows one comma before an end.
    case trailingComma

    init?(_ document: [UInt8], isAccepted: Bool) {
        if isAccepted {
            guard let tree = try? JSONTree.read(document) else { return nil }
            if tree.contains(where: { if case .number(let text) = $0 { Double(text)?.isFinite != true } else { false } }
            ) {
                self = .numberOutOfRange
            } else if Self.hasLoneSurrogate(document) {
                self = .loneSurrogate
            } else if tree.depth > 512 {
                self = .nesting
            } else {
                return nil
            }
        } else if document.starts(with: [0xEF, 0xBB, 0xBF]) || document.prefix(4).contains(0)
            || document.starts(with: [0xFE, 0xFF]) || document.starts(with: [0xFF, 0xFE])
        {
            self = .encodingDetection
        } else if Self.isRefusedForTrailingCommas(document) {
            self = .trailingComma
        } else {
            return nil
        }
    }

    /// Whether the document is accepted once every comma before an end is taken away.
    private static func isRefusedForTrailingCommas(_ document: [UInt8]) -> Bool {
        var document = document
        while let error = skipError(document) {
            let end = error.offset
            guard end < document.count, "]}".utf8.contains(document[end]),
                let comma = document[..<end].lastIndex(where: { !" \t\n\r".utf8.contains($0) }),
                document[comma] == UInt8(ascii: ",")
            else { return false }
            document.remove(at: comma)
        }
        return true
    }

    /// Looks at the escapes' text alone, independently of the code under test.
    private static func hasLoneSurrogate(_ document: [UInt8]) -> Bool {
        var text = String(decoding: document, as: UTF8.self).lowercased().replacing("\\\\", with: "")
        text.replace(/\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}/, with: "")
        return text.contains(/\\ud[89a-f]/)
    }
}

extension JSONTree {
    /// A document as JSONSerialization reads it.
    init(foundation document: [UInt8]) throws {
        let object = try JSONSerialization.jsonObject(with: Data(document), options: .fragmentsAllowed)
        self = try #require(JSONTree(object))
    }

    private init?(_ object: Any) {
        switch object {
        case let members as [String: Any]:
            var tree: [Member] = []
            for (name, value) in members {
                guard let value = JSONTree(value) else { return nil }
                tree.append(Member(name: Array(name.unicodeScalars), value: value))
            }
            self = .object(tree)
        case let elements as [Any]:
            let tree = elements.compactMap { JSONTree($0) }
            guard tree.count == elements.count else { return nil }
            self = .array(tree)
        case let text as String:
            self = .string(text)
        case let number as NSNumber:
            // Booleans are numbers of the type char.
            self =
                number.objCType.pointee == CChar(UInt8(ascii: "c"))
                ? .bool(number.boolValue) : .number(String(number.doubleValue))
        case is NSNull:
            self = .null
        default:
            return nil
        }
    }

    /// Members in one order and numbers by the double they stand for: what two readers must agree on.
    ///
    /// Without U+FEFF, too: Foundation takes one behind an escape for a byte order mark and drops it. That the cursor
    /// keeps it is compared with the generated value.
    var normalized: JSONTree {
        switch self {
        case .object(let members):
            .object(
                members.map { Member(name: $0.name.filter { $0 != "\u{FEFF}" }, value: $0.value.normalized) }
                    .sorted { $0.name.lexicographicallyPrecedes($1.name) })
        case .array(let elements): .array(elements.map(\.normalized))
        // Adding zero takes the sign off zero, which Foundation drops as well.
        case .number(let text): .number(Double(text).map { String($0 + 0) } ?? text)
        case .string(let text): .string(text.filter { $0 != "\u{FEFF}" })
        case .bool, .null: self
        }
    }

    var children: [JSONTree] {
        switch self {
        case .object(let members): members.map(\.value)
        case .array(let elements): elements
        case .string, .number, .bool, .null: []
        }
    }

    func contains(where predicate: (JSONTree) -> Bool) -> Bool {
        predicate(self) || children.contains { $0.contains(where: predicate) }
    }

    var depth: Int { 1 + (children.map(\.depth).max() ?? 0) }
}
