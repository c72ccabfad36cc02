import KubernetesModel
import Testing

@Suite struct GroupVersionKindTests {
    @Test(arguments: [
        ("v1", "", "v1"), ("apps/v1", "apps", "v1"), ("kubeflow.org/v2beta1", "kubeflow.org", "v2beta1"),
    ])
    func `reads and writes apiVersion`(text: String, group: String, version: String) throws {
        let gvk = try GroupVersionKind(apiVersion: text, kind: "Thing")
        #expect(gvk == GroupVersionKind(group: group, version: version, kind: "Thing"))
        #expect(gvk.apiVersion == text)
        #expect(gvk.description == "\(text) Thing")
    }

    @Test(
        arguments: [
            ("", .empty), ("/", .emptyGroup("/")), ("/v1", .emptyGroup("/v1")), ("apps/", .emptyVersion("apps/")),
            ("a/b/c", .tooManySlashes("a/b/c")), ("//", .tooManySlashes("//")),
        ] as [(String, GroupVersionError)])
    func `refuses what is no apiVersion`(text: String, expected: GroupVersionError) {
        #expect(throws: expected) { try GroupVersionKind(apiVersion: text, kind: "Thing") }
    }

    @Test func `names a kind as kubectl does`() {
        #expect(GroupKind(group: "apps", kind: "Deployment").description == "Deployment.apps")
        #expect(GroupKind(group: "", kind: "Pod").description == "Pod")
        #expect(
            GroupVersionResource(group: "apps", version: "v1", resource: "deployments").description
                == "apps/v1 deployments")
    }
}
