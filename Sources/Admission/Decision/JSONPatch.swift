import LabelPolicy

extension PodCompletion {
    /// Writes the JSON Patch (RFC 6902): what is added before what is replaced.
    func write(_ writer: inout JSONWriter) {
        writer.beginArray()
        if makesMap {
            // `add` on a null member replaces it, so one operation serves both.
            writer.fragment(#"{"op":"add","path":"/metadata/labels","value":{"#, needsComma: false)
            for change in changes {
                writer.key(change.label.key)
                writer.string(change.attribution.value)
            }
            writer.endObject()
            writer.endObject()
        } else {
            for index in changes.indices where !changes[index].replaces {
                write(changes[index].label.addition, changes[index].attribution.value, &writer)
            }
            for index in changes.indices where changes[index].replaces {
                write(changes[index].label.replacement, changes[index].attribution.value, &writer)
            }
        }
        writer.endArray()
    }

    /// - Parameter operation: the operation up to the value.
    private func write(_ operation: [UInt8], _ value: String, _ writer: inout JSONWriter) {
        writer.beginElement(operation)
        writer.string(value)
        writer.endObject()
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
