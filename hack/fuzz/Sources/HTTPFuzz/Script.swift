/// What the fuzzer's input says: how the connection is set up, and what happens on it in which order.
///
///     byte 0   bit 0: the health listener; bit 1: small limits; bit 2: the server drains
///     byte 1   writes are cut every so many bytes; 0: only where the stream says so
///     rest     what the client sends; 0xFF and one more byte are an event
struct Script {
    enum Event {
        /// The client sends this in one piece.
        case send([UInt8])
        /// The oldest answer that waits arrives, or its lookup fails.
        case answer(succeeds: Bool)
        case advance(seconds: Int64)
        /// The client stops taking answers, or goes on.
        case toggleWritability
        /// The client has said its last.
        case endInput
    }

    /// A short input may stand for a long stream; the decoder's limits lie at 16 KiB.
    private static let maximumStream = 64 * 1024

    private(set) var isHealth = false
    private(set) var hasSmallLimits = false
    private(set) var isDraining = false
    private(set) var events: [Event] = []

    init(_ input: UnsafeBufferPointer<UInt8>) {
        guard input.count > 2 else { return }
        isHealth = input[0] & 1 != 0
        hasSmallLimits = input[0] & 2 != 0
        isDraining = input[0] & 4 != 0
        let cut = Int(input[1])
        var piece: [UInt8] = []
        var total = 0
        func send(_ events: inout [Event]) {
            if !piece.isEmpty { events.append(.send(piece)) }
            piece = []
        }
        var rest = input[2...]
        while let byte = rest.popFirst(), total < Self.maximumStream {
            guard byte == 0xFF, let operation = rest.popFirst() else {
                piece.append(byte)
                total += 1
                if piece.count == cut { send(&events) }
                continue
            }
            let amount = Int(operation >> 4)
            switch operation & 7 {
            case 0:
                piece.append(0xFF)
                total += 1
            case 1: send(&events)
            case 2, 3:
                send(&events)
                events.append(.answer(succeeds: operation & 7 == 2))
            case 4:
                send(&events)
                events.append(.advance(seconds: Int64(amount)))
            case 5:
                send(&events)
                events.append(.toggleWritability)
            case 6:
                send(&events)
                events.append(.endInput)
                return
            default:
                // The end of the piece over and over: long fields, many fields, many chunks, many requests.
                let part = piece.suffix(operation & 8 == 0 ? 8 : 40)
                for _ in 0..<(amount + 1) * 16 where total < Self.maximumStream {
                    piece.append(contentsOf: part)
                    total += part.count
                    if part.isEmpty { break }
                }
            }
        }
        send(&events)
    }
}
