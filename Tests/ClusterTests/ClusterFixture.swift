import Foundation
import TestSupport
import Testing

/// The repository this test was compiled from.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func path(_ relative: String) -> String { "\(root)/\(relative)" }
}

/// Something around a test failed: what, and what it said.
struct FixtureError: Error, CustomStringConvertible {
    var description: String

    init(_ what: String, _ result: ProcessResult) {
        description = "\(what) failed with status \(result.status): \(result.errors)\(result.output)"
    }

    init(_ what: String) { description = what }
}

/// A real etcd and kube-apiserver, started by `hack/envtest` for one test suite.
///
/// A suite asks for it with `@Suite(.enabled(if: Cluster.isAvailable), .cluster())`; its tests take `Cluster.current`.
final class Cluster: Sendable {
    /// The running suite's.
    @TaskLocal private static var running: Cluster?

    static var current: Cluster {
        get throws {
            guard let running else { throw FixtureError("no API server: the suite lacks the trait .cluster()") }
            return running
        }
    }

    /// Whether suites that need an API server run. `TALLYGATE_ENVTEST=0` leaves them out, and any other value has
    /// them run, the binaries being built if they are missing; unset, they run where the binaries are there already.
    static let isAvailable: Bool = {
        switch ProcessInfo.processInfo.environment["TALLYGATE_ENVTEST"] {
        case "0": return false
        case .some: return true
        case nil:
            let probe = Process()
            probe.executableURL = URL(fileURLWithPath: Repository.path("hack/envtest"))
            probe.arguments = ["cached"]
            probe.standardOutput = FileHandle.nullDevice
            probe.standardError = FileHandle.nullDevice
            guard (try? probe.run()) != nil else { return false }
            probe.waitUntilExit()
            return probe.terminationStatus == 0
        }
    }()

    private let files: TemporaryDirectory

    var kubeconfig: String { files.path("kubeconfig") }

    /// A file that hack/envtest made.
    func file(_ name: String) -> String { files.path(name) }

    private init(files: TemporaryDirectory) { self.files = files }

    /// Starts the servers and gives them to `body` as `Cluster.current`. They end with it, or with this process.
    static func with(
        controllers: Bool, apiServerFlags: [String], _ body: @Sendable () async throws -> Void
    ) async throws {
        let cluster = Cluster(files: try TemporaryDirectory())
        var arguments = ["start", "--until-exit", String(ProcessInfo.processInfo.processIdentifier)]
        if controllers { arguments.append("--controllers") }
        arguments += apiServerFlags.flatMap { ["--apiserver-flag", $0] } + [cluster.files.path]
        let started = try await ChildProcess.run(Repository.path("hack/envtest"), arguments)
        guard started.succeeded else { throw FixtureError("hack/envtest start", started) }

        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await $running.withValue(cluster) { try await body() })
        } catch {
            outcome = .failure(error)
        }
        let stopped = try await ChildProcess.run(Repository.path("hack/envtest"), ["stop", cluster.files.path])
        try outcome.get()
        guard stopped.succeeded else { throw FixtureError("hack/envtest stop", stopped) }
    }

    /// Runs the matching kubectl as an administrator.
    func kubectl(_ arguments: [String], input: String = "") async throws -> ProcessResult {
        try await ChildProcess.run(files.path("kubectl"), arguments, input: input)
    }

    /// As `kubectl`, for what has to succeed: throws what it said otherwise. Returns its standard output.
    @discardableResult
    func require(_ arguments: [String], input: String = "") async throws -> String {
        let result = try await kubectl(arguments, input: input)
        guard result.succeeded else { throw FixtureError("kubectl \(arguments.joined(separator: " "))", result) }
        return result.output
    }

    /// Every request answered so far, but for polling and discovery.
    func auditEvents() throws -> [AuditEvent] {
        let log = try String(contentsOfFile: files.path("audit.log"), encoding: .utf8)
        let decoder = JSONDecoder()
        // The last line may be half written.
        return try log.split(separator: "\n", omittingEmptySubsequences: true)
            .prefix(log.hasSuffix("\n") ? .max : max(0, log.count { $0 == "\n" }))
            .map { try decoder.decode(AuditEvent.self, from: Data($0.utf8)) }
    }
}

/// What tests ask of a line of the API server's audit log.
struct AuditEvent: Decodable, Sendable {
    /// Nobody in particular, where the credentials were not accepted.
    struct User: Decodable, Sendable { var username: String? }
    struct Reference: Decodable, Sendable {
        var resource: String?
        var namespace: String?
        var name: String?
        var subresource: String?
    }
    struct Status: Decodable, Sendable { var code: Int? }

    var verb: String
    var user: User
    var userAgent: String?
    var objectRef: Reference?
    var responseStatus: Status?
    /// Among them what webhooks add, as `<webhook>/<key>`, and which webhook patched.
    var annotations: [String: String]?
}

/// Runs a suite inside an API server of its own.
struct ClusterTrait: SuiteTrait, TestScoping {
    var controllers: Bool
    var apiServerFlags: [String]

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Cluster.with(controllers: controllers, apiServerFlags: apiServerFlags, function)
    }
}

extension Trait where Self == ClusterTrait {
    /// - Parameter controllers: also the controllers that make Pods of workloads; they cost another 2 s.
    static func cluster(controllers: Bool = false, apiServerFlags: [String] = []) -> Self {
        ClusterTrait(controllers: controllers, apiServerFlags: apiServerFlags)
    }
}
