import Foundation
import KubernetesClient
import KubernetesModel
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

extension WithoutControllers {
    /// The client against the real thing: what a script of answers cannot vouch for.
    @Suite("The client", .serialized)
    struct ClientTests {
        private static let namespace = "client-tests"

        /// Connects as the fixture's kubeconfig says, or as `adjust` changes that.
        private func with<Value>(
            _ adjust: (inout ClusterAccess) throws -> Void = { _ in }, _ body: (KubernetesAPI) async throws -> Value
        ) async throws -> Value {
            let cluster = try Cluster.current
            var access = try ConfigurationLoader(environment: [:]).load(kubeconfig: cluster.kubeconfig)
            try adjust(&access)
            let connection = ClusterConnection(
                access, environment: [:], hasTerminal: false, userAgent: "tallygate/test",
                group: MultiThreadedEventLoopGroup.singleton, unixSeconds: { Int64(Date().timeIntervalSince1970) })
            let result: Result<Value, any Error>
            do { result = .success(try await body(connection.api)) } catch { result = .failure(error) }
            await connection.shutdown()
            return try result.get()
        }

        private final class Log: Sendable {
            private let lines = Mutex<[String]>([])
            func add(_ line: String) { lines.withLock { $0.append(line) } }
            var all: [String] { lines.withLock { $0 } }
        }

        private var soon: NIODeadline { .now() + .seconds(30) }

