import Foundation
import TestSupport
import Testing

extension WithoutControllers {
    /// Certificates that nobody has to think of: a keeper and two gates, with failurePolicy Fail, so that every call
    /// that fails shows.
    @Suite("Managed certificates")
    struct CertificateTests {
        private static let clients = 4
        private static let stretch = 40

        @Test("From nothing to admissions, and through every rotation without one that fails")
        func rotations() async throws {
            try await withGates(in: "kept", .fail) { cluster, kept in
                let fresh = try await kept.status()
                try await AdmissionLoad.run(clients: Self.clients, on: cluster, warmUp: Self.stretch) { load in
                    try await rotate(kept, load, from: fresh)
                }
                try await tamper(cluster, kept)
            }
        }

        @Test(
            "As the chart installs it, a caBundle that is emptied under load fails no admission, and is soon put back")
        func tampering() async throws {
            try await withGates(in: "kept-ignoring", .ignore) { cluster, kept in
                let before = try await kept.status()
                let load = try AdmissionLoad(clients: Self.clients, on: cluster, allowsIncomplete: true)
                try await load.more(Self.stretch, what: "to begin with")
                #expect(load.incomplete == 0)
                for round in 0..<5 {
                    try await empty(cluster, round % 2 == 0 ? "mutating" : "validating")
                    try await kept.inOrder("the bundle again")
                    try await load.more(Self.stretch, what: "after a bundle was emptied")
                }
                // What the API server had no trust for is over; nothing else was changed.
                let unjudged = load.incomplete
                try await load.more(Self.stretch, what: "in the end")
                #expect(load.incomplete == unjudged)
                await load.stop()
                #expect(load.failures == [])
                let after = try await kept.status()
                #expect(after.authorities == before.authorities)
                #expect(after.leaf == before.leaf)
            }
        }

