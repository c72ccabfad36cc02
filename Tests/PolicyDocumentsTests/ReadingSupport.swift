import LabelPolicy
import LocatedDocuments
import PolicyDocuments
import Testing

let today = day("2026-11-20")

func day(_ text: String) -> CivilDate { CivilDate(text) ?? CivilDate(daysSinceEpoch: 0) }

func read(_ text: String, today: CivilDate = today) -> PolicyLoadResult {
    PolicyReader.read([SourceFile(name: "p.yaml", text: text)], today: today)
}

/// `line:column: severity: message; remedy` of each diagnostic.
func lines(_ result: PolicyLoadResult) -> [String] {
    result.diagnostics.map { String($0.line.dropFirst("p.yaml:".count)) }
}

/// A sound policy with all that the language has.
let fullExample = """
    apiVersion: tallygate.io/v1alpha1
    kind: AttributionPolicy
    metadata: {name: cost-attribution, labels: {a: b}, annotations: {note: kept by finance}}
    spec:
      mode: warn
      ratchet: {until: "2027-01-31", pods: keep}
      subjects: [workloads, namespaces, claims]
      labels:
      - key: team
        level: required
        aliases: [owner-team, app.kubernetes.io/team]
        values: {registered: true, normalize: lowercase}
        defaultFrom: [owner, namespace]
        tag: Team
      - key: cost-center
        level: required
        aliases: [costCenter, cost_center]
        values: {registered: true}
        defaultFrom: [owner, namespace, registry]
        tag: CostCenter
      - key: environment
        level: required
        values:
          oneOf: [production, staging, development]
          synonyms: {prod: production, stage: staging, dev: development}
        defaultFrom: [owner, namespace, {value: development}]
        tag: Environment
      - {key: project, level: recommended, tag: Project, values: {pattern: "[a-z]{2,8}-\\\\d+"}}
      - {key: model, level: recommended, requiredWhen: {gpu: true}}
      - {key: workload-type, level: recommended, values: {oneOf: [training, inference, batch, notebook]}}
      modes:
      - {namespaceSelector: {matchLabels: {environment: production}}, mode: enforce}
      - namespaceSelector:
          matchExpressions:
          - {key: tier, operator: In, values: [gold, ""]}
          - {key: legacy, operator: DoesNotExist}
        subjects: [namespaces]
        mode: audit
      exclude: {namespaces: [kube-system, kube-public, "openshift-*"]}
    ---
    apiVersion: tallygate.io/v1alpha1
    kind: Registry
    metadata: {name: finance}
    spec:
      teams:
      - {name: ml-platform, aliases: [mlp], costCenters: [product, research], environments: [production, staging],
         validFrom: "2026-01-01", contact: {slack: "#ml-platform", email: ml@example.com}, monthlyBudget: 20000}
      - {name: web, costCenters: [product], validUntil: 2027-12-31, monthlyBudget: 1500.25}
    ---
    apiVersion: tallygate.io/v1alpha1
    kind: Exemption
    metadata: {name: legacy-batch}
    spec:
      match: {namespaces: [legacy], kinds: [Job], names: ["nightly-*"], users: [], serviceAccounts: [ci/*]}
      labels: [cost-center]
      owner: jane@example.com
      reason: replaced in Q1
      ticket: FIN-123
      expires: "2027-03-31"
    ---
    apiVersion: tallygate.io/v1alpha1
    kind: WorkloadKind
    metadata: {name: acme-trainings}
    spec: {group: acme.io, version: v1, kind: Training, resource: trainings, templatePaths: ["spec.workers[*].template"]}
    ---
    apiVersion: tallygate.io/v1alpha1
    kind: Pricing
    metadata: {name: contracts}
    spec:
      currency: EUR
      exchangeRate: 0.92
      overrides:
      - match:
          nodes: ["rack-*"]
          instanceTypes: ["m5.*"]
          regions: [eu-west-1]
          capacity: spot
          nodeSelector: {matchLabels: {pool: batch}}
        perHour: 0.081
        source: contract of 2026
        date: "2026-07-01"
      - {match: {instanceTypes: [dgx-h100]}, perHour: 41.5}
      annotation: finance.example.com/price
      publicPrices: true
      rates: {core: 0.03, memoryGiB: 0.004, gpu: 1.1}
      spotDiscountPercent: 65
      storage: [{storageClasses: [gp3, "fast-*"], perGiBMonth: 0.0952}]
      loadBalancerPerHour: 0.0252
      split: {core: 9, memoryGiB: 1, gpu: 90}
      sharing:
        idle: weighted
        overhead: even
        namespaces: {custom: {search: 60, payments: 40}}
        sharedNamespaces: [kube-system, "monitoring-*"]
    """
