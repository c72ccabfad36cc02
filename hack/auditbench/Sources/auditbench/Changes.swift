import Attribution
import Audit
import KubernetesModel
import LabelPolicy

/// What a change costs: each Pod arrives as a watch event does, in a state of its own, and is settled at once, which is
/// the dearest way.
func measureChanges(pods: Int, nodes: Int) {
    let state = makeCluster(pods: pods, nodes: nodes, namePerPod: false)
    let now = Timestamp(secondsSinceEpoch: 1_800_000_000)
    let start = seconds()
    var ledger = AuditLedger(policy: .builtIn, at: now)
    ledger.apply(.upsert(state))
    _ = ledger.takeChangedScopes()
    let load = seconds() - start

    let changes = 2_000
    var least = Double.infinity
    var scopes = 0
    let before = ledger.work
    for round in 0..<3 {
        var random = SeededGenerator(seed: UInt64(11 + round))
        let events = (0..<changes).map { _ in event(state, &random) }
        let start = seconds()
        for event in events {
            ledger.apply(event)
            scopes += ledger.takeChangedScopes().count
        }
        least = min(least, (seconds() - start) / Double(changes))
    }
    let work = ledger.work
    let figures = best { ledger.figures(at: now).owners.count }
    let findings = best { ledger.findings(of: .namespace("team-0")).count }
    let perChange = Double(3 * changes)
    print(
        "  \(pods) pods, \(nodes) nodes: \(Int(least * 1e6)) us per change (\(tenths(Double(work.nodes - before.nodes) / perChange)) nodes, "
            + "\(tenths(Double(work.podsOfWorkloads - before.podsOfWorkloads) / perChange)) Pods of workloads, "
            + "\(tenths(Double(scopes) / perChange)) scopes); figures \(Int(figures * 1e6)) us, "
            + "findings of a namespace \(Int(findings * 1e6)) us; first load \(Int(load * 1e3)) ms")
}

private func event(_ state: ClusterState, _ random: inout SeededGenerator) -> ClusterChange {
    var pod = random.pick(state.pods)
    var one = ClusterState()
    var transfer = RecordTransfer(from: state.pool)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: pod.labels = random.pick(state.pods).labels
    case 1: pod.node = random.pick(state.pods).node
    default: pod.started = ObjectTime(seconds: Int64.random(in: 0...1_000_000, using: &random))
    }
    one.pods = [transfer.pod(pod, into: &one.pool)]
    return .upsert(one)
}

private func best(_ body: () -> Int) -> Double {
    var least = Double.infinity
    for _ in 0..<20 {
        let start = seconds()
        _ = body()
        least = min(least, seconds() - start)
    }
    return least
}

private func tenths(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
