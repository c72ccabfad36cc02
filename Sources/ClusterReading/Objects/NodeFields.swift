import LocatedDocuments

/// Fields of an object in JSON or YAML. What is of another type than the API defines counts as absent, as for a reader
/// of protobuf.
extension LocatedNode {
    /// The member at the end of a path.
    func member(_ path: String...) -> LocatedNode? {
        var node: LocatedNode? = self
        for name in path { node = node?[name] }
        return node
    }

    /// A member that is a text; empty if it is absent.
    func text(_ name: String) -> String { self[name]?.string ?? "" }

    /// The elements of a member that is a list.
    func elements(_ name: String) -> [LocatedNode] { self[name]?.sequence ?? [] }

    /// The texts of a member that is a map of texts, as labels are.
    func texts(_ name: String) -> [(key: String, value: String)] {
        (self[name]?.mapping ?? []).compactMap { entry in entry.value.string.map { (entry.name, $0) } }
    }

    /// A scalar as it was written: quantities stand as texts and as numbers.
    var written: String? {
        switch resolved {
        case .string(let text), .integer(let text), .float(let text): text
        case .bool, .nonFinite, .null, nil: nil
        }
    }
}
