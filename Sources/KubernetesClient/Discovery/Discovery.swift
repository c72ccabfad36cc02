package import KubernetesModel

/// Which resources a cluster serves.
package struct Discovery: Sendable {
    package struct Resource: Sendable, Hashable {
        package var resource: APIResource
        package var verbs: Set<String>
        package var shortNames: [String]

        package init(_ resource: APIResource, verbs: Set<String> = [], shortNames: [String] = []) {
            self.resource = resource
            self.verbs = verbs
            self.shortNames = shortNames
        }

        /// Whether it can be listed and watched.
        package var isWatchable: Bool { verbs.contains("list") && verbs.contains("watch") }
    }

    package struct Version: Sendable, Hashable {
        package var name: String
        /// Subresources left out.
        package var resources: [Resource]

        package init(name: String, resources: [Resource]) {
            self.name = name
            self.resources = resources
        }
    }

    package struct Group: Sendable, Hashable {
        /// Empty for the core group.
        package var name: String
        /// The preferred one first.
        package var versions: [Version]

        package init(name: String, versions: [Version]) {
            self.name = name
            self.versions = versions
        }
    }

    package var groups: [Group]
    /// What could not be found out, each in a line: an extension server that is down hides its own group only.
    package var notes: [String]

    package init(groups: [Group], notes: [String] = []) {
        self.groups = groups
        self.notes = notes
    }
}

extension Discovery {
    /// The resource of a kind in exactly this version.
    package func resource(of kind: GroupVersionKind) -> Resource? {
        group(kind.group)?.versions.first { $0.name == kind.version }?.resources.first { $0.resource.kind == kind.kind }
    }

    /// The resource of a kind, in the version the server prefers or else in the next that has it.
    package func resource(of kind: GroupKind) -> Resource? {
        for version in group(kind.group)?.versions ?? [] {
            if let found = version.resources.first(where: { $0.resource.kind == kind.kind }) { return found }
        }
        return nil
    }

    /// The resource of this plural name; nil if the server does not serve it in this version.
    package func resource(_ name: GroupVersionResource) -> Resource? {
        group(name.group)?.versions.first { $0.name == name.version }?.resources.first {
            $0.resource.plural == name.resource
        }
    }

    private func group(_ name: String) -> Group? { groups.first { $0.name == name } }
}

/// What the server says of itself.
package struct ServerVersion: Sendable, Hashable, CustomStringConvertible {
    /// `v1.36.2`, with what vendors add: `v1.31.4-gke.1372000`.
    package var gitVersion: String
    package var major: Int
    package var minor: Int

    package init(gitVersion: String, major: Int, minor: Int) {
        self.gitVersion = gitVersion
        self.major = major
        self.minor = minor
    }

    package var description: String { gitVersion }
}
