/// What is to be done next.
package enum RotationAction: Sendable, Hashable {
    /// Put a new CA with its key at the head of the Secret's authorities, and keep those named, newest first.
    /// - Parameter keepsLeaf: whether the pair in the Secret stays; otherwise it is emptied.
    case establishAuthority(AuthorityCause, keeping: [String], keepsLeaf: Bool)
    /// Make every webhook of every configuration trust exactly these.
    case publish([String])
    /// Sign a leaf by the newest CA and put it into the Secret.
    case issueLeaf(LeafCause)
    /// Leave only these in the Secret's authorities. The bundles follow.
    case retire(keeping: [String])
    case wait(RotationWait)
}

/// Why there is to be another CA.
package enum AuthorityCause: String, Sendable, Hashable, CaseIterable {
    case absent = "there is no Secret"
    case unreadable = "the Secret holds no CA that can be read"
    case keyless = "the key of the CA is missing or another's"
    case due = "two thirds of the CA's life are over"
    case asked = "somebody asked for one"
}

/// Why there is to be another leaf.
package enum LeafCause: Sendable, Hashable, CustomStringConvertible {
    case missing
    case unusable(String)
    /// Signed by nobody whom the Secret names.
    case foreign
    /// Its names are not the Service's.
    case names
    case due
    case authorityRenewed
    case asked

    package var description: String {
        switch self {
        case .missing: "there is none yet"
        case .unusable(let why): why
        case .foreign: "no CA of the Secret verifies the certificate in it"
        case .names: "the certificate is not for all of the Service's names"
        case .due: "two thirds of the certificate's life are over"
        case .authorityRenewed: "there is a newer CA"
        case .asked: "somebody asked for one"
        }
    }
}

/// What is waited for.
package enum RotationWait: Sendable, Hashable, CustomStringConvertible {
    /// Nothing is to be done before then.
    case steady(until: Int64)
    /// The newest CA is published, and API servers get their time to hear of it.
    case settling(Duration)
    /// Gates that do not serve a leaf of the newest CA yet, or did not answer.
    case replicas([String])
    /// The clock stands before the beginning of what is in the Secret: whatever was issued now would be wrong.
    case clockBehind(notBefore: Int64)

    package var description: String {
        switch self {
        case .steady: "in order"
        case .settling: "giving API servers, and gates that are starting, time to learn of what changed"
        case .replicas(let names): "waiting for gates to serve the new certificate: \(names.joined(separator: ", "))"
        case .clockBehind: "the clock is behind the certificates in the Secret; nothing is renewed until it is right"
        }
    }
}
