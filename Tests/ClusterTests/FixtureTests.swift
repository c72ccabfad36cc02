import Foundation
import TestSupport
import Testing

extension WithControllers {
    /// That the fixture itself works: a test that passes on a broken one says nothing.
    @Suite("The fixture")
    struct FixtureTests {
        /// The test webhook that is built along with the API server, and how to register it for ConfigMaps.
        static func standIn(
            validatePath: String? = nil, mutatePath: String? = nil
        ) async throws -> (server: WebhookProcess, registration: WebhookRegistration) {
            // What KUBEBUILDER_ASSETS names rarely has it.
            let assets = try await ChildProcess.run(
                Repository.path("hack/envtest"), ["cached"], environment: ["KUBEBUILDER_ASSETS": ""])
            guard assets.succeeded else { try Test.cancel("agnhost is not built: run hack/envtest assets") }
            let executable = assets.output.trimmingCharacters(in: .whitespacesAndNewlines) + "/agnhost"
            let server = try await WebhookProcess.start(executable, readiness: .listening) { place in
                [
                    "webhook", "--tls-cert-file", place.certificatePath, "--tls-private-key-file", place.keyPath,
                    "--port", String(place.port),
                ]
            }
            let registration = WebhookRegistration(
                name: "stand-in", validatePath: validatePath, mutatePath: mutatePath,
                rules: [.init(apiGroups: [""], resources: ["configmaps"])])
            return (server, registration)
        }

        static func configMap(_ name: String) -> String {
            #"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "\#(name)", "namespace": "default"}}"#
        }

        @Test("A Deployment gets its Pod")
        func controllers() async throws {
            let cluster = try Cluster.current
            try await cluster.require(["create", "deployment", "web", "--image=example.test/web"])
            try await wait(for: "a Pod of the Deployment") {
                let pods = try await cluster.require(["get", "pods", "--selector=app=web", "--output=name"])
                return pods.hasPrefix("pod/web-") ? nil : "pods: \(pods)"
            }
        }

        @Test("A registered webhook denies, and its death is felt as the failure policy says")
        func denial() async throws {
            let cluster = try Cluster.current
            let (server, registration) = try await Self.standIn(validatePath: "/always-deny")
            try await cluster.register(registration, of: server)
            let denied = try await cluster.kubectl(["create", "-f", "-"], input: Self.configMap("denied"))
            #expect(!denied.succeeded)
            #expect(denied.errors.contains("denied the request"))

            await server.crash()
            let failed = try await cluster.kubectl(["create", "-f", "-"], input: Self.configMap("failed"))
            #expect(failed.errors.contains("failed calling webhook"))

            try await cluster.unregister(registration)
            try await wait(for: "the end of the registration") {
                let allowed = try await cluster.kubectl(["create", "-f", "-"], input: Self.configMap("allowed"))
                return allowed.succeeded ? nil : allowed.errors
            }
        }

        @Test("A registered webhook patches, and the audit log tells")
        func patch() async throws {
            let cluster = try Cluster.current
            let (server, registration) = try await Self.standIn(mutatePath: "/add-label")
            try await cluster.register(registration, of: server)
            try await cluster.require(["create", "-f", "-"], input: Self.configMap("patched"))
            let label = try await cluster.require([
                "get", "configmap", "patched", "--output=jsonpath={.metadata.labels.added-label}",
            ])
            #expect(label == "yes")
            let created = try cluster.auditEvents().filter { event in
                event.verb == "create" && event.objectRef?.resource == "configmaps"
                    && event.objectRef?.name == "patched"
                    && (event.annotations ?? [:]).values.contains { $0.contains(#""mutated":true"#) }
            }
            #expect(created.count == 1)
            try await cluster.unregister(registration)
            await server.stop()
        }
    }
}
