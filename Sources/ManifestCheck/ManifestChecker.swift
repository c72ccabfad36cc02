import Admission
package import KubernetesModel
package import LabelPolicy
package import LocatedDocuments

/// Judges manifests as the gate would judge them at the API server.
///
/// Manifests are rendered to the JSON kubectl would send and read by the gate's own scanner, so that both see the same.
/// Namespace manifests of the same input supply defaults and choose modes.
package struct ManifestChecker: Sendable {
    private let policy: Policy
    private let evaluator: Evaluator
    private let scanner: ReviewScanner
    private let judge: ObjectJudge
    private let text: GapText
    /// The namespace of manifests that name none.
    private let defaultNamespace: String

    package init(policy: Policy, catalogue: WorkloadCatalogue, defaultNamespace: String = "default") {
        self.policy = policy
        evaluator = Evaluator(policy)
        scanner = ReviewScanner(catalogue: catalogue, keys: evaluator.keys)
        judge = ObjectJudge(evaluator: evaluator)
        text = GapText(policy: policy)
        self.defaultNamespace = defaultNamespace
    }

    package func check(_ files: [SourceFile], at now: Timestamp) -> CheckReport {
        var reader = ManifestReader()
        for file in files { reader.read(file) }
        var report = CheckReport()
        report.diagnostics = reader.diagnostics
        report.counts.files = files.count
        report.counts.objects = reader.objects.count
        for rule in policy.labels { report.counts.byLabel[rule.key.text] = (0, 0) }
        var namespaces: [String: [String: String]] = [:]
        for object in reader.objects where object.gvk == Self.namespaceKind { namespaces[object.name] = object.labels }
        for object in reader.objects { check(object, namespaces, now, &report) }
        return report
    }

    private static let namespaceKind = GroupVersionKind(group: "", version: "v1", kind: "Namespace")

    private func check(
        _ object: ManifestObject, _ namespaces: [String: [String: String]], _ now: Timestamp,
        _ report: inout CheckReport
    ) {
        guard let target = scanner.target(for: object.gvk) else {
            report.diagnostics += UncataloguedTemplates.note(object)
            return
        }
        let scanned: ScannedObject
        switch scan(object, target) {
        case .success(let object): scanned = object
        case .failure(let problem):
            report.diagnostics.append(problem.diagnostic)
            return
        }
        var namespaceName = object.namespace.isEmpty ? defaultNamespace : object.namespace
        let context: NamespaceContext
        if case .namespace = target {
            namespaceName = ""
            if evaluator.isExcluded(namespace: object.name) { return }
            context = evaluator.namespace(object.name, observed: scanned.labels)
        } else {
            if evaluator.isExcluded(namespace: namespaceName) { return }
            context =
                namespaces[namespaceName].map { evaluator.namespace(namespaceName, labels: $0) }
                ?? .unknown(namespaceName)
        }
        if scanned.hasTooManyTemplates {
            report.diagnostics.append(
                object.file.diagnostic(
                    .error, "the object has more than \(ObjectScanner.maximumTemplates) pod templates",
                    remedy: "split it", at: object.node.start))
        }
        let judgements = judge.judge(
            scanned, as: target, kind: object.gvk.kind, name: object.name,
            in: ObjectJudge.Surroundings(namespace: context, suppliesOwners: true), at: now)
        if judgements.isEmpty { return }
        let begin = report.findings.count
        for judgement in judgements {
            for label in judgement.verdict.labels {
                var count = report.counts.byLabel[label.key.text] ?? (0, 0)
                count.judged += 1
                if label.attribution != nil { count.attributed += 1 }
                report.counts.byLabel[label.key.text] = count
            }
            report.findings += findings(judgement, object, namespaceName)
        }
        report.judged.append(
            CheckReport.JudgedObject(
                subject: CheckFinding.Subject(gvk: object.gvk, namespace: namespaceName, name: object.name),
                file: object.file.name, position: object.node.start, findings: begin..<report.findings.count))
    }

    private struct Unreadable: Error {
        let diagnostic: Diagnostic
    }

    /// Renders the object to the JSON kubectl would send and reads it as the gate would.
    private func scan(_ object: ManifestObject, _ target: ScanTarget) -> Result<ScannedObject, Unreadable> {
        let bytes: [UInt8]
        do throws(JSONRenderingError) {
            bytes = try object.node.json()
        } catch {
            let diagnostic = object.file.diagnostic(.error, error.message, at: error.position)
            return .failure(Unreadable(diagnostic: diagnostic))
        }
        return bytes.withUnsafeBytes { buffer in
            do throws(JSONError) {
                return .success(try scanner.scanObject(buffer, as: target))
            } catch {
                let message = error.message(in: buffer)
                let diagnostic = object.file.diagnostic(.error, message, at: object.node.start)
                return .failure(Unreadable(diagnostic: diagnostic))
            }
        }
    }

    // MARK: Findings

    private func findings(
        _ judgement: Judgement, _ object: ManifestObject, _ namespace: String
    ) -> [CheckFinding] {
        let effective = judgement.verdict.labels.compactMap { label in
            label.attribution.map {
                CheckFinding.Effective(key: label.key.text, value: $0.value, source: $0.source)
            }
        }
        return judgement.verdict.labels.compactMap { label in
            guard label.isOpen, let gap = label.gap else { return nil }
            let found = place(of: gap, judgement.labels, object.node)
            var remarks = [text.allowed(label), text.rejectedDefaults(gap), text.expiredExemption(label)]
                .compactMap { $0 }
            if gap.isUncertain {
                remarks.append(
                    "namespace \(GapText.quote(namespace)) is not among the manifests; pass it too if it has the label")
            }
            let isLabelMap = found.position == object.node.start
            return CheckFinding(
                reason: gap.reason, label: label.key.text, level: label.level, isUncertain: gap.isUncertain,
                subject: CheckFinding.Subject(gvk: object.gvk, namespace: namespace, name: object.name),
                message: (["label \(label.key) is \(text.fault(gap))"] + remarks).joined(separator: "; "),
                fix: fix(label, gap, judgement.labels), effective: effective, file: object.file.name,
                position: found.position, length: isLabelMap ? 1 : found.length,
                excerpt: object.file.excerpt(around: found.position))
        }
    }

    /// `set "team: VALUE" in spec.template.metadata.labels`.
    private func fix(_ label: LabelVerdict, _ gap: Gap, _ labels: LabelPlace) -> String {
        let value = gap.nearest ?? "VALUE"
        return "set \"\(label.key): \(value)\" in \(labels.text)"
    }

    /// The value at fault; for a label that is not there, the map it belongs in, or the nearest thing that exists.
    private func place(
        of gap: Gap, _ labels: LabelPlace, _ root: LocatedNode
    ) -> (position: SourcePosition, length: Int) {
        var pointer = JSONPointer(
            tokens: labels.steps.map { step in
                switch step {
                case .member(let name): name
                case .element(let index): String(index)
                }
            })
        if let key = gap.key {
            pointer = pointer.appending(key.text)
            if let node = root.node(at: pointer) { return (node.start, Self.width(node)) }
        }
        let found = root.lookup(pointer)
        return (found.position, Self.width(found.key ?? found.node))
    }

    private static func width(_ node: LocatedNode) -> Int {
        node.start.line == node.end.line ? max(1, node.end.column - node.start.column) : 1
    }
}
