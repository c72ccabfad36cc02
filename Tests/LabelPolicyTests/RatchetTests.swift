import LabelPolicy
import TestSupport
import Testing

@Suite struct RatchetTests {
    /// A pod template: its labels, and whether it requests GPUs.
    struct Template: Sendable, ExpressibleByDictionaryLiteral {
        var labels: [String: String]
        var gpu = false

        init(_ labels: [String: String], gpu: Bool = false) {
            self.labels = labels
            self.gpu = gpu
        }

        init(dictionaryLiteral elements: (String, String)...) {
            self.init(Dictionary(uniqueKeysWithValues: elements))
        }
    }

    static let whole: Template = ["team": "payments", "environment": "staging"]
    static let noTeam: Template = ["environment": "staging"]
    static let noEnvironment: Template = ["team": "payments"]

    @Test(
        arguments: [
            // One template.
            ("compliant", [whole], [whole], true), ("as it was", [noTeam], [noTeam], true),
            ("nothing", [[:]], [[:]], true),
            ("mended", [noTeam], [whole], true), ("one of two mended", [[:]], [noTeam], true),
            ("broken", [whole], [noTeam], false), ("another gap", [noTeam], [[:]], false),
            ("one gap for another", [noTeam], [noEnvironment], false),
            ("invalid as it was", [["team": "x"]], [["team": "x"]], true),
            ("invalid, changed", [["team": "x"]], [["team": "y"]], false),
            ("invalid, removed", [["team": "x"]], [[:]], false),
            ("invalid, emptied", [["team": "x"]], [["team": ""]], false),
            ("absent to empty", [[:]], [["team": ""]], false), ("absent to invalid", [[:]], [["team": "x"]], false),
            ("invalid to valid", [["team": "x"]], [["team": "payments"]], true),
            ("invalid under the key, then the alias", [["team": "x"]], [["owner-team": "x"]], false),
            ("conflict as it was", [conflict("b")], [conflict("b")], true),
            ("another conflict", [conflict("b")], [conflict("c")], false),
            // Labels that are merely recommended.
            ("a recommended label lost", [Template(whole.labels.merging(["project": "p"]) { $1 })], [whole], true),
            ("demanded by the GPUs that came", [whole], [Template(whole.labels, gpu: true)], true),
            ("demanded as before", [Template(whole.labels, gpu: true)], [Template(whole.labels, gpu: true)], true),
            ("demanded no more", [Template(whole.labels, gpu: true)], [whole], true),
            // Several templates.
            ("reordered", [noTeam, whole, noEnvironment], [noEnvironment, noTeam, whole], true),
            ("removed", [noTeam, whole, noEnvironment], [whole, noEnvironment], true),
            ("all removed", [noTeam, noEnvironment], [], true),
            ("sound one removed", [whole, noTeam], [noTeam], true),
            ("sound one added", [noTeam], [whole, noTeam], true),
            ("violator added", [whole], [whole, noTeam], false),
            ("violator added that repeats an old fault", [noTeam, whole], [noTeam, whole, noTeam], false),
            ("one mended, one broken alike", [noTeam, whole], [whole, noTeam], true),
            ("one mended, one broken otherwise", [noTeam, whole], [whole, noEnvironment], false),
            ("from nothing", [], [noTeam], false), ("from nothing, sound", [], [whole], true),
            ("nothing at all", [], [], true),
        ] as [(String, [Template], [Template], Bool)])
    func table(_ name: String, _ old: [Template], _ new: [Template], _ expected: Bool) {
        let evaluator = Evaluator(Self.policy)
        func verdicts(_ templates: [Template]) -> [Verdict] {
            templates.map {
                evaluator.evaluate(evaluator.workload($0.labels, gpu: $0.gpu), at: .on("2026-06-15"))
            }
        }
        #expect(Ratchet.isNotWorse(old: verdicts(old), new: verdicts(new)) == expected)
    }

    static let policy: Policy = {
        var policy = Policy.finance
        policy.labels.remove(at: 1)
        return policy
    }()

    static func conflict(_ value: String) -> Template { ["owner-team": "a", "app.kubernetes.io/team": value] }

    @Test func excusedGapsAreNoViolations() {
        let gap = Gap(problem: .missing)
        let open = Verdict(
            labels: [LabelVerdict(rule: 0, key: "team", level: .required, attribution: nil, gap: gap)], mode: .enforce)
        let excused = Verdict(
            labels: [
                LabelVerdict(rule: 0, key: "team", level: .required, attribution: nil, gap: gap, excuse: .holding(0))
            ],
            mode: .enforce)
        #expect(Ratchet.isNotWorse(old: [], new: [excused]))
        #expect(Ratchet.isNotWorse(old: [open], new: [excused]))
        // The labels are as they were; that the leave ended is not the update's doing.
        #expect(Ratchet.isNotWorse(old: [excused], new: [open]))
    }

    /// Faults of different rules are different, even with the same words.
    @Test func rulesAreToldApart() {
        func verdict(_ rule: Int, _ key: LabelKey) -> Verdict {
            Verdict(
                labels: [
                    LabelVerdict(rule: rule, key: key, level: .required, attribution: nil, gap: Gap(problem: .missing))
                ], mode: .enforce)
        }
        #expect(!Ratchet.isNotWorse(old: [verdict(0, "team")], new: [verdict(1, "environment")]))
    }

    @Test(arguments: [("2027-01-30", true), ("2027-01-31", true), ("2027-02-01", false)] as [(CivilDate, Bool)])
    func isOpenThroughItsLastDay(_ day: CivilDate, _ open: Bool) {
        let ratchet = Ratchet(until: "2027-01-31")
        #expect(ratchet.isOpen(at: .on(day, hour: 0)) == open)
        #expect(ratchet.isOpen(at: .on(day, hour: 23, minute: 59, second: 59)) == open)
        #expect(ratchet.pods == .keep)
    }
}
