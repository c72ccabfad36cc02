extension Policy {
    /// The policy that holds when none is given: the six labels of the cost-attribution scheme, no registry, warnings
    /// only. A fresh install therefore never denies anything.
    package static let builtIn: Policy = {
        /// The texts below are constants that the tests check, so a bad one is left out rather than trapped on.
        func keys(_ texts: [String]) -> [LabelKey] { texts.compactMap { try? LabelKey($0) } }
        func values(_ texts: [String]) -> [LabelValue] { texts.compactMap { try? LabelValue($0) } }
        func synonyms(_ pairs: [(String, String)]) -> [LabelValue: LabelValue] {
            var result: [LabelValue: LabelValue] = [:]
            for (spelling, value) in pairs {
                if let spelling = try? LabelValue(spelling), let value = try? LabelValue(value) {
                    result[spelling] = value
                }
            }
            return result
        }
        func rule(
            _ key: String, _ level: Level, aliases: [String] = [], values: ValueRule = ValueRule(),
            defaultFrom: [DefaultSource] = [], requiredWhenGPU: Bool = false, tag: String? = nil
        ) -> LabelRule? {
            guard let key = try? LabelKey(key) else { return nil }
            return LabelRule(
                key: key, level: level, aliases: keys(aliases), values: values, defaultFrom: defaultFrom,
                requiredWhenGPU: requiredWhenGPU, tag: tag)
        }
        let rules: [LabelRule?] = [
            rule(
                "team", .required, aliases: ["owner-team", "app.kubernetes.io/team"],
                values: ValueRule(lowercased: true), defaultFrom: [.owner, .namespace], tag: "Team"),
            rule(
                "cost-center", .required, aliases: ["costCenter", "cost_center"], defaultFrom: [.owner, .namespace],
                tag: "CostCenter"),
            rule(
                "environment", .required,
                values: ValueRule(
                    oneOf: values(["production", "staging", "development"]),
                    synonyms: synonyms([("prod", "production"), ("stage", "staging"), ("dev", "development")])),
                defaultFrom: [.owner, .namespace], tag: "Environment"),
            rule("project", .recommended, tag: "Project"),
            rule("model", .recommended, requiredWhenGPU: true),
            rule(
                "workload-type", .recommended,
                values: ValueRule(oneOf: values(["training", "inference", "batch", "notebook"]))),
        ]
        return Policy(
            name: "built-in", mode: .warn, labels: rules.compactMap { $0 },
            excludedNamespaces: ["kube-system", "kube-public", "kube-node-lease"].map(Glob.init))
    }()
}
