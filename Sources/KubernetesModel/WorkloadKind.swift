/// A kind whose objects make Pods: its name in the API and where its Pod templates stand.
package struct WorkloadKind: Sendable, Hashable {
    /// Who says so.
    package enum Origin: Sendable, Hashable, CustomStringConvertible {
        /// The catalogue that comes with the program.
        case builtin
        /// A WorkloadKind document of the policy, by its name.
        case policy(document: String)

        package var description: String {
            switch self {
            case .builtin: "the built-in catalogue"
            case .policy(let document): "WorkloadKind '\(document)'"
            }
        }
    }

    /// Most template locations of one kind. Kueue allows 8 pod sets a workload and the built-in catalogue
    /// needs 5; the bound keeps the scanner's path trie small.
    package static let maximumTemplates = 32

    /// The API group; empty for the core group.
    package let group: String
    package let kind: String
    /// Every version of the kind with these templates, newest first.
    package let versions: [String]
    /// The plural in lower case, as webhook rules name it: `deployments`.
    package let resource: String
    package let templates: [TemplateLocation]
    /// Catalogued kinds whose controllers create objects of this kind. A hint for messages and tests; who
    /// owns an object is said by its owner references.
    package let createdBy: [GroupKind]
    package let origin: Origin

    /// An entry of the built-in catalogue; the tests hold it to what `init(validating…)` asks.
    init(
        group: String, kind: String, versions: [String], resource: String, templates: [TemplateLocation],
        createdBy: [GroupKind] = []
    ) {
        self.group = group
        self.kind = kind
        self.versions = versions
        self.resource = resource
        self.templates = templates
        self.createdBy = createdBy
        self.origin = .builtin
    }

    /// A kind that a policy adds.
    ///
    /// - Throws: `WorkloadKindError` for a name no API server would accept, or for templates that are none
    ///   or too many.
    package init(
        validatingGroup group: String, kind: String, versions: [String], resource: String,
        templates: [TemplateLocation], document: String
    ) throws(WorkloadKindError) {
        try APIName.check(group: group)
        try APIName.check(kind: kind)
        try APIName.check(resource: resource)
        guard !versions.isEmpty else { throw .noVersion }
        var seenVersions: Set<String> = []
        for version in versions {
            try APIName.check(version: version)
            guard seenVersions.insert(version).inserted else { throw .repeatedVersion(version) }
        }
        guard !templates.isEmpty else { throw .noTemplate }
        guard templates.count <= Self.maximumTemplates else { throw .tooManyTemplates(templates.count) }
        var seenPaths: Set<TemplatePath> = []
        for template in templates where !seenPaths.insert(template.path).inserted {
            throw .repeatedTemplate(template.path)
        }
        self.group = group
        self.kind = kind
        self.versions = versions
        self.resource = resource
        self.templates = templates
        self.createdBy = []
        self.origin = .policy(document: document)
    }

    package var groupKind: GroupKind { GroupKind(group: group, kind: kind) }

    package var isBuiltin: Bool { origin == .builtin }

    /// Whether an object of this kind can be judged for the Pods it stands for. Where all its templates are
    /// overlays it cannot, and what its controller creates has to be judged itself.
    package var decidesLabels: Bool { templates.contains { $0.coverage == .whole } }

    /// Whether Kubernetes' own controllers make what objects of this kind stand for. The API server authenticates those
    /// by name; the operator of any other kind runs under whatever identity it was installed with. Of what a Pod
    /// controls (a LeaderWorkerSet's groups hang on their leader) that is an operator too.
    package var isMadeByKubernetes: Bool { ["", "apps", "batch"].contains(group) && kind != "Pod" }

    /// One for each version.
    package var groupVersionKinds: [GroupVersionKind] {
        versions.map { GroupVersionKind(group: group, version: $0, kind: kind) }
    }
}

/// Why a policy's WorkloadKind cannot be.
package enum WorkloadKindError: Error, Sendable, Hashable, CustomStringConvertible {
    case badGroup(String)
    case badKind(String)
    case badVersion(String)
    case badResource(String)
    case noVersion
    case repeatedVersion(String)
    case noTemplate
    case tooManyTemplates(Int)
    case repeatedTemplate(TemplatePath)

    private static let limit = WorkloadKind.maximumTemplates

    package var description: String {
        switch self {
        case .badGroup(let text):
            "group '\(text.quotation)' is no API group: "
                + "write a DNS name in lower case such as acme.io, or \"\" for core"
        case .badKind(let text):
            "kind '\(text.quotation)' is no kind: write letters and digits, the first a letter, such as Training"
        case .badVersion(let text):
            "version '\(text.quotation)' is no API version: write it in lower case, such as v1 or v1alpha1"
        case .badResource(let text):
            "resource '\(text.quotation)' is no resource: "
                + "write the plural in lower case without a slash, such as trainings"
        case .noVersion:
            "no version is given: write the API version of the kind, such as v1"
        case .repeatedVersion(let text):
            "version '\(text.quotation)' is given twice: leave one out"
        case .noTemplate:
            "no template path is given: write where the Pod template stands, such as spec.template"
        case .tooManyTemplates(let count):
            "\(count) template paths are more than \(Self.limit): use wildcards, such as spec.*.template"
        case .repeatedTemplate(let path):
            "template path '\(path)' is given twice: leave one out"
        }
    }
}

/// The syntax of the names an API is known by (k8s.io/apimachinery/pkg/util/validation).
private enum APIName {
    /// RFC 1123: most characters of a DNS label.
    static let maximumLabel = 63
    /// RFC 1123: most characters of a DNS subdomain.
    static let maximumSubdomain = 253

    static func check(group: String) throws(WorkloadKindError) {
        if group.isEmpty { return }
        guard group.utf8.count <= maximumSubdomain,
            group.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isLabel($0) })
        else { throw .badGroup(group) }
    }

    static func check(version: String) throws(WorkloadKindError) {
        guard isLabel(version[...], startsWithLetter: true) else { throw .badVersion(version) }
    }

    static func check(resource: String) throws(WorkloadKindError) {
        guard isLabel(resource[...], startsWithLetter: true) else { throw .badResource(resource) }
    }

    /// A kind is a DNS label once in lower case, by the validation of CustomResourceDefinitions.
    static func check(kind: String) throws(WorkloadKindError) {
        let lowered = String(
            String.UnicodeScalarView(
                kind.unicodeScalars.map { scalar in
                    guard case "A"..."Z" = scalar else { return scalar }
                    return Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) | 0x20)
                }))
        guard isLabel(lowered[...], startsWithLetter: true) else { throw .badKind(kind) }
    }

    private static func isLabel(_ text: Substring, startsWithLetter: Bool = false) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, bytes.count <= maximumLabel else { return false }
        guard bytes.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }) else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last) && (!startsWithLetter || isLetter(first))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
