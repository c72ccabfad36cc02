extension Fix {
    /// The commands to run, in order; none where no command does it. Every word is quoted for a POSIX shell, and a name
    /// that no object can have yields no command.
    package var commands: [String] {
        switch self {
        case .label(let edit): edit.commands
        case .nodeGroup(let edit): edit.commands
        case .manual: []
        case .decision(let command, _): [command]
        }
    }

    /// What to know before running them: that Pods are restarted, or what to do by hand. One line each.
    package var remarks: [String] {
        switch self {
        case .label(let edit): edit.remarks
        case .nodeGroup(let edit): edit.remarks
        case .manual(let text), .decision(_, let text): [text]
        }
    }

    /// All in one line: the commands, then `# ` and the remarks.
    package var text: String {
        let commands = commands.joined(separator: " && ")
        let remarks = remarks.joined(separator: "; ")
        if commands.isEmpty { return remarks }
        return remarks.isEmpty ? commands : "\(commands)  # \(remarks)"
    }

    package var effect: FixEffect {
        switch self {
        case .label(let edit): edit.effect
        case .nodeGroup(let edit): edit.effect
        case .manual, .decision: .immediate
        }
    }

    /// The patch that a program could apply as it stands; nil if a value has to be filled in, if the API server would
    /// refuse it, or if it is nothing of the cluster.
    package var patch: MergePatch? {
        switch self {
        case .label(let edit): edit.value.isKnown ? edit.patch : nil
        case .nodeGroup(let edit): edit.value.isKnown ? edit.patch : nil
        case .manual, .decision: nil
        }
    }
}

/// A JSON merge patch (RFC 7386) of one object: some texts under one path.
package struct MergePatch: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    package var target: ObjectReference
    /// The object that holds the members: `metadata`, `labels`.
    package var path: [String]
    package var members: [Member]

    /// An object with these members, in this order, at the end of `path`.
    package init(target: ObjectReference, path: [String], members: [Member]) {
        self.target = target
        self.path = path
        self.members = members
    }

    /// An object with `value` at the end of `path`.
    init(target: ObjectReference, path: [String], value: String) {
        self.init(
            target: target, path: Array(path.dropLast()), members: [Member(key: path.last ?? "", value: value)])
    }

    /// `{"metadata":{"labels":{"team":"payments"}}}`
    package var body: String {
        let pairs = members.map { "\(JSONText.quote($0.key)):\(JSONText.quote($0.value))" }
        var body = "{\(pairs.joined(separator: ","))}"
        for member in path.reversed() { body = "{\(JSONText.quote(member)):\(body)}" }
        return body
    }
}

extension LabelEdit {
    /// The patch with the value as it stands, a placeholder too.
    var patch: MergePatch? {
        guard effect != .immutable else { return nil }
        switch place {
        case .own: return MergePatch(target: target, path: ["metadata", "labels", key], value: value.text)
        case .template(let path): return MergePatch(target: target, path: path + [key], value: value.text)
        case .templates: return nil
        }
    }

    var commands: [String] {
        guard KubectlCommand.canName(target), let patch else { return [] }
        switch place {
        case .own: return [KubectlCommand.label(resource, target, [(key, value.text)])]
        case .template: return [KubectlCommand.patch(resource, patch)]
        case .templates: return []
        }
    }

    var remarks: [String] {
        var remarks: [String] = []
        if !KubectlCommand.canName(target) {
            remarks.append("no command is given for an object with such a name: set \(assignment) by hand")
        }
        if case .templates(let path) = place { remarks.append("set \(assignment) in each \(path) of its manifest") }
        switch effect {
        case .immediate: break
        case .rollout: remarks.append("starts a rollout: the Pods are replaced")
        case .newPods: remarks.append("takes effect with new Pods; those that run stay as they are")
        case .nextJob: remarks.append("takes effect with the next Job; what runs stays as it is")
        case .immutable:
            remarks.append(
                "the template of a \(target.kind) cannot be changed: set \(assignment) in its manifest, for the next one"
            )
        case .controllerDecides: remarks.append("the controller of \(target.kind) may restart the Pods")
        case .nodesReplaced: remarks.append("replaces the nodes and their Pods")
        case .newNodes: remarks.append("takes effect with new nodes")
        }
        // Neither selectors nor what they select can be changed on most kinds.
        if replacesValue, case .template = place, effect != .immutable {
            remarks.append("the API server refuses it if the selector of the \(target.kind) names the label")
        }
        if let mends, mends.workloads > 1 { remarks.append("mends \(mends.workloads) workloads") }
        return remarks
    }

    private var assignment: String { "\(key): \(value.text)" }
}
