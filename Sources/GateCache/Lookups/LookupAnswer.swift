package import Admission
package import LabelPolicy

/// What the API server says to one look-up.
package enum LookupAnswer: Sendable, Hashable {
    case namespace(ObservedLabels)
    case owner(KnownOwner)
    /// There is none, or the one of that name has another UID.
    case absent
    /// The gate may not read it, or the server has no such kind for it: asking again changes nothing soon.
    case forbidden
    /// No answer in time, or an error of the server.
    case unanswered

    /// As a fact about a namespace. What cannot be read is known not to be known.
    package var namespaceFact: NamespaceFact {
        switch self {
        case .namespace(let labels): .labels(labels)
        case .owner, .absent, .forbidden, .unanswered: .unreadable
        }
    }

    /// As a fact about an owner. A kind that the gate may not read is nobody's to ask for, as without a cluster.
    package var ownerFact: OwnerFact {
        switch self {
        case .owner(let owner): .known(owner)
        case .namespace, .absent: .absent
        case .forbidden: .nobodyToAsk
        case .unanswered: .unanswered
        }
    }
}

/// How much of the API server's time look-ups may take. They are for what the caches lack, which is little: a namespace
/// made a moment ago, a kind that is not followed. What goes beyond is a flood of references that somebody made up.
package struct LookupLimits: Sendable, Hashable {
    /// Requests at a time. An API server gives a client of its default priority level some dozens of seats.
    package var concurrent = 16
    /// Look-ups that wait for their turn. At 5 ms for a request these are over in a tenth of a second.
    package var waiting = 256
    /// Requests a second in the long run, and at once after a pause. A gate that starts into a full cluster needs its
    /// namespaces once each; a rollout has some ten kinds of owners.
    package var perSecond = 100
    package var burst = 400
    /// Answers remembered, of a few hundred bytes each.
    package var remembered = 4_096
    /// For how long an object that was found holds: all Pods of a rollout come within it.
    package var foundSeconds: Int64 = 5
    /// For how long a reference that proved nothing does. UIDs are not used again, so it is only memory that ends it.
    package var absentSeconds: Int64 = 30
    /// For how long a server that did not answer is left in peace about the same thing.
    package var unansweredSeconds: Int64 = 1

    package init() {}

    func seconds(_ answer: LookupAnswer, of lookup: Lookup) -> Int64 {
        switch (answer, lookup) {
        case (.namespace, _), (.owner, _): foundSeconds
        // A name, unlike a UID, may be somebody's a moment later.
        case (.absent, .namespace): unansweredSeconds
        // Somebody may be about to allow it.
        case (.forbidden, _): foundSeconds
        case (.absent, .owner): absentSeconds
        case (.unanswered, _): unansweredSeconds
        }
    }
}
