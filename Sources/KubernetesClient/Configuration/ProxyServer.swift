import Glibc

/// What stands between here and the server.
package struct ProxyServer: Sendable, Hashable {
    package enum Scheme: Sendable, Hashable {
        /// HTTP's CONNECT, in plain text up to the proxy; what goes through is TLS.
        case http
        case socks5
    }

    package var scheme: Scheme
    package var host: String
    package var port: Int
    package var credentials: BasicCredentials?

    package init(scheme: Scheme, host: String, port: Int, credentials: BasicCredentials? = nil) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.credentials = credentials
    }

    enum Problem: Error, Equatable {
        case scheme(String)
        case place(ServerURL.Problem)
        case socksCredentials

        var text: String {
            switch self {
            case .scheme("https"):
                "is an https:// proxy, which is not supported; name its http:// port (what goes through is encrypted)"
            case .scheme(let scheme): "has the scheme \(scheme)://; it must be http:// or socks5://"
            case .place(let problem): problem.text
            case .socksCredentials: "gives a user's name to a SOCKS proxy, which is not supported; remove it"
            }
        }
    }

    /// Reads `http://user:password@host:port` or `socks5://host:port`; without a scheme it is http.
    init(_ text: String) throws(Problem) {
        var rest = Substring(text)
        scheme = .http
        if let colon = text.firstRange(of: "://") {
            let name = text[..<colon.lowerBound].lowercased()
            switch name {
            case "http": scheme = .http
            case "socks5", "socks5h": scheme = .socks5
            default: throw .scheme(name)
            }
            rest = text[colon.upperBound...]
        }
        var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") {
            guard scheme == .http else { throw .socksCredentials }
            let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            credentials = BasicCredentials(
                username: PercentEncoding.decode(parts[0]),
                password: parts.count > 1 ? PercentEncoding.decode(parts[1]) : "")
            authority = authority[authority.index(after: at)...]
        }
        do {
            let place = try ServerURL.hostAndPort(authority)
            host = place.host
            port = place.port ?? (scheme == .http ? 80 : 1080)
        } catch {
            throw .place(error)
        }
    }
}

extension ProxyServer: CustomStringConvertible {
    /// Without the password.
    package var description: String {
        "\(scheme == .http ? "http" : "socks5")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

/// The variables that name a proxy, read as Go's programs (kubectl among them) read them.
struct ProxyEnvironment {
    /// The variable that named the proxy, for messages.
    struct Choice {
        var variable: String
        var text: String
    }

    let variables: [String: String]

    /// The proxy for a server; nil: none.
    func proxy(for server: ServerURL) -> Choice? {
        let name = server.isTLS ? "HTTPS_PROXY" : "HTTP_PROXY"
        guard let choice = value(name), !bypasses(server) else { return nil }
        return choice
    }

    private func value(_ name: String) -> Choice? {
        for name in [name, name.lowercased()] {
            if let text = variables[name], !text.isEmpty { return Choice(variable: name, text: text) }
        }
        return nil
    }

    /// `NO_PROXY`: a list of `*`, names (and all below them), `.names` (only below), addresses and ranges of
    /// addresses, each with a port or without. This machine is never asked for through a proxy.
    private func bypasses(_ server: ServerURL) -> Bool {
        let host = server.host.lowercased()
        let address = IPAddress(host)
        if host == "localhost" || address?.isLoopback == true { return true }
        for entry in (value("NO_PROXY")?.text ?? "").lowercased().split(separator: ",") {
            let entry = entry.filter { $0 != " " && $0 != "\t" }
            if entry == "*" { return true }
            if let range = IPRange(entry) {
                if let address, range.contains(address) { return true }
                continue
            }
            var name = Substring(entry)
            if IPAddress(entry) == nil, let place = try? ServerURL.hostAndPort(name[...]) {
                if let port = place.port, port != server.port { continue }
                name = Substring(place.host)
            }
            if let wanted = IPAddress(String(name)) {
                if wanted == address { return true }
                continue
            }
            if name.hasPrefix("*.") { name = name.dropFirst() }
            if name.hasPrefix(".") {
                if host.hasSuffix(name) { return true }
            } else if !name.isEmpty, host == name || host.hasSuffix("." + name) {
                return true
            }
        }
        return false
    }
}

/// An IPv4 or IPv6 address.
struct IPAddress: Equatable {
    /// In network order: 4 or 16.
    let bytes: [UInt8]

    init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: &six) { Array($0) }
        } else {
            return nil
        }
    }

    var isLoopback: Bool {
        bytes.count == 4 ? bytes.first == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}

/// `10.0.0.0/8`.
struct IPRange {
    private let address: IPAddress
    private let length: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
            (0...address.bytes.count * 8).contains(length)
        else { return nil }
        self.address = address
        self.length = length
    }

    func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            let mask: UInt8 = 0x80 >> UInt8(bit % 8)
            return other.bytes[bit / 8] & mask == address.bytes[bit / 8] & mask
        }
    }
}
