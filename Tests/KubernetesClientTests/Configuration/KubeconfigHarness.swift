import TestSupport

@testable import KubernetesClient

/// Kubeconfig files in a folder of their own.
struct KubeconfigHarness {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// What a kubeconfig's text leads to.
    func access(
        _ text: String, context: String? = nil, environment: [String: String] = [:]
    ) throws(ConfigurationError) -> ClusterAccess {
        guard let path = try? folder.write("config", text) else {
            return try ConfigurationLoader(environment: [:]).load()
        }
        return try ConfigurationLoader(environment: environment).load(kubeconfig: path, context: context)
    }

    /// The line it is refused with, the folder's name left out; empty if it is not.
    func refusal(_ text: String, context: String? = nil, environment: [String: String] = [:]) -> String {
        do throws(ConfigurationError) {
            _ = try access(text, context: context, environment: environment)
            return ""
        } catch {
            return error.description.replacing(folder.path + "/", with: "")
        }
    }

    /// A kubeconfig of one context, `main`.
    static func text(
        cluster: String = "{server: 'https://10.0.0.1:6443'}", user: String = "{token: abc}", context: String = ""
    ) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: main
        clusters:
        - name: east
          cluster: \(cluster)
        users:
        - name: jane
          user: \(user)
        contexts:
        - name: main
          context: {cluster: east, user: jane\(context)}
        """
    }
}
