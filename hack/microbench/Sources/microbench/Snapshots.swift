import ClusterSnapshot
import Glibc
import KubernetesModel

/// A large cluster out of a snapshot: 100,000 Pods and 5,000 nodes.
enum Snapshots {
    static func run() throws {
        let pods = 100_000
        let nodes = 5_000
        let file = try write(pods: pods, nodes: nodes)
        let start = processorSeconds()
        var reader = try SnapshotReader()
        // In the pieces a file is read in.
        for offset in stride(from: 0, to: file.count, by: 256 * 1024) {
            try file[offset..<min(offset + 256 * 1024, file.count)].withUnsafeBytes { try reader.read($0) }
        }
        let state = try reader.finish()
        let seconds = processorSeconds() - start
        guard state.pods.count == pods, state.nodes.count == nodes else { fatalError("not all was read") }
        print(
            "snapshot of \(pods) pods and \(nodes) nodes, \(file.count) bytes: read in \(Int(seconds * 1000)) ms, "
                + "at most \(peakMegabytes()) MB resident in all")
    }

    /// In a function of its own, so that what it holds is gone before the reading.
    private static func write(pods: Int, nodes: Int) throws -> [UInt8] {
        var reader = ClusterStateReader(filters: .everything())
        // In pages, as from a server.
        for page in 0..<20 {
            let body = PodList.envelope(pods: (page * pods / 20)..<((page + 1) * pods / 20))
            try body.withUnsafeBytes { bytes in _ = try reader.read(list: bytes, of: Records.pods) }
        }
        var state = reader.finish()
        for number in 0..<nodes {
            var node = NodeRecord(
                name: state.pool.strings.intern("node-\(number)"), uid: state.pool.uid("uid-\(number)"))
            node.labels = state.pool.labels([
                (key: "kubernetes.io/hostname", value: "node-\(number)"),
                (key: "eks.amazonaws.com/nodegroup", value: "group-\(number % 20)"),
            ])
            node.capacity = state.pool.resources(["cpu": 64_000, "memory": 256 << 30])
            state.nodes.append(node)
        }
        var file: [UInt8] = []
        let start = processorSeconds()
        try SnapshotWriter.write(state) { file += $0 }
        print("snapshot written in \(Int((processorSeconds() - start) * 1000)) ms")
        return file
    }

    private static func peakMegabytes() -> Int {
        var usage = rusage()
        getrusage(.init(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}
