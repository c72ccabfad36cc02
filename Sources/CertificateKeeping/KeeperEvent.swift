package import Certificates

/// What a keeper finds and does while it runs.
package enum KeeperEvent: Sendable {
    /// Everything was looked at, and this is to be done about it.
    case looked(RotationAction, RenewalTimes)
    /// Something could not be read or written.
    case failed
    /// Somebody else keeps the certificates.
    case keptOtherwise
    case done(KeeperStep)
}

/// A write of the keeper.
package enum KeeperStep: Sendable, Hashable, CaseIterable {
    /// A new CA in the Secret.
    case authority
    /// A caBundle as it should be.
    case bundle
    case leaf
    /// An old CA taken out.
    case retirement
    /// What somebody took out of a caBundle, put back at once.
    case restored
}

/// When what is in the Secret is to be renewed, in seconds since 1970-01-01T00:00:00Z; nil: it is not there.
package struct RenewalTimes: Sendable, Hashable {
    package var leaf: Int64?
    package var authority: Int64?
}

extension CertificateFindings {
    var renewals: RenewalTimes {
        guard case .present(let secret) = observation.secret else { return RenewalTimes() }
        var times = RenewalTimes()
        if case .usable(let leaf) = secret.leaf {
            times.leaf = RotationSettings.renewal(notBefore: leaf.notBefore, notAfter: leaf.notAfter)
        }
        times.authority = secret.authorities.first.map {
            RotationSettings.renewal(notBefore: $0.notBefore, notAfter: $0.notAfter)
        }
        return times
    }
}
