import Admission
import FuzzSupport

/// An answer to a review, read strictly: members that are not known, or stand twice, are mistakes of the gate.
struct ReadAnswer {
    var uid: [UInt8] = []
    var isAllowed = false
    var denial: String?
    var patch: [ReadOperation]?
    var warnings: [String] = []

    init(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        var cursor = JSONCursor(bytes)
        var names: Set<String> = []
        try cursor.beginObject()
        while let name = try cursor.nextMember()?.decode() {
            require(names.insert(name).inserted, "the member \(name) stands once")
            switch name {
            case "apiVersion": require(try cursor.string().matches("admission.k8s.io/v1"), "the version is v1")
            case "kind": require(try cursor.string().matches("AdmissionReview"), "the kind is AdmissionReview")
            case "response": try readResponse(&cursor)
            default: fatalError("does not hold: an answer has no member \(name)")
            }
        }
        try cursor.endDocument()
        require(names.count == 3, "an answer has apiVersion, kind and response")
    }

    private mutating func readResponse(_ cursor: inout JSONCursor) throws(JSONError) {
        var names: Set<String> = []
        var encodedPatch: [UInt8]?
        try cursor.beginObject()
        while let name = try cursor.nextMember()?.decode() {
            require(names.insert(name).inserted, "the member \(name) stands once")
            switch name {
            case "uid": uid = Array(try cursor.string().decode().utf8)
            case "allowed": isAllowed = try cursor.bool()
            case "status": denial = try readStatus(&cursor)
            case "patchType": require(try cursor.string().matches("JSONPatch"), "a patch is a JSON Patch")
            case "patch": encodedPatch = Array(try cursor.string().contents)
            case "warnings":
                try cursor.beginArray()
                while try cursor.nextElement() { warnings.append(try cursor.string().decode()) }
            case "auditAnnotations":
                try cursor.beginObject()
                while let annotation = try cursor.nextMember()?.decode() {
                    require(["gaps", "defaults", "unfilled"].contains(annotation), "annotations have names of a closed set")
                    _ = try cursor.string()
                }
            default: fatalError("does not hold: a response has no member \(name)")
            }
        }
        require(names.isSuperset(of: ["uid", "allowed"]), "a response has uid and allowed")
        require(names.contains("patch") == names.contains("patchType"), "a patch and its type stand together")
        require(isAllowed == (denial == nil), "a denial has a status, and nothing else has")
        if let encodedPatch {
            require(denial == nil && warnings.isEmpty, "who patches does nothing else")
            let document = decodeBase64(encodedPatch)
            patch = try? document.withUnsafeBytes { try ReadOperation.read($0) }
            require(patch != nil, "a patch is a JSON Patch: \(String(decoding: document, as: UTF8.self))")
        }
    }

    private func readStatus(_ cursor: inout JSONCursor) throws(JSONError) -> String {
        var message = ""
        var names: Set<String> = []
        try cursor.beginObject()
        while let name = try cursor.nextMember()?.decode() {
            require(names.insert(name).inserted, "the member \(name) stands once")
            switch name {
            case "status": require(try cursor.string().matches("Failure"), "a denial is a failure")
            case "message": message = try cursor.string().decode()
            case "reason": require(try cursor.string().matches("Forbidden"), "a denial is Forbidden")
            case "code": require(try cursor.number().count == 3, "a denial has a code")
            default: fatalError("does not hold: a status has no member \(name)")
            }
        }
        require(names.count == 4 && !message.isEmpty, "a denial is complete")
        let isText = message.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x7F) }
        require(isText, "a denial has no control characters")
        return message
    }
}

/// One operation of a patch, by the labels it sets.
enum ReadOperation {
    case add(String, String)
    case replace(String, String)
    case addMap([(String, String)])

    var labels: [(String, String)] {
        switch self {
        case .add(let key, let value), .replace(let key, let value): [(key, value)]
        case .addMap(let members): members
        }
    }

    static func read(_ document: UnsafeRawBufferPointer) throws(JSONError) -> [ReadOperation] {
        var operations: [ReadOperation] = []
        var cursor = JSONCursor(document)
        try cursor.beginArray()
        while try cursor.nextElement() { operations.append(try ReadOperation(&cursor)) }
        try cursor.endDocument()
        return operations
    }

    private init(_ cursor: inout JSONCursor) throws(JSONError) {
        var (name, path, value) = ("", "", "")
        var members: [(String, String)]?
        try cursor.beginObject()
        while let member = try cursor.nextMember()?.decode() {
            switch member {
            case "op": name = try cursor.string().decode()
            case "path": path = try cursor.string().decode()
            case "value":
                if try cursor.peek() == .string {
                    value = try cursor.string().decode()
                    continue
                }
                var map: [(String, String)] = []
                try cursor.beginObject()
                while let key = try cursor.nextMember()?.decode() { map.append((key, try cursor.string().decode())) }
                members = map
            default: fatalError("does not hold: an operation has no member \(member)")
            }
        }
        let prefix = "/metadata/labels"
        if let members {
            require(name == "add" && path == prefix && !members.isEmpty, "a map is added as the labels")
            self = .addMap(members)
            return
        }
        require(path.hasPrefix(prefix + "/"), "a patch touches labels only")
        let key = path.dropFirst(prefix.count + 1).replacing("~1", with: "/").replacing("~0", with: "~")
        require(name == "add" || name == "replace", "a patch adds or replaces")
        self = name == "add" ? .add(String(key), value) : .replace(String(key), value)
    }
}

/// Base64 by the table of RFC 4648, section 4; padding is required.
private func decodeBase64(_ text: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    require(text.count % 4 == 0, "Base64 comes in fours")
    let digits = text.prefix { $0 != UInt8(ascii: "=") }
    require(text.count - digits.count <= 2 && text[digits.count...].allSatisfy { $0 == UInt8(ascii: "=") }, "padding")
    var result: [UInt8] = []
    var bits = 0
    var held = 0
    for symbol in digits {
        guard let digit = alphabet.firstIndex(of: symbol) else { fatalError("does not hold: Base64 has 64 digits") }
        bits = (bits << 6 | digit) & 0xFFFF
        held += 6
        if held >= 8 {
            held -= 8
            result.append(UInt8(truncatingIfNeeded: bits >> held))
        }
    }
    return result
}
