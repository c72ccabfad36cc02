package import KubernetesModel

/// What an API server has that can be listed and watched.
package struct ServedResources: Sendable, Hashable {
    /// Each kind in the version that the server prefers.
    package var resources: [GroupKind: APIResource]
    /// Groups that the server did not tell about this time, because whoever serves them did not answer.
    package var unknownGroups: Set<String>

    package init(resources: [GroupKind: APIResource] = [:], unknownGroups: Set<String> = []) {
        self.resources = resources
        self.unknownGroups = unknownGroups
    }

    /// The same, with what was known of the groups it does not tell about.
    package func completed(by earlier: ServedResources) -> ServedResources {
        var result = self
        for (kind, resource) in earlier.resources
        where unknownGroups.contains(kind.group) && result.resources[kind] == nil {
            result.resources[kind] = resource
        }
        return result
    }

    /// - Parameter groups: those that are of interest; nil: all.
    package init(_ discovery: Discovery, groups: Set<String>? = nil) {
        self.init()
        for group in discovery.groups where groups?.contains(group.name) ?? true {
            // Whoever serves an empty version did not say what is in it.
            if group.versions.contains(where: \.resources.isEmpty) { unknownGroups.insert(group.name) }
            for version in group.versions {
                for found in version.resources where found.isWatchable {
                    let kind = GroupKind(group: group.name, kind: found.resource.kind)
                    // The first version that has it is the preferred one.
                    if resources[kind] == nil { resources[kind] = found.resource }
                }
            }
        }
    }
}

/// How often the server is asked which kinds it has.
package struct DiscoveryPace: Sendable, Hashable {
    /// A CustomResourceDefinition is installed once in a while, and until it is seen its objects are not known to exist.
    package var interval: Duration = .seconds(60)
    /// After a look that failed.
    package var retry: Duration = .seconds(2)

    package init() {}
}
