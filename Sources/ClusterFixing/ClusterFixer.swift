package import Audit
package import KubernetesClient
import KubernetesModel
import NIOCore

/// What a step would do to one object.
package struct FixChange: Sendable, Hashable {
    /// `metadata.labels.team`.
    package var path: String
    /// Nil if nothing stands there.
    package var old: String?
    package var new: String

    package init(path: String, old: String?, new: String) {
        self.path = path
        self.old = old
        self.new = new
    }
}

/// What a fixer says and asks while it goes on.
package protocol FixDialogue: Sendable {
    /// A step, and what it would change; before anything is changed.
    func show(_ step: FixStep, number: Int, of count: Int, changes: [FixChange]) async
    func ask(_ step: FixStep) async -> FixRun.Answer
    /// What came of it, and why where that is no success.
    func tell(_ outcome: FixRun.Outcome, of step: FixStep, why: String?) async
}

/// Makes the changes of fix steps through the API server: each first as a dry run, which webhooks and validation see,
/// then for good. What fails is told, and the rest goes on; only a cluster out of reach ends it.
package struct ClusterFixer: Sendable {
    /// For one call. API servers end webhooks' calls after 30 s at most, of which a change may wait for one.
    private static let callTimeout = TimeAmount.seconds(60)

    private let api: KubernetesAPI
    private let discovery: Discovery
    private let dialogue: any FixDialogue

    /// - Parameter discovery: what the cluster serves.
    package init(_ api: KubernetesAPI, discovery: Discovery, dialogue: any FixDialogue) {
        self.api = api
        self.discovery = discovery
        self.dialogue = dialogue
    }

    /// - Throws: `APIError` when the cluster can no longer be asked; what was told until then has happened.
    package func perform(_ steps: [FixStep], _ run: inout FixRun) async throws(APIError) {
        for (index, step) in steps.enumerated() {
            switch run.begin(step) {
            case .stop: run.leave()
            case .skip(let reason):
                run.record(.skipped(reason))
                await dialogue.show(step, number: index + 1, of: steps.count, changes: [])
                await dialogue.tell(.skipped(reason), of: step, why: nil)
            case .attempt(let patch):
                do throws(APIError) {
                    let (outcome, why) = try await attempt(patch, step, index, steps.count, &run)
                    run.record(outcome)
                    await dialogue.tell(outcome, of: step, why: why)
                } catch {
                    run.record(.failed)
                    await dialogue.tell(.failed, of: step, why: error.description)
                    guard error.endsRun else { continue }
                    run.stop()
                    throw error
                }
            }
        }
    }

    // MARK: One step

    private func attempt(
        _ patch: MergePatch, _ step: FixStep, _ index: Int, _ count: Int, _ run: inout FixRun
    ) async throws(APIError) -> (FixRun.Outcome, why: String?) {
        guard let object = object(patch.target) else {
            await dialogue.show(step, number: index + 1, of: count, changes: [])
            return (.failed, "the cluster no longer serves \(patch.target.kind) of \(patch.target.apiVersion)")
        }
        let before = try await api.get(object, deadline: .now() + Self.callTimeout)
        let changes = try changes(patch, before, object)
        await dialogue.show(step, number: index + 1, of: count, changes: changes)
        if changes.allSatisfy({ $0.old == $0.new }) { return (.unchanged, nil) }
        if let problem = try await send(patch, to: object, isDryRun: true) { return (.failed, problem) }
        switch run.validated() {
        case .leave: return (.valid, nil)
        case .change: break
        case .ask: if !run.answered(await dialogue.ask(step)) { return (.declined, nil) }
        }
        if let problem = try await send(patch, to: object, isDryRun: false) { return (.failed, problem) }
        return (.changed, nil)
    }

    private func object(_ target: Audit.ObjectReference) -> KubernetesClient.ObjectReference? {
        let kind = GroupVersionKind(group: target.group, version: target.version, kind: target.kind)
        guard let found = discovery.resource(of: kind) ?? discovery.resource(of: kind.groupKind) else { return nil }
        let namespace = found.resource.isNamespaced ? target.namespace : nil
        return KubernetesClient.ObjectReference(found.resource, namespace: namespace, name: target.name)
    }

    /// - Returns: what is wrong with an answer that looks like success.
    private func send(
        _ patch: MergePatch, to object: KubernetesClient.ObjectReference, isDryRun: Bool
    ) async throws(APIError) -> String? {
        let answer = try await api.patch(
            object, .merge, body: ByteBuffer(string: patch.body),
            options: WriteOptions(isDryRun: isDryRun, fieldManager: Self.fieldManager),
            deadline: .now() + Self.callTimeout)
        let lost = try changes(patch, answer, object).filter { $0.old != $0.new }
        if lost.isEmpty { return nil }
        let paths = lost.map(\.path).joined(separator: ", ")
        return "the server took the change and left out \(paths): the kind's schema or a webhook removes it"
    }

    /// Who is remembered as the one who set the labels.
    private static let fieldManager = "tallygate"

    private func changes(
        _ patch: MergePatch, _ answer: APIAnswer, _ object: KubernetesClient.ObjectReference
    ) throws(APIError) -> [FixChange] {
        guard let root = ObjectText.tree(answer.body) else {
            let call = APICall(.get, object.resource, namespace: object.namespace, name: object.name)
            throw .malformed(call, problem: "it is no object in JSON")
        }
        let values = ObjectText.texts(in: root, at: patch.path)
        return patch.members.map { member in
            FixChange(
                path: (patch.path + [member.key]).joined(separator: "."), old: values[member.key], new: member.value)
        }
    }
}

extension APIError {
    /// Whether the next call would fare no better.
    fileprivate var endsRun: Bool {
        switch self {
        case .transport, .credentials, .configuration, .cancelled: true
        case .status, .malformed, .deadlineExceeded: isUnauthorized
        }
    }
}
