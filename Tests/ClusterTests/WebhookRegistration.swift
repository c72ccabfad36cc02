import Foundation
import TestSupport

/// What the API server is told about a webhook on 127.0.0.1: which requests it gets, and what if it fails.
struct WebhookRegistration: Sendable {
    enum FailurePolicy: String, Encodable, Sendable {
        case ignore = "Ignore"
        case fail = "Fail"
    }

    struct Rule: Encodable, Sendable {
        var apiGroups: [String]
        var apiVersions = ["v1"]
        var operations = ["CREATE", "UPDATE"]
        var resources: [String]
    }

    /// Of both configuration objects, and the first label of the webhooks' names.
    var name = "tallygate"
    /// nil: not registered as such.
    var validatePath: String? = "/validate"
    var mutatePath: String? = "/mutate"
    var failurePolicy = FailurePolicy.fail
    var timeoutSeconds = 5
    var rules = builtInWorkloads
    /// Namespaces' labels; empty: every namespace.
    var namespaceSelector: [String: String] = [:]

    /// Pods and what makes them, in the API groups that every cluster has. In the versions the catalogue knows, not in
    /// every: objects of another version come converted (`matchPolicy: Equivalent`) only if that one is not listed.
    static let builtInWorkloads = [
        Rule(apiGroups: [""], resources: ["pods", "replicationcontrollers"]),
        Rule(apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets", "replicasets"]),
        Rule(apiGroups: ["batch"], apiVersions: ["v1", "v1beta1"], resources: ["jobs", "cronjobs"]),
    ]
}

/// Where a webhook listens on 127.0.0.1, and whose certificates it may have.
struct WebhookAddress: Sendable {
    struct Service: Encodable, Sendable {
        var namespace: String
        var name: String
    }

    var port: UInt16
    /// PEM, one or more; nil: whoever keeps certificates says it.
    var authorities: String?
    /// A Service that leads to the port, to be called by its name instead of the address.
    var service: Service?
}

extension Cluster {
    /// Registers the server by URL and returns once the API server calls it.
    func register(_ registration: WebhookRegistration, of server: WebhookProcess) async throws {
        try await register(
            registration,
            at: .init(port: server.place.port, authorities: server.authority.identity.certificatePEM))
    }

    /// The same for what listens on a port of this machine. What is registered under the name already is replaced.
    func register(_ registration: WebhookRegistration, at address: WebhookAddress) async throws {
        for (kind, path) in [(Kind.mutating, registration.mutatePath), (.validating, registration.validatePath)] {
            guard let path else { continue }
            // Another one each time, or that of an earlier registration under this name would pass for it.
            let mark = "\(kind.rawValue.lowercased())-\(UInt32.random(in: 0 ... .max))"
            try await require(
                ["apply", "-f", "-"], input: try Self.manifest(kind, path: path, registration, address, mark: mark))
            try await waitUntilLive(kind, mark: mark)
        }
    }

    /// Registers the server, runs `body`, and removes the registration again.
    func registered(
        _ registration: WebhookRegistration = WebhookRegistration(), of server: WebhookProcess,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        let address = WebhookAddress(
            port: server.place.port, authorities: server.authority.identity.certificatePEM)
        try await registered(registration, at: address, body)
    }

    func registered(
        _ registration: WebhookRegistration, at address: WebhookAddress, _ body: @Sendable () async throws -> Void
    ) async throws {
        try await register(registration, at: address)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        try await unregister(registration)
        try outcome.get()
    }

    /// Removes what `register` made and returns once the API server has forgotten it.
    func unregister(_ registration: WebhookRegistration) async throws {
        try await require([
            "delete", "--ignore-not-found", "\(Kind.mutating.resource),\(Kind.validating.resource)", registration.name,
        ])
        let probe = Self.probe(["registration-probe-of": registration.name])
        try await wait(for: "the end of the registration of \(registration.name)") {
            let attempt = try await kubectl(["create", "--dry-run=server", "-f", "-"], input: probe)
            return attempt.succeeded ? nil : attempt.errors
        }
    }

