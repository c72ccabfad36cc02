/// The kinds whose Pods the policy speaks of: the built-in ones and those a policy adds.
///
/// A kind is found by its group, version and kind together, never by its name alone.
package struct WorkloadCatalogue: Sendable {
    /// Built-in entries in their order, then the additions in theirs.
    package let kinds: [WorkloadKind]

    private let indexByGVK: [GroupVersionKind: Int]
    private let indexByGroupKind: [GroupKind: Int]

    /// The built-in kinds alone.
    package static let builtin: WorkloadCatalogue = {
        // The built-in entries are known not to collide (a test says so); if ever they did, the first would hold.
        var index = Index()
        for kind in BuiltinKinds.all { index.addIfFree(kind) }
        return WorkloadCatalogue(index)
    }()

    /// Adds a policy's kinds to the built-in ones.
    ///
    /// Another version of a kind that is there already may be added, under the same resource name.
    ///
    /// - Throws: `CatalogueCollision` for the first addition whose group, version and kind, or whose group,
    ///   version and resource, are taken.
    package func adding(_ additions: [WorkloadKind]) throws(CatalogueCollision) -> WorkloadCatalogue {
        var index = Index()
        for kind in kinds { index.addIfFree(kind) }
        for kind in additions { try index.add(kind) }
        return WorkloadCatalogue(index)
    }

    private init(_ index: Index) {
        kinds = index.kinds
        indexByGVK = index.byGVK
        indexByGroupKind = index.byGroupKind
    }

    /// The entry of exactly this group, version and kind.
    package func kind(_ gvk: GroupVersionKind) -> WorkloadKind? { indexByGVK[gvk].map { kinds[$0] } }

    /// Where in `kinds` the entry of exactly this group, version and kind stands: for what is prepared for each
    /// entry once and looked up on every request.
    package func index(of gvk: GroupVersionKind) -> Int? { indexByGVK[gvk] }

    /// The entry of this group and kind in any version: for owner references, which may name a version that
    /// is served but not catalogued. Where versions have entries of their own, the first counts.
    package func kind(_ groupKind: GroupKind) -> WorkloadKind? { indexByGroupKind[groupKind].map { kinds[$0] } }

    /// What a webhook configuration has to register for, in a stable order: by group, then by versions.
    /// Kinds share a rule only if they share group and versions, so that no rule matches a pair that is not
    /// in the catalogue.
    package var rules: [WorkloadRule] {
        var resourcesByKey: [WorkloadRule.Key: Set<String>] = [:]
        for kind in kinds {
            let key = WorkloadRule.Key(group: kind.group, versions: kind.versions.sorted())
            resourcesByKey[key, default: []].insert(kind.resource)
        }
        return resourcesByKey.map { key, resources in
            WorkloadRule(group: key.group, versions: key.versions, resources: resources.sorted())
        }.sorted()
    }

    private struct Index {
        var kinds: [WorkloadKind] = []
        var byGVK: [GroupVersionKind: Int] = [:]
        var byGroupKind: [GroupKind: Int] = [:]
        var kindByGVR: [GroupVersionResource: String] = [:]

        mutating func add(_ kind: WorkloadKind) throws(CatalogueCollision) {
            if let collision = collision(of: kind) { throw collision }
            addIfFree(kind)
        }

        mutating func addIfFree(_ kind: WorkloadKind) {
            guard collision(of: kind) == nil else { return }
            let index = kinds.count
            kinds.append(kind)
            for gvk in kind.groupVersionKinds {
                byGVK[gvk] = index
                kindByGVR[resource(of: gvk, kind)] = kind.kind
            }
            if byGroupKind[kind.groupKind] == nil { byGroupKind[kind.groupKind] = index }
        }

        private func collision(of kind: WorkloadKind) -> CatalogueCollision? {
            for gvk in kind.groupVersionKinds {
                if let taken = byGVK[gvk] {
                    return CatalogueCollision(
                        conflict: .kind(gvk), added: kind.origin, existing: kinds[taken].origin)
                }
                let gvr = resource(of: gvk, kind)
                if let other = kindByGVR[gvr], let taken = byGVK[GroupVersionKind(gvr, kind: other)] {
                    return CatalogueCollision(
                        conflict: .resource(gvr, ofKind: other), added: kind.origin, existing: kinds[taken].origin)
                }
            }
            if let index = byGroupKind[kind.groupKind], kinds[index].resource != kind.resource {
                return CatalogueCollision(
                    conflict: .otherResource(kind.groupKind, given: kind.resource, known: kinds[index].resource),
                    added: kind.origin, existing: kinds[index].origin)
            }
            return nil
        }

        private func resource(of gvk: GroupVersionKind, _ kind: WorkloadKind) -> GroupVersionResource {
            GroupVersionResource(group: gvk.group, version: gvk.version, resource: kind.resource)
        }
    }
}

extension GroupVersionKind {
    fileprivate init(_ resource: GroupVersionResource, kind: String) {
        self.init(group: resource.group, version: resource.version, kind: kind)
    }
}

/// One rule of a webhook configuration: every resource in every version.
package struct WorkloadRule: Sendable, Hashable, Comparable {
    /// The API group; empty for the core group.
    package let group: String
    /// In ascending order.
    package let versions: [String]
    /// Plurals in ascending order.
    package let resources: [String]

    package init(group: String, versions: [String], resources: [String]) {
        self.group = group
        self.versions = versions
        self.resources = resources
    }

    package static func < (left: Self, right: Self) -> Bool {
        if left.group != right.group { return left.group < right.group }
        return left.versions.lexicographicallyPrecedes(right.versions)
    }

    fileprivate struct Key: Hashable {
        let group: String
        let versions: [String]
    }
}

/// Two entries of the catalogue claim the same name.
package struct CatalogueCollision: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Conflict: Sendable, Hashable {
        /// The kind is there already.
        case kind(GroupVersionKind)
        /// The resource is that of another kind.
        case resource(GroupVersionResource, ofKind: String)
        /// Another version of the kind is there under another resource name.
        case otherResource(GroupKind, given: String, known: String)
    }

    package let conflict: Conflict
    /// Whose entry was refused.
    package let added: WorkloadKind.Origin
    /// Whose entry holds.
    package let existing: WorkloadKind.Origin

    package var description: String {
        switch conflict {
        case .kind(let gvk):
            "\(added): \(gvk) is already defined by \(existing): remove this one, or correct its group, version or kind"
        case .resource(let gvr, let kind):
            "\(added): \(gvr) is already the resource of kind \(kind) in \(existing): correct the resource or the kind"
        case .otherResource(let groupKind, let given, let known):
            "\(added): the resource of \(groupKind) is '\(known)' in \(existing), not '\(given)': write '\(known)'"
        }
    }
}
