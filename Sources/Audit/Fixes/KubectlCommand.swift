/// Command lines for `kubectl`.
enum KubectlCommand {
    /// Whether an object of the API can have these names (RFC 1123 names, and those of RBAC with colons): others come
    /// from files that somebody made up, and are not put into a command.
    static func canName(_ object: ObjectReference) -> Bool {
        isName(object.name) && (object.namespace.isEmpty || isName(object.namespace))
    }

    /// Of a DNS subdomain (RFC 1123, as Kubernetes reads it), the longest of all names.
    private static let maximumName = 253

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= maximumName && name.utf8.first != UInt8(ascii: "-")
            && name.utf8.allSatisfy { byte in
                ShellText.isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
            }
    }

    static func label(
        _ resource: String, _ target: ObjectReference, _ labels: [(key: String, value: String)]
    ) -> String {
        ShellText.command(
            ["kubectl", "label", "--overwrite"] + namespace(target) + ["\(resource)/\(target.name)"]
                + labels.map { "\($0.key)=\($0.value)" })
    }

    static func patch(_ resource: String, _ patch: MergePatch) -> String {
        ShellText.command(
            ["kubectl", "patch"] + namespace(patch.target)
                + ["\(resource)/\(patch.target.name)", "--type=merge", "--patch=\(patch.body)"])
    }

    static func delete(_ resource: String, _ target: ObjectReference) -> String {
        ShellText.command(["kubectl", "delete"] + namespace(target) + ["\(resource)/\(target.name)"])
    }

    private static func namespace(_ target: ObjectReference) -> [String] {
        target.namespace.isEmpty ? [] : ["--namespace=\(target.namespace)"]
    }
}

/// Words for a POSIX shell (XCU 2.2).
package enum ShellText {
    static func command(_ words: [String]) -> String { words.map(quote).joined(separator: " ") }

    /// The word as it is if nothing in it means anything to a shell, else in single quotes. A character that a terminal
    /// would act on becomes U+FFFD: a command is read before it is run.
    package static func quote(_ word: String) -> String {
        if !word.isEmpty, word.utf8.allSatisfy(isPlain) { return word }
        var text = "'"
        for scalar in word.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                text += "\u{FFFD}"
            default:
                if scalar == "'" { text += "'\\''" } else { text.unicodeScalars.append(scalar) }
            }
        }
        return text + "'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "-_./:=@%+,".utf8.contains(byte)
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

/// Strings of JSON (RFC 8259).
enum JSONText {
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7F {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
