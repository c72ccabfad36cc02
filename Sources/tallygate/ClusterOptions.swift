import ArgumentParser
import KubernetesClient
import NIOCore
import NIOPosix

/// Which cluster to ask.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The kubeconfig (default: KUBECONFIG, else the Pod's ServiceAccount, else ~/.kube/config).",
            valueName: "file"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The kubeconfig's context (default: its current-context).", valueName: "name"))
    var context: String?

    /// Finds out how to talk to the cluster; asks nobody yet.
    func access(_ environment: EnvironmentSettings) throws(ConfigurationError) -> ClusterAccess {
        try ConfigurationLoader(environment: environment.variables).load(
            kubeconfig: kubeconfig ?? environment.text("kubeconfig"), context: context ?? environment.text("context"))
    }

    /// Runs `body` with a connection to the cluster, and ends the connection after it.
    ///
    /// - Parameter body: gets the cluster's API, and its server as reports name it.
    /// - Throws: `CommandOutcome` for what is wrong with the configuration or the cluster.
    func connected<Value: Sendable>(
        _ body: (KubernetesAPI, String) async throws(APIError) -> Value
    ) async throws -> Value {
        let environment = EnvironmentSettings()
        let access: ClusterAccess
        do throws(ConfigurationError) {
            access = try self.access(environment)
        } catch {
            throw CommandOutcome.inputError(error.description)
        }
        for warning in access.warnings { StandardError.print("tallygate: \(warning)") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let connection = ClusterConnection(
            access, environment: environment.variables, hasTerminal: StandardInput.isTerminal,
            userAgent: "tallygate/\(Build.version)", group: group, unixSeconds: WallClock.unixSeconds)
        let result: Result<Value, APIError>
        do throws(APIError) {
            result = .success(try await body(connection.api, access.server.description))
        } catch {
            result = .failure(error)
        }
        await connection.shutdown()
        try await group.shutdownGracefully()
        switch result {
        case .success(let value): return value
        case .failure(let error): throw CommandOutcome(code: .unreachable, message: error.description)
        }
    }
}
