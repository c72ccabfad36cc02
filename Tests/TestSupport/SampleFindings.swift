import Audit
import LabelPolicy

extension AuditReport {
    /// The findings of `sample`, in a report's order.
    static func sampleFindings() -> [Finding] {
        [
            Finding(
                reason: .unregisteredValue, label: "team", level: .required, mode: .warn,
                subject: ObjectReference(
                    apiVersion: "jobset.x-k8s.io/v1alpha2", kind: "JobSet", namespace: "research", name: "llm-pretrain"),
                pods: 4, costPerHour: "4.5",
                effective: [EffectiveLabel(key: "environment", value: "development", source: .namespace)],
                facts: .gap(
                    Gap(problem: .unregistered(.team), key: "team", found: "mlplatform", nearest: "ml-platform"),
                    expiredExemption: nil, variants: 1),
                message: "cost label team: unregistered-value \"mlplatform\"; did you mean \"ml-platform\"?",
                fix: .label(
                    LabelEdit(
                        target: ObjectReference(
                            apiVersion: "jobset.x-k8s.io/v1alpha2", kind: "JobSet", namespace: "research",
                            name: "llm-pretrain"), resource: "jobsets.jobset.x-k8s.io",
                        place: .templates("spec.replicatedJobs[*].template.spec.template.metadata.labels"), key: "team",
                        value: .known("ml-platform"), effect: .controllerDecides))),
            Finding(
                reason: .missing, label: "team", level: .required, mode: .warn,
                subject: ObjectReference(apiVersion: "v1", kind: "Namespace", name: "research"), pods: 1,
                costPerHour: "4", effective: [EffectiveLabel(key: "environment", value: "development", source: .own)],
                facts: .namespaceDefault(
                    Gap(problem: .missing), mends: Mending(workloads: 1, costPerHour: "4")),
                message: "cost label team: missing; the namespace could supply it to 1 workload",
                fix: .label(
                    LabelEdit(
                        target: ObjectReference(apiVersion: "v1", kind: "Namespace", name: "research"),
                        resource: "namespace", place: .own, key: "team", value: .placeholder("team"),
                        effect: .immediate, mends: Mending(workloads: 1, costPerHour: "4")))),
            Finding(
                reason: .missing, label: "team", level: .required, mode: .warn,
                subject: ObjectReference(
                    apiVersion: "apps/v1", kind: "Deployment", namespace: "research", name: "notebook"),
                pods: 1, costPerHour: "4",
                effective: [EffectiveLabel(key: "environment", value: "development", source: .namespace)],
                facts: .gap(Gap(problem: .missing), expiredExemption: nil, variants: 1),
                message: "cost label team: missing; registered: ml-platform, payments",
                fix: .label(
                    LabelEdit(
                        target: ObjectReference(
                            apiVersion: "apps/v1", kind: "Deployment", namespace: "research", name: "notebook"),
                        resource: "deployment.apps", place: .template(["spec", "template", "metadata", "labels"]),
                        key: "team", value: .placeholder("team"), effect: .rollout)),
                gentlerFix: .label(
                    LabelEdit(
                        target: ObjectReference(
                            apiVersion: "apps/v1", kind: "Deployment", namespace: "research", name: "notebook"),
                        resource: "deployment.apps", place: .own, key: "team", value: .placeholder("team"),
                        effect: .immediate))),
            Finding(
                reason: .missing, label: "cost-center", level: .required, mode: .enforce,
                subject: ObjectReference(
                    apiVersion: "batch/v1", kind: "CronJob", namespace: "shop", name: "nightly-export"),
                pods: 2, costPerHour: "1.2",
                effective: [
                    EffectiveLabel(key: "team", value: "payments", source: .namespace),
                    EffectiveLabel(key: "environment", value: "production", source: .own),
                ],
                facts: .gap(
                    Gap(problem: .missing),
                    expiredExemption: ExpiredExemption(
                        name: "exports", expired: "2026-10-31", owner: "jane@example.com", ticket: "FIN-123"),
                    variants: 1),
                message:
                    "cost label cost-center: missing; payments has: checkout; exemption \"exports\" expired on 2026-10-31",
                fix: .label(
                    LabelEdit(
                        target: ObjectReference(
                            apiVersion: "batch/v1", kind: "CronJob", namespace: "shop", name: "nightly-export"),
                        resource: "cronjob.batch",
                        place: .template(["spec", "jobTemplate", "spec", "template", "metadata", "labels"]),
                        key: "cost-center", value: .known("checkout"), effect: .nextJob))),
            Finding(
                reason: .expiredExemption, level: .required,
                subject: ObjectReference(apiVersion: "tallygate.io/v1alpha1", kind: "Exemption", name: "exports"),
                pods: 2, costPerHour: "1.2",
                facts: .expiredExemption(
                    ExpiredExemption(
                        name: "exports", expired: "2026-10-31", owner: "jane@example.com", ticket: "FIN-123")),
                message: "exemption \"exports\" expired on 2026-10-31; 1 workload it matches has a gap",
                fix: .manual("mend the workloads, or have jane@example.com renew FIN-123")),
            Finding(
                reason: .unpriced, level: .required,
                subject: ObjectReference(apiVersion: "tallygate.io/v1alpha1", kind: "NodeGroup", name: "(no group)"),
                pods: 2,
                unpricedPods: 2,
                costPerHour: nil, facts: .unpriced(instanceTypes: [], nodes: 1, cause: "no instance type"),
                message: "1 node has no price: it has no instance type",
                fix: .manual("give it a price in the price list of the policy")),
            Finding(
                reason: .invalidValue, label: "environment", level: .required,
                subject: ObjectReference(apiVersion: "v1", kind: "Pod", namespace: "sandbox", name: "debug"), pods: 2,
                unpricedPods: 2, costPerHour: "0",
                facts: .gap(
                    Gap(problem: .notAllowed, key: "environment", found: "prd", nearest: "production"),
                    expiredExemption: nil, variants: 1),
                message: "cost label environment: invalid-value \"prd\"; did you mean \"production\"?",
                fix: .label(
                    LabelEdit(
                        target: ObjectReference(apiVersion: "v1", kind: "Pod", namespace: "sandbox", name: "debug"),
                        resource: "pod", place: .own, key: "environment", value: .known("production"),
                        effect: .immediate)), isUncertain: false),
            Finding(
                reason: .environmentMismatch, label: "environment", level: .recommended,
                subject: ObjectReference(
                    apiVersion: "apps/v1", kind: "Deployment", namespace: "research", name: "notebook"),
                pods: 1, costPerHour: "4",
                effective: [EffectiveLabel(key: "environment", value: "development", source: .namespace)],
                facts: .environmentMismatch(
                    environment: "development",
                    groups: [GroupEnvironment(group: "gpu-a100", environment: "production", pods: 1, costPerHour: "4")]),
                message: "development workload on production node group gpu-a100",
                fix: .manual("move it to a node group of its environment with a node selector, which restarts its Pods")
            ),
            Finding(
                reason: .unmounted, level: .recommended,
                subject: ObjectReference(
                    apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "shop", name: "old-data"),
                costPerHour: "0.1",
                effective: [EffectiveLabel(key: "team", value: "payments", source: .namespace)],
                facts: .unmounted(bytes: 107_374_182_400, storageClass: "gp3", isReleased: false),
                message: "no Pod mounts the volume (100 GiB, gp3)",
                fix: .manual("delete the claim if its data is not needed: kubectl delete --namespace=shop pvc/old-data")
            ),
            Finding(
                reason: .tagMissing, label: "team", level: .recommended,
                subject: ObjectReference(apiVersion: "tallygate.io/v1alpha1", kind: "NodeGroup", name: "gpu-a100"),
                pods: 7,
                costPerHour: "0", facts: .tagMissing(tag: "Team", nodes: 1, of: 1),
                message: "node group gpu-a100: 1 of 1 nodes has no team",
                fix: .nodeGroup(
                    NodeGroupEdit(
                        provider: .eks, group: "gpu-a100", place: .nodeLabel, key: "team", value: .placeholder("team"),
                        effect: .immediate))),
            Finding(
                reason: .missing, label: "project", level: .recommended, mode: .warn,
                subject: ObjectReference(
                    apiVersion: "apps/v1", kind: "StatefulSet", namespace: "research", name: "=weird,\"name\""),
                facts: .gap(Gap(problem: .missing), expiredExemption: nil, variants: 1),
                message: "cost label project: missing",
                fix: .label(
                    LabelEdit(
                        target: ObjectReference(
                            apiVersion: "apps/v1", kind: "StatefulSet", namespace: "research", name: "=weird,\"name\""),
                        resource: "statefulset.apps", place: .template(["spec", "template", "metadata", "labels"]),
                        key: "project", value: .placeholder("project"), effect: .rollout))),
        ]
    }
}
