import LocatedDocuments

/// The content of one of a kubeconfig's `users`.
struct UserReading {
    let fields: KubeconfigFields

    func credentials(
        for cluster: KubeconfigFields, _ access: ClusterAccess
    ) throws(ConfigurationError) -> UserCredentials {
        if let node = fields.node["auth-provider"], !node.isNull {
            let name = node["name"]?.string ?? ""
            throw fields.problem(
                "\(fields.path): auth-provider \"\(name)\" went out of use with Kubernetes 1.26",
                remedy: Self.successor(of: name), at: node)
        }
        var user = UserCredentials()
        user.certificate = try fields.bytes("client-certificate", limit: FileLimits.certificates)
        user.key = try fields.bytes("client-key", limit: FileLimits.key)
        if (user.certificate == nil) != (user.key == nil) {
            let (has, lacks) =
                user.key == nil ? ("client-certificate", "client-key") : ("client-key", "client-certificate")
            throw fields.problem(
                "\(fields.path) has a \(has) but no \(lacks)", remedy: "add \(lacks) or \(lacks)-data", at: fields.node)
        }
        user.token = try fields.string("token")
        if let token = user.token, !token.isHeaderSafe, let node = fields.node["token"] {
            throw fields.problem(
                "\(fields.path): the token holds characters that no header may", remedy: "copy it anew", at: node)
        }
        user.tokenFile = try fields.file("tokenFile")
        user.basic = try basic()
        user.plugin = try fields.object("exec").map { exec throws(ConfigurationError) in
            try PluginReading(fields: exec).plugin(clusterInfo: ClusterInfo(fields: cluster, access: access))
        }
        user.impersonation = try impersonation()
        try checkForRivals(user)
        return user
    }

    private func basic() throws(ConfigurationError) -> BasicCredentials? {
        let username = try fields.string("username")
        let password = try fields.string("password")
        guard username != nil || password != nil else { return nil }
        return BasicCredentials(username: username ?? "", password: password ?? "")
    }

    /// kubectl refuses two kinds of credentials that use the same header.
    private func checkForRivals(_ user: UserCredentials) throws(ConfigurationError) {
        guard user.token != nil || user.tokenFile != nil else { return }
        if user.basic != nil {
            throw fields.problem(
                "\(fields.path) has both a token and a password", remedy: "keep one of the two", at: fields.node)
        }
    }

    private func impersonation() throws(ConfigurationError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let user = try fields.string("as") { headers.append(("Impersonate-User", user)) }
        if let uid = try fields.string("as-uid") { headers.append(("Impersonate-Uid", uid)) }
        for group in try fields.strings("as-groups") { headers.append(("Impersonate-Group", group)) }
        if let extra = try fields.object("as-user-extra") {
            for entry in extra.node.mapping ?? [] {
                for value in try extra.strings(entry.name) {
                    headers.append(("Impersonate-Extra-" + PercentEncoding.encode(entry.name), value))
                }
            }
        }
        if let first = headers.first, headers.allSatisfy({ $0.name != "Impersonate-User" }) {
            throw fields.problem(
                "\(fields.path) has \(first.name == "Impersonate-Uid" ? "as-uid" : "as-groups or as-user-extra") but no as",
                remedy: "add as: USER", at: fields.node)
        }
        guard headers.allSatisfy({ $0.value.isHeaderSafe }) else {
            throw fields.problem(
                "\(fields.path): as, as-uid, as-groups or as-user-extra holds characters that no header may",
                remedy: nil, at: fields.node)
        }
        return headers
    }

    private static func successor(of provider: String) -> String {
        switch provider {
        case "gcp": "use the exec plugin gke-gcloud-auth-plugin: gcloud container clusters get-credentials CLUSTER"
        case "azure": "use the exec plugin kubelogin: kubelogin convert-kubeconfig"
        case "oidc": "use the exec plugin kubectl oidc-login (https://github.com/int128/kubelogin)"
        default: "use an exec plugin instead"
        }
    }
}

extension String {
    /// Whether it can be a header's value: visible ASCII and spaces.
    var isHeaderSafe: Bool { utf8.allSatisfy { (0x20..<0x7F).contains($0) } }
}