        /// Makes the namespace with so many ConfigMaps in it, anew.
        private func makeConfigMaps(_ count: Int) async throws {
            let cluster = try Cluster.current
            try await cluster.require(
                ["apply", "-f", "-"],
                input: #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"\#(Self.namespace)"}}"#)
            try await cluster.require(["delete", "configmaps", "--all", "--namespace", Self.namespace])
            for index in 0..<count {
                try await cluster.require(["create", "configmap", "map-\(index)", "--namespace", Self.namespace])
            }
        }

        private static let query = ResourceQuery(.configMaps, namespace: namespace)

        private func object(_ name: String) -> ObjectReference {
            ObjectReference(.configMaps, namespace: Self.namespace, name: name)
        }

        private func body(_ name: String, _ value: String, version: String? = nil) -> ByteBuffer {
            let version = version.map { #","resourceVersion":"\#($0)""# } ?? ""
            return ByteBuffer(
                string: #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)","namespace":"#
                    + #""\#(Self.namespace)"\#(version)},"data":{"key":"\#(value)"}}"#)
        }

        private func failure(_ call: () async throws(APIError) -> Void) async -> APIError? {
            do throws(APIError) {
                try await call()
                return nil
            } catch {
                return error
            }
        }

        @Test("Pages in every encoding hold every object once", arguments: ResourceEncoding.allCases)
        func pages(encoding: ResourceEncoding) async throws {
            try await makeConfigMaps(7)
            var query = Self.query
            query.encoding = encoding
            try await with { api in
                var pages: [ListAnswer] = []
                let end = try await api.list(query, pageSize: 3, deadline: soon) { (event) throws(APIError) in
                    if case .page(let page) = event { pages.append(page) }
                }
                #expect(pages.count == 3)
                #expect(end.isConsistent)
                #expect(end.resourceVersion == pages.first?.metadata.resourceVersion)
                let text = pages.map { String(decoding: $0.body.readableBytesView, as: UTF8.self) }.joined()
                for index in 0..<7 { #expect(text.contains("map-\(index)")) }
                switch encoding {
                case .protobuf, .metadata: #expect(pages.allSatisfy { $0.type == .protobuf })
                case .json, .metadataJSON: #expect(pages.allSatisfy { $0.type == .json })
                }
                // Older servers do not count where they give metadata only.
                if encoding == .protobuf || encoding == .json {
                    #expect(pages.map { $0.metadata.remainingItemCount } == [4, 1, nil])
                }
                let all = try await api.list(query, limit: nil, deadline: soon)
                #expect(all.metadata.continueToken == nil)
            }
        }

        @Test(
            "A list whose version the server forgets begins anew, once; then it goes on with what is offered",
            arguments: [1, 2])
        func compaction(times: Int) async throws {
            try await makeConfigMaps(4)
            let cluster = try Cluster.current
            try await with { api in
                var events: [String] = []
                var compactions = 0
                let end = try await api.list(Self.query, pageSize: 2, deadline: soon) { (event) throws(APIError) in
                    guard case .page(let page) = event else {
                        events.append("restarted")
                        return
                    }
                    events.append("page")
                    guard page.metadata.continueToken != nil, compactions < times else { return }
                    compactions += 1
                    do {
                        // The version of the list is now of the past, and the past is gone.
                        let name = "later-\(compactions)"
                        try await cluster.require(["create", "configmap", name, "--namespace", Self.namespace])
                        try await cluster.disturb("compact")
                    } catch {
                        Issue.record(error)
                    }
                }
                #expect(compactions == times)
                #expect(end.isConsistent == (times == 1))
                // Five objects the second time: three pages. Twice forgotten, what is left of the second try follows.
                #expect(events == ["page", "restarted", "page", "page", "page"])
                let error = await failure { () async throws(APIError) in
                    _ = try await api.watch(Self.query, from: .after(resourceVersion: "1"), deadline: soon)
                }
                // A watch from there begins, and says it in its first event instead: both are answers of this API.
                if let error { #expect(error.isExpired, "\(error)") }
            }
        }

        @Test("A watch goes on from where a list ended")
        func watch() async throws {
            try await makeConfigMaps(1)
            try await with { api in
                let list = try await api.list(Self.query, deadline: soon)
                let watch = try await api.watch(
                    Self.query, from: .after(resourceVersion: list.metadata.resourceVersion), timeoutSeconds: 20,
                    deadline: soon)
                _ = try await api.create(
                    .configMaps, namespace: Self.namespace, name: "new", body: body("new", "1"), deadline: soon)
                #expect(watch.type == .json)
                var iterator = watch.body.makeAsyncIterator()
                let first = try #require(await iterator.next())
                let text = String(buffer: first)
                #expect(text.hasPrefix(#"{"type":"ADDED""#))
                #expect(text.contains(#""name":"new""#))
            }
        }

        @Test("Apply, patches, updates and what comes of doing them twice")
        func writes() async throws {
            try await makeConfigMaps(0)
            try await with { api in
                let map = object("a")
                _ = try await api.apply(map, body: body("a", "1"), fieldManager: "one", isDryRun: true, deadline: soon)
                let absent = await failure { () async throws(APIError) in _ = try await api.get(map, deadline: soon) }
                #expect(absent?.isNotFound == true)

                _ = try await api.apply(map, body: body("a", "1"), fieldManager: "one", deadline: soon)
                let conflict = await failure { () async throws(APIError) in
                    _ = try await api.apply(map, body: body("a", "2"), fieldManager: "two", deadline: soon)
                }
                #expect(conflict?.isConflict == true)
                #expect(
                    conflict?.description.hasPrefix("patch configmaps a in namespace client-tests: Conflict: ") == true)
                _ = try await api.apply(map, body: body("a", "2"), fieldManager: "two", force: true, deadline: soon)

                let merged = try await api.patch(
                    map, .merge, body: ByteBuffer(string: #"{"data":{"other":"3"}}"#), deadline: soon)
                #expect(String(buffer: merged.body).contains(#""other":"3""#))
                let operations = #"[{"op":"test","path":"/data/key","value":"2"},{"op":"remove","path":"/data/other"}]"#
                let patched = try await api.patch(map, .json, body: ByteBuffer(string: operations), deadline: soon)
                #expect(!String(buffer: patched.body).contains("other"))

                let twice = await failure { () async throws(APIError) in
                    _ = try await api.create(
                        .configMaps, namespace: Self.namespace, name: "a", body: body("a", "1"), deadline: soon)
                }
                #expect(twice?.isAlreadyExists == true)
                let stale = await failure { () async throws(APIError) in
                    _ = try await api.update(map, body: body("a", "9", version: "1"), deadline: soon)
                }
                #expect(stale?.isConflict == true)
                let wrongVersion = await failure { () async throws(APIError) in
                    _ = try await api.delete(map, resourceVersion: "1", deadline: soon)
                }
                #expect(wrongVersion?.isConflict == true)
                _ = try await api.delete(map, propagation: .background, deadline: soon)
            }
        }

        @Test("A refusal names the rule that allows the call, and with that rule it is allowed")
        func forbidden() async throws {
            try await makeConfigMaps(1)
            let cluster = try Cluster.current
            let jane: (inout ClusterAccess) throws -> Void = { $0.user.impersonation = [("Impersonate-User", "jane")] }
            try await with(jane) { api in
                let error = await failure { () async throws(APIError) in
                    _ = try await api.list(Self.query, deadline: soon)
                }
                #expect(error?.isForbidden == true)
                #expect(
                    error?.description.hasSuffix(
                        "allow it by a Role in namespace client-tests with "
                            + #"{apiGroups: [""], resources: ["configmaps"], verbs: ["list"]}"#) == true)
            }
            let rule = #"{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}"#
            try await cluster.require(
                ["apply", "-f", "-"],
                input: """
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: Role
                    metadata: {name: lister, namespace: \(Self.namespace)}
                    rules: [\(rule)]
                    ---
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: RoleBinding
                    metadata: {name: lister, namespace: \(Self.namespace)}
                    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: lister}
                    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
                    """)
            // The authorizer learns of it by a watch of its own.
            try await wait(for: "the rule to hold") {
                try await with(jane) { api in
                    await failure { () async throws(APIError) in _ = try await api.list(Self.query, deadline: soon) }
                        .map { "\($0)" }
                }
            }
        }

        @Test("A token that is not accepted, and a certificate from elsewhere")
        func unauthorized() async throws {
            try await with({ $0.user = UserCredentials(token: "expired") }) { api in
                let error = await failure { () async throws(APIError) in
                    _ = try await api.list(Self.query, deadline: soon)
                }
                #expect(error?.isUnauthorized == true)
                #expect(error?.description.contains("credentials expired or not accepted") == true)
            }
            let stranger = try TestCertificateAuthority(name: "Elsewhere")
            try await with({ $0.trust.authorities = .bytes(Array(stranger.identity.certificatePEM.utf8)) }) { api in
                let error = await failure { () async throws(APIError) in
                    _ = try await api.list(Self.query, deadline: soon)
                }
                #expect(error?.description.contains("not from a CA that is trusted here") == true)
            }
        }

        @Test("In a Pod: the ServiceAccount's files are enough, and its token is read again when it is refused")
        func inCluster() async throws {
            try await makeConfigMaps(0)
            let cluster = try Cluster.current
            let accounts = "/api/v1/namespaces/\(Self.namespace)/serviceaccounts"
            _ = try await cluster.api("POST", accounts, #"{"metadata":{"name":"robot"}}"#)
            let request = #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}"#
            let answer = try await cluster.api("POST", accounts + "/robot/token", request)
            let token = try #require(answer.body.firstMatch(of: #/"token":"(?<token>[^"]+)"/#)?.output.token)

            let files = try TemporaryDirectory()
            try files.write("token", "stale")
            try files.write("ca.crt", try cluster.access().authorityPEM)
            try files.write("namespace", Self.namespace)
            let access = try ConfigurationLoader(
                environment: [
                    "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": String(cluster.access().port),
                ], serviceAccount: files.path
            ).load()
            #expect(access.namespace == Self.namespace)
            try await with({ $0 = access }) { api in
                let stale = await failure { () async throws(APIError) in
                    _ = try await api.list(Self.query, deadline: soon)
                }
                #expect(stale?.isUnauthorized == true)
                try files.write("token", String(token))
                let forbidden = await failure { () async throws(APIError) in
                    _ = try await api.list(Self.query, deadline: soon)
                }
                #expect(forbidden?.isForbidden == true)
                #expect(
                    forbidden?.description.contains("system:serviceaccount:\(Self.namespace):robot") == true)
            }
        }

        @Test("Discovery finds kinds, and the server says its version")
        func discovery() async throws {
            try await with { api in
                let discovery = try await api.discover(deadline: soon)
                #expect(discovery.notes.isEmpty)
                #expect(discovery.resource(of: GroupKind(group: "", kind: "Pod"))?.resource == .pods)
                let lease = discovery.resource(of: GroupKind(group: "coordination.k8s.io", kind: "Lease"))
                #expect(lease?.resource == .leases)
                #expect(lease?.isWatchable == true)
                let job = discovery.resource(of: GroupVersionKind(group: "batch", version: "v1", kind: "Job"))
                #expect(job?.resource.plural == "jobs")
                let version = try await api.serverVersion(deadline: soon)
                #expect(version.major == 1)
                #expect(version.minor >= 20)
            }
        }

        @Test("Of two candidates one leads; when it stops, the other does at once")
        func election() async throws {
            try await makeConfigMaps(0)
            try await with { api in
                let log = Log()
                func candidate(_ identity: String) -> Task<Void, Never> {
                    let runner = LeaseRunner(
                        api: api, namespace: Self.namespace, name: "leader",
                        settings: LeaderElection.Settings(
                            identity: identity, leaseDuration: .seconds(15), renewDeadline: .seconds(10),
                            retryPeriod: .milliseconds(200)),
                        wallClock: { RFC3339.Moment(seconds: 1_800_000_000, microseconds: 5) },
                        report: { change in
                            if case .failed(let error) = change { log.add("\(error)") }
                        })
                    return Task {
                        await runner.run {
                            log.add("\(identity) begins")
                            try? await Task.sleep(for: .seconds(600))
                            log.add("\(identity) ends")
                        }
                    }
                }
                let first = candidate("one")
                try await wait(for: "the first") { log.all == ["one begins"] ? nil : "\(log.all)" }
                let second = candidate("two")
                try await Cluster.current.require([
                    "label", "lease", "leader", "kept=yes", "--namespace", Self.namespace,
                ])
                try await Task.sleep(for: .seconds(1))
                #expect(log.all == ["one begins"])
                first.cancel()
                await first.value
                // Far less than the 15 s that the lease would otherwise hold.
                try await wait(for: "the second", seconds: 10) {
                    log.all == ["one begins", "one ends", "two begins"] ? nil : "\(log.all)"
                }
                let lease = try await Cluster.current.require([
                    "get", "lease", "leader", "--namespace", Self.namespace,
                    "--output=jsonpath={.spec.holderIdentity} {.spec.leaseTransitions} {.metadata.labels.kept} {.spec.renewTime}",
                ])
                #expect(lease == "two 1 yes 2027-01-15T08:00:00.000005Z")
                second.cancel()
                await second.value
            }
        }
    }
}
