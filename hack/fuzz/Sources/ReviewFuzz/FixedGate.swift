import Admission
import FuzzSupport
import KubernetesModel
import LabelPolicy
import LocatedDocuments
import PolicyDocuments

/// A policy with all that the language has.
private let policyText = """
    apiVersion: tallygate.io/v1alpha1
    kind: AttributionPolicy
    metadata: {name: everything}
    spec:
      mode: enforce
      ratchet: {until: "2027-01-31", pods: keep}
      subjects: [workloads, namespaces, claims, loadbalancers]
      labels:
      - key: team
        level: required
        aliases: [owner-team, app.kubernetes.io/team]
        values: {registered: true, normalize: lowercase}
        defaultFrom: [owner, namespace]
      - key: cost-center
        level: required
        aliases: [costCenter, cost_center]
        values: {registered: true}
        defaultFrom: [owner, namespace, registry]
      - key: environment
        level: required
        values:
          oneOf: [production, staging, development]
          synonyms: {prod: production, stage: staging, dev: development}
        defaultFrom: [owner, namespace, {value: development}]
      - {key: example.com/project, level: recommended, values: {pattern: "[a-z]{2,8}-\\\\d+"}}
      - {key: model, level: recommended, requiredWhen: {gpu: true}}
      - {key: tier, level: recommended, values: {oneOf: [gold, silver]}, defaultFrom: [namespace]}
      modes:
      - {namespaceSelector: {matchLabels: {stage: watch}}, mode: audit}
      - {namespaceSelector: {matchLabels: {stage: warn}}, mode: warn}
      - {subjects: [namespaces], mode: enforce}
      exclude: {namespaces: [kube-system, "openshift-*"]}
    ---
    apiVersion: tallygate.io/v1alpha1
    kind: Registry
    metadata: {name: finance}
    spec:
      teams:
      - {name: ml-platform, aliases: [mlp], costCenters: [product, research], environments: [production, staging]}
      - {name: web, costCenters: [product], validUntil: "2026-12-31"}
      - {name: old, costCenters: [product], validUntil: "2020-12-31"}
    ---
    apiVersion: tallygate.io/v1alpha1
    kind: Exemption
    metadata: {name: legacy}
    spec:
      match: {namespaces: [legacy], kinds: [Job, Pod], names: ["nightly-*"], serviceAccounts: [ci/*]}
      labels: [cost-center]
      owner: jane
      reason: replaced soon
      expires: "2027-03-31"
    ---
    apiVersion: tallygate.io/v1alpha1
    kind: Exemption
    metadata: {name: past}
    spec: {match: {namespaces: [past]}, owner: jane, reason: was replaced, expires: "2020-03-31"}
    ---
    apiVersion: tallygate.io/v1alpha1
    kind: WorkloadKind
    metadata: {name: trainings}
    spec: {group: acme.io, version: v1, kind: Training, resource: trainings, templatePaths: ["spec.workers[*].template"]}
    """

private func loadPolicy() -> LoadedPolicy {
    let today = CivilDate(daysSinceEpoch: 20_777)
    let result = PolicyReader.read([SourceFile(name: "policy", text: policyText)], today: today)
    guard let loaded = result.loaded else { fatalError("the policy does not load: \(result.errors.map(\.line))") }
    return loaded
}

private let loaded = loadPolicy()

/// The keys a completion may set.
let policyKeys = Set(loaded.policy.labels.map(\.key.text))
let gate = AdmissionGate(policy: loaded.policy, catalogue: loaded.catalogue)
/// 2026-11-20, noon.
let now = Timestamp(secondsSinceEpoch: 20_777 * 86_400 + 43_200)

/// Namespaces in every state there is, and controllers told by their UID.
struct FixedFacts: ClusterFacts {
    let suppliesOwners = true

    func namespace(_ name: String, for evaluator: Evaluator) -> NamespaceFact {
        func known(_ labels: [String: String]) -> NamespaceFact { .labels(evaluator.observe(labels)) }
        return switch name {
        case "ml": known(["team": "mlp", "cost-center": "research", "environment": "prod", "tier": "gold"])
        case "shop", "legacy", "past": known([:])
        case "odd": known(["team": "nobody", "owner-team": "web", "environment": "-", "tier": "tin"])
        case "audited": known(["stage": "watch", "team": "web"])
        case "warned": known(["stage": "warn"])
        case "dark": .unreadable
        case "later": .missing
        default: .nobodyToAsk
        }
    }

    func owner(_ key: OwnerKey, for evaluator: Evaluator) -> OwnerFact {
        func known(_ labels: [String: String], below uid: String? = nil) -> OwnerFact {
            let above = uid.map {
                OwnerKey(kind: key.kind, namespace: key.namespace, name: key.name, uid: OwnerUID($0))
            }
            return .known(KnownOwner(labels: evaluator.observe(labels), controller: above))
        }
        return switch key.uid.description {
        case "rs-1": known([:], below: "d-1")
        case "d-1": known(["team": "web", "costCenter": "product"])
        case "rs-2": known(["team": "ml-platform", "environment": "stage"])
        // It owns itself.
        case "rs-3": known([:], below: "rs-3")
        case "rs-4": .missing
        case "rs-5": .unanswered
        case "rs-6": .nobodyToAsk
        default: .absent
        }
    }
}
