import Attribution
import Audit
import KubernetesModel
import LabelPolicy
import TestSupport
import Testing

@Suite("Fixes")
struct FixTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var group: String
        var kind: String
        var version = "v1"
        var defaults: [DefaultSource] = []
        var command: String
        var remark: String? = nil
        var gentler: String? = nil

        var testDescription: String { "\(kind).\(group) with \(defaults)" }
    }

    private static let templatePatch =
        #"'--patch={"spec":{"template":{"metadata":{"labels":{"team":"<team>"}}}}}'"#

    @Test(
        "A missing label is set at the place of the workload's kind",
        arguments: [
            Case(
                group: "apps", kind: "Deployment",
                command: "kubectl patch --namespace=shop deployment.apps/web --type=merge " + templatePatch,
                remark: "starts a rollout: the Pods are replaced"),
            Case(
                group: "apps", kind: "StatefulSet", defaults: [.owner],
                command: "kubectl patch --namespace=shop statefulset.apps/web --type=merge " + templatePatch,
                remark: "starts a rollout: the Pods are replaced",
                gentler: "kubectl label --overwrite --namespace=shop statefulset.apps/web 'team=<team>'"),
            Case(
                group: "apps", kind: "ReplicaSet",
                command: "kubectl patch --namespace=shop replicaset.apps/web --type=merge " + templatePatch,
                remark: "takes effect with new Pods; those that run stay as they are"),
            Case(
                group: "batch", kind: "CronJob",
                command: "kubectl patch --namespace=shop cronjob.batch/web --type=merge "
                    + #"'--patch={"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"team":"<team>"}}}}}}}'"#,
                remark: "takes effect with the next Job; what runs stays as it is"),
            Case(
                group: "batch", kind: "Job", command: "",
                remark: "the template of a Job cannot be changed: set team: <team> in its manifest, for the next one"),
            Case(
                group: "batch", kind: "Job", defaults: [.owner],
                command: "kubectl label --overwrite --namespace=shop job.batch/web 'team=<team>'"),
            Case(
                group: "jobset.x-k8s.io", kind: "JobSet", version: "v1alpha2", command: "",
                remark:
                    "set team: <team> in each spec.replicatedJobs[*].template.spec.template.metadata.labels of its manifest"
            ),
            Case(
                group: "jobset.x-k8s.io", kind: "JobSet", version: "v1alpha2", defaults: [.owner],
                command: "kubectl label --overwrite --namespace=shop jobsets.jobset.x-k8s.io/web 'team=<team>'"),
            Case(
                group: "acme.io", kind: "Training", version: "v2", defaults: [.owner],
                command: "kubectl label --overwrite --namespace=shop Training.v2.acme.io/web 'team=<team>'"),
            Case(
                group: "acme.io", kind: "Training", version: "v2", command: "",
                remark: "set the label team of the Pods through the Training that makes them"),
        ])
    func places(_ this: Case) throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        let owner = cluster.owner(
            group: this.group, version: this.version, kind: this.kind, namespace: "shop", name: "web")
        cluster.pod("web-0", namespace: "shop", controller: owner)
        var policy = Policy.team
        policy.labels[0].defaultFrom = this.defaults
        let finding = try #require(cluster.audited(policy).findings.first)
        let fix = try #require(finding.fix)
        #expect(fix.commands == (this.command.isEmpty ? [] : [this.command]))
        if let remark = this.remark { #expect(fix.remarks.contains(remark)) } else { #expect(fix.remarks == []) }
        #expect(finding.gentlerFix?.commands == this.gentler.map { [$0] })
        #expect(
            fix.effect.mayRestart
                == (this.remark?.contains("replaced") ?? false || this.remark?.contains("each") ?? false))
        // A placeholder is nothing to apply.
        #expect(fix.patch == nil)
    }

    @Test("A Pod without an owner is labelled itself")
    func pod() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod("debug", namespace: "shop")
        let fix = cluster.audited(.team).findings.first?.fix
        #expect(fix?.text == "kubectl label --overwrite --namespace=shop pod/debug 'team=<team>'")
    }

    @Test("The namespace is labelled where that mends more than one workload")
    func namespace() {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        cluster.deployment("web", namespace: "shop")
        cluster.deployment("api", namespace: "shop", pods: 2)
        let report = cluster.audited(.team)
        for finding in report.findings {
            #expect(finding.fix?.text == "kubectl label --overwrite namespace/shop 'team=<team>'  # mends 2 workloads")
        }
        guard case .label(let edit)? = report.findings.first?.fix else {
            Issue.record("no label is set")
            return
        }
        #expect(edit.mends == AuditReport.Mending(workloads: 2, costPerHour: "3"))
    }

    @Test("The namespace is not labelled where its workloads belong to several teams")
    func severalTeams() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        for (name, team) in [("a", "payments"), ("b", "search"), ("c", nil), ("d", nil)] as [(String, String?)] {
            cluster.deployment(name, namespace: "shop", template: team.map { ["team": $0] } ?? [:])
        }
        let targets = cluster.audited(.team).findings.map { finding -> String in
            guard case .label(let edit)? = finding.fix else { return "" }
            return edit.target.kind
        }
        #expect(targets == ["Deployment", "Deployment"])
    }

    @Test("A namespace is a finding of its own where the policy speaks of namespaces")
    func namespaceFinding() throws {
        var cluster = ClusterBuilder()
        cluster.pricedNode("node-1")
        cluster.namespace("shop")
        cluster.namespace("empty")
        cluster.deployment("web", namespace: "shop", pods: 2)
        var policy = Policy.team
        policy.subjects = [.workloads, .namespaces]
        let report = cluster.audited(policy)
        #expect(report.summary == ["Namespace/shop team missing", "Deployment/web team missing"])
        #expect(report.findings[0].costPerHour == "2")
        #expect(report.findings[0].pods == 2)
        #expect(report.findings[0].message.hasSuffix("the namespace could supply it to 1 workload"))
    }

    @Test("A default that is refused is mended where it stands")
    func rejectedDefault() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop", labels: ["environment": "prd"])
        cluster.deployment("web", namespace: "shop")
        var rule = LabelRule.environment
        rule.tag = nil
        let policy = Policy(name: "environments", mode: .warn, subjects: [.workloads], labels: [rule])
        let finding = cluster.audited(policy).findings.first
        #expect(finding?.message.contains("the namespace supplies \"prd\"") == true)
        #expect(finding?.fix?.commands == ["kubectl label --overwrite namespace/shop 'environment=<environment>'"])
    }

    @Test(
        "A value is proposed where one can be known",
        arguments: [
            (["team": "ml-platfrom"], "team", "ml-platform"),
            (["team": "payments", "cost-center": "research"], "cost-center", "checkout"),
            (["environment": "prodution"], "environment", "production"),
            (["team": "zzz"], "team", "<team>"),
        ])
    func values(labels: [String: String], label: String, expected: String) throws {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod("debug", namespace: "shop", labels: labels)
        let finding = try #require(cluster.audited().findings.first { $0.label == label && $0.subject.kind == "Pod" })
        guard case .label(let edit)? = finding.fix else {
            Issue.record("no label is set")
            return
        }
        #expect(edit.value.text == expected)
        #expect((finding.fix?.patch == nil) == expected.hasPrefix("<"))
        if edit.value.isKnown {
            #expect(finding.fix?.patch?.body == #"{"metadata":{"labels":{"\#(label)":"\#(expected)"}}}"#)
        }
    }

    @Test("A value of the Pods is mended in their template: an owner's label would not win over it")
    func ownValue() {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        let owner = cluster.owner(group: "batch", kind: "Job", namespace: "shop", name: "load")
        cluster.pod("load-0", namespace: "shop", labels: ["team": "nobody"], controller: owner)
        let fix = cluster.audited().findings(.unregisteredValue, "team").first?.fix
        #expect(fix?.effect == .immutable)
        #expect(fix?.commands == [])
    }

    @Test(
        "No command is given for names that no object can have",
        arguments: [
            "web; rm -rf /", "$(id)", "-f", "a b", "a'b", "line\nbreak", "\u{202E}web", "",
        ])
    func hostileNames(name: String) {
        var cluster = ClusterBuilder()
        cluster.namespace("shop")
        cluster.pod(name, namespace: "shop")
        cluster.pod("web", namespace: name)
        for finding in cluster.audited(.team).findings where finding.subject.kind == "Pod" {
            let isNamed = finding.subject.name == name || finding.subject.namespace == name
            // A Pod in no namespace at all is named well enough.
            if isNamed, !(name.isEmpty && finding.subject.name == "web") { #expect(finding.fix?.commands == []) }
            #expect(finding.fix?.text.contains("\n") == false)
        }
    }

    @Test("Every word of a command reaches the program as it is")
    func quoting() async throws {
        var random = SeededGenerator(seed: 11)
        let alphabet = Array("ab9-_./:=@%+, '\"\\$`!*?#~&|;<>(){}[]^é".unicodeScalars)
        var words: [String] = []
        for _ in 0..<200 {
            var word = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) { word.unicodeScalars.append(random.pick(alphabet)) }
            words.append(word)
        }
        let script =
            "for word in " + words.map(ShellText.quote).joined(separator: " ") + "; do printf '%s\\n' \"$word\"; done"
        let result = try await ChildProcess.run("/bin/sh", ["-c", script])
        #expect(result.succeeded)
        #expect(result.output == words.map { $0 + "\n" }.joined())
    }
}
