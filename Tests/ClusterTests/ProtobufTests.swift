import Foundation
import KubernetesModel
import TestSupport
import Testing

/// What a real API server answers in protobuf, against what it answers in JSON.
extension WithControllers {
    @Suite("Protobuf")
    struct ProtobufTests {
        private static let plain = ProtobufEnvelope.mediaType
        private static let metadataOnly = "\(plain);as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

        private static func kind(_ group: String, _ kind: String) -> GroupVersionKind {
            GroupVersionKind(group: group, version: "v1", kind: kind)
        }

        /// The parts of an object's JSON that are compared.
        private struct Object: Decodable {
            struct Metadata: Decodable {
                struct Owner: Decodable {
                    var kind: String
                    var name: String
                    var uid: String
                    var controller: Bool?
                }
                var namespace: String?
                var name: String
                var uid: String
                var resourceVersion: String
                var creationTimestamp: Date
                var labels: [String: String]?
                var ownerReferences: [Owner]?
            }
            struct Requirements: Decodable { var requests: [String: String]? }
            struct Container: Decodable { var resources: Requirements? }
            struct Template: Decodable {
                struct Metadata: Decodable { var labels: [String: String]? }
                var metadata: Metadata?
            }
            struct Spec: Decodable {
                var containers: [Container]?
                var template: Template?
                var providerID: String?
                var resources: Requirements?
                var selector: Ignored?
            }
            struct Ignored: Decodable {
                init(from decoder: any Decoder) {}
            }
            struct Status: Decodable {
                var phase: String?
                var capacity: [String: String]?
            }
            var metadata: Metadata
            var spec: Spec?
            var status: Status?
        }

        private struct List: Decodable {
            struct Metadata: Decodable { var resourceVersion: String }
            var metadata: Metadata
            var items: [Object]
        }

        private func json(_ path: String) async throws -> List {
            let answer = try await Cluster.current.api("GET", path)
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            return try decoder.decode(List.self, from: Data(answer.bytes))
        }

        private func get(_ path: String, accept: String = plain) async throws -> [UInt8] {
            let answer = try await Cluster.current.api("GET", path, accept: accept)
            guard answer.succeeded else { throw FixtureError("GET \(path): \(answer.status) \(answer.body)") }
            return answer.bytes
        }

        private func state(
            _ path: String, _ kind: GroupVersionKind, accept: String = plain
        ) async throws -> (state: ClusterState, metadata: ListMetadata) {
            var reader = ClusterStateReader(filters: .everything())
            let body = try await get(path, accept: accept)
            let metadata = try body.withUnsafeBytes { try reader.read(list: $0, of: kind) }
            return (reader.finish(), metadata)
        }

        private static func amounts(_ map: [String: String]?) throws -> [String: Int64] {
            var amounts: [String: Int64] = [:]
            for (name, text) in map ?? [:] {
                let nanos = try Quantity(parsing: text).nanos
                amounts[name] = ResourceUnit(resource: name).amount(nanos: nanos).flatMap { $0 == 0 ? nil : $0 }
            }
            return amounts
        }

        /// Makes what the tests read, and waits for the controllers to have done their part.
        private func prepare(_ namespace: String) async throws {
            let cluster = try Cluster.current
            try await cluster.require(["create", "-f", "-"], input: Self.manifests(namespace))
            try await wait(for: "the Pods of the Deployment") {
                let pods = try await json(Cluster.Path.pods(namespace)).items
                return pods.count == 4 ? nil : "\(pods.count) Pods"
            }
        }

        private static func manifests(_ namespace: String) -> String {
            """
            {"apiVersion": "v1", "kind": "List", "items": [
             {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "\(namespace)", "labels": {"team": "web"}}},
             {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "\(namespace)"},
              "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}},
               "template": {"metadata": {"labels": {"app": "web", "team": "web"}},
                "spec": {"containers": [
                 {"name": "main", "image": "example.test/web",
                  "resources": {"requests": {"cpu": "250m"}, "limits": {"memory": "1.5Gi", "nvidia.com/gpu": "1"}}},
                 {"name": "side", "image": "example.test/side", "resources": {"limits": {"cpu": "100m"}}}]}}}},
             {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "lone", "namespace": "\(namespace)",
               "annotations": {"kubernetes.io/config.mirror": "x"}},
              "spec": {"nodeName": "node-\(namespace)", "initContainers": [{"name": "init", "image": "example.test/init",
                "resources": {"requests": {"cpu": "2", "memory": "64Mi"}}}],
               "containers": [{"name": "main", "image": "example.test/lone",
                "resources": {"requests": {"cpu": "500m", "memory": "128Mi"}}}],
               "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}},
             {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
              "metadata": {"name": "data", "namespace": "\(namespace)"},
              "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3", "volumeName": "disk-\(namespace)",
               "resources": {"requests": {"storage": "10Gi"}}}},
             {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "disk-\(namespace)"},
              "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3", "capacity": {"storage": "12Gi"},
               "claimRef": {"namespace": "\(namespace)", "name": "data"},
               "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": "vol-1"}}},
             {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front", "namespace": "\(namespace)"},
              "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]}},
             {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "back", "namespace": "\(namespace)"},
              "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}},
             {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-\(namespace)", "labels":
               {"node.kubernetes.io/instance-type": "m7i.large", "topology.kubernetes.io/zone": "eu-west-1a"}},
              "spec": {"providerID": "aws:///eu-west-1a/i-1", "unschedulable": true}}
            ]}
            """
        }

