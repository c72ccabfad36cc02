/// Why there is no answer: between this process and the API server's words.
package struct TransportError: Error, Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        /// Nobody listens there.
        case refused
        /// The network has no way there; the system's words.
        case unreachable(String)
        /// The name has no address.
        case unresolved(host: String)
        case timedOut(Phase)
        /// The connection ended before the answer did.
        case closed
        /// The server's certificate is not accepted.
        case certificate(CertificateProblem)
        /// The server does not accept the client's certificate, or wants one.
        case clientCertificateRefused(String)
        /// What answers does not speak TLS.
        case notTLS
        /// Any other failure of TLS, in the library's words.
        case tls(String)
        case proxy(String)
        /// The bytes are not HTTP, in the library's words.
        case malformed(String)
        case bodyTooLarge(limit: Int)
        /// The files or texts that TLS is set up from are of no use.
        case unusableIdentity(String)
        case cancelled
        case shutDown
        /// What none of the others says, in the library's words.
        case other(String)
    }

    package enum Phase: Sendable, Hashable {
        case connection, handshake, answer
    }

    /// What is wrong with the server's certificate.
    package enum CertificateProblem: Sendable, Hashable {
        /// Not issued by a CA that the configuration names.
        case untrusted(issuer: String?)
        /// Times are RFC 3339, UTC.
        case expired(at: String, now: String)
        case notYetValid(from: String, now: String)
        /// It is for other names than the one it was asked by.
        case wrongName(expected: String, names: [String])
    }

    /// What was connected to: `https://10.0.0.1:6443`, without user or password.
    package var address: String
    package var reason: Reason

    package init(address: String, reason: Reason) {
        self.address = address
        self.reason = reason
    }

    /// Whether the same request may fare better in a moment. What is wrong with names, certificates or sizes stays
    /// wrong.
    package var isRetriable: Bool {
        switch reason {
        case .refused, .unreachable, .timedOut, .closed, .proxy, .unresolved: true
        case .certificate, .clientCertificateRefused, .notTLS, .tls, .malformed, .bodyTooLarge, .unusableIdentity,
            .cancelled, .shutDown, .other:
            false
        }
    }
}

extension TransportError: CustomStringConvertible {
    /// One line: what failed, where, and what to do.
    package var description: String { "\(address): \(problem); \(remedy)" }

    package var problem: String {
        switch reason {
        case .refused: "connection refused"
        case .unreachable(let words): "unreachable: \(words)"
        case .unresolved(let host): "the name \(host) has no address"
        case .timedOut(.connection): "no connection in time"
        case .timedOut(.handshake): "no TLS handshake in time"
        case .timedOut(.answer): "no answer in time"
        case .closed: "the connection was closed before the answer was complete"
        case .certificate(let problem): problem.text
        case .clientCertificateRefused(let words): "the server refuses the client certificate (\(words))"
        case .notTLS: "what answers there does not speak TLS"
        case .tls(let words): "TLS failed: \(words)"
        case .proxy(let words): "the proxy does not let through: \(words)"
        case .malformed(let words): "the answer is not HTTP: \(words)"
        case .bodyTooLarge(let limit): "the answer has more than \(limit) bytes"
        case .unusableIdentity(let words): words
        case .cancelled: "given up"
        case .shutDown: "the client is shut down"
        case .other(let words): words
        }
    }

    package var remedy: String {
        switch reason {
        case .refused: "is the API server running, and is this its port?"
        case .unreachable: "check the network, a VPN, and network policies"
        case .unresolved: "check the server's name in the kubeconfig, and DNS"
        case .timedOut(.connection): "is the address right, and does a firewall drop packets?"
        case .timedOut(.handshake), .timedOut(.answer): "the server is slow or stuck; check its load"
        case .closed: "the server or something between closed it; it is safe to try again"
        case .certificate(let problem): problem.remedy
        case .clientCertificateRefused: "has it expired, and is it from the CA the server trusts (--client-ca-file)?"
        case .notTLS: "is the port right, and is the server's URL meant to be http://?"
        case .tls: "check the server's TLS settings and the certificates in the kubeconfig"
        case .proxy: "check proxy-url, HTTPS_PROXY and NO_PROXY"
        case .malformed: "is it an API server?"
        case .bodyTooLarge: "ask for less at once"
        case .unusableIdentity: "check the certificate and key in the kubeconfig"
        case .cancelled, .shutDown: "nothing needs to be done"
        case .other: "check the address and the network"
        }
    }
}

extension TransportError.CertificateProblem {
    var text: String {
        switch self {
        case .untrusted(let issuer):
            "the server's certificate is not from a CA that is trusted here" + (issuer.map { " (issuer: \($0))" } ?? "")
        case .expired(let time, let now): "the server's certificate expired at \(time); it is \(now) here"
        case .notYetValid(let time, let now): "the server's certificate is valid from \(time) on; it is \(now) here"
        case .wrongName(let expected, let names):
            "the server's certificate is not for \(expected)"
                + (names.isEmpty ? "" : " but for \(names.joined(separator: ", "))")
        }
    }

    var remedy: String {
        switch self {
        case .untrusted: "put the right CA into certificate-authority-data (has the cluster been made anew?)"
        case .expired: "renew it; or is the clock skewed here?"
        case .notYetValid: "is the clock skewed, here or where it was issued?"
        case .wrongName: "use one of its names in the server's URL, or set tls-server-name"
        }
    }
}
