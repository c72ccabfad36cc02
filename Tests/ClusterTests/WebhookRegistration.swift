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
        var apiVersions = ["*"]
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

    /// Pods and what makes them, in the API groups that every cluster has.
    static let builtInWorkloads = [
        Rule(apiGroups: [""], resources: ["pods", "replicationcontrollers"]),
        Rule(apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets", "replicasets"]),
        Rule(apiGroups: ["batch"], resources: ["jobs", "cronjobs"]),
    ]
}

extension Cluster {
    /// Registers the server by URL and returns once the API server calls it.
    func register(_ registration: WebhookRegistration, of server: WebhookProcess) async throws {
        for (kind, path) in [(Kind.mutating, registration.mutatePath), (.validating, registration.validatePath)] {
            guard let path else { continue }
            try await require(
                ["apply", "-f", "-"], input: try Self.manifest(kind, path: path, registration, server))
            try await waitUntilLive(kind, registration)
        }
    }

    /// Removes what `register` made. Requests are let through some moments later.
    func unregister(_ registration: WebhookRegistration) async throws {
        try await require([
            "delete", "--ignore-not-found", "\(Kind.mutating.resource),\(Kind.validating.resource)", registration.name,
        ])
    }

    private enum Kind: String {
        case mutating = "Mutating"
        case validating = "Validating"

        var resource: String { "\(rawValue.lowercased())webhookconfiguration" }
    }

    /// A changed configuration reaches the API server's admission some moments after it is stored. A second webhook
    /// in the same object, which nobody listens for and only a marked ConfigMap meets, shows when.
    private func waitUntilLive(_ kind: Kind, _ registration: WebhookRegistration) async throws {
        let mark = Self.probeMark(kind, registration)
        let probe = """
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
              "name": "registration-probe", "namespace": "default", "labels": {"registration-probe": "\(mark)"}}}
            """
        try await wait(for: "the \(kind) registration of \(registration.name)") {
            let attempt = try await kubectl(["create", "--dry-run=server", "-f", "-"], input: probe)
            return attempt.errors.contains("\(mark).probe.test") ? nil : "\(attempt.errors)\(attempt.output)"
        }
    }

    private static func probeMark(_ kind: Kind, _ registration: WebhookRegistration) -> String {
        "\(registration.name)-\(kind.rawValue.lowercased())"
    }

    private static func manifest(
        _ kind: Kind, path: String, _ registration: WebhookRegistration, _ server: WebhookProcess
    ) throws -> String {
        let mark = probeMark(kind, registration)
        let configuration = Configuration(
            kind: "\(kind.rawValue)WebhookConfiguration",
            metadata: ["name": registration.name],
            webhooks: [
                Configuration.Webhook(
                    name: "\(registration.name).tallygate.test",
                    clientConfig: .init(
                        url: "https://127.0.0.1:\(server.place.port)\(path)",
                        caBundle: Data(server.authority.identity.certificatePEM.utf8)),
                    rules: registration.rules, failurePolicy: registration.failurePolicy,
                    timeoutSeconds: registration.timeoutSeconds,
                    namespaceSelector: .init(matchLabels: registration.namespaceSelector)),
                Configuration.Webhook(
                    name: "\(mark).probe.test",
                    // No program has port 1 (tcpmux) any more: the call is refused at once.
                    clientConfig: .init(url: "https://127.0.0.1:1/", caBundle: nil),
                    rules: [.init(apiGroups: [""], operations: ["CREATE"], resources: ["configmaps"])],
                    failurePolicy: .fail, timeoutSeconds: 1, namespaceSelector: .init(matchLabels: [:]),
                    objectSelector: .init(matchLabels: ["registration-probe": mark])),
            ])
        let encoder = JSONEncoder()
        // Data is written in base64, as the API wants it.
        return String(decoding: try encoder.encode(configuration), as: UTF8.self)
    }
}

/// The parts of `admissionregistration.k8s.io/v1` that are used here.
private struct Configuration: Encodable {
    struct ClientConfiguration: Encodable {
        var url: String
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
