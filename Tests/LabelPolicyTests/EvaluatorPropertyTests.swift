import LabelPolicy
import TestSupport
import Testing

@Suite struct EvaluatorPropertyTests {
    static let now = Timestamp.on("2026-06-15")

    /// Everything around a subject but its own labels.
    struct Surroundings {
        let owners: [[String: String]]
        let namespace: [String: String]?
        let gpu: Bool

        init(_ policy: Policy, _ random: inout SeededGenerator) {
            owners = (0..<random.pick([0, 1, 2])).map { _ in RandomPolicy.labels(policy, &random) }
            namespace = random.oneIn(5) ? nil : RandomPolicy.labels(policy, &random)
            gpu = random.oneIn(2)
        }

        func evaluate(_ labels: [String: String], _ evaluator: Evaluator) -> Verdict {
            let context = namespace.map { evaluator.namespace("shop", labels: $0) } ?? .unknown("shop")
            let subject = evaluator.workload(labels, owners: owners, namespace: context, gpu: gpu)
            return evaluator.evaluate(subject, at: EvaluatorPropertyTests.now)
        }
    }

    /// What the mutating half adds is accepted by the same policy as it stands, and never opens a gap: a second pass has
    /// nothing to do.
    @Test(arguments: 0..<8)
    func completingIsIdempotent(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var completed = 0
        for _ in 0..<150 {
            let policy = RandomPolicy.sound(&random)
            let evaluator = Evaluator(policy)
            for _ in 0..<20 {
                let surroundings = Surroundings(policy, &random)
                var labels = RandomPolicy.labels(policy, &random)
                let first = surroundings.evaluate(labels, evaluator)
                for label in first.labels {
                    guard let attribution = label.attribution else { continue }
                    #expect(LabelSyntax.problem(ofValue: attribution.value) == nil)
                    labels[label.key.text] = attribution.value
                    completed += attribution.source == .own ? 0 : 1
                }
                let second = surroundings.evaluate(labels, evaluator)
                for (before, after) in zip(first.labels, second.labels) {
                    let expected = before.attribution.map {
                        Attribution(value: $0.value, source: .own, key: before.key)
                    }
                    #expect(after.attribution == expected, "\(policy) with \(labels)")
                    // A gap stays as it was, to the word.
                    #expect(after.gap == before.gap, "\(policy) with \(labels)")
                }
                #expect(second.outcome == first.outcome)
            }
        }
        #expect(completed > 300)
    }

    /// The order of the rules is an order of listing.
    @Test(arguments: 8..<12)
    func orderOfRulesDoesNotMatter(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<100 {
            let policy = RandomPolicy.sound(&random)
            var shuffled = policy
            shuffled.labels.shuffle(using: &random)
            let evaluator = Evaluator(policy)
            let other = Evaluator(shuffled)
            for _ in 0..<10 {
                let surroundings = Surroundings(policy, &random)
                let labels = RandomPolicy.labels(policy, &random)
                let verdict = surroundings.evaluate(labels, evaluator)
                let again = surroundings.evaluate(labels, other)
                #expect(again.labels.map(\.key) == shuffled.labels.map(\.key))
                for label in verdict.labels {
                    let same = again[label.key]
                    #expect(same?.attribution == label.attribution)
                    #expect(same?.gap == label.gap)
                    #expect(same?.level == label.level)
                    #expect(same?.exemption == label.exemption)
                    #expect(same?.expiredExemption == label.expiredExemption)
                }
                #expect(again.outcome == verdict.outcome)
                #expect(again.mode == verdict.mode)
            }
        }
    }

    /// A label has a value or a gap, never both and never neither; and what is suggested would be accepted.
    @Test(arguments: 12..<16)
    func verdictsAreConsistent(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var suggestions = 0
        for _ in 0..<100 {
            let policy = RandomPolicy.sound(&random)
            let evaluator = Evaluator(policy)
            for _ in 0..<10 {
                let surroundings = Surroundings(policy, &random)
                let labels = RandomPolicy.labels(policy, &random)
                for label in surroundings.evaluate(labels, evaluator).labels {
                    #expect((label.attribution == nil) == (label.gap != nil))
                    #expect(label.gap != nil || label.exemption == nil)
                    guard let nearest = label.gap?.nearest else { continue }
                    suggestions += 1
                    var mended = labels
                    mended[label.key.text] = nearest
                    let again = surroundings.evaluate(mended, evaluator)[label.key]
                    #expect(again?.attribution?.value == nearest, "\(policy) with \(mended)")
                }
            }
        }
        #expect(suggestions > 20)
    }

    /// An update that changes nothing, or applies what the verdict says, is never worse.
    @Test(arguments: 16..<18)
    func completingIsNotWorse(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<100 {
            let policy = RandomPolicy.sound(&random)
            let evaluator = Evaluator(policy)
            let surroundings = Surroundings(policy, &random)
            let old = (0..<3).map { _ in RandomPolicy.labels(policy, &random) }
            let verdicts = old.map { surroundings.evaluate($0, evaluator) }
            #expect(Ratchet.isNotWorse(old: verdicts, new: verdicts.shuffled(using: &random)))
            let completed = zip(old, verdicts).map { labels, verdict in
                var labels = labels
                for label in verdict.labels {
                    labels[label.key.text] = label.attribution?.value ?? labels[label.key.text]
                }
                return surroundings.evaluate(labels, evaluator)
            }
            #expect(Ratchet.isNotWorse(old: verdicts, new: completed))
        }
    }
}
