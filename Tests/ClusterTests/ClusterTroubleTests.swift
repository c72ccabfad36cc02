import Foundation
import TestSupport
import Testing

extension WithoutControllers {
    /// A gate goes on answering whatever becomes of the API server, and recovers by itself.
    @Suite("The gate and a cluster in trouble", .serialized)
    struct ClusterTroubleTests {
        /// A gate that reaches the cluster through a proxy, which the test can trouble.
        private func throughProxy(
            _ body: (Cluster, WebhookProcess, TroubledProxy) async throws -> Void
        ) async throws {
            let cluster = try Cluster.current
            let port = try cluster.access().port
            let proxy = try TroubledProxy(before: UInt16(port))
            defer { proxy.stop() }
            try await cluster.require(
                ["apply", "-f", "-"], input: KnowingGate.namespace("troubled", ["team": "first"]))
            let config = try cluster.kubeconfig {
                $0 = $0.replacing("127.0.0.1:\(port)", with: "127.0.0.1:\(proxy.port)")
            }
            let gate = try await KnowingGate.start(kubeconfig: config.path)
            try await expect("first", gate)
            try await body(cluster, gate, proxy)
            await gate.crash()
            withExtendedLifetime(config.files) {}
        }

        private func relabel(_ team: String, _ cluster: Cluster) async throws {
            try await cluster.require(["label", "--overwrite", "namespace", "troubled", "team=\(team)"])
        }

        /// Until the gate fills Pods with this team.
        private func expect(_ team: String, _ gate: WebhookProcess, seconds: Int = 60) async throws {
            try await wait(for: "the team \(team)", seconds: seconds) {
                let patch = try await gate.completion(in: "troubled")
                return patch?.contains(#""value":"\#(team)""#) == true
                    ? nil : "\(patch ?? "no patch"), log: \(gate.process.errors.suffix(800))"
            }
        }

        @Test("Watches that are cut are taken up again")
        func cut() async throws {
            try await throughProxy { cluster, gate, proxy in
                proxy.cut()
                #expect(try await gate.completion(in: "troubled")?.contains("first") == true)
                try await relabel("second", cluster)
                try await expect("second", gate)
                #expect(gate.isReady)
            }
        }

        @Test("A server that is slow, or stuck: what is known is answered at once, the rest as unknown in time")
        func slow() async throws {
            try await throughProxy { cluster, gate, proxy in
                proxy.mode = .stalling
                #expect(try await gate.completion(in: "troubled")?.contains("first") == true)
                // A namespace that is not known: the request has two seconds, and a margin is kept.
                let review = ReviewBuilder.pod(ManifestText.pod([:]), namespace: "nowhere")
                let answer = try await gate.ask(review)
                #expect(answer["allowed"] == .bool(true))
                #expect(
                    answer["warnings"]?.elements?.first?.text
                        == "namespace nowhere could not be read, so its cost labels were not judged")
                try await relabel("third", cluster)
                proxy.mode = .forwarding
                try await expect("third", gate)
            }
        }

        @Test("An API server that restarts")
        func restart() async throws {
            try await throughProxy { cluster, gate, _ in
                try await cluster.disturb("stop-apiserver")
                #expect(try await gate.completion(in: "troubled")?.contains("first") == true)
                #expect(gate.isReady)
                try await cluster.disturb("start-apiserver")
                try await relabel("fourth", cluster)
                try await expect("fourth", gate)
            }
        }

        @Test("A version that the server has forgotten: everything is read anew")
        func forgotten() async throws {
            try await throughProxy { cluster, gate, proxy in
                proxy.mode = .refusing
                proxy.cut()
                // The version the watch would go on after is among the forgotten, for the restarted server too.
                for index in 0..<3 { try await relabel("step-\(index)", cluster) }
                try await relabel("fifth", cluster)
                try await cluster.disturb("stop-apiserver")
                try await cluster.disturb("compact")
                try await cluster.disturb("start-apiserver")
                #expect(try await gate.completion(in: "troubled")?.contains("first") == true)
                proxy.mode = .forwarding
                try await expect("fifth", gate)
                #expect(try gate.metrics().total("tallygate_watch_failures_total", ["reason": "expired"]) >= 1)
            }
        }

        // MARK: Bad input

        /// Starts a gate that will not be ready, and waits for what it says of it.
        private func degraded(
            _ kubeconfig: String, saying texts: [String], ready: Bool = false,
            _ body: (WebhookProcess) async throws -> Void = { _ in }
        ) async throws {
            let gate = try await WebhookProcess.startGate(
                policy: KnowingGate.policy(), arguments: ["--kubeconfig", kubeconfig], readiness: .listening)
            try await wait(for: "\(texts)") {
                let lines = gate.process.errors.split(separator: "\n")
                return lines.contains { line in texts.allSatisfy { line.contains($0) } } ? nil : gate.process.errors
            }
            // It is up and serves what it can: what a Pod says itself, and unknown for what it does not.
            let labelled = try await gate.ask(.pod(ManifestText.pod(["team": "a"])))
            #expect(labelled["allowed"] == .bool(true))
            let bare = try await gate.ask(.pod(ManifestText.pod([:])))
            #expect(bare["allowed"] == .bool(true))
            #expect(bare["warnings"]?.elements?.first?.text?.contains("could not be read") == true)
            #expect(gate.isReady == ready)
            try await body(gate)
            #expect(gate.process.isRunning)
            await gate.crash()
        }

