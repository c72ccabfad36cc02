import KubernetesModel
import LabelPolicy

/// Labels that cannot be told apart, or do not arrive, once they leave the cluster.
struct LabelCollisions {
    private(set) var advice: [AuditReport.Advice] = []

    /// Collisions named in one report.
    static let maximumCollisions = 20
    /// Labels of a Pod that AWS's split cost allocation data imports, the first in alphabetical order (AWS Data Exports
    /// user guide, "Kubernetes labels").
    static let importedLabels = 50

    private let cluster: AuditedCluster

    /// - Parameter isOnAWS: whether labels are imported by AWS.
    init(_ cluster: AuditedCluster, isOnAWS: Bool) {
        self.cluster = cluster
        let sets = Set(cluster.state.pods.lazy.map(\.labels)).union(cluster.state.namespaces.lazy.map(\.labels))
        addCollisions(sets)
        if isOnAWS { addCuts(sets) }
    }

    // MARK: - Collisions

    private mutating func addCollisions(_ sets: Set<LabelSetID>) {
        var keys: Set<StringID> = []
        for set in sets { for pair in cluster.state.pool.labelSets[set] { keys.insert(pair.key) } }
        var named: Set<[String]> = []
        for system in [AuditReport.DownstreamSystem.prometheus, .kubeStateMetrics] {
            // Keys that become one, as long as there are several; most clusters have none.
            var classOf: [StringID: String] = [:]
            for key in keys { classOf[key] = DownstreamName.of(cluster.state.text(key), in: system) }
            var counts: [String: Int] = [:]
            for name in classOf.values { counts[name, default: 0] += 1 }
            classOf = classOf.filter { counts[$0.value, default: 0] > 1 }
            guard !classOf.isEmpty else { continue }
            let found = collisions(sets, classOf).filter { named.insert($0).inserted }
            for keys in found.sorted(by: order).prefix(Self.maximumCollisions) {
                advice.append(
                    AuditReport.Advice(
                        topic: .collidingLabels(keys: keys, system: system),
                        message: "\(keys.map { GapText.clean($0, 80) }.joined(separator: " and ")) stand on one object "
                            + "and are one label in \(system.rawValue)",
                        remedy: "keep one of them"))
            }
        }
    }

    /// Keys that stand together on one object and become one.
    private func collisions(_ sets: Set<LabelSetID>, _ classOf: [StringID: String]) -> Set<[String]> {
        var found: Set<[String]> = []
        for set in sets {
            var byClass: [String: [StringID]] = [:]
            for pair in cluster.state.pool.labelSets[set] {
                if let name = classOf[pair.key] { byClass[name, default: []].append(pair.key) }
            }
            for keys in byClass.values where keys.count > 1 {
                found.insert(keys.map { cluster.state.text($0) }.sorted())
            }
        }
        return found
    }

    /// Those with a label of the policy first.
    private func order(_ left: [String], _ right: [String]) -> Bool {
        let (first, second) = (concernsPolicy(left), concernsPolicy(right))
        return first != second ? first : left.lexicographicallyPrecedes(right)
    }

    private func concernsPolicy(_ keys: [String]) -> Bool {
        cluster.policy.labels.contains { rule in ([rule.key] + rule.aliases).contains { keys.contains($0.text) } }
    }

    // MARK: - Import

    private mutating func addCuts(_ sets: Set<LabelSetID>) {
        var worst: [Int: Int] = [:]
        for set in sets where cluster.state.pool.labelSets.count(of: set) > Self.importedLabels {
            let keys = cluster.state.pool.labels(set).map(\.key)
            for (rule, label) in cluster.policy.labels.enumerated() {
                guard let position = keys.firstIndex(of: label.key.text), position >= Self.importedLabels else {
                    continue
                }
                worst[rule] = max(worst[rule] ?? 0, position + 1)
            }
        }
        for (rule, position) in worst.sorted(by: { $0.key < $1.key }) {
            let label = cluster.policy.labels[rule].key.text
            advice.append(
                AuditReport.Advice(
                    topic: .cutLabel(label: label, position: position, limit: Self.importedLabels),
                    message: "\(label) is label \(position) of a Pod in alphabetical order, and AWS's split cost "
                        + "allocation data imports \(Self.importedLabels)",
                    remedy: "remove labels nobody reads, or use a key that comes earlier"))
        }
    }
}

/// What a label's key becomes elsewhere.
enum DownstreamName {
    static func of(_ key: String, in system: AuditReport.DownstreamSystem) -> String {
        switch system {
        case .prometheus: sanitized(key)
        case .kubeStateMetrics: sanitized(snakeCase(key))
        case .splitCostAllocation: key
        }
    }

    /// Everything but letters, digits and `_` becomes `_` (Prometheus, "Metric names and labels").
    private static func sanitized(_ key: String) -> String {
        String(
            decoding: key.utf8.map { ShellText.isAlphanumeric($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    /// `costCenter` becomes `cost_center`, as kube-state-metrics writes it.
    private static func snakeCase(_ key: String) -> String {
        var result: [UInt8] = []
        var previous: UInt8 = 0
        for byte in key.utf8 {
            let isUpper = (0x41...0x5A).contains(byte)
            if isUpper, ShellText.isAlphanumeric(previous), !(0x41...0x5A).contains(previous) {
                result.append(UInt8(ascii: "_"))
            }
            result.append(isUpper ? byte | 0x20 : byte)
            previous = byte
        }
        return String(decoding: result, as: UTF8.self)
    }
}
