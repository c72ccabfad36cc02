package import Attribution

extension AuditReport {
    /// How much belongs to somebody: by workloads and by spend.
    package struct Share: Sendable, Hashable {
        /// Workload roots that are attributed, of those that are judged.
        package var attributedWorkloads: Int
        package var workloads: Int
        /// Per hour. Idle room, overhead and everything else that belongs to nobody is in `spend` too.
        package var attributedSpend: Money
        package var spend: Money

        package init(
            attributedWorkloads: Int = 0, workloads: Int = 0, attributedSpend: Money = .zero, spend: Money = .zero
        ) {
            self.attributedWorkloads = attributedWorkloads
            self.workloads = workloads
            self.attributedSpend = attributedSpend
            self.spend = spend
        }

        package var unattributedWorkloads: Int { workloads - attributedWorkloads }
        package var unattributedSpend: Money { spend - attributedSpend }

        /// In hundredths of a percent (0...10,000), rounded down so that only everything is 100 %; nil if there is no
        /// workload.
        package var workloadBasisPoints: Int? {
            workloads > 0 ? attributedWorkloads * 10_000 / workloads : nil
        }

        /// The same of the spend; nil if nothing costs anything.
        package var spendBasisPoints: Int? {
            guard spend > .zero, attributedSpend >= .zero else { return nil }
            // At most 2^95 nano-units for each of 2^32 objects would not fit; no sum of prices comes near.
            let scaled = attributedSpend.nanos.multipliedReportingOverflow(by: 10_000)
            guard !scaled.overflow else { return nil }
            return Int(exactly: scaled.partialValue / spend.nanos)
        }
    }

    package struct LabelCoverage: Sendable, Hashable {
        package var label: String
        package var share: Share

        package init(label: String, share: Share) {
            self.label = label
            self.share = share
        }
    }

    /// What the audit is about. Attributed is a workload of which every label that is required of it has an effective
    /// value (or an exemption that holds); for one label, a workload that has a value for it.
    package struct Coverage: Sendable, Hashable {
        package var all: Share
        /// One for each label of the policy, in its order, also for recommended ones.
        package var byLabel: [LabelCoverage]

        package init(all: Share = Share(), byLabel: [LabelCoverage] = []) {
            self.all = all
            self.byLabel = byLabel
        }
    }
}
