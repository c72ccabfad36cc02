/// A private key as PEM. It shows itself nowhere: not in logs, not in dumps, not in a debugger's summary.
package struct PrivateKeyPEM: Sendable, Equatable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension PrivateKeyPEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "private key" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}

/// A certificate and the key to it.
package struct IssuedPair: Sendable, Equatable {
    /// PEM: the certificate alone.
    package let certificate: [UInt8]
    package let key: PrivateKeyPEM

    package init(certificate: [UInt8], key: PrivateKeyPEM) {
        self.certificate = certificate
        self.key = key
    }
}
