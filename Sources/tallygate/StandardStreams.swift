import Glibc

/// Standard output. A reader that has gone away (`| head`) ends the command quietly.
enum StandardOutput {
    static func print(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n") }

    static func write(_ text: String) {
        if !DescriptorWriter.write(text, to: STDOUT_FILENO) { exit(ExitStatus.clean.rawValue) }
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}

enum StandardError {
    static func print(_ text: String) {
        // There is nowhere left to complain to.
        _ = DescriptorWriter.write(text.hasSuffix("\n") ? text : text + "\n", to: STDERR_FILENO)
    }
}

enum StandardInput {
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

/// Writes whole texts to a descriptor, however little it takes at a time.
enum DescriptorWriter {
    /// Returns false when nobody reads any more or the device is full.
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[offset...])
                let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if written < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                offset += written
            }
            return true
        }
    }
}
