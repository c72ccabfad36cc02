package import KubernetesClient
package import KubernetesModel

/// The API server, as far as the gate asks it.
package protocol ClusterSource: Sendable {
    associatedtype Lists: ListWatching

    /// What the server has now, of the groups that were asked for.
    func discover(groups: Set<String>) async throws(APIError) -> ServedResources
    /// Lists and watches the metadata of a resource in all namespaces.
    func lists(of resource: APIResource) -> Lists
    /// The metadata of one object, asked for once; within a few seconds there is an answer or an error.
    ///
    /// - Parameter namespace: nil for a resource that is in none.
    func head(of name: String, _ resource: APIResource, namespace: String?) async throws(APIError) -> ObjectHead
}

/// Which kinds of owners are followed.
package enum FollowPlan {
    /// Every kind of the catalogue that lives in namespaces, but Pods: few Pods own anything, and there are too many of
    /// them to keep for those few.
    package static func wanted(_ served: ServedResources, _ catalogue: WorkloadCatalogue) -> [GroupKind: APIResource] {
        var wanted: [GroupKind: APIResource] = [:]
        for kind in catalogue.kinds where kind.groupKind != GroupKind(group: "", kind: "Pod") {
            guard let resource = served.resources[kind.groupKind], resource.isNamespaced else { continue }
            wanted[kind.groupKind] = resource
        }
        return wanted
    }
}
