import CertificateKeeping
import Certificates
import KubernetesClient
import LocatedDocuments

/// What `certificates status` says.
struct CertificateStatus {
    private let observation: CertificateObservation
    private let plan: RotationAction
    private let settings: KeeperSettings
    /// Characters of a fingerprint that tell two certificates apart.
    private static let fingerprintLength = 16

    init(_ observation: CertificateObservation, _ plan: RotationAction, _ settings: KeeperSettings) {
        self.observation = observation
        self.plan = plan
        self.settings = settings
    }

    var isInOrder: Bool { if case .wait(.steady) = plan { true } else { false } }

    private var secret: SecretFacts? { if case .present(let facts) = observation.secret { facts } else { nil } }

    private var leaf: LeafFacts? { if case .usable(let leaf) = secret?.leaf { leaf } else { nil } }

    /// Whether every gate that answers serves what is in the Secret.
    var isServed: Bool {
        observation.replicas.allSatisfy { replica in
            switch replica.served {
            case .leaf(let served): served.fingerprint == leaf?.fingerprint
            case .unreachable: !replica.isReady
            }
        }
    }

    private var next: String {
        switch plan {
        case .establishAuthority(let cause, _, _): "a new CA: \(cause.rawValue)"
        case .publish: "the caBundle of the webhook configurations is to be mended"
        case .issueLeaf(let cause): "a new certificate: \(cause)"
        case .retire: "the CA before is to go"
        case .wait(let wait): "\(wait)"
        }
    }

    // MARK: Text

    var text: String {
        var lines = ["Secret \(settings.secret.namespace ?? "")/\(settings.secret.name)"]
        switch observation.secret {
        case .absent: lines.append("  there is none")
        case .present(let facts):
            switch facts.leaf {
            case .none: lines.append("  certificate  not issued yet")
            case .unusable(let why): lines.append("  certificate  \(why)")
            case .usable(let leaf): lines.append("  certificate  \(line(leaf))")
            }
            for (place, authority) in facts.authorities.enumerated() {
                lines.append("  \(place == 0 ? "CA           " : "CA before    ")\(line(authority))")
            }
            if !facts.canSign { lines.append("  the key of the CA is missing or another's") }
        }
        for configuration in observation.configurations {
            lines.append(configuration.configuration)
            lines.append("  caBundle     \(line(configuration))")
        }
        if observation.configurations.isEmpty { lines.append("No webhook configuration") }
        lines.append(observation.replicas.isEmpty ? "No gates" : "Gates")
        for replica in observation.replicas { lines.append("  \(replica.name)  \(line(replica))") }
        lines.append(isInOrder ? "In order." : "Next: \(next)")
        return lines.joined(separator: "\n")
    }

    private func line(_ leaf: LeafFacts) -> String {
        "\(short(leaf.fingerprint)) until \(time(leaf.notAfter)), renewed from "
            + time(RotationSettings.renewal(notBefore: leaf.notBefore, notAfter: leaf.notAfter))
    }

    private func line(_ authority: AuthorityFacts) -> String {
        "\(short(authority.fingerprint)) until \(time(authority.notAfter))"
    }

    private func line(_ configuration: PublishedBundles) -> String {
        configuration.bundles.map { bundle in
            guard let bundle else { return "cannot be read" }
            return bundle.isEmpty ? "empty" : bundle.map { short($0.fingerprint) }.joined(separator: " ")
        }.joined(separator: "; ")
    }

    private func line(_ replica: ReplicaFacts) -> String {
        switch replica.served {
        case .unreachable(let why): "\(replica.isReady ? "ready, but " : "not ready: ")\(Terminal.printable(why))"
        case .leaf(let served):
            "serves \(short(served.fingerprint))"
                + (served.fingerprint == leaf?.fingerprint ? "" : ", another than the Secret's")
        }
    }

    private func short(_ fingerprint: String) -> String { String(fingerprint.prefix(Self.fingerprintLength)) }

    private func time(_ seconds: Int64) -> String { RFC3339.format(seconds) }

    // MARK: JSON

    var json: String {
        let fields = [
            ("secret", secretJSON),
            (
                "configurations",
                list(
                    observation.configurations.map { configuration in
                        object([
                            ("name", quoted(configuration.configuration)),
                            (
                                "caBundles",
                                list(
                                    configuration.bundles.map { bundle in
                                        bundle.map { list($0.map(json)) } ?? "null"
                                    })
                            ),
                        ])
                    })
            ),
            ("replicas", list(observation.replicas.map(json))),
            ("inOrder", isInOrder ? "true" : "false"),
            ("next", quoted(next)),
        ]
        return object(fields)
    }

    private var secretJSON: String {
        guard let secret else { return "null" }
        return object([
            ("namespace", quoted(settings.secret.namespace ?? "")), ("name", quoted(settings.secret.name)),
            ("certificate", leaf.map(json) ?? "null"), ("authorities", list(secret.authorities.map(json))),
            ("canSign", secret.canSign ? "true" : "false"),
        ])
    }

    private func json(_ authority: AuthorityFacts) -> String {
        certificate(authority.fingerprint, authority.notBefore, authority.notAfter, [])
    }

    private func json(_ leaf: LeafFacts) -> String {
        certificate(
            leaf.fingerprint, leaf.notBefore, leaf.notAfter,
            [
                ("names", list(leaf.names.sorted().map(quoted))),
                ("verifiedBy", list(leaf.verifiedBy.sorted().map(quoted))),
            ])
    }

    private func json(_ replica: ReplicaFacts) -> String {
        let served: [(String, String)] =
            switch replica.served {
            case .leaf(let leaf): [("serves", json(leaf))]
            case .unreachable(let why): [("serves", "null"), ("error", quoted(why))]
            }
        return object([("name", quoted(replica.name)), ("ready", replica.isReady ? "true" : "false")] + served)
    }

    private func certificate(
        _ fingerprint: String, _ notBefore: Int64, _ notAfter: Int64, _ more: [(String, String)]
    ) -> String {
        object(
            [
                ("fingerprint", quoted(fingerprint)), ("notBefore", quoted(time(notBefore))),
                ("notAfter", quoted(time(notAfter))),
            ] + more)
    }

    private func object(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    private func list(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }

    private func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
