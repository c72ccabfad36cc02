import Foundation
import TestSupport
import Testing

extension WithoutControllers {
    /// The gate changes, stops and dies while the API server asks it, with failurePolicy Fail, so that every call that
    /// fails shows.
    @Suite("Under load and under attack")
    struct AvailabilityTests {
        private static let clients = 6
        /// Admissions between two events, so that each happens in the middle of traffic.
        private static let stretch = 60

        /// - Parameter knowsCluster: whether it gets the namespaces from the cluster, not from a file.
        private func startGate(
            _ arguments: [String] = [], authority: TestCertificateAuthority? = nil, knowsCluster: Bool = false
        ) async throws -> WebhookProcess {
            try await WebhookProcess.startGate(
                policy: Gate.policy(), namespaces: knowsCluster ? nil : Gate.namespaces,
                arguments: (knowsCluster ? ["--kubeconfig", try Cluster.current.kubeconfig] : ["--no-cluster"])
                    + arguments,
                authority: authority)
        }

        /// The webhook listener's answers, dry runs counted too.
        private func answers(of gate: WebhookProcess) throws -> Double {
            try gate.metrics().total("tallygate_http_requests_total", ["code": "200"])
        }

        private func underLoad(
            _ cluster: Cluster, _ body: (AdmissionLoad) async throws -> Void
        ) async throws {
            try await AdmissionLoad.run(clients: Self.clients, on: cluster, warmUp: Self.stretch, body)
        }

