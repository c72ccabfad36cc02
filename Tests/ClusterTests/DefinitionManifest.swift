/// A CustomResourceDefinition with one version, as YAML.
struct DefinitionManifest {
    var group: String
    var version: String
    var kind: String
    var plural: String
    var scope = "Namespaced"
    /// Of its objects, in one line.
    var schema = "{type: object, x-kubernetes-preserve-unknown-fields: true}"

    /// The path under which the server has its objects, once it has read the definition.
    var path: String { "/apis/\(group)/\(version)/\(plural)" }

    var yaml: String {
        """
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: \(plural).\(group)}
        spec:
          group: \(group)
          scope: \(scope)
          names: {kind: \(kind), listKind: \(kind)List, plural: \(plural), singular: \(kind.lowercased())}
          versions:
          - {name: \(version), served: true, storage: true, schema: {openAPIV3Schema: \(schema)}}

        """
    }
}

extension DefinitionManifest {
    /// The two kinds of reports of an API, with what the server needs to take what is written. It drops what stands in no
    /// schema.
    static func reports(_ kinds: [String], group: String, version: String, more: String = "") -> [DefinitionManifest] {
        kinds.map { kind in
            DefinitionManifest(
                group: group, version: version, kind: kind, plural: kind.lowercased() + "s",
                scope: kind.hasPrefix("Cluster") ? "Cluster" : "Namespaced",
                schema: "{type: object, properties: {\(more)\(Self.summary), \(Self.results)}}")
        }
    }

    private static let summary = """
        summary: {type: object, properties: {pass: {type: integer}, fail: {type: integer}, warn: {type: integer}, \
        error: {type: integer}, skip: {type: integer}}}
        """

    /// Both APIs call the fields of a result alike.
    private static let results = """
        results: {type: array, items: {type: object, required: [policy], properties: {source: {type: string}, \
        policy: {type: string}, rule: {type: string}, category: {type: string}, \
        severity: {type: string, enum: [critical, high, low, medium, info]}, \
        timestamp: {type: object, required: [nanos, seconds], properties: {nanos: {type: integer}, seconds: {type: integer}}}, \
        result: {type: string, enum: [pass, fail, warn, error, skip]}, scored: {type: boolean}, \
        resources: {type: array, items: {type: object, properties: {apiVersion: {type: string}, kind: {type: string}, \
        namespace: {type: string}, name: {type: string}, uid: {type: string}}}}, message: {type: string}, \
        properties: {type: object, additionalProperties: {type: string}}}}}
        """
}
