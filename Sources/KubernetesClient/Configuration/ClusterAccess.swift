/// All that is needed to talk to one cluster's API server.
package struct ClusterAccess: Sendable {
    package var server: ServerURL
    package var trust: ServerTrust
    package var proxy: ProxyServer?
    package var user: UserCredentials
    /// The namespace of the context or of the Pod.
    package var namespace: String?
    /// Where this comes from, in words: `context "staging" of /home/jane/.kube/config`.
    package var origin: String
    /// What whoever runs this should know: each a line.
    package var warnings: [String]

    package init(
        server: ServerURL, trust: ServerTrust = ServerTrust(), proxy: ProxyServer? = nil,
        user: UserCredentials = UserCredentials(), namespace: String? = nil, origin: String, warnings: [String] = []
    ) {
        self.server = server
        self.trust = trust
        self.proxy = proxy
        self.user = user
        self.namespace = namespace
        self.origin = origin
        self.warnings = warnings
    }
}

/// Bytes given as such, or a file that holds them and may change.
package enum ConfiguredBytes: Sendable, Hashable {
    case bytes([UInt8])
    case file(path: String)
}

/// By what the server is recognised.
package struct ServerTrust: Sendable, Hashable {
    /// PEM; nil: the authorities of the operating system.
    package var authorities: ConfiguredBytes?
    /// The name the certificate has to be for, if it is not the server's host.
    package var serverName: String?
    /// Whoever answers is believed, and gets the credentials.
    package var skipsVerification: Bool

    package init(
        authorities: ConfiguredBytes? = nil, serverName: String? = nil, skipsVerification: Bool = false
    ) {
        self.authorities = authorities
        self.serverName = serverName
        self.skipsVerification = skipsVerification
    }
}

/// By what the server recognises the user. Several may be given; all are shown.
package struct UserCredentials: Sendable {
    package var certificate: ConfiguredBytes?
    package var key: ConfiguredBytes?
    /// A bearer token as it stands. Where there is a file too, it counts until that has been read.
    package var token: String?
    package var tokenFile: String?
    package var basic: BasicCredentials?
    package var plugin: ExecPlugin?
    /// Headers that have the server act as somebody else.
    package var impersonation: [(name: String, value: String)]

    package init(
        certificate: ConfiguredBytes? = nil, key: ConfiguredBytes? = nil, token: String? = nil,
        tokenFile: String? = nil, basic: BasicCredentials? = nil, plugin: ExecPlugin? = nil,
        impersonation: [(name: String, value: String)] = []
    ) {
        self.certificate = certificate
        self.key = key
        self.token = token
        self.tokenFile = tokenFile
        self.basic = basic
        self.plugin = plugin
        self.impersonation = impersonation
    }
}

package struct BasicCredentials: Sendable, Hashable, CustomStringConvertible {
    package var username: String
    package var password: String

    package init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    /// Without the password.
    package var description: String { username }
}

extension UserCredentials: CustomStringConvertible {
    /// Which there are, not what they are.
    package var description: String {
        var kinds: [String] = []
        if certificate != nil { kinds.append("client certificate") }
        if token != nil || tokenFile != nil { kinds.append("token") }
        if basic != nil { kinds.append("password") }
        if let plugin { kinds.append("plugin \(plugin.command)") }
        return kinds.isEmpty ? "none" : kinds.joined(separator: ", ")
    }
}

/// A program that prints credentials: the `exec` section of a kubeconfig's user.
package struct ExecPlugin: Sendable, Hashable {
    package enum Version: String, Sendable, Hashable, CaseIterable {
        case v1 = "client.authentication.k8s.io/v1"
        case v1beta1 = "client.authentication.k8s.io/v1beta1"
    }

    package enum InteractiveMode: String, Sendable, Hashable, CaseIterable {
        case never = "Never"
        case ifAvailable = "IfAvailable"
        case always = "Always"
    }

    package struct Variable: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package var version: Version
    /// A name to be found on the PATH, or a path.
    package var command: String
    package var arguments: [String]
    package var environment: [Variable]
    package var interactiveMode: InteractiveMode
    package var installHint: String?
    /// What is told about the cluster, as JSON; nil: nothing.
    package var clusterInfo: String?

    package init(
        version: Version = .v1, command: String, arguments: [String] = [], environment: [Variable] = [],
        interactiveMode: InteractiveMode = .never, installHint: String? = nil, clusterInfo: String? = nil
    ) {
        self.version = version
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.interactiveMode = interactiveMode
        self.installHint = installHint
        self.clusterInfo = clusterInfo
    }
}

extension ClusterAccess {
    /// A server that is asked without credentials, through the proxy that the environment names, if any.
    ///
    /// - Throws: `.environment` for a variable that names no proxy.
    package init(
        anonymouslyAt server: ServerURL, environment: [String: String], origin: String
    ) throws(ConfigurationError) {
        self.init(
            server: server, proxy: try ProxyEnvironment(variables: environment).server(for: server), origin: origin)
    }
}
