/// A Kubernetes label selector: `matchLabels` and `matchExpressions`, all of which must hold.
package struct LabelSelector: Hashable, Sendable {
    package enum Operator: String, Sendable, CaseIterable {
        case `in` = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    package struct Requirement: Hashable, Sendable {
        package var key: LabelKey
        package var `operator`: Operator
        package var values: [String]

        package init(key: LabelKey, operator: Operator, values: [String] = []) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }
    }

    package var matchLabels: [LabelKey: String]
    package var matchExpressions: [Requirement]

    package init(matchLabels: [LabelKey: String] = [:], matchExpressions: [Requirement] = []) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    /// An empty selector selects everything, as in Kubernetes.
    package var selectsEverything: Bool { matchLabels.isEmpty && matchExpressions.isEmpty }

    /// Whether `labels` are selected. `NotIn` holds for an absent key, as in apimachinery's `labels.Selector`.
    package func matches(_ labels: [String: String]) -> Bool { matches { labels[$0] } }

    /// The same over whatever knows a label's value by its key.
    package func matches(_ label: (String) -> String?) -> Bool {
        for (key, value) in matchLabels where label(key.text) != value { return false }
        for requirement in matchExpressions {
            let value = label(requirement.key.text)
            let holds: Bool
            switch requirement.operator {
            case .in: holds = value.map(requirement.values.contains) ?? false
            case .notIn: holds = value.map { !requirement.values.contains($0) } ?? true
            case .exists: holds = value != nil
            case .doesNotExist: holds = value == nil
            }
            if !holds { return false }
        }
        return true
    }
}
