import Testing

@testable import Certificates

/// What is found in one situation, and what is to be done about it.
struct RotationCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var observation: CertificateObservation
    var action: RotationAction

    init(_ description: String, _ observation: CertificateObservation, _ action: RotationAction) {
        (testDescription, self.observation, self.action) = (description, observation, action)
    }
}

/// Certificates by short names: `a`, `b` are CAs, a leaf of `a` is verified by it.
enum Sample {
    static let now: Int64 = 1_800_000_000
    static let names: Set<String> = ["gate.tallygate.svc", "gate.tallygate"]
    static let settings = RotationSettings(names: Array(names))
    static let day: Int64 = 86_400

    static func authority(_ name: String, age days: Int64 = 10, life: Int64 = 3_650) -> AuthorityFacts {
        AuthorityFacts(fingerprint: name, notBefore: now - days * day, notAfter: now + (life - days) * day)
    }

    static func leaf(
        of authorities: Set<String>, age days: Int64 = 10, life: Int64 = 90, names: Set<String> = names
    ) -> LeafFacts {
        LeafFacts(
            fingerprint: "leaf-\(authorities.sorted().joined())-\(days)", notBefore: now - days * day,
            notAfter: now + (life - days) * day, verifiedBy: authorities, names: names)
    }

    static func secret(
        _ authorities: [AuthorityFacts], canSign: Bool = true, leaf: SecretFacts.Leaf
    ) -> StoredSecret {
        .present(SecretFacts(authorities: authorities, canSign: canSign, leaf: leaf))
    }

    static func published(_ bundles: [[AuthorityFacts]?]) -> [PublishedBundles] {
        bundles.enumerated().map {
            PublishedBundles(configuration: "configuration \($0.offset)", bundles: [$0.element])
        }
    }

    static func gate(_ name: String, _ leaf: LeafFacts?, isReady: Bool = true) -> ReplicaFacts {
        ReplicaFacts(
            name: name, isReady: isReady, served: leaf.map(ReplicaFacts.Served.leaf) ?? .unreachable("no answer"))
    }

    static func found(
        _ secret: StoredSecret, _ bundles: [[AuthorityFacts]?], _ gates: [ReplicaFacts] = [], now: Int64 = now,
        elapsed: Duration = .seconds(1_000)
    ) -> CertificateObservation {
        CertificateObservation(
            secret: secret, configurations: published(bundles), replicas: gates, now: now, elapsed: elapsed)
    }
}

@Suite("Rotation of certificates")
struct RotationTests {
    typealias S = Sample
    static let (a, b, evil) = (S.authority("a"), S.authority("b"), S.authority("evil"))
    static let (old, worn) = (S.authority("a", age: 2_500), S.authority("a", age: 3_649 + 2))
    static let (leafA, leafB) = (S.leaf(of: ["a"]), S.leaf(of: ["b"]))
    static let whole = S.secret([a], leaf: .usable(leafA))
    static let steady = RotationWait.steady(until: S.now - 10 * S.day + 60 * S.day)

