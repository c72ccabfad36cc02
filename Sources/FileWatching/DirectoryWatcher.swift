/// Tells when files of some directories may have changed: at once by inotify, and in any case every poll interval.
///
/// A tick is a reason to look, not a description of what changed: several changes may share one, and a poll comes
/// without any. Whoever takes ticks compares contents.
///
/// Directories are watched, not files: the kubelet updates a mounted Secret by switching the symbolic link `..data`
/// beside the files, and editors replace a file by renaming another over it.
package struct DirectoryWatcher: Sendable {
    package struct Tick: Sendable, Equatable {
        package enum Cause: Sendable, Equatable {
            /// Something happened in one of the directories.
            case change
            /// The interval is over.
            case poll
        }

        package var cause: Cause
        /// Why some changes are seen by polling only, for now; nil while all directories are watched.
        package var degradation: Degradation?
    }

    /// What cannot be watched. Polling goes on.
    package enum Degradation: Sendable, Equatable, CustomStringConvertible {
        /// No watching at all.
        case unavailable(cause: String)
        /// These directories do not exist or cannot be watched. Each poll tries again.
        case unwatched(directories: [String], cause: String)

        package var description: String {
            switch self {
            case .unavailable(let cause):
                "inotify is not available (\(cause)): changes are seen by polling only; "
                    + "raise fs.inotify.max_user_instances or the limit of open files"
            case .unwatched(let directories, let cause):
                "cannot watch \(directories.joined(separator: ", ")) (\(cause)): changes there are seen by polling "
                    + "only; create the directory or raise fs.inotify.max_user_watches"
            }
        }
    }

    package var directories: [String]
    package var pollInterval: Duration
    private let openInotify: @Sendable () -> Result<FileDescriptor, SystemError>

    /// - Parameter pollInterval: between 10 ms and 1 day; beyond, the nearest of the two counts.
    package init(directories: [String], pollInterval: Duration) {
        self.init(directories: directories, pollInterval: pollInterval, openInotify: FileDescriptor.inotify)
    }

    /// For tests of what happens without inotify.
    init(
        directories: [String], pollInterval: Duration,
        openInotify: @escaping @Sendable () -> Result<FileDescriptor, SystemError>
    ) {
        var seen = Set<String>()
        self.directories = directories.filter { seen.insert($0).inserted }
        self.pollInterval = min(max(pollInterval, .milliseconds(10)), .seconds(86_400))
        self.openInotify = openInotify
    }

    /// Ticks until the consumer stops or is cancelled. Watching has begun when this returns: a change made afterwards is
    /// not missed. Each call has a thread and three file descriptors of its own, all of which go when the stream does.
    package func ticks() -> AsyncStream<Tick> {
        // One tick waiting is as good as many.
        let (stream, continuation) = AsyncStream.makeStream(of: Tick.self, bufferingPolicy: .bufferingNewest(1))
        switch StopSignal.make() {
        case .failure(let error):
            poll(continuation, because: error)
        case .success(let stopSignal):
            let loop = WatchLoop(
                watches: DirectoryWatches(directories: directories, inotify: openInotify()),
                stopSignal: stopSignal, interval: pollInterval
            ) { continuation.yield($0) }
            continuation.onTermination = { _ in stopSignal.send() }
            if let error = loop.start(onEnd: { continuation.finish() }) {
                poll(continuation, because: error)
            }
        }
        return stream
    }

    /// Where there is not even a descriptor or a thread to be had.
    private func poll(_ continuation: AsyncStream<Tick>.Continuation, because error: SystemError) {
        let task = Task { [pollInterval] in
            while (try? await Task.sleep(for: pollInterval)) != nil {
                continuation.yield(Tick(cause: .poll, degradation: .unavailable(cause: error.description)))
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
    }
}
