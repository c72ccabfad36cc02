package import NIOCore
import NIOHTTP1

/// Options of a call that changes something.
package struct WriteOptions: Sendable, Hashable {
    /// Everything is checked, webhooks are asked, and nothing is kept.
    package var isDryRun: Bool
    /// Who is remembered as the owner of the fields; needed by `apply`.
    package var fieldManager: String?

    package init(isDryRun: Bool = false, fieldManager: String? = nil) {
        self.isDryRun = isDryRun
        self.fieldManager = fieldManager
    }
}

/// How a patch is to be read.
package enum PatchType: Sendable, Hashable {
    /// RFC 7386: null removes, lists are replaced.
    case merge
    /// RFC 6902: a list of operations.
    case json
    /// Kubernetes' own: lists of built-in kinds are merged by their keys.
    case strategic
    /// Server-side apply of a whole or partial object as JSON.
    ///
    /// - Parameter force: takes over fields that others own, instead of a conflict.
    case apply(force: Bool)

    fileprivate var contentType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .json: "application/json-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        case .apply: "application/apply-patch+yaml"
        }
    }

    /// A JSON patch may append or test; the others lead to the same object however often they come.
    fileprivate var effect: RetryPolicy.Effect {
        switch self {
        case .merge, .strategic, .apply: .idempotent
        case .json: .once
        }
    }
}

/// One object, or one of its subresources.
package struct ObjectReference: Sendable, Hashable {
    package var resource: APIResource
    /// nil for resources without namespaces.
    package var namespace: String?
    package var name: String
    package var subresource: String?

    package init(_ resource: APIResource, namespace: String? = nil, name: String, subresource: String? = nil) {
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.subresource = subresource
    }

    fileprivate var target: RequestTarget {
        RequestTarget(resource, namespace: namespace, name: name, subresource: subresource)
    }

    fileprivate func call(_ verb: APICall.Verb) -> APICall {
        APICall(verb, resource, subresource: subresource, namespace: namespace, name: name)
    }
}

/// What becomes of the objects that a deleted one owns.
package enum PropagationPolicy: String, Sendable, Hashable {
    case background = "Background"
    case foreground = "Foreground"
    case orphan = "Orphan"
}

/// Bodies are objects as JSON; answers are objects in the form asked for.
extension KubernetesAPI {
    /// - Parameter isRetried: whether a failure that may pass is waited out until the deadline.
    package func get(
        _ object: ObjectReference, encoding: ResourceEncoding = .json, deadline: NIODeadline, isRetried: Bool = true
    ) async throws(APIError) -> APIAnswer {
        try await answer(
            Exchange(
                call: object.call(.get), method: .GET, target: object.target,
                headers: [("Accept", encoding.acceptHeader(ofList: false))], isRetried: isRetried),
            deadline: deadline)
    }

    /// - Parameter name: of the new object, for messages; nil where the server makes one.
    package func create(
        _ resource: APIResource, namespace: String? = nil, name: String? = nil, body: ByteBuffer,
        options: WriteOptions = WriteOptions(), deadline: NIODeadline
    ) async throws(APIError) -> APIAnswer {
        var target = RequestTarget(resource, namespace: namespace, name: nil)
        add(options, to: &target)
        return try await answer(
            Exchange(
                call: APICall(.create, resource, namespace: namespace, name: name), method: .POST, target: target,
                headers: Self.json, body: body, effect: .once),
            deadline: deadline)
    }

    /// Replaces the object. With `metadata.resourceVersion` in the body it is a conflict if somebody else was faster.
    package func update(
        _ object: ObjectReference, body: ByteBuffer, options: WriteOptions = WriteOptions(), deadline: NIODeadline
    ) async throws(APIError) -> APIAnswer {
        var target = object.target
        add(options, to: &target)
        return try await answer(
            Exchange(
                call: object.call(.update), method: .PUT, target: target, headers: Self.json, body: body, effect: .once),
            deadline: deadline)
    }

    package func patch(
        _ object: ObjectReference, _ type: PatchType, body: ByteBuffer, options: WriteOptions = WriteOptions(),
        deadline: NIODeadline
    ) async throws(APIError) -> APIAnswer {
        var target = object.target
        add(options, to: &target)
        if case .apply(force: true) = type { target.add("force", "true") }
        return try await answer(
            Exchange(
                call: object.call(.patch), method: .PATCH, target: target,
                headers: [("Accept", "application/json"), ("Content-Type", type.contentType)], body: body,
                effect: type.effect),
            deadline: deadline)
    }

    /// Server-side apply: makes the object, or the fields given, so; `fieldManager` owns them from then on.
    package func apply(
        _ object: ObjectReference, body: ByteBuffer, fieldManager: String, force: Bool = false,
        isDryRun: Bool = false, deadline: NIODeadline
    ) async throws(APIError) -> APIAnswer {
        try await patch(
            object, .apply(force: force), body: body,
            options: WriteOptions(isDryRun: isDryRun, fieldManager: fieldManager), deadline: deadline)
    }

    /// - Parameter resourceVersion: if it is given, the object is deleted only in this version.
    package func delete(
        _ object: ObjectReference, propagation: PropagationPolicy? = nil, resourceVersion: String? = nil,
        isDryRun: Bool = false, deadline: NIODeadline
    ) async throws(APIError) -> APIAnswer {
        var target = object.target
        add(WriteOptions(isDryRun: isDryRun), to: &target)
        target.add("propagationPolicy", propagation?.rawValue)
        let body = resourceVersion.map { version in
            var text = Array(#"{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"resourceVersion":"#.utf8)
            text.appendJSON(version)
            return ByteBuffer(bytes: text + Array("}}".utf8))
        }
        return try await answer(
            Exchange(call: object.call(.delete), method: .DELETE, target: target, headers: Self.json, body: body),
            deadline: deadline)
    }

    /// What stands beside the resources: `/version`, `/apis`.
    package func get(
        path: String, accept: String = "application/json", deadline: NIODeadline
    ) async throws(APIError) -> APIAnswer {
        try await answer(
            Exchange(
                call: APICall(verb: .get, object: .path(path)), method: .GET, target: RequestTarget(path: path),
                headers: [("Accept", accept)]),
            deadline: deadline)
    }

    private static let json = [("Accept", "application/json"), ("Content-Type", "application/json")]

    private func add(_ options: WriteOptions, to target: inout RequestTarget) {
        target.add("dryRun", options.isDryRun ? "All" : nil)
        target.add("fieldManager", options.fieldManager)
    }
}
