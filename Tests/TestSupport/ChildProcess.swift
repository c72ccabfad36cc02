import Foundation
import Glibc

/// What a program that has ended left behind.
package struct ProcessResult: Sendable {
    package var status: Int32
    package var output: String
    package var errors: String

    package var succeeded: Bool { status == 0 }
}

/// A program that runs beside the test. Its output goes to a file, so that it can never block on a full pipe.
package final class ChildProcess: Sendable {
    private let process: Process
    private let files: TemporaryDirectory
    private let exit: Task<Int32, Never>

    /// - Parameter environment: added to this process' own.
    package init(
        _ executable: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws {
        files = try TemporaryDirectory()
        process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, added in added }
        let handles = [
            try FileHandle(forReadingFrom: URL(fileURLWithPath: files.write("in", input))),
            try FileHandle(forWritingTo: URL(fileURLWithPath: files.write("out", ""))),
            try FileHandle(forWritingTo: URL(fileURLWithPath: files.write("err", ""))),
        ]
        process.standardInput = handles[0]
        process.standardOutput = handles[1]
        process.standardError = handles[2]

        let (statuses, ended) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            // As a shell reports it: a signal is 128 and its number.
            let signalled = process.terminationReason == .uncaughtSignal
            ended.yield(process.terminationStatus + (signalled ? 128 : 0))
            ended.finish()
        }
        exit = Task {
            for await status in statuses { return status }
            return -1
        }
        try process.run()
        // The child has its own. Foundation keeps these open for good, and crashes in `run` after some thousand.
        for handle in handles { try handle.close() }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Runs a program to its end.
    package static func run(
        _ executable: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        try await ChildProcess(executable, arguments, input: input, environment: environment).result()
    }

    package var isRunning: Bool { process.isRunning }
    package var identifier: Int32 { process.processIdentifier }

    /// What it has written so far.
    package var output: String { text("out") }
    package var errors: String { text("err") }

    package func send(signal: Int32) {
        if process.isRunning { kill(process.processIdentifier, signal) }
    }

    /// Waits for its end.
    package func result() async -> ProcessResult {
        let status = await exit.value
        return ProcessResult(status: status, output: output, errors: errors)
    }

    private func text(_ name: String) -> String {
        let bytes = FileManager.default.contents(atPath: files.path(name)) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A wait that took too long, with what was seen last.
package struct TimedOut: Error, CustomStringConvertible {
    package var what: String
    package var seconds: Int
    package var last: String

    package var description: String { "\(what) did not happen within \(seconds) s; last seen: \(last)" }
}

/// Polls until `attempt` gives nil; what it gives otherwise is what was seen, for the message.
///
/// - Parameter seconds: how long to go on. It bounds a failing test and never makes a passing one slower.
package func wait(for what: String, seconds: Int = 60, _ attempt: () async throws -> String?) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(seconds))
    while let seen = try await attempt() {
        guard clock.now < deadline else { throw TimedOut(what: what, seconds: seconds, last: seen) }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// The programs under test.
package enum BuiltProduct {
    /// The built `tallygate`: the one beside these tests, or what `TALLYGATE_BINARY` names.
    package static var tallygate: String {
        if let given = ProcessInfo.processInfo.environment["TALLYGATE_BINARY"] { return given }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("tallygate").path
    }
}
