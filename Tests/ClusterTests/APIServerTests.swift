import Testing

/// Everything that needs an API server. One after the other: they would only wait for each other's processors.
@Suite("Behind a real API server", .enabled(if: Cluster.isAvailable), .serialized)
enum APIServerTests {
    /// Kinds that Kubernetes 1.20 serves only if asked to: a second version of CronJob (there is no batch/v1 yet), and
    /// the subresource for ephemeral containers.
    private static let flags = ["--runtime-config=batch/v2alpha1=true", "--feature-gates=EphemeralContainers=true"]

    @Suite("Without controllers", .cluster(apiServerFlags: flags))
    enum WithoutControllers {}

    @Suite("With controllers", .cluster(controllers: true))
    enum WithControllers {}
}

typealias WithoutControllers = APIServerTests.WithoutControllers
typealias WithControllers = APIServerTests.WithControllers
