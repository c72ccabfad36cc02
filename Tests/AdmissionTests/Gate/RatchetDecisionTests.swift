import Admission
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

/// Updates of violators: what was there before may stay as it is until the deadline.
@Suite struct RatchetDecisionTests {
    private static let open = CivilDate("2027-01-31")

    private static func policy(until: CivilDate?) -> Policy {
        .plain { $0.ratchet = until.map { Ratchet(until: $0) } }
    }

    private static let whole: KeyValuePairs = ["team": "a", "cost-center": "c", "environment": "dev"]

    @Test(arguments: [
        // The same, whatever else changed.
        (ManifestText.deployment([:]), ManifestText.deployment([:]), true),
        (ManifestText.deployment(["team": "a"]), ManifestText.deployment(["team": "b"]), true),
        (ManifestText.deployment(["team": "a b"]), ManifestText.deployment(["team": "a b"]), true),
        // Better.
        (ManifestText.deployment([:]), ManifestText.deployment(["team": "a"]), true),
        (ManifestText.deployment(["team": "a b"]), ManifestText.deployment(["team": "a"]), true),
        // Worse, or broken in another way.
        (ManifestText.deployment(["team": "a"]), ManifestText.deployment([:]), false),
        (ManifestText.deployment(["team": "a"]), ManifestText.deployment(["team": "a b"]), false),
        (ManifestText.deployment(["team": "a b"]), ManifestText.deployment(["team": "b a"]), false),
        (ManifestText.deployment(["team": "a b"]), ManifestText.deployment([:]), false),
        (ManifestText.deployment(["team": "a"]), ManifestText.deployment(["environment": "dev"]), false),
        (ManifestText.deployment(whole), ManifestText.deployment([:]), false),
        // A label that was recommended before the GPUs came was missing before, too.
        (ManifestText.deployment(whole), ManifestText.deployment(whole, gpu: true), true),
    ])
    func whileItIsOpen(before: String, after: String, isAllowed: Bool) throws {
        let reply = try TestGate(Self.policy(until: Self.open)).reply(.deployment(after).updating(before))
        #expect(reply.isAllowed == isAllowed)
        if isAllowed {
            #expect(reply.decision.outcome == .warned)
            #expect(
                reply.warnings.last == "admitted because the gaps were there before; from 2027-02-01 on they are denied"
            )
        }
    }

    @Test(arguments: [
        (CivilDate?.none, false), ("2026-06-14", false), ("2026-06-15", true), ("2026-06-16", true),
    ])
    func deadline(until: CivilDate?, isAllowed: Bool) throws {
        let deployment = ManifestText.deployment([:])
        var gate = TestGate(Self.policy(until: until))
        gate.now = .on("2026-06-15", hour: 23, minute: 59, second: 59)
        #expect(try gate.reply(.deployment(deployment).updating(deployment)).isAllowed == isAllowed)
        // What is new has no grace.
        #expect(try !gate.reply(.deployment(deployment)).isAllowed)
        #expect(try !gate.reply(.deployment(deployment).updating("null")).isAllowed)
    }

    /// Pods cannot be mended in place: as they were they are always admitted, whatever the deadline.
    @Test(arguments: [CivilDate?.none, "2026-01-31", "2027-01-31"])
    func updatesOfPods(until: CivilDate?) throws {
        let gate = TestGate(Self.policy(until: until))
        let bare = ManifestText.pod([:])
        let finalizers = ManifestText.pod([:], metadata: #""finalizers":["a.io/x"],"#)
        let reply = try gate.reply(.pod(bare).updating(finalizers))
        #expect(reply.isAllowed)
        #expect(reply.warnings.last == "admitted because the update leaves the Pod's cost labels as they were")
        #expect(try gate.reply(.pod(ManifestText.pod(["team": "a"])).updating(bare)).isAllowed)
        #expect(try !gate.reply(.pod(bare).updating(ManifestText.pod(["team": "a"]))).isAllowed)
    }

    /// Templates are matched by what is wrong with them: a worker group taken away does not make its neighbour new.
    @Test func manyTemplates() throws {
        func cluster(_ teams: [String?]) -> String {
            let workers = teams.map { team in
                let labels = team.map { #""team":"\#($0)""# } ?? ""
                return #"{"template":{"metadata":{"labels":{\#(labels)}}}}"#
            }
            return #"{"metadata":{"name":"r"},"spec":{"workerGroupSpecs":[\#(workers.joined(separator: ","))]}}"#
        }
        let policy = Policy.teamOnly { $0.ratchet = Ratchet(until: Self.open) }
        let cases: [(before: [String?], after: [String?], isAllowed: Bool)] = [
            (["a", nil, "c"], [nil, "c"], true), (["a", nil], [nil, "a"], true), (["a", "b"], ["a", nil], false),
            (["a"], ["a", nil], false), ([nil], [nil, nil], false), ([nil], [nil, "x y"], false),
            ([nil], ["a", "b"], true),
        ]
        for row in cases {
            let review = ReviewBuilder.of("ray.io", "v1", "RayCluster", cluster(row.after)).updating(
                cluster(row.before))
            #expect(try TestGate(policy).reply(review).isAllowed == row.isAllowed, "\(row)")
        }
    }

    /// A Service that becomes a load balancer is new as one.
    @Test func serviceThatBecomesALoadBalancer() throws {
        func service(_ type: String) -> String { #"{"metadata":{"name":"s"},"spec":{"type":"\#(type)"}}"# }
        let policy = Policy.teamOnly {
            $0.subjects = [.loadbalancers]
            $0.ratchet = Ratchet(until: Self.open)
        }
        let review = ReviewBuilder.of("", "v1", "Service", service("LoadBalancer"))
        #expect(try !TestGate(policy).reply(review.updating(service("ClusterIP"))).isAllowed)
        #expect(try TestGate(policy).reply(review.updating(service("LoadBalancer"))).isAllowed)
    }

    /// In warn and audit nothing is denied, so there is nothing to explain.
    @Test(arguments: [Mode.warn, .audit])
    func otherModes(mode: Mode) throws {
        let policy = Policy.teamOnly(mode) { $0.ratchet = Ratchet(until: Self.open) }
        let reply = try TestGate(policy).reply(
            .deployment(ManifestText.deployment([:])).updating(ManifestText.deployment(["team": "a"])))
        #expect(reply.isAllowed)
        #expect(!reply.warnings.contains { $0.hasPrefix("admitted") })
    }
}
