import Admission
package import KubernetesModel
package import LabelPolicy
package import LocatedDocuments

/// Judges manifests as the gate would judge them at the API server.
///
/// Manifests are rendered to the JSON kubectl would send and read by the gate's own scanner, so that both see the same.
/// Namespace manifests of the same input supply defaults and choose modes.
package struct ManifestChecker: Sendable {
    /// Findings listed in one report. A dump of a large cluster without a single label has fewer; beyond it nobody reads
    /// on, and a file of nothing but tiny Pods must not use up the memory.
    package static let maximumFindings = 100_000

    private let policy: Policy
    private let catalogue: WorkloadCatalogue
    private let evaluator: Evaluator
    private let scanner: ReviewScanner
    private let judge: ObjectJudge
    private let text: GapText
    /// The namespace of manifests that name none.
    private let defaultNamespace: String
    /// Whether labels of controllers reach their Pods, as they do where the gate can look them up.
    private let suppliesOwners: Bool
    private let limits: DocumentLimits
    private let maximumFindings: Int

    package init(
        policy: Policy, catalogue: WorkloadCatalogue, defaultNamespace: String = "default",
        suppliesOwners: Bool = true, limits: DocumentLimits = .manifests, maximumFindings: Int = maximumFindings
    ) {
        self.policy = policy
        self.catalogue = catalogue
        evaluator = Evaluator(policy)
        scanner = ReviewScanner(catalogue: catalogue, keys: evaluator.keys)
        judge = ObjectJudge(evaluator: evaluator)
        text = GapText(policy: policy)
        self.defaultNamespace = defaultNamespace
        self.suppliesOwners = suppliesOwners
        self.limits = limits
        self.maximumFindings = maximumFindings
    }

    package func check(_ files: [SourceFile], at now: Timestamp) -> CheckReport {
        var report = CheckReport()
        for rule in policy.labels { report.counts.byLabel[rule.key.text] = CheckReport.LabelCount() }
        let input = read(files, &report)
        for (object, target) in input.objects {
            if report.findings.count >= maximumFindings {
                report.diagnostics.append(
                    object.file.diagnostic(
                        .error, "more than \(maximumFindings) findings; what follows was not judged",
                        remedy: "check fewer files at once", at: object.node.start))
                break
            }
            check(object, target, input, now, &report)
        }
        return report
    }

    // MARK: Reading

    /// The objects of all files that the policy may speak of, with what they mean to each other.
    private struct Input {
        var objects: [(ManifestObject, ScanTarget)] = []
        /// Labels by the namespace's name.
        var namespaces: [String: [String: String]] = [:]
        /// Workloads that were read from a cluster, by UID.
        var controllers: [String: Controller] = [:]
    }

    private struct Controller: Hashable {
        var kind: GroupKind
        var namespace: String
        var name: String
    }

    private static let namespaceKind = GroupVersionKind(group: "", version: "v1", kind: "Namespace")

    private func read(_ files: [SourceFile], _ report: inout CheckReport) -> Input {
        var reader = ManifestReader(limits: limits)
        var uncatalogued = UncataloguedTemplates(catalogue: catalogue)
        var input = Input()
        for file in files {
            let contents = reader.read(file)
            report.diagnostics += contents.diagnostics
            report.counts.objects += contents.objects.count
            for object in contents.objects {
                // What nobody judges is not kept: bundles of definitions are large.
                guard let target = scanner.target(for: object.gvk) else {
                    if let note = uncatalogued.note(object) { report.diagnostics.append(note) }
                    continue
                }
                input.objects.append((object, target))
                if object.gvk == Self.namespaceKind { input.namespaces[object.name] = object.labels }
                if case .workload(let compiled) = target, compiled.kind.decidesLabels, !object.uid.isEmpty {
                    input.controllers[object.uid] = Controller(
                        kind: object.gvk.groupKind, namespace: object.namespace, name: object.name)
                }
            }
        }
        report.counts.files = files.count
        if report.counts.objects == 0, !reader.sawList, !report.hasInputErrors, let first = files.first {
            // The command before a pipe that failed must not pass for a clean check.
            report.diagnostics.append(
                first.diagnostic(
                    .error, "there is no Kubernetes object in the input",
                    remedy: "pass manifests; if they come through a pipe, check the command before it", at: .start))
        }
        return input
    }

    // MARK: Judging

    private func check(
        _ object: ManifestObject, _ target: ScanTarget, _ input: Input, _ now: Timestamp, _ report: inout CheckReport
    ) {
        let scanned: ScannedObject
        switch scan(object, target) {
        case .success(let object): scanned = object
        case .failure(let problem):
            report.diagnostics.append(problem.diagnostic)
            return
        }
        if isSettled(scanned, object, target) || isControlled(scanned, object, input) { return }
        var namespaceName = object.namespace.isEmpty ? defaultNamespace : object.namespace
        let context: NamespaceContext
        if case .namespace = target {
            namespaceName = ""
            if evaluator.isExcluded(namespace: object.name) { return }
            context = evaluator.namespace(object.name, observed: scanned.labels)
        } else {
            if evaluator.isExcluded(namespace: namespaceName) { return }
            context =
                input.namespaces[namespaceName].map { evaluator.namespace(namespaceName, labels: $0) }
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
            in: ObjectJudge.Surroundings(namespace: context, suppliesOwners: suppliesOwners), at: now)
        if judgements.isEmpty { return }
        let subject = CheckFinding.Subject(gvk: object.gvk, namespace: namespaceName, name: object.name)
        let begin = report.findings.count
        var seen: Set<Identity> = []
        for (index, judgement) in judgements.enumerated() {
            // Coverage is of what costs money.
            for label in judgement.verdict.labels where !namespaceName.isEmpty {
                report.counts.byLabel[label.key.text, default: CheckReport.LabelCount()].judged += 1
                if label.attribution != nil {
                    report.counts.byLabel[label.key.text, default: CheckReport.LabelCount()].attributed += 1
                }
            }
            let maps = labelMaps(judgement, index, scanned, target)
            report.findings += findings(judgement, object, subject, maps).filter { finding in
                // Templates that inherit the same wrong value from the object share one finding.
                seen.insert(Identity(finding)).inserted
            }
        }
        report.judged.append(
            CheckReport.JudgedObject(
                subject: subject, file: object.file.name, position: object.node.start,
                answer: judgements.map { Self.answer($0.verdict) }.max() ?? .admitted,
                findings: begin..<report.findings.count))
    }

    /// What makes two findings of one object the same to a reader.
    private struct Identity: Hashable {
        let position: SourcePosition
        let label: String
        let fault: String

        init(_ finding: CheckFinding) {
            position = finding.position
            label = finding.label
            fault = finding.fault
        }
    }

    /// Whether the object, as it was read from a cluster, is nothing anybody could mend: the kubelet's own Pod, or on its
    /// way out. In a manifest written by hand neither means anything.
    private func isSettled(_ scanned: ScannedObject, _ object: ManifestObject, _ target: ScanTarget) -> Bool {
        guard !object.uid.isEmpty else { return false }
        if scanned.isTerminating { return true }
        if case .workload(let compiled) = target, compiled.kind.isPod { return scanned.isMirror }
        return false
    }

    /// Whether the object was made by a workload that is judged here too. Only a UID proves it, so manifests written by
    /// hand are always judged themselves.
    private func isControlled(_ scanned: ScannedObject, _ object: ManifestObject, _ input: Input) -> Bool {
        guard let reference = scanned.controller, let kind = try? reference.groupKind(), reference.uid != object.uid
        else { return false }
        let named = Controller(kind: kind, namespace: object.namespace, name: reference.name)
        return input.controllers[reference.uid] == named
    }

    private static func answer(_ verdict: Verdict) -> CheckReport.GateAnswer {
        // Recommended labels never deny, whatever the mode that hangs on an unknown namespace.
        if verdict.mode == nil, !verdict.labels.contains(where: { $0.isViolation }) {
            return verdict.hasGaps ? .warned : .admitted
        }
        switch verdict.outcome {
        case .compliant: return .admitted
        case .tolerated: return verdict.mode == .audit ? .counted : .warned
        case .violating: return .denied
        case .unknown: return .unknown
        }
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
                // Places in what was rendered would mean nothing to the reader.
                let diagnostic = object.file.diagnostic(.error, "\(error.reason)", at: object.node.start)
                return .failure(Unreadable(diagnostic: diagnostic))
            }
        }
    }

    // MARK: Findings

    private func labelMaps(
        _ judgement: Judgement, _ index: Int, _ scanned: ScannedObject, _ target: ScanTarget
    ) -> LabelMaps {
        guard case .workload(let compiled) = target, !compiled.kind.isPod, scanned.templates.indices.contains(index)
        else { return .own }
        return LabelMaps(written: judgement.labels, scanned.templates[index], of: compiled.kind)
    }

    private func findings(
        _ judgement: Judgement, _ object: ManifestObject, _ subject: CheckFinding.Subject, _ maps: LabelMaps
    ) -> [CheckFinding] {
        guard judgement.verdict.hasGaps else { return [] }
        let effective = judgement.verdict.labels.compactMap { label in
            label.attribution.map {
                CheckFinding.Effective(key: label.key.text, value: $0.value, source: $0.source)
            }
        }
        return judgement.verdict.labels.compactMap { label in
            guard label.isOpen, let gap = label.gap else { return nil }
            let rule = policy.labels.indices.contains(label.rule) ? policy.labels[label.rule] : nil
            let place = FindingPlace.find(gap, keys: [label.key] + (rule?.aliases ?? []), maps, in: object.node)
            var fault = text.fault(gap)
            var proposal = gap.nearest
            if let value = place.value, value.string == nil, !value.isNull, gap.key != nil {
                // What the scanner quotes of a value that is no text would puzzle whoever wrote it.
                fault = "\(gap.reason.rawValue): label values are strings, found \(value.foundDescription)"
                proposal = value.scalar?.text
            }
            var faults = ["cost label \(label.key): \(fault)"]
            if let rejected = text.rejectedDefaults(gap) { faults.append(rejected) }
            if let expired = text.expiredExemption(label) { faults.append(expired) }
            return CheckFinding(
                reason: gap.reason, label: label.key.text, level: label.level, mode: judgement.verdict.mode,
                isUncertain: gap.isUncertain, subject: subject, fault: faults.joined(separator: "; "),
                hint: text.allowed(label), proposal: proposal, place: place.labels.text, effective: effective,
                source: object.file, position: place.position, length: place.length)
        }
    }
}
