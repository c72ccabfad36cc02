import LocatedDocuments

/// Reads the documents that say what is served. What lacks a name or a kind is left out.
enum DiscoveryReading {
    /// `APIGroupDiscoveryList`: everything in one document; nil if it is another.
    static func aggregated(_ root: LocatedNode) -> Discovery? {
        guard root["kind"]?.string == "APIGroupDiscoveryList" else { return nil }
        var discovery = Discovery(groups: [])
        for item in root["items"]?.sequence ?? [] {
            let group = item["metadata"]?["name"]?.string ?? ""
            var versions: [Discovery.Version] = []
            for version in item["versions"]?.sequence ?? [] {
                guard let name = version["version"]?.string else { continue }
                if version["freshness"]?.string == "Stale" {
                    discovery.notes.append(
                        "the server of \(group)/\(name) does not answer; what is known of it is from before")
                }
                let resources = (version["resources"]?.sequence ?? []).compactMap {
                    aggregatedResource($0, group, name)
                }
                versions.append(Discovery.Version(name: name, resources: resources))
            }
            discovery.groups.append(Discovery.Group(name: group, versions: versions))
        }
        return discovery
    }

    private static func aggregatedResource(
        _ node: LocatedNode, _ group: String, _ version: String
    ) -> Discovery.Resource? {
        guard let plural = node["resource"]?.string, let kind = node["responseKind"]?["kind"]?.string, !kind.isEmpty
        else { return nil }
        return Discovery.Resource(
            APIResource(
                group: group, version: version, plural: plural, kind: kind,
                isNamespaced: node["scope"]?.string == "Namespaced"),
            verbs: Set(strings(node["verbs"])), shortNames: strings(node["shortNames"]))
    }

    /// `APIVersions` or `APIGroupList`: groups and versions only, the preferred version first.
    static func groups(_ root: LocatedNode) -> [(group: String, versions: [String])] {
        if root["kind"]?.string == "APIVersions" { return [("", strings(root["versions"]))] }
        return (root["groups"]?.sequence ?? []).compactMap { node in
            guard let name = node["name"]?.string else { return nil }
            var versions = (node["versions"]?.sequence ?? []).compactMap { $0["version"]?.string }
            if let preferred = node["preferredVersion"]?["version"]?.string {
                versions.removeAll { $0 == preferred }
                versions.insert(preferred, at: 0)
            }
            return (name, versions)
        }
    }

    /// `APIResourceList`: the resources of one version; nil if it is another document.
    static func resources(_ root: LocatedNode, group: String, version: String) -> [Discovery.Resource]? {
        guard root["kind"]?.string == "APIResourceList" else { return nil }
        return (root["resources"]?.sequence ?? []).compactMap { node in
            guard let plural = node["name"]?.string, !plural.contains("/"), let kind = node["kind"]?.string else {
                return nil
            }
            return Discovery.Resource(
                APIResource(
                    group: group, version: version, plural: plural, kind: kind,
                    isNamespaced: node["namespaced"]?.bool ?? false),
                verbs: Set(strings(node["verbs"])), shortNames: strings(node["shortNames"]))
        }
    }

    /// nil if it is another document. Vendors write `major: "1", minor: "31+"`.
    static func version(_ root: LocatedNode) -> ServerVersion? {
        guard let git = root["gitVersion"]?.string else { return nil }
        func number(_ field: String, _ place: Int) -> Int {
            let said = (root[field]?.string ?? "").prefix { $0.isASCII && $0.isNumber }
            if let number = Int(said) { return number }
            let parts = git.drop { $0 == "v" }.split(separator: ".")
            return parts.dropFirst(place).first.flatMap { Int($0) } ?? 0
        }
        return ServerVersion(
            gitVersion: Terminal.printable(git), major: number("major", 0), minor: number("minor", 1))
    }

    private static func strings(_ node: LocatedNode?) -> [String] { (node?.sequence ?? []).compactMap(\.string) }
}
