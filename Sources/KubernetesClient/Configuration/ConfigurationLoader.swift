import LocatedDocuments

/// Finds out which cluster to talk to.
///
/// In this order, the first that is there: the file of `--kubeconfig`; those of `KUBECONFIG`; the ServiceAccount of
/// the Pod this runs in (unless a context is asked for); `~/.kube/config`.
package struct ConfigurationLoader: Sendable {
    /// Where the kubelet puts a Pod's ServiceAccount.
    package static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The variables of the process.
    private let environment: [String: String]
    private let serviceAccount: String

    package init(
        environment: [String: String], serviceAccount: String = ConfigurationLoader.serviceAccountDirectory
    ) {
        self.environment = environment
        self.serviceAccount = serviceAccount
    }

    /// - Parameters:
    ///   - kubeconfig: of `--kubeconfig`.
    ///   - context: of `--context`.
    package func load(
        kubeconfig: String? = nil, context: String? = nil
    ) throws(ConfigurationError) -> ClusterAccess {
        if let kubeconfig { return try load([kubeconfig], areOptional: false, context) }
        let listed = (variable("KUBECONFIG") ?? "").split(separator: ":").map(String.init)
        if !listed.isEmpty { return try load(listed, areOptional: listed.count > 1, context) }
        if context == nil, let access = try inCluster() { return access }
        var searched = ["KUBECONFIG"]
        if let home = variable("HOME") {
            let path = LocalFile.resolve(".kube/config", in: home)
            searched.append(path)
            if let file = try read(path, isOptional: true) { return try access([file], context) }
        }
        throw .nothingConfigured(searched: searched)
    }

    private func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private var proxies: ProxyEnvironment { ProxyEnvironment(variables: environment) }

    // MARK: Kubeconfig

    private func load(
        _ paths: [String], areOptional: Bool, _ context: String?
    ) throws(ConfigurationError) -> ClusterAccess {
        var files: [KubeconfigFile] = []
        for path in paths {
            if let file = try read(path, isOptional: areOptional) { files.append(file) }
        }
        guard !files.isEmpty else { throw .nothingConfigured(searched: paths) }
        return try access(files, context)
    }

    private func access(_ files: [KubeconfigFile], _ context: String?) throws(ConfigurationError) -> ClusterAccess {
        try Kubeconfig(files).access(context: context, proxies: proxies)
    }

    private func read(_ path: String, isOptional: Bool) throws(ConfigurationError) -> KubeconfigFile? {
        let bytes: [UInt8]
        do {
            bytes = try LocalFile.read(path, limit: FileLimits.kubeconfig)
        } catch {
            if isOptional, error.isNotFound { return nil }
            switch error {
            case .system: throw .unreadable(path: path, purpose: "the kubeconfig", cause: error.cause)
            case .tooLarge(let limit): throw .tooLarge(path: path, purpose: "the kubeconfig", limit: limit)
            }
        }
        return try KubeconfigFile(SourceFile(name: path, bytes: bytes))
    }

    // MARK: In a Pod

    /// nil: this is no Pod, or one without a ServiceAccount's token.
    private func inCluster() throws(ConfigurationError) -> ClusterAccess? {
        guard let host = variable("KUBERNETES_SERVICE_HOST"), let port = variable("KUBERNETES_SERVICE_PORT") else {
            return nil
        }
        let token = LocalFile.resolve("token", in: serviceAccount)
        do {
            _ = try LocalFile.read(token, limit: FileLimits.token)
        } catch {
            if error.isNotFound { return nil }
            throw .unreadable(path: token, purpose: "the ServiceAccount's token", cause: error.cause)
        }
        guard let number = Int(port), (1...65_535).contains(number) else {
            throw .environment(variable: "KUBERNETES_SERVICE_PORT", value: port, problem: "it must be a port")
        }
        // IPv6 comes without brackets; with them it is meant the same.
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let isPlace = IPAddress(bare) != nil || (try? ServerURL("https://\(bare)/", assumesTLS: true))?.host == bare
        guard isPlace else {
            throw .environment(variable: "KUBERNETES_SERVICE_HOST", value: host, problem: "it must be an address")
        }
        let server = ServerURL(isTLS: true, host: bare, port: number)
        let namespace = try? LocalFile.read(
            LocalFile.resolve("namespace", in: serviceAccount), limit: FileLimits.namespace)
        return ClusterAccess(
            server: server,
            trust: ServerTrust(authorities: .file(path: LocalFile.resolve("ca.crt", in: serviceAccount))),
            proxy: try proxies.server(for: server), user: UserCredentials(tokenFile: token),
            namespace: namespace.map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } },
            origin: "the ServiceAccount of this Pod")
    }
}
