package import Attribution
package import LabelPolicy

/// What an audit found: the complete value that every output is made from.
///
/// Deterministic: everything in it is sorted by what it says, never by the order of the input, so that equal clusters
/// give equal reports. All amounts are rates per hour in `currency`; `Money.perMonth` makes a month of them.
package struct AuditReport: Sendable, Hashable {
    package var generatedAt: Timestamp
    /// When the cluster was read; nil if nobody said.
    package var observedAt: Timestamp?
    /// How the cluster is called; empty if nobody said.
    package var cluster: String
    /// The policy's name.
    package var policy: String
    package var currency: Currency
    package var coverage: Coverage
    package var totals: Totals
    /// The dearest first, then required before recommended. At most `AuditSettings.maximumFindings`:
    /// `cutFindings` says what is left out, and every count and sum elsewhere includes it.
    package var findings: [Finding]
    package var cutFindings: Cut
    /// What is wrong with policy and set-up rather than with one object.
    package var advice: [Advice]
    /// Every namespace, the dearest first.
    package var namespaces: [NamespaceRow]
    /// Every node group, the dearest first.
    package var nodeGroups: [NodeGroupRow]
    /// Who is billed for what: one table for each label of the policy in its order, then by namespace, node group and
    /// workload.
    package var showback: [Showback]
    /// Who is billed by team, cost center and environment together, the dearest first, then what is nobody's. Nothing is
    /// passed on, whatever the settings share; the rows sum to the total.
    package var owners: [OwnerCost]
    package var simulation: Simulation
    /// What the report does not cover, and problems of single objects.
    package var notes: [Note]

    package init(generatedAt: Timestamp, cluster: String, policy: String, currency: Currency) {
        self.generatedAt = generatedAt
        self.cluster = cluster
        self.policy = policy
        self.currency = currency
        coverage = Coverage()
        totals = Totals()
        findings = []
        cutFindings = Cut()
        advice = []
        namespaces = []
        nodeGroups = []
        showback = []
        owners = []
        simulation = Simulation()
        notes = []
    }

    /// Findings that a bounded report leaves out: the last in its order.
    package struct Cut: Sendable, Hashable {
        package var findings = 0
        package var required = 0

        package init(findings: Int = 0, required: Int = 0) {
            self.findings = findings
            self.required = required
        }
    }

    /// The table of one dimension; nil if the policy does not know the label.
    package func showback(by dimension: Dimension) -> Showback? { showback.first { $0.dimension == dimension } }
}

/// An object of the cluster (or of the policy) as reports name it.
package struct ObjectReference: Sendable, Hashable, Comparable {
    /// `apps/v1`.
    package var apiVersion: String
    package var kind: String
    /// Empty for an object that is in none.
    package var namespace: String
    package var name: String

    package init(apiVersion: String, kind: String, namespace: String = "", name: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// The API group; empty for the core group.
    package var group: String {
        guard let slash = apiVersion.utf8.firstIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(apiVersion[..<slash])
    }

    /// `v1` of `apps/v1`.
    package var version: String {
        guard let slash = apiVersion.utf8.firstIndex(of: UInt8(ascii: "/")) else { return apiVersion }
        return String(apiVersion[apiVersion.utf8.index(after: slash)...])
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.kind, left.name, left.apiVersion)
            < (right.namespace, right.kind, right.name, right.apiVersion)
    }
}

extension AuditReport {
    /// By what spend is grouped.
    package enum Dimension: Sendable, Hashable {
        /// The effective value of a label of the policy, by its key.
        case label(String)
        case namespace, nodeGroup, workload

        /// As `--group-by` takes it: `team`, `namespace`, `nodegroup`, `workload`.
        package var name: String {
            switch self {
            case .label(let key): key
            case .namespace: "namespace"
            case .nodeGroup: "nodegroup"
            case .workload: "workload"
            }
        }
    }
}
