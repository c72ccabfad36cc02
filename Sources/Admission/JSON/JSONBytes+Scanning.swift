// Scanning of the grammar's terminals: white space, strings, literals and numbers. Every function takes the index of
// the first byte, checks, and returns the index of the first byte behind. See JSONBytes' invariant for why the
// arithmetic on indices cannot overflow.

extension JSONBytes {
    @inline(__always)
    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    @inline(__always)
    func indexAfterWhitespace(from start: Int) -> Int {
        var index = start
        while index < count {
            let byte = self[index]
            // One comparison decides for compact documents, which is what the API server sends.
            if byte > 0x20 || !Self.isWhitespace(byte) { break }
            index &+= 1
        }
        return index
    }

    /// A member's name and the `:` behind it; `start` is the index behind the name's opening quote.
    /// - Returns: the index of the name's closing quote, whether there is any backslash before it, and the index of
    ///   the first byte of the value.
    @inline(__always)
    func scanName(from start: Int) throws(JSONError) -> (end: Int, hasEscapes: Bool, value: Int) {
        // In compact documents, which is what the API server sends, a colon follows the quote and the value the colon.
        if let end = indexOfNearSpecial(from: start), hasPair("\"", ":", at: end), self[end &+ 2] > 0x20 {
            return (end, false, end &+ 2)
        }
        return try scanNameAnyhow(from: start)
    }

    @inline(never)
    private func scanNameAnyhow(from start: Int) throws(JSONError) -> (end: Int, hasEscapes: Bool, value: Int) {
        let (end, hasEscapes) = try scanStringRest(from: start)
        let colon = indexAfterWhitespace(from: end &+ 1)
        guard colon < count, self[colon] == UInt8(ascii: ":") else {
            throw unexpected(at: colon, expected: .colon)
        }
        return (end, hasEscapes, indexAfterWhitespace(from: colon &+ 1))
    }

    /// Whether these two bytes, which must be in the document, stand at `index`: one comparison for the punctuation
    /// between the strings of a compact document.
    @inline(__always)
    func hasPair(_ first: Unicode.Scalar, _ second: Unicode.Scalar, at index: Int) -> Bool {
        let pair = UInt16(UInt8(ascii: first)) | UInt16(UInt8(ascii: second)) &<< 8
        return UInt16(littleEndian: load(UInt16.self, at: index)) == pair
    }

    /// Whether a comma and the quote of the next member's name stand at `index`, as they do in compact documents.
    @inline(__always)
    func hasNextName(at index: Int) -> Bool { index <= count &- 2 && hasPair(",", "\"", at: index) }

    /// A string's contents; `start` is the index behind the opening quote.
    /// - Returns: the index of the closing quote, and whether there is any backslash before it.
    @inline(__always)
    func scanString(from start: Int) throws(JSONError) -> (end: Int, hasEscapes: Bool) {
        // Long ones, escapes and what is not ASCII are scanned out of line, so that this stays small where it is
        // inlined.
        if let end = indexOfNearSpecial(from: start), self[end] == UInt8(ascii: "\"") { return (end, false) }
        return try scanStringRest(from: start)
    }

    /// What is left of a string from `start` on, before which it is plain.
    @inline(never)
    private func scanStringRest(from start: Int) throws(JSONError) -> (end: Int, hasEscapes: Bool) {
        var index = start
        var hasEscapes = false
        while true {
            index = indexAfterPlain(from: index)
            guard index < count else {
                throw JSONError(.unexpectedEnd(expected: .closingQuote), at: index)
            }
            let byte = self[index]
            if byte == UInt8(ascii: "\"") {
                return (index, hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                // Escapes come in runs: `\n\n`, and text of other scripts as `\u…`.
                repeat {
                    index = try scanEscape(at: index)
                } while index < count && self[index] == UInt8(ascii: "\\")
            } else if byte >= 0x80 {
                index = try scanMultibyteRun(at: index)
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter(byte), at: index)
            } else {
                index &+= 1
            }
        }
    }

