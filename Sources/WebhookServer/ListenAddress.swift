/// Where to listen: `0.0.0.0:8443`, `[::]:8443`, `localhost:8080`, or `:8443` for all interfaces.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// Without brackets; empty for all interfaces.
    package let host: String
    /// 0 lets the kernel choose.
    package let port: Int

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = Int(port)
    }

    package init(parsing text: String) throws(ListenAddressError) {
        let host: Substring
        let portText: Substring
        if text.hasPrefix("[") {
            guard let end = text.lastIndex(of: "]") else { throw .missingBracket(text) }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.hasPrefix(":") else { throw .missingPort(text) }
            guard host.contains(":") else { throw .notIPv6(text) }
            portText = rest.dropFirst()
        } else {
            guard let colon = text.lastIndex(of: ":") else { throw .missingPort(text) }
            host = text[..<colon]
            guard !host.contains(":") else { throw .unbracketedIPv6(text) }
            portText = text[text.index(after: colon)...]
        }
        let allowed: (Unicode.Scalar) -> Bool = { $0.isASCII && $0.value > 0x20 && $0 != "/" && $0 != "[" && $0 != "]" }
        guard host.unicodeScalars.allSatisfy(allowed) else { throw .badHost(text) }
        guard let port = decimal(portText.utf8), port <= Int(UInt16.max) else { throw .badPort(text) }
        self.host = String(host)
        self.port = port
    }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }

    /// The hosts to try in turn: a wildcard means both protocols where the kernel has IPv6, else IPv4 alone.
    var candidates: [String] {
        self.host.isEmpty ? ["::", "0.0.0.0"] : [self.host]
    }
}

package enum ListenAddressError: Error, Hashable, CustomStringConvertible {
    case missingPort(String)
    case badPort(String)
    case badHost(String)
    case missingBracket(String)
    case unbracketedIPv6(String)
    case notIPv6(String)

    package var description: String {
        switch self {
        case .missingPort(let text):
            "listen address \"\(text)\" has no port: write it as HOST:PORT, such as 0.0.0.0:8443"
        case .badPort(let text): "listen address \"\(text)\" has a bad port: use a number from 0 to 65535"
        case .badHost(let text): "listen address \"\(text)\" has a bad host: use an IP address, a host name or nothing"
        case .missingBracket(let text): "listen address \"\(text)\" has no closing bracket: write it as [::]:8443"
        case .unbracketedIPv6(let text):
            "listen address \"\(text)\" has bare colons: put an IPv6 address in brackets, such as [::]:8443"
        case .notIPv6(let text):
            "listen address \"\(text)\" has brackets around something other than IPv6: leave them out"
        }
    }
}
