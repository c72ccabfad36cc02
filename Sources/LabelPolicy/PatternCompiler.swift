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
            items.append(try quantified(try atom(byte)))
        }
        return items.count == 1 ? items[0] : (items.isEmpty ? .empty : .sequence(items))
    }

    private mutating func atom(_ byte: UInt8) throws(PatternError) -> Node {
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return .set(try characterClass())
        case UInt8(ascii: "\\"): return .set(try escape())
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
        guard depth <= Self.maximumDepth else { throw fail(.tooComplex(limit: Self.maximumDepth), at: opening) }
        let inner = try alternatives()
        guard peek == UInt8(ascii: ")") else { throw fail(.unclosedGroup, at: opening) }
        index += 1
        return inner
    }

    private mutating func quantified(_ atom: Node) throws(PatternError) -> Node {
        var result = atom
        var seen = false
        while let byte = peek {
            let position = index
            let bounds: (Int, Int?)
            switch byte {
            case UInt8(ascii: "*"): bounds = (0, nil)
            case UInt8(ascii: "+"): bounds = (1, nil)
            case UInt8(ascii: "?"): bounds = (0, 1)
            case UInt8(ascii: "{"): bounds = try counts()
            default: return result
            }
            if byte != UInt8(ascii: "{") { index += 1 }
            // `a*?` (lazy) means the same as `a*` when only whole values match; `a**` is a slip of the pen.
            if seen, byte != UInt8(ascii: "?") { throw fail(.nothingToRepeat, at: position) }
            if !seen { result = .repeated(result, least: bounds.0, most: bounds.1) }
            seen = true
        }
        return result
    }

    private mutating func counts() throws(PatternError) -> (Int, Int?) {
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
            throw PatternError(problem: .tooComplex(limit: Self.maximumCount), column: opening + 1)
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

    private mutating func escape() throws(PatternError) -> ByteSet {
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
        case 0x30...0x39 where byte != 0x30: throw fail(.unsupported("a back-reference"), at: position)
        default:
            guard !LabelSyntax.isAlphanumeric(byte) else {
                throw fail(.unknownEscape(Character(Unicode.Scalar(byte))), at: position)
            }
            set.insert(byte)
        }
        return set
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
            if byte == UInt8(ascii: "\\") {
                set.formUnion(try escape())
                continue
            }
            index += 1
            let isRange = peek == UInt8(ascii: "-") && index + 1 < bytes.count && bytes[index + 1] != UInt8(ascii: "]")
            guard isRange else {
                set.insert(byte)
                continue
            }
            let upper = bytes[index + 1]
            guard upper != UInt8(ascii: "\\") else {
                throw fail(.unsupported("an escape as a range's end"), at: index + 1)
            }
            guard byte <= upper else { throw fail(.reversedRange, at: position) }
            set.insert(byte...upper)
            index += 2
        }
        guard peek == UInt8(ascii: "]") else { throw fail(.unclosedClass, at: opening) }
        index += 1
        let result = negated ? set.inverted : set
        if result.isEmpty { throw fail(.emptyClass, at: opening) }
        return result
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
            if let most {
                for _ in least..<max(most, least) { next = try add(.split(try lay(inner, next), target)) }
            } else {
                let loop = try add(.split(target, target))
                states[loop] = .split(try lay(inner, loop), target)
                next = loop
            }
            for _ in 0..<least { next = try lay(inner, next) }
            return next
        }
    }
}
