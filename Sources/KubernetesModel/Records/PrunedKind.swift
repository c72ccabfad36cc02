/// A kind of which the API server removes labels in Pod templates: its definition declares the template's `metadata` as
/// an object without properties (kubernetes/kubernetes#103739).
package struct PrunedKind: Sendable, Hashable {
    package var kind: GroupKind
    /// The plural by which the definition is called: `trainings` of `trainings.acme.io`.
    package var resource: String
    /// Where the template stands: `spec.template.metadata`.
    package var path: String

    package init(kind: GroupKind, resource: String, path: String) {
        self.kind = kind
        self.resource = resource
        self.path = path
    }
}