        @Test("Every kind's list says in protobuf what it says in JSON")
        func lists() async throws {
            let namespace = "protobuf-lists"
            try await prepare(namespace)
            try await comparePods(namespace)
            try await compareWorkloads(namespace)
            try await compareRest(namespace)
        }

        private func comparePods(_ namespace: String) async throws {
            let path = Cluster.Path.pods(namespace)
            let objects = try await json(path)
            let (state, metadata) = try await state(path, Self.kind("", "Pod"))
            #expect(!metadata.resourceVersion.isEmpty)
            #expect(state.notes.isEmpty)
            #expect(state.pods.map { state.text($0.name) } == objects.items.map(\.metadata.name))
            for (pod, object) in zip(state.pods, objects.items) {
                #expect(state.pool.text(of: pod.uid) == object.metadata.uid)
                #expect(state.text(pod.namespace) == namespace)
                #expect(pod.created.seconds == Int64(object.metadata.creationTimestamp.timeIntervalSince1970))
                let labels = state.pool.labels(pod.labels).map { [$0.key: $0.value] }
                #expect(labels == (object.metadata.labels ?? [:]).sorted { $0.key < $1.key }.map { [$0.key: $0.value] })
                let controller = object.metadata.ownerReferences?.first { $0.controller == true }
                #expect(state.text(pod.controller.name) == controller?.name ?? "")
                #expect(state.pool.text(of: pod.controller.uid) == controller?.uid ?? "")
                #expect(pod.phase == PodPhase(object.status?.phase ?? ""))
            }
            let lone = try #require(state.pods.first { state.text($0.name) == "lone" })
            #expect(lone.isMirror)
            #expect(state.pool.resources(lone.requests) == ["cpu": 2000, "memory": 128 << 20])
            #expect(state.pool.resources(lone.runningRequests) == ["cpu": 500, "memory": 128 << 20])
            #expect(state.pool.texts(lone.volumeClaims) == ["data"])
            let web = try #require(state.pods.first { state.text($0.name).hasPrefix("web-") })
            #expect(
                state.pool.resources(web.requests) == ["cpu": 350, "memory": 3 << 29, "nvidia.com/gpu": 1])
        }

