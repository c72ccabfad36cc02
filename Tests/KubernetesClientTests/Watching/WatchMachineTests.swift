import KubernetesClient
import TestSupport
import Testing

@Suite("Watch machine")
struct WatchMachineTests {
    @Test("A list in pages, then a watch after its resourceVersion")
    func pages() {
        var driver = MachineDriver.at(.firstPage)
        #expect(MachineDriver.words(driver.page("7", next: "a").next) == "page a")
        // The first page's resourceVersion counts.
        #expect(driver.machine.condition == .syncing)
        #expect(MachineDriver.words(driver.page("9", next: "b").next) == "page b")
        let last = driver.page("9")
        #expect(last.store == .commitReplacement)
        #expect(MachineDriver.words(last.next) == "watch after 7")
        driver.open()
        #expect(driver.machine.condition == .watching)
    }

    @Test("Initial events end with their bookmark, and no other")
    func initialEvents() {
        var driver = MachineDriver.at(.openingInitial)
        driver.open()
        #expect(driver.machine.objectArrived(resourceVersion: "3") == .replacement)
        #expect(driver.bookmark("4") == false)
        #expect(driver.machine.objectArrived(resourceVersion: "5") == .replacement)
        #expect(driver.machine.condition == .syncing)
        #expect(driver.bookmark("6", ends: true) == true)
        #expect(driver.machine.condition == .watching)
        #expect(driver.machine.objectArrived(resourceVersion: "8") == .copy)
        #expect(driver.bookmark("9", ends: true) == false)
        #expect(driver.words(driver.fail(.cut)) == "wait, watch after 9")
    }

    @Test("A stream goes on after the last object or bookmark")
    func resumption() {
        var driver = MachineDriver.at(.youngStream)
        #expect(driver.machine.objectArrived(resourceVersion: "8") == .copy)
        // An object that cannot be read moves nothing.
        #expect(driver.machine.objectArrived(resourceVersion: nil) == .copy)
        #expect(driver.words(driver.fail(.cut)) == "wait, watch after 8")
        driver.open()
        #expect(driver.bookmark("11") == false)
        #expect(driver.words(driver.fail(.cut)) == "wait, watch after 11")
    }

    /// Every failure in every state: what is done, and what after that.
    private static let table: [MachineDriver.Start: [String: [WatchFailure.Reason]]] = [
        .firstPage: ["wait, list": WatchFailure.Reason.allCases],
        .laterPage: [
            "list in one piece": [.expired],
            "wait, list": WatchFailure.Reason.allCases.filter { $0 != .expired },
        ],
        .openingInitial: [
            "list": [.rejected],
            "wait, watch everything": WatchFailure.Reason.allCases.filter { $0 != .rejected },
        ],
        .initialEvents: [
            "list": [.rejected],
            "wait, watch everything": WatchFailure.Reason.allCases.filter { $0 != .rejected },
        ],
        .openingResume: [
            "list": [.expired, .rejected],
            "wait, watch after 7": WatchFailure.Reason.allCases.filter { $0 != .expired && $0 != .rejected },
        ],
        .youngStream: [
            "list": [.expired, .rejected],
            "wait, watch after 7": WatchFailure.Reason.allCases.filter { $0 != .expired && $0 != .rejected },
        ],
        .goodStream: [
            "list": [.expired, .rejected],
            "wait, watch after 7": WatchFailure.Reason.allCases.filter { $0 != .expired && $0 != .rejected },
        ],
    ]

