/// JSON Patch (RFC 6902) as a strict receiver applies it, written apart from the product: `add`, `replace`, `remove`
/// and `test`.
package enum JSONPatchReference {
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    private enum Change {
        case add(JSONValue)
        case replace(JSONValue)
        case remove
        case test(JSONValue)
    }

    package static func apply(_ patch: JSONValue, to document: JSONValue) throws -> JSONValue {
        guard let operations = patch.elements else { throw Failure(description: "the patch is no array") }
        var document = document
        for operation in operations {
            guard let name = operation["op"]?.text, let path = operation["path"]?.text else {
                throw Failure(description: "an operation lacks op or path: \(operation.json)")
            }
            let tokens = try tokens(of: path)
            document = try change(document, at: tokens[...], change(named: name, operation), path)
        }
        return document
    }

    private static func change(named name: String, _ operation: JSONValue) throws -> Change {
        switch (name, operation["value"]) {
        case ("remove", _): return .remove
        case ("add", let value?): return .add(value)
        case ("replace", let value?): return .replace(value)
        case ("test", let value?): return .test(value)
        default: throw Failure(description: "operation \(operation.json) is unknown or lacks its value")
        }
    }

    /// The tokens of a JSON Pointer (RFC 6901).
    private static func tokens(of pointer: String) throws -> [String] {
        if pointer.isEmpty { return [] }
        guard pointer.hasPrefix("/") else { throw Failure(description: "pointer \(pointer) begins with no slash") }
        return try pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { token in
            var name = ""
            var rest = token.unicodeScalars[...]
            while let scalar = rest.popFirst() {
                guard scalar == "~" else {
                    name.unicodeScalars.append(scalar)
                    continue
                }
                switch rest.popFirst() {
                case "0": name.append("~")
                case "1": name.append("/")
                default: throw Failure(description: "pointer \(pointer) has a ~ that escapes nothing")
                }
            }
            return name
        }
    }

    private static func change(
        _ value: JSONValue, at tokens: ArraySlice<String>, _ change: Change, _ path: String
    ) throws -> JSONValue {
        guard let token = tokens.first else {
            switch change {
            case .add(let new), .replace(let new): return new
            case .remove: throw Failure(description: "the whole document cannot be removed")
            case .test(let expected): return try test(value, expected, path)
            }
        }
        let rest = tokens.dropFirst()
        switch value {
        case .object(var members):
            if rest.isEmpty {
                members[token] = try result(of: change, on: members[token], path)
            } else {
                guard let child = members[token] else { throw missing(path) }
                members[token] = try Self.change(child, at: rest, change, path)
            }
            return .object(members)
        case .array(var elements):
            if rest.isEmpty, case .add(let new) = change {
                let index = token == "-" ? elements.count : try index(token, upTo: elements.count, path)
                elements.insert(new, at: index)
                return .array(elements)
            }
            let index = try index(token, upTo: elements.count - 1, path)
            if rest.isEmpty, case .remove = change {
                elements.remove(at: index)
            } else {
                elements[index] = try Self.change(elements[index], at: rest, change, path)
            }
            return .array(elements)
        case .null, .bool, .integer, .number, .string:
            throw missing(path)
        }
    }

    /// What becomes of a member; nil removes it.
    private static func result(of change: Change, on old: JSONValue?, _ path: String) throws -> JSONValue? {
        switch change {
        case .add(let new): return new
        case .replace(let new):
            guard old != nil else { throw missing(path) }
            return new
        case .remove:
            guard old != nil else { throw missing(path) }
            return nil
        case .test(let expected):
            guard let old else { throw missing(path) }
            return try test(old, expected, path)
        }
    }

    private static func test(_ value: JSONValue, _ expected: JSONValue, _ path: String) throws -> JSONValue {
        guard value == expected else { throw Failure(description: "\(path) is \(value.json), not \(expected.json)") }
        return value
    }

    private static func index(_ token: String, upTo last: Int, _ path: String) throws -> Int {
        guard token == "0" || (token.utf8.allSatisfy { (0x30...0x39).contains($0) } && !token.hasPrefix("0")),
            let index = Int(token), index <= last
        else { throw missing(path) }
        return index
    }

    private static func missing(_ path: String) -> Failure { Failure(description: "there is nothing at \(path)") }
}
