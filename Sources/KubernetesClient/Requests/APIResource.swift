package import KubernetesModel

/// A resource of the API server: what a request's path, and a rule that would allow the request, are made of.
package struct APIResource: Sendable, Hashable, CustomStringConvertible {
    /// The API group; empty for the core group.
    package let group: String
    package let version: String
    /// In lower case: `deployments`.
    package let plural: String
    package let kind: String
    package let isNamespaced: Bool

    package init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    package var groupVersionKind: GroupVersionKind { GroupVersionKind(group: group, version: version, kind: kind) }

    package var groupVersionResource: GroupVersionResource {
        GroupVersionResource(group: group, version: version, resource: plural)
    }

    /// As kubectl names it: `deployments.apps`, and `pods` in the core group.
    package var description: String { group.isEmpty ? plural : "\(plural).\(group)" }

    /// The core group's, and others that every cluster has, so that asking for them takes no discovery.
    package static let pods = core("pods", "Pod", isNamespaced: true)
    package static let nodes = core("nodes", "Node", isNamespaced: false)
    package static let namespaces = core("namespaces", "Namespace", isNamespaced: false)
    package static let secrets = core("secrets", "Secret", isNamespaced: true)
    package static let serviceAccounts = core("serviceaccounts", "ServiceAccount", isNamespaced: true)
    package static let configMaps = core("configmaps", "ConfigMap", isNamespaced: true)
    package static let leases = APIResource(
        group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease", isNamespaced: true)

    package static let validatingWebhookConfigurations = APIResource(
        group: "admissionregistration.k8s.io", version: "v1", plural: "validatingwebhookconfigurations",
        kind: "ValidatingWebhookConfiguration", isNamespaced: false)
    package static let mutatingWebhookConfigurations = APIResource(
        group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingwebhookconfigurations",
        kind: "MutatingWebhookConfiguration", isNamespaced: false)

    private static func core(_ plural: String, _ kind: String, isNamespaced: Bool) -> APIResource {
        APIResource(group: "", version: "v1", plural: plural, kind: kind, isNamespaced: isNamespaced)
    }
}
