import COpenSSL

/// OpenSSL's error queue: one per thread, so shared by every connection of an event loop.
///
/// `SSL_get_error` reads the queue of the thread, not of the connection: what an earlier call left in it would be
/// taken for the failure of this one. Hence every call that can fail goes through `withEmptyQueue`, and every failure
/// takes all its entries along.
package enum ErrorQueue {
    /// One entry: its reason code, comparable with `SSL_R_…`, and OpenSSL's own words for it.
    package struct Entry: Equatable, Sendable {
        package var isFromTLS: Bool
        package var isFromPEM: Bool
        package var reason: Int32
        package var text: String
    }

    /// Entries taken of one failure: OpenSSL keeps at most 16 (`ERR_NUM_ERRORS`) and overwrites the oldest.
    private static let entryLimit = 16

    /// Runs `call` on an empty queue. Looking first costs a third of clearing.
    @inline(__always)
    package static func withEmptyQueue<Value, Failure: Error>(_ call: () throws(Failure) -> Value) throws(Failure)
        -> Value
    {
        if ERR_peek_error() != 0 {
            ERR_clear_error()
        }
        return try call()
    }

    /// Takes every entry, the oldest (the cause) first, and leaves the queue empty.
    package static func drain() -> [Entry] {
        var entries: [Entry] = []
        while entries.count < entryLimit {
            var data: UnsafePointer<CChar>?
            var flags: Int32 = 0
            let code = ERR_get_error_all(nil, nil, nil, &data, &flags)
            guard code != 0 else { break }
            var text = "unknown error"
            if let reason = ERR_reason_error_string(code) {
                text = String(cString: reason)
            }
            if flags & ERR_TXT_STRING != 0, let data, data.pointee != 0 {
                text += " (\(String(cString: data)))"
            }
            entries.append(
                Entry(
                    isFromTLS: ERR_GET_LIB(code) == ERR_LIB_SSL, isFromPEM: ERR_GET_LIB(code) == ERR_LIB_PEM,
                    reason: ERR_GET_REASON(code), text: text))
        }
        ERR_clear_error()
        return entries
    }

    /// What `drain` takes, as one line; nil if the queue is empty.
    package static func drainText() -> String? {
        let entries = drain()
        guard !entries.isEmpty else { return nil }
        return entries.map(\.text).joined(separator: ": ")
    }
}
