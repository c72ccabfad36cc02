import KubernetesModel

/// Tells whether a place that can ask for accelerators does.
enum AcceleratorScan {
    static func read(
        _ reading: CompiledKind.AcceleratorReading, _ cursor: inout JSONCursor
    ) throws(JSONError) -> Bool {
        switch reading {
        case .resources: try resources(&cursor)
        case .claims: try isNotEmptyArray(&cursor)
        case .device: try device(&cursor)
        }
    }

    /// A container's `resources`: a GPU in `limits` or `requests`, or any DRA claim.
    private static func resources(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        guard try cursor.enterObject() else { return false }
        var limits = false
        var requests = false
        var claims = false
        while let member = try cursor.nextMember() {
            if member.matches("limits") {
                limits = try hasGPU(&cursor)
            } else if member.matches("requests") {
                requests = try hasGPU(&cursor)
            } else if member.matches("claims") {
                claims = try isNotEmptyArray(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return limits || requests || claims
    }

    /// A map of resource names to quantities with a GPU in it whose quantity is not zero.
    private static func hasGPU(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        guard try cursor.enterObject() else { return false }
        var requests = GPURequests()
        while let member = try cursor.nextMember() {
            if isGPU(member) {
                requests.set(member, isZero: try isZeroQuantity(&cursor))
            } else {
                try cursor.skipValue()
            }
        }
        return requests.hasAny
    }

    /// The GPUs of one map by their names, because a later duplicate may set a quantity to zero. One name is what
    /// there is in practice; only more of them cost an allocation.
    private struct GPURequests {
        /// Names that are told apart. Nobody asks for this many kinds of GPU; beyond it a quantity that is not zero
        /// counts for good, so that a map of a million names costs neither memory nor quadratic time.
        static let maximumNames = 16

        private var first: (name: JSONStringToken, isZero: Bool)?
        private var others: [(name: JSONStringToken, isZero: Bool)] = []
        private var hasUntracked = false

        var hasAny: Bool { first.map { !$0.isZero } ?? false || others.contains { !$0.isZero } || hasUntracked }

        mutating func set(_ name: JSONStringToken, isZero: Bool) {
            guard let known = first else {
                first = (name, isZero)
                return
            }
            if Self.areEqual(known.name, name) {
                first = (name, isZero)
            } else if let index = others.firstIndex(where: { Self.areEqual($0.name, name) }) {
                others[index].isZero = isZero
            } else if others.count < Self.maximumNames {
                others.append((name, isZero))
            } else if !isZero {
                hasUntracked = true
            }
        }

        private static func areEqual(_ left: JSONStringToken, _ right: JSONStringToken) -> Bool {
            if let plain = right.unescaped { return left.matches(plain) }
            return left.matches(text: right.decode())
        }
    }

    private static func isGPU(_ name: JSONStringToken) -> Bool {
        if let plain = name.unescaped { return ExtendedResource.isGPU(utf8: plain) }
        return ExtendedResource.isGPU(name.decode())
    }

    /// Quantities are strings or bare numbers; `null` is zero. Anything else is no quantity: it may be meant as
    /// something, and the API server will refuse it anyway.
    private static func isZeroQuantity(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        switch try cursor.peek() {
        case .string:
            let text = try cursor.string()
            if let plain = text.unescaped { return Quantity.isZero(utf8: plain) }
            return Quantity.isZero(text.decode())
        case .number:
            return Quantity.isZero(utf8: UnsafeRawBufferPointer(rebasing: cursor.bytes[try cursor.number()]))
        case .null:
            try cursor.null()
            return true
        case .object, .array, .bool:
            try cursor.skipValue()
            return false
        }
    }

    private static func isNotEmptyArray(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        guard try cursor.enterArray() else { return false }
        var found = false
        while try cursor.nextElement() {
            found = true
            try cursor.skipValue()
        }
        return found
    }

    /// Spark's `gpu: {name: nvidia.com/gpu, quantity: 1}`.
    private static func device(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        guard try cursor.enterObject() else { return false }
        var isNamedGPU = false
        var isZero = true
        while let member = try cursor.nextMember() {
            if member.matches("name") {
                isNamedGPU = try cursor.stringIfAny().map { isGPU($0) } ?? false
            } else if member.matches("quantity") {
                isZero = try isZeroQuantity(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return isNamedGPU && !isZero
    }
}
