import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import Testing

extension APIServerTests {
    /// Namespaces come from the API server's cache, and ConfigMaps straight from etcd, where a compaction is felt.
    @Suite("Following resources", .cluster(controllers: true, apiServerFlags: ["--watch-cache-sizes=configmaps#0"]))
    struct ReflectorTests {
        private static let configMaps = APIResource.configMaps
        private static let replicaSets = APIResource(
            group: "apps", version: "v1", plural: "replicasets", kind: "ReplicaSet", isNamespaced: true)

        private func put(_ name: String, team: String, on cluster: Cluster) async throws {
            let manifest = Manifest.object(
                "v1", "Namespace", metadata: Manifest.metadata(name, labels: ["team": team]))
            try await cluster.require(["apply", "-f", "-"], input: manifest)
        }

        private func putConfigMap(_ name: String, team: String, on cluster: Cluster) async throws {
            let manifest = Manifest.object(
                "v1", "ConfigMap", metadata: Manifest.metadata(name, in: "default", labels: ["team": team]))
            try await cluster.require(["apply", "-f", "-"], input: manifest)
        }

        @Test("Namespaces come, change and go in the copy")
        func namespaces() async throws {
            let cluster = try Cluster.current
            try await put("before", team: "a", on: cluster)
            let followed = try FollowedResource(.namespaces, of: cluster)
            try await followed.following {
                try await followed.wait(for: "before", "a")
                #expect(followed.head("kube-system") != nil)
                try await put("after", team: "b", on: cluster)
                try await followed.wait(for: "after", "b")
                try await cluster.require(["delete", "namespace", "after"])
                try await followed.wait(for: "after", nil)
                #expect(followed.store.status.condition == .watching)
            }
            // An API server of this age does not know initial events, and refusing them is no failure.
            #expect(followed.tellings.counts.failures == [])
            #expect(followed.tellings.counts.replacements == 1)
        }