    @Test("Every failure in every state", arguments: MachineDriver.Start.allCases)
    func failures(_ start: MachineDriver.Start) {
        var outcomes: [String: [WatchFailure.Reason]] = [:]
        for reason in WatchFailure.Reason.allCases {
            var driver = MachineDriver.at(start)
            let transition = driver.fail(reason)
            if case .wait = transition.next { #expect(driver.machine.condition == .failing(reason)) }
            outcomes[driver.words(transition), default: []].append(reason)
        }
        #expect(outcomes == Self.table[start])
    }

    @Test("What was collected is dropped on failure, and kept between pages")
    func replacement() {
        var driver = MachineDriver.at(.firstPage)
        #expect(driver.page("7", next: "a").store == .none)
        let failed = driver.fail(.unavailable)
        #expect(failed.store == .abandonReplacement)
        #expect(driver.afterWait(failed).store == .beginReplacement)
        var restarted = MachineDriver.at(.laterPage)
        #expect(restarted.fail(.expired).store == .beginReplacement)
        // A cut stream leaves the copy as it is.
        var stream = MachineDriver.at(.goodStream)
        #expect(stream.fail(.cut).store == .none)
    }

    @Test("A list that expires between pages is read in one piece, at once but once")
    func expiryBetweenPages() {
        var driver = MachineDriver.at(.laterPage)
        #expect(driver.words(driver.fail(.expired)) == "list in one piece")
        #expect(driver.words(driver.fail(.expired)) == "wait, list in one piece")
        #expect(driver.words(driver.page("9")) == "watch after 9")
        // The next one is in pages again.
        #expect(driver.words(driver.fail(.expired)) == "list")
    }

    @Test("A page without resourceVersion, or one that leads to itself, is no list")
    func malformedPages() {
        var driver = MachineDriver.at(.firstPage)
        #expect(driver.words(driver.page(nil)) == "wait, list")
        #expect(driver.words(driver.page("")) == "wait, list")
        #expect(driver.words(driver.page("7", next: "a")) == "page a")
        #expect(driver.words(driver.page("7", next: "a")) == "wait, list")

        var settings = WatchSettings()
        settings.usesInitialEvents = false
        settings.maximumPages = 3
        var endless = MachineDriver(settings)
        _ = endless.proceed()
        #expect(endless.words(endless.page("7", next: "1")) == "page 1")
        #expect(endless.words(endless.page("7", next: "2")) == "page 2")
        #expect(endless.words(endless.page("7", next: "3")) == "wait, list")
    }

    @Test("410 asks for the list at once, but not again before a stream was good")
    func repeatedExpiry() {
        var driver = MachineDriver.at(.openingResume)
        #expect(driver.words(driver.fail(.expired)) == "list")
        #expect(driver.words(driver.page("9")) == "watch after 9")
        #expect(driver.words(driver.fail(.expired)) == "wait, list")
        _ = driver.page("10")
        driver.open()
        driver.now += driver.settings.healthyAfter
        #expect(driver.words(driver.fail(.expired)) == "list")
    }

    @Test("A server that does not offer initial events is not asked for them again")
    func withoutInitialEvents() {
        var driver = MachineDriver.at(.openingInitial)
        let transition = driver.fail(.rejected)
        #expect(transition.notice == .withoutInitialEvents(WatchFailure(.rejected, "test")))
        #expect(transition.notice?.isFailure == false)
        #expect(driver.words(transition) == "list")
        _ = driver.page("9")
        #expect(driver.words(driver.fail(.expired)) == "list")
    }

    @Test("Initial events that do not end for as long as a server is silent are an old server's: it is listed")
    func initialEventsWithoutEnd() {
        var driver = MachineDriver.at(.openingInitial)
        driver.open()
        _ = driver.machine.objectArrived(resourceVersion: "3")
        let transition = driver.deadline()
        #expect(transition.map { MachineDriver.words($0.next) } == "list")
        #expect(transition?.notice?.isFailure == true)
        _ = driver.page("9")
        #expect(driver.words(driver.fail(.expired)) == "list")
    }

    @Test("The server's end of a good stream opens the next at once, of a short one after a wait")
    func ends() {
        var good = MachineDriver.at(.goodStream)
        #expect(good.words(good.end()) == "watch after 7")
        var young = MachineDriver.at(.youngStream)
        #expect(young.words(young.end()) == "wait, watch after 7")
        var initial = MachineDriver.at(.initialEvents)
        #expect(initial.words(initial.end()) == "wait, watch everything")
    }

    @Test("Silence beyond a bookmark's interval opens the stream again, with more patience each time")
    func silence() throws {
        var driver = MachineDriver.at(.youngStream)
        let limit = driver.settings.bookmarkInterval + driver.settings.lateness
        #expect(try #require(driver.machine.deadline) == driver.now + limit)
        // Bytes put it off.
        driver.now += .seconds(60)
        driver.machine.bytesArrived(at: driver.now)
        #expect(driver.machine.deadlinePassed(at: driver.now, using: &driver.random) == nil)
        #expect(try #require(driver.machine.deadline) == driver.now + limit)

        for patience in [limit, limit * 2, limit * 4] {
            let began = driver.now
            let passed = driver.deadline()
            let transition = try #require(passed)
            #expect(driver.now == began + min(patience, transition.watchSeconds + driver.settings.lateness))
            #expect(MachineDriver.words(transition.next) == "watch after 7")
            driver.open()
        }
        // An event restores the first limit with the next stream.
        _ = driver.bookmark("8")
        _ = driver.deadline()
        driver.open()
        #expect(try #require(driver.machine.deadline) <= driver.now + limit * 2)
    }

    @Test("A stream that the server does not end is ended here")
    func overdueEnd() throws {
        var driver = MachineDriver.at(.youngStream)
        let opened = driver.now
        var transition: WatchMachine.Transition?
        while transition == nil, let deadline = driver.machine.deadline {
            driver.now = min(deadline, driver.now + .seconds(1))
            transition = driver.machine.deadlinePassed(at: driver.now, using: &driver.random)
            driver.machine.bytesArrived(at: driver.now)
        }
        #expect(MachineDriver.words(try #require(transition).next) == "watch after 7")
        #expect(transition?.notice == nil)
        let lived = driver.now - opened
        #expect(lived >= .seconds(300) && lived <= .seconds(600) + driver.settings.lateness)
    }

    @Test(
        "No answer in time is a failure",
        arguments: [
            MachineDriver.Start.firstPage, .laterPage, .openingInitial, .openingResume,
        ])
    func timeouts(_ start: MachineDriver.Start) throws {
        var driver = MachineDriver.at(start)
        let passed = driver.deadline()
        let transition = try #require(passed)
        guard case .retrying(let failure, _) = transition.notice else {
            Issue.record("not retried: \(transition)")
            return
        }
        #expect(failure.reason == .timedOut)
    }

    @Test(
        "An error that comes with nothing new leads to a list in the end",
        arguments: [
            WatchFailure.Reason.unavailable, .malformed,
        ])
    func poison(_ reason: WatchFailure.Reason) {
        var driver = MachineDriver.at(.youngStream)
        #expect(driver.words(driver.fail(reason)) == "wait, watch after 7")
        driver.open()
        #expect(driver.words(driver.fail(reason)) == "wait, watch after 7")
        driver.open()
        // News in between, and it is another matter.
        _ = driver.machine.objectArrived(resourceVersion: "8")
        #expect(driver.words(driver.fail(reason)) == "wait, watch after 8")
        driver.open()
        #expect(driver.words(driver.fail(reason)) == "wait, watch after 8")
        driver.open()
        #expect(driver.words(driver.fail(reason)) == "wait, list")
    }

    @Test("A server that cannot be reached is not asked for everything again")
    func outage() {
        var driver = MachineDriver.at(.goodStream)
        var transition = driver.fail(.cut)
        for _ in 0..<50 {
            #expect(MachineDriver.words(driver.afterWait(transition).next) == "watch after 7")
            transition = driver.fail(.unreachable)
        }
        #expect(driver.machine.condition == .failing(.unreachable))
        _ = driver.afterWait(transition)
        driver.open()
        #expect(driver.machine.condition == .watching)
    }

    @Test("The watch's length is drawn from its range")
    func watchSeconds() {
        var lengths: Set<Duration> = []
        for seed in 0..<200 {
            var driver = MachineDriver()
            driver.random = SeededGenerator(seed: UInt64(seed))
            lengths.insert(driver.proceed().watchSeconds)
        }
        #expect(lengths.count > 50)
        #expect(lengths.allSatisfy { (.seconds(300) ... .seconds(600)).contains($0) })
    }

    @Test("What does not belong to the state changes nothing")
    func strangers() {
        var driver = MachineDriver()
        #expect(driver.fail(.cut).store == .none)
        #expect(driver.machine.objectArrived(resourceVersion: "1") == .nowhere)
        #expect(driver.bookmark("1", ends: true) == false)
        #expect(driver.machine.deadline == nil)
        let first = driver.proceed()
        #expect(MachineDriver.words(first.next) == "watch everything")
        #expect(driver.proceed().next == first.next)
        #expect(driver.page("7").next == first.next)
        #expect(driver.end().next == first.next)
        // Too early.
        let wait = driver.fail(.unavailable)
        #expect(driver.proceed().next == wait.next)
    }
}

extension WatchMachine.Transition {
    /// Zero for what is no watch.
    fileprivate var watchSeconds: Duration {
        if case .watch(let request) = next { .seconds(request.timeoutSeconds) } else { .zero }
    }
}
