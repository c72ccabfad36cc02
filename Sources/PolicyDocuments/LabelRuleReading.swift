import LabelPolicy
import LocatedDocuments

// `spec.labels` of an AttributionPolicy.

extension FileLog {
    func labelRule(_ node: LocatedNode, _ path: String) -> LabelRule? {
        guard
            let reader = ObjectReader(
                node, path: path, fields: ["key", "level", "aliases", "values", "defaultFrom", "requiredWhen", "tag"],
                advice: ["registered": "write it under values", "oneOf": "write it under values"], log: self)
        else { return nil }
        let key = reader.required("key", remedy: "name the label, such as `key: team`")
            .flatMap { labelKey($0, reader.path("key")) }
        let level = reader.required("level", remedy: "add `level: required` or `level: recommended`")
            .flatMap { choice(Level.self, $0, reader.path("level")) }
        let aliases = reader.optional("aliases")
            .flatMap { list($0, reader.path("aliases"), labelKey) }
        let values = valueRule(reader, key: key)
        let defaults = reader.optional("defaultFrom").flatMap { defaultSources($0, reader.path("defaultFrom")) }
        let gpu = requiredWhenGPU(reader, level: level)
        let tag = reader.optional("tag").flatMap { text($0, reader.path("tag"), maximumLength: TextLimits.tag) }
        guard let key, let level else { return nil }
        return LabelRule(
            key: key, level: level, aliases: aliases ?? [], values: values, defaultFrom: defaults ?? [],
            requiredWhenGPU: gpu, tag: tag)
    }

    // MARK: Values

    private enum Normalization: String, CaseIterable {
        case lowercase, none
    }

    private func valueRule(_ rule: ObjectReader, key: LabelKey?) -> ValueRule {
        guard
            let reader = rule.object(
                "values", fields: ["registered", "normalize", "oneOf", "synonyms", "pattern"])
        else { return ValueRule() }
        let registered = reader.optional("registered").flatMap { dimension($0, reader.path("registered"), key: key) }
        let normalization = reader.optional("normalize")
            .flatMap { choice(Normalization.self, $0, reader.path("normalize")) }
        let oneOf = reader.optional("oneOf").flatMap {
            filledList($0, reader.path("oneOf"), remedy: "name a value, or remove the line to allow any", labelValue)
        }
        let synonyms = reader.optional("synonyms").flatMap { self.synonyms($0, reader.path("synonyms")) }
        let pattern = reader.optional("pattern").flatMap { self.pattern($0, reader.path("pattern")) }
        return ValueRule(
            registered: registered, lowercased: normalization == .lowercase, oneOf: oneOf, synonyms: synonyms ?? [:],
            pattern: pattern)
    }

    /// `true` (what the label stands for follows from its key), `false`, or the dimension by name.
    private func dimension(_ node: LocatedNode, _ path: String, key: LabelKey?) -> RegistryDimension? {
        let words = RegistryDimension.allCases.map(\.rawValue)
        switch node.resolved {
        case .bool(false): return nil
        case .bool(true):
            guard let key else { return nil }
            if let dimension = RegistryDimension(inferredFrom: key) { return dimension }
            error(
                "\(path): what \"\(key)\" stands for in the registry does not follow from its name",
                remedy: "write \(words.map { "`registered: \($0)`" }.joined(separator: " or "))", at: node)
            return nil
        case .string(let text) where RegistryDimension(rawValue: text) != nil:
            return RegistryDimension(rawValue: text)
        default:
            let guess = node.string.flatMap { didYouMean($0, words) }
            error(
                "\(path) must be true, false or one of \(listed(words)), found \(node.foundDescription)",
                remedy: guess.map { "did you mean \"\($0)\"?" }, at: node)
            return nil
        }
    }

    private func synonyms(_ node: LocatedNode, _ path: String) -> [LabelValue: LabelValue]? {
        guard let entries = node.mapping else {
            error(
                "\(path) must be a mapping, found \(node.foundDescription)",
                remedy: "write each spelling with the value it stands for, such as {prod: production}", at: node)
            return nil
        }
        var result: [LabelValue: LabelValue] = [:]
        var isComplete = true
        for entry in entries {
            let spelling = labelValue(entry.key, "the synonym in \(path)")
            let value = labelValue(entry.value, "\(path).\(entry.name)")
            if let spelling, let value { result[spelling] = value } else { isComplete = false }
        }
        return isComplete ? result : nil
    }

    private func pattern(_ node: LocatedNode, _ path: String) -> Pattern? {
        guard let text = text(node, path) else { return nil }
        do throws(PatternError) {
            return try Pattern(text)
        } catch {
            let (message, remedy) = split(error.explanation)
            self.error(
                "\(path), column \(error.column) of the pattern: \(message)", remedy: remedy,
                at: place(in: node, text: text, column: error.column))
            return nil
        }
    }

    // MARK: Defaults

    private func defaultSources(_ node: LocatedNode, _ path: String) -> [DefaultSource]? {
        guard let sources = list(node, path, defaultSource), let items = node.sequence else { return nil }
        var fixed: Int?
        for (index, source) in sources.enumerated() {
            if let fixed {
                error(
                    "\(path)[\(index)] is never reached: \(path)[\(fixed)] always has a value",
                    remedy: "put {value: …} last", at: items[index])
                return nil
            }
            if sources[..<index].contains(source) {
                error("\(path)[\(index)] stands there already", remedy: "remove one of the two", at: items[index])
                return nil
            }
            if case .value = source { fixed = index }
        }
        return sources
    }

    private func defaultSource(_ node: LocatedNode, _ path: String) -> DefaultSource? {
        if node.mapping != nil {
            guard let reader = ObjectReader(node, path: path, fields: ["value"], log: self) else { return nil }
            return reader.required("value", remedy: "name the value, such as {value: shared}")
                .flatMap { labelValue($0, reader.path("value")) }.map { .value($0) }
        }
        switch node.string {
        case "owner": return .owner
        case "namespace": return .namespace
        case "registry": return .registry
        default:
            let words = ["owner", "namespace", "registry"]
            let guess = node.string.flatMap { didYouMean($0, words) }
            let fixed = node.scalar.map { "for a fixed value write {value: \($0.text)}" }
            error(
                "\(path) must be owner, namespace, registry or {value: …}, found \(node.foundDescription)",
                remedy: guess.map { "did you mean \"\($0)\"?" } ?? fixed, at: node)
            return nil
        }
    }

    private func requiredWhenGPU(_ rule: ObjectReader, level: Level?) -> Bool {
        guard let reader = rule.object("requiredWhen", fields: ["gpu"]),
            let node = reader.required("gpu", remedy: "write {gpu: true}"),
            let value = bool(node, reader.path("gpu"))
        else { return false }
        if value, level == .required {
            warning(
                "\(reader.path) changes nothing: the label is required anyway",
                remedy: "remove it, or write `level: recommended`", at: reader.node)
        }
        return value
    }
}

/// Parts an explanation at its first semicolon into what is wrong and what to do.
func split(_ explanation: String) -> (message: String, remedy: String?) {
    var rest = explanation[...]
    while let semicolon = rest.firstIndex(of: ";") {
        let after = rest.index(after: semicolon)
        if after < rest.endIndex, rest[after] == " " {
            return (
                String(explanation[..<semicolon]), String(rest[rest.index(after: after)...])
            )
        }
        rest = rest[after...]
    }
    return (explanation, nil)
}
