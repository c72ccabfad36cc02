import CMalloc
import KubernetesModel

/// Pods into records: the rate, and what is kept of each.
enum Records {
    private static let filters = {
        let labels = KeyFilter.keys([
            "team", "owner-team", "app.kubernetes.io/team", "cost-center", "costCenter", "cost_center", "environment",
            "project", "model", "workload-type",
        ])
        let metadata = RecordFilters.Metadata(labels: labels)
        return RecordFilters(pods: metadata, owners: metadata, nodes: metadata, resources: metadata)
    }()

    static let pods = GroupVersionKind(group: "", version: "v1", kind: "Pod")

    static func run() throws {
        let count = 20_000
        let body = PodList.envelope(pods: 0..<count)
        var best = Double.infinity
        for _ in 0..<15 {
            let start = processorSeconds()
            let state = try read(body, filters)
            best = min(best, processorSeconds() - start)
            guard state.pods.count == count, state.notes.isEmpty else { fatalError("not all Pods were read") }
        }
        print(
            "pods into records, \(body.count) bytes: \(Int(Double(body.count) / 1e6 / best)) MB/s, "
                + "\(Int(best / Double(count) * 1e9)) ns each")
        for (name, filters) in [("the policy's labels", filters), ("all labels", .everything())] {
            let before = heldBytes()
            let state = try read(body, filters)
            let held = heldBytes() - before
            print("kept of a pod with \(name): \(held / state.pods.count) bytes")
        }
        let state = try read(body, filters)
        let start = processorSeconds()
        let index = ClusterIndex(state)
        print(
            "index: \(Int((processorSeconds() - start) / Double(count) * 1e9)) ns a pod, "
                + "\(index.workloadRoots.count) roots")
    }

    private static func read(_ body: [UInt8], _ filters: RecordFilters) throws -> ClusterState {
        var reader = ClusterStateReader(filters: filters)
        try body.withUnsafeBytes { bytes in _ = try reader.read(list: bytes, of: pods) }
        return reader.finish()
    }

    private static func heldBytes() -> Int {
        let info = mallinfo2()
        return Int(info.uordblks) + Int(info.hblkhd)
    }
}
