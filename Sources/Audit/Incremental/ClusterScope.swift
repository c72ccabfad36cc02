/// Where findings are reported: with the namespace they concern, or with the cluster.
package enum ClusterScope: Sendable, Hashable, Comparable {
    /// Node groups, exemptions, registrations, definitions, volumes without a claim, workloads in no namespace.
    case cluster
    case namespace(String)

    /// The scope of what is said of an object. A Namespace belongs to itself.
    package init(of subject: ObjectReference) {
        if subject.kind == "Namespace", subject.apiVersion == "v1" {
            self = .namespace(subject.name)
        } else {
            self = subject.namespace.isEmpty ? .cluster : .namespace(subject.namespace)
        }
    }

    /// The cluster, then namespaces by name.
    package static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.cluster, .namespace): true
        case (.cluster, .cluster), (.namespace, .cluster): false
        case (.namespace(let first), .namespace(let second)): first < second
        }
    }
}

extension AuditReport {
    /// The findings that the report shows, by scope, each in the report's order.
    package var findingsByScope: [ClusterScope: [Finding]] {
        Dictionary(grouping: findings) { ClusterScope(of: $0.subject) }
    }
}
