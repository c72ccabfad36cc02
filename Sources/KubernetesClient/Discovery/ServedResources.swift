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

/// What is known of what a server has, over many looks.
package struct DiscoveryStanding: Sendable {
    /// Nil until it has answered once.
    package private(set) var served: ServedResources?
    /// Why the last look failed.
    package private(set) var failure: String?

    package init() {}

    /// - Returns: what it has, with what was known of the groups that it does not tell about.
    package mutating func answered(_ answer: ServedResources) -> ServedResources {
        let served = served.map(answer.completed(by:)) ?? answer
        (self.served, failure) = (served, nil)
        return served
    }

    /// - Returns: what to tell; nil if it was told the last time.
    package mutating func failed(_ error: APIError) -> String? {
        let text = "\(error)"
        defer { failure = text }
        return failure == text ? nil : text
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
