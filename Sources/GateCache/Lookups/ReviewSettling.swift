package import Admission
package import LabelPolicy
package import NIOCore

/// Brings a review that lacks something to its answer.
package struct ReviewSettling: Sendable {
    /// Rounds of look-ups for one review: the namespace with the controller, then each link above it. A round more than
    /// the longest chain never comes.
    private static let maximumRounds = 10

    private let gate: AdmissionGate
    private let lookups: LiveLookups
    private let now: @Sendable () -> Timestamp

    /// - Parameter now: the time of day, by which policies are judged.
    package init(_ gate: AdmissionGate, lookups: LiveLookups, now: @escaping @Sendable () -> Timestamp) {
        self.gate = gate
        self.lookups = lookups
        self.now = now
    }

    /// Looks up what is lacking, round by round, and answers with what was found by the deadline. Never fails.
    ///
    /// - Parameter facts: those the review was begun with.
    package func settle(
        _ undecided: AdmissionGate.Undecided, facts: any ClusterFacts, by deadline: NIODeadline,
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<AdmissionGate.Answer> {
        settle(undecided, SupplementedFacts(facts), round: 1, by: deadline, on: eventLoop)
    }

    private func settle(
        _ undecided: AdmissionGate.Undecided, _ facts: SupplementedFacts, round: Int, by deadline: NIODeadline,
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<AdmissionGate.Answer> {
        let answers = undecided.lookups.map { lookup in
            lookups.find(lookup, by: deadline, on: eventLoop).map { (lookup, $0) }
        }
        return EventLoopFuture.whenAllSucceed(answers, on: eventLoop).flatMap { answers in
            var facts = facts
            for (lookup, answer) in answers {
                switch lookup {
                case .namespace(let name): facts.add(answer.namespaceFact, of: name)
                case .owner(let owner): facts.add(answer.ownerFact, of: owner)
                }
            }
            facts.isFinal = round >= Self.maximumRounds
            switch gate.resume(undecided, facts: facts, at: now()) {
            case .answered(let answer): return eventLoop.makeSucceededFuture(answer)
            case .lacks(let more): return settle(more, facts, round: round + 1, by: deadline, on: eventLoop)
            }
        }
    }
}
