/// What a channel with TLS in it is at. The machine knows the protocol; this knows the channel.
struct TLSChannelStage: Equatable, Sendable {
    enum Stage: Equatable, Sendable, CaseIterable {
        /// Bytes go both ways.
        case running
        /// Our side is closed by the caller's wish; the peer may still send.
        case outputClosed
        /// Everything was said, an alert perhaps last: what still comes is thrown away until the peer leaves or the
        /// bound is over. Closing a socket with unread bytes resets the connection, and the reset overtakes and
        /// destroys what was sent before.
        case lingering
        case closed
    }

    /// What to do with a wish to close all.
    enum CloseAction: Equatable {
        /// Close the channel now: there is nothing to say, or nobody to hear it.
        case closeNow
        /// Send what is left and close_notify, close the output, then linger.
        case farewell
        /// The end is under way: report it when it has come.
        case await
    }

    private(set) var stage = Stage.running
    /// The peer's bytes have ended.
    private(set) var isInputOver = false

    var processesInput: Bool {
        switch stage {
        case .running, .outputClosed: true
        case .lingering, .closed: false
        }
    }

    var takesWrites: Bool { stage == .running }

    /// - Parameter hasSession: whether the handshake is done and the connection has not failed.
    mutating func close(hasSession: Bool) -> CloseAction {
        switch stage {
        case .running, .outputClosed:
            if isInputOver || !hasSession {
                stage = .closed
                return .closeNow
            }
            stage = .lingering
            return .farewell
        case .lingering: return .await
        case .closed: return .closeNow
        }
    }

    mutating func closeOutput() {
        switch stage {
        case .running: stage = .outputClosed
        case .outputClosed, .lingering, .closed: break
        }
    }

    /// The connection failed: after the alert nothing is said or heard. False if the end was under way before.
    mutating func fail() -> Bool {
        switch stage {
        case .running, .outputClosed:
            stage = .lingering
            return true
        case .lingering, .closed: return false
        }
    }

    /// The peer's bytes have ended. True if the channel lingered for that alone and is to be closed now.
    mutating func inputEnded() -> Bool {
        isInputOver = true
        switch stage {
        case .running, .outputClosed, .closed: return false
        case .lingering:
            stage = .closed
            return true
        }
    }

    mutating func closed() {
        isInputOver = true
        stage = .closed
    }
}