        private func compareWorkloads(_ namespace: String) async throws {
            for (plural, kind) in [("deployments", "Deployment"), ("replicasets", "ReplicaSet")] {
                let path = "/apis/apps/v1/namespaces/\(namespace)/\(plural)"
                let objects = try await json(path).items
                let whole = try await state(path, Self.kind("apps", kind)).state
                let partial = try await state(path, Self.kind("apps", kind), accept: Self.metadataOnly).state
                #expect(whole.owners.count == 1)
                for state in [whole, partial] {
                    #expect(state.owners.map { state.text($0.name) } == objects.map(\.metadata.name))
                    #expect(state.owners.map { state.pool.text(of: $0.uid) } == objects.map(\.metadata.uid))
                    #expect(state.owners.map { state.pool[$0.kind].description } == ["\(kind).apps"])
                }
                #expect(
                    state(whole, templateLabelsOf: 0) == objects[0].spec?.template?.metadata?.labels ?? [:])
                #expect(!partial.owners[0].hasTemplate)
            }
        }

        private func state(_ state: ClusterState, templateLabelsOf owner: Int) -> [String: String] {
            Dictionary(state.pool.labels(state.owners[owner].templateLabels).map { ($0.key, $0.value) }) { $1 }
        }

        private func compareRest(_ namespace: String) async throws {
            let core = "/api/v1/namespaces/\(namespace)"
            let claims = try await state("\(core)/persistentvolumeclaims", Self.kind("", "PersistentVolumeClaim")).state
            #expect(claims.claims.map(\.requested) == [10 << 30])
            #expect(claims.claims.map { claims.text($0.volume) } == ["disk-\(namespace)"])
            let volumes = try await state("/api/v1/persistentvolumes", Self.kind("", "PersistentVolume")).state
            let volume = try #require(volumes.volumes.first { volumes.text($0.name) == "disk-\(namespace)" })
            #expect(volume.capacity == 12 << 30)
            #expect(volumes.text(volume.handle) == "vol-1")
            #expect(volumes.text(volume.claimName) == "data")
            let services = try await state("\(core)/services", Self.kind("", "Service")).state
            #expect(services.services.map { services.text($0.name) } == ["front"])
            #expect(services.pool.label("app", in: services.services[0].selector) == "web")
            let nodes = try await state("/api/v1/nodes", Self.kind("", "Node")).state
            let node = try #require(nodes.nodes.first { nodes.text($0.name) == "node-\(namespace)" })
            #expect(nodes.text(node.instanceType) == "m7i.large")
            #expect(nodes.text(node.zone) == "eu-west-1a")
            #expect(nodes.text(node.providerID) == "aws:///eu-west-1a/i-1")
            #expect(node.isUnschedulable)
            let namespaces = try await state("/api/v1/namespaces", Self.kind("", "Namespace")).state
            let record = try #require(namespaces.namespaces.first { namespaces.text($0.name) == namespace })
            #expect(namespaces.pool.label("team", in: record.labels) == "web")
        }

        @Test("Pages lead to the next")
        func pages() async throws {
            let namespace = "protobuf-pages"
            let names = (0..<7).map { "page-\($0)" }
            let cluster = try Cluster.current
            try await cluster.require(["create", "namespace", namespace])
            for name in names { try await cluster.require(["create", "serviceaccount", name, "-n", namespace]) }
            let kind = Self.kind("", "ServiceAccount")
            var reader = ClusterStateReader(filters: .everything())
            var token = ""
            var remaining: [Int64?] = []
            repeat {
                let path =
                    "/api/v1/namespaces/\(namespace)/serviceaccounts?limit=3"
                    + (token.isEmpty ? "" : "&continue=\(token)")
                let body = try await get(path, accept: Self.metadataOnly)
                let page = try body.withUnsafeBytes { try reader.read(list: $0, of: kind) }
                remaining.append(page.remainingItemCount)
                token = page.continueToken
            } while !token.isEmpty
            let state = reader.finish()
            // Kubernetes makes an account of its own.
            #expect(state.owners.map { state.text($0.name) }.filter { $0 != "default" } == names)
            #expect(remaining.count == 3)
            #expect(remaining.last == .some(nil))
        }

        @Test("A watch's frames say what happened")
        func watch() async throws {
            let namespace = "protobuf-watch"
            let cluster = try Cluster.current
            try await cluster.require(["create", "namespace", namespace])
            let path = "/api/v1/namespaces/\(namespace)/configmaps"
            let start = try await state(path, Self.kind("", "ConfigMap"), accept: Self.metadataOnly).metadata
            for name in ["one", "two"] { try await cluster.require(["create", "configmap", name, "-n", namespace]) }
            try await cluster.require(["label", "configmap", "one", "team=web", "-n", namespace])
            try await cluster.require(["delete", "configmap", "two", "-n", namespace])
            let query = "watch=1&resourceVersion=\(start.resourceVersion)&timeoutSeconds=2&allowWatchBookmarks=true"
            for (accept, kind) in [
                (Self.plain, "ConfigMap"),
                ("\(Self.plain);as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "PartialObjectMetadata"),
            ] {
                let frames = try await get("\(path)?\(query)", accept: "\(accept);stream=watch,\(accept)")
                var seen: [String] = []
                for frame in try Self.frames(frames) {
                    try frame.withUnsafeBytes { bytes in
                        let read = try WatchFrame(bytes)
                        let head = try ObjectHead(protobuf: read.object.raw)
                        #expect(Int(head.resourceVersion) ?? 0 > 0)
                        #expect(read.object.kind == kind)
                        // Whether a bookmark comes is up to the server.
                        if read.event == .bookmark || head.name == "kube-root-ca.crt" { return }
                        seen.append("\(read.event) \(head.name) \(head.labels["team"] ?? "-")")
                    }
                }
                #expect(seen == ["added one -", "added two -", "modified one web", "deleted two -"])
            }
        }

        @Test("A watch from too old a version ends with a Status")
        func expired() async throws {
            let body = try await get("/api/v1/configmaps?watch=1&resourceVersion=1&timeoutSeconds=2")
            let frames = try Self.frames(body)
            try frames.first?.withUnsafeBytes { bytes in
                let frame = try WatchFrame(bytes)
                guard frame.event == .error else { return }
                let status = try StatusMessage(protobuf: frame.object.raw)
                #expect(status.code == 410)
                #expect(status.reason == "Expired" || status.reason == "Gone")
            }
            let missing = try await Cluster.current.api("GET", "/api/v1/namespaces/none", accept: Self.plain)
            try missing.bytes.withUnsafeBytes { bytes in
                let envelope = try ProtobufEnvelope(bytes)
                #expect(envelope.kind == "Status")
                let status = try StatusMessage(protobuf: envelope.raw)
                #expect(status.code == 404)
                #expect(status.reason == "NotFound")
                #expect(status.message.contains("none"))
            }
        }

        /// Each has its length before it, in four bytes, the highest first.
        private static func frames(_ stream: [UInt8]) throws -> [[UInt8]] {
            var frames: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
                guard rest.count >= 4 + length else { throw FixtureError("a frame is cut off") }
                frames.append(Array(rest.dropFirst(4).prefix(length)))
                rest = rest.dropFirst(4 + length)
            }
            return frames
        }
    }
}