    static let cases = [
        RotationCase(
            "nothing is there: a CA, and no leaf before it is known", S.found(.absent, [[], []]),
            .establishAuthority(.absent, keeping: [], keepsLeaf: false)),
        RotationCase(
            "a CA alone is published first", S.found(S.secret([a], leaf: .none), [[], []]), .publish(["a"])),
        RotationCase(
            "also where only one configuration lacks it", S.found(S.secret([a], leaf: .none), [[a], []]),
            .publish(["a"])),
        RotationCase(
            "no gate serves: the first leaf comes at once", S.found(S.secret([a], leaf: .none), [[a], [a]]),
            .issueLeaf(.missing)),
        RotationCase(
            "a gate that is not ready yet changes nothing about that",
            S.found(S.secret([a], leaf: .none), [[a], [a]], [S.gate("x", nil, isReady: false)]),
            .issueLeaf(.missing)),
        RotationCase(
            "no webhooks at all: gates still get a leaf", S.found(S.secret([a], leaf: .none), []), .issueLeaf(.missing)),
        RotationCase("all is well", S.found(whole, [[a], [a]], [S.gate("x", leafA)]), .wait(steady)),
        RotationCase(
            "an emptied caBundle is filled", S.found(whole, [[a], []], [S.gate("x", leafA)]), .publish(["a"])),
        RotationCase(
            "a caBundle of garbage is replaced", S.found(whole, [nil, [a]], [S.gate("x", leafA)]), .publish(["a"])),
        RotationCase(
            "somebody else's CA in a caBundle goes", S.found(whole, [[a, evil], [a]], [S.gate("x", leafA)]),
            .publish(["a"])),
        RotationCase(
            "a deleted Secret: the CA that gates depend on is kept, another's is not",
            S.found(.absent, [[a, evil], [a]], [S.gate("x", leafA)]),
            .establishAuthority(.absent, keeping: ["a"], keepsLeaf: false)),
        RotationCase(
            "a deleted Secret while a ready gate does not answer: nothing is given up",
            S.found(.absent, [[a, b], [a]], [S.gate("x", nil)]),
            .establishAuthority(.absent, keeping: ["a", "b"], keepsLeaf: false)),
        RotationCase(
            "the Secret of another time: what gates serve stays trusted",
            S.found(whole, [[b], [b]], [S.gate("x", leafB)]), .publish(["a", "b"])),
        RotationCase(
            "ca.crt of garbage, the pair good: it stays",
            S.found(S.secret([], canSign: false, leaf: .usable(leafA)), [[a], [a]], [S.gate("x", leafA)]),
            .establishAuthority(.unreadable, keeping: ["a"], keepsLeaf: true)),
        RotationCase(
            "ca.key of another: a new CA beside the old one",
            S.found(S.secret([a], canSign: false, leaf: .usable(leafA)), [[a], [a]], [S.gate("x", leafA)]),
            .establishAuthority(.keyless, keeping: ["a"], keepsLeaf: true)),
        RotationCase(
            "two thirds of the CA's life", S.found(S.secret([old], leaf: .usable(leafA)), [[old], [old]]),
            .establishAuthority(.due, keeping: ["a"], keepsLeaf: true)),
        RotationCase(
            "a CA that has expired is replaced and not kept",
            S.found(S.secret([worn], leaf: .usable(S.leaf(of: ["a"], age: 100))), [[worn], [worn]]),
            .establishAuthority(.due, keeping: [], keepsLeaf: false)),
        RotationCase(
            "two thirds of the leaf's life",
            S.found(S.secret([a], leaf: .usable(S.leaf(of: ["a"], age: 61))), [[a], [a]]), .issueLeaf(.due)),
        RotationCase(
            "a wrong pair", S.found(S.secret([a], leaf: .unusable("no pair")), [[a], [a]]),
            .issueLeaf(.unusable("no pair"))),
        RotationCase(
            "a pair of somebody else", S.found(S.secret([a], leaf: .usable(S.leaf(of: []))), [[a], [a]]),
            .issueLeaf(.foreign)),
        RotationCase(
            "a Service of another name",
            S.found(S.secret([a], leaf: .usable(S.leaf(of: ["a"], names: ["other.svc"]))), [[a], [a]]),
            .issueLeaf(.names)),
        RotationCase(
            "the clock is behind: nothing is renewed", S.found(whole, [[a], [a]], now: S.now - 11 * S.day),
            .wait(.clockBehind(notBefore: a.notBefore))),
        RotationCase(
            "the clock is behind: what is trusted is still kept", S.found(whole, [[], []], now: S.now - 11 * S.day),
            .publish(["a"])),
    ]

    @Test("What is found decides what is done", arguments: cases)
    func decision(_ example: RotationCase) {
        var rotation = CertificateRotation(Sample.settings)
        #expect(rotation.next(example.observation) == example.action)
    }

