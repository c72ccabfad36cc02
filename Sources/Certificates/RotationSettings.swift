/// How long things last.
package struct RotationSettings: Sendable, Hashable {
    /// Ten years, as long as the CAs that cert-manager users make for webhooks.
    package static let defaultAuthorityLifetime = Duration.seconds(10 * 365 * 86_400)
    /// 90 days: cert-manager's default, and what monitoring of certificates is set up for.
    package static let defaultLeafLifetime = Duration.seconds(90 * 86_400)
    /// How long a CA stands in every webhook configuration before anything is signed by it. API servers learn of a
    /// changed configuration by a watch, in less than a second; one that was cut off does within its watch's silence of
    /// a minute.
    package static let defaultSettleTime = Duration.seconds(60)
    /// Certificates begin this much before they are made, for API servers whose clocks are behind. An hour also covers
    /// a clock that is set to local time's daylight saving by mistake.
    package static let backdating: Int64 = 3_600
    /// Shorter lives than this would be renewed all the time, whoever asks for them.
    package static let minimumLifetime = Duration.seconds(10)
    /// Certificates in a bundle. In order there are two; more come of Secrets that were deleted in the middle of a
    /// rotation, and a Secret has to stay far below its limit of 1 MiB.
    package static let maximumAuthorities = 16

    package var authorityLifetime: Duration
    package var leafLifetime: Duration
    package var settleTime: Duration
    /// What a leaf has to be for, the Service's names.
    package var names: [String]

    package init(
        names: [String], authorityLifetime: Duration = defaultAuthorityLifetime,
        leafLifetime: Duration = defaultLeafLifetime, settleTime: Duration = defaultSettleTime
    ) {
        self.names = names
        self.authorityLifetime = authorityLifetime
        self.leafLifetime = leafLifetime
        self.settleTime = settleTime
    }

    /// When two thirds of a life are over, as cert-manager renews: 30 of 90 days are left to mend what is in the way.
    package static func renewal(notBefore: Int64, notAfter: Int64) -> Int64 {
        notAfter - max(0, notAfter - notBefore) / 3
    }

    /// - Returns: from when to when a CA made now is valid.
    package func authorityValidity(at now: Int64) -> (notBefore: Int64, notAfter: Int64) {
        Self.validity(until: now + authorityLifetime.components.seconds, at: now)
    }

    /// - Returns: from when to when a leaf signed now is valid: never longer than the CA that signs it.
    package func leafValidity(at now: Int64, signedBy authority: AuthorityFacts) -> (notBefore: Int64, notAfter: Int64)
    {
        Self.validity(until: min(now + leafLifetime.components.seconds, authority.notAfter), at: now)
    }

    /// What is short-lived is backdated by less: two thirds of its life would be over when it begins.
    private static func validity(until end: Int64, at now: Int64) -> (notBefore: Int64, notAfter: Int64) {
        (now - min(backdating, max(0, end - now) / 10), end)
    }
}
