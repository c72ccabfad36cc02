import KubernetesModel
import LocatedDocuments

/// A kind that a policy adds to the catalogue, and where.
struct ReadWorkloadKind {
    var kind: WorkloadKind
    var spec: LocatedNode
    var log: FileLog
}

extension FileLog {
    func workloadKind(_ document: DocumentHead) -> ReadWorkloadKind? {
        guard
            let spec = document.spec(
                fields: ["group", "version", "versions", "kind", "resource", "templatePaths"],
                advice: ["templatePath": "did you mean \"templatePaths\"? It is a list"])
        else { return nil }
        func field(_ name: String, _ example: String) -> String? {
            spec.required(name, remedy: "add `\(name): \(example)`").flatMap { string($0, spec.path(name)) }
        }
        let group = field("group", "acme.io")
        let kind = field("kind", "Training")
        let resource = field("resource", "trainings")
        let versions = versions(spec)
        let paths = spec.required("templatePaths", remedy: "say where the Pod templates stand, such as [spec.template]")
            .flatMap { list($0, spec.path("templatePaths"), templatePath) }
        guard let group, let kind, let resource, let versions, let paths, let name = document.name else { return nil }
        do throws(WorkloadKindError) {
            let kind = try WorkloadKind(
                validatingGroup: group, kind: kind, versions: versions, resource: resource,
                templates: paths.map { TemplateLocation($0) }, document: name)
            return ReadWorkloadKind(kind: kind, spec: spec.node, log: self)
        } catch {
            let (message, remedy) = splitAtColon(error.description)
            self.error(message, remedy: remedy, at: spec.node[Self.field(of: error, in: spec.node)] ?? spec.node)
            return nil
        }
    }

    /// `version: v1`, or `versions: [v1, v1beta1]` for several.
    private func versions(_ spec: ObjectReader) -> [String]? {
        switch (spec.node.entry("version"), spec.node.entry("versions")) {
        case (let single?, let several?):
            error(
                "spec has both version and versions", remedy: "remove one",
                at: max(single.key.start, several.key.start))
            return nil
        case (_, .some):
            return spec.optional("versions").flatMap { list($0, spec.path("versions"), string) }
        case (_, nil):
            return spec.required("version", remedy: "add `version: v1`")
                .flatMap { string($0, spec.path("version")) }.map { [$0] }
        }
    }

    private func templatePath(_ node: LocatedNode, _ path: String) -> TemplatePath? {
        guard let text = string(node, path) else { return nil }
        do throws(TemplatePathError) {
            return try TemplatePath(parsing: text)
        } catch {
            self.error(
                "\(path), column \(error.column) of the path: \(error.fault)", remedy: error.remedy,
                at: place(in: node, text: text, column: error.column))
            return nil
        }
    }

    private static func field(of error: WorkloadKindError, in spec: LocatedNode) -> String {
        switch error {
        case .badGroup: "group"
        case .badKind: "kind"
        case .badVersion, .noVersion, .repeatedVersion: spec["version"] == nil ? "versions" : "version"
        case .badResource: "resource"
        case .noTemplate, .tooManyTemplates, .repeatedTemplate: "templatePaths"
        }
    }
}

/// Parts the catalogue's descriptions (`what is wrong: what to do`) at the last colon that a space follows.
func splitAtColon(_ description: String) -> (message: String, remedy: String?) {
    var end = description.endIndex
    while let colon = description[..<end].lastIndex(of: ":") {
        let after = description.index(after: colon)
        if after < description.endIndex, description[after] == " " {
            return (
                String(description[..<colon]),
                String(description[description.index(after: after)...])
            )
        }
        end = colon
    }
    return (description, nil)
}
