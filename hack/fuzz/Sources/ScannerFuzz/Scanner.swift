import Admission
import FuzzSupport

/// One execution: any bytes, read as a JSON document in every way the cursor has, each checked against the others and
/// against a plain grammar. A property that does not hold ends the process, which libFuzzer reports with the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzScanner(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let document = UnsafeRawBufferPointer(start: start, count: count)
    let skipped = checkSkip(document)
    checkAgainstGrammar(document, isAccepted: skipped == nil)
    let read = checkRead(document)
    require(read == skipped, "skipping and reading end alike")
    if skipped == nil { checkRescan(document) }
    checkTable(document)
    checkArbitraryCalls(document)
    return 0
}

/// Passes the whole document; the error is in bounds and its text is one printable line.
private func checkSkip(_ document: UnsafeRawBufferPointer) -> JSONError? {
    var cursor = JSONCursor(document)
    do throws(JSONError) {
        let range = try cursor.skipValue()
        require(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= document.count, "ranges are in bounds")
        require(cursor.offset == range.upperBound, "a skip ends behind the value")
        try cursor.endDocument()
        return nil
    } catch {
        require((0...document.count).contains(error.offset), "an error is in bounds")
        if document.count < 256 {
            let message = error.message(in: document)
            require(message.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a message is one line")
        }
        return error
    }
}

private func checkAgainstGrammar(_ document: UnsafeRawBufferPointer, isAccepted: Bool) {
    var grammar = ReferenceGrammar(maximumDepth: JSONCursor.maximumDepth)
    var isLegal = String(validating: document, as: UTF8.self) != nil
    for byte in document where isLegal {
        isLegal = grammar.accept(byte)
    }
    require((isLegal && grammar.end()) == isAccepted, "the cursor and the plain grammar accept the same")
}

/// Reads every value by the typed methods. The open containers are kept in an array, since the depth is the input's.
private func checkRead(_ document: UnsafeRawBufferPointer) -> JSONError? {
    var cursor = JSONCursor(document)
    var open: [JSONKind] = []
    do throws(JSONError) {
        repeat {
            var isAtValue = true
            switch open.last {
            case .object:
                if let name = try cursor.nextMember() {
                    check(name, in: document)
                } else {
                    isAtValue = false
                }
            case .array: isAtValue = try cursor.nextElement()
            default: break
            }
            guard isAtValue else {
                open.removeLast()
                continue
            }
            switch try cursor.peek() {
            case .object:
                try cursor.beginObject()
                open.append(.object)
            case .array:
                try cursor.beginArray()
                open.append(.array)
            case .string: check(try cursor.string(), in: document)
            case .number:
                let range = try cursor.number()
                require(document[range].allSatisfy { "+-.0123456789Ee".utf8.contains($0) }, "a number is its text")
            case .bool:
                let start = cursor.offset
                require(try cursor.bool() == (document[start] == UInt8(ascii: "t")), "a boolean is its text")
            case .null: try cursor.null()
            }
        } while !open.isEmpty
        try cursor.endDocument()
        return nil
    } catch {
        return error
    }
}

private let table = JSONKeyTable(["team", "cost-center", "environment", "a", "", "\u{FFFD}", "é"])
private let keys = ["team", "cost-center", "environment", "a", "", "\u{FFFD}", "é"]

/// Decoding is total, agrees with itself, and compares as it decodes.
private func check(_ token: JSONStringToken, in document: UnsafeRawBufferPointer) {
    require(token.range.lowerBound > 0 && token.range.upperBound < document.count, "a token is in bounds")
    require(document[token.range.upperBound] == UInt8(ascii: "\""), "a token ends before its quote")
    require(token.contents.elementsEqual(document[token.range]), "a token is its range")
    require(token.hasEscapes == token.contents.contains(UInt8(ascii: "\\")), "escapes are seen")
    let text = token.decode()
    require(text.utf8.count <= token.contents.count, "decoding never lengthens")
    require(token.matches(text: text), "a token matches its text")
    require(!token.matches(text: text + "x"), "a token matches no longer text")
    if let unescaped = token.unescaped {
        require(text.utf8.elementsEqual(unescaped), "plain contents are the text")
    }
    let bound = token.contents.count / 2
    let start = token.decode(maximumBytes: bound)
    require(start.text.utf8.count <= max(0, bound), "a bound is kept")
    require(text.utf8.starts(with: start.text.utf8), "bounded decoding is a prefix")
    require(start.isTruncated == (start.text.utf8.count < text.utf8.count), "truncation is told")
    require(start.text.utf8.count > bound - 4 || !start.isTruncated, "no more is cut than must be")
    let position = keys.firstIndex { $0.utf8.elementsEqual(text.utf8) }
    require(table.position(of: token) == position, "the table finds what comparing finds")
}

/// The members and elements of an accepted document, skipped, read again from their ranges, give the same ranges.
private func checkRescan(_ document: UnsafeRawBufferPointer) {
    do throws(JSONError) {
        var cursor = JSONCursor(document)
        switch try cursor.peek() {
        case .object:
            try cursor.beginObject()
            while try cursor.nextMember() != nil { try checkItem(&cursor, in: document) }
        case .array:
            try cursor.beginArray()
            while try cursor.nextElement() { try checkItem(&cursor, in: document) }
        case .string, .number, .bool, .null: try checkItem(&cursor, in: document)
        }
        try cursor.endDocument()
    } catch {
        fatalError("an accepted document is refused item by item: \(error)")
    }
}

private func checkItem(_ cursor: inout JSONCursor, in document: UnsafeRawBufferPointer) throws(JSONError) {
    let kind = try cursor.peek()
    let range = try cursor.skipValue()
    var part = JSONCursor(document, range: range)
    require(try part.peek() == kind, "a part is of the same kind")
    require(try part.skipValue() == range, "a part has the same range")
    try part.endDocument()
}

/// What a table knows of the outermost object's members is the same, found one by one or with what is between passed.
private func checkTable(_ document: UnsafeRawBufferPointer) {
    var oneByOne = JSONCursor(document)
    var passing = JSONCursor(document)
    do throws(JSONError) {
        let kind = try oneByOne.peek()
        require(try passing.enterObject() == (kind == .object), "an object is entered, and nothing else")
        guard kind == .object else { return }
        try oneByOne.beginObject()
    } catch {
        return
    }
    while true {
        let expected = Result { () throws(JSONError) in try nextKnown(&oneByOne) }
        let found = Result { () throws(JSONError) in try passing.nextMember(in: table) }
        require(found == expected, "passing members is reading and skipping them")
        guard case .success(.some) = found else { return }
        require(passing.offset == oneByOne.offset, "the cursor is before the value")
        let skipped = Result { () throws(JSONError) in try oneByOne.skipValue() }
        require(Result { () throws(JSONError) in try passing.skipValue() } == skipped, "values are passed alike")
        guard case .success = skipped else { return }
    }
}

private func nextKnown(_ cursor: inout JSONCursor) throws(JSONError) -> Int? {
    while let name = try cursor.nextMember() {
        if let position = table.position(of: name) { return position }
        try cursor.skipValue()
    }
    return nil
}

/// Calls in an order no sensible reader has, chosen by the input: whatever they return, nothing traps and the cursor
/// stays in the document.
private func checkArbitraryCalls(_ document: UnsafeRawBufferPointer) {
    var cursor = JSONCursor(document)
    for choice in document.suffix(32) {
        do throws(JSONError) {
            switch choice & 15 {
            case 0: _ = try cursor.peek()
            case 1: try cursor.beginObject()
            case 2, 3: _ = try cursor.nextMember()
            case 4: try cursor.beginArray()
            case 5, 6: _ = try cursor.nextElement()
            case 7: _ = try cursor.string().decode()
            case 8: _ = try cursor.bool()
            case 9: try cursor.null()
            case 10: _ = try cursor.number()
            case 11, 12: try cursor.skipValue()
            case 14: _ = try cursor.nextMember(in: table)
            case 15:
                switch choice >> 4 & 3 {
                case 0: _ = try cursor.enterObject()
                case 1: _ = try cursor.enterArray()
                case 2: _ = try cursor.stringIfAny()?.decode()
                default: try cursor.endDocument()
                }
            case 13: cursor = JSONCursor(document, range: Int(choice)..<(Int(choice) &+ document.count))
            default: break
            }
        } catch {
            require((0...document.count).contains(error.offset), "an error is in bounds")
        }
        require((0...document.count).contains(cursor.offset), "the cursor is in bounds")
    }
}
