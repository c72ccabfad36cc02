import NIOCore

/// Serialises answers: head and body in one buffer, so that one write makes one TLS record.
///
/// One per event loop: the `Date` field is formatted once a second, by the loop's sweep, not once per answer.
struct ResponseSerializer {
    private var date: String
    /// The head of nearly all answers, 200 with JSON on a connection that goes on, up to the length.
    private var ordinaryHead: String
    private let allocator = ByteBufferAllocator()

    init(unixSeconds: Int64) {
        self.date = ""
        self.ordinaryHead = ""
        self.refreshDate(unixSeconds: unixSeconds)
    }

    mutating func refreshDate(unixSeconds: Int64) {
        self.date = ResponseSerializer.dateLine(unixSeconds)
        var head = ByteBuffer()
        self.writeHead(to: &head, status: .ok, contentType: .json, allow: nil, connection: .keepAlive)
        self.ordinaryHead = String(buffer: head)
    }

    func serialize(_ reply: HTTPReply, connection: ClientConnection, headOnly: Bool) -> ByteBuffer {
        self.serialize(
            status: reply.status, contentType: reply.contentType, allow: nil, body: reply.body,
            connection: connection, headOnly: headOnly)
    }

    func serialize(_ refusal: Refusal, connection: ClientConnection, headOnly: Bool) -> ByteBuffer {
        self.serialize(
            status: refusal.status, contentType: .text, allow: refusal.allowHeaderLine,
            body: ByteBuffer(string: refusal.text + "\n"), connection: connection, headOnly: headOnly)
    }

    private func serialize(
        status: ReplyStatus, contentType: HTTPReply.ContentType, allow: StaticString?, body: ByteBuffer,
        connection: ClientConnection, headOnly: Bool
    ) -> ByteBuffer {
        // The longest head this can write is under 256 bytes.
        var buffer = self.allocator.buffer(capacity: 256 + body.readableBytes)
        if status == .ok, contentType == .json, allow == nil, connection == .keepAlive {
            buffer.writeString(self.ordinaryHead)
        } else {
            self.writeHead(
                to: &buffer, status: status, contentType: contentType, allow: allow, connection: connection)
        }
        buffer.writeString(String(body.readableBytes))
        buffer.writeStaticString("\r\n\r\n")
        if !headOnly { buffer.writeImmutableBuffer(body) }
        return buffer
    }

    private func writeHead(
        to buffer: inout ByteBuffer, status: ReplyStatus, contentType: HTTPReply.ContentType, allow: StaticString?,
        connection: ClientConnection
    ) {
        buffer.writeStaticString(status.statusLine)
        buffer.writeString(self.date)
        buffer.writeStaticString(contentType.headerLine)
        if let allow { buffer.writeStaticString(allow) }
        switch connection {
        case .keepAlive: break
        case .keepAliveHTTP10: buffer.writeStaticString("Connection: keep-alive\r\n")
        case .close: buffer.writeStaticString("Connection: close\r\n")
        }
        buffer.writeStaticString("Content-Length: ")
    }

    static let continueResponse = ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")

    /// `Date: Sun, 06 Nov 1994 08:49:37 GMT` with its line end; seconds since 1970, years 1970 to 9999.
    static func dateLine(_ unixSeconds: Int64) -> String {
        let lastRepresentable: Int64 = 253_402_300_799
        let seconds = min(max(unixSeconds, 0), lastRepresentable)
        let (days, secondOfDay) = seconds.quotientAndRemainder(dividingBy: 86_400)
        // Days since 0000-03-01 in the proleptic Gregorian calendar, so that a leap day is a year's last.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let year = era * 400 + yearOfEra + (monthFromMarch >= 10 ? 1 : 0)
        let monthNames = ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"]
        let dayNames = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        func four(_ number: Int64) -> String {
            String(repeating: "0", count: max(0, 4 - "\(number)".count)) + "\(number)"
        }
        return """
            Date: \(dayNames[Int(days % 7)]), \(two(day)) \(monthNames[Int(monthFromMarch)]) \(four(year)) \
            \(two(secondOfDay / 3_600)):\(two(secondOfDay / 60 % 60)):\(two(secondOfDay % 60)) GMT\r\n
            """
    }
}
