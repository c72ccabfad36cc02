import Attribution
import Audit
import ClusterFixing
import KubernetesClient
import KubernetesModel
import LabelPolicy
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

/// Answers in the order of a script, and remembers what it was told.
private final class ScriptedDialogue: FixDialogue {
    private struct State {
        var answers: [FixRun.Answer]
        var told: [FixRun.Outcome] = []
        var reasons: [String] = []
        var changes: [FixChange] = []
    }

    private let state: Mutex<State>

    init(_ answers: [FixRun.Answer] = []) { state = Mutex(State(answers: answers)) }

    var told: [FixRun.Outcome] { state.withLock(\.told) }
    var reasons: [String] { state.withLock(\.reasons) }
    var changes: [FixChange] { state.withLock(\.changes) }

    func show(_ step: FixStep, number: Int, of count: Int, changes: [FixChange]) async {
        state.withLock { $0.changes += changes }
    }

    func ask(_ step: FixStep) async -> FixRun.Answer {
        state.withLock { $0.answers.isEmpty ? .quit : $0.answers.removeFirst() }
    }

    func tell(_ outcome: FixRun.Outcome, of step: FixStep, why: String?) async {
        state.withLock { state in
            state.told.append(outcome)
            if let why { state.reasons.append(why) }
        }
    }
}

@Suite("Fixes on a cluster")
struct ClusterFixerTests {
    private static let apps = APIResource(
        group: "apps", version: "v1", plural: "deployments", kind: "Deployment", isNamespaced: true)
    private static let discovery = Discovery(groups: [
        Discovery.Group(
            name: "", versions: [Discovery.Version(name: "v1", resources: [Discovery.Resource(.namespaces)])]),
        Discovery.Group(name: "apps", versions: [Discovery.Version(name: "v1", resources: [Discovery.Resource(apps)])]),
    ])

    private static func step(
        _ name: String, kind: String = "Deployment", value: ProposedValue = .known("payments"),
        effect: FixEffect = .immediate
    ) throws -> FixStep {
        let target = Audit.ObjectReference(apiVersion: "apps/v1", kind: kind, namespace: "shop", name: name)
        let edit = LabelEdit(
            target: target, resource: "deployment.apps", place: .own, key: "team", value: value, effect: effect)
        let finding = AuditReport.Finding(
            reason: .missing, label: "team", level: .required, subject: target,
            facts: .metadataPruned(path: ""), message: "team is missing", fix: .label(edit))
        return try #require(FixStep.steps(for: [finding]).first)
    }

    private static func object(_ labels: String) -> HTTPResponse {
        .json(#"{"kind": "Deployment", "metadata": {"labels": \#(labels)}}"#)
    }

    /// A server where nothing has a team until it is patched.
    private static func serve(_ request: HTTPRequest) -> HTTPResponse {
        request.method == .GET ? object("{}") : object(#"{"team": "payments"}"#)
    }

    private func perform(
        _ steps: [FixStep], on transport: ScriptedTransport, goal: FixRun.Goal = .apply, restarts: Bool = false,
        asking dialogue: ScriptedDialogue? = nil
    ) async -> (tally: FixRun.Tally, dialogue: ScriptedDialogue, error: APIError?) {
        var run = FixRun(goal: goal, allowsRestarts: restarts, asksEach: dialogue != nil)
        let api = KubernetesAPI(transport: transport, credentials: FixedCredential())
        let shown = dialogue ?? ScriptedDialogue()
        var failure: APIError?
        do throws(APIError) {
            try await ClusterFixer(api, discovery: Self.discovery, dialogue: shown).perform(steps, &run)
        } catch {
            failure = error
        }
        return (run.tally, shown, failure)
    }

    @Test("A change is tried, then made")
    func applied() async throws {
        let transport = ScriptedTransport(then: .handle { Self.serve($0) })
        let (tally, dialogue, _) = await perform([try Self.step("web")], on: transport)
        let path = "/apis/apps/v1/namespaces/shop/deployments/web"
        #expect(
            transport.targets == [
                "GET \(path)", "PATCH \(path)?dryRun=All&fieldManager=tallygate",
                "PATCH \(path)?fieldManager=tallygate",
            ])
        #expect(dialogue.changes == [FixChange(path: "metadata.labels.team", old: nil, new: "payments")])
        #expect(dialogue.told == [.changed])
        #expect(!tally.leavesFindings)
    }

    @Test("A validation keeps nothing, and sees what restarts too")
    func validated() async throws {
        let transport = ScriptedTransport(then: .handle { Self.serve($0) })
        let (tally, dialogue, _) = await perform(
            [try Self.step("web", effect: .rollout)], on: transport, goal: .validate)
        #expect(dialogue.told == [.valid])
        #expect(transport.targets.filter { $0.hasPrefix("PATCH") }.allSatisfy { $0.contains("dryRun=All") })
        #expect(!tally.leavesFindings)
    }

    @Test("Nothing is sent for what needs a value, restarts, or is no change of one object")
    func skipped() async throws {
        let transport = ScriptedTransport()
        let steps = [
            try Self.step("a", value: .placeholder("team")), try Self.step("b", effect: .rollout),
            try Self.step("c", effect: .immutable), try Self.step("--all"),
        ]
        let (tally, dialogue, _) = await perform(steps, on: transport)
        #expect(
            dialogue.told == [
                .skipped(.needsValue(["team"])), .skipped(.restarts), .skipped(.byHand), .skipped(.byHand),
            ])
        #expect(transport.requests.isEmpty)
        #expect(tally.skipped == 4 && tally.leavesFindings)
    }

