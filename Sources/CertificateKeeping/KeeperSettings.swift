package import Certificates
package import KubernetesClient

/// Whose certificates are kept, and for whom.
package struct KeeperSettings: Sendable, Hashable {
    /// Watches tell of changes at once; this is for gates, which nobody watches, and for what a watch misses. A check
    /// is four small requests and a handshake with each gate.
    package static let defaultCheckInterval = Duration.seconds(10)

    package var secret: ObjectReference
    /// Those that exist of them are kept.
    package var configurations: [ObjectReference]
    package var replicas: ReplicaSource
    /// What API servers ask a gate for: `SERVICE.NAMESPACE.svc`.
    package var serverName: String
    package var rotation: RotationSettings
    package var checkInterval: Duration
    /// Whose end is that of the Secret too, if it is made here: the ServiceAccount of an installation; nil: nobody's.
    package var owner: String?

    /// - Parameters:
    ///   - service: the gates' Service in the namespace.
    ///   - clusterDomain: `cluster.local`.
    ///   - webhookConfiguration: the name of both configurations.
    package init(
        namespace: String, service: String, clusterDomain: String, secret: String, webhookConfiguration: String,
        replicas: ReplicaSource
    ) {
        self.secret = ObjectReference(.secrets, namespace: namespace, name: secret)
        configurations = [
            ObjectReference(.validatingWebhookConfigurations, name: webhookConfiguration),
            ObjectReference(.mutatingWebhookConfigurations, name: webhookConfiguration),
        ]
        self.replicas = replicas
        serverName = "\(service).\(namespace).svc"
        rotation = RotationSettings(
            names: [serverName, "\(service).\(namespace)", "\(serverName).\(clusterDomain)"])
        checkInterval = Self.defaultCheckInterval
        owner = nil
    }
}
