import CertificateIssuing
package import Certificates
package import KubernetesClient
import NIOCore
import OpenSSLTransport

/// What was found, and what a step needs to act on it.
package struct CertificateFindings: Sendable {
    package var observation: CertificateObservation
    package var secret: CertificateSecret?
    package var configurations: [(reference: ObjectReference, document: WebhookConfiguration)]
    /// The mode in which somebody else keeps the configurations; nil: it is for the keeper to do.
    package var keptOtherwise: String?
    /// PEM of every CA seen, by fingerprint.
    var authorities: [String: [UInt8]]
    /// The newest CA of the Secret.
    var newest: ReadCertificate?
}

/// Looks at everything the rotation depends on.
struct CertificateObserver: Sendable {
    /// Of one look: some round trips, and gates that hang.
    private static let timeout = TimeAmount.seconds(15)

    let api: KubernetesAPI
    let settings: KeeperSettings
    let group: any EventLoopGroup
    let unixSeconds: @Sendable () -> Int64
    let timing: APITiming

    func look() async throws(APIError) -> CertificateFindings {
        let deadline = timing.now() + Self.timeout
        let (secret, configurations) = try await read(deadline)
        let served = await serve(
            try await ReplicaFinder(api: api, source: settings.replicas).find(deadline: deadline))
        return findings(secret, configurations, served)
    }

    /// What gates are not asked for: some milliseconds, whatever the gates do.
    func lookAtObjects() async throws(APIError) -> CertificateFindings {
        let (secret, configurations) = try await read(timing.now() + Self.timeout)
        return findings(secret, configurations, [])
    }

    private func read(
        _ deadline: NIODeadline
    ) async throws(APIError) -> (
        CertificateSecret?, [(reference: ObjectReference, document: WebhookConfiguration)]
    ) {
        let secret = try await read(settings.secret, deadline, CertificateSecret.init)
        var configurations: [(reference: ObjectReference, document: WebhookConfiguration)] = []
        for reference in settings.configurations {
            if let document = try await read(reference, deadline, WebhookConfiguration.init) {
                configurations.append((reference, document))
            }
        }
        return (secret, configurations)
    }

    /// nil: there is none.
    private func read<Document>(
        _ object: ObjectReference, _ deadline: NIODeadline, _ parse: (ByteBuffer) -> Document?
    ) async throws(APIError) -> Document? {
        let answer: APIAnswer
        do throws(APIError) {
            answer = try await api.get(object, deadline: deadline)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
        guard let document = parse(answer.body) else {
            throw .malformed(
                APICall(.get, object.resource, namespace: object.namespace, name: object.name),
                problem: "it is no \(object.resource.kind)")
        }
        return document
    }

    // MARK: Gates

    private struct Answer: Sendable {
        var replica: FoundReplica
        var result: Result<ReadCertificate, ProbeFailure>
    }

    private struct ProbeFailure: Error {
        var reason: String
    }

    private func serve(_ replicas: [FoundReplica]) async -> [Answer] {
        await withTaskGroup(of: (Int, Answer).self) { tasks in
            for (place, replica) in replicas.enumerated() {
                tasks.addTask { (place, Answer(replica: replica, result: await probe(replica))) }
            }
            var answers: [(Int, Answer)] = []
            for await answer in tasks { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func probe(_ replica: FoundReplica) async -> Result<ReadCertificate, ProbeFailure> {
        guard let address = replica.address else { return .failure(ProbeFailure(reason: "it has no address yet")) }
        let probe = CertificateProbe(host: address.host, port: address.port, serverName: settings.serverName)
        do {
            guard let leaf = try await probe.served(on: group).first.flatMap(CertificateReader.certificate) else {
                return .failure(ProbeFailure(reason: "it shows no certificate that can be read"))
            }
            return .success(leaf)
        } catch {
            return .failure(ProbeFailure(reason: "\(error)"))
        }
    }

    // MARK: Facts

    private func findings(
        _ secret: CertificateSecret?,
        _ configurations: [(reference: ObjectReference, document: WebhookConfiguration)], _ served: [Answer]
    ) -> CertificateFindings {
        let own = secret.flatMap { CertificateReader.certificates($0.authorities) }?.filter(\.isAuthority) ?? []
        let bundles = configurations.map { $0.document.webhooks.map { CertificateReader.certificates($0.caBundle) } }
        var all: [String: ReadCertificate] = [:]
        for authority in own + bundles.flatMap({ $0 }).flatMap({ $0 ?? [] }) where authority.isAuthority {
            all[authority.info.fingerprint] = authority
        }
        func leaf(_ certificate: ReadCertificate) -> LeafFacts {
            LeafFacts(
                fingerprint: certificate.info.fingerprint, notBefore: certificate.info.notBefore,
                notAfter: certificate.info.notAfter,
                verifiedBy: Set(all.filter { CertificateReader.verifies(certificate, by: $0.value) }.keys),
                names: Set(
                    certificate.info.alternativeNames.compactMap { if case .dns(let name) = $0 { name } else { nil } }))
        }
        let facts = secret.map { secret in
            SecretFacts(
                authorities: own.map(Self.facts),
                canSign: own.first.map { CertificateReader.isPair($0, secret.authorityKey) } ?? false,
                leaf: Self.leaf(secret, leaf))
        }
        let observation = CertificateObservation(
            secret: facts.map(StoredSecret.present) ?? .absent,
            configurations: zip(configurations, bundles).map { configuration, bundles in
                PublishedBundles(
                    configuration: "\(configuration.reference.resource.kind) \(configuration.reference.name)",
                    bundles: bundles.map { $0?.map(Self.facts) })
            },
            replicas: served.map { answer in
                let served: ReplicaFacts.Served =
                    switch answer.result {
                    case .success(let certificate): .leaf(leaf(certificate))
                    case .failure(let failure): .unreachable(failure.reason)
                    }
                return ReplicaFacts(name: answer.replica.name, isReady: answer.replica.isReady, served: served)
            },
            now: unixSeconds(), elapsed: .nanoseconds(Int64(clamping: timing.now().uptimeNanoseconds)))
        return CertificateFindings(
            observation: observation, secret: secret, configurations: configurations,
            keptOtherwise: configurations.compactMap(\.document.keptOtherwise).first,
            authorities: all.mapValues(\.pem), newest: own.first)
    }

    private static func facts(_ authority: ReadCertificate) -> AuthorityFacts {
        AuthorityFacts(
            fingerprint: authority.info.fingerprint, notBefore: authority.info.notBefore,
            notAfter: authority.info.notAfter)
    }

    private static func leaf(
        _ secret: CertificateSecret, _ facts: (ReadCertificate) -> LeafFacts
    ) -> SecretFacts.Leaf {
        if secret.certificateChain.isEmpty, secret.privateKey.bytes.isEmpty { return .none }
        guard let certificate = CertificateReader.certificates(secret.certificateChain)?.first else {
            return .unusable("tls.crt of the Secret cannot be read")
        }
        guard CertificateReader.isPair(certificate, secret.privateKey) else {
            return .unusable("tls.key of the Secret does not belong to tls.crt")
        }
        return .usable(facts(certificate))
    }
}
