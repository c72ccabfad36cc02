/// What of a cluster could not be read, so that a report can say what it does not cover.
package struct ReadingNote: Sendable, Hashable, CustomStringConvertible {
    package enum Gap: Sendable, Hashable {
        /// Not allowed; the text names the rule that would allow it.
        case forbidden(String)
        /// The cluster does not know the resource, which is usual for what an operator installs.
        case absent
        /// The request failed for another reason.
        case failed(String)
        /// Single objects had problems: how many problems, and the first of them.
        case problems(count: Int, first: [ObjectProblem])
    }

    /// Problems that a note quotes: enough to see a pattern, and bounded whatever the cluster holds.
    package static let maximumProblems = 20

    /// The resource with its group, as `kubectl` takes it: `pods`, `nodepools.karpenter.sh`.
    package let resource: String
    package let gap: Gap

    package init(resource: String, gap: Gap) {
        self.resource = resource
        self.gap = gap
    }

    package var description: String {
        switch gap {
        case .forbidden(let remedy): "\(resource): not allowed to read; \(remedy)"
        case .absent: "\(resource): the cluster has no such resource"
        case .failed(let reason): "\(resource): not read: \(reason)"
        case .problems(let count, let first):
            "\(resource): \(count) problem\(count == 1 ? "" : "s") with single objects"
                + (first.isEmpty ? "" : "; the first: \(first[0])")
        }
    }
}
