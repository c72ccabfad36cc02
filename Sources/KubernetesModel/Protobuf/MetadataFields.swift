/// An entry of `map<string, string>`, which is a message with `key = 1` and `value = 2`.
struct MapEntry {
    private(set) var key: UnsafeRawBufferPointer
    private(set) var value: UnsafeRawBufferPointer

    @inline(__always)
    init(_ message: WireReader) throws(WireError) {
        // Absent means empty.
        key = UnsafeRawBufferPointer(start: nil, count: 0)
        value = key
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): key = try reader.text()
            case .bytes(2): value = try reader.text()
            default: try reader.skip()
            }
        }
    }
}

/// An entry of `map<string, Quantity>`, and the Quantity's only field `string = 1`.
struct QuantityEntry {
    private(set) var name = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var quantity = UnsafeRawBufferPointer(start: nil, count: 0)

    @inline(__always)
    init(_ message: WireReader) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): name = try reader.text()
            case .bytes(2):
                var value = try reader.message()
                while try value.next() {
                    if value.tag == .bytes(1) { quantity = try value.text() } else { try value.skip() }
                }
            default: try reader.skip()
            }
        }
    }
}

/// k8s.io/apimachinery/pkg/apis/meta/v1 OwnerReference: kind = 1, name = 3, uid = 4, apiVersion = 5, controller = 6.
struct OwnerFields {
    private(set) var apiVersion = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var kind = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var name = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var uid = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var isController = false

    @inline(__always)
    init(_ message: WireReader) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): kind = try reader.text()
            case .bytes(3): name = try reader.text()
            case .bytes(4): uid = try reader.text()
            case .bytes(5): apiVersion = try reader.text()
            case .varint(6): isController = try reader.bool()
            default: try reader.skip()
            }
        }
    }
}

extension ObjectTime {
    /// k8s.io/apimachinery/pkg/apis/meta/v1 Time: seconds = 1. No time is an empty message.
    @inline(__always)
    init(_ message: WireReader) throws(WireError) {
        var time = ObjectTime.none
        var reader = message
        while try reader.next() {
            if reader.tag == .varint(1) { time = ObjectTime(seconds: try reader.int64()) } else { try reader.skip() }
        }
        self = time
    }
}

/// The fields of k8s.io/apimachinery/pkg/apis/meta/v1 ObjectMeta that are read.
enum ObjectMetaTag {
    static var name: WireTag { .bytes(1) }
    static var namespace: WireTag { .bytes(3) }
    static var uid: WireTag { .bytes(5) }
    static var resourceVersion: WireTag { .bytes(6) }
    static var creationTimestamp: WireTag { .bytes(8) }
    static var deletionTimestamp: WireTag { .bytes(9) }
    static var labels: WireTag { .bytes(11) }
    static var annotations: WireTag { .bytes(12) }
    static var ownerReferences: WireTag { .bytes(13) }
}

extension String {
    /// Bytes that are no UTF-8 are read as U+FFFD.
    init(wire text: UnsafeRawBufferPointer) { self = String(decoding: text, as: UTF8.self) }
}
