import Glibc

/// A program that is run once, for what it prints. Calls block; they belong on a thread that may wait.
struct ChildProgram {
    var path: String
    var arguments: [String]
    /// The whole environment.
    var environment: [String: String]
    /// Whether it may ask questions: it gets this process' terminal, and its words go there too.
    var isInteractive: Bool
    var seconds: Int
    var outputLimit: Int

    enum Failure: Error, Equatable {
        case cannotStart(String)
        case timedOut
        case outputTooLarge
    }

    enum Ending: Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    struct Outcome: Equatable {
        var ending: Ending
        var output: [UInt8]
        /// The end of what it wrote to standard error; empty if that went to the terminal.
        var words: [UInt8]
    }

    /// Of standard error, what is kept: the end, where the reason stands.
    private static let wordsLimit = 4 << 10
    /// How often a program is asked whether it has ended, while one of its own children may still hold the pipes.
    private static let tick: Int32 = 20

    /// Finds a bare name in the folders of a PATH; nil if it is not there. A path is taken as it is.
    static func locate(_ command: String, path: String) -> String? {
        if command.contains("/") { return access(command, F_OK) == 0 ? command : nil }
        for folder in path.split(separator: ":", omittingEmptySubsequences: false) {
            let candidate = LocalFile.resolve(command, in: folder.isEmpty ? "." : String(folder))
            if access(candidate, X_OK) == 0, !isFolder(candidate) { return candidate }
        }
        return nil
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    func run() throws(Failure) -> Outcome {
        let output = try Pipe()
        let words = try Pipe()
        let process = try spawn(output: output, words: words)
        output.closeWriteEnd()
        words.closeWriteEnd()
        var collected = Collected(outputLimit: outputLimit)
        let result = wait(for: process, output, words, &collected)
        switch result {
        case .success(let ending):
            return Outcome(ending: ending, output: collected.output, words: collected.words)
        case .failure(let failure):
            end(process)
            throw failure
        }
    }

    // MARK: Starting

    private func spawn(output: Pipe, words: Pipe) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if !isInteractive {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, words.writeEnd, 2)
        }
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
        // Everything else this process has open is closed on exec.

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        // A group of its own can be ended as a whole; but only the terminal's own group may read from it.
        if !isInteractive { flags |= POSIX_SPAWN_SETPGROUP }
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))

        var process = pid_t()
        let words = [path] + arguments
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let code = Self.withCStrings(words) { arguments in
            Self.withCStrings(variables) { variables in
                posix_spawn(&process, path, &actions, &attributes, arguments, variables)
            }
        }
        guard code == 0 else { throw .cannotStart(String(cString: strerror(code))) }
        return process
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(&pointers)
    }

    // MARK: Waiting

    private struct Collected {
        let outputLimit: Int
        var output: [UInt8] = []
        var words: [UInt8] = []
        var outputIsOpen = true
        var wordsAreOpen = true

        mutating func take(_ bytes: [UInt8], fromOutput: Bool) -> Bool {
            if fromOutput {
                output += bytes
                return output.count <= outputLimit
            }
            words += bytes
            if words.count > ChildProgram.wordsLimit { words.removeFirst(words.count - ChildProgram.wordsLimit) }
            return true
        }
    }

    private func wait(
        for process: pid_t, _ output: Pipe, _ words: Pipe, _ collected: inout Collected
    ) -> Result<Ending, Failure> {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(seconds)
        var ending: Ending?
        while true {
            // Once it has ended, only what is there already is taken: children it left behind are not waited for.
            let timeout = ending == nil ? Self.tick : 0
            var descriptors = [
                pollfd(fd: collected.outputIsOpen ? output.readEnd : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: collected.wordsAreOpen ? words.readEnd : -1, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&descriptors, 2, timeout)
            if ready > 0 {
                if descriptors[0].revents != 0 {
                    let bytes = output.read()
                    if bytes.isEmpty { collected.outputIsOpen = false }
                    if !collected.take(bytes, fromOutput: true) { return .failure(.outputTooLarge) }
                }
                if descriptors[1].revents != 0 {
                    let bytes = words.read()
                    if bytes.isEmpty { collected.wordsAreOpen = false }
                    _ = collected.take(bytes, fromOutput: false)
                }
            } else if let ending {
                return .success(ending)
            }
            if ending == nil { ending = Self.ending(of: process) }
            if clock.now >= deadline { return ending.map { .success($0) } ?? .failure(.timedOut) }
        }
    }

    private static func ending(of process: pid_t, waiting: Bool = false) -> Ending? {
        var status: Int32 = 0
        let result = waitpid(process, &status, waiting ? 0 : WNOHANG)
        if result == 0 || result < 0 && errno == EINTR { return nil }
        // Somebody else has waited for it, or this process does not care for its children.
        guard result == process else { return .exited(-1) }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }

    /// Ends what does not end by itself, and everything it started.
    private func end(_ process: pid_t) {
        kill(isInteractive ? process : -process, SIGKILL)
        while Self.ending(of: process, waiting: true) == nil {}
    }
}

/// A pipe of which a child gets one end.
private final class Pipe {
    let readEnd: Int32
    private(set) var writeEnd: Int32

    init() throws(ChildProgram.Failure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .cannotStart(String(cString: strerror(errno))) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    /// What is there; empty at the end.
    func read() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
            var result = -1
            repeat { result = Glibc.read(readEnd, buffer.baseAddress, buffer.count) } while result < 0 && errno == EINTR
            count = max(0, result)
        }
    }
}
