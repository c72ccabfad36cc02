import KubernetesModel
import LocatedDocuments
import ManifestCheck
import TestSupport
import Testing

/// What counts as a manifest, and what is said of the rest.
@Suite struct ReadingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        var name = "m.yaml"
        /// Objects counted.
        let objects: Int
        /// Names of the judged ones.
        var judged: [String] = []
        var messages: [String] = []
    }

    private static let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"

    static let cases: [Case] = [
        Case(testDescription: "one object", text: pod, objects: 1, judged: ["a"]),
        Case(
            testDescription: "Helm: documents of comments only, a separator at the end",
            text: "---\n# Source: a/b.yaml\n---\n# nothing\n---\n\(pod)---\n", objects: 1, judged: ["a"]),
        Case(
            testDescription: "Kustomize: no separator before the first, CRLF",
            text: "\(pod)---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: b\n".replacing("\n", with: "\r\n"),
            objects: 2, judged: ["a", "b"]),
        Case(
            testDescription: "a List in a List",
            text: """
                {"apiVersion": "v1", "kind": "List", "items": [
                  {"apiVersion": "v1", "kind": "List", "items": [
                    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "in"}}]},
                  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "out"}}]}
                """, name: "l.json", objects: 2, judged: ["in", "out"]),
        Case(
            testDescription: "a typed list, whose items the API server sends without kind",
            text: #"{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"a"}}]}"#,
            name: "l.json", objects: 1, judged: ["a"]),
        Case(
            testDescription: "a custom kind that ends in List and is none",
            text: "apiVersion: acme.io/v1\nkind: AllowList\nspec: {items: [1]}", objects: 1),
        Case(testDescription: "an empty List", text: "apiVersion: v1\nkind: List\nitems: []\n", objects: 0),
        Case(testDescription: "a List of nothing", text: "apiVersion: v1\nkind: List\nitems: null\n", objects: 0),
        Case(
            testDescription: "lists nested without end",
            text: String(repeating: #"{"apiVersion":"v1","kind":"List","items":["#, count: 9)
                + String(repeating: "]}", count: 9),
            name: "l.json", objects: 0, messages: ["error: lists are nested too deeply"]),
        Case(
            testDescription: "JSON documents one after the other",
            text: #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}} {"apiVersion":"v1","kind":"Service"}"#,
            name: "o.json", objects: 2, judged: ["a"]),
        Case(
            testDescription: "nothing", text: "", objects: 0,
            messages: ["error: there is no Kubernetes object in the input"]),
        Case(
            testDescription: "comments only", text: "# helm printed nothing\n---\n", objects: 0,
            messages: ["error: there is no Kubernetes object in the input"]),
        Case(
            testDescription: "values, not a manifest", text: "replicas: 3\n", objects: 0,
            messages: ["error: expected a Kubernetes object with a text \"kind\", but there is none"]),
        Case(
            testDescription: "no apiVersion", text: "kind: Pod\n", objects: 0,
            messages: ["error: expected a Kubernetes object with a text \"apiVersion\", but there is none"]),
        Case(
            testDescription: "a kind that is no text", text: "apiVersion: v1\nkind: 7\n", objects: 0,
            messages: ["error: expected a Kubernetes object with a text \"kind\", but found the number 7"]),
        Case(
            testDescription: "a kind as long as a book",
            text: "apiVersion: v1\nkind: \(String(repeating: "K", count: 257))\n", objects: 0,
            messages: ["error: \"kind\" has more than 256 characters"]),
        Case(
            testDescription: "a list of texts", text: "- a\n- b\n", objects: 0,
            messages: ["error: expected a Kubernetes object, found a list"]),
        Case(
            testDescription: "an apiVersion that is none", text: "apiVersion: a/b/c\nkind: Pod\n", objects: 0,
            messages: [
                "error: apiVersion 'a/b/c' has more than one slash: write group/version such as apps/v1"
            ]),
        Case(
            testDescription: "a broken document between good ones",
            text: "\(pod)---\na: b: c\n---\n\(pod.replacing("name: a", with: "name: z"))", objects: 2,
            judged: ["a", "z"], messages: ["error: a second `:` where only one key fits"]),
        Case(
            testDescription: "a key twice: the last counts, and kubectl would refuse",
            text: "\(pod)metadata: {name: b}\n", objects: 1, judged: ["b"],
            messages: ["error: the key \"metadata\" stands here again, first in line 3"]),
        Case(
            testDescription: "a template that was not rendered",
            text: "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {{ .Values.labels }}\n", objects: 0,
            messages: ["error: a key must be a string, found a mapping"]),
        Case(
            testDescription: "an infinite number", text: "\(pod)spec: {priority: .inf}\n", objects: 1,
            messages: ["error: infinities and .nan have no place in Kubernetes objects"]),
    ]

    @Test(arguments: cases) func reads(_ input: Case) {
        let report = check(input.text, name: input.name)
        #expect(report.counts.objects == input.objects)
        #expect(report.judged.map(\.subject.name) == input.judged)
        #expect(messages(report) == input.messages)
        #expect(report.hasInputErrors == !input.messages.isEmpty)
    }

    @Test func junkIsOneMessage() {
        let junk = SourceFile(name: "a.png", bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0xFF, 0x00])
        #expect(messages(check([junk])) == ["error: the file is not valid UTF-8 from here on"])
    }

    @Test func goodFilesAreJudgedBesideBadOnes() {
        let report = check([
            SourceFile(name: "bad.yaml", text: "a: ["), SourceFile(name: "good.yaml", text: Self.pod),
        ])
        #expect(report.judged.map(\.subject.name) == ["a"])
        #expect(report.diagnostics.map(\.file) == ["bad.yaml"])
    }

    /// What holds manifests' sources gets the remedy that fits.
    @Test(arguments: [
        ("chart/values.yaml", "helm template"), ("chart/Chart.yaml", "helm template"),
        ("overlays/kustomization.yaml", "kustomize build"), ("web.yaml", "leave the file out"),
    ])
    func foreignFilesHaveTheirRemedy(name: String, remedy: String) throws {
        let first = try #require(check("resources: [a.yaml]\n", name: name).diagnostics.first)
        #expect(first.remedy?.contains(remedy) == true)
    }

    // MARK: Bounds

    @Test func filesOverTheLimitAreRefused() {
        var limits = DocumentLimits.manifests
        limits.fileBytes = 100
        let checker = ManifestChecker(policy: .finance, catalogue: .builtin, limits: limits)
        let large = SourceFile(name: "m.yaml", text: Self.pod + "# " + String(repeating: "x", count: 100))
        let report = checker.check([large, SourceFile(name: "good.yaml", text: Self.pod)], at: today)
        #expect(messages(report) == ["error: the file has 147 bytes, more than the 100 that are read"])
        #expect(report.judged.count == 1)
    }

    @Test func thingsThatAreNoObjectsCostABoundedNumberOfMessages() {
        let items = Array(repeating: "null", count: 5_000).joined(separator: ",")
        let report = check(#"{"apiVersion":"v1","kind":"List","items":[\#(items)]}"#, name: "l.json")
        #expect(report.diagnostics.count == DocumentLimits.manifests.diagnostics)
    }

    @Test func findingsAreBounded() {
        let checker = ManifestChecker(policy: .finance, catalogue: .builtin, maximumFindings: 10)
        let text = Array(repeating: Self.pod, count: 50).joined(separator: "---\n")
        let report = checker.check([SourceFile(name: "m.yaml", text: text)], at: today)
        // Five labels each: the object that reaches the bound is reported whole.
        #expect(report.findings.count == 10)
        #expect(messages(report) == ["error: more than 10 findings; what follows was not judged"])
    }

    @Test func longNamesAreCut() throws {
        let name = String(repeating: "n", count: 100_000)
        let report = check("apiVersion: v1\nkind: Pod\nmetadata: {name: \(name), namespace: \(name)}\n")
        let subject = try #require(report.judged.first?.subject)
        #expect(subject.name.count == 257 && subject.namespace.count == 257)
    }
}
