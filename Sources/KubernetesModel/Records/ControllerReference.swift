/// A group and kind, as `RecordPool` numbers them.
package struct KindID: Sendable, Hashable, BitwiseCopyable {
    package let rawValue: UInt32

    /// No kind: the object has no controller.
    package static let none = KindID(rawValue: 0)

    package init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// The owner reference that says `controller: true`. Users can write it: it proves nothing until an object with this
/// UID was found to be of this kind, name and namespace, as `ClusterIndex` does.
package struct ControllerReference: Sendable, Hashable, BitwiseCopyable {
    package let kind: KindID
    package let name: StringID
    package let uid: ObjectUID

    package static let none = ControllerReference(kind: .none, name: .empty, uid: .none)

    package var isNone: Bool { self == .none }

    package init(kind: KindID, name: StringID, uid: ObjectUID) {
        self.kind = kind
        self.name = name
        self.uid = uid
    }
}
