import Foundation
import Glibc
import TestSupport

/// A `tallygate auditor` of the running cluster, as a child process.
final class AuditorProcess: Sendable {
    let process: ChildProcess
    private let healthPort: UInt16
    private let files: TemporaryDirectory

    /// Starts it and waits for its readiness.
    init(of cluster: Cluster, policy: String, lease: String, arguments: [String] = []) async throws {
        files = try TemporaryDirectory()
        healthPort = try LoopbackPort.free(1)[0]
        process = try ChildProcess(
            BuiltProduct.tallygate,
            [
                "auditor", "--policy", try files.write("policy.yaml", policy), "--kubeconfig", cluster.kubeconfig,
                "--health-listen", "127.0.0.1:\(healthPort)", "--interval", "1", "--report-interval", "1",
                "--lease-name", lease,
            ] + arguments)
        try await wait(for: "readiness of the auditor") {
            guard process.isRunning else { throw FixtureError("the auditor ended while starting: \(process.errors)") }
            return LoopbackPort.httpStatus(healthPort, path: "/readyz") == 200
                ? nil : "not ready; it says: \(process.errors.suffix(500))"
        }
    }

    func metrics() throws -> Metrics {
        guard let answer = LoopbackPort.httpGet(healthPort, path: "/metrics"), answer.status == 200 else {
            throw FixtureError("no metrics from port \(healthPort); it says: \(process.errors.suffix(500))")
        }
        return Metrics(text: answer.body)
    }

    var leads: Bool { (try? metrics().total("tallygate_leader")) == 1 }

    /// Ends it as a kubelet does and waits.
    @discardableResult
    func stop() async -> ProcessResult {
        process.send(signal: SIGTERM)
        return await process.result()
    }

    /// Ends it as a crash does and waits.
    func crash() async {
        process.send(signal: SIGKILL)
        _ = await process.result()
    }
}
