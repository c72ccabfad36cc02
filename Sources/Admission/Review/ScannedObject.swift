package import KubernetesModel
package import LabelPolicy

/// What stood where a map of labels was looked for. Patches depend on it.
package enum MapPresence: Sendable, Hashable {
    /// Neither the map nor, perhaps, what holds it.
    case absent
    /// `null`, which to a JSON Patch is a member that can be replaced but not added to.
    case null
    case map
    /// Something that is no map: nothing can be added to it, and the API server will refuse it.
    case malformed
}

/// The step of a path that a wildcard stood for.
package enum WildcardStep: Sendable, Hashable {
    case member(String)
    case element(Int)
}

/// One pod template found in an object.
package struct ScannedTemplate: Sendable {
    /// Which of the kind's template locations it was found by.
    package let location: Int
    /// What each wildcard of the location's path stood for, in order.
    package let wildcards: [WildcardStep]
    /// The labels its Pods will get from the object.
    package internal(set) var labels: ObservedLabels
    package internal(set) var requestsGPU: Bool
}

/// What the policy reads of one object, and nothing else of it.
package struct ScannedObject: Sendable {
    package var name = ""
    package var generateName = ""
    package var namespace = ""
    /// The object's own `metadata.labels`.
    package var labels: ObservedLabels
    package var hasMetadata = false
    package var labelsPresence = MapPresence.absent
    /// The owner reference with `controller: true`; the user's to write, so it proves nothing.
    package var controller: OwnerReference?
    /// Whether annotation `kubernetes.io/config.mirror` is there: on a Pod, that the kubelet made it from a file. On
    /// any other object it means nothing.
    package var isMirror = false
    /// Whether `deletionTimestamp` is set.
    package var isTerminating = false
    /// `spec.type` of a Service.
    package var serviceType = ""
    package var templates: [ScannedTemplate] = []
    /// Whether there were more templates than are kept.
    package var hasTooManyTemplates = false

    init(labels: ObservedLabels) { self.labels = labels }
}

/// The object a review is about, as far as the policy knows its kind.
package enum ScanTarget: Sendable {
    /// A kind of the workload catalogue.
    case workload(CompiledKind)
    case namespace
    case claim
    case service
}