        @Test("A server that is not there")
        func unreachable() async throws {
            let cluster = try Cluster.current
            let port = try cluster.access().port
            let config = try cluster.kubeconfig { $0 = $0.replacing("127.0.0.1:\(port)", with: "127.0.0.1:1") }
            try await degraded(
                config.path, saying: ["https://127.0.0.1:1", "refused", "is the API server running"]
            ) { gate in
                #expect(gate.readinessReport().contains("[-]namespaces failed: not read yet: namespaces (unreachable)"))
                #expect(gate.readinessReport().contains("[-]owners failed: "))
            }
            withExtendedLifetime(config.files) {}
        }

        @Test("A token that is not accepted")
        func unauthorized() async throws {
            let cluster = try Cluster.current
            let config = try cluster.kubeconfig { text in
                text = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                    if line.contains("client-certificate-data") { return "    token: not-a-token" }
                    return line.contains("client-key-data") ? "" : String(line)
                }.joined(separator: "\n")
            }
            try await degraded(config.path, saying: ["credentials expired or not accepted", "renew the token"])
            withExtendedLifetime(config.files) {}
        }

        @Test("Another cluster's authority")
        func wrongAuthority() async throws {
            let cluster = try Cluster.current
            let other = try TestCertificateAuthority().identity.certificatePEM
            let config = try cluster.kubeconfig { text in
                text = text.replacing(
                    /certificate-authority-data: \S+/,
                    with: "certificate-authority-data: \(Data(other.utf8).base64EncodedString())")
            }
            try await degraded(
                config.path, saying: ["not from a CA that is trusted", "certificate-authority-data"])
            withExtendedLifetime(config.files) {}
        }

        @Test("A clock that is off: the server's certificate is not valid yet, or no more, by the clock here")
        func skewedClock() async throws {
            for (validity, text) in [
                (TestValidity(from: 86_400, until: 2 * 86_400), "is valid from"),
                (TestValidity(from: -2 * 86_400, until: -86_400), "the server's certificate expired at"),
            ] {
                // Any server will do: it is its certificate that tells.
                let server = try await WebhookProcess.startGate()
                try server.replaceCertificate(
                    with: server.authority.issueServer(commonName: "skewed.test", validity: validity))
                try await wait(for: "the certificate of another time") {
                    try server.servedName()?.contains("skewed.test") == true ? nil : "\(try server.servedName() ?? "")"
                }
                let files = try TemporaryDirectory()
                let authority = Data(server.authority.identity.certificatePEM.utf8).base64EncodedString()
                let config = try files.write(
                    "config",
                    """
                    {"apiVersion": "v1", "kind": "Config", "current-context": "skewed",
                     "contexts": [{"name": "skewed", "context": {"cluster": "skewed", "user": "nobody"}}],
                     "clusters": [{"name": "skewed", "cluster": {"server": "https://127.0.0.1:\(server.place.port)",
                       "certificate-authority-data": "\(authority)"}}],
                     "users": [{"name": "nobody", "user": {"token": "none"}}]}
                    """)
                try await degraded(config, saying: [text, "clock"])
                await server.crash()
            }
        }

        /// Nobody to the API server's authorizer, until a rule is made for it.
        private func asNobody(_ cluster: Cluster) throws -> (path: String, files: TemporaryDirectory) {
            try cluster.kubeconfig { text in
                text = text.replacing("    client-key-data:", with: "    as: gate-nobody\n    client-key-data:")
            }
        }

        @Test("A user without rights: said once with the rule that helps, ready, and mended while it runs")
        func forbidden() async throws {
            let cluster = try Cluster.current
            let config = try asNobody(cluster)
            try await cluster.require(
                ["apply", "-f", "-"], input: KnowingGate.namespace("ml", ["team": "search"]))
            try await degraded(
                config.path, saying: ["forbidden", #"apiGroups: [\"apps\"], resources: [\"replicasets\"]"#], ready: true
            ) { gate in
                #expect(
                    gate.readinessReport().contains(
                        "[!]namespaces degraded: looked up one by one: namespaces (forbidden)"))
                #expect(gate.readinessReport().contains("replicasets.apps (forbidden)"))
                // Single objects are allowed: then they are asked for one by one.
                try await cluster.require([
                    "create", "clusterrole", "gate-nobody", "--verb=get", "--resource=namespaces",
                ])
                try await cluster.require([
                    "create", "clusterrolebinding", "gate-nobody", "--clusterrole=gate-nobody", "--user=gate-nobody",
                ])
                try await wait(for: "a completion by look-up") {
                    let patch = try await gate.completion(in: "ml")
                    return patch?.contains("search") == true ? nil : "\(patch ?? "none")"
                }
                #expect(
                    try gate.metrics().total(
                        "tallygate_live_lookups_total", ["subject": "namespace", "result": "found"]) >= 1)
            }
            try await cluster.require(["delete", "clusterrole,clusterrolebinding", "gate-nobody"])
            withExtendedLifetime(config.files) {}
        }

        @Test("A connection that fails before its first request is logged with its address")
        func addresses() async throws {
            let gate = try await WebhookProcess.startGate()
            try await wait(for: "the log's line") {
                // Plain HTTP, where TLS is spoken.
                _ = LoopbackPort.httpGet(gate.place.port, path: "/")
                let lines = gate.process.errors.split(separator: "\n")
                let line = lines.first { $0.contains("Connection failed before its first request") }
                return line?.contains("remote=127.0.0.1:") == true ? nil : gate.process.errors
            }
            await gate.crash()
        }
    }
}

extension Cluster {
    /// `stop-apiserver`, `start-apiserver` or `compact`, of hack/envtest.
    func disturb(_ what: String) async throws {
        let result = try await ChildProcess.run(Repository.path("hack/envtest"), [what, file("")])
        guard result.succeeded else { throw FixtureError("hack/envtest \(what)", result) }
    }
}
