package import Attribution
package import LabelPolicy

extension AuditReport {
    /// One label of one subject that is not as the policy wants it, or one thing that costs money for nobody.
    ///
    /// There is one for each subject, label and reason; Pods are counted, not listed. The order of a report: by
    /// cost descending, required before recommended, then by subject, label and reason. The costs of findings overlap (a
    /// workload that lacks two labels has two), so their sum means nothing; `Totals` has the sums.
    package struct Finding: Sendable, Hashable {
        package var reason: Reason
        /// The key the policy gives the label; nil where none is at fault (`unmounted`, `unpriced`, …).
        package var label: String?
        package var level: Level
        /// What the gate would do about it; nil where the gate does not see it, or where that hangs on a namespace that
        /// could not be read.
        package var mode: Mode?
        package var subject: ObjectReference
        /// Pods that have not ended; 0 for a workload that is scaled down.
        package var pods: Int
        /// Of those, Pods whose node has no price: their cost is not in `costPerHour`.
        package var unpricedPods: Int
        /// Nil where no price is known at all.
        package var costPerHour: Money?
        /// The labels under which the subject is billed as it stands, in the policy's order.
        package var effective: [EffectiveLabel]
        package var facts: Facts
        /// One line that says what is wrong and what would be right.
        package var message: String
        package var fix: Fix?
        /// Another way that restarts nothing, where `fix` does; or one at another place.
        package var gentlerFix: Fix?
        /// The namespace or an owner could not be read, and might supply the label.
        package var isUncertain: Bool
        /// Of a workload, as it says itself or as its Pods' references do; empty where nobody says.
        package var subjectUID = ""
        /// Of the cost.
        package var currency = Currency.usd

        package init(
            reason: Reason, label: String? = nil, level: Level, mode: Mode? = nil, subject: ObjectReference,
            pods: Int = 0, unpricedPods: Int = 0, costPerHour: Money? = .zero, effective: [EffectiveLabel] = [],
            facts: Facts, message: String, fix: Fix? = nil, gentlerFix: Fix? = nil, isUncertain: Bool = false
        ) {
            self.reason = reason
            self.label = label
            self.level = level
            self.mode = mode
            self.subject = subject
            self.pods = pods
            self.unpricedPods = unpricedPods
            self.costPerHour = costPerHour
            self.effective = effective
            self.facts = facts
            self.message = message
            self.fix = fix
            self.gentlerFix = gentlerFix
            self.isUncertain = isUncertain
        }

        package var costPerMonth: Money? { costPerHour?.perMonth }
    }

    /// A label under which something is billed.
    package struct EffectiveLabel: Sendable, Hashable {
        package var key: String
        package var value: String
        package var source: Source

        package init(key: String, value: String, source: Source) {
            self.key = key
            self.value = value
            self.source = source
        }
    }

    /// What `Finding.message` is made of.
    package enum Facts: Sendable, Hashable {
        /// A label that is missing or wrong. `variants`: how many different faults its Pods have; the dearest is shown.
        case gap(Gap, expiredExemption: ExpiredExemption?, variants: Int)
        /// A namespace could supply a label that its workloads lack.
        case namespaceDefault(Gap, mends: Mending)
        case expiredExemption(ExpiredExemption)
        /// A team that the registry no longer (or not yet) knows and that is still billed.
        case expiredRegistration(team: String, from: CivilDate?, until: CivilDate?)
        /// The workload's environment, and the environments of the node groups its Pods run on.
        case environmentMismatch(environment: String, groups: [GroupEnvironment])
        case unpriced(instanceTypes: [String], nodes: Int, cause: String)
        /// `nodes` of the group's `of` nodes lack it.
        case tagMissing(tag: String, nodes: Int, of: Int)
        /// The values found, each with where it stands.
        case tagDrift(tag: String, values: [TagValue])
        /// A volume that no Pod mounts.
        case unmounted(bytes: Int64, storageClass: String, isReleased: Bool)
        /// The schema of the custom resource's kind drops the metadata of its Pod template.
        case metadataPruned(path: String)
    }

    package struct ExpiredExemption: Sendable, Hashable {
        package var name: String
        package var expired: CivilDate
        package var owner: String
        package var ticket: String?

        package init(name: String, expired: CivilDate, owner: String, ticket: String?) {
            self.name = name
            self.expired = expired
            self.owner = owner
            self.ticket = ticket
        }
    }

    /// What one edit would mend.
    package struct Mending: Sendable, Hashable {
        package var workloads: Int
        package var costPerHour: Money

        package init(workloads: Int = 0, costPerHour: Money = .zero) {
            self.workloads = workloads
            self.costPerHour = costPerHour
        }
    }

    package struct GroupEnvironment: Sendable, Hashable {
        package var group: String
        package var environment: String
        package var pods: Int
        package var costPerHour: Money

        package init(group: String, environment: String, pods: Int, costPerHour: Money) {
            self.group = group
            self.environment = environment
            self.pods = pods
            self.costPerHour = costPerHour
        }
    }

    package struct TagValue: Sendable, Hashable {
        /// `node label team`, `EC2NodeClass default`.
        package var place: String
        package var value: String
        /// Nodes that have it there; 0 for what is no node.
        package var nodes: Int

        package init(place: String, value: String, nodes: Int) {
            self.place = place
            self.value = value
            self.nodes = nodes
        }
    }
}