        @Test("A change is in the copy within a second")
        func latency() async throws {
            let cluster = try Cluster.current
            try await put("quick", team: "0", on: cluster)
            let followed = try FollowedResource(.namespaces, of: cluster)
            try await followed.following {
                try await followed.wait(for: "quick", "0")
                // The best of some, as this machine may be busy with something else.
                var best = Duration.seconds(60)
                for round in 1...5 {
                    let answer = try await cluster.edit(
                        "/api/v1/namespaces/quick", #"{"metadata": {"labels": {"team": "\#(round)"}}}"#)
                    #expect(answer.succeeded)
                    let changed = ContinuousClock.now
                    try await followed.wait(for: "quick", "\(round)")
                    best = min(best, ContinuousClock.now - changed)
                }
                #expect(best < .seconds(1))
            }
        }

        @Test("What controllers make is followed by its metadata alone, in pages")
        func replicaSets() async throws {
            let cluster = try Cluster.current
            for number in 0..<5 {
                try await cluster.require(["create", "deployment", "paged-\(number)", "--image=example.test/web"])
            }
            try await wait(for: "the ReplicaSets") {
                let names = try await cluster.require(["get", "replicasets", "--output=name"])
                return names.split(separator: "\n").count { $0.contains("paged-") } >= 5 ? nil : names
            }
            var settings = WatchSettings.impatient
            settings.pageSize = 2
            let pages = Mutex(0)
            let followed = try FollowedResource(
                Self.replicaSets, of: cluster, settings: settings, intercept: { _ in pages.withLock { $0 += 1 } })
            try await followed.following {
                try await wait(for: "the copy") {
                    followed.store.status.objects >= 5 ? nil : "\(followed.store.status)"
                }
            }
            #expect(pages.withLock { $0 } >= 3)
            var owners: [String] = []
            followed.store.snapshot()?.forEach { object in
                if object.head.name.hasPrefix("paged-") { owners.append(object.head.controller?.kind ?? "nobody") }
            }
            #expect(owners == [String](repeating: "Deployment", count: 5))
        }

        @Test("A cut connection is made again, and nothing is missed")
        func cut() async throws {
            let cluster = try Cluster.current
            let followed = try FollowedResource(.namespaces, of: cluster)
            try await put("cut", team: "a", on: cluster)
            try await followed.following {
                try await followed.wait(for: "cut", "a")
                followed.proxy.mode = .refusing
                followed.proxy.cut()
                try await put("cut", team: "b", on: cluster)
                try await wait(for: "the cut to be felt") {
                    let failures = followed.tellings.counts.failures
                    return failures.contains { $0 == .cut || $0 == .unreachable } ? nil : "\(failures)"
                }
                // Old, but there.
                #expect(followed.head("cut")?.labels["team"] == "a")
                followed.proxy.mode = .forwarding
                try await followed.wait(for: "cut", "b")
            }
            // Where it left off: there was no need to read everything again.
            #expect(followed.tellings.counts.replacements == 1)
        }

        @Test("A server that takes connections and says nothing is given up, again and again, until it answers")
        func stall() async throws {
            let cluster = try Cluster.current
            var settings = WatchSettings.impatient
            settings.listTimeout = .seconds(1)
            settings.openTimeout = .seconds(1)
            let followed = try FollowedResource(.namespaces, of: cluster, settings: settings)
            followed.proxy.mode = .stalling
            try await put("stalled", team: "a", on: cluster)
            try await followed.following {
                try await wait(for: "two requests given up") {
                    let failures = followed.tellings.counts.failures
                    return failures.count >= 2 ? nil : "\(failures)"
                }
                #expect(!followed.store.status.isSynced)
                followed.proxy.mode = .forwarding
                try await followed.wait(for: "stalled", "a")
            }
        }

        @Test("A stream on which nothing comes any more is opened anew")
        func silence() async throws {
            let cluster = try Cluster.current
            var settings = WatchSettings.impatient
            settings.bookmarkInterval = .seconds(1)
            settings.lateness = .seconds(1)
            // The next one may be tried on a kept connection first, which is stalled as well.
            settings.openTimeout = .seconds(1)
            let followed = try FollowedResource(.namespaces, of: cluster, settings: settings)
            try await put("silent", team: "a", on: cluster)
            try await followed.following {
                try await followed.wait(for: "silent", "a")
                followed.proxy.mode = .stalling
                try await put("silent", team: "b", on: cluster)
                let connections = followed.proxy.connections
                try await wait(for: "a new connection") {
                    followed.proxy.connections > connections ? nil : "\(followed.tellings.counts)"
                }
                followed.proxy.mode = .forwarding
                try await followed.wait(for: "silent", "b")
                #expect(followed.tellings.counts.failures.contains(.silent))
            }
        }

        @Test("An API server that ends and begins again is followed again, and what changed meanwhile is seen")
        func restart() async throws {
            let cluster = try Cluster.current
            let (followed, others) = (
                try FollowedResource(.namespaces, of: cluster), try FollowedResource(Self.configMaps, of: cluster)
            )
            try await put("restarted", team: "a", on: cluster)
            try await putConfigMap("restarted", team: "a", on: cluster)
            try await followed.following {
                try await others.following {
                    try await followed.wait(for: "restarted", "a")
                    try await others.wait(for: "restarted", in: "default", "a")
                    try await cluster.trouble("stop-apiserver")
                    try await wait(for: "the end to be felt") {
                        if case .failing = followed.store.status.condition { return nil }
                        return "\(followed.store.status)"
                    }
                    // Old, but there.
                    #expect(followed.head("restarted")?.labels["team"] == "a")
                    try await cluster.trouble("start-apiserver")
                    try await put("restarted", team: "b", on: cluster)
                    try await putConfigMap("restarted", team: "b", on: cluster)
                    try await followed.wait(for: "restarted", "b")
                    try await others.wait(for: "restarted", in: "default", "b")
                }
            }
        }

        @Test("A version that was compacted away while nobody watched: everything is read again")
        func compaction() async throws {
            let cluster = try Cluster.current
            let followed = try FollowedResource(Self.configMaps, of: cluster)
            try await putConfigMap("kept", team: "a", on: cluster)
            try await putConfigMap("gone", team: "a", on: cluster)
            try await followed.following {
                try await followed.wait(for: "kept", in: "default", "a")
                try await followed.wait(for: "gone", in: "default", "a")
                followed.proxy.mode = .refusing
                followed.proxy.cut()
                try await cluster.require(["delete", "configmap", "gone"])
                try await putConfigMap("kept", team: "b", on: cluster)
                try await putConfigMap("kept", team: "c", on: cluster)
                try await cluster.trouble("compact")
                followed.proxy.mode = .forwarding
                try await followed.wait(for: "kept", in: "default", "c")
                try await followed.wait(for: "gone", in: "default", nil)
            }
            let counts = followed.tellings.counts
            #expect(counts.failures.contains(.expired))
            #expect(counts.replacements == 2)
            #expect(counts.removed == 1)
        }

        @Test("A list whose version is compacted away between two pages is read in one piece")
        func compactionBetweenPages() async throws {
            let cluster = try Cluster.current
            for number in 0..<6 { try await putConfigMap("page-\(number)", team: "a", on: cluster) }
            var settings = WatchSettings.impatient
            settings.pageSize = 2
            settings.usesInitialEvents = false
            let requests = Mutex<[ListRequest]>([])
            let followed = try FollowedResource(Self.configMaps, of: cluster, settings: settings) { request in
                let isSecond = requests.withLock { requests in
                    requests.append(request)
                    return requests.count == 2
                }
                guard isSecond else { return }
                // A change first: the list's own version must not be the newest.
                try? await putConfigMap("page-0", team: "b", on: cluster)
                try? await cluster.trouble("compact")
            }
            try await followed.following {
                try await followed.wait(for: "page-0", in: "default", "b")
                try await followed.wait(for: "page-5", in: "default", "a")
            }
            #expect(followed.tellings.counts.failures == [.expired])
            #expect(requests.withLock { $0.map(\.limit) } == [2, 2, nil])
        }
    }
}

extension Cluster {
    /// `stop-apiserver`, `start-apiserver` or `compact`, of hack/envtest.
    fileprivate func trouble(_ what: String) async throws {
        let result = try await ChildProcess.run(Repository.path("hack/envtest"), [what, file("")])
        guard result.succeeded else { throw FixtureError("hack/envtest \(what)", result) }
    }
}
