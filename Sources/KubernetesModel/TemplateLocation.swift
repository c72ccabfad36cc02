/// A path and what it starts from.
package struct AnchoredPath: Sendable, Hashable {
    package enum Anchor: Sendable, Hashable {
        /// The place that `TemplateLocation.path` found.
        case template
        /// The whole object.
        case object
    }

    package let anchor: Anchor
    package let path: TemplatePath

    private init(anchor: Anchor, path: TemplatePath) {
        self.anchor = anchor
        self.path = path
    }

    /// From the template: `metadata.labels` of a Pod template.
    package static func template(_ segments: TemplatePath.Segment...) -> AnchoredPath {
        AnchoredPath(anchor: .template, path: TemplatePath(segments: segments))
    }

    /// From the object: the `metadata.labels` of the object itself.
    package static func object(_ segments: TemplatePath.Segment...) -> AnchoredPath {
        AnchoredPath(anchor: .object, path: TemplatePath(segments: segments))
    }

    package static func template(path: TemplatePath) -> AnchoredPath { AnchoredPath(anchor: .template, path: path) }

    package static func object(path: TemplatePath) -> AnchoredPath { AnchoredPath(anchor: .object, path: path) }
}

/// A place by which a template can ask for accelerators.
package enum AcceleratorRequest: Sendable, Hashable {
    /// A container's `resources`: an object whose `limits` and `requests` map resource names to
    /// quantities and whose `claims` lists DRA claims. It asks for a GPU if a quantity of an extended
    /// resource for which `ExtendedResource.isGPU` holds is not zero, or if `claims` is not empty.
    case resources(AnchoredPath)
    /// A Pod spec's `resourceClaims`: an array of DRA claims. It asks for a GPU if it is not empty.
    case claims(AnchoredPath)
    /// A Spark `gpu` object: `name` is the resource's name, `quantity` a number.
    case device(AnchoredPath)

    package var location: AnchoredPath {
        switch self {
        case .resources(let location), .claims(let location), .device(let location): location
        }
    }
}

/// Where a kind keeps a Pod template, and where in it the Pods' labels, annotations and resources stand.
///
/// Only what is there counts: a location whose path finds nothing, or finds something else than an
/// object, or finds none of `requiredMembers`, stands for no Pods and yields no finding.
package struct TemplateLocation: Sendable, Hashable {
    /// How much of the Pods' labels the location decides.
    package enum Coverage: Sendable, Hashable {
        /// With the other sources of its labels it is all there is: a label missing here is missing on the Pods.
        case whole
        /// It is laid over a template that another object holds, which may supply what is missing here:
        /// values can be judged, absence cannot. What the controller makes of both is judged instead.
        case overlay
    }

    /// Where the template stands, from the object's root; `root` for Pods.
    package let path: TemplatePath

    /// Where people write the labels of the Pods: a map of strings. This is the place advice and patches name.
    package let labels: AnchoredPath

    /// Maps of labels that win over `labels`, strongest first.
    package let overridingLabels: [AnchoredPath]

    /// Maps of labels that hold where `labels` has none, strongest first.
    package let underlyingLabels: [AnchoredPath]

    /// Where people write the annotations of the Pods.
    package let annotations: AnchoredPath

    /// Where the Pod's spec stands in the template; absent where the kind has none.
    package let podSpec: TemplatePath?

    /// Every place to look for GPUs, those of `podSpec` included.
    package let accelerators: [AcceleratorRequest]

    /// If not empty: a place that has none of these members (or only null ones) makes no Pods.
    package let requiredMembers: [String]

    package let coverage: Coverage

    package init(
        _ path: TemplatePath,
        labels: AnchoredPath = .template("metadata", "labels"),
        overridingLabels: [AnchoredPath] = [],
        underlyingLabels: [AnchoredPath] = [],
        annotations: AnchoredPath = .template("metadata", "annotations"),
        podSpec: TemplatePath? = TemplatePath("spec"),
        otherAccelerators: [AcceleratorRequest] = [],
        requiredMembers: [String] = [],
        coverage: Coverage = .whole
    ) {
        self.path = path
        self.labels = labels
        self.overridingLabels = overridingLabels
        self.underlyingLabels = underlyingLabels
        self.annotations = annotations
        self.podSpec = podSpec
        self.accelerators = (podSpec.map(Self.accelerators(ofPodSpec:)) ?? []) + otherAccelerators
        self.requiredMembers = requiredMembers
        self.coverage = coverage
    }

    /// Every map the Pods' labels come from, strongest first.
    package var labelSources: [AnchoredPath] { overridingLabels + [labels] + underlyingLabels }

    /// The places of a PodSpec (k8s.io/api/core/v1) by which it can ask for accelerators. Ephemeral
    /// containers may not ask for resources, so they are not among them.
    package static func accelerators(ofPodSpec podSpec: TemplatePath) -> [AcceleratorRequest] {
        func below(_ segments: TemplatePath.Segment...) -> AnchoredPath {
            .template(path: podSpec.appending(TemplatePath(segments: segments)))
        }
        return [
            .resources(below("containers", .anyElement, "resources")),
            .resources(below("initContainers", .anyElement, "resources")),
            .resources(below("resources")),
            .claims(below("resourceClaims")),
        ]
    }
}
