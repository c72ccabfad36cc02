package import KubernetesModel
package import LabelPolicy

/// Reads AdmissionReviews. Made once for a policy; immutable. A class, because its tables are taken hold of
/// on every review.
///
/// The API server writes `kind` and `operation` before `object`, so an object is read in the pass that checks it.
/// Any other order is legal JSON: then the object is passed over first and read when its kind is known.
package final class ReviewScanner: Sendable {
    /// Bytes kept of texts that are echoed or logged. The longest legal one is a user name, which has no limit of its
    /// own; what is cut here is cut in messages only, never in the echoed uid.
    static let maximumTextBytes = 512

    private enum RequestField: String, CaseIterable {
        case uid, kind, requestKind, subResource, name, namespace, operation, userInfo, object, oldObject, dryRun
    }

    private let requestFields = FieldTable<RequestField>()
    /// The member of `userInfo` that is read.
    private let username = JSONKeyTable(["username"])
    private let operations = FieldTable<Operation>()
    private let objects: ObjectScanner
    /// How objects of each kind are read.
    private let targets: [GroupVersionKind: ScanTarget]
    private let known: KnownKinds

    package init(catalogue: WorkloadCatalogue, keys: [LabelKey]) {
        objects = ObjectScanner(keys: keys)
        var targets = Self.otherTargets
        for kind in catalogue.kinds {
            let target = ScanTarget.workload(CompiledKind(kind))
            for name in kind.groupVersionKinds { targets[name] = target }
        }
        self.targets = targets
        known = KnownKinds(targets.map { KnownKinds.Entry($0.key, $0.value) })
    }

    /// How objects of this kind are read; nil for kinds the policy does not speak of.
    package func target(for kind: GroupVersionKind) -> ScanTarget? { targets[kind] }

    /// Kinds of the core group that are no workloads, unless the catalogue says so.
    private static let otherTargets: [GroupVersionKind: ScanTarget] = [
        GroupVersionKind(group: "", version: "v1", kind: "Namespace"): .namespace,
        GroupVersionKind(group: "", version: "v1", kind: "PersistentVolumeClaim"): .claim,
        GroupVersionKind(group: "", version: "v1", kind: "Service"): .service,
    ]

    /// Reads one object outside of a review, a manifest for example.
    package func scanObject(
        _ bytes: UnsafeRawBufferPointer, as target: ScanTarget
    ) throws(JSONError) -> ScannedObject {
        var cursor = JSONCursor(bytes)
        let object = try objects.scan(&cursor, as: target)
        try cursor.endDocument()
        return object
    }

    package func scan(_ body: UnsafeRawBufferPointer) throws(ReviewError) -> AdmissionRequest {
        var envelope = Envelope()
        var request = AdmissionRequest()
        do throws(JSONError) {
            var cursor = JSONCursor(body)
            try review(&cursor, &envelope, &request)
            try cursor.endDocument()
        } catch {
            throw .json(error)
        }
        try complete(&request, envelope, body)
        return request
    }

    /// What is known of a review besides what it says of its request.
    private struct Envelope {
        // Texts that are only compared stay where they lie in the body; nil for what is none.
        var apiVersion: JSONStringToken?
        var kind: JSONStringToken?
        var operation: JSONStringToken?
        var hasRequest = false
        var hasKind = false
        var hasRequestKind = false
        /// How often the object's kind was set, and where the last stands.
        var kindChanges = 0
        var kindRange = 0..<0
        var object = Part()
        var oldObject = Part()
    }

    /// Where an object of the review stands.
    private struct Part {
        var range: Range<Int>?
        /// `Envelope.kindChanges` when it was read; nil if its kind was not known when it came.
        var kindChanges: Int?
    }

    private func review(
        _ cursor: inout JSONCursor, _ envelope: inout Envelope, _ request: inout AdmissionRequest
    ) throws(JSONError) {
        var isSecond = false
        try cursor.beginObject()
        while let member = try cursor.nextMember() {
            if member.matches("request") {
                envelope.hasRequest = try cursor.peek() == .object
                guard envelope.hasRequest else {
                    try cursor.skipValue()
                    continue
                }
                // A second one replaces all that the first one said.
                if isSecond {
                    envelope = Envelope(apiVersion: envelope.apiVersion, kind: envelope.kind, hasRequest: true)
                    request = AdmissionRequest()
                }
                isSecond = true
                try read(&cursor, &envelope, &request)
            } else if member.matches("apiVersion") {
                envelope.apiVersion = try cursor.stringIfAny()
            } else if member.matches("kind") {
                envelope.kind = try cursor.stringIfAny()
            } else {
                try cursor.skipValue()
            }
        }
    }

    private func read(
        _ cursor: inout JSONCursor, _ envelope: inout Envelope, _ request: inout AdmissionRequest
    ) throws(JSONError) {
        try cursor.beginObject()
        while let field = try requestFields.next(&cursor) {
            switch field {
            case .object:
                let target = request.subResource.isEmpty ? request.target : nil
                envelope.object = try part(&cursor, &request.object, target, envelope.kindChanges)
            case .oldObject:
                let target = request.subResource.isEmpty ? request.target : nil
                envelope.oldObject = try part(&cursor, &request.oldObject, target, envelope.kindChanges)
            case .uid: request.uid = try cursor.string().decode()
            case .kind:
                let start = cursor.offset
                let named = try namedKind(&cursor)
                envelope.kindRange = start..<cursor.offset
                request.target = named?.target
                if let named { request.kind = named.name }
                envelope.hasKind = named != nil
                envelope.kindChanges += 1
            case .requestKind:
                // It nearly always is the object's, in the same words.
                if envelope.hasKind, cursor.passRepetition(of: envelope.kindRange) {
                    request.requestKind = request.kind
                    envelope.hasRequestKind = true
                } else {
                    let named = try namedKind(&cursor)
                    if let named { request.requestKind = named.name }
                    envelope.hasRequestKind = named != nil
                }
            case .subResource: request.subResource = try text(&cursor)
            case .name: request.name = try text(&cursor)
            case .namespace: request.namespace = try text(&cursor)
            case .operation: envelope.operation = try cursor.stringIfAny()
            case .userInfo: request.username = try cursor.textMember(username, maximumBytes: Self.maximumTextBytes)
            case .dryRun:
                let isBool = try cursor.peek() == .bool
                request.isDryRun = isBool ? try cursor.bool() : false
                if !isBool { try cursor.skipValue() }
            }
        }
    }

    /// - Parameter object: what is read of it.
    /// - Parameter target: how it is read; nil where that is not known yet, or where it will not be read.
    private func part(
        _ cursor: inout JSONCursor, _ object: inout ScannedObject?, _ target: ScanTarget?, _ kindChanges: Int
    ) throws(JSONError) -> Part {
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return Part()
        }
        guard let target else { return Part(range: try cursor.skipValue()) }
        let start = cursor.offset
        object = try objects.scan(&cursor, as: target)
        return Part(range: start..<cursor.offset, kindChanges: kindChanges)
    }

    /// Checks that a request is there and whole, and reads what could not be read when it came.
    private func complete(
        _ request: inout AdmissionRequest, _ envelope: Envelope, _ body: UnsafeRawBufferPointer
    ) throws(ReviewError) {
        guard let kind = envelope.kind, kind.matches("AdmissionReview"),
            let apiVersion = envelope.apiVersion, apiVersion.matches("admission.k8s.io/v1")
        else {
            throw .notAnAdmissionReview(apiVersion: text(envelope.apiVersion), kind: text(envelope.kind))
        }
        guard envelope.hasRequest else { throw .missing(field: "request") }
        guard !request.uid.isEmpty else { throw .missing(field: "request.uid") }
        guard envelope.hasKind else { throw .missing(field: "request.kind") }
        guard let operation = envelope.operation, !operation.isEmpty else {
            throw .missing(field: "request.operation")
        }
        guard let known = operations(operation) else { throw .unknownOperation(text(operation)) }
        request.operation = known
        if !envelope.hasRequestKind { request.requestKind = request.kind }
        if !request.subResource.isEmpty { request.target = nil }
        try resolve(envelope.object, &request.object, request.target, envelope.kindChanges, body)
        try resolve(envelope.oldObject, &request.oldObject, request.target, envelope.kindChanges, body)
    }

    /// - Parameter object: what was read of the part when it came; read anew if its kind has changed since.
    private func resolve(
        _ part: Part, _ object: inout ScannedObject?, _ target: ScanTarget?, _ kindChanges: Int,
        _ body: UnsafeRawBufferPointer
    ) throws(ReviewError) {
        guard let target, let range = part.range else {
            object = nil
            return
        }
        if part.kindChanges == kindChanges { return }
        do throws(JSONError) {
            var cursor = JSONCursor(body, range: range)
            object = try objects.scan(&cursor, as: target)
        } catch {
            throw .json(error)
        }
    }

    private func text(_ cursor: inout JSONCursor) throws(JSONError) -> String {
        try cursor.text(maximumBytes: Self.maximumTextBytes)
    }

    private func text(_ token: JSONStringToken?) -> String { token?.text(maximumBytes: Self.maximumTextBytes) ?? "" }

    /// The kind a review names, and how objects of it are read; nil for what names none.
    private func namedKind(
        _ cursor: inout JSONCursor
    ) throws(JSONError) -> (name: GroupVersionKind, target: ScanTarget?)? {
        if let known = known.pass(&cursor) { return (known.name, known.target) }
        guard let name = try groupVersionKind(&cursor) else { return nil }
        return (name, target(for: name))
    }

    /// Nil for what names no kind.
    private func groupVersionKind(_ cursor: inout JSONCursor) throws(JSONError) -> GroupVersionKind? {
        guard try cursor.enterObject() else { return nil }
        var (group, version, kind) = ("", "", "")
        while let member = try cursor.nextMember() {
            if member.matches("group") {
                group = try text(&cursor)
            } else if member.matches("version") {
                version = try text(&cursor)
            } else if member.matches("kind") {
                kind = try text(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return kind.isEmpty ? nil : GroupVersionKind(group: group, version: version, kind: kind)
    }
}
