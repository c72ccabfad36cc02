package import NIOCore

/// Time and chance, as they are or as a test wants them.
package struct APITiming: Sendable {
    package var now: @Sendable () -> NIODeadline
    package var sleep: @Sendable (TimeAmount) async throws(CancellationError) -> Void
    /// At least 0, less than 1.
    package var fraction: @Sendable () -> Double

    package init(
        now: @escaping @Sendable () -> NIODeadline,
        sleep: @escaping @Sendable (TimeAmount) async throws(CancellationError) -> Void,
        fraction: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.fraction = fraction
    }

    package static let system = APITiming(
        now: { .now() },
        sleep: { (amount) async throws(CancellationError) in
            do { try await Task.sleep(for: .nanoseconds(amount.nanoseconds)) } catch { throw CancellationError() }
        },
        fraction: { Double.random(in: 0..<1) })
}
