import TestSupport
import Testing

@testable import Certificates

/// A cluster in which everything happens late, in any order: API servers hear of bundles, gates of the Secret, keepers
/// die and begin anew, Secrets are deleted.
private struct SimulatedCluster {
    struct APIServer {
        /// What it goes by, and what it will hear of, with the moment.
        var trusts: Set<String> = []
        var coming: [(at: Int64, trusts: Set<String>)] = []
    }

    static let settings: RotationSettings = {
        var settings = RotationSettings(names: ["gate"])
        settings.authorityLifetime = .seconds(3_000)
        settings.leafLifetime = .seconds(900)
        return settings
    }()
    static let settle = 60

    var random: SeededGenerator
    var now: Int64 = 1_000_000
    var keeper = CertificateRotation(settings)
    var secret = StoredSecret.absent
    var bundles: [[AuthorityFacts]] = [[], []]
    var authorities: [String: AuthorityFacts] = [:]
    var servers = [APIServer(), APIServer(), APIServer()]
    var gates: [LeafFacts?] = [nil, nil, nil]
    var made = 0
    var rotations = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func chance(_ one: Int, in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) < one }

    mutating func observe() -> CertificateObservation {
        let replicas = gates.enumerated().map { place, leaf in
            // Probes fail now and then.
            let answers = Int.random(in: 0..<10, using: &random) > 0
            return ReplicaFacts(
                name: "gate-\(place)", isReady: leaf != nil,
                served: leaf.flatMap { answers ? ReplicaFacts.Served.leaf($0) : nil } ?? .unreachable("late"))
        }
        return CertificateObservation(
            secret: secret,
            configurations: bundles.enumerated().map {
                PublishedBundles(configuration: "\($0.offset)", bundles: [$0.element])
            },
            replicas: replicas, now: now, elapsed: .seconds(now))
    }

    mutating func act() {
        let action = keeper.next(observe())
        // A keeper may die between looking and writing.
        if chance(1, in: 30) { return keeper = CertificateRotation(Self.settings) }
        switch action {
        case .wait: break
        case .establishAuthority(_, let keeping, let keepsLeaf):
            made += 1
            let life = Self.settings.authorityValidity(at: now)
            let authority = AuthorityFacts(
                fingerprint: "ca-\(made)", notBefore: life.notBefore, notAfter: life.notAfter)
            authorities[authority.fingerprint] = authority
            var leaf = SecretFacts.Leaf.none
            if keepsLeaf, case .present(let facts) = secret { leaf = facts.leaf }
            secret = .present(
                SecretFacts(
                    authorities: [authority] + keeping.compactMap { authorities[$0] }, canSign: true, leaf: leaf))
        case .publish(let fingerprints):
            for place in bundles.indices {
                bundles[place] = fingerprints.compactMap { authorities[$0] }
                // The keeper may die between two configurations.
                if chance(1, in: 20) {
                    keeper = CertificateRotation(Self.settings)
                    break
                }
            }
            spread()
        case .issueLeaf:
            guard case .present(let facts) = secret, let newest = facts.authorities.first else { return }
            made += 1
            let life = Self.settings.leafValidity(at: now, signedBy: newest)
            secret = .present(
                SecretFacts(
                    authorities: facts.authorities, canSign: true,
                    leaf: .usable(
                        LeafFacts(
                            fingerprint: "leaf-\(made)", notBefore: life.notBefore, notAfter: life.notAfter,
                            verifiedBy: [newest.fingerprint], names: ["gate"]))))
        case .retire(let keeping):
            guard case .present(let facts) = secret else { return }
            rotations += 1
            secret = .present(
                SecretFacts(
                    authorities: facts.authorities.filter { keeping.contains($0.fingerprint) }, canSign: true,
                    leaf: facts.leaf))
        }
    }

    /// Every API server hears of it within the settle time. What both configurations carry is what it accepts.
    private mutating func spread() {
        let trusts = Set(bundles[0].map(\.fingerprint)).intersection(bundles[1].map(\.fingerprint))
        for place in servers.indices {
            let delay = Int64.random(in: 0..<Int64(Self.settle), using: &random)
            let latest = servers[place].coming.last?.at ?? now
            // A watch keeps its order.
            servers[place].coming.append((max(now + delay, latest), trusts))
        }
    }

    mutating func pass() {
        now += Int64.random(in: 1...15, using: &random)
        for place in servers.indices {
            while let next = servers[place].coming.first, next.at <= now {
                servers[place].trusts = next.trusts
                servers[place].coming.removeFirst()
            }
        }
        guard case .present(let facts) = secret, case .usable(let leaf) = facts.leaf else { return }
        for place in gates.indices where chance(1, in: 3) { gates[place] = leaf }
    }

    /// Gates whose leaf, still good by its dates, some API server does not accept.
    var refused: [String] {
        gates.enumerated().compactMap { place, leaf in
            guard let leaf, leaf.isValid(at: now) else { return nil }
            let doubter = servers.firstIndex { $0.trusts.isDisjoint(with: leaf.verifiedBy) }
            return doubter.map { "at \(now) server \($0) refuses gate \(place) with \(leaf.fingerprint)" }
        }
    }

    var isServing: Bool { gates.allSatisfy { $0 != nil } }
}

@Suite("Rotation of certificates, whatever happens when")
struct RotationPropertyTests {
    @Test("No gate ever serves a leaf that an API server does not accept", arguments: 0..<40 as Range<UInt64>)
    func alwaysTrusted(seed: UInt64) {
        var cluster = SimulatedCluster(seed: seed)
        var hasBegun = false
        for _ in 0..<2_000 {
            cluster.act()
            cluster.pass()
            // What is served is trusted from when all API servers have heard of the first bundle.
            hasBegun = hasBegun || cluster.isServing && cluster.refused.isEmpty
            if hasBegun, Int.random(in: 0..<300, using: &cluster.random) == 0 { cluster.secret = .absent }
            if hasBegun, Int.random(in: 0..<100, using: &cluster.random) == 0 {
                cluster.keeper = CertificateRotation(SimulatedCluster.settings)
            }
            if hasBegun { #expect(cluster.refused == []) }
        }
        #expect(hasBegun)
        #expect(cluster.rotations > 0)
    }
}
