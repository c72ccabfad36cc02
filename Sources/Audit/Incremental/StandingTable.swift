import Attribution
import KubernetesModel
import LabelPolicy

/// Verdicts in use, each once under a number: those that say the same of the same rules are one, whatever workload they
/// are of. There are about as many as owners; a number is given again once nothing has its verdict.
struct StandingTable: Sendable {
    private struct Key: Sendable, Hashable {
        let verdict: Verdict
        let pruned: PrunedKind?
    }

    struct Standing: Sendable {
        let verdict: Verdict
        let sums: OwnershipSums.Standing
        let faults: PolicyFaults
        /// The definition that takes away the labels of the workloads' templates.
        let pruned: PrunedKind?
        /// Groups of Pods that are judged so, those of workloads without Pods among them.
        fileprivate(set) var groups = 0
        fileprivate(set) var pods = 0
        fileprivate(set) var unpricedPods = 0
    }

    private var numbers: [Key: Int] = [:]
    private var standings: [Standing?] = []
    private var free: [Int] = []

    subscript(_ number: Int) -> Standing? { standings.indices.contains(number) ? standings[number] : nil }

    /// Those in use.
    var all: [(number: Int, standing: Standing)] {
        standings.enumerated().compactMap { number, standing in standing.map { (number, $0) } }
    }

    var verdicts: [(number: Int, verdict: Verdict)] { all.map { ($0.number, $0.standing.verdict) } }

    /// The number of a group's verdict, which `releaseGroup` gives back.
    mutating func takeGroup(
        _ entry: VerdictTable.Entry, pruned: PrunedKind?, _ rules: BillingRules, _ teams: TeamIndex
    ) -> Int {
        let key = Key(verdict: entry.verdict, pruned: pruned)
        if let known = numbers[key] {
            standings[known]?.groups += 1
            return known
        }
        var standing = Standing(
            verdict: entry.verdict, sums: entry.standing(rules), faults: PolicyFaults(entry.verdict, teams),
            pruned: pruned)
        standing.groups = 1
        let number = free.popLast() ?? standings.count
        standings.put(standing, at: number)
        numbers[key] = number
        return number
    }

    mutating func releaseGroup(_ number: Int) {
        standings[number]?.groups -= 1
        forgetIfUnused(number)
    }

    mutating func addPod(_ number: Int, isUnpriced: Bool) {
        standings[number]?.pods += 1
        if isUnpriced { standings[number]?.unpricedPods += 1 }
    }

    mutating func removePod(_ number: Int, isUnpriced: Bool) {
        standings[number]?.pods -= 1
        if isUnpriced { standings[number]?.unpricedPods -= 1 }
        forgetIfUnused(number)
    }

    private mutating func forgetIfUnused(_ number: Int) {
        guard let standing = standings[number], standing.groups <= 0, standing.pods <= 0 else { return }
        numbers[Key(verdict: standing.verdict, pruned: standing.pruned)] = nil
        standings[number] = nil
        free.append(number)
    }
}
