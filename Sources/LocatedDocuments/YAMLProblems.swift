/// libyaml's complaints in the words of someone who wants to mend the file.
enum YAMLProblems {
    static func problem(_ error: YAMLSyntaxError, in file: SourceFile, range: Range<Int>) -> DocumentProblem {
        let base = range.lowerBound
        var offset = byteOffset(error.place, in: file, base: base)
        let contextOffset = error.contextPlace.map { byteOffset($0, in: file, base: base) }
        let message: String
        var remedy: String?
        switch error.problem {
        case "found character that cannot start any token":
            (message, remedy) = characterProblem(at: offset, in: file)
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            (message, remedy) = tab
        case "mapping values are not allowed in this context":
            message = "a second `:` where only one key fits"
            remedy = "quote a value that contains `: `, or check the indentation of this line"
        case "could not find expected ':'":
            offset = contextOffset ?? offset
            message = "this line is neither `key: value` nor part of the value above"
            remedy = "add the missing `:`, or check the indentation and quotes around it"
        case "did not find expected key" where isBehindByteOrderMark(offset, in: file):
            // From files joined together; libyaml skips it, but counts it as indentation.
            offset -= SourceFile.byteOrderMark.count
            message = byteOrderMarkInside
            remedy = "remove it"
        case "did not find expected key":
            message = "a key was expected here"
            remedy = "check this line's indentation against its neighbours, and the quotes above it"
        case "did not find expected '-' indicator":
            message = "a list item was expected here"
            remedy = "start it with `- ` at the list's indentation, or indent this line differently"
        case "found unexpected end of stream" where error.context.contains("quoted scalar"):
            offset = contextOffset ?? offset
            message = "the string that starts here has no closing quote"
            remedy = "add the missing quote"
        case "did not find expected ',' or '}'":
            offset = contextOffset ?? offset
            message = "the `{` here is not closed"
            remedy = "separate entries by `,` and add the missing `}`; quote a template's `{{ … }}` or render it first"
        case "did not find expected ',' or ']'":
            offset = contextOffset ?? offset
            message = "the `[` here is not closed"
            remedy = "separate items by `,` and add the missing `]`"
        case "did not find expected node content" where offset >= range.upperBound:
            message = "the text ends where a value should stand"
            remedy = "add the value, and close what is open"
        case "did not find expected node content":
            message = "a value was expected here"
            remedy = "add it, or quote it if this is it"
        case "found undefined tag handle":
            message = "a tag whose handle is not defined"
            remedy = "quote the value if it is meant to start with `!`"
        case "control characters are not allowed"
        where file.bytes.dropFirst(offset).starts(with: SourceFile.byteOrderMark):
            message = byteOrderMarkInside
            remedy = "remove it"
        case "control characters are not allowed":
            message = "a control character, which YAML does not allow"
            remedy = "remove it, or write it as an escape inside double quotes"
        case "found unknown escape character":
            message = "YAML has no such escape inside double quotes"
            remedy = "write `\\\\` for a backslash, or use single quotes"
        case "found invalid Unicode character escape code":
            message = "an escape that names no character"
            remedy = "write the character itself; YAML has no surrogate pairs"
        case "did not find expected <document start>":
            message = "text after the end of the document"
            remedy = "start a new document with a line `---`, or check the indentation"
        default:
            message = error.context.isEmpty ? error.problem : "\(error.problem) \(error.context)"
        }
        return DocumentProblem(message: message, remedy: remedy, offset: inside(offset, range, file))
    }

    /// What is wrong at the end is shown behind the last character, not in the document that follows.
    private static func inside(_ offset: Int, _ range: Range<Int>, _ file: SourceFile) -> Int {
        guard offset >= range.upperBound else { return offset }
        var end = range.upperBound
        while end > range.lowerBound,
            [UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: " ")].contains(file.bytes[end - 1])
        {
            end -= 1
        }
        return end
    }

    private static let byteOrderMarkInside = "a byte order mark in the middle of the file"

    private static func isBehindByteOrderMark(_ offset: Int, in file: SourceFile) -> Bool {
        offset > SourceFile.byteOrderMark.count
            && file.bytes[..<offset].suffix(3).elementsEqual(SourceFile.byteOrderMark)
    }

    private static let tab = ("a tab where YAML takes only spaces", "indent with spaces")

    private static func characterProblem(at offset: Int, in file: SourceFile) -> (String, String?) {
        guard offset < file.bytes.count else { return ("the text ends too early", nil) }
        switch file.bytes[offset] {
        case UInt8(ascii: "\t"): return tab
        case UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "%"):
            let character = String(decoding: [file.bytes[offset]], as: UTF8.self)
            return ("a value cannot start with \(character)", "quote the value")
        default: return ("a character that cannot start a value", "quote the value")
        }
    }

    private static func byteOffset(_ place: YAMLSyntaxError.Place, in file: SourceFile, base: Int) -> Int {
        switch place {
        case .byte(let offset): base + offset
        case .scalar(let scalar): file.offset(ofScalar: file.scalarCount(before: base) + scalar)
        }
    }
}
