/// What is asked of the API server, in its authorizer's terms: for messages and for the rule that would allow it.
package struct APICall: Sendable, Hashable {
    package enum Verb: String, Sendable, Hashable {
        case get, list, watch, create, update, patch, delete
    }

    package enum Object: Sendable, Hashable {
        /// - Parameters:
        ///   - namespace: nil: none, or all of them.
        ///   - name: nil: all, or one that is being created.
        case resource(APIResource, subresource: String?, namespace: String?, name: String?)
        /// `/version`, `/apis`.
        case path(String)
    }

    package var verb: Verb
    package var object: Object

    package init(verb: Verb, object: Object) {
        self.verb = verb
        self.object = object
    }

    package init(
        _ verb: Verb, _ resource: APIResource, subresource: String? = nil, namespace: String? = nil,
        name: String? = nil
    ) {
        self.verb = verb
        object = .resource(resource, subresource: subresource, namespace: namespace, name: name)
    }
}

extension APICall: CustomStringConvertible {
    /// `list pods in namespace web`, `get leases.coordination.k8s.io tallygate in namespace tallygate`.
    package var description: String {
        switch object {
        case .path(let path): return "\(verb.rawValue) \(path)"
        case .resource(let resource, let subresource, let namespace, let name):
            var text = "\(verb.rawValue) \(resource)" + (subresource.map { "/\($0)" } ?? "")
            if let name { text += " \(name)" }
            if let namespace {
                text += " in namespace \(namespace)"
            } else if resource.isNamespaced {
                text += " in all namespaces"
            }
            return text
        }
    }

    /// The RBAC rule that allows it, and the kind of role it belongs into.
    package var permission: String {
        switch object {
        case .path(let path):
            return "a ClusterRole with {nonResourceURLs: [\"\(path)\"], verbs: [\"\(verb.rawValue)\"]}"
        case .resource(let resource, let subresource, let namespace, _):
            let plural = resource.plural + (subresource.map { "/\($0)" } ?? "")
            let rule = "{apiGroups: [\"\(resource.group)\"], resources: [\"\(plural)\"], verbs: [\"\(verb.rawValue)\"]}"
            return namespace.map { "a Role in namespace \($0) with \(rule)" } ?? "a ClusterRole with \(rule)"
        }
    }
}
