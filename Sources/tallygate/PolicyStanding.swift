/// Which policy is in force, and why the files as they are now are not.
struct PolicyStanding: Sendable {
    private let hash: String
    /// Nil when they are in force.
    private(set) var failure: String?

    init(hash: String) { self.hash = hash }

    func isInForce(_ hash: String) -> Bool { self.hash == hash }

    /// Notes that the files are again those in force. Returns whether they were not.
    mutating func recovered() -> Bool {
        defer { failure = nil }
        return failure != nil
    }

    /// Keeps the last good policy. Returns false when this failure was said already.
    mutating func keep(because failure: String) -> Bool {
        defer { self.failure = failure }
        return self.failure != failure
    }
}
