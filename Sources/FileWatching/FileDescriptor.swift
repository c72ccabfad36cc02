import Glibc

/// The system's refusal of a call.
struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    var call: String
    var code: Int32

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// An open file descriptor, closed when the last reference goes.
final class FileDescriptor: Sendable {
    let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    static func inotify() -> Result<FileDescriptor, SystemError> {
        let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        return number >= 0
            ? .success(FileDescriptor(owning: number)) : .failure(SystemError(call: "inotify_init1", code: errno))
    }
}

/// Wakes a thread in poll(2) for good: a pipe of which one byte is written and none is read.
final class StopSignal: Sendable {
    private let readEnd: FileDescriptor
    private let writeEnd: FileDescriptor

    private init(_ readEnd: FileDescriptor, _ writeEnd: FileDescriptor) {
        self.readEnd = readEnd
        self.writeEnd = writeEnd
    }

    static func make() -> Result<StopSignal, SystemError> {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return .failure(SystemError(call: "pipe", code: errno)) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return .success(StopSignal(FileDescriptor(owning: ends[0]), FileDescriptor(owning: ends[1])))
    }

    /// What to poll for reading.
    var descriptor: Int32 { readEnd.number }

    func send() {
        var byte: UInt8 = 1
        _ = write(writeEnd.number, &byte, 1)
    }
}
