import Foundation

/// A validator of the subset of JSON Schema (draft 2020-12) that the project's schemas are written in. A keyword it does
/// not know is a failure, so that no part of a schema goes untested.
package struct JSONSchema {
    private let root: [String: Any]

    package struct Malformed: Error {}

    package init(_ text: String) throws {
        guard let root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw Malformed()
        }
        self.root = root
    }

    /// What is wrong with a document, as `/path: complaint`.
    package func problems(in text: String) throws -> [String] {
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        var problems: [String] = []
        check(document, root, "", &problems)
        return problems
    }

    private func check(_ value: Any, _ schema: [String: Any], _ path: String, _ problems: inout [String]) {
        for (keyword, argument) in schema.sorted(by: { $0.key < $1.key }) {
            switch (keyword, argument) {
            case ("$schema", _), ("$id", _), ("$defs", _), ("title", _), ("description", _): break
            case ("$ref", let reference as String):
                guard reference.hasPrefix("#/$defs/"), let defs = root["$defs"] as? [String: Any],
                    let target = defs[String(reference.dropFirst(8))] as? [String: Any]
                else {
                    problems.append("\(path): unresolved \(reference)")
                    continue
                }
                check(value, target, path, &problems)
            case ("type", let type as String):
                if !Self.has(value, type) { problems.append("\(path): not of type \(type)") }
            case ("const", let constant as String):
                if value as? String != constant { problems.append("\(path): not \(constant)") }
            case ("enum", let allowed as [String]):
                if !(value as? String).map(allowed.contains(_:)).isTrue {
                    problems.append("\(path): \(value) not in enum")
                }
            case ("pattern", let pattern as String):
                if (value as? String)?.range(of: pattern, options: .regularExpression) == nil {
                    problems.append("\(path): does not match \(pattern)")
                }
            case ("minLength", let least as Int):
                if let text = value as? String, text.unicodeScalars.count < least {
                    problems.append("\(path): too short")
                }
            case ("minimum", let least as NSNumber):
                if let number = value as? NSNumber, number.doubleValue < least.doubleValue {
                    problems.append("\(path): below \(least)")
                }
            case ("maximum", let most as NSNumber):
                if let number = value as? NSNumber, number.doubleValue > most.doubleValue {
                    problems.append("\(path): above \(most)")
                }
            case ("items", let items as [String: Any]):
                for (index, item) in (value as? [Any] ?? []).enumerated() {
                    check(item, items, "\(path)/\(index)", &problems)
                }
            case ("required", let keys as [String]):
                let object = value as? [String: Any] ?? [:]
                problems += keys.filter { object[$0] == nil }.map { "\(path): lacks \($0)" }
            case ("properties", let properties as [String: Any]):
                for (key, member) in value as? [String: Any] ?? [:] {
                    if let schema = properties[key] as? [String: Any] {
                        check(member, schema, "\(path)/\(key)", &problems)
                    } else if schema["additionalProperties"] == nil {
                        // A published schema lets fields be added; what is written today has to be in it.
                        problems.append("\(path): has \(key), which is not described")
                    }
                }
            case ("additionalProperties", _):
                let named = schema["properties"] as? [String: Any] ?? [:]
                for (key, member) in value as? [String: Any] ?? [:] where named[key] == nil {
                    if let schema = argument as? [String: Any] {
                        check(member, schema, "\(path)/\(key)", &problems)
                    } else if argument as? Bool == false {
                        problems.append("\(path): has \(key)")
                    }
                }
            default: problems.append("\(path): unknown keyword \(keyword)")
            }
        }
    }

    private static func has(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "boolean": value is Bool
        case "number": value is NSNumber
        case "integer": (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() }.isTrue
        default: false
        }
    }
}

extension Bool? {
    fileprivate var isTrue: Bool { self == true }
}
