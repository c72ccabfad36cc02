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
        do throws(JSONError) {
            var cursor = JSONCursor(body)
            try review(&cursor, &envelope)
            try cursor.endDocument()
        } catch {
            throw .json(error)
        }
        return try request(body, &envelope)
    }

    /// Texts and ranges as they come, in any order.
    private struct Envelope {
        var apiVersion = ""
        var kind = ""
        var hasRequest = false
        var uid = ""
        var objectKind: GroupVersionKind?
        /// How objects of `objectKind` are read.
        var target: ScanTarget?
        /// How often `objectKind` was set.
        var kindChanges = 0
        var requestKind: GroupVersionKind?
        var subResource = ""
        var name = ""
        var namespace = ""
        var operation = ""
        var username = ""
        var isDryRun = false
        var object = Part()
        var oldObject = Part()
    }

    /// An object of the review: where it stands and, if its kind was known when it came, what was read of it.
    private struct Part {
        var range: Range<Int>?
        var scanned: ScannedObject?
        /// `Envelope.kindChanges` when it was read.
        var kindChanges = 0

        /// What was read, unless the kind has changed since. Handed over, as a copy would count many references.
        mutating func takeScanned(at kindChanges: Int) -> ScannedObject? {
            guard kindChanges == self.kindChanges else { return nil }
            var result: ScannedObject?
            swap(&result, &scanned)
            return result
        }
    }

    private func review(_ cursor: inout JSONCursor, _ envelope: inout Envelope) throws(JSONError) {
        var isSecond = false
        try cursor.beginObject()
        while let member = try cursor.nextMember() {
            if member.matches("request") {
                guard try cursor.peek() == .object else {
                    envelope.hasRequest = false
                    try cursor.skipValue()
                    continue
                }
                // A second one replaces all that the first one said.
                if isSecond { envelope = Envelope(apiVersion: envelope.apiVersion, kind: envelope.kind) }
                isSecond = true
                envelope.hasRequest = true
                try request(&cursor, &envelope)
            } else if member.matches("apiVersion") {
                envelope.apiVersion = try text(&cursor)
            } else if member.matches("kind") {
                envelope.kind = try text(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
    }

    private func request(_ cursor: inout JSONCursor, _ envelope: inout Envelope) throws(JSONError) {
        try cursor.beginObject()
        while let member = try cursor.nextMember() {
            switch requestFields(member) {
            case .object:
                let target = envelope.subResource.isEmpty ? envelope.target : nil
                envelope.object = try part(&cursor, target, envelope.kindChanges)
            case .oldObject:
                let target = envelope.subResource.isEmpty ? envelope.target : nil
                envelope.oldObject = try part(&cursor, target, envelope.kindChanges)
            case .uid: envelope.uid = try cursor.string().decode()
            case .kind:
                if let known = known.pass(&cursor) {
                    envelope.objectKind = known.name
                    envelope.target = known.target
                } else {
                    envelope.objectKind = try groupVersionKind(&cursor)
                    envelope.target = envelope.objectKind.flatMap(target(for:))
                }
                envelope.kindChanges += 1
            case .requestKind:
                let known = known.pass(&cursor)
                if let known {
                    envelope.requestKind = known.name
                } else {
                    envelope.requestKind = try groupVersionKind(&cursor)
                }
            case .subResource: envelope.subResource = try text(&cursor)
            case .name: envelope.name = try text(&cursor)
            case .namespace: envelope.namespace = try text(&cursor)
            case .operation: envelope.operation = try text(&cursor)
            case .userInfo: envelope.username = try username(&cursor)
            case .dryRun:
                let isBool = try cursor.peek() == .bool
                envelope.isDryRun = isBool ? try cursor.bool() : false
                if !isBool { try cursor.skipValue() }
            case nil: try cursor.skipValue()
            }
        }
    }

    /// - Parameter target: how the object is read; nil where that is not known yet, or where it will not be read.
    private func part(
        _ cursor: inout JSONCursor, _ target: ScanTarget?, _ kindChanges: Int
    ) throws(JSONError) -> Part {
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return Part()
        }
        guard let target else { return Part(range: try cursor.skipValue()) }
        let start = cursor.offset
        let scanned = try objects.scan(&cursor, as: target)
        return Part(range: start..<cursor.offset, scanned: scanned, kindChanges: kindChanges)
    }

    private func request(
        _ body: UnsafeRawBufferPointer, _ envelope: inout Envelope
    ) throws(ReviewError) -> AdmissionRequest {
        guard envelope.kind == "AdmissionReview", envelope.apiVersion == "admission.k8s.io/v1" else {
            throw .notAnAdmissionReview(apiVersion: envelope.apiVersion, kind: envelope.kind)
        }
        guard envelope.hasRequest else { throw .missing(field: "request") }
        guard !envelope.uid.isEmpty else { throw .missing(field: "request.uid") }
        guard let kind = envelope.objectKind else { throw .missing(field: "request.kind") }
        guard !envelope.operation.isEmpty else { throw .missing(field: "request.operation") }
        guard let operation = Operation(rawValue: envelope.operation) else {
            throw .unknownOperation(envelope.operation)
        }
        let target = envelope.subResource.isEmpty ? envelope.target : nil
        let changes = envelope.kindChanges
        return AdmissionRequest(
            uid: envelope.uid, kind: kind, requestKind: envelope.requestKind ?? kind,
            subResource: envelope.subResource, name: envelope.name, namespace: envelope.namespace,
            operation: operation, username: envelope.username, isDryRun: envelope.isDryRun,
            object: try resolve(&envelope.object, target, changes, body),
            oldObject: try resolve(&envelope.oldObject, target, changes, body), target: target)
    }

    private func resolve(
        _ part: inout Part, _ target: ScanTarget?, _ kindChanges: Int, _ body: UnsafeRawBufferPointer
    ) throws(ReviewError) -> ScannedObject? {
        guard let target, let range = part.range else { return nil }
        if let scanned = part.takeScanned(at: kindChanges) { return scanned }
        do throws(JSONError) {
            var cursor = JSONCursor(body, range: range)
            return try objects.scan(&cursor, as: target)
        } catch {
            throw .json(error)
        }
    }

    private func text(_ cursor: inout JSONCursor) throws(JSONError) -> String {
        try objects.text(&cursor, Self.maximumTextBytes)
    }

    /// Nil for what names no kind.
    private func groupVersionKind(_ cursor: inout JSONCursor) throws(JSONError) -> GroupVersionKind? {
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return nil
        }
        var (group, version, kind) = ("", "", "")
        try cursor.beginObject()
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

    private func username(_ cursor: inout JSONCursor) throws(JSONError) -> String {
        var result = ""
        guard try cursor.peek() == .object else {
            try cursor.skipValue()
            return result
        }
        try cursor.beginObject()
        while let member = try cursor.nextMember() {
            if member.matches("username") {
                result = try text(&cursor)
            } else {
                try cursor.skipValue()
            }
        }
        return result
    }
}
