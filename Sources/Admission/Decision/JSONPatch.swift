/// One operation of a JSON Patch (RFC 6902). Only what completing a Pod needs.
package enum PatchOperation: Hashable, Sendable {
    /// Sets a member that is not there.
    case add(pointer: String, value: String)
    /// Changes a member that is there.
    case replace(pointer: String, value: String)
    /// Adds an object of string members, `labels` where there were none.
    case addMap(pointer: String, members: [(key: String, value: String)])

    package static func == (left: PatchOperation, right: PatchOperation) -> Bool {
        switch (left, right) {
        case (.add(let one, let value), .add(let other, let otherValue)): one == other && value == otherValue
        case (.replace(let one, let value), .replace(let other, let otherValue)):
            one == other && value == otherValue
        case (.addMap(let one, let members), .addMap(let other, let otherMembers)):
            one == other && members.elementsEqual(otherMembers, by: ==)
        case (.add, _), (.replace, _), (.addMap, _): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .add(let pointer, let value), .replace(let pointer, let value):
            hasher.combine(pointer)
            hasher.combine(value)
        case .addMap(let pointer, let members):
            hasher.combine(pointer)
            for member in members {
                hasher.combine(member.key)
                hasher.combine(member.value)
            }
        }
    }
}

/// A JSON Pointer's token (RFC 6901): `~` first, then `/`, or `~1` would be escaped twice.
package enum JSONPointerToken {
    package static func escape(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        var result = ""
        for character in name.unicodeScalars {
            switch character {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

extension JSONWriter {
    /// The patch as a JSON document.
    static func patchDocument(_ operations: [PatchOperation]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for operation in operations {
            writer.beginObject()
            switch operation {
            case .add(let pointer, let value):
                writer.fragment(#""op":"add","path":"#, needsComma: false)
                writer.string(pointer)
                writer.fragment(#","value":"#, needsComma: false)
                writer.string(value)
            case .replace(let pointer, let value):
                writer.fragment(#""op":"replace","path":"#, needsComma: false)
                writer.string(pointer)
                writer.fragment(#","value":"#, needsComma: false)
                writer.string(value)
            case .addMap(let pointer, let members):
                writer.fragment(#""op":"add","path":"#, needsComma: false)
                writer.string(pointer)
                writer.fragment(#","value":"#, needsComma: false)
                writer.beginObject()
                for member in members {
                    writer.key(member.key)
                    writer.string(member.value)
                }
                writer.endObject()
            }
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }
}