    @Test("The answers: yes, no, all, quit")
    func answers() async throws {
        let names = ["a", "b", "c", "d"]
        let steps = try names.map { try Self.step($0) }
        func told(_ answers: FixRun.Answer...) async -> [FixRun.Outcome] {
            let transport = ScriptedTransport(then: .handle { Self.serve($0) })
            return await perform(steps, on: transport, asking: ScriptedDialogue(answers)).dialogue.told
        }
        #expect(await told(.yes, .no, .all) == [.changed, .declined, .changed, .changed])
        #expect(await told(.no, .quit) == [.declined, .declined])
    }

    @Test("A refusal is named, and the rest goes on")
    func refused() async throws {
        let transport = ScriptedTransport(
            then: .handle { request in
                request.target.contains("/a?") ? .refusal(403, "Forbidden", "denied by a webhook") : Self.serve(request)
            })
        let (tally, dialogue, error) = await perform([try Self.step("a"), try Self.step("b")], on: transport)
        #expect(dialogue.told == [.failed, .changed])
        #expect(dialogue.reasons.first?.contains("denied by a webhook") == true)
        #expect(error == nil && tally.failed == 1 && tally.leavesFindings)
    }

    @Test("What is gone, what is so already, and what the server drops")
    func surprises() async throws {
        let same = ScriptedTransport(then: .respond(Self.object(#"{"team": "payments"}"#)))
        #expect(await perform([try Self.step("a")], on: same).dialogue.told == [.unchanged])
        #expect(same.requests.count == 1)
        let pruned = ScriptedTransport(then: .respond(Self.object("{}")))
        let (_, dialogue, _) = await perform([try Self.step("a")], on: pruned)
        #expect(dialogue.told == [.failed])
        #expect(dialogue.reasons.first?.contains("metadata.labels.team") == true)
        let gone = await perform([try Self.step("a")], on: ScriptedTransport())
        #expect(gone.dialogue.told == [.failed])
        let unserved = await perform([try Self.step("a", kind: "Rollout")], on: ScriptedTransport())
        #expect(unserved.dialogue.reasons.first?.contains("no longer serves Rollout") == true)
    }

    @Test("A cluster that is gone ends it; what was not looked at is counted")
    func unreachable() async throws {
        let transport = ScriptedTransport(then: .respond(.refusal(401, "Unauthorized", "who are you")))
        let steps = [try Self.step("a"), try Self.step("b")]
        let (tally, dialogue, error) = await perform(steps, on: transport)
        #expect(error?.isUnauthorized == true)
        #expect(dialogue.told == [.failed])
        #expect(tally.failed == 1 && tally.leavesFindings)
    }
}
