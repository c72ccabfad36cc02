/// Keeps API servers and gates in agreement: says, from what stands where, the one thing to do next.
///
/// The rule behind every step: **a gate is never given a leaf that API servers do not trust yet, and API servers are
/// never told to forget a CA that a gate still needs.** So a new CA is published beside the old one, and read back;
/// after a time for API servers to hear of it the leaf is signed by it; when every gate serves that leaf the old CA goes.
///
/// What is done follows from what is found and not from what was done before. Only two waits are remembered, and
/// whoever begins anew begins them anew: a keeper may die at any point, and another goes on.
package struct CertificateRotation: Sendable {
    package let settings: RotationSettings
    /// Since when the newest CA has stood in every configuration without a break.
    private var published: Since?
    /// Since when the leaf in the Secret has been the one it is.
    private var leaf: Since?

    private struct Since: Sendable {
        var fingerprint: String
        var moment: Duration
    }

    package init(_ settings: RotationSettings) { self.settings = settings }

    package mutating func next(_ observation: CertificateObservation) -> RotationAction {
        let secret: SecretFacts
        switch observation.secret {
        case .absent:
            (published, leaf) = (nil, nil)
            return establish(.absent, nil, observation)
        case .present(let facts): secret = facts
        }
        remember(secret, observation)
        guard let newest = secret.authorities.first else { return establish(.unreadable, secret, observation) }
        guard secret.canSign else { return establish(.keyless, secret, observation) }

        let trusted = desiredBundle(secret, observation)
        if observation.configurations.contains(where: { !$0.carries(exactly: Set(trusted)) }) {
            return .publish(trusted)
        }
        if observation.now < newest.notBefore { return .wait(.clockBehind(notBefore: newest.notBefore)) }
        if observation.now >= RotationSettings.renewal(notBefore: newest.notBefore, notAfter: newest.notAfter) {
            return establish(.due, secret, observation)
        }
        if let cause = leafCause(secret, newest, observation.now) {
            let rest = restOfSettling(observation, trusted)
            return rest > .zero ? .wait(.settling(rest)) : .issueLeaf(cause)
        }
        return retire(secret, newest, observation) ?? rest(secret, newest, observation)
    }

    /// What puts a new CA beside those there are, before its time.
    package func renewedAuthority(_ observation: CertificateObservation) -> RotationAction {
        switch observation.secret {
        case .absent: establish(.asked, nil, observation)
        case .present(let secret): establish(.asked, secret, observation)
        }
    }

    /// Has the newest CA begin its time in the configurations anew: it was put back, and some API server may not have heard
    /// of that yet.
    package mutating func bundleWasRestored() { published = nil }

    // MARK: What is remembered

    private mutating func remember(_ secret: SecretFacts, _ observation: CertificateObservation) {
        let newest = secret.authorities.first?.fingerprint
        let isEverywhere =
            newest.map { newest in observation.configurations.allSatisfy { $0.carries(newest) } } ?? false
        Self.note(isEverywhere ? newest : nil, in: &published, at: observation.elapsed)
        var current: String?
        if case .usable(let facts) = secret.leaf { current = facts.fingerprint }
        Self.note(current, in: &leaf, at: observation.elapsed)
    }

    private static func note(_ fingerprint: String?, in since: inout Since?, at moment: Duration) {
        guard let fingerprint else { return since = nil }
        if since?.fingerprint != fingerprint { since = Since(fingerprint: fingerprint, moment: moment) }
    }

    // MARK: The CA

    private func establish(
        _ cause: AuthorityCause, _ secret: SecretFacts?, _ observation: CertificateObservation
    ) -> RotationAction {
        var leaf: LeafFacts?
        if case .usable(let facts) = secret?.leaf { leaf = facts }
        let known = (secret?.authorities ?? []) + extras(secret, observation)
        var needed = Self.needed(by: observation.replicas)
        needed?.formUnion(leaf?.verifiedBy ?? [])
        let kept = known.filter { authority in
            !authority.isExpired(at: observation.now) && needed?.contains(authority.fingerprint) ?? true
        }
        let keeping = kept.prefix(RotationSettings.maximumAuthorities - 1).map(\.fingerprint)
        // A leaf that none of those verifies is of no use to anybody, and gates would take it up.
        return .establishAuthority(
            cause, keeping: keeping, keepsLeaf: leaf.map { !$0.verifiedBy.isDisjoint(with: keeping) } ?? false)
    }

    /// CAs that are published and not in the Secret, each once.
    private func extras(_ secret: SecretFacts?, _ observation: CertificateObservation) -> [AuthorityFacts] {
        var seen = Set((secret?.authorities ?? []).map(\.fingerprint))
        return observation.configurations.flatMap(\.bundles).flatMap { $0 ?? [] }
            .filter { seen.insert($0.fingerprint).inserted }
    }

    /// What gates serve now has to be verified by. nil: one that API servers are sent to did not answer, so that nothing
    /// can be said to be needed by nobody.
    private static func needed(by replicas: [ReplicaFacts]) -> Set<String>? {
        var needed: Set<String> = []
        for replica in replicas {
            switch replica.served {
            case .leaf(let leaf): needed.formUnion(leaf.verifiedBy)
            case .unreachable: if replica.isReady { return nil }
            }
        }
        return needed
    }

    // MARK: Bundles

    /// The Secret's authorities, and of those that are published without being in it the ones a gate cannot do without:
    /// it serves a leaf that none of the Secret's verifies. Whatever else stands in a bundle was put there by somebody
    /// else and goes.
    private func desiredBundle(_ secret: SecretFacts, _ observation: CertificateObservation) -> [String] {
        let own = secret.authorities.map(\.fingerprint)
        var needed: Set<String> = []
        for replica in observation.replicas {
            guard case .leaf(let leaf) = replica.served, leaf.verifiedBy.isDisjoint(with: own) else { continue }
            needed.formUnion(leaf.verifiedBy)
        }
        let others = extras(secret, observation).filter {
            needed.contains($0.fingerprint) && !$0.isExpired(at: observation.now)
        }
        return own + others.map(\.fingerprint)
    }

    /// How long the newest CA has still to stand before a leaf may be signed by it.
    private func restOfSettling(_ observation: CertificateObservation, _ trusted: [String]) -> Duration {
        let isProtecting = observation.replicas.contains { replica in
            switch replica.served {
            case .leaf(let leaf): leaf.isValid(at: observation.now) && !leaf.verifiedBy.isDisjoint(with: trusted)
            case .unreachable: replica.isReady
            }
        }
        // Where no gate is trusted now there is nothing to lose by haste: at first, and after everything has expired.
        guard isProtecting, !observation.configurations.isEmpty else { return .zero }
        guard let published else { return settings.settleTime }
        return max(.zero, published.moment + settings.settleTime - observation.elapsed)
    }

    // MARK: The leaf

    private func leafCause(_ secret: SecretFacts, _ newest: AuthorityFacts, _ now: Int64) -> LeafCause? {
        let leaf: LeafFacts
        switch secret.leaf {
        case .none: return .missing
        case .unusable(let why): return .unusable(why)
        case .usable(let facts): leaf = facts
        }
        if leaf.verifiedBy.isDisjoint(with: secret.authorities.map(\.fingerprint)) { return .foreign }
        if !leaf.verifiedBy.contains(newest.fingerprint) { return .authorityRenewed }
        if !leaf.names.isSuperset(of: settings.names) { return .names }
        // Before its beginning the clock is behind, and another leaf would not be better.
        guard now >= leaf.notBefore else { return nil }
        return now >= RotationSettings.renewal(notBefore: leaf.notBefore, notAfter: leaf.notAfter) ? .due : nil
    }

    // MARK: The old CA

    /// nil: there is none, or it is needed still.
    private func retire(
        _ secret: SecretFacts, _ newest: AuthorityFacts, _ observation: CertificateObservation
    ) -> RotationAction? {
        let others = secret.authorities.dropFirst()
        let kept = others.filter { authority in
            !authority.isExpired(at: observation.now) && isNeeded(authority, newest, observation)
        }
        guard kept.count < others.count else { return nil }
        return .retire(keeping: [newest.fingerprint] + kept.map(\.fingerprint))
    }

    private func isNeeded(
        _ authority: AuthorityFacts, _ newest: AuthorityFacts, _ observation: CertificateObservation
    ) -> Bool {
        // A gate that was starting when the leaf came may have read the one before, and answer only now.
        guard let leaf, leaf.moment + settings.settleTime <= observation.elapsed else { return true }
        return observation.replicas.contains { replica in
            switch replica.served {
            case .leaf(let served):
                !served.verifiedBy.contains(newest.fingerprint) && served.verifiedBy.contains(authority.fingerprint)
            case .unreachable: replica.isReady
            }
        }
    }

    private func rest(
        _ secret: SecretFacts, _ newest: AuthorityFacts, _ observation: CertificateObservation
    ) -> RotationAction {
        guard case .usable(let current) = secret.leaf else { return .wait(.settling(settings.settleTime)) }
        if observation.now < current.notBefore { return .wait(.clockBehind(notBefore: current.notBefore)) }
        if secret.authorities.count > 1 {
            let late = observation.replicas.filter { replica in
                switch replica.served {
                case .leaf(let served): !served.verifiedBy.contains(newest.fingerprint)
                case .unreachable: replica.isReady
                }
            }
            if !late.isEmpty { return .wait(.replicas(late.map(\.name))) }
            if let leaf {
                return .wait(.settling(max(.zero, leaf.moment + settings.settleTime - observation.elapsed)))
            }
        }
        return .wait(
            .steady(
                until: min(
                    RotationSettings.renewal(notBefore: newest.notBefore, notAfter: newest.notAfter),
                    RotationSettings.renewal(notBefore: current.notBefore, notAfter: current.notAfter))))
    }
}
