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
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return false
        }
        var limits = false
        var requests = false
        var claims = false
        try cursor.beginObject()
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
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return false
        }
        var counts: [String: Bool] = [:]
        try cursor.beginObject()
        while let member = try cursor.nextMember() {
            if isGPU(member) {
                // Kept by name because a later duplicate may set the quantity to zero.
                let name = member.decode(maximumBytes: ObjectScanner.maximumNameBytes).text
                counts[name] = try !isZeroQuantity(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return counts.values.contains(true)
    }

    private static func isGPU(_ name: JSONStringToken) -> Bool {
        if let plain = name.unescaped { return ExtendedResource.isGPU(utf8: plain) }
        return ExtendedResource.isGPU(name.decode(maximumBytes: ObjectScanner.maximumNameBytes).text)
    }

    /// Quantities are strings or bare numbers; `null` is zero.
    private static func isZeroQuantity(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        switch try cursor.peek() {
        case .string:
            return Quantity.isZero(try cursor.string().decode(maximumBytes: ObjectScanner.maximumValueBytes).text)
        case .number:
            let range = try cursor.number()
            let text = cursor.bytes[range].prefix(ObjectScanner.maximumValueBytes)
            return Quantity.isZero(String(decoding: text, as: UTF8.self))
        case .null:
            try cursor.null()
            return true
        case .object, .array, .bool:
            try cursor.skipValue()
            return false
        }
    }

    private static func isNotEmptyArray(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        guard try cursor.peek() == .array else {
            try cursor.skipValue()
            return false
        }
        var found = false
        try cursor.beginArray()
        while try cursor.nextElement() {
            found = true
            try cursor.skipValue()
        }
        return found
    }

    /// Spark's `gpu: {name: nvidia.com/gpu, quantity: 1}`.
    private static func device(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return false
        }
        var isNamedGPU = false
        var isZero = true
        try cursor.beginObject()
        while let member = try cursor.nextMember() {
            if member.matches("name"), try cursor.peek() == .string {
                isNamedGPU = isGPU(try cursor.string())
            } else if member.matches("quantity") {
                isZero = try isZeroQuantity(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return isNamedGPU && !isZero
    }
}
