/// Parses a pattern into a tree and lays the tree out as an automaton (Thompson's construction).
struct PatternCompiler {
    private indirect enum Node {
        case empty
        case set(ByteSet)
        case sequence([Node])
        case alternatives([Node])
        case repeated(Node, least: Int, most: Int?)
    }

    /// Nesting of groups, so that the recursive descent cannot exhaust the stack.
    private static let maximumDepth = 50
    /// The largest count in `{n,m}`: no label value is longer than 63 characters.
    private static let maximumCount = 63

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0
    private var states: [PatternState] = []

    init(_ text: String) throws(PatternError) {
        bytes = Array(text.utf8)
        guard bytes.count <= Pattern.maximumLength else {
            throw PatternError(problem: .tooLong(limit: Pattern.maximumLength), column: Pattern.maximumLength + 1)
        }
        if let bad = bytes.firstIndex(where: { $0 >= 0x80 }) { throw PatternError(problem: .notASCII, column: bad + 1) }
    }

    mutating func compile() throws(PatternError) -> (states: [PatternState], start: Int) {
        if peek == UInt8(ascii: "^") { index += 1 }
        let tree = try alternatives()
        if index < bytes.count { throw fail(.unopenedGroup) }
        states.append(.accept)
        let start = try lay(tree, 0)
        return (states, start)
    }

    // MARK: Parsing

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func fail(_ problem: PatternError.Problem, at position: Int? = nil) -> PatternError {
        PatternError(problem: problem, column: (position ?? index) + 1)
    }

    private mutating func alternatives() throws(PatternError) -> Node {
        var branches = [try sequence()]
        while peek == UInt8(ascii: "|") {
            index += 1
            branches.append(try sequence())
        }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> Node {
        var items: [Node] = []
        while let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            if byte == UInt8(ascii: "$"), index == bytes.count - 1 {
                index += 1
                break
            }
            // What matches only the empty text is left out, so that every node lays a state or more and the bound on
            // states bounds the time of the layout too: `((){63}){63}…` would multiply nothing for ever.
            let item = try quantified(try atom(byte))
            if case .empty = item { continue }
            items.append(item)
        }
        return items.count == 1 ? items[0] : (items.isEmpty ? .empty : .sequence(items))
    }

