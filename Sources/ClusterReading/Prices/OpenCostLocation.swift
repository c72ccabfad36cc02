package import KubernetesClient

/// Where OpenCost's or Kubecost's prices are: a server, or a file of what one said.
package enum OpenCostLocation: Sendable, Hashable {
    /// - Parameter target: path and query.
    case server(ServerURL, target: String)
    case file(path: String)

    /// Where OpenCost and Kubecost show their metrics.
    private static let standardPath = "/metrics"

    /// Reads `http://opencost.opencost:9003`, `https://kubecost.example.com/model/metrics`, or a path. A URL without a path
    /// means `/metrics`.
    package init(_ text: String) throws(OpenCostLocationError) {
        guard let colon = text.firstRange(of: "://") else {
            guard !text.isEmpty else { throw OpenCostLocationError(text: text, problem: "is empty") }
            self = .file(path: text)
            return
        }
        guard !text[..<colon.lowerBound].isEmpty else {
            throw OpenCostLocationError(text: text, problem: "has no scheme; it must be https:// or http://")
        }
        guard !text.contains("#") else {
            throw OpenCostLocationError(text: text, problem: "holds a fragment; remove it")
        }
        let place = text.prefix { $0 != "?" }
        let query = text[place.endIndex...]
        guard query.utf8.allSatisfy({ Self.isPrintable($0) }) else {
            throw OpenCostLocationError(text: text, problem: "has a query with characters that belong into no URL")
        }
        do throws(ServerURL.Problem) {
            var server = try ServerURL(String(place), assumesTLS: false)
            let path = server.basePath.isEmpty ? Self.standardPath : server.basePath
            server.basePath = ""
            self = .server(server, target: path + Self.encoded(query))
        } catch {
            let problem =
                error == .userInformation ? "holds a user's name; servers of prices are asked without one" : error.text
            throw OpenCostLocationError(text: Self.withoutUser(text), problem: problem)
        }
    }

    /// As reports name it: `OpenCost at http://opencost.opencost:9003/metrics`, or the file. Without the query, which may
    /// hold a secret.
    package var origin: String {
        switch self {
        case .server(let server, let target): "OpenCost at \(server)\(target.prefix { $0 != "?" })"
        case .file(let path): "OpenCost's prices in \(path)"
        }
    }

    private static func isPrintable(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

    /// What Prometheus' selectors have and no URL may: `match[]={__name__="node_total_hourly_cost"}`.
    private static func encoded(_ query: Substring) -> String {
        var text = ""
        for scalar in query.unicodeScalars {
            if "\"<>\\^`{}|[]".unicodeScalars.contains(scalar) {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// For messages: what stands before the `@` may be a password.
    private static func withoutUser(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://"), let at = text.lastIndex(of: "@") else { return text }
        return text[..<scheme.upperBound] + "…" + text[at...]
    }
}

/// Why a text names no place of prices.
package struct OpenCostLocationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Without a user's name and password.
    package var text: String
    package var problem: String

    package var description: String {
        "--opencost \"\(text)\" \(problem); give a URL such as http://opencost.opencost:9003/metrics, or a file"
    }
}
