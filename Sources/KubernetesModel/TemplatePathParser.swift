extension TemplatePath {
    /// Reads the policy language's text of a path.
    ///
    ///     path    = first *( "." name / "." "*" / bracket )
    ///     first   = name / "*" / quoted
    ///     bracket = "[*]" / quoted
    ///     quoted  = "[" DQUOTE 1*( char / "\" DQUOTE / "\\" ) DQUOTE "]"
    ///     name    = 1*( ALPHA / DIGIT / "_" / "-" )
    ///
    /// - Throws: `TemplatePathError`, with the column and a remedy.
    package init(parsing text: String) throws(TemplatePathError) {
        let bytes = text.utf8.count
        guard bytes <= Self.maximumLength else {
            throw TemplatePathError(reason: .tooLong(bytes: bytes), text: text, column: 1)
        }
        var parser = TemplatePathParser(text: text)
        self.init(segments: try parser.parse())
    }
}

/// A cursor over the scalars of one path's text.
private struct TemplatePathParser {
    private let text: String
    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(text: String) {
        self.text = text
        self.scalars = Array(text.unicodeScalars)
    }

    mutating func parse() throws(TemplatePathError) -> [TemplatePath.Segment] {
        switch current {
        case nil: throw failure(.empty)
        case ".": throw failure(.leadingDot)
        case "$": throw failure(.leadingDollar)
        default: break
        }
        var segments: [TemplatePath.Segment] = []
        var needsName = true
        while let scalar = current {
            guard segments.count < TemplatePath.maximumDepth else { throw failure(.tooDeep) }
            let start = position
            if scalar == "[" {
                // A bracket follows a name directly: `a.[*]` is a name missing before it.
                guard segments.isEmpty || !needsName else { throw failure(.emptySegment) }
                let segment = try parseBracket()
                if segments.isEmpty, segment == .anyElement { throw failure(.leadingElement, at: start) }
                segments.append(segment)
            } else if needsName {
                segments.append(try parseName())
            } else {
                throw failure(.missingDot)
            }
            needsName = false
            if current == "." {
                position += 1
                switch current {
                case nil: throw failure(.trailingDot, at: position - 1)
                case ".": throw failure(.emptySegment)
                default: needsName = true
                }
            }
        }
        return segments
    }

    /// `name` or `*`, up to the next dot or bracket.
    private mutating func parseName() throws(TemplatePathError) -> TemplatePath.Segment {
        let start = position
        while let scalar = current, scalar != ".", scalar != "[" {
            guard scalar == "*" || TemplatePath.isBare(scalar) else { throw failure(.unexpectedCharacter(scalar)) }
            position += 1
        }
        let name = scalars[start..<position]
        if let star = name.firstIndex(of: "*") {
            guard name.count == 1 else { throw failure(.wildcardInName, at: star) }
            return .anyMember
        }
        return .member(Self.string(name))
    }

    /// `[*]` or `["name"]`; the cursor stands on the bracket.
    private mutating func parseBracket() throws(TemplatePathError) -> TemplatePath.Segment {
        let start = position
        position += 1
        guard let scalar = current else { throw failure(.badBracket, at: start) }
        switch scalar {
        case "*":
            position += 1
            guard current == "]" else { throw failure(.badBracket, at: start) }
            position += 1
            return .anyElement
        case "\"":
            position += 1
            return .member(try parseQuoted(openedAt: start))
        case "0"..."9", "-":
            throw failure(.elementIndex, at: start)
        default:
            throw failure(.badBracket, at: start)
        }
    }

    private mutating func parseQuoted(openedAt start: Int) throws(TemplatePathError) -> String {
        var name: [Unicode.Scalar] = []
        while let scalar = current {
            position += 1
            switch scalar {
            case "\"":
                guard current == "]" else { throw failure(.unterminatedQuote, at: start) }
                guard !name.isEmpty else { throw failure(.emptyName, at: start) }
                position += 1
                return Self.string(name[...])
            case "\\":
                guard let escaped = current else { throw failure(.unterminatedQuote, at: start) }
                guard escaped == "\"" || escaped == "\\" else { throw failure(.badEscape(escaped)) }
                position += 1
                name.append(escaped)
            default:
                name.append(scalar)
            }
        }
        throw failure(.unterminatedQuote, at: start)
    }

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func failure(_ reason: TemplatePathError.Reason, at index: Int? = nil) -> TemplatePathError {
        TemplatePathError(reason: reason, text: text, column: (index ?? position) + 1)
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