    /// Feeds one observation after the other to one machine; the last action counts.
    private func last(_ observations: [CertificateObservation]) -> RotationAction? {
        var rotation = CertificateRotation(Sample.settings)
        return observations.map { rotation.next($0) }.last
    }

    @Test("A leaf is signed by a new CA only after it has stood everywhere for the settle time")
    func settling() {
        let both = [Self.b, Self.a]
        func found(_ bundles: [[AuthorityFacts]?], _ seconds: Int64) -> CertificateObservation {
            S.found(
                S.secret(both, leaf: .usable(Self.leafA)), bundles, [S.gate("x", Self.leafA)],
                elapsed: .seconds(seconds))
        }
        #expect(last([found([both, both], 0)]) == .wait(.settling(.seconds(60))))
        #expect(last([found([both, both], 0), found([both, both], 59)]) == .wait(.settling(.seconds(1))))
        #expect(last([found([both, both], 0), found([both, both], 60)]) == .issueLeaf(.authorityRenewed))
        // Taken away in between, it begins anew.
        #expect(last([found([both, both], 0), found([both, [Self.a]], 30)]) == .publish(["b", "a"]))
        #expect(
            last([
                found([both, both], 0), found([both, [Self.a]], 30), found([both, both], 31), found([both, both], 70),
            ])
                == .wait(.settling(.seconds(21))))
    }

    @Test("Where no gate is trusted there is nothing to wait for")
    func haste() {
        let both = [Self.b, Self.a]
        let expired = S.leaf(of: ["a"], age: 100)
        #expect(
            last([S.found(S.secret(both, leaf: .usable(expired)), [both, both], [S.gate("x", expired)])])
                == .issueLeaf(.authorityRenewed))
    }

    @Test("The old CA goes when every gate serves the new leaf, and not before")
    func retiring() {
        let both = [Self.b, Self.a]
        let secret = S.secret(both, leaf: .usable(Self.leafB))
        func found(_ gates: [ReplicaFacts], _ seconds: Int64) -> CertificateObservation {
            S.found(secret, [both, both], gates, elapsed: .seconds(seconds))
        }
        let (new, late, silent) = (S.gate("x", Self.leafB), S.gate("y", Self.leafA), S.gate("y", nil))
        #expect(last([found([new, late], 0), found([new, late], 100)]) == .wait(.replicas(["y"])))
        #expect(last([found([new, silent], 0), found([new, silent], 100)]) == .wait(.replicas(["y"])))
        // One that is starting may have read the leaf before.
        #expect(last([found([new, new], 0), found([new, new], 59)]) == .wait(.settling(.seconds(1))))
        #expect(last([found([new, new], 0), found([new, new], 60)]) == .retire(keeping: ["b"]))
        let starting = S.gate("y", nil, isReady: false)
        #expect(last([found([new, starting], 0), found([new, starting], 60)]) == .retire(keeping: ["b"]))
    }

    @Test("Lives: ten years and ninety days, two thirds, never longer than the signer's")
    func lives() {
        let settings = Sample.settings
        let made = settings.authorityValidity(at: Sample.now)
        #expect(made.notAfter - Sample.now == 3_650 * Sample.day)
        #expect(Sample.now - made.notBefore == 3_600)
        let leaf = settings.leafValidity(at: Sample.now, signedBy: Self.a)
        #expect(leaf.notAfter - Sample.now == 90 * Sample.day)
        let last = AuthorityFacts(fingerprint: "z", notBefore: 0, notAfter: Sample.now + 100)
        let short = settings.leafValidity(at: Sample.now, signedBy: last)
        #expect(short.notAfter == Sample.now + 100)
        // Else it would be renewed again and again.
        #expect(RotationSettings.renewal(notBefore: short.notBefore, notAfter: short.notAfter) > Sample.now)
        #expect(RotationSettings.renewal(notBefore: 0, notAfter: 90) == 60)
    }
}
