import NIOCore
import Testing

@testable import WebhookServer

struct ListenAddressTests {
    @Test(
        "Addresses are read",
        arguments: [
            ("0.0.0.0:8443", "0.0.0.0", 8443), ("[::]:8443", "::", 8443), ("[fe80::1%eth0]:1", "fe80::1%eth0", 1),
            ("localhost:0", "localhost", 0), (":65535", "", 65_535),
        ])
    func reads(text: String, host: String, port: Int) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test(
        "Bad addresses say what is wrong and how to write them",
        arguments: [
            ("", "no port"), ("8443", "no port"), ("0.0.0.0", "no port"), ("[::]", "no port"), ("[::]8443", "no port"),
            ("[::", "closing bracket"), ("::1:8443", "brackets"), ("[1.2.3.4]:1", "leave them out"),
            ("a:65536", "0 to 65535"), ("a:-1", "0 to 65535"), ("a:", "0 to 65535"), ("a:http", "0 to 65535"),
            ("a:99999999999999999999", "0 to 65535"), ("a b:1", "bad host"), ("http://a:1", "brackets"),
            ("a/b:1", "bad host"),
        ])
    func refuses(text: String, says: String) {
        let error = #expect(throws: ListenAddressError.self) { try ListenAddress(parsing: text) }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }
}

struct DrainMachineTests {
    @Test("In order: announce, wait, stop accepting, finish, stop")
    func order() {
        var machine = DrainMachine()
        #expect(machine.handle(.shutdownRequested) == [.announce, .start(.drain)])
        #expect(machine.handle(.shutdownRequested) == [])
        #expect(machine.handle(.elapsed(.drain)) == [.stopAccepting, .start(.grace), .finishConnections])
        #expect(machine.handle(.connectionsClosed) == [.stop])
        #expect(machine.handle(.elapsed(.grace)) == [])
        #expect(machine.state == .stopped)
    }

    @Test("Connections that do not finish are cut when the grace is over")
    func grace() {
        var machine = DrainMachine()
        _ = machine.handle(.shutdownRequested)
        _ = machine.handle(.elapsed(.drain))
        #expect(machine.handle(.elapsed(.grace)) == [.abortConnections, .stop])
        #expect(machine.handle(.connectionsClosed) == [])
    }

    @Test("Cancellation stops at once, from everywhere")
    func cancelled() {
        for events in [[], [.shutdownRequested], [.shutdownRequested, .elapsed(.drain)]] as [[DrainMachine.Event]] {
            var machine = DrainMachine()
            for event in events { _ = machine.handle(event) }
            #expect(machine.handle(.cancelled).suffix(2) == [.abortConnections, .stop])
            #expect(machine.handle(.shutdownRequested) == [])
        }
    }
}

struct LogThrottleTests {
    @Test("One a second, and the number of the others")
    func throttle() {
        var throttle = LogThrottle()
        let start = NIODeadline.uptimeNanoseconds(5)
        #expect(throttle.admit(at: start) == 0)
        #expect(throttle.admit(at: start) == nil)
        #expect(throttle.admit(at: start + .milliseconds(999)) == nil)
        #expect(throttle.admit(at: start + .seconds(1)) == 2)
        #expect(throttle.admit(at: start + .seconds(3)) == 0)
    }
}

struct BodyAccumulatorTests {
    @Test("One part is passed on as it is, without a copy")
    func onePart() {
        var body = BodyAccumulator(limit: 10, contentLength: 5)
        let part = ByteBuffer(string: "12345")
        let address = part.withUnsafeReadableBytes { $0.baseAddress }
        let fits = body.append(part)
        #expect(fits)
        #expect(body.take().withUnsafeReadableBytes { $0.baseAddress } == address)
    }

    @Test("With an announced length, memory is taken once")
    func announced() {
        let count = 1_000
        var body = BodyAccumulator(limit: 1_000_000, contentLength: 100 * count)
        var addresses: Set<UnsafeRawPointer?> = []
        for index in 0..<count {
            let fits = body.append(ByteBuffer(repeating: UInt8(truncatingIfNeeded: index), count: 100))
            #expect(fits)
            if index > 0 { addresses.insert(body.storageAddress) }
        }
        #expect(addresses.count == 1)
        #expect(body.readableBytes == 100 * count)
    }

    @Test("Without one, memory is taken a logarithmic number of times")
    func chunked() {
        var body = BodyAccumulator(limit: 1_000_000, contentLength: nil)
        var moves = 0
        var address: UnsafeRawPointer?
        for _ in 0..<1_000 {
            _ = body.append(ByteBuffer(repeating: 1, count: 100))
            if body.storageAddress != address { moves += 1 }
            address = body.storageAddress
        }
        #expect(moves < 20)
    }

    @Test("A length that lies reserves no more than the limit")
    func lies() {
        var body = BodyAccumulator(limit: 100, contentLength: .max)
        let first = body.append(ByteBuffer(repeating: 1, count: 50))
        let second = body.append(ByteBuffer(repeating: 1, count: 50))
        let third = body.append(ByteBuffer(repeating: 1, count: 1))
        #expect(first && second && !third)
        #expect(body.take().storageCapacity <= 256)
    }
}

struct DateTests {
    @Test(
        "Dates by the calendar",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00"), (784_111_777, "Sun, 06 Nov 1994 08:49:37"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00"), (951_868_799, "Tue, 29 Feb 2000 23:59:59"),
            (1_798_761_599, "Thu, 31 Dec 2026 23:59:59"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59"), (.max, "Fri, 31 Dec 9999 23:59:59"),
            (-1, "Thu, 01 Jan 1970 00:00:00"),
        ] as [(Int64, String)])
    func dates(seconds: Int64, text: String) {
        #expect(ResponseSerializer.dateLine(seconds) == "Date: \(text) GMT\r\n")
    }
}

struct RequestTargetTests {
    @Test(
        "Path and query",
        arguments: [
            ("/validate", "/validate", ""), ("/validate?timeout=1s", "/validate", "timeout=1s"), ("/a??b", "/a", "?b"),
            ("/a?b#c", "/a", "b"), ("/a#b?c", "/a", ""), ("http://h/a?b", "/a", "b"), ("HTTP://h", "", ""),
            ("http://h?b", "", "b"), ("*", "*", ""), ("", "", ""), ("?", "", ""), ("ftp://h/a", "ftp://h/a", ""),
        ])
    func split(uri: String, path: String, query: String) {
        let target = requestTarget(uri)
        #expect(String(target.path) == path)
        #expect(String(target.query) == query)
    }
}

extension BodyAccumulator {
    /// Where the bytes are, without taking a reference that would force the next append to copy.
    fileprivate var storageAddress: UnsafeRawPointer? {
        self.withReadableBytes { $0.baseAddress } ?? nil
    }
}
