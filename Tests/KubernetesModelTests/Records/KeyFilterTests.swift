import Testing

@testable import KubernetesModel

@Suite("Filters of keys")
struct KeyFilterTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let filter: KeyFilter
        let kept: [String]
        let dropped: [String]
    }

    static let cases = [
        Case(testDescription: "everything", filter: .everything, kept: ["team", ""], dropped: []),
        Case(testDescription: "nothing", filter: .nothing, kept: [], dropped: ["team", ""]),
        Case(
            testDescription: "some, and what begins alike", filter: .keys(["team"], prefixes: ["karpenter.sh/"]),
            kept: ["team", "karpenter.sh/nodepool"], dropped: ["teams", "karpenter.sh", ""]),
        Case(
            testDescription: "all but some", filter: .allExcept(["pod-template-hash"]), kept: ["team", "pod-template"],
            dropped: ["pod-template-hash"]),
        Case(testDescription: "all but none", filter: .allExcept([]), kept: ["team"], dropped: []),
    ]

    @Test(arguments: cases) func filter(_ test: Case) {
        for key in test.kept { #expect(test.filter.keeps(key), "\(key)") }
        for key in test.dropped { #expect(!test.filter.keeps(key), "\(key)") }
    }
}
