/// A CA as the rotation sees it. Times are seconds since 1970-01-01T00:00:00Z throughout.
package struct AuthorityFacts: Sendable, Hashable {
    /// SHA-256 of its DER form, in hexadecimal: what it is told apart by.
    package let fingerprint: String
    package let notBefore: Int64
    package let notAfter: Int64

    package init(fingerprint: String, notBefore: Int64, notAfter: Int64) {
        self.fingerprint = fingerprint
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    func isExpired(at now: Int64) -> Bool { now > notAfter }
}

/// A server's certificate as the rotation sees it.
package struct LeafFacts: Sendable, Hashable {
    package let fingerprint: String
    package let notBefore: Int64
    package let notAfter: Int64
    /// Fingerprints of the CAs, of all that were seen anywhere, that a client would accept it by.
    package let verifiedBy: Set<String>
    /// The DNS names it is for.
    package let names: Set<String>

    package init(
        fingerprint: String, notBefore: Int64, notAfter: Int64, verifiedBy: Set<String>, names: Set<String>
    ) {
        self.fingerprint = fingerprint
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.verifiedBy = verifiedBy
        self.names = names
    }

    func isValid(at now: Int64) -> Bool { notBefore <= now && now <= notAfter }
}

/// What stands in the Secret.
package enum StoredSecret: Sendable, Hashable {
    case absent
    case present(SecretFacts)
}

package struct SecretFacts: Sendable, Hashable {
    package enum Leaf: Sendable, Hashable {
        /// Not issued yet: the CA is being made known first.
        case none
        /// There is something, and it is no pair. Why, for people.
        case unusable(String)
        case usable(LeafFacts)
    }

    /// Those a client is to trust, the newest first. Empty if they cannot be read.
    package let authorities: [AuthorityFacts]
    /// Whether the key of the newest is there and belongs to it.
    package let canSign: Bool
    package let leaf: Leaf

    package init(authorities: [AuthorityFacts], canSign: Bool, leaf: Leaf) {
        self.authorities = authorities
        self.canSign = canSign
        self.leaf = leaf
    }
}

/// What one webhook configuration tells API servers to trust.
package struct PublishedBundles: Sendable, Hashable {
    /// For people: `ValidatingWebhookConfiguration tallygate`.
    package let configuration: String
    /// Of each of its webhooks; nil where the caBundle cannot be read, empty where there is none.
    package let bundles: [[AuthorityFacts]?]

    package init(configuration: String, bundles: [[AuthorityFacts]?]) {
        self.configuration = configuration
        self.bundles = bundles
    }

    /// Whether all its webhooks trust these and nobody else.
    package func carries(exactly fingerprints: Set<String>) -> Bool {
        bundles.allSatisfy { bundle in bundle.map { Set($0.map(\.fingerprint)) == fingerprints } ?? false }
    }

    package func carries(_ fingerprint: String) -> Bool {
        bundles.allSatisfy { $0?.contains { $0.fingerprint == fingerprint } ?? false }
    }
}

/// What one gate answers handshakes with.
package struct ReplicaFacts: Sendable, Hashable {
    package enum Served: Sendable, Hashable {
        case leaf(LeafFacts)
        /// It did not answer. Why, for people.
        case unreachable(String)
    }

    package let name: String
    /// Whether API servers may be sent to it.
    package let isReady: Bool
    package let served: Served

    package init(name: String, isReady: Bool, served: Served) {
        self.name = name
        self.isReady = isReady
        self.served = served
    }
}

/// All that the next step depends on, as it was found.
package struct CertificateObservation: Sendable, Hashable {
    package var secret: StoredSecret
    /// Of those that exist.
    package var configurations: [PublishedBundles]
    package var replicas: [ReplicaFacts]
    /// The time of day.
    package var now: Int64
    /// Time that only runs forward, from any beginning: for waiting, which must not follow a clock that is set.
    package var elapsed: Duration

    package init(
        secret: StoredSecret, configurations: [PublishedBundles], replicas: [ReplicaFacts], now: Int64,
        elapsed: Duration
    ) {
        self.secret = secret
        self.configurations = configurations
        self.replicas = replicas
        self.now = now
        self.elapsed = elapsed
    }
}
