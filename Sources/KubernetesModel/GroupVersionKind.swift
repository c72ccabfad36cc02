/// A group and a kind, without the version: what an owner reference can be matched by, since any
/// served version of the owner names the same object.
package struct GroupKind: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The API group; empty for the core group.
    package let group: String
    package let kind: String

    package init(group: String, kind: String) {
        self.group = group
        self.kind = kind
    }

    /// `Deployment.apps`, and `Pod` in the core group, as kubectl writes it.
    package var description: String { group.isEmpty ? kind : "\(kind).\(group)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.group, left.kind) < (right.group, right.kind)
    }
}

/// A group, version and kind: the only name a kind is looked up by, because kind names collide
/// (`Job` exists in `batch` and in `batch.volcano.sh`).
package struct GroupVersionKind: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The API group; empty for the core group.
    package let group: String
    package let version: String
    package let kind: String

    package init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// Reads an object's `apiVersion` and `kind`.
    ///
    /// - Throws: `GroupVersionError` if `apiVersion` is neither `version` nor `group/version`.
    package init(apiVersion: String, kind: String) throws(GroupVersionError) {
        let parts = try GroupVersion(parsing: apiVersion)
        self.init(group: parts.group, version: parts.version, kind: kind)
    }

    /// The text of `apiVersion`: `apps/v1`, and `v1` in the core group.
    package var apiVersion: String { GroupVersion(group: group, version: version).description }

    package var groupKind: GroupKind { GroupKind(group: group, kind: kind) }

    /// `apps/v1 Deployment`.
    package var description: String { "\(apiVersion) \(kind)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.group, left.version, left.kind) < (right.group, right.version, right.kind)
    }
}

/// A group, version and plural resource name: what webhook rules and request paths speak of.
package struct GroupVersionResource: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The API group; empty for the core group.
    package let group: String
    package let version: String
    /// The plural in lower case: `deployments`.
    package let resource: String

    package init(group: String, version: String, resource: String) {
        self.group = group
        self.version = version
        self.resource = resource
    }

    /// `apps/v1 deployments`.
    package var description: String { "\(GroupVersion(group: group, version: version)) \(resource)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.group, left.version, left.resource) < (right.group, right.version, right.resource)
    }
}

/// What the text of an `apiVersion` names.
package struct GroupVersion: Sendable, Hashable, CustomStringConvertible {
    /// The API group; empty for the core group.
    package let group: String
    package let version: String

    package init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads `apps/v1` or `v1`.
    package init(parsing text: String) throws(GroupVersionError) {
        guard !text.isEmpty else { throw .empty }
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else {
            self.init(group: "", version: text)
            return
        }
        let group = text[..<slash]
        let version = text[text.utf8.index(after: slash)...]
        guard !version.utf8.contains(UInt8(ascii: "/")) else { throw .tooManySlashes(text) }
        guard !group.isEmpty else { throw .emptyGroup(text) }
        guard !version.isEmpty else { throw .emptyVersion(text) }
        self.init(group: String(group), version: String(version))
    }

    package var description: String { group.isEmpty ? version : "\(group)/\(version)" }
}

/// Why a text is not an `apiVersion`.
package enum GroupVersionError: Error, Sendable, Hashable, CustomStringConvertible {
    case empty
    case emptyGroup(String)
    case emptyVersion(String)
    case tooManySlashes(String)

    package var description: String {
        switch self {
        case .empty:
            "apiVersion is empty: write group/version such as apps/v1, or v1 for the core group"
        case .emptyGroup(let text):
            "apiVersion '\(text.quotation)' has nothing before the slash: "
                + "write group/version such as apps/v1, or v1 alone"
        case .emptyVersion(let text):
            "apiVersion '\(text.quotation)' has nothing after the slash: write group/version such as apps/v1"
        case .tooManySlashes(let text):
            "apiVersion '\(text.quotation)' has more than one slash: write group/version such as apps/v1"
        }
    }
}
