import LocatedDocuments

/// Kubeconfig files merged by kubectl's rules: of entries of one name, that of the first file counts, whole; so does
/// the first `current-context`.
struct Kubeconfig {
    private let files: [KubeconfigFile]

    init(_ files: [KubeconfigFile]) {
        self.files = files
    }

    var isEmpty: Bool {
        files.allSatisfy { file in file.currentContext == nil && file.entries.values.allSatisfy(\.isEmpty) }
    }

    private var paths: [String] { files.map(\.source.name) }

    private func names(_ section: KubeconfigFile.Section) -> [String] {
        var seen: Set<String> = []
        return files.flatMap { $0.entries[section] ?? [] }.map(\.name).filter { seen.insert($0).inserted }
    }

    private func content(_ section: KubeconfigFile.Section, named name: String) -> KubeconfigFields? {
        for file in files {
            if let entry = file.entries[section]?.first(where: { $0.name == name }) { return entry.content }
        }
        return nil
    }

    // MARK: Choosing

    /// What a context leads to.
    ///
    /// - Parameter context: nil: the current one.
    func access(context: String?, proxies: ProxyEnvironment) throws(ConfigurationError) -> ClusterAccess {
        let (name, fields) = try chosenContext(context)
        let cluster = try referred(.clusters, by: fields, isRequired: true)
        let user = try referred(.users, by: fields, isRequired: false)
        guard let cluster else {
            throw fields.problem("\(fields.path) names no cluster", remedy: remedy("", .clusters), at: fields.node)
        }
        var access = try ClusterReading(fields: cluster, proxies: proxies).access(
            origin: "context \"\(Terminal.printable(name))\" of \(fields.source.name)")
        if let user { access.user = try UserReading(fields: user).credentials(for: cluster, access) }
        access.namespace = try fields.string("namespace")
        return access
    }

    private func chosenContext(_ given: String?) throws(ConfigurationError) -> (String, KubeconfigFields) {
        if let given {
            guard let content = content(.contexts, named: given) else {
                throw .missing(
                    what: "there is no context named \"\(given)\"", files: paths, remedy: remedy(given, .contexts))
            }
            return (given, content)
        }
        for file in files {
            guard let node = file.currentContext, let name = node.string else { continue }
            guard let content = content(.contexts, named: name) else {
                throw .document(
                    file.source.diagnostic(
                        .error, Terminal.printable("current-context: there is no context named \"\(name)\""),
                        remedy: remedy(name, .contexts), at: node))
            }
            return (name, content)
        }
        throw .missing(
            what: "no current-context is set", files: paths,
            remedy: "give --context or run kubectl config use-context; " + listed(.contexts))
    }

    private func referred(
        _ section: KubeconfigFile.Section, by context: KubeconfigFields, isRequired: Bool
    ) throws(ConfigurationError) -> KubeconfigFields? {
        guard let name = try context.string(section.entryName) else { return nil }
        if let content = content(section, named: name) { return content }
        throw context.problem(
            "\(context.path): there is no \(section.entryName) named \"\(name)\"", remedy: remedy(name, section),
            at: context.node[section.entryName] ?? context.node)
    }

    /// Long enough to find a name in, short enough for a line.
    private static let namesShown = 10

    private func remedy(_ wrong: String, _ section: KubeconfigFile.Section) -> String {
        (didYouMean(wrong, names(section)).map { "did you mean \"\($0)\"? " } ?? "") + listed(section)
    }

    private func listed(_ section: KubeconfigFile.Section) -> String {
        let names = names(section)
        guard !names.isEmpty else { return "there are no \(section.rawValue)" }
        let shown = names.prefix(Self.namesShown).joined(separator: ", ")
        let rest = names.count > Self.namesShown ? " and \(names.count - Self.namesShown) more" : ""
        return "there are \(Terminal.printable(shown))\(rest)"
    }
}

/// The content of one of `clusters`.
struct ClusterReading {
    let fields: KubeconfigFields
    let proxies: ProxyEnvironment

    func access(origin: String) throws(ConfigurationError) -> ClusterAccess {
        var trust = ServerTrust()
        trust.authorities = try fields.bytes("certificate-authority", limit: FileLimits.certificates)
        trust.skipsVerification = try fields.bool("insecure-skip-tls-verify")
        if trust.skipsVerification, trust.authorities != nil, let node = fields.node["insecure-skip-tls-verify"] {
            throw fields.problem(
                "\(fields.path): insecure-skip-tls-verify is set although there is a certificate-authority",
                remedy: "remove insecure-skip-tls-verify", at: node)
        }
        let server = try server(assumesTLS: trust.authorities != nil || trust.skipsVerification)
        trust.serverName = try serverName(server)
        var access = ClusterAccess(
            server: server, trust: trust, proxy: try proxy(for: server), origin: origin)
        if trust.skipsVerification {
            access.warnings.append(
                "INSECURE: \(origin) sets insecure-skip-tls-verify: whoever answers at \(server) is believed and gets "
                    + "the credentials; set certificate-authority-data instead")
        } else if !server.isTLS {
            access.warnings.append(
                "INSECURE: \(origin) talks to \(server) in plain text: the credentials can be read on the way; use https://"
            )
        }
        return access
    }

    private func server(assumesTLS: Bool) throws(ConfigurationError) -> ServerURL {
        guard let text = try fields.string("server"), let node = fields.node["server"] else {
            throw fields.problem(
                "\(fields.path) has no server", remedy: "add server: https://HOST:6443", at: fields.node)
        }
        do {
            return try ServerURL(text, assumesTLS: assumesTLS)
        } catch {
            throw fields.problem(
                "\(fields.path): the server \(error.text)", remedy: "write https://HOST:PORT", at: node)
        }
    }

    private func serverName(_ server: ServerURL) throws(ConfigurationError) -> String? {
        guard let name = try fields.string("tls-server-name"), let node = fields.node["tls-server-name"],
            name != server.host
        else { return nil }
        let isName =
            name.utf8.count <= 253
            && name.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_": true
                default: false
                }
            }
        guard isName, IPAddress(name) == nil else {
            throw fields.problem(
                "\(fields.path): tls-server-name must be a DNS name, found \"\(name)\"",
                remedy: "use one of the certificate's DNS names, or put the address into the server's URL", at: node)
        }
        return name
    }

    private func proxy(for server: ServerURL) throws(ConfigurationError) -> ProxyServer? {
        if let text = try fields.string("proxy-url"), let node = fields.node["proxy-url"] {
            do {
                return try ProxyServer(text)
            } catch {
                throw fields.problem("\(fields.path): proxy-url \(error.text)", remedy: nil, at: node)
            }
        }
        return try proxies.server(for: server)
    }
}

extension ProxyEnvironment {
    /// The proxy that the environment names for a server.
    func server(for server: ServerURL) throws(ConfigurationError) -> ProxyServer? {
        guard let choice = proxy(for: server) else { return nil }
        do {
            return try ProxyServer(choice.text)
        } catch {
            // The value may hold a password.
            let shown = choice.text.split(separator: "@").last.map(String.init) ?? ""
            throw .environment(variable: choice.variable, value: shown, problem: error.text)
        }
    }
}
