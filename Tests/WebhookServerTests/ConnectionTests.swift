import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebhookServer

struct ConnectionTests {
    struct Broken: Error {}

    // MARK: - Pipelining

    @Test("Three pipelined requests, the first answered later: answers in order, reads held meanwhile")
    func pipelining() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        #expect(connection.send(post("later") + post("two") + post("three")) == "")
        #expect(server.admission.calls.map(\.body) == ["later"])
        let reads = connection.reads.reads
        connection.channel.read()
        #expect(connection.reads.reads == reads)
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{\"echo\":\"one\"}"))
        #expect(echoes(connection.received()) == ["one", "two", "three"])
        #expect(connection.reads.reads == reads + 1)
    }

    @Test("More requests read ahead than are allowed end the connection, after the answers due")
    func tooManyPipelined() throws {
        let server = EmbeddedServer { $0.pipelinedRequests = 2 }
        let connection = try server.connect()
        connection.send(post("later") + post("b") + post("c") + post("d") + post("e"))
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{\"echo\":\"a\"}"))
        let answer = connection.received()
        #expect(statuses(answer) == [200, 200, 200, 400])
        #expect(echoes(answer) == ["a", "b", "c"])
        #expect(connection.isOutputClosed)
    }

    @Test("A request that cannot be decoded waits for the answers before it")
    func malformedAfterLater() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        #expect(connection.send(post("later") + "nonsense\r\n\r\n") == "")
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{}"))
        #expect(statuses(connection.received()) == [200, 400])
        #expect(connection.isOutputClosed)
    }

    @Test("While the client does not take answers, no more requests are answered")
    func backPressure() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(connection.send(post("one") + post("two")) == "")
        #expect(server.admission.calls.isEmpty)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(echoes(connection.received()) == ["one", "two"])
    }

    @Test("A failed lookup is answered, and the connection goes on")
    func failedLater() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.send(post("later"))
        server.admission.pending[0].fail(Broken())
        #expect(statuses(connection.received()) == [500])
        #expect(echoes(connection.send(post("next"))) == ["next"])
    }

    @Test("An answer that comes after the connection has gone does no harm")
    func answerAfterClose() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.send(post("later"))
        connection.channel.close(promise: nil)
        server.eventLoop.run()
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{}"))
        #expect(connection.received() == "")
        #expect(server.loop.connectionCount == 0)
    }

    @Test("A client that closes its half still gets its answers")
    func halfClosed() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.send(post("later") + post("two"))
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(connection.isOpen)
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{\"echo\":\"one\"}"))
        #expect(echoes(connection.received()) == ["one", "two"])
        server.eventLoop.run()
        #expect(!connection.isOpen)
    }

    @Test(
        "A client that leaves between or within requests is let go",
        arguments: ["", "POST /val", post("x"), String(post("xyz").dropLast())])
    func clientLeaves(sent: String) throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.send(sent)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        server.eventLoop.run()
        #expect(!connection.isOpen)
        #expect(server.loop.connectionCount == 0)
        #expect(server.counts.value.connections == 0)
    }

    // MARK: - Closing

    @Test("After a refusal, the rest of the body is read and dropped up to a bound")
    func lingering() throws {
        let server = EmbeddedServer { $0.lingerBytes = 1_000 }
        let connection = try server.connect()
        let head = "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
        #expect(statuses(connection.send(head)) == [404])
        #expect(connection.closes.isOutputClosed)
        #expect(connection.isOpen)
        connection.send(String(repeating: "x", count: 1_000))
        #expect(connection.isOpen)
        connection.send("x")
        #expect(!connection.isOpen)
    }

    @Test("Lingering ends with time")
    func lingeringTime() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.send("nonsense\r\n\r\n")
        #expect(connection.isOpen)
        server.advance(.seconds(3))
        #expect(!connection.isOpen)
    }

    // MARK: - Time

    @Test("A connection that sends no request is closed, TLS handshake or not", arguments: ["", "POST /validate HT"])
    func noFirstRequest(sent: String) throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        for byte in sent.utf8 {
            connection.send(ByteBuffer(bytes: [byte]))
            server.advance(.milliseconds(500))
        }
        server.advance(.seconds(9) - .milliseconds(500 * Int64(sent.utf8.count)))
        #expect(connection.isOpen)
        server.advance(.seconds(2))
        #expect(!connection.isOpen)
    }

    @Test("A body that drips is refused after the whole-request time, however steadily it drips")
    func slowBody() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        let head = "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
        var answer = connection.send(head)
        for _ in 0..<29 {
            server.advance(.seconds(1))
            answer += connection.send("x")
        }
        #expect(answer == "")
        server.advance(.seconds(2))
        #expect(statuses(connection.received()) == [408])
        #expect(connection.isOutputClosed)
    }

    @Test("A lookup that never ends is answered for")
    func noAnswer() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.send(post("later"))
        server.advance(.seconds(29))
        #expect(connection.received() == "")
        server.advance(.seconds(2))
        #expect(statuses(connection.received()) == [503])
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{}"))
        #expect(connection.received() == "")
    }

    @Test("An idle connection outlives Go's client, and not much more")
    func idle() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.send(post("x"))
        server.advance(.seconds(91))
        #expect(echoes(connection.send(post("y"))) == ["y"])
        server.advance(.seconds(119))
        #expect(connection.isOpen)
        server.advance(.seconds(2))
        #expect(!connection.isOpen)
    }

    @Test("The date follows the clock, a second at most behind")
    func refreshedDate() throws {
        let seconds = EventCounts()
        let eventLoop = EmbeddedEventLoop()
        let loop = ServerLoop(
            eventLoop: eventLoop, limits: .webhook, events: .ignored, logger: Logger(label: "test"),
            unixSeconds: {
                seconds.events.evicted()
                return Int64(seconds.value.evicted)
            })
        loop.start()
        let before = String(buffer: loop.serializer.serialize(.unknownPath, connection: .close, headOnly: false))
        eventLoop.advanceTime(by: .seconds(1))
        let after = String(buffer: loop.serializer.serialize(.unknownPath, connection: .close, headOnly: false))
        #expect(before.contains("Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n"))
        #expect(after.contains("Date: Thu, 01 Jan 1970 00:00:02 GMT\r\n"))
        loop.stop()
    }

    // MARK: - Room

    @Test("At the cap the longest-waiting connection gives way; those never served before those served")
    func eviction() throws {
        let server = EmbeddedServer { $0.connections = 3 }
        let served = try server.connect()
        served.send(post("x"))
        server.advance(.seconds(1))
        let older = try server.connect()
        server.advance(.seconds(1))
        let younger = try server.connect()
        let fourth = try server.connect()
        #expect(!older.isOpen)
        #expect(served.isOpen && younger.isOpen && fourth.isOpen)
        let fifth = try server.connect()
        #expect(!younger.isOpen && fifth.isOpen && served.isOpen)
        #expect(server.loop.connectionCount == 3)
        #expect(server.counts.value.evicted == 2)
        #expect(server.counts.value.connections == 3)
        // The evicted ones have been let go, and take nobody else's place with them when they are done closing.
        server.eventLoop.run()
        #expect(server.loop.connectionCount == 3)
    }

    @Test("Requests being answered are never evicted: the newcomer has to go")
    func noEvictionInFlight() throws {
        let server = EmbeddedServer { $0.connections = 2 }
        let first = try server.connect()
        first.send(post("later"))
        let second = try server.connect()
        second.send(post("later"))
        let third = try server.connect()
        server.eventLoop.run()
        #expect(!third.isOpen)
        #expect(first.isOpen && second.isOpen)
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{}"))
        #expect(statuses(first.received()) == [200])
        #expect(server.counts.value.evicted == 1)
    }

    @Test("A slow-loris flood costs its own slots; a served connection goes on")
    func flood() throws {
        let server = EmbeddedServer { $0.connections = 8 }
        let good = try server.connect()
        good.send(post("x"))
        for _ in 0..<100 {
            server.advance(.milliseconds(100))
            try server.connect().send("POST /validate HTTP/1.1\r\nX-Slow: ")
        }
        #expect(echoes(good.send(post("y"))) == ["y"])
        #expect(server.loop.connectionCount == 8)
    }

    @Test("Bodies held together are bounded: the slowest gives way, small requests pass")
    func heldBodies() throws {
        let megabyte = 1024 * 1024
        let server = EmbeddedServer { $0.heldBodyBytes = 8 * megabyte }
        let head =
            "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(6 * megabyte)\r\n\r\n"
        let part = ByteBuffer(repeating: UInt8(ascii: "x"), count: 5 * megabyte)
        let slow = try server.connect()
        slow.send(head)
        slow.send(part)
        server.advance(.seconds(1))
        let quick = try server.connect()
        #expect(echoes(quick.send(post("small"))) == ["small"])
        quick.send(head)
        quick.send(part)
        #expect(!slow.isOpen)
        #expect(quick.isOpen)
        #expect(statuses(quick.send(ByteBuffer(repeating: UInt8(ascii: "x"), count: megabyte))) == [200])
        // What was held is given back.
        for _ in 0..<5 { #expect(statuses(quick.send(post(String(repeating: "y", count: 5 * megabyte)))) == [200]) }
        #expect(quick.isOpen)
    }

    // MARK: - Faults

    @Test("An error of the transport before the first request counts as a failed handshake")
    func handshakeFailure() throws {
        let server = EmbeddedServer()
        let connection = try server.connect()
        connection.channel.pipeline.fireErrorCaught(Broken())
        #expect(!connection.isOpen)
        #expect(server.counts.value.handshakeFailures == 1)
        let served = try server.connect()
        served.send(post("x"))
        served.channel.pipeline.fireErrorCaught(Broken())
        #expect(!served.isOpen)
        #expect(server.counts.value.handshakeFailures == 1)
    }

    // MARK: - Drain

    @Test("Draining: every answer closes its connection, refusals too")
    func draining() throws {
        let server = EmbeddedServer()
        let waiting = try server.connect()
        waiting.send(post("later"))
        let idle = try server.connect()
        idle.send(post("x"))
        server.loop.beginDraining()
        #expect(idle.isOpen)
        #expect(idle.send(post("y")).contains("Connection: close\r\n"))
        #expect(idle.isOutputClosed)
        let refused = try server.connect()
        #expect(refused.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").contains("Connection: close\r\n"))
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{}"))
        #expect(waiting.received().contains("Connection: close\r\n"))
    }

    @Test("Finishing: idle connections close, requests under way go on, new connections get a moment")
    func finishing() throws {
        let server = EmbeddedServer()
        let idle = try server.connect()
        idle.send(post("x"))
        let receiving = try server.connect()
        receiving.send(String(post("ab").dropLast()))
        let answering = try server.connect()
        answering.send(post("later"))
        let silent = try server.connect()
        server.advance(.seconds(6))
        let fresh = try server.connect()
        server.loop.finish()
        let emptied = server.loop.emptied()
        #expect(!idle.isOpen && !silent.isOpen)
        #expect(receiving.isOpen && answering.isOpen && fresh.isOpen)
        #expect(statuses(receiving.send("b")) == [200])
        server.admission.pending[0].succeed(ScriptedAdmission.reply("{}"))
        #expect(statuses(answering.received()) == [200])
        let isEmpty = NIOLoopBoundBox(false, eventLoop: server.eventLoop)
        emptied.whenSuccess { isEmpty.value = true }
        server.advance(.seconds(3))
        #expect(!isEmpty.value && fresh.isOpen)
        server.advance(.seconds(3))
        #expect(isEmpty.value && !fresh.isOpen)
    }
}
