import Foundation
import KubernetesModel
import TestSupport
import Testing

/// Bytes that were cut or changed are read or refused: nothing traps, and what is read is bounded by what was sent.
@Suite struct ReaderMutationTests {
    private static func lists(seed: UInt64) -> [(GroupVersionKind, [UInt8])] {
        var objects = RandomObjects(seed: seed)
        let pods = (0..<3).map { _ in OracleEncoding.bytes(objects.pod()) }
        let nodes = (0..<2).map { _ in OracleEncoding.bytes(objects.node()) }
        let deployment = GroupVersionKind(group: "apps", version: "v1", kind: "Deployment")
        return [
            (.core("Pod"), OracleEncoding.list("PodList", pods)),
            (.core("Node"), OracleEncoding.list("NodeList", nodes)),
            // The wrong kind's fields within the right envelope.
            (.core("PersistentVolume"), OracleEncoding.list("PersistentVolumeList", pods)),
            (.core("PersistentVolumeClaim"), OracleEncoding.list("PersistentVolumeClaimList", nodes)),
            (.core("Service"), OracleEncoding.list("ServiceList", pods)),
            (deployment, OracleEncoding.list("apps/v1", "DeploymentList", pods)),
        ]
    }

    /// Every record is looked at, so that a number that leads nowhere would show.
    private func read(_ body: [UInt8], _ kind: GroupVersionKind) -> Int {
        var reader = ClusterStateReader(filters: .everything())
        _ = try? body.read(into: &reader, kind)
        let state = reader.finish()
        let index = ClusterIndex(state)
        for pod in state.pods {
            _ = state.pool.labels(pod.labels)
            _ = state.pool.resources(pod.requests)
        }
        #expect(index.rootOfPod.count == state.pods.count)
        return state.pods.count + state.nodes.count + state.owners.count + state.volumes.count + state.claims.count
    }

    @Test func `any prefix of a list is read as far as it goes`() {
        for (kind, body) in Self.lists(seed: 1) {
            let whole = read(body, kind)
            for length in 0..<body.count { #expect(read(Array(body[..<length]), kind) <= whole) }
        }
    }

    @Test(arguments: 0..<8) func `any change of bytes is read or refused`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for (kind, body) in Self.lists(seed: seed) {
            for _ in 0..<300 {
                var changed = body
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let place = Int.random(in: changed.indices, using: &random)
                    switch random.next() % 4 {
                    case 0: changed[place] = UInt8.random(in: 0...255, using: &random)
                    case 1: changed[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                    case 2: changed.insert(random.pick([0x00, 0x7F, 0x80, 0xFF]), at: place)
                    default: changed.removeSubrange(place..<min(changed.count, place + 3))
                    }
                    if changed.isEmpty { break }
                }
                // An object takes two bytes at least.
                #expect(read(changed, kind) <= changed.count / 2)
            }
        }
    }

    @Test(arguments: 0..<4) func `any bytes are a frame, a status and a head, or none`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var outcomes = (read: 0, refused: 0)
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                random.pick([0x0A, 0x12, 0x08, 0x02, 0x00, 0x6B, 0x80, UInt8.random(in: 0...255, using: &random)])
            }
            bytes.withUnsafeBytes { bytes in
                for attempt in [
                    { _ = try WatchFrame(bytes) }, { _ = try StatusMessage(protobuf: bytes) },
                    { _ = try ObjectHead(protobuf: bytes) },
                    { _ = try ProtobufList.forEachItem(in: bytes) { _, _ in } },
                ] {
                    do {
                        try attempt()
                        outcomes.read += 1
                    } catch { outcomes.refused += 1 }
                }
            }
        }
        #expect(outcomes.read > 0)
        #expect(outcomes.refused > 0)
    }
}