    private enum Kind: String {
        case mutating = "Mutating"
        case validating = "Validating"

        var resource: String { "\(rawValue.lowercased())webhookconfiguration" }
    }

    /// A changed configuration reaches the API server's admission some moments after it is stored. More webhooks in
    /// the same object, which nobody listens for and only marked ConfigMaps meet, show when.
    private func waitUntilLive(_ kind: Kind, mark: String) async throws {
        let probe = Self.probe(["registration-probe": mark])
        try await wait(for: "the \(kind) registration") {
            let attempt = try await kubectl(["create", "--dry-run=server", "-f", "-"], input: probe)
            return attempt.errors.contains("\(mark).probe.test") ? nil : "\(attempt.errors)\(attempt.output)"
        }
    }

    private static func probe(_ labels: [String: String]) -> String {
        Manifest.object(
            "v1", "ConfigMap", metadata: Manifest.metadata("registration-probe", in: "default", labels: labels))
    }

    private static func clientConfiguration(
        _ path: String, _ address: WebhookAddress
    ) -> Configuration.ClientConfiguration {
        let bundle = address.authorities.map { Data($0.utf8) }
        guard let service = address.service else {
            return .init(url: "https://127.0.0.1:\(address.port)\(path)", caBundle: bundle)
        }
        return .init(
            service: .init(namespace: service.namespace, name: service.name, path: path, port: address.port),
            caBundle: bundle)
    }

    private static func manifest(
        _ kind: Kind, path: String, _ registration: WebhookRegistration, _ address: WebhookAddress, mark: String
    ) throws -> String {
        func probe(_ name: String, _ labels: [String: String]) -> Configuration.Webhook {
            Configuration.Webhook(
                name: "\(name).probe.test",
                // No program has port 1 (tcpmux) any more: the call is refused at once.
                clientConfig: .init(url: "https://127.0.0.1:1/", caBundle: nil),
                rules: [.init(apiGroups: [""], operations: ["CREATE"], resources: ["configmaps"])],
                failurePolicy: .fail, timeoutSeconds: 1, namespaceSelector: .init(matchLabels: [:]),
                objectSelector: .init(matchLabels: labels))
        }
        let configuration = Configuration(
            kind: "\(kind.rawValue)WebhookConfiguration",
            metadata: ["name": registration.name],
            webhooks: [
                Configuration.Webhook(
                    name: "\(registration.name).tallygate.test",
                    clientConfig: clientConfiguration(path, address),
                    rules: registration.rules, failurePolicy: registration.failurePolicy,
                    timeoutSeconds: registration.timeoutSeconds,
                    namespaceSelector: .init(matchLabels: registration.namespaceSelector)),
                probe(mark, ["registration-probe": mark]),
                probe("any-\(mark)", ["registration-probe-of": registration.name]),
            ])
        let encoder = JSONEncoder()
        // Data is written in base64, as the API wants it.
        return String(decoding: try encoder.encode(configuration), as: UTF8.self)
    }
}

/// The parts of `admissionregistration.k8s.io/v1` that are used here.
private struct Configuration: Encodable {
    struct ClientConfiguration: Encodable {
        struct Service: Encodable {
            var namespace: String
            var name: String
            var path: String
            var port: UInt16
        }

        var url: String?
        var service: Service?
        var caBundle: Data?
    }

    struct Selector: Encodable {
        var matchLabels: [String: String]
    }

    struct Webhook: Encodable {
        var name: String
        var clientConfig: ClientConfiguration
        var rules: [WebhookRegistration.Rule]
        var failurePolicy: WebhookRegistration.FailurePolicy
        var timeoutSeconds: Int
        var namespaceSelector: Selector
        var objectSelector = Selector(matchLabels: [:])
        var matchPolicy = "Equivalent"
        var sideEffects = "None"
        var admissionReviewVersions = ["v1"]
    }

    var apiVersion = "admissionregistration.k8s.io/v1"
    var kind: String
    var metadata: [String: String]
    var webhooks: [Webhook]
}
