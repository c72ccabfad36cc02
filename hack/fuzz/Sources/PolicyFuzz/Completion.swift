import Admission
import FuzzSupport
import KubernetesModel
import LabelPolicy
import PolicyDocuments

/// A namespace that supplies what the policy may ask for, one that cannot be read, and nobody to ask about others.
private struct Facts: ClusterFacts {
    let labels: [String: String]
    let suppliesOwners = true

    func namespace(_ name: String, for evaluator: Evaluator) -> NamespaceFact {
        switch name {
        case "rich": .labels(evaluator.observe(labels))
        case "dark": .unreadable
        default: .nobodyToAsk
        }
    }

    func owner(_ key: OwnerKey, for evaluator: Evaluator) -> OwnerFact { .absent }
}

/// Pods with the labels the policy speaks of, given, spelled otherwise, or left out: each is judged, completed, and
/// after one completion there is nothing left to complete.
func checkCompletion(_ loaded: LoadedPolicy) {
    let gate = AdmissionGate(policy: loaded.policy, catalogue: loaded.catalogue)
    var own: [String: String] = [:]
    var aliased: [String: String] = [:]
    for rule in loaded.policy.labels {
        let value = plausibleValue(rule, loaded.policy.registry)
        own[rule.key.text] = value
        for alias in rule.aliases { aliased[alias.text] = value }
    }
    var supplied = own
    for mode in loaded.policy.modes {
        for (key, value) in mode.namespaceSelector?.matchLabels ?? [:] { supplied[key.text] = value }
    }
    let facts = Facts(labels: supplied)
    for labels in [[:], own, aliased] {
        for (namespace, gpu) in [("rich", false), ("dark", false), ("", true)] {
            complete(labels, namespace: namespace, gpu: gpu, by: gate, facts)
        }
    }
}

private func complete(
    _ labels: [String: String], namespace: String, gpu: Bool, by gate: AdmissionGate, _ facts: Facts
) {
    _ = answer(labels, namespace, gpu, gate, .validating, facts)
    let patch = answer(labels, namespace, gpu, gate, .mutating, facts).patch
    if patch.isEmpty { return }
    var completed = labels
    require(!patch.makesMap, "labels that are there are not replaced as a whole")
    for change in patch.changes { apply(change, to: &completed) }
    let second = answer(completed, namespace, gpu, gate, .mutating, facts).patch
    require(second.isEmpty, "a completed Pod is complete: \(labels) became \(completed), then \(second)")
    _ = answer(completed, namespace, gpu, gate, .validating, facts)
}

/// A value the rule may like, in another spelling if it knows one.
private func plausibleValue(_ rule: LabelRule, _ registry: Registry?) -> String {
    if let spelling = rule.values.synonyms.keys.min() { return spelling.text }
    if let allowed = rule.values.oneOf?.first { return allowed.text }
    let team = registry?.teams.first
    let registered: LabelValue? =
        switch rule.values.registered {
        case .team: team?.aliases.first ?? team?.name
        case .costCenter: team?.costCenters.first
        case .environment: team?.environments.first
        case nil: nil
        }
    return registered?.text ?? (rule.values.lowercased ? "ML-1" : "a1")
}

private func answer(
    _ labels: [String: String], _ namespace: String, _ gpu: Bool, _ gate: AdmissionGate, _ half: AdmissionGate.Half,
    _ facts: Facts
) -> Decision {
    let review = review(labels, namespace, gpu)
    do {
        return try review.withUnsafeBytes {
            try gate.answer($0, half, facts: facts, at: Timestamp(secondsSinceEpoch: 1_795_000_000)).decision
        }
    } catch {
        fatalError("does not hold: a Pod with the labels of a policy is a Pod: \(error)")
    }
}

/// The review of a Pod that is created.
private func review(_ labels: [String: String], _ namespace: String, _ gpu: Bool) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
        writer.key(key)
        writer.string(value)
    }
    writer.endObject()
    let text = #"""
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1",\#
        "kind":{"group":"","version":"v1","kind":"Pod"},"name":"nightly-1","namespace":"\#(namespace)",\#
        "operation":"CREATE","userInfo":{"username":"system:serviceaccount:ci:deployer"},\#
        "object":{"metadata":{"name":"nightly-1","labels":\#(String(decoding: writer.bytes, as: UTF8.self))},\#
        "spec":{"containers":[{"resources":{"limits":{"\#(gpu ? "nvidia.com/gpu" : "cpu")":"1"}}}]}}}}
        """#
    return Array(text.utf8)
}

/// Completion adds and replaces labels and does nothing else.
private func apply(_ change: PodCompletion.Change, to labels: inout [String: String]) {
    let old = labels.updateValue(change.attribution.value, forKey: change.label.key)
    require((old != nil) == change.replaces, "add adds, and replace replaces")
}
