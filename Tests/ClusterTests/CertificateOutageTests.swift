import Foundation
import TestSupport
import Testing

extension WithoutControllers {
    /// Gates that take their certificate from a Secret, and a keeper, while there is no API server to ask.
    @Suite("Managed certificates and an API server that goes away")
    struct CertificateOutageTests {
        private static let namespace = "kept-away"

        @Test("A gate serves on; one that starts waits; both take what a keeper issues afterwards")
        func outage() async throws {
            let cluster = try Cluster.current
            try await cluster.require(["create", "namespace", Self.namespace])
            let kept = try KeptCertificates(cluster, namespace: Self.namespace)
            try await cluster.registered(
                WebhookRegistration(failurePolicy: .ignore, rules: [.init(apiGroups: [""], resources: ["pods"])]),
                at: WebhookAddress(port: kept.ports[0], authorities: nil)
            ) {
                let keeperPort = try LoopbackPort.free(1)[0]
                let keeper = try kept.startKeeper(healthPort: keeperPort)
                let gates = [try await kept.startGate(0), try await kept.startGate(1)]
                let fresh = try await kept.inOrder("the first certificate")
                try await wait(for: "a keeper that is ready") {
                    LoopbackPort.httpStatus(keeperPort, path: "/readyz") == 200 ? nil : "not ready"
                }

                try await cluster.disturb("stop-apiserver")
                await gates[1].stop()
                let restarted: WebhookProcess
                do {
                    restarted = try await kept.startGate(1, readiness: .listening)
                    try await whileAway(gates[0], restarted, keeperPort)
                } catch {
                    try await cluster.disturb("start-apiserver")
                    throw error
                }
                try await cluster.disturb("start-apiserver")
                // Without a restart of anything.
                try await wait(for: "the gate that started meanwhile") {
                    restarted.isReady ? nil : restarted.readinessReport()
                }
                try await wait(for: "the gate that was there before") {
                    gates[0].readinessReport().contains("[+]tls ok") ? nil : gates[0].readinessReport()
                }
                #expect(gates[0].process.errors.contains("Following the certificate again"))
                let back = try await kept.inOrder("as before")
                #expect(back.leaf == fresh.leaf)

                let renewal = try await kept.renew()
                #expect(renewal.status == 0, "\(renewal.errors)")
                try await kept.inOrder("another certificate", otherThan: fresh.leaf)
                for gate in [gates[0], restarted] {
                    #expect(gate.process.errors.contains("Certificate reloaded"))
                    await gate.crash()
                }
                keeper.send(signal: SIGTERM)
                #expect(await keeper.result().status == 0)
            }
        }

        private func whileAway(_ serving: WebhookProcess, _ waiting: WebhookProcess, _ keeperPort: UInt16) async throws
        {
            // It says why it waits, lives, and is not ready: nobody is sent to it, and nobody restarts it.
            try await wait(for: "the reason of the one that waits") {
                let line = waiting.process.errors.split(separator: "\n").first {
                    $0.contains("Waiting for a certificate; not ready")
                }
                return line?.contains("refused") == true ? nil : waiting.process.errors
            }
            #expect(!waiting.isReady)
            #expect(waiting.readinessReport().contains("[-]tls failed: Secret kept-away/gate-tls cannot be read"))
            #expect(LoopbackPort.httpStatus(waiting.place.healthPort, path: "/livez") == 200)
            // The other has what it needs.
            try await wait(for: "the word of the one that serves") {
                let report = serving.readinessReport()
                return report.contains("[!]tls degraded: Secret kept-away/gate-tls cannot be read") ? nil : report
            }
            #expect(serving.isReady)
            #expect(try serving.servedName() != nil)
            #expect(serving.process.errors.contains("Cannot follow the certificate, the last good one stays"))
            // So has the keeper, who has nothing to do for anybody now.
            #expect(LoopbackPort.httpStatus(keeperPort, path: "/livez") == 200)
            #expect(LoopbackPort.httpStatus(keeperPort, path: "/readyz") == 200)
            #expect(waiting.process.isRunning)
        }
    }
}
