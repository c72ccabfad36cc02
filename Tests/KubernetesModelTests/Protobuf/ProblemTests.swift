import Foundation
import KubernetesModel
import SwiftProtobuf
import TestSupport
import Testing

/// What is wrong with one object is said of it, and the others are read.
@Suite struct ProblemTests {
    private func read(_ items: [[UInt8]], _ kind: String = "Pod") throws -> ClusterState {
        var reader = ClusterStateReader(filters: .everything())
        _ = try OracleEncoding.list(kind + "List", items).read(into: &reader, .core(kind))
        return reader.finish()
    }

    private func pod(_ name: String, _ change: (inout Oracle_Pod) -> Void = { _ in }) -> [UInt8] {
        var pod = Oracle_Pod()
        pod.metadata.namespace = "shop"
        pod.metadata.name = name
        change(&pod)
        return OracleEncoding.bytes(pod)
    }

    private func request(_ resource: String, _ amount: String) -> Oracle_Container {
        Oracle_Container.with { $0.resources.requests[resource] = Oracle_Quantity.with { $0.string = amount } }
    }

    private func problems(_ state: ClusterState) -> [String] {
        state.notes.flatMap { note -> [String] in
            guard case .problems(_, let first) = note.gap else { return [] }
            return first.map(\.description)
        }
    }

    @Test func `one malformed item is left out`() throws {
        let cut = Array(pod("cut").dropLast())
        let state = try read([pod("a"), cut, pod("b"), [0xFF], pod("c")])
        #expect(state.pods.map { state.text($0.name) } == ["a", "b", "c"])
        #expect(
            problems(state) == [
                "pods item 1: cannot be read and is left out: protobuf field of 11 bytes does not fit into its message at "
                    + "byte 1",
                "pods item 3: cannot be read and is left out: protobuf ends within a field at byte 0",
            ])
    }

    @Test func `an amount that is none is named, and the rest of the Pod holds`() throws {
        let state = try read([
            pod("a") {
                $0.spec.containers = [request("cpu", "x"), request("memory", "1Gi"), request("cpu", "1")]
            },
            pod("b") { $0.spec.containers = [request("nvidia.com/gpu", "-1")] },
            pod("c") {
                $0.spec.containers = [
                    request("memory", "9223372036854775807"), request("memory", "1"), request("cpu", "1"),
                ]
            },
            pod("d") { $0.spec.containers = [request("cpu", "9223372036854775807")] },
            pod("e") { $0.spec.containers = [request("memory", "9223372036854775808")] },
        ])
        #expect(
            state.pods.map { state.pool.resources($0.requests) } == [
                ["cpu": 1000, "memory": 1 << 30], [:], ["cpu": 1000], [:], [:],
            ])
        #expect(
            problems(state) == [
                "pods shop/a: cpu: 'x' is no quantity: write a number with an optional suffix, such as 1, 500m or 2Gi; "
                    + "counted as none",
                "pods shop/b: nvidia.com/gpu is negative; counted as none",
                "pods shop/c: the requests for memory add up to more than 9223372036854775807; counted as none",
                "pods shop/d: the requests for cpu add up to more than 9223372036854775807; counted as none",
                "pods shop/e: memory: quantity '9223372036854775808' is larger than 9223372036854775807 or has more than "
                    + "38 digits: write a smaller or rounder amount; counted as none",
            ])
    }

    @Test func `a controller of no sound apiVersion is left out and named`() throws {
        let state = try read([
            pod("a") {
                $0.metadata.ownerReferences = [
                    Oracle_OwnerReference.with {
                        $0.apiVersion = "a/b/c"
                        $0.kind = "X"
                        $0.controller = true
                    }
                ]
            }
        ])
        #expect(state.pods.map(\.controller.isNone) == [true])
        #expect(problems(state)[0].hasPrefix("pods shop/a: apiVersion 'a/b/c' has more than one slash"))
        #expect(problems(state)[0].hasSuffix("; the reference is left out"))
    }

    @Test func `problems are all counted and not all kept`() throws {
        let state = try read((0..<100).map { _ in [0xFF] } + [pod("a")])
        #expect(state.pods.count == 1)
        guard case .problems(let count, let first)? = state.notes.first?.gap else {
            Issue.record("no note")
            return
        }
        #expect(count == 100)
        #expect(first.count == ReadingNote.maximumProblems)
        #expect(state.notes.count == 1)
    }

    @Test func `a name with control characters stays on one line`() throws {
        let state = try read([pod("a\nb") { $0.spec.containers = [request("x\u{1B}y", "z")] }])
        #expect(problems(state)[0].hasPrefix("pods shop/a\\u{a}b: x\\u{1b}y: 'z' is no quantity"))
    }
}
