import LocatedDocuments

/// What all policy documents have in common: `apiVersion`, `kind`, `metadata`.
struct DocumentHead {
    static let apiVersion = "tallygate.io/v1alpha1"

    enum Kind: String, CaseIterable {
        case attributionPolicy = "AttributionPolicy"
        case registry = "Registry"
        case exemption = "Exemption"
        case workloadKind = "WorkloadKind"
        case pricing = "Pricing"
    }

    let kind: Kind
    /// `metadata.name`; nil, and reported, if it cannot be read.
    let name: String?
    /// Where to point for the document as a whole: its name, or its first key.
    let nameNode: LocatedNode
    private let reader: ObjectReader

    private static let fields = ["apiVersion", "kind", "metadata", "spec"]
    /// Fields that people write one level too high.
    private static let misplaced = Dictionary(
        uniqueKeysWithValues: [
            "labels", "mode", "modes", "teams", "match", "expires", "owner", "reason", "templatePaths", "ratchet",
            "subjects", "exclude", "currency", "overrides", "storage", "sharing",
        ].map { ($0, "move it under `spec:`") })

    /// - Returns: nil, with an error reported, if the document is none of ours.
    init?(_ root: LocatedNode, log: FileLog) {
        guard root.mapping != nil else {
            log.error(
                "a policy document must be a mapping, found \(root.foundDescription)",
                remedy: "it starts with `apiVersion: \(Self.apiVersion)`", at: root)
            return nil
        }
        // Kind first: what is none of our kinds gets that one error, not one for each of its fields.
        guard let kind = Self.kind(root, log) else { return nil }
        guard let reader = ObjectReader(root, path: "", fields: Self.fields, advice: Self.misplaced, log: log) else {
            return nil
        }
        self.kind = kind
        self.reader = reader
        let metadata = reader.required("metadata", remedy: "add `metadata: {name: …}`").flatMap {
            // Labels and annotations are for those who keep the documents; they mean nothing to us.
            ObjectReader(
                $0, key: root.entry("metadata")?.key, path: "metadata",
                fields: ["name", "namespace", "labels", "annotations"], log: log)
        }
        let nameNode = metadata?.required("name", remedy: "give the document a name")
        self.name = nameNode.flatMap { log.documentName($0) }
        self.nameNode = nameNode ?? root.entry("kind")?.value ?? root
    }

    private static func kind(_ root: LocatedNode, _ log: FileLog) -> Kind? {
        let words = Kind.allCases.map(\.rawValue)
        guard let version = root["apiVersion"] else {
            let start = LocatedNode(value: root.value, start: root.start, end: root.start)
            log.error(
                "the document has no field \"apiVersion\"", remedy: "add `apiVersion: \(Self.apiVersion)`", at: start)
            return nil
        }
        guard version.string == Self.apiVersion else {
            let ours = version.string?.hasPrefix("tallygate.io/") ?? false
            log.error(
                "unknown apiVersion: \(version.foundDescription)",
                remedy: ours
                    ? "this release reads \(Self.apiVersion)"
                    : "only Tallygate's documents (\(Self.apiVersion)) belong into a policy; keep others elsewhere",
                at: version)
            return nil
        }
        guard let kind = root["kind"] else {
            log.error(
                "the document has no field \"kind\"", remedy: "add one of \(listed(words))",
                at: root.entry("apiVersion")?.key ?? root)
            return nil
        }
        if let known = kind.string.flatMap(Kind.init(rawValue:)) { return known }
        let guess = kind.string.flatMap { didYouMean($0, words) }
        log.error(
            "unknown kind: \(kind.foundDescription)",
            remedy: guess.map { "did you mean \"\($0)\"?" } ?? "the kinds are \(listed(words))", at: kind)
        return nil
    }

    /// The reader of `spec`; nil, and reported, if there is none.
    func spec(fields: [String], advice: [String: String] = [:]) -> ObjectReader? {
        guard let node = reader.required("spec", remedy: "add `spec:` with \(listed(fields))") else { return nil }
        return ObjectReader(
            node, key: reader.node.entry("spec")?.key, path: "spec", fields: fields, advice: advice, log: reader.log)
    }
}

extension FileLog {
    /// Names are those of Kubernetes objects, as these documents may become some: RFC 1123 subdomains.
    fileprivate func documentName(_ node: LocatedNode) -> String? {
        guard let name = text(node, "metadata.name") else { return nil }
        let isLegal =
            name.utf8.count <= 253 && name.unicodeScalars.allSatisfy(Unicode.Scalar.isNameCharacter)
            && !name.hasPrefix("-") && !name.hasPrefix(".") && !name.hasSuffix("-") && !name.hasSuffix(".")
        if isLegal { return name }
        error(
            "metadata.name \"\(name)\" is no name of a Kubernetes object",
            remedy: "use lower case letters, digits, `-` and `.`, at most 253", at: node)
        return nil
    }
}
