/// Which outcome of several reloads in a row is worth reporting: a failure only if the files stay as they are.
package struct ReloadSettling {
    /// Longer than any program takes between writing a certificate and its key, shorter than anybody waits.
    package static let defaultTime = Duration.milliseconds(500)

    /// Files that keep changing, and keep failing, are reported all the same after this many waits.
    private static let waitLimit = 8

    private var held: ReloadOutcome?
    private var waits = 0

    /// Takes the outcome of a reload. True: wait, reload and come back. False: `take` tells what to report.
    mutating func wants(toWaitAfter outcome: ReloadOutcome) -> Bool {
        switch outcome {
        case .unchanged, .watching:
            return false
        case .swapped:
            held = outcome
            return false
        case .keptLastGood:
            held = outcome
            waits += 1
            return waits <= Self.waitLimit
        }
    }

    mutating func take() -> ReloadOutcome? {
        defer { self = ReloadSettling() }
        return held
    }
}
