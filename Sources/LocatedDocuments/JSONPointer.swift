/// A JSON pointer (RFC 6901): the keys and indices that lead from a document's root to a value.
package struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    /// Decoded: `app.kubernetes.io/team`, not `app.kubernetes.io~1team`.
    package var tokens: [String]

    package init(tokens: [String]) {
        self.tokens = tokens
    }

    /// Reads a pointer's text; nil unless it is empty or starts with `/` and every `~` is part of `~0` or `~1`.
    package init?(_ text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            var token = ""
            var scalars = part.unicodeScalars.makeIterator()
            while let scalar = scalars.next() {
                guard scalar == "~" else {
                    token.unicodeScalars.append(scalar)
                    continue
                }
                switch scalars.next() {
                case "0": token.append("~")
                case "1": token.append("/")
                default: return nil
                }
            }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    package var description: String {
        var text = ""
        for token in tokens {
            text.append("/")
            for scalar in token.unicodeScalars {
                switch scalar {
                case "~": text.append("~0")
                case "/": text.append("~1")
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        return text
    }

    package func appending(_ token: String) -> JSONPointer {
        JSONPointer(tokens: tokens + [token])
    }
}

/// Where a pointer leads in a tree, as far as it goes.
package struct PointerLookup: Sendable {
    /// The value the pointer leads to, or its nearest ancestor that exists.
    package var node: LocatedNode
    /// The key under which `node` stands; nil for the root and for a list's item.
    package var key: LocatedNode?
    /// How many of the pointer's tokens exist.
    package var matchedTokens: Int
    /// Whether the whole pointer exists.
    package var isComplete: Bool

    /// Where to point a reader: at the key, since a block's first character tells nothing, else at the value.
    package var position: SourcePosition { key?.start ?? node.start }
}

extension LocatedNode {
    /// The value a pointer leads to.
    package func node(at pointer: JSONPointer) -> LocatedNode? {
        let found = lookup(pointer)
        return found.isComplete ? found.node : nil
    }

    /// Follows a pointer as far as it leads: for a label that is missing, the mapping it would be added to.
    package func lookup(_ pointer: JSONPointer) -> PointerLookup {
        var found = PointerLookup(node: self, key: nil, matchedTokens: 0, isComplete: false)
        for token in pointer.tokens {
            switch found.node.value {
            case .mapping(let entries):
                guard let entry = entries.first(where: { $0.name == token }) else { return found }
                found.key = entry.key
                found.node = entry.value
            case .sequence(let items):
                guard let index = Self.index(token), index < items.count else { return found }
                found.key = nil
                found.node = items[index]
            case .scalar:
                return found
            }
            found.matchedTokens += 1
        }
        found.isComplete = true
        return found
    }

    /// RFC 6901 section 4: decimal digits without a leading zero.
    private static func index(_ token: String) -> Int? {
        guard token.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        guard token == "0" || token.utf8.first != UInt8(ascii: "0") else { return nil }
        return Int(token)
    }
}
