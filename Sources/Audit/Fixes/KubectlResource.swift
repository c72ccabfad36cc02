import KubernetesModel

/// How `kubectl` is told a kind.
enum KubectlResource {
    /// `deployment.apps`, `pod`; a kind with its version and group where the plural is not known, which `kubectl` takes
    /// too (`NodePool.v1.karpenter.sh`).
    static func name(of object: ObjectReference, catalogue: WorkloadCatalogue = .builtin) -> String {
        let group = object.group
        if group.isEmpty { return object.kind.lowercased() }
        if group == "apps" || group == "batch" { return "\(object.kind.lowercased()).\(group)" }
        if let known = catalogue.kind(GroupKind(group: group, kind: object.kind)) {
            return "\(known.resource).\(group)"
        }
        return "\(object.kind).\(object.version).\(group)"
    }
}
