package import KubernetesModel
package import LabelPolicy
package import LocatedDocuments

/// One label of one place of one object that is not as the policy wants it.
///
/// Names and paths are as the manifest has them: whoever prints them makes them printable.
package struct CheckFinding: Sendable {
    package struct Subject: Sendable, Hashable {
        package var gvk: GroupVersionKind
        /// Empty for a Namespace.
        package var namespace: String
        /// With `*` at its end when the API server completes it (`generateName`).
        package var name: String
    }

    package struct Effective: Sendable, Hashable {
        package var key: String
        package var value: String
        package var source: Source
    }

    package var reason: Reason
    package var label: String
    package var level: Level
    /// Nil when it depends on a namespace that is not among the manifests.
    package var mode: Mode?
    /// The namespace is not among the manifests, and might supply the label.
    package var isUncertain: Bool
    package var subject: Subject
    /// What is wrong: `cost label team: missing`.
    package var fault: String
    /// What is allowed: `registered: ml-platform, search`; nil when anything is.
    package var hint: String?
    /// A value that would be right; nil when there is none to propose.
    package var proposal: String?
    /// The map of labels to mend: `spec.template.metadata.labels`.
    package var place: String
    /// The values the place is billed under as it stands.
    package var effective: [Effective]
    package var source: SourceFile
    package var position: SourcePosition
    /// Characters to underline.
    package var length: Int

    package var file: String { source.name }
    package var excerpt: SourceExcerpt { source.excerpt(around: position) }

    /// The whole finding in one line.
    package var message: String {
        var parts = [fault]
        if let hint { parts.append(hint) }
        if let uncertainty { parts.append(uncertainty) }
        return parts.joined(separator: "; ")
    }

    /// What to do when nothing is certain without the namespace.
    package var uncertainty: String? {
        guard isUncertain else { return nil }
        return "namespace \"\(subject.namespace)\" is not among the manifests; pass it too if it has the label"
    }

    /// `set "team: ml-platform" in spec.template.metadata.labels`.
    package var fix: String { "set \"\(assignment)\" in \(place)" }

    /// The line of YAML that mends it: `team: ml-platform`, with `VALUE` where there is none to propose.
    package var assignment: String {
        let value = proposal ?? "VALUE"
        return "\(label): " + (ResolvedScalar.isPlainString(value) ? value : "\"\(value)\"")
    }
}
