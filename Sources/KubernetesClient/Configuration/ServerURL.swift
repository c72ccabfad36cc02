/// Where a server is: scheme, host, port and the path all others begin with.
package struct ServerURL: Sendable, Hashable {
    package var isTLS: Bool
    /// A name or an address, without the brackets of IPv6.
    package var host: String
    package var port: Int
    /// Before every request's path; empty or beginning, not ending, with a slash. Gateways to many clusters use it.
    package var basePath: String

    package init(isTLS: Bool, host: String, port: Int, basePath: String = "") {
        self.isTLS = isTLS
        self.host = host
        self.port = port
        self.basePath = basePath
    }

    /// Why a text is no such URL.
    package enum Problem: Error, Equatable {
        case scheme(String)
        case host
        case port(String)
        case userInformation
        case query
        case character(Unicode.Scalar)

        package var text: String {
            switch self {
            case .scheme(let scheme): "has the scheme \(scheme)://; it must be https:// or http://"
            case .host: "names no host"
            case .port(let port): "has the port \"\(port)\"; ports are 1 to 65535"
            case .userInformation: "holds a user's name; give it as the user of the context"
            case .query: "holds a query or a fragment; remove them"
            case .character(let scalar): "holds the character '\(scalar)', which belongs into no URL"
            }
        }
    }

    /// Reads a URL as kubectl does.
    ///
    /// - Parameter assumesTLS: what holds where the text begins with the host.
    package init(_ text: String, assumesTLS: Bool) throws(Problem) {
        if let odd = text.unicodeScalars.first(where: {
            $0.value <= 0x20 || $0.value >= 0x7F || "\"<>\\^`{}|".unicodeScalars.contains($0)
        }) {
            throw .character(odd)
        }
        var rest = Substring(text)
        isTLS = assumesTLS
        if let colon = text.firstRange(of: "://") {
            let scheme = text[..<colon.lowerBound].lowercased()
            switch scheme {
            case "https": isTLS = true
            case "http": isTLS = false
            default: throw .scheme(scheme)
            }
            rest = text[colon.upperBound...]
        }
        guard !rest.contains("?"), !rest.contains("#") else { throw .query }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw .userInformation }
        var path = rest[authority.endIndex...]
        while path.last == "/" { path.removeLast() }
        basePath = String(path)
        let place = try Self.hostAndPort(authority)
        host = place.host
        port = place.port ?? (isTLS ? 443 : 80)
    }

    /// `host`, `host:port`, `[address]` or `[address]:port`.
    static func hostAndPort(_ authority: Substring) throws(Problem) -> (host: String, port: Int?) {
        let host: Substring
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .host }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            if !after.isEmpty {
                guard after.hasPrefix(":") else { throw .host }
                port = after.dropFirst()
            }
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
            // An IPv6 address takes brackets.
            guard !host.contains(":") else { throw .host }
        } else {
            host = authority
        }
        guard !host.isEmpty else { throw .host }
        guard let port, !port.isEmpty else { return (String(host), nil) }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(port),
            (1...65_535).contains(number)
        else { throw .port(String(port)) }
        return (String(host), number)
    }

    /// The host as a URL and a Host header have it.
    var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    /// The host, and the port where it is not the scheme's own.
    var authority: String { port == (isTLS ? 443 : 80) ? bracketedHost : "\(bracketedHost):\(port)" }
}

extension ServerURL: CustomStringConvertible {
    /// `https://10.0.0.1:6443`, with the port always.
    package var description: String { "\(isTLS ? "https" : "http")://\(bracketedHost):\(port)\(basePath)" }
}
