package import NIOCore

/// A cluster, ready to be asked: what a configuration leads to, put together.
package struct ClusterConnection: Sendable {
    package let access: ClusterAccess
    package let api: KubernetesAPI
    private let transport: ClusterTransport

    /// - Parameters:
    ///   - environment: of the process, for credential plugins.
    ///   - hasTerminal: whether plugins may ask somebody questions.
    ///   - userAgent: `tallygate/VERSION`.
    ///   - group: whose threads the connections live on; it has to outlive this.
    ///   - unixSeconds: the time of day.
    package init(
        _ access: ClusterAccess, environment: [String: String], hasTerminal: Bool, userAgent: String,
        group: any EventLoopGroup, settings: KubernetesAPI.Settings = KubernetesAPI.Settings(),
        timing: APITiming = .system, unixSeconds: @escaping @Sendable () -> Int64
    ) {
        self.access = access
        transport = ClusterTransport(
            access, settings: ClusterTransport.Settings(userAgent: userAgent), group: group, unixSeconds: unixSeconds)
        api = KubernetesAPI(
            transport: transport,
            credentials: CredentialSource(
                access.user, environment: environment, hasTerminal: hasTerminal, unixSeconds: unixSeconds),
            settings: settings, timing: timing)
    }

    /// Ends all connections. Has to be called before the last reference goes.
    package func shutdown() async { await transport.shutdown() }
}
