import KubernetesModel
import LabelPolicy
import LocatedDocuments

/// An exemption as read, and where.
struct ReadExemption {
    var exemption: Exemption
    var spec: LocatedNode
    var nameNode: LocatedNode
    var log: FileLog
    /// `match.kinds`, to be held against the catalogue once it is known.
    var kindNodes: [LocatedNode]
}

extension FileLog {
    func exemption(_ document: DocumentHead, today: CivilDate) -> ReadExemption? {
        guard
            let spec = document.spec(
                fields: ["match", "labels", "owner", "reason", "ticket", "expires"],
                advice: ["expiry": "did you mean \"expires\"?", "until": "did you mean \"expires\"?"])
        else { return nil }
        let match = spec.required("match", remedy: "say what is exempt, such as `match: {namespaces: [legacy]}`")
            .flatMap { self.match($0, key: spec.node.entry("match")?.key) }
        let labelsNode = spec.optional("labels")
        let labels = labelsNode.map {
            filledList($0, spec.path("labels"), remedy: "name labels, or remove the line to exempt from all", labelKey)
        }
        let owner = spec.required("owner", remedy: "name who answers for the exemption, such as jane@example.com")
            .flatMap { text($0, spec.path("owner")) }
        let reason = spec.required("reason", remedy: "say why, for those who read the report")
            .flatMap { text($0, spec.path("reason")) }
        let ticket = spec.optional("ticket").flatMap { text($0, spec.path("ticket")) }
        let expiresNode = spec.required("expires", remedy: "name its last day, such as `expires: \"2027-03-31\"`")
        let expires = expiresNode.flatMap { date($0, spec.path("expires")) }
        if let expires, let expiresNode, expires < today {
            warning(
                "the exemption expired on \(expires) and no longer counts",
                remedy: "mend what it excused and remove it, or agree on a later day", at: expiresNode)
        }
        // A list of labels that could not be read must not become "all labels".
        if let labels, labels == nil { return nil }
        guard let match, let owner, let reason, let expires, let name = document.name else { return nil }
        return ReadExemption(
            exemption: Exemption(
                name: name, match: match, labels: labels ?? nil, owner: owner, reason: reason, ticket: ticket,
                expires: expires),
            spec: spec.node, nameNode: document.nameNode, log: self,
            kindNodes: spec.node["match"]?["kinds"]?.sequence ?? [])
    }

    private func match(_ node: LocatedNode, key: LocatedNode?) -> Exemption.Match? {
        guard
            let reader = ObjectReader(
                node, key: key, path: "spec.match",
                fields: ["namespaces", "kinds", "names", "users", "serviceAccounts"], log: self)
        else { return nil }
        var isComplete = true
        // A list that could not be read must not become "everything": then there is no match at all.
        func read<Element>(_ field: String, _ element: (LocatedNode, String) -> Element?) -> [Element] {
            guard let node = reader.optional(field) else { return [] }
            guard let values = list(node, reader.path(field), element) else {
                isComplete = false
                return []
            }
            return values
        }
        let match = Exemption.Match(
            namespaces: read("namespaces") { glob($0, $1, allows: Unicode.Scalar.isNameCharacter) },
            kinds: read("kinds") { text($0, $1, maximumLength: TextLimits.glob) },
            names: read("names") { glob($0, $1, allows: Unicode.Scalar.isNameCharacter) },
            users: read("users") { glob($0, $1, allows: { _ in true }) },
            serviceAccounts: read("serviceAccounts", serviceAccount))
        return isComplete ? match : nil
    }

    /// `NAMESPACE/NAME`, both with wildcards.
    private func serviceAccount(_ node: LocatedNode, _ path: String) -> Glob? {
        guard let glob = glob(node, path, allows: { $0 == "/" || Unicode.Scalar.isNameCharacter($0) }) else {
            return nil
        }
        let slashes = glob.text.utf8.count { $0 == UInt8(ascii: "/") }
        guard slashes == 1, !glob.text.hasPrefix("/"), !glob.text.hasSuffix("/") else {
            error(
                "\(path): \"\(glob)\" is no service account", remedy: "write NAMESPACE/NAME, such as ci/deployer",
                at: node)
            return nil
        }
        return glob
    }
}

extension ReadExemption {
    /// Kinds that are subjects without being in the catalogue.
    private static let otherKinds = ["Namespace", "PersistentVolumeClaim", "Service"]

    /// Warns of kinds the gate never sees: the exemption would never apply to them.
    func checkKinds(against catalogue: WorkloadCatalogue) {
        let known = Set(catalogue.kinds.map(\.kind) + Self.otherKinds)
        for node in kindNodes {
            guard let kind = node.string, !known.contains(kind) else { continue }
            log.warning(
                "no kind \"\(kind)\" is in the catalogue, so nothing of it is ever judged",
                remedy: didYouMean(kind, known.sorted()).map { "did you mean \"\($0)\"?" }
                    ?? "add it by a document of `kind: WorkloadKind`, or remove it", at: node)
        }
    }
}
