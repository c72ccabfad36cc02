/// A clock whose instants are those of `ContinuousClock`: that one, or a test's.
package protocol MonotonicClock: Clock where Instant == ContinuousClock.Instant {}

extension ContinuousClock: MonotonicClock {}
