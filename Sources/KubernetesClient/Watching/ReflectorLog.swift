import Logging

/// What a reflector says, and how often. Messages are constant; what they are about is in the metadata.
struct ReflectorLog: Sendable {
    private let logger: Logger
    /// The failure that was last told as a warning.
    private var lastWarning: (reason: WatchFailure.Reason, at: ContinuousClock.Instant)?
    private var isFailing = false
    private var skipTellings = 0
    private var skipWindowBegan: ContinuousClock.Instant?

    /// The same failure is told again after this time; in between it is a matter for debugging.
    private static let warningInterval: Duration = .seconds(300)
    /// Unreadable objects told in each minute: enough to see what is wrong with them. All are counted.
    private static let skipTellingsInMinute = 5

    init(_ logger: Logger, resource: String) {
        var logger = logger
        logger[metadataKey: "resource"] = .string(resource)
        self.logger = logger
    }

    mutating func tell(_ notice: WatchMachine.Notice, at now: ContinuousClock.Instant) {
        switch notice {
        case .retrying(let failure, let wait):
            isFailing = true
            logger.log(
                level: level(failure.reason, at: now), "Cannot follow the resource; trying again",
                metadata: Self.metadata(failure).merging(["wait": "\(wait)"]) { $1 })
        case .reopening(let failure):
            logger.debug("Opening the silent watch again", metadata: Self.metadata(failure))
        case .relisting(let failure):
            logger.info("Reading the resource from the beginning", metadata: Self.metadata(failure))
        case .withoutInitialEvents(let failure):
            logger.debug("The server offers no initial events; listing", metadata: Self.metadata(failure))
        }
    }

    func replaced(objects: Int, removed: Int, skipped: Int) {
        logger.info(
            "Read the resource",
            metadata: ["objects": "\(objects)", "removed": "\(removed)", "unreadable": "\(skipped)"])
    }

    /// The server answers again.
    mutating func recovered() {
        if isFailing && lastWarning != nil { logger.info("Following the resource again") }
        isFailing = false
        lastWarning = nil
    }

    mutating func skipped(_ count: Int, _ problems: [DecodingProblem], at now: ContinuousClock.Instant) {
        if skipWindowBegan.map({ now - $0 >= .seconds(60) }) ?? true {
            skipWindowBegan = now
            skipTellings = 0
        }
        for problem in problems where skipTellings < Self.skipTellingsInMinute {
            skipTellings += 1
            logger.warning(
                "Passing over an object that cannot be read",
                metadata: ["place": "\(problem.place)", "problem": "\(problem.problem)", "of": "\(count)"])
        }
    }

    private mutating func level(_ reason: WatchFailure.Reason, at now: ContinuousClock.Instant) -> Logger.Level {
        if let last = lastWarning, last.reason == reason, now - last.at < Self.warningInterval { return .debug }
        lastWarning = (reason, now)
        return .warning
    }

    private static func metadata(_ failure: WatchFailure) -> Logger.Metadata {
        ["reason": "\(failure.reason.rawValue)", "error": "\(failure.description)"]
    }
}
