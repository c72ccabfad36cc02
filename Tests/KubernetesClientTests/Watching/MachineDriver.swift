import KubernetesClient
import TestSupport

/// A machine, its time and its randomness.
struct MachineDriver {
    var machine: WatchMachine
    var now = ContinuousClock.now
    var random = SeededGenerator(seed: 1)
    let settings: WatchSettings

    init(_ settings: WatchSettings = WatchSettings()) {
        self.settings = settings
        machine = WatchMachine(settings)
    }

    mutating func proceed() -> WatchMachine.Transition { machine.proceed(at: now, using: &random) }

    mutating func page(_ version: String?, next: String? = nil) -> WatchMachine.Transition {
        machine.pageArrived(ListPage(resourceVersion: version, continueToken: next), at: now, using: &random)
    }

    mutating func fail(_ reason: WatchFailure.Reason, retryAfter: Duration? = nil) -> WatchMachine.Transition {
        machine.failed(WatchFailure(reason, retryAfter: retryAfter, "test"), at: now, using: &random)
    }

    mutating func end() -> WatchMachine.Transition { machine.streamEnded(at: now, using: &random) }

    mutating func open() { machine.watchOpened(at: now) }

    mutating func bookmark(_ version: String, ends: Bool = false) -> Bool {
        machine.bookmarkArrived(resourceVersion: version, endsInitialEvents: ends, at: now)
    }

    /// Lets time pass until the deadline.
    mutating func deadline() -> WatchMachine.Transition? {
        guard let deadline = machine.deadline else { return nil }
        now = deadline
        return machine.deadlinePassed(at: now, using: &random)
    }

    /// Waits as long as it is told to.
    mutating func afterWait(_ transition: WatchMachine.Transition) -> WatchMachine.Transition {
        guard case .wait(let until) = transition.next else { return transition }
        now = max(now, until)
        return proceed()
    }
}

extension MachineDriver {
    /// Where a machine can be when something happens to it.
    enum Start: String, CaseIterable, Sendable {
        case firstPage = "first page"
        case laterPage = "later page"
        case openingInitial = "opening, everything"
        case openingResume = "opening, after 7"
        case initialEvents = "initial events"
        case youngStream = "young stream"
        case goodStream = "good stream"
    }

    static func at(_ start: Start) -> MachineDriver {
        var settings = WatchSettings()
        switch start {
        case .openingInitial, .initialEvents: settings.usesInitialEvents = true
        case .firstPage, .laterPage, .openingResume, .youngStream, .goodStream: settings.usesInitialEvents = false
        }
        var driver = MachineDriver(settings)
        _ = driver.proceed()
        switch start {
        case .firstPage, .openingInitial: break
        case .laterPage: _ = driver.page("7", next: "token")
        case .openingResume: _ = driver.page("7")
        case .initialEvents: driver.open()
        case .youngStream, .goodStream:
            _ = driver.page("7")
            driver.open()
            if start == .goodStream { driver.now += settings.healthyAfter }
        }
        return driver
    }

    /// What is asked for, in words.
    static func words(_ step: WatchMachine.Step) -> String {
        switch step {
        case .wait: "wait"
        case .list(let request):
            switch (request.limit, request.continueToken) {
            case (nil, nil): "list in one piece"
            case (.some, nil): "list"
            case (_, .some(let token)): "page \(token)"
            }
        case .watch(let request):
            switch request.start {
            case .initialEvents: "watch everything"
            case .resume(let after): "watch after \(after)"
            }
        }
    }

    /// What comes of a transition, waits included.
    mutating func words(_ transition: WatchMachine.Transition) -> String {
        guard case .wait = transition.next else { return Self.words(transition.next) }
        return "wait, \(Self.words(afterWait(transition).next))"
    }
}
