import KubernetesModel
import LocatedDocuments
import NIOCore

/// Finds Pod templates of which the API server drops the labels.
///
/// It keeps what a definition's structural schema specifies and drops the rest
/// (kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions, "Field pruning"). Tools that
/// generate schemas write `metadata: {type: object}` for an embedded template, and that keeps nothing inside of it.
enum SchemaPruning {
    /// - Parameter definition: a CustomResourceDefinition.
    /// - Returns: its kind, once, if a template of it loses its labels; nothing for kinds outside of the catalogue.
    static func prunedKind(of definition: LocatedNode, _ catalogue: WorkloadCatalogue) -> PrunedKind? {
        guard let spec = definition["spec"], let names = spec["names"] else { return nil }
        let kind = GroupKind(group: spec.text("group"), kind: names.text("kind"))
        guard let known = catalogue.kind(kind), spec["preserveUnknownFields"]?.bool != true else { return nil }
        // What is stored is what controllers and readers get.
        guard let version = spec.elements("versions").first(where: { $0["storage"]?.bool == true }),
            let schema = version.member("schema", "openAPIV3Schema")
        else { return nil }
        for location in known.templates where location.coverage == .whole {
            // A version without the template has nothing to lose.
            guard has(schema, location.path.segments[...]) else { continue }
            let labels =
                switch location.labels.anchor {
                case .template: location.path.appending(location.labels.path)
                case .object: location.labels.path
                }
            if keeps(schema, labels.segments[...]) { continue }
            return PrunedKind(
                kind: kind, resource: names.text("plural"),
                path: TemplatePath(segments: labels.segments.dropLast()).description)
        }
        return nil
    }

    /// - Parameter body: a definition; nothing is said of what is none.
    static func prunedKind(ofJSON body: ByteBuffer, _ catalogue: WorkloadCatalogue) -> PrunedKind? {
        let file = SourceFile(name: "CustomResourceDefinition", bytes: Array(body.readableBytesView))
        let stream = DocumentReader(limits: StateAssembly.limits, duplicateKeys: nil).read(file)
        return stream.documents.first.flatMap { prunedKind(of: $0.root, catalogue) }
    }

    private static func preservesUnknown(_ schema: LocatedNode) -> Bool {
        schema["x-kubernetes-preserve-unknown-fields"]?.bool == true
    }

    /// The schemas of the next places: none if the schema specifies none.
    private static func next(_ schema: LocatedNode, _ segment: TemplatePath.Segment) -> [LocatedNode] {
        switch segment {
        case .member(let name): return (schema.member("properties", name) ?? values(schema)).map { [$0] } ?? []
        case .anyMember:
            return (schema["properties"]?.mapping ?? []).map(\.value) + (values(schema).map { [$0] } ?? [])
        case .anyElement: return schema["items"].map { [$0] } ?? []
        }
    }

    /// Of a map.
    private static func values(_ schema: LocatedNode) -> LocatedNode? {
        guard let values = schema["additionalProperties"], values.mapping != nil else { return nil }
        return values
    }

    /// Whether anything can stand at the path.
    private static func has(_ schema: LocatedNode, _ path: ArraySlice<TemplatePath.Segment>) -> Bool {
        guard let segment = path.first else { return true }
        let found = next(schema, segment)
        if found.isEmpty { return preservesUnknown(schema) || schema["additionalProperties"]?.bool == true }
        return found.contains { has($0, path.dropFirst()) }
    }

    /// Whether a map of labels at the path is stored with its labels.
    private static func keeps(_ schema: LocatedNode, _ path: ArraySlice<TemplatePath.Segment>) -> Bool {
        let takesAny = preservesUnknown(schema) || schema["additionalProperties"]?.bool == true
        guard let segment = path.first else { return takesAny || values(schema) != nil }
        // Of an embedded object the server keeps the metadata of every object.
        if segment == .member("metadata"), schema["x-kubernetes-embedded-resource"]?.bool == true { return true }
        let found = next(schema, segment)
        return found.isEmpty ? takesAny : found.contains { keeps($0, path.dropFirst()) }
    }
}