/// A user's `exec` section.
private struct PluginReading {
    let fields: KubeconfigFields

    func plugin(clusterInfo: ClusterInfo) throws(ConfigurationError) -> ExecPlugin {
        guard let command = try fields.string("command") else {
            throw fields.problem("\(fields.path) has no command", remedy: "name the program to run", at: fields.node)
        }
        let version = try choice("apiVersion", ExecPlugin.Version.self)
        guard let version else {
            throw fields.problem(
                "\(fields.path) has no apiVersion", remedy: "write \(ExecPlugin.Version.v1.rawValue)", at: fields.node)
        }
        var mode = try choice("interactiveMode", ExecPlugin.InteractiveMode.self)
        if mode == nil, version == .v1beta1 { mode = .ifAvailable }
        guard let mode else {
            throw fields.problem(
                "\(fields.path) has no interactiveMode", remedy: "write Never, IfAvailable or Always", at: fields.node)
        }
        var environment: [ExecPlugin.Variable] = []
        for variable in try fields.objects("env") {
            guard let name = try variable.string("name"), !name.contains("="), !name.contains("\0") else {
                throw fields.problem("\(variable.path) has no usable name", remedy: nil, at: variable.node)
            }
            environment.append(ExecPlugin.Variable(name: name, value: try variable.string("value") ?? ""))
        }
        return ExecPlugin(
            version: version,
            // As kubectl: a name is looked for on the PATH, a path is relative to the kubeconfig.
            command: command.contains("/") ? LocalFile.resolve(command, in: fields.folder) : command,
            arguments: try fields.strings("args"), environment: environment, interactiveMode: mode,
            installHint: try fields.string("installHint").map {
                $0.split(whereSeparator: \.isNewline).joined(separator: " ")
            },
            clusterInfo: try fields.bool("provideClusterInfo") ? clusterInfo.json() : nil)
    }

    private func choice<Choice: RawRepresentable & CaseIterable>(
        _ field: String, _ type: Choice.Type
    ) throws(ConfigurationError) -> Choice? where Choice.RawValue == String {
        guard let text = try fields.string(field), let node = fields.node[field] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        throw fields.problem(
            "\(fields.path): \(field) cannot be \"\(text)\"",
            remedy: didYouMean(text, words).map { "did you mean \($0)?" }
                ?? "it is one of \(words.joined(separator: ", "))", at: node)
    }
}

/// What a plugin is told of the cluster: `spec.cluster` of an ExecCredential.
private struct ClusterInfo {
    let fields: KubeconfigFields
    let access: ClusterAccess

    func json() throws(ConfigurationError) -> String {
        var members = ["\"server\":" + Self.quoted(try fields.string("server") ?? "")]
        if let name = try fields.string("tls-server-name") {
            members.append("\"tls-server-name\":" + Self.quoted(name))
        }
        if access.trust.skipsVerification { members.append("\"insecure-skip-tls-verify\":true") }
        if let authorities = try authorities() {
            members.append("\"certificate-authority-data\":" + Self.quoted(Base64.encode(authorities)))
        }
        if let proxy = try fields.string("proxy-url") { members.append("\"proxy-url\":" + Self.quoted(proxy)) }
        for item in try fields.objects("extensions") {
            guard try item.string("name") == "client.authentication.k8s.io/exec", let config = item.node["extension"]
            else { continue }
            do {
                members.append(
                    "\"config\":" + String(decoding: try config.json(maximumBytes: Self.limit), as: UTF8.self))
            } catch {
                throw fields.problem(error.message, remedy: "shorten the extension", at: config)
            }
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// Linux takes 128 KiB in one variable of the environment.
    private static let limit = 64 << 10

    private func authorities() throws(ConfigurationError) -> [UInt8]? {
        switch access.trust.authorities {
        case nil: return nil
        case .bytes(let bytes): return bytes
        case .file(let path):
            do {
                return try LocalFile.read(path, limit: Self.limit)
            } catch {
                throw .unreadable(path: path, purpose: "the certificate authority", cause: error.cause)
            }
        }
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