        @Test("Certificate and authority are exchanged under load, and no admission fails")
        func rotation() async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: Gate.namespaces)
            let gate = try await startGate()
            let (old, new) = (gate.authority, try TestCertificateAuthority(name: "Tallygate Next CA"))
            let next = try new.issueServer(commonName: "next.test")
            let registration = WebhookRegistration()
            @Sendable func address(_ authorities: TestCertificateAuthority...) -> WebhookAddress {
                WebhookAddress(
                    port: gate.place.port, authorities: authorities.map(\.identity.certificatePEM).joined())
            }
            try await cluster.registered(registration, at: address(old)) {
                try await underLoad(cluster) { load in
                    // First of all both authorities are trusted.
                    try await cluster.register(registration, at: address(old, new))

                    // A key without its certificate: said and counted, once, and the last good pair is served on.
                    try gate.write(key: next)
                    try await wait(for: "the count of the failed reload") {
                        let failures = try gate.metrics().total("tallygate_certificate_reload_failures_total")
                        return failures == 1 ? nil : "\(failures) failures, log: \(gate.process.errors.suffix(500))"
                    }
                    #expect(gate.isReady)
                    #expect(try gate.servedName()?.contains("tallygate.test") == true)
                    try await load.more(Self.stretch, what: "with a broken pair in the files")

                    try gate.replaceCertificate(with: next)
                    try await wait(for: "the new certificate") {
                        let name = try gate.servedName()
                        return name?.contains("next.test") == true ? nil : name ?? "no certificate"
                    }
                    try await load.more(Self.stretch, what: "with the new certificate")

                    // Now only the new authority is: the API server makes new connections, whose certificates are the
                    // new ones or nothing.
                    try await cluster.register(registration, at: address(new))
                    try await load.more(Self.stretch, what: "with the new authority alone")
                }
                #expect(try gate.metrics().total("tallygate_certificate_reload_failures_total") == 1)
            }
            await gate.crash()
        }

        @Test(
            "Two gates behind a Service are replaced one after the other under load, and no admission fails",
            arguments: [false, true])
        func restarts(knowsCluster: Bool) async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: Gate.namespaces)
            let authority = try TestCertificateAuthority()
            // Long beside the time until the forwarder hears of it, even on a machine that is busy.
            let drain = ["--drain-seconds", "3"]
            let first = try await startGate(drain, authority: authority, knowsCluster: knowsCluster)
            let second = try await startGate(drain, authority: authority, knowsCluster: knowsCluster)
            let service = try ServiceForwarder([first.place, second.place])
            defer { service.stop() }
            let address = WebhookAddress(port: service.port, authorities: authority.identity.certificatePEM)
            try await cluster.registered(WebhookRegistration(), at: address) {
                try await underLoad(cluster) { load in
                    #expect(try answers(of: first) > 0)
                    #expect(try answers(of: second) > 0)

                    let ended = await first.stop()
                    #expect(ended.status == 0, "\(ended.errors)")
                    try await load.more(Self.stretch, what: "with the second gate alone")

                    let third = try await startGate(drain, authority: authority, knowsCluster: knowsCluster)
                    service.add(third.place)
                    try await load.more(Self.stretch, what: "with a third gate ready")
                    // One probe may fail on a busy machine, as a kubelet's may.
                    try await wait(for: "the third gate behind the Service") {
                        service.isReady(third.place) ? nil : "its last probe failed"
                    }
                    let endedNext = await second.stop()
                    #expect(endedNext.status == 0, "\(endedNext.errors)")
                    try await load.more(Self.stretch, what: "with the third gate alone")
                    #expect(try answers(of: third) > 0)

                    // The other order: what is to follow is there before, and the older one goes last.
                    let fourth = try await startGate(drain, authority: authority, knowsCluster: knowsCluster)
                    service.add(fourth.place)
                    let endedLast = await third.stop()
                    #expect(endedLast.status == 0, "\(endedLast.errors)")
                    try await load.more(Self.stretch, what: "with the fourth gate alone")
                    #expect(try answers(of: fourth) > 0)
                    await load.stop()
                    await fourth.crash()
                }
            }
        }

        @Test("One of two gates behind a Service is killed outright under load, and no admission fails")
        func killedUnderLoad() async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: Gate.namespaces)
            let authority = try TestCertificateAuthority()
            let first = try await startGate(authority: authority)
            let second = try await startGate(authority: authority)
            let service = try ServiceForwarder([first.place, second.place])
            defer { service.stop() }
            let address = WebhookAddress(port: service.port, authorities: authority.identity.certificatePEM)
            // As the chart installs it: a request that dies with its gate is admitted as it is. Only these may be.
            try await cluster.registered(WebhookRegistration(failurePolicy: .ignore), at: address) {
                let load = try AdmissionLoad(clients: Self.clients, on: cluster, allowsIncomplete: true)
                try await load.more(Self.stretch, what: "with two gates")
                #expect(load.incomplete == 0)
                #expect(try answers(of: first) > 0)
                await first.crash()
                try await wait(for: "the endpoint's end") { service.isReady(first.place) ? "still ready" : nil }
                // What was on its way to the dead one has ended by then.
                try await load.more(Self.stretch, what: "with the second gate alone")
                let lost = load.incomplete
                try await load.more(Self.stretch, what: "with the second gate alone, later")
                #expect(load.incomplete == lost, "every admission is completed again")
                let third = try await startGate(authority: authority)
                service.add(third.place)
                try await load.more(Self.stretch, what: "with a third gate")
                await load.stop()
                #expect(load.failures == [])
                #expect(load.incomplete == lost)
                await third.crash()
            }
            await second.crash()
        }

        @Test("A killed gate: Ignore admits, Fail refuses, and both work again once it is back")
        func killed() async throws {
            let cluster = try Cluster.current
            try await cluster.require(["apply", "-f", "-"], input: Gate.namespaces)
            let gate = try await startGate()
            let name = "killed-gate-"
            let bare = Manifest.pod(name, in: Gate.strict)
            func create() async throws -> APIResponse {
                try await cluster.api("POST", Cluster.Path.pods(Gate.strict), bare)
            }
            var registration = WebhookRegistration(failurePolicy: .ignore)
            try await cluster.register(registration, of: gate)
            #expect(try await create().status == 403)
            await gate.crash()
            let ignored = try await create()
            #expect(ignored.status == 201)
            #expect(ignored.warnings == [])

            registration.failurePolicy = .fail
            try await cluster.register(registration, of: gate)
            let failed = try await cluster.kubectl(["create", "-f", "-"], input: bare)
            #expect(failed.status == 1)
            #expect(
                failed.errors.hasPrefix(
                    #"Error from server (InternalError): error when creating "STDIN": Internal error occurred: "#
                        + #"failed calling webhook "tallygate.tallygate.test": "#),
                "\(failed.errors)")

            let restarted = try await gate.restarted()
            #expect(try await create().status == 403)
            #expect(
                try await cluster.api(
                    "POST", Cluster.Path.pods(Gate.strict),
                    Manifest.pod(name, in: Gate.strict, labels: Gate.complete)
                ).status == 201)
            registration.failurePolicy = .ignore
            try await cluster.register(registration, of: restarted)
            #expect(try await create().status == 403)
            try await cluster.unregister(registration)
            await restarted.crash()
        }
    }
}
