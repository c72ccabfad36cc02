import Admission
import GateCache
import KubernetesClient
import KubernetesModel
import LabelPolicy
import Logging
import TestSupport
import Testing

/// Copies that follow a cluster, and what a gate learns of it from them.
@Suite(.timeLimit(.minutes(1))) struct CacheGenerationTests {
    private static let evaluator = Evaluator(
        Policy(
            name: "team-only", mode: .enforce,
            labels: [LabelRule(key: "team", level: .required, defaultFrom: [.owner, .namespace])]))

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func labels(_ labels: [String: String]) -> ObservedLabels { evaluator.observe(labels) }

    private static func key(
        _ resource: APIResource, _ name: String, _ uid: String, namespace: String = "ml"
    ) -> OwnerKey {
        OwnerKey(kind: resource.groupVersionKind.groupKind, namespace: namespace, name: name, uid: OwnerUID(uid))
    }

    private static let objects: [APIResource: [FakeCluster.Object]] = [
        .namespaces: [
            .init(namespace: nil, name: "ml", uid: "n-1", labels: ["team": "a", "other": "x"]),
            .init(namespace: nil, name: "bare", uid: "n-2"),
        ],
        FakeCluster.replicaSets: [
            .init(
                namespace: "ml", name: "web-6c9f", uid: "0d9f8d5c-33c1-4c5e-9d51-1a2b3c4d5e6f", labels: [:],
                controller: FakeCluster.Object.controller("apps/v1", "Deployment", "web", "d-1"))
        ],
        FakeCluster.deployments: [.init(namespace: "ml", name: "web", uid: "d-1", labels: ["team": "owner"])],
    ]

    private static let uid = "0d9f8d5c-33c1-4c5e-9d51-1a2b3c4d5e6f"

    /// Runs a generation over the cluster while `body` asks it.
    private func following(
        _ cluster: FakeCluster, _ body: (CacheGeneration<FakeCluster>) async throws -> Void
    ) async throws {
        var pace = DiscoveryPace()
        pace.interval = .milliseconds(2)
        pace.retry = .milliseconds(2)
        let generation = CacheGeneration(
            cluster, evaluator: Self.evaluator, catalogue: .builtin, metrics: NoReflectorMetrics(), logger: Self.quiet,
            pace: pace, observeLookup: { _, _ in })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await generation.run() }
            try await body(generation)
            generation.stop()
            try await group.next()
        }
    }

    /// Until something that will come has come.
    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    private func settled(_ generation: CacheGeneration<FakeCluster>) async throws {
        try await until { generation.isSettled(at: ContinuousClock().now) }
    }

    @Test func factsOfACluster() async throws {
        let cluster = FakeCluster([FakeCluster.replicaSets, FakeCluster.deployments, FakeCluster.pods], Self.objects)
        try await following(cluster) { generation in
            let cache = generation.cache
            try await settled(generation)
            #expect(cache.suppliesOwners)
            #expect(cache.namespace("ml", for: Self.evaluator) == .labels(Self.labels(["team": "a"])))
            #expect(cache.namespace("bare", for: Self.evaluator) == .labels(Self.labels([:])))
            // It may have been made a moment ago.
            #expect(cache.namespace("new", for: Self.evaluator) == .missing)

            let deployment = Self.key(FakeCluster.deployments, "web", "d-1")
            let replicaSet = Self.key(FakeCluster.replicaSets, "web-6c9f", Self.uid)
            #expect(
                cache.owner(replicaSet, for: Self.evaluator)
                    == .known(KnownOwner(labels: Self.labels([:]), controller: deployment)))
            #expect(
                cache.owner(deployment, for: Self.evaluator)
                    == .known(KnownOwner(labels: Self.labels(["team": "owner"]), controller: nil)))
            // A UID belongs to one name in one namespace for ever.
            for forged in [
                Self.key(FakeCluster.replicaSets, "other", Self.uid),
                Self.key(FakeCluster.replicaSets, "web-6c9f", Self.uid, namespace: "bare"),
            ] {
                #expect(cache.owner(forged, for: Self.evaluator) == .absent)
            }
            // Another UID, or a kind that is not followed, has to be asked for.
            for missing in [
                Self.key(FakeCluster.replicaSets, "web-6c9f", "x"), Self.key(FakeCluster.deployments, "web", Self.uid),
                Self.key(FakeCluster.pods, "leader", "p-1"),
            ] {
                #expect(cache.owner(missing, for: Self.evaluator) == .missing)
            }
            #expect(
                generation.ownerStatuses(at: ContinuousClock().now)?.map(\.resource)
                    == ["deployments.apps", "replicasets.apps"])
        }
        #expect(cluster.heads == [])
    }

    @Test func changesAreFollowed() async throws {
        let cluster = FakeCluster([FakeCluster.deployments], Self.objects)
        try await following(cluster) { generation in
            try await settled(generation)
            cluster.put(.init(namespace: nil, name: "ml", uid: "n-1", labels: ["team": "b"]), .namespaces)
            try await until {
                generation.cache.namespace("ml", for: Self.evaluator) == .labels(Self.labels(["team": "b"]))
            }
            cluster.remove(uid: "n-1", .namespaces)
            try await until { generation.cache.namespace("ml", for: Self.evaluator) == .missing }
            let key = Self.key(FakeCluster.deployments, "web", "d-1")
            cluster.remove(uid: "d-1", FakeCluster.deployments)
            try await until { generation.cache.owner(key, for: Self.evaluator) == .missing }
        }
    }

    /// A kind that is installed later is followed, and one that is removed is dropped.
    @Test func kindsComeAndGo() async throws {
        let cluster = FakeCluster([FakeCluster.deployments], Self.objects)
        let key = Self.key(FakeCluster.rayClusters, "r", "r-1")
        try await following(cluster) { generation in
            try await settled(generation)
            #expect(generation.cache.owner(key, for: Self.evaluator) == .missing)
            cluster.put(
                .init(namespace: "ml", name: "r", uid: "r-1", labels: ["team": "ray"]), FakeCluster.rayClusters)
            cluster.serve([FakeCluster.deployments, FakeCluster.rayClusters])
            try await until {
                generation.cache.owner(key, for: Self.evaluator)
                    == .known(KnownOwner(labels: Self.labels(["team": "ray"]), controller: nil))
            }
            // Whoever serves it does not answer: what is there stays.
            cluster.serve([FakeCluster.deployments], unknownGroups: ["ray.io"])
            try await Task.sleep(for: .milliseconds(20))
            #expect(generation.ownerStatuses(at: ContinuousClock().now)?.count == 2)
            cluster.serve([FakeCluster.deployments])
            try await until { generation.cache.owner(key, for: Self.evaluator) == .missing }
            #expect(generation.ownerStatuses(at: ContinuousClock().now)?.map(\.resource) == ["deployments.apps"])
        }
    }

    /// A kind that the gate may not read does not keep it from being ready; its objects are asked for one by one.
    @Test func forbiddenKinds() async throws {
        let cluster = FakeCluster([FakeCluster.deployments, FakeCluster.rayClusters], Self.objects)
        cluster.refuse(FakeCluster.rayClusters, with: 403)
        try await following(cluster) { generation in
            try await settled(generation)
            let status = try #require(
                generation.ownerStatuses(at: ContinuousClock().now)?.first { $0.resource == "rayclusters.ray.io" })
            #expect(!status.isSynced)
            #expect(status.failure == .forbidden)
            let key = Self.key(FakeCluster.rayClusters, "r", "r-1")
            #expect(generation.cache.owner(key, for: Self.evaluator) == .missing)
        }
    }

    /// A server that is away: nothing is known and nothing is settled, and once it is back everything is.
    @Test func unreachableServer() async throws {
        let cluster = FakeCluster([FakeCluster.deployments], Self.objects)
        cluster.setDown(true)
        try await following(cluster) { generation in
            try await until { generation.discoveryFailure != nil }
            #expect(generation.discoveryFailure?.contains("https://192.0.2.1:6443: connection refused") == true)
            #expect(generation.ownerStatuses(at: ContinuousClock().now) == nil)
            #expect(!generation.isSettled(at: ContinuousClock().now))
            #expect(generation.cache.namespace("ml", for: Self.evaluator) == .missing)
            cluster.setDown(false)
            try await until { generation.ownerStatuses(at: ContinuousClock().now) != nil }
            #expect(generation.discoveryFailure == nil)
        }
    }

    @Test func servesOnePolicysKeysAndKinds() throws {
        let generation = CacheGeneration(
            FakeCluster(), evaluator: Self.evaluator, catalogue: .builtin, metrics: NoReflectorMetrics(),
            logger: Self.quiet, observeLookup: { _, _ in })
        var policy = Self.evaluator.policy
        #expect(generation.serves(Self.evaluator, .builtin))
        policy.mode = .warn
        #expect(generation.serves(Evaluator(policy), .builtin))
        policy.labels.append(LabelRule(key: "project", level: .recommended))
        #expect(!generation.serves(Evaluator(policy), .builtin))
        let kind = try WorkloadKind(
            validatingGroup: "acme.io", kind: "Training", versions: ["v1"], resource: "trainings",
            templates: [TemplateLocation(try TemplatePath(parsing: "spec.template"))], document: "acme")
        #expect(!generation.serves(Self.evaluator, try WorkloadCatalogue.builtin.adding([kind])))
    }

    // MARK: Single objects

    struct Lookup: Sendable {
        let lookup: Admission.Lookup
        var status: Int?
        let answer: LookupAnswer
        /// Whether the server is asked at all.
        var isAsked = true
    }

    static let lookups: [Lookup] = [
        Lookup(lookup: .namespace("ml"), answer: .namespace(labels(["team": "a"]))),
        Lookup(lookup: .namespace("nowhere"), answer: .absent),
        Lookup(lookup: .namespace("ml"), status: 403, answer: .forbidden),
        Lookup(lookup: .namespace("ml"), status: 401, answer: .unanswered),
        Lookup(lookup: .namespace("ml"), status: 503, answer: .unanswered),
        Lookup(
            lookup: .owner(key(FakeCluster.replicaSets, "web-6c9f", uid)),
            answer: .owner(
                KnownOwner(labels: labels([:]), controller: key(FakeCluster.deployments, "web", "d-1")))),
        Lookup(lookup: .owner(key(FakeCluster.replicaSets, "web-6c9f", "forged")), answer: .absent),
        Lookup(lookup: .owner(key(FakeCluster.replicaSets, "gone", uid)), answer: .absent),
        Lookup(lookup: .owner(key(FakeCluster.deployments, "web", "d-1")), status: 403, answer: .forbidden),
        // A kind that the server does not have.
        Lookup(lookup: .owner(key(FakeCluster.rayClusters, "r", "r-1")), answer: .absent, isAsked: false),
        // Names that would lead a request elsewhere.
        Lookup(lookup: .owner(key(FakeCluster.deployments, "..", "d-1")), answer: .absent, isAsked: false),
        Lookup(lookup: .owner(key(FakeCluster.deployments, "a/b", "d-1")), answer: .absent, isAsked: false),
        Lookup(lookup: .owner(key(FakeCluster.deployments, "%2e", "d-1")), answer: .absent, isAsked: false),
        Lookup(lookup: .owner(key(FakeCluster.deployments, "", "d-1")), answer: .absent, isAsked: false),
    ]

    @Test(arguments: lookups) func singleObjects(row: Lookup) async {
        let cluster = FakeCluster([FakeCluster.deployments, FakeCluster.replicaSets], Self.objects)
        if let status = row.status {
            for resource in [APIResource.namespaces, FakeCluster.deployments] { cluster.refuse(resource, with: status) }
        }
        let reader = LookupReader(
            cluster, ObjectReading(evaluator: Self.evaluator, kinds: OwnerKinds(.builtin)), observe: { _, _ in })
        // Before it is known what there is nothing can be said of owners.
        if case .owner = row.lookup { #expect(await reader.read(row.lookup) == .unanswered) }
        reader.setServed(
            ServedResources(
                resources: [
                    GroupKind(group: "apps", kind: "Deployment"): FakeCluster.deployments,
                    GroupKind(group: "apps", kind: "ReplicaSet"): FakeCluster.replicaSets,
                ]))
        #expect(await reader.read(row.lookup) == row.answer)
        #expect(cluster.heads.isEmpty == !row.isAsked)
    }
}
