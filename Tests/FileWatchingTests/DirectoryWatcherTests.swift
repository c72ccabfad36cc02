import Glibc
import TestSupport
import Testing

@testable import FileWatching

@Suite(.timeLimit(.minutes(1))) struct DirectoryWatcherTests {
    /// Polls do not come within a test.
    private static let never = Duration.seconds(3_600)

    private func watcher(_ directories: String..., pollInterval: Duration = never) -> DirectoryWatcher {
        DirectoryWatcher(directories: directories, pollInterval: pollInterval)
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var perform: @Sendable (TemporaryDirectory) throws -> Void
    }

    static let changes = [
        Change(testDescription: "a file written") { try $0.write("new", "text") },
        Change(testDescription: "a file written over") { try $0.write("old", "text") },
        Change(testDescription: "a file removed") { $0.remove("old") },
        Change(testDescription: "a file renamed") { try $0.rename("old", to: "new") },
        Change(testDescription: "the link ..data switched") {
            try $0.makeDirectory("..2")
            try $0.link("..data_tmp", to: "..2")
            try $0.rename("..data_tmp", to: "..data")
        },
        Change(testDescription: "permissions changed") { _ = chmod($0.path("old"), 0o644) },
    ]

    @Test(arguments: changes)
    func changesAreSeenAtOnce(_ change: Change) async throws {
        let directory = try TemporaryDirectory()
        try directory.write("old", "text")
        var ticks = watcher(directory.path, pollInterval: Self.never).ticks().makeAsyncIterator()
        try change.perform(directory)
        #expect(await ticks.next() == DirectoryWatcher.Tick(cause: .change, degradation: nil))
    }

    @Test func readingIsNoChange() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("old", "text")
        var ticks = watcher(directory.path, pollInterval: .milliseconds(50)).ticks().makeAsyncIterator()
        close(open(directory.path("old"), O_RDONLY))
        #expect(await ticks.next()?.cause == .poll)
    }

    @Test func severalDirectoriesShareAWatcher() async throws {
        let first = try TemporaryDirectory()
        let second = try TemporaryDirectory()
        var ticks = watcher(first.path, second.path, first.path).ticks().makeAsyncIterator()
        try second.write("file", "text")
        #expect(await ticks.next()?.cause == .change)
        try first.write("file", "text")
        #expect(await ticks.next()?.cause == .change)
    }

    private func took(_ watches: inout DirectoryWatches) -> Bool { watches.takeEvents() }

    /// Recovery by the poll, and then watched again: the last change is seen while the next poll is hours away.
    @Test func replacedDirectoryIsWatchedAgain() throws {
        let parent = try TemporaryDirectory()
        try parent.makeDirectory("watched")
        let path = parent.path("watched")
        var watches = DirectoryWatches(directories: [path], inotify: FileDescriptor.inotify())
        #expect(watches.degradation == nil)
        #expect(!took(&watches))

        try parent.rename("watched", to: "gone")
        #expect(took(&watches))
        watches.repair()
        guard case .unwatched(let directories, _) = watches.degradation else {
            Issue.record("a missing directory is not said to be")
            return
        }
        #expect(directories == [path])

        try parent.makeDirectory("watched")
        watches.repair()
        #expect(watches.degradation == nil)
        _ = watches.takeEvents()
        try parent.write("watched/file", "text")
        #expect(took(&watches))
        try parent.write("gone/file", "text")
        #expect(!took(&watches))

        // Replaced between two looks, and the same again by deletion.
        parent.remove("watched")
        try parent.makeDirectory("watched")
        _ = watches.takeEvents()
        watches.repair()
        #expect(watches.degradation == nil)
        try parent.write("watched/file", "text")
        #expect(took(&watches))
    }

    @Test func missingDirectoryIsSaidAndPolled() async throws {
        let parent = try TemporaryDirectory()
        var ticks = watcher(parent.path("later"), pollInterval: .milliseconds(20)).ticks().makeAsyncIterator()
        let tick = await ticks.next()
        #expect(tick?.cause == .poll)
        #expect(tick?.degradation?.description.contains(parent.path("later")) == true)
        try parent.makeDirectory("later")
        while let tick = await ticks.next() {
            if tick.degradation == nil { break }
        }
    }

    @Test func withoutInotifyPollingGoesOnAndSaysSo() async throws {
        let directory = try TemporaryDirectory()
        let watcher = DirectoryWatcher(directories: [directory.path], pollInterval: .milliseconds(20)) {
            .failure(SystemError(call: "inotify_init1", code: EMFILE))
        }
        var ticks = watcher.ticks().makeAsyncIterator()
        for _ in 0..<3 {
            let tick = await ticks.next()
            #expect(tick?.cause == .poll)
            #expect(tick?.degradation == .unavailable(cause: "inotify_init1: Too many open files"))
        }
    }

    @Test func endsWithItsTaskAndClosesItsDescriptors() async throws {
        let directory = try TemporaryDirectory()
        let unique = directory.path("watched")
        try directory.makeDirectory("watched")
        // Other tests of this process come and go meanwhile: fifty that stayed would show all the same.
        let before = Self.openWatches()
        for _ in 0..<50 {
            let task = Task {
                for await _ in watcher(unique, pollInterval: Self.never).ticks() {}
            }
            task.cancel()
            await task.value
        }
        // A thread closes its descriptors a moment after its stream has ended; if it never does, time runs out.
        while Self.openWatches() > before + 20 {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// How many inotify descriptors this process has open.
    private static func openWatches() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            var target = [CChar](repeating: 0, count: 64)
            guard readlink("/proc/self/fd/\(name)", &target, target.count - 1) > 0 else { continue }
            if target.withUnsafeBytes({ String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }).contains("inotify") {
                count += 1
            }
        }
        return count
    }
}