        /// A keeper and two gates behind a Service, from nothing to their first certificate.
        private func withGates(
            in namespace: String, _ failurePolicy: WebhookRegistration.FailurePolicy,
            _ body: @Sendable (Cluster, KeptCertificates) async throws -> Void
        ) async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: Gate.namespaces)
            try await cluster.require(["create", "namespace", namespace])
            let kept = try KeptCertificates(cluster, namespace: namespace)
            let places = [0, 2].map { port in
                WebhookProcess.Place(
                    certificatePath: "", keyPath: "", port: kept.ports[port], healthPort: kept.ports[port + 1])
            }
            let service = try ServiceForwarder(places)
            defer { service.stop() }
            try await cluster.require([
                "create", "service", "externalname", KeptCertificates.service, "--external-name", "localhost",
                "--namespace", namespace,
            ])
            let address = WebhookAddress(
                port: service.port, authorities: nil,
                service: .init(namespace: namespace, name: KeptCertificates.service))
            // Before there is anybody to answer, as an installation is.
            let registration = WebhookRegistration(
                failurePolicy: failurePolicy, rules: [.init(apiGroups: [""], resources: ["pods"])])
            try await cluster.registered(registration, at: address) {
                let keeper = try kept.startKeeper()
                let gates = [try await kept.startGate(0), try await kept.startGate(1)]
                try await kept.inOrder("the first certificate")
                for place in places {
                    try await wait(for: "a gate behind the Service") { service.isReady(place) ? nil : "not ready" }
                }
                do {
                    try await body(cluster, kept)
                } catch {
                    Issue.record("the keeper says: \(keeper.errors)\nthe gate says: \(gates[0].process.errors)")
                    throw error
                }
                keeper.send(signal: SIGTERM)
                let ended = await keeper.result()
                #expect(ended.status == 0)
                #expect(!ended.errors.contains("PRIVATE KEY"))
                for gate in gates { await gate.crash() }
            }
        }

        private func rotate(
            _ kept: KeptCertificates, _ load: AdmissionLoad, from fresh: KeptCertificates.Status
        ) async throws {
            let leaf = try await kept.renew()
            #expect(leaf.status == 0, "\(leaf.errors)")
            let renewed = try await kept.inOrder("another certificate", otherThan: fresh.leaf)
            #expect(renewed.authorities == fresh.authorities, "a certificate is renewed from the same CA")
            try await load.more(Self.stretch, what: "with another certificate")

            let authority = try await kept.renew(["--ca"])
            #expect(authority.status == 0, "\(authority.errors)")
            let rotated = try await kept.inOrder(
                "another CA", otherThan: renewed.leaf, authority: renewed.authorities.first)
            try await load.more(Self.stretch, what: "with another CA")

            try await kept.cluster.require([
                "delete", "secret", KeptCertificates.secret, "--namespace", kept.namespace,
            ])
            let restored = try await kept.inOrder(
                "the Secret again", otherThan: rotated.leaf, authority: rotated.authorities.first)
            try await load.more(Self.stretch, what: "after the Secret was deleted")

            // Two thirds of this CA's life are over soon, and the keeper makes the next by itself.
            let short = try await kept.renew(["--ca", "--ca-lifetime", "60s"])
            #expect(short.status == 0, "\(short.errors)")
            let brief = try await kept.status()
            #expect(brief.authorities != restored.authorities)
            try await kept.inOrder(
                "the CA after the one that ends", otherThan: brief.leaf, authority: brief.authorities.first)
            try await load.more(Self.stretch, what: "after a CA came near its end")
        }

        private func empty(_ cluster: Cluster, _ kind: String) async throws {
            try await cluster.require([
                "patch", "\(kind)webhookconfiguration", WebhookRegistration().name, "--type=json", "--patch",
                #"[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]"#,
            ])
        }

        /// An API server that sees an emptied bundle refuses at once; what counts is that it is filled again.
        private func tamper(_ cluster: Cluster, _ kept: KeptCertificates) async throws {
            let before = try await kept.status()
            try await empty(cluster, "mutating")
            let after = try await kept.inOrder("the bundle again")
            #expect(after.authorities == before.authorities)
            #expect(after.leaf == before.leaf)
            try await wait(for: "an admission") {
                let answer = try await cluster.api(
                    "POST", "\(Cluster.Path.pods(Gate.supplied))?dryRun=All",
                    Manifest.pod("after-tampering", in: Gate.supplied))
                return answer.status == 201 ? nil : answer.message
            }
        }

        @Test(
            "A gate asks itself through its Service; what comes of it is said, and does not make it unready",
            arguments: [true, false])
        func selfProbe(isTrusted: Bool) async throws {
            let authority = try TestCertificateAuthority()
            let published = isTrusted ? authority : try TestCertificateAuthority(name: "Another CA")
            let files = try TemporaryDirectory()
            let bundle = try files.write("ca.crt", published.identity.certificatePEM)
            let gate = try await WebhookProcess.start(
                WebhookProcess.gateBinary, authority: authority, readiness: .healthPort
            ) { place in
                [
                    "webhook", "--no-cluster", "--tls-cert-file", place.certificatePath, "--tls-private-key-file",
                    place.keyPath, "--tls-ca-file", bundle, "--listen", "127.0.0.1:\(place.port)", "--health-listen",
                    "127.0.0.1:\(place.healthPort)", "--self-probe", "https://localhost:\(place.port)",
                ]
            }
            try await wait(for: "the first question") {
                let metrics = try gate.metrics()
                return metrics.total("tallygate_self_probe_timestamp_seconds") > 0 ? nil : "none yet"
            }
            let metrics = try gate.metrics()
            #expect(metrics.total("tallygate_self_probe_success") == (isTrusted ? 1 : 0))
            #expect(metrics.total("tallygate_self_probe_failures_total") == (isTrusted ? 0 : 1))
            let readiness = try #require(LoopbackPort.httpGet(gate.place.healthPort, path: "/readyz?verbose"))
            #expect(readiness.status == 200)
            #expect(
                readiness.body.contains(isTrusted ? "[+]self-probe ok" : "[!]self-probe degraded: https://localhost"))
            await gate.crash()
        }
    }
}