    /// An escape, at whose backslash `index` must be.
    @inline(__always)
    private func scanEscape(at index: Int) throws(JSONError) -> Int {
        let next = index &+ 1
        guard next < count else {
            throw JSONError(.unexpectedEnd(expected: .closingQuote), at: next)
        }
        switch self[next] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return next &+ 1
        case UInt8(ascii: "u"):
            return try scanUnicodeEscape(from: next &+ 1)
        case let byte:
            throw JSONError(.invalidEscape(byte), at: next)
        }
    }

    /// The four hexadecimal digits of a `\u` escape. Which code unit they name does not matter to the grammar.
    private func scanUnicodeEscape(from start: Int) throws(JSONError) -> Int {
        for index in start..<(start &+ 4) {
            guard index < count else {
                throw JSONError(.unexpectedEnd(expected: .closingQuote), at: index)
            }
            guard JSONStringToken.hexadecimalValue(of: self[index]) != nil else {
                throw JSONError(.invalidUnicodeEscape, at: index)
            }
        }
        return start &+ 4
    }

    /// One or more multi-byte UTF-8 sequences, by Unicode's table 3-7 of well-formed sequences.
    private func scanMultibyteRun(at start: Int) throws(JSONError) -> Int {
        var index = start
        while index < count {
            // How many bytes follow the lead byte, and what the first of them may be.
            let following: Int
            var allowed: ClosedRange<UInt8> = 0x80...0xBF
            switch self[index] {
            case 0x00...0x7F: return index
            case 0xC2...0xDF: following = 1
            case 0xE0: (following, allowed) = (2, 0xA0...0xBF)
            case 0xED: (following, allowed) = (2, 0x80...0x9F)
            case 0xE1...0xEF: following = 2
            case 0xF0: (following, allowed) = (3, 0x90...0xBF)
            case 0xF1...0xF3: following = 3
            case 0xF4: (following, allowed) = (3, 0x80...0x8F)
            default: throw JSONError(.invalidUTF8, at: index)
            }
            guard count &- index > following, allowed.contains(self[index &+ 1]),
                following < 2 || self[index &+ 2] & 0xC0 == 0x80,
                following < 3 || self[index &+ 3] & 0xC0 == 0x80
            else {
                throw JSONError(.invalidUTF8, at: index)
            }
            index &+= following &+ 1
        }
        return index
    }

    @inline(__always)
    func scanTrue(at index: Int) throws(JSONError) -> Int {
        try scanLiteral("true", .bool, at: index)
    }

    @inline(__always)
    func scanFalse(at index: Int) throws(JSONError) -> Int {
        try scanLiteral("false", .bool, at: index)
    }

    @inline(__always)
    func scanNull(at index: Int) throws(JSONError) -> Int {
        try scanLiteral("null", .null, at: index)
    }

    @inline(__always)
    private func scanLiteral(_ text: StaticString, _ kind: JSONKind, at index: Int) throws(JSONError) -> Int {
        for position in 0..<text.utf8CodeUnitCount {
            guard index &+ position < count, self[index &+ position] == text.utf8Start[position] else {
                throw unexpected(at: index &+ position, expected: .literal(kind))
            }
        }
        return index &+ text.utf8CodeUnitCount
    }

    /// A number, at whose first byte (a digit or a minus sign) `start` must be.
    @inline(__always)
    func scanNumber(from start: Int) throws(JSONError) -> Int {
        var index = start
        if self[index] == UInt8(ascii: "-") {
            index &+= 1
        }
        if index < count, self[index] == UInt8(ascii: "0") {
            index &+= 1
            if index < count, Self.isDigit(self[index]) {
                throw JSONError(.leadingZero, at: index)
            }
        } else {
            index = try scanDigits(from: index)
        }
        if index < count, self[index] == UInt8(ascii: ".") {
            index = try scanDigits(from: index &+ 1)
        }
        if index < count, self[index] | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if index < count, self[index] == UInt8(ascii: "+") || self[index] == UInt8(ascii: "-") {
                index &+= 1
            }
            index = try scanDigits(from: index)
        }
        return index
    }

    /// One or more digits.
    @inline(__always)
    private func scanDigits(from start: Int) throws(JSONError) -> Int {
        var index = start
        while index < count, Self.isDigit(self[index]) {
            index &+= 1
        }
        guard index > start else {
            throw unexpected(at: index, expected: .digit)
        }
        return index
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    /// The error for a place where the grammar allows only `expected`.
    @inline(never)
    func unexpected(at index: Int, expected: JSONError.Expectation) -> JSONError {
        guard index < count else {
            let isEmpty = buffer.allSatisfy { Self.isWhitespace($0) }
            return JSONError(isEmpty ? .emptyDocument : .unexpectedEnd(expected: expected), at: index)
        }
        if index == 0, buffer.starts(with: [0xEF, 0xBB, 0xBF]) {
            return JSONError(.byteOrderMark, at: 0)
        }
        return JSONError(.unexpectedByte(self[index], expected: expected), at: index)
    }
}
