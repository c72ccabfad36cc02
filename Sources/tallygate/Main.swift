import ArgumentParser
import Glibc

/// Runs the command line and maps what comes of it to the exit codes of docs/commands.md: 0 clean, 1 findings,
/// 2 usage or input error, 3 cluster out of reach.
@main
enum Main {
    static func main() async {
        // A peer that goes away must end its connection, not the process.
        signal(SIGPIPE, SIG_IGN)
        // Were a standard descriptor closed, the next file or socket would get its number, and the log with it.
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 { _ = open("/dev/null", O_RDWR) }
        do {
            var command = try Tallygate.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let outcome as CommandOutcome {
            if let message = outcome.message { StandardError.print("tallygate: \(message)") }
            exit(outcome.code.rawValue)
        } catch {
            let code = Tallygate.exitCode(for: error)
            let message = Tallygate.fullMessage(for: error)
            if code == .success {
                do { try StandardOutput.print(message) } catch { exit(ExitStatus.inputError.rawValue) }
                exit(ExitStatus.clean.rawValue)
            }
            if !message.isEmpty { StandardError.print(message) }
            // The parser knows no other failure than a wrong command line.
            exit(ExitStatus.inputError.rawValue)
        }
    }
}

/// The exit codes of every command.
enum ExitStatus: Int32 {
    case clean = 0
    case findings = 1
    case inputError = 2
    case unreachable = 3
}

/// The end of a command that is not clean, with the one line that explains it.
struct CommandOutcome: Error {
    let code: ExitStatus
    let message: String?

    static func inputError(_ message: String) -> CommandOutcome {
        CommandOutcome(code: .inputError, message: message)
    }
}
