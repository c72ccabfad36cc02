import KubernetesModel

/// The kinds a policy speaks of, each in the very bytes the API server writes it in.
///
/// A review names the kind of its object four times, always as
/// `{"group":"apps","version":"v1","kind":"Deployment"}`. Where those bytes are one of the known texts, there is nothing
/// left to read in them; any other spelling is left to the cursor.
struct KnownKinds: Sendable {
    /// A class, so that what is found is handed on for one reference count.
    final class Entry: Sendable {
        let name: GroupVersionKind
        let target: ScanTarget

        init(_ name: GroupVersionKind, _ target: ScanTarget) {
            self.name = name
            self.target = target
        }
    }

    private let entries: [Entry]
    private let texts: JSONKeyTable
    private let longestText: Int

    init(_ entries: [Entry]) {
        self.entries = entries
        let texts = entries.map { Self.text($0.name) }
        self.texts = JSONKeyTable(texts)
        longestText = texts.map(\.utf8.count).max() ?? 0
    }

    /// The entry whose text the cursor stands before, which is passed; nil, and nothing passed, for any other.
    func pass(_ cursor: inout JSONCursor) -> Entry? {
        guard let text = cursor.flatObject(maximumBytes: longestText), let position = texts.position(of: text) else {
            return nil
        }
        cursor.offset = text.range.upperBound
        return entries[position]
    }

    private static func text(_ name: GroupVersionKind) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for (member, value) in [("group", name.group), ("version", name.version), ("kind", name.kind)] {
            writer.key(member)
            writer.string(value)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSONCursor {
    /// Whether the next bytes are the same as those of a range before, in which an object was read: then so is what
    /// they say, and they are passed.
    mutating func passRepetition(of range: Range<Int>) -> Bool {
        let end = offset &+ range.count
        guard end <= document.count,
            JSONStringToken.areEqual(document[offset, end], document[range.lowerBound, range.upperBound])
        else { return false }
        offset = end
        return true
    }

    /// The bytes from the next one, if that is a `{`, to the first `}`, unchecked; nil where that is further than
    /// `maximumBytes`. Only to be compared with texts that are known.
    fileprivate func flatObject(maximumBytes: Int) -> JSONStringToken? {
        guard offset < document.count, document[offset] == UInt8(ascii: "{") else { return nil }
        let limit = min(document.count, offset &+ maximumBytes)
        var index = offset
        while index < limit {
            if document[index] == UInt8(ascii: "}") { return token(offset, index &+ 1, hasEscapes: false) }
            index &+= 1
        }
        return nil
    }
}
