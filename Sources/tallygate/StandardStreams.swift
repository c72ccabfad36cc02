import Glibc

/// Standard output.
enum StandardOutput {
    static func print(_ text: String) throws { try write(text.hasSuffix("\n") ? text : text + "\n") }

    /// A reader that has gone away (`| head`) is no fault: the exit code still says what was found.
    static func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    static func write(_ bytes: UnsafeRawBufferPointer) throws {
        let failure = DescriptorWriter.write(bytes, to: STDOUT_FILENO)
        if failure != 0, failure != EPIPE {
            throw CommandOutcome.inputError(
                "standard output cannot be written: \(String(cString: strerror(failure))); the output is incomplete")
        }
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// How wide the output is to be: as `COLUMNS` says (POSIX.1-2017, XBD 8.3), so that it can
    /// be chosen, else as the terminal does; nil if nobody says.
    static func columns(_ environment: EnvironmentSettings = EnvironmentSettings()) -> Int? {
        if let given = environment.variables["COLUMNS"].flatMap({ Int($0) }), given > 0 { return given }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

enum StandardError {
    static func print(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n") }

    static func write(_ text: String) {
        // There is nowhere left to complain to.
        _ = DescriptorWriter.write(text, to: STDERR_FILENO)
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

enum StandardInput {
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// One line without its end; nil at the end of input.
    static func line() -> String? { readLine() }

    /// Reads to the end, at most `limit` bytes and one more.
    static func read(limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var failed: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                let read = Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
                failed = read < 0 ? errno : 0
                count = max(0, read)
            }
            if failed == EINTR { continue }
            if failed != 0 { return nil }
            if chunk.isEmpty { break }
            bytes += chunk
        }
        return bytes
    }
}

/// Writes all of something to a descriptor, however little it takes at a time.
enum DescriptorWriter {
    /// Returns the error that ended it, 0 when all was written.
    static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var offset = 0
        while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                let failure = errno
                if failure == EINTR { continue }
                guard failure == EAGAIN else { return failure }
                // Somebody made the pipe non-blocking: wait for room.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
                continue
            }
            offset += written
        }
        return 0
    }
}
