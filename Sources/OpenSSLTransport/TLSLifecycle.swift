/// How far a TLS connection has come. Each direction closes on its own (RFC 8446, 6.1), hence four states between the
/// handshake and the end.
struct TLSLifecycle: Equatable, Sendable {
    enum State: Equatable, Sendable, CaseIterable {
        case handshaking
        case open
        /// Their close_notify came: nothing more to read.
        case peerClosed
        /// Ours went out: nothing more to write.
        case selfClosed
        case closed
        /// After a fatal error OpenSSL allows no further call on the connection.
        case failed
    }

    private(set) var state = State.handshaking

    var mayRead: Bool {
        switch state {
        case .open, .selfClosed: true
        case .handshaking, .peerClosed, .closed, .failed: false
        }
    }

    var mayWrite: Bool {
        switch state {
        case .open, .peerClosed: true
        case .handshaking, .selfClosed, .closed, .failed: false
        }
    }

    /// Whether the end of the byte stream now means that something was cut off: in `selfClosed` a peer that has got
    /// our close_notify may leave without one of its own.
    var isCutOffByEndOfStream: Bool {
        switch state {
        case .handshaking, .open: true
        case .peerClosed, .selfClosed, .closed, .failed: false
        }
    }

    mutating func completeHandshake() {
        switch state {
        case .handshaking: state = .open
        case .open, .peerClosed, .selfClosed, .closed, .failed: break
        }
    }

    mutating func peerSentCloseNotify() {
        switch state {
        case .open: state = .peerClosed
        case .selfClosed: state = .closed
        // Instead of a handshake: there is nothing to close, and nothing to go on with.
        case .handshaking: state = .failed
        case .peerClosed, .closed, .failed: break
        }
    }

    mutating func sentCloseNotify() {
        switch state {
        case .open: state = .selfClosed
        case .peerClosed: state = .closed
        case .handshaking, .selfClosed, .closed, .failed: break
        }
    }

    mutating func fail() {
        switch state {
        case .handshaking, .open, .peerClosed, .selfClosed: state = .failed
        case .closed, .failed: break
        }
    }
}
