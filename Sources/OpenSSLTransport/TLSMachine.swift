import COpenSSL

/// The server's side of one TLS connection as a machine over bytes: ciphertext in, plaintext out, and the reverse. It
/// knows neither sockets nor event loops; whoever drives it moves the bytes.
///
/// The rule: after any call but `takeCiphertext`, `pendingCiphertext` may have grown, and those bytes must be sent
/// (handshake messages, tickets, alerts, answers to key updates), after a failure too.
///
/// Not for use from two threads at once.
package final class TLSMachine {
    package enum HandshakeStep: Equatable {
        case needsMore
        case completed
        /// `failure` says why.
        case failed
    }

    package enum ReadStep: Equatable {
        /// So many bytes were written to the front of the region.
        case plaintext(Int)
        /// No complete record is left.
        case needsMore
        /// The peer's close_notify: nothing follows.
        case closed
        /// `failure` says why.
        case failed
    }

    private let ssl: OpaquePointer
    /// Ciphertext from the peer. `ssl` reads from it and must end first, as it must before `outgoing`.
    private let incoming: CiphertextQueue
    /// Ciphertext for the peer.
    private let outgoing: CiphertextQueue
    /// Kept alive: the callbacks of the context borrow from it.
    private let context: TLSContext
    private var lifecycle = TLSLifecycle()
    /// Why the connection failed, if it did.
    package private(set) var failure: TLSError?
    /// Whether anything came from the peer: nothing did from a probe that only connects.
    package private(set) var hasReceivedBytes = false
    /// Ciphertext that came and is not known to be read: no less than the plaintext that can come of it.
    package private(set) var undigestedBytes = 0

    package init(context: TLSContext) throws(TLSError) {
        let incoming = try CiphertextQueue()
        let outgoing = try CiphertextQueue()
        guard let ssl = ErrorQueue.withEmptyQueue({ SSL_new(context.pointer) }) else {
            throw TLSError.library("OpenSSL could not make a connection")
        }
        // Takes over a reference to each.
        BIO_up_ref(incoming.bio)
        BIO_up_ref(outgoing.bio)
        SSL_set_bio(ssl, incoming.bio, outgoing.bio)
        SSL_set_accept_state(ssl)
        self.ssl = ssl
        self.incoming = incoming
        self.outgoing = outgoing
        self.context = context
    }

    deinit {
        SSL_free(ssl)
    }

    package var isHandshaking: Bool { lifecycle.state == .handshaking }
    package var isFailed: Bool { lifecycle.state == .failed }
    package var mayWrite: Bool { lifecycle.mayWrite }
    package var hasReceivedCloseNotify: Bool { lifecycle.state == .peerClosed || isClosed }
    /// Both sides have said close_notify.
    package var isClosed: Bool { lifecycle.state == .closed }

    // MARK: Bytes from the peer

    /// Takes ciphertext in. It is read by the calls that follow.
    package func receive(_ ciphertext: UnsafeRawBufferPointer) {
        guard !ciphertext.isEmpty else { return }
        hasReceivedBytes = true
        switch lifecycle.state {
        case .handshaking, .open, .selfClosed: break
        // Whatever follows the end is none of TLS's (RFC 8446, 6.1).
        case .peerClosed, .closed, .failed: return
        }
        guard incoming.put(ciphertext) else {
            return fail(TLSError.library("a buffer for received bytes could not be made larger"))
        }
        undigestedBytes += ciphertext.count
    }

    package func advanceHandshake() -> HandshakeStep {
        switch lifecycle.state {
        case .handshaking: break
        case .open, .peerClosed, .selfClosed, .closed: return .completed
        case .failed: return .failed
        }
        let result = ErrorQueue.withEmptyQueue { SSL_do_handshake(ssl) }
        if result == 1 {
            lifecycle.completeHandshake()
            noteDigestion()
            return .completed
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ:
            noteDigestion()
            return .needsMore
        case SSL_ERROR_ZERO_RETURN:
            fail(
                TLSError(
                    .handshakeInterrupted, "the client closed the connection within the handshake",
                    remedy: "look into the client's log for the reason"))
        default:
            fail(HandshakeFailure.explain(ErrorQueue.drain(), verifyResult: SSL_get_verify_result(ssl)))
        }
        return .failed
    }

    /// Decrypts at most one record (16 KiB) into `region`; called until it says something else than `plaintext`.
    package func read(into region: UnsafeMutableRawBufferPointer) -> ReadStep {
        switch lifecycle.state {
        case .open, .selfClosed: break
        case .handshaking: return .needsMore
        case .peerClosed, .closed: return .closed
        case .failed: return .failed
        }
        guard undigestedBytes > 0, !region.isEmpty else { return .needsMore }
        var count = 0
        let result = ErrorQueue.withEmptyQueue { SSL_read_ex(ssl, region.baseAddress, region.count, &count) }
        if result == 1 {
            undigestedBytes = max(0, undigestedBytes - count)
            noteDigestion()
            return .plaintext(count)
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ:
            noteDigestion()
            return .needsMore
        case SSL_ERROR_ZERO_RETURN:
            undigestedBytes = 0
            lifecycle.peerSentCloseNotify()
            return .closed
        default:
            fail(HandshakeFailure.explainAfterHandshake(ErrorQueue.drain()))
            return .failed
        }
    }

    /// The end of the byte stream. Returns what it cut off, or nil if it was due: after a close_notify, or before the
    /// first byte.
    package func receiveEndOfStream() -> TLSError? {
        guard lifecycle.isCutOffByEndOfStream else { return nil }
        let error =
            isHandshaking
            ? TLSError(
                .handshakeInterrupted, "the client left within the handshake",
                remedy: "look into the client's log: it may have refused the certificate, or it is a probe of the port")
            : TLSError(
                .truncated, "the connection ended without a close_notify",
                remedy: "treat a message without its end as incomplete")
        lifecycle.fail()
        failure = error
        return hasReceivedBytes ? error : nil
    }

    // MARK: Bytes for the peer

    /// Encrypts all of `plaintext`; false if it could not, then `failure` says why unless writing was over anyway.
    package func write(_ plaintext: UnsafeRawBufferPointer) -> Bool {
        guard lifecycle.mayWrite else { return false }
        guard !plaintext.isEmpty else { return true }
        var count = 0
        // Never partial, and never waiting: the queue takes everything, and there is no renegotiation.
        let result = ErrorQueue.withEmptyQueue { SSL_write_ex(ssl, plaintext.baseAddress, plaintext.count, &count) }
        guard result == 1, count == plaintext.count else {
            fail(
                TLSError(
                    .libraryFailure, "OpenSSL could not encrypt", cause: ErrorQueue.drainText(),
                    remedy: "the connection is given up; the client may try again"))
            return false
        }
        return true
    }

    /// Puts our close_notify after what was written. Of no effect before the handshake is done or after a failure.
    package func close() {
        guard lifecycle.mayWrite else { return }
        // 0: ours is out, theirs not in; 1: both. Less: it could not be made, and the connection is useless.
        guard ErrorQueue.withEmptyQueue({ SSL_shutdown(ssl) }) >= 0 else {
            return fail(TLSError.library("OpenSSL could not close the connection"))
        }
        lifecycle.sentCloseNotify()
    }

    /// Bytes waiting to be sent.
    package var pendingCiphertext: Int { outgoing.count }

    /// Moves bytes to be sent into `region` and returns how many.
    package func takeCiphertext(into region: UnsafeMutableRawBufferPointer) -> Int {
        outgoing.take(into: region)
    }

    // MARK: What was agreed

    /// Complete once the handshake is.
    package var handshake: TLSHandshake { TLSHandshake(ssl) }

    /// The protocol chosen by ALPN; nil if the client offered none.
    package var applicationProtocol: String? { TLSHandshake.applicationProtocol(ssl) }

    /// What a record can be at most with its header, and so what OpenSSL can hold beside `incoming`.
    private static let recordLimit = Int(SSL3_RT_MAX_ENCRYPTED_LENGTH + SSL3_RT_HEADER_LENGTH)

    /// Counts again what is left. Zero spares the call that would find nothing.
    private func noteDigestion() {
        let waiting = incoming.count
        let held = SSL_has_pending(ssl) == 0 ? 0 : min(max(0, undigestedBytes - waiting), Self.recordLimit)
        undigestedBytes = waiting + held
    }

    private func fail(_ error: TLSError) {
        lifecycle.fail()
        failure = error
        undigestedBytes = 0
    }
}
