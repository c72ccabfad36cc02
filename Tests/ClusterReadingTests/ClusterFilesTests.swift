import KubernetesModel
import LocatedDocuments
import TestSupport
import Testing

@testable import ClusterReading

@Suite("Clusters of files")
struct ClusterFilesTests {
    private func reader() -> ClusterFiles {
        ClusterFiles(
            filters: .audit(priceAnnotation: nil, keys: ["team"]), catalogue: .builtin, cluster: "test",
            observedAt: ObjectTime(seconds: 1_800_000_000))
    }

    private func read(_ texts: String...) -> (files: ClusterFiles, state: ClusterState, ignored: [GroupKind: Int]) {
        var files = reader()
        for (index, text) in texts.enumerated() { files.read(SourceFile(name: "f\(index).json", text: text)) }
        let (state, ignored) = files.finish()
        return (files, state, ignored)
    }

    @Test("A List of everything")
    func list() throws {
        let (files, state, ignored) = read(SampleObjects.list())
        #expect(files.diagnostics.isEmpty)
        #expect(files.objectCount == SampleObjects.all.count)
        #expect(state.namespaces.count == 2)
        #expect(ignored == [GroupKind(group: "", kind: "ConfigMap"): 1])

        let node = try #require(state.nodes.first)
        #expect(state.text(node.instanceType) == "m5.xlarge")
        #expect(state.text(node.region) == "us-east-1")
        #expect(state.text(node.providerID) == "aws:///us-east-1a/i-0123")
        #expect(node.readiness == .ready)
        #expect(state.pool.resources(node.allocatable) == ["cpu": 3920, "memory": 15 << 30, "pods": 58])

        let pod = try #require(state.pods.first { state.text($0.name) == "web-1-a" })
        // The first init container asks for more than container and sidecar together; a limit without a request counts.
        #expect(state.pool.resources(pod.requests) == ["cpu": 2000, "memory": 1 << 30])
        #expect(state.pool.resources(pod.runningRequests) == ["cpu": 600, "memory": 1 << 30])
        #expect(state.pool.texts(pod.volumeClaims) == ["data", "web-1-a-s"])
        #expect(pod.phase == .running)
        #expect(pod.started == ObjectTime(seconds: 1_793_527_200))
        #expect(state.pool.labels(pod.labels).map(\.key) == ["app"])

        let index = ClusterIndex(state)
        let roots = index.workloadRoots.map { "\(state.pool[$0.kind]) \(state.text($0.name))" }
        #expect(Set(roots) == ["Deployment.apps web", "Experiment.acme.io exp"])
        let deployment = try #require(state.owners.first { state.text($0.name) == "web" })
        #expect(deployment.hasTemplate)
        #expect(state.pool.label("app", in: deployment.templateLabels) == "web")
    }

    @Test("One file or several, a List or objects, JSON or YAML: the same state")
    func forms() {
        let whole = read(SampleObjects.list()).state
        let typed = SampleObjects.list([SampleObjects.pod, SampleObjects.experimentPod])
            .replacing(#""kind": "List""#, with: #""kind": "PodList""#)
            .replacing(#"{"apiVersion": "v1", "kind": "Pod","#, with: "{")
        let rest = SampleObjects.all.filter { $0 != SampleObjects.pod && $0 != SampleObjects.experimentPod }
        let split = read(typed, rest.joined(separator: "\n")).state
        let yaml = read(SampleObjects.all.joined(separator: "\n---\n# a comment\n")).state
        for state in [split, yaml] {
            #expect(Set(names(state)) == Set(names(whole)))
            #expect(state.nodes.count == 1)
        }
    }

    private func names(_ state: ClusterState) -> [String] {
        state.pods.map { pod in
            "\(state.text(pod.namespace))/\(state.text(pod.name)) \(state.pool.resources(pod.requests))"
                + " \(state.text(pod.controller.name))"
        } + state.owners.map { "\(state.pool[$0.kind]) \(state.text($0.name))" }
    }

    @Test("An object in several files counts once, by its UID or, without one, by its kind and names")
    func overlapping() {
        let once = read(SampleObjects.list())
        let twice = read(SampleObjects.list(), SampleObjects.list())
        #expect(names(twice.state) == names(once.state))
        #expect(twice.state.nodes.count == 1)
        #expect(twice.files.objectCount == once.files.objectCount)
        #expect(twice.files.repeatedCount == once.files.objectCount)
        #expect(once.files.repeatedCount == 0)

        func pod(_ uid: String, in namespace: String = "a") -> String {
            #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "\#(namespace)", "name": "p"\#(uid)}}"#
        }
        let made = read(
            pod(#", "uid": "1""#), pod(#", "uid": "2""#), pod(#", "uid": "2""#), pod(""), pod(""), pod("", in: "b"))
        #expect(made.state.pods.count == 4)
        #expect(made.files.repeatedCount == 2)
    }

    @Test("A list that is cut off says where")
    func truncated() {
        let list = SampleObjects.list()
        let (files, state, _) = read(String(list.prefix(list.count * 2 / 3)))
        #expect(files.diagnostics.contains { $0.severity == .error && $0.file == "f0.json" && $0.position.line > 1 })
        #expect(!state.nodes.isEmpty)
        #expect(files.brokenLists.map(\.items) == [files.objectCount])
        #expect(files.brokenLists.first?.file == "f0.json")
    }

    @Test("Wherever a List is cut off, what stands before is read, and the cut is named")
    func truncatedAnywhere() {
        // As kubectl writes it: the kind comes last.
        let items = [SampleObjects.node, SampleObjects.pod]
        let list = #"{"apiVersion": "v1", "items": [\#(items.joined(separator: ","))], "kind": "List"}"#
        #expect(read(list).files.diagnostics.isEmpty)
        let bytes = Array(list.utf8)
        let first = #"{"apiVersion": "v1", "items": ["#.utf8.count + SampleObjects.node.utf8.count
        for length in Array(stride(from: 1, to: bytes.count, by: 7)) + [bytes.count - 1] {
            let (files, state, _) = read(String(decoding: bytes[..<length], as: UTF8.self))
            #expect(files.diagnostics.count == 1, "cut at \(length)")
            #expect(state.nodes.count == (length >= first ? 1 : 0), "cut at \(length)")
        }
    }

    @Test("A bad item ends its list at its place; other files still come")
    func broken() {
        let bad = SampleObjects.list([SampleObjects.node, "{\"kind\": nope}"])
        let (files, state, _) = read(bad, SampleObjects.list([SampleObjects.pod]))
        #expect(files.diagnostics.map(\.severity) == [.error])
        #expect(state.nodes.count == 1)
        #expect(state.pods.count == 1)
    }

    @Test("What is no object is named", arguments: ["[1]", "{\"a\": 1}", "{\"kind\": \"Pod\"}", "\"text\""])
    func foreign(_ text: String) {
        let (files, state, _) = read(text, SampleObjects.list([SampleObjects.pod]))
        #expect(files.diagnostics.count == 1)
        #expect(state.pods.count == 1)
    }

    @Test("Amounts that are none are problems of their object, which is kept")
    func amounts() throws {
        let pod = SampleObjects.experimentPod.replacing(#""cpu": "1""#, with: #""cpu": "-1", "memory": "much""#)
        let (_, state, _) = read(SampleObjects.list([pod]))
        #expect(state.pods.count == 1)
        let note = try #require(state.notes.first)
        guard case .problems(let count, let first) = note.gap else { throw TestFailure() }
        #expect(count == 2)
        #expect(first.first?.object == "lab/exp-0")
        #expect(note.resource == "pods")
    }

    private struct TestFailure: Error {}
}
