import KubernetesModel
import LabelPolicy

/// Labels as the policy reads them, each distinct reading under a number.
///
/// Objects carry labels that no policy asks for, and one such as `statefulset.kubernetes.io/pod-name` makes every set a
/// different one. Reduced to the policy's keys, the Pods of a cluster have few.
struct LabelProjection {
    /// Number of the reading without any label.
    static let empty = 0

    private let keys: [StringID?]
    private let pool: RecordPool
    private var ofSet: [LabelSetID: Int] = [:]
    private var ofValues: [[UInt32]: Int] = [:]
    /// By number.
    private(set) var observed: [ObservedLabels]

    /// Stands for a key that is not there; a value that is there has its number plus one.
    private static let absent: UInt32 = 0

    init(evaluator: Evaluator, pool: RecordPool) {
        keys = evaluator.keys.map { pool.strings.id(of: $0.text) }
        self.pool = pool
        observed = [ObservedLabels(count: keys.count)]
        ofValues = [[UInt32](repeating: Self.absent, count: keys.count): Self.empty]
        ofSet[.empty] = Self.empty
    }

    mutating func number(of set: LabelSetID) -> Int {
        if let known = ofSet[set] { return known }
        let found = keys.map { key in key.flatMap { pool.labelSets.value(of: $0, in: set) } }
        let values = found.map { $0.map { $0.rawValue &+ 1 } ?? Self.absent }
        let number: Int
        if let known = ofValues[values] {
            number = known
        } else {
            var labels = ObservedLabels(count: keys.count)
            for (index, value) in found.enumerated() {
                if let value { labels.set(index, to: pool.strings[value]) }
            }
            number = observed.count
            observed.append(labels)
            ofValues[values] = number
        }
        ofSet[set] = number
        return number
    }
}
