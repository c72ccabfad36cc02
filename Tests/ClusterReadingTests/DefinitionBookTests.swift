import KubernetesClient
import KubernetesModel
import NIOCore
import Testing

@testable import ClusterReading

@Suite("Definitions that an auditor looks at")
struct DefinitionBookTests {
    private static let rollout = GroupKind(group: "argoproj.io", kind: "Rollout")
    private static let jobSet = GroupKind(group: "jobset.x-k8s.io", kind: "JobSet")
    private static let pruned = PrunedKind(kind: rollout, resource: "rollouts", path: "spec.template.metadata")

    private let start = ContinuousClock.now

    private func served(_ kinds: [GroupKind]) -> ServedResources {
        ServedResources(
            resources: Dictionary(
                uniqueKeysWithValues: kinds.map { kind in
                    let plural = kind.kind.lowercased() + "s"
                    return (
                        kind,
                        APIResource(
                            group: kind.group, version: "v1", plural: plural, kind: kind.kind, isNamespaced: true)
                    )
                }))
    }

    private func names(_ book: DefinitionBook, after wait: Duration = .zero) -> [String] {
        book.due(at: start + wait).map(\.definition.name)
    }

    @Test("Those of the catalogue's custom resources that the cluster has, and not again for a while")
    func due() {
        var book = DefinitionBook()
        #expect(book.isSettled)
        book.serve(
            served([
                Self.rollout, Self.jobSet, GroupKind(group: "apps", kind: "Deployment"),
                GroupKind(group: "acme.io", kind: "Training"),
            ]), .builtin)
        #expect(!book.isSettled)
        #expect(names(book) == ["rollouts.argoproj.io", "jobsets.jobset.x-k8s.io"])
        book.read(Self.rollout, Self.pruned, at: start)
        #expect(names(book) == ["jobsets.jobset.x-k8s.io"])
        book.read(Self.jobSet, nil, at: start)
        #expect(book.isSettled)
        #expect(names(book, after: DefinitionBook.interval - .seconds(1)) == [])
        #expect(names(book, after: DefinitionBook.interval).count == 2)
    }

    @Test("A change is told once, and so is the end of a kind")
    func changes() {
        var book = DefinitionBook()
        #expect(book.takeChange() == nil)
        book.serve(served([Self.rollout]), .builtin)
        book.read(Self.rollout, Self.pruned, at: start)
        #expect(book.takeChange() == [Self.pruned])
        #expect(book.takeChange() == nil)
        book.serve(served([Self.rollout]), .builtin)
        #expect(book.takeChange() == nil && names(book) == [])
        book.serve(served([]), .builtin)
        #expect(book.takeChange() == [])
        #expect(book.isSettled)
    }

    @Test("A failure is told once, puts off all that are due, and takes nothing away")
    func failures() {
        var book = DefinitionBook()
        book.serve(served([Self.rollout, Self.jobSet]), .builtin)
        book.read(Self.rollout, Self.pruned, at: start)
        _ = book.takeChange()
        let later = start + DefinitionBook.interval
        #expect(book.failed(Self.rollout, "unreachable", isAlone: false, at: later) == "unreachable")
        #expect(book.isSettled)
        #expect(names(book, after: DefinitionBook.interval) == [])
        let again = DefinitionBook.interval + DefinitionBook.retry
        #expect(names(book, after: again).count == 2)
        #expect(book.failed(Self.rollout, "unreachable", isAlone: false, at: start + again) == nil)
        #expect(book.takeChange() == nil)
        book.read(Self.rollout, nil, at: start + again)
        #expect(book.takeChange() == [])
    }

    @Test("Rights are given by name: what may not be read is told once, and the others are looked at")
    func forbidden() {
        var book = DefinitionBook()
        book.serve(served([Self.rollout, Self.jobSet]), .builtin)
        #expect(book.failed(Self.rollout, "no rollouts", isAlone: true, at: start) == "no rollouts")
        #expect(names(book) == ["jobsets.jobset.x-k8s.io"])
        #expect(book.failed(Self.jobSet, "no jobsets", isAlone: true, at: start) == "no jobsets")
        #expect(book.isSettled && names(book) == [])
        #expect(names(book, after: DefinitionBook.retry).count == 2)
        for (kind, text) in [(Self.rollout, "no rollouts"), (Self.jobSet, "no jobsets")] {
            #expect(book.failed(kind, text, isAlone: true, at: start + DefinitionBook.retry) == nil)
        }
    }

    @Test("A definition in JSON is read; what is none says nothing")
    func reading() {
        let definition = """
            {"kind": "CustomResourceDefinition", "spec": {"group": "argoproj.io",
             "names": {"kind": "Rollout", "plural": "rollouts"}, "versions": [{"name": "v1alpha1", "storage": true,
             "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties":
             {"template": {"type": "object", "properties": {"metadata": {"type": "object"}}}}}}}}}]}}
            """
        #expect(SchemaPruning.prunedKind(ofJSON: ByteBuffer(string: definition), .builtin) == Self.pruned)
        for text in ["", "{", "[]", "{\"spec\": 1}"] {
            #expect(SchemaPruning.prunedKind(ofJSON: ByteBuffer(string: text), .builtin) == nil)
        }
    }
}
