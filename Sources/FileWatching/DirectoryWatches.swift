import Glibc

/// The watches on a set of directories, kept true to the paths: a directory that is deleted, renamed or replaced is
/// watched again under its path as soon as it exists.
struct DirectoryWatches {
    /// What tells two directories of the same path apart.
    private struct Identity: Equatable {
        var device: dev_t
        var inode: ino_t
    }

    private struct Watch {
        var number: Int32
        var identity: Identity
    }

    private let directories: [String]
    private let inotify: Result<FileDescriptor, SystemError>
    private var watches: [String: Watch] = [:]
    private(set) var degradation: DirectoryWatcher.Degradation?

    /// A file written in place counts when its writer closes it; reading does not count.
    private static let events =
        IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF

    /// Room for some hundred events; each is a header and a name of at most 255 bytes.
    private static let eventBufferSize = 16 * 1024

    init(directories: [String], inotify: Result<FileDescriptor, SystemError>) {
        self.directories = directories
        self.inotify = inotify
        repair()
    }

    /// What to poll for events; nil if nothing can be watched.
    var descriptor: Int32? {
        switch inotify {
        case .success(let descriptor): descriptor.number
        case .failure: nil
        }
    }

    /// Watches what is not, or no longer, watched under its path.
    mutating func repair() {
        let descriptor: FileDescriptor
        switch inotify {
        case .success(let open): descriptor = open
        case .failure(let error):
            degradation = .unavailable(cause: error.description)
            return
        }
        var unwatched: [String] = []
        var cause: SystemError?
        for directory in directories {
            if let error = repair(directory, descriptor) {
                unwatched.append(directory)
                cause = cause ?? error
            }
        }
        degradation = cause.map { .unwatched(directories: unwatched, cause: $0.description) }
    }

    private mutating func repair(_ directory: String, _ descriptor: FileDescriptor) -> SystemError? {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            let error = SystemError(call: "stat", code: errno)
            forget(directory, descriptor)
            return error
        }
        let identity = Identity(device: status.st_dev, inode: status.st_ino)
        if watches[directory]?.identity == identity { return nil }
        forget(directory, descriptor)
        let mask = UInt32(Self.events) | UInt32(IN_ONLYDIR)
        let number = inotify_add_watch(descriptor.number, directory, mask)
        guard number >= 0 else { return SystemError(call: "inotify_add_watch", code: errno) }
        watches[directory] = Watch(number: number, identity: identity)
        return nil
    }

    private mutating func forget(_ directory: String, _ descriptor: FileDescriptor) {
        guard let watch = watches.removeValue(forKey: directory) else { return }
        // Two paths to one directory share a watch. One that has gone by itself is refused, which is as good.
        if !watches.values.contains(where: { $0.number == watch.number }) {
            _ = inotify_rm_watch(descriptor.number, watch.number)
        }
    }

    /// Takes all events that wait. True if one of them was a change.
    ///
    /// Which one does not matter, so they are not taken apart, with one exception: `IN_IGNORED` tells that a watch is
    /// gone, be it by our own doing.
    mutating func takeEvents() -> Bool {
        guard let descriptor else { return false }
        var changed = false
        withUnsafeTemporaryAllocation(byteCount: Self.eventBufferSize, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                if handle(UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
                    changed = true
                }
            }
        }
        return changed
    }

    private mutating func handle(_ events: UnsafeRawBufferPointer) -> Bool {
        let headerSize = MemoryLayout<inotify_event>.size
        var changed = false
        var position = 0
        while position + headerSize <= events.count {
            let event = events.loadUnaligned(fromByteOffset: position, as: inotify_event.self)
            position += headerSize + Int(event.len)
            if event.mask & UInt32(IN_IGNORED) != 0 {
                // The number may be given to another watch: forget whose it was.
                for (directory, watch) in watches where watch.number == event.wd {
                    watches.removeValue(forKey: directory)
                    changed = true
                }
            } else {
                changed = true
            }
        }
        return changed
    }
}