    private mutating func atom(_ byte: UInt8) throws(PatternError) -> Node {
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return .set(try characterClass())
        case UInt8(ascii: "\\"):
            switch try escape() {
            case .byte(let byte): return .set(single(byte))
            case .set(let set): return .set(set)
            }
        case UInt8(ascii: "."):
            index += 1
            return .set(ByteSet().inverted)
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
            throw fail(.nothingToRepeat)
        case UInt8(ascii: "^"), UInt8(ascii: "$"):
            throw fail(.anchorInside(Character(Unicode.Scalar(byte))))
        default:
            index += 1
            return .set(single(byte))
        }
    }

    private mutating func group() throws(PatternError) -> Node {
        let opening = index
        index += 1
        if peek == UInt8(ascii: "?") {
            guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: ":") else {
                throw fail(.unsupported("'(?': look-around, flags and named groups"), at: opening)
            }
            index += 2
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw fail(.nestedTooDeeply(limit: Self.maximumDepth), at: opening) }
        let inner = try alternatives()
        guard peek == UInt8(ascii: ")") else { throw fail(.unclosedGroup, at: opening) }
        index += 1
        return inner
    }

    private mutating func quantified(_ atom: Node) throws(PatternError) -> Node {
        guard let byte = peek, let bounds = try bounds(byte) else { return atom }
        // `a*?` (lazy) means the same as `a*` when only whole values match; `a**` is a slip of the pen.
        if peek == UInt8(ascii: "?") { index += 1 }
        if let next = peek, Self.quantifiers.contains(next) { throw fail(.nothingToRepeat) }
        if bounds.most == 0 { return .empty }
        if case .empty = atom { return .empty }
        return .repeated(atom, least: bounds.least, most: bounds.most)
    }

    private static let quantifiers = Array("*+?{".utf8)

    private mutating func bounds(_ byte: UInt8) throws(PatternError) -> (least: Int, most: Int?)? {
        switch byte {
        case UInt8(ascii: "*"):
            index += 1
            return (0, nil)
        case UInt8(ascii: "+"):
            index += 1
            return (1, nil)
        case UInt8(ascii: "?"):
            index += 1
            return (0, 1)
        case UInt8(ascii: "{"): return try counts()
        default: return nil
        }
    }

    private mutating func counts() throws(PatternError) -> (least: Int, most: Int?) {
        let opening = index
        index += 1
        func bad() -> PatternError { PatternError(problem: .badRepetition, column: opening + 1) }
        guard let least = number() else { throw bad() }
        var most: Int? = least
        if peek == UInt8(ascii: ",") {
            index += 1
            most = number()
            if most == nil, peek != UInt8(ascii: "}") { throw bad() }
        }
        guard peek == UInt8(ascii: "}") else { throw bad() }
        index += 1
        if let most, most < least { throw bad() }
        if max(least, most ?? 0) > Self.maximumCount {
            throw fail(.countTooLarge(limit: Self.maximumCount), at: opening)
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let byte = peek, LabelSyntax.isDigit(byte) {
            // Clamped well above the largest count allowed, so that it cannot overflow.
            value = min((value ?? 0) * 10 + Int(byte - 0x30), 10_000)
            index += 1
        }
        return value
    }

    private func single(_ byte: UInt8) -> ByteSet {
        var set = ByteSet()
        set.insert(byte)
        return set
    }

    /// One member of a class, or what an escape stands for.
    private enum Member {
        case byte(UInt8)
        case set(ByteSet)
    }

    private mutating func escape() throws(PatternError) -> Member {
        let position = index
        index += 1
        guard let byte = peek else { throw fail(.trailingBackslash, at: position) }
        index += 1
        var set = ByteSet()
        switch byte {
        case UInt8(ascii: "d"): set.insert(0x30...0x39)
        case UInt8(ascii: "w"):
            set.insert(0x30...0x39)
            set.insert(0x41...0x5A)
            set.insert(0x61...0x7A)
            set.insert(UInt8(ascii: "_"))
        case 0x31...0x39: throw fail(.unsupported("a back-reference"), at: position)
        default:
            guard !LabelSyntax.isAlphanumeric(byte) else {
                throw fail(.unknownEscape(Character(Unicode.Scalar(byte))), at: position)
            }
            return .byte(byte)
        }
        return .set(set)
    }

    private mutating func characterClass() throws(PatternError) -> ByteSet {
        let opening = index
        index += 1
        var set = ByteSet()
        let negated = peek == UInt8(ascii: "^")
        if negated { index += 1 }
        var first = true
        while let byte = peek, byte != UInt8(ascii: "]") || first {
            first = false
            let position = index
            switch try member(byte) {
            case .set(let several): set.formUnion(several)
            case .byte(let lower):
                // A '-' that stands last is itself.
                guard peek == UInt8(ascii: "-"), index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "]") else {
                    set.insert(lower)
                    continue
                }
                index += 1
                let end = index
                guard case .byte(let upper) = try member(bytes[index]) else {
                    throw fail(.unsupported("a class as the end of a range"), at: end)
                }
                guard lower <= upper else { throw fail(.reversedRange, at: position) }
                set.insert(lower...upper)
            }
        }
        guard peek == UInt8(ascii: "]") else { throw fail(.unclosedClass, at: opening) }
        index += 1
        let result = negated ? set.inverted : set
        if result.isEmpty { throw fail(.emptyClass, at: opening) }
        return result
    }

    private mutating func member(_ byte: UInt8) throws(PatternError) -> Member {
        if byte == UInt8(ascii: "\\") { return try escape() }
        if byte == UInt8(ascii: "["), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: ":") {
            throw fail(.unsupported("a named class such as [:alpha:]"))
        }
        index += 1
        return .byte(byte)
    }

    // MARK: Layout

    private mutating func add(_ state: PatternState) throws(PatternError) -> Int {
        guard states.count < Pattern.maximumStates else {
            throw PatternError(problem: .tooComplex(limit: Pattern.maximumStates), column: 1)
        }
        states.append(state)
        return states.count - 1
    }

    /// Lays out `node` so that it continues at `target`; returns where it begins.
    private mutating func lay(_ node: Node, _ target: Int) throws(PatternError) -> Int {
        switch node {
        case .empty: return target
        case .set(let set): return try add(.byte(set, target))
        case .sequence(let items):
            var next = target
            for item in items.reversed() { next = try lay(item, next) }
            return next
        case .alternatives(let branches):
            var next = try lay(branches[branches.count - 1], target)
            for branch in branches.dropLast().reversed() { next = try add(.split(try lay(branch, target), next)) }
            return next
        case .repeated(let inner, let least, let most):
            var next = target
            var copies = least
            if let most {
                for _ in least..<max(most, least) { next = try add(.split(try lay(inner, next), target)) }
            } else {
                // The last copy demanded is the one that repeats: a copy more for each `+` would double at each level
                // of nesting.
                let loop = try add(.split(target, target))
                let body = try lay(inner, loop)
                states[loop] = .split(body, target)
                next = least == 0 ? loop : body
                copies = max(0, least - 1)
            }
            for _ in 0..<copies { next = try lay(inner, next) }
            return next
        }
    }
}
