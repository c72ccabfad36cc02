import KubernetesModel
import ManifestCheck
import Reports
import Testing

/// What the examples of the repository look like in every format.
@Suite struct ExampleTests {
    @Test(arguments: [
        (CheckFormat.text, "examples.txt"), (.json, "examples.json"), (.sarif, "examples.sarif"),
        (.junit, "examples.junit.xml"), (.github, "examples.github.txt"),
    ])
    func reads(format: CheckFormat, golden: String) throws {
        try expectGolden(try render(try examples(), format), golden)
    }

    /// Each example shows what its comment says.
    @Test func answers() throws {
        let answers = try examples().judged.map { "\($0.subject.gvk.kind)/\($0.subject.name): \($0.answer)" }
        #expect(
            answers == [
                "Deployment/feature-store: denied", "Namespace/recommendation-engine: admitted",
                "Namespace/ml-research: admitted", "CronJob/nightly-embeddings: warned", "Pod/notebook-ada: admitted",
                "Deployment/recommendation-engine: admitted", "StatefulSet/release-search: unknown",
                "Pod/release-search-test-*: warned", "PyTorchJob/llm-finetune: warned",
                "RayCluster/hyperparameter-search: warned",
            ])
    }
}
