/// A point in time as objects carry it (`metav1.Time`), to the second; or none.
package struct ObjectTime: Sendable, Hashable, Comparable, BitwiseCopyable {
    private let rawValue: Int64

    package static let none = ObjectTime(rawValue: .min)

    /// - Parameter seconds: since 1970-01-01T00:00:00Z, without leap seconds.
    package init(seconds: Int64) { rawValue = seconds }

    private init(rawValue: Int64) { self.rawValue = rawValue }

    package var seconds: Int64? { self == .none ? nil : rawValue }

    package var isNone: Bool { self == .none }

    /// No time comes before every other.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
