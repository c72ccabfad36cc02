import CMalloc
import FuzzSupport
import WebhookServer

/// One execution: a client's bytes, cut and interrupted as the input says, on a webhook's or a health listener's
/// connection from the TLS handler upwards; now and then the same within a TLS session, which must change nothing.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    let script = Script(input)
    let plain = run(script, PlainClient())
    if shouldEncrypt(input) {
        let encrypted = run(script, TLSClient())
        require(encrypted.received == plain.received, "TLS changes no answer")
        require(encrypted.bodies == plain.bodies, "TLS changes no request")
    }
    return 0
}

/// A handshake takes as long as a dozen executions. Told by a hash, lest the fuzzer prefer one or the other.
private func shouldEncrypt(_ input: UnsafeBufferPointer<UInt8>) -> Bool {
    input.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 } % 31 == 0
}

/// Beyond what the client has sent: buffers of the handlers, of OpenSSL's records, and a body that is announced, for
/// which memory is set aside (7 MiB at most, rounded up to a power of two).
private let memoryAllowance = 9 * 1024 * 1024

private func run(_ script: Script, _ client: some ClientEnd) -> (received: [UInt8], bodies: [[UInt8]]) {
    let before = heldBytes()
    let connection = Connection(script, client)
    for event in script.events { connection.perform(event) }
    let held = heldBytes() - before
    // The script, the stream and the answers are kept here as well.
    require(held < memoryAllowance + 64 * connection.delivered.count, "memory is bounded: \(held) bytes are held")
    connection.finish()
    let isWaiting = connection.isOpen
    let received = connection.received
    let reference = RequestReference(connection.delivered)
    let responses = ResponseReader(received) { isHead($0, reference) }
    check(responses, of: connection.service.calls, reference, isWaiting: isWaiting)
    checkPlainRequests(responses.final, reference, isHealth: script.isHealth)
    connection.expire()
    let expired = connection.received
    if expired.count > received.count { _ = ResponseReader(expired) { isHead($0, reference) } }
    let bodies = connection.service.calls.map(\.body)
    connection.tearDown()
    return (expired, bodies)
}

private func heldBytes() -> Int {
    let info = mallinfo2()
    return Int(info.uordblks) + Int(info.hblkhd)
}

private func isHead(_ number: Int, _ reference: RequestReference) -> Bool? {
    number < reference.complete.count ? reference.complete[number].method == "HEAD" : nil
}

private func check(
    _ responses: ResponseReader, of calls: [(endpoint: WebhookEndpoint, body: [UInt8])], _ reference: RequestReference,
    isWaiting: Bool
) {
    let complete = reference.complete
    // One more for a request that is refused before it is complete, or never can be.
    require(
        responses.final.count <= complete.count + (reference.hasRest ? 1 : 0),
        "no more answers than requests: \(responses.final.map(\.status)) to \(complete.map(\.target))")
    if responses.final.count > complete.count {
        require(responses.final.last?.saysClose == true, "a request that is not complete is refused for good")
    }
    if isWaiting {
        require(responses.final.last?.saysClose != true, "an answer that says close closes")
        require(!reference.isMalformed, "what is no request is refused: \(responses.final.map(\.status))")
        require(
            responses.final.count == complete.count,
            "every complete request is answered: \(responses.final.map(\.status)) to \(complete.map(\.target))")
    }
    require(responses.continues <= complete.count(where: \.expectsContinue) + 1, "100 Continue is said to who waits")
    // What is decided is what was sent, in order.
    var rest = complete[...]
    for call in calls {
        let path = call.endpoint == .validate ? "/validate" : "/mutate"
        while let request = rest.popFirst() {
            if request.method == "POST", request.body == call.body, request.target.contains(path) { break }
            require(!rest.isEmpty, "only complete requests are decided: \(String(decoding: call.body, as: UTF8.self))")
        }
    }
    require(calls.count <= complete.count, "no more decisions than requests")
}

/// A request that leaves nothing to be desired is answered in earnest. What may come between: limits, time, and a
/// client that does not wait for answers.
private func checkPlainRequests(
    _ responses: [ResponseReader.Response], _ reference: RequestReference, isHealth: Bool
) {
    for (request, response) in zip(reference.complete, responses) where request.isPlain {
        let path = request.target.prefix { $0 != "?" }
        let isServed =
            isHealth
            ? ["/livez", "/readyz", "/metrics"].contains(path) && request.method == "GET" && request.body.isEmpty
            : ["/validate", "/mutate"].contains(path) && request.method == "POST" && request.hasJSON
        guard isServed, !request.target.contains("#") else { continue }
        switch response.status {
        case 200, 408, 431, 500, 503: break
        case 400:
            let text = String(decoding: response.body, as: UTF8.self)
            require(
                text.hasPrefix("no AdmissionReview") || text.hasPrefix("too many pipelined"),
                "a plain request is not malformed: \(text)")
        default: fatalError("does not hold: a plain request is not refused with \(response.status)")
        }
    }
}
