import KubernetesClient
import TestSupport
import Testing

/// Nothing that a server does makes the machine ask without end.
@Suite("Pace of a watch")
struct WatchPaceTests {
    /// Answers a step in some way, at once. Pages do not go on for ever: those are progress, and bounded by themselves.
    private func answer(
        _ driver: inout MachineDriver, _ step: WatchMachine.Step, pages: inout Int
    ) -> WatchMachine.Transition {
        let reason = driver.random.pick(WatchFailure.Reason.allCases)
        switch step {
        case .wait: return driver.proceed()
        case .list:
            switch Int.random(in: 0..<3, using: &driver.random) {
            case 0: return driver.fail(reason)
            case 1 where pages < 3:
                pages += 1
                return driver.page("1", next: "\(driver.random.next())")
            default: return driver.page("1")
            }
        case .watch:
            if driver.random.oneIn(3) { return driver.fail(reason) }
            driver.open()
            if driver.random.oneIn(2) { _ = driver.machine.objectArrived(resourceVersion: "\(driver.random.next())") }
            if driver.random.oneIn(2) { _ = driver.bookmark("\(driver.random.next())", ends: driver.random.oneIn(2)) }
            return driver.random.oneIn(3) ? driver.end() : driver.fail(reason)
        }
    }

    @Test("However a server answers, it is soon left in peace for a while", arguments: 0..<200)
    func noSpinning(_ seed: Int) {
        var driver = MachineDriver()
        driver.random = SeededGenerator(seed: UInt64(seed))
        var transition = driver.proceed()
        var requests = 0
        var requestsSinceWait = 0
        var pages = 0
        let began = driver.now
        while requests < 400 {
            if case .wait(let until) = transition.next {
                #expect(until - driver.now >= driver.settings.backoff.floor)
                driver.now = until
                requestsSinceWait = 0
                pages = 0
            } else {
                requests += 1
                requestsSinceWait += 1
            }
            transition = answer(&driver, transition.next, pages: &pages)
            // Initial events, refused; three pages and one in one piece; a watch; its list again; a watch.
            #expect(requestsSinceWait <= 12)
        }
        // No stream lives, so that waits become long.
        #expect(driver.now - began > .seconds(Int64(requests)))
    }

    @Test("A stream that ends as soon as it may without a wait is opened at most that often")
    func barelyGoodStreams() {
        var driver = MachineDriver.at(.youngStream)
        let began = driver.now
        for _ in 0..<100 {
            driver.now += driver.settings.healthyAfter
            #expect(driver.words(driver.end()) == "watch after 7")
            driver.open()
        }
        #expect(driver.now - began >= driver.settings.healthyAfter * 100)
    }

    @Test(
        "Waits double up to the reason's cap, are jittered in full, and never below the floor",
        arguments: [
            (WatchFailure.Reason.unreachable, Duration.seconds(30)), (.throttled, .seconds(30)),
            (.forbidden, .seconds(60)), (.unauthorized, .seconds(60)), (.absent, .seconds(300)),
        ])
    func backoff(_ reason: WatchFailure.Reason, _ cap: Duration) {
        let settings = WatchBackoff.Settings()
        var longest = [Duration](repeating: .zero, count: 12)
        var shortest = [Duration](repeating: .seconds(1000), count: 12)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<300 {
            var backoff = WatchBackoff(settings)
            for attempt in longest.indices {
                let wait = backoff.next(after: WatchFailure(reason, "test"), using: &random)
                longest[attempt] = max(longest[attempt], wait)
                shortest[attempt] = min(shortest[attempt], wait)
                #expect(wait >= settings.floor)
            }
        }
        for attempt in longest.indices {
            let bound = min(settings.base * (1 << attempt), cap)
            #expect(longest[attempt] <= bound)
            #expect(longest[attempt] > bound * 0.9)
            #expect(shortest[attempt] < max(bound * 0.1, settings.floor * 1.5))
        }
    }

    @Test("Attempts without end do not overflow")
    func manyAttempts() {
        var backoff = WatchBackoff()
        var random = SeededGenerator(seed: 4)
        for _ in 0..<1000 {
            #expect(backoff.next(after: WatchFailure(.cut, "test"), using: &random) <= .seconds(30))
        }
    }

    @Test("Retry-After is obeyed, with jitter on top, up to a bound")
    func retryAfter() {
        var random = SeededGenerator(seed: 5)
        var backoff = WatchBackoff()
        let wait = backoff.next(after: WatchFailure(.throttled, retryAfter: .seconds(7), "test"), using: &random)
        #expect(wait > .seconds(7) && wait <= .seconds(7.5))
        let long = backoff.next(
            after: WatchFailure(.throttled, retryAfter: .seconds(86_400), "test"), using: &random)
        #expect(long > .seconds(300) && long <= .seconds(301))
        backoff.reset()
        let negative = backoff.next(
            after: WatchFailure(.throttled, retryAfter: .seconds(-5), "test"), using: &random)
        #expect(negative >= .milliseconds(50) && negative <= .milliseconds(500))
    }

    @Test("A good stream resets the backoff")
    func reset() {
        var driver = MachineDriver.at(.youngStream)
        var transition = driver.fail(.unreachable)
        for _ in 0..<20 {
            _ = driver.afterWait(transition)
            transition = driver.fail(.unreachable)
        }
        _ = driver.afterWait(transition)
        driver.open()
        driver.now += driver.settings.healthyAfter
        guard case .retrying(_, let wait) = driver.fail(.cut).notice else {
            Issue.record("not retried")
            return
        }
        #expect(wait <= .milliseconds(500))
    }
}
