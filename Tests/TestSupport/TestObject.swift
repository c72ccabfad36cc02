import Foundation
package import KubernetesClient
package import NIOCore

/// A small object of a cluster, whose value is pooled.
package struct TestObject: CachedObject, Hashable {
    package var key: String
    package var valueID: Int

    /// Values by number.
    package struct Pool: Sendable {
        package private(set) var values: [String] = []
        private var numbers: [String: Int] = [:]

        package mutating func number(of value: String) -> Int {
            if let number = numbers[value] { return number }
            numbers[value] = values.count
            values.append(value)
            return values.count - 1
        }
    }

    package init(_ key: String, _ value: String, in pool: inout Pool) {
        self.key = key
        valueID = pool.number(of: value)
    }

    package static func makeShared() -> Pool { Pool() }
    package static func footprint(of shared: Pool) -> Int { shared.values.count * 1024 }

    package func moved(from old: Pool, to new: inout Pool) -> TestObject {
        TestObject(key, old.values[valueID], in: &new)
    }

    package func value(in pool: Pool) -> String { pool.values[valueID] }
}

extension StoreContents<TestObject> {
    /// Values by key.
    package var values: [String: String] {
        var values: [String: String] = [:]
        forEach { values[$0.key] = $0.value(in: shared) }
        return values
    }
}

/// How `SimulatedResource` writes what `TestObjectDecoder` reads: JSON in frames of either kind.
package enum TestWire {
    package struct Item: Codable, Sendable {
        package var name: String
        package var resourceVersion: String
        /// Absent: it cannot be read.
        package var value: String?

        package init(name: String, resourceVersion: String, value: String?) {
            self.name = name
            self.resourceVersion = resourceVersion
            self.value = value
        }
    }

    package struct Page: Codable, Sendable {
        package var resourceVersion: String?
        package var next: String?
        package var items: [Item]

        package init(resourceVersion: String?, next: String? = nil, items: [Item]) {
            self.resourceVersion = resourceVersion
            self.next = next
            self.items = items
        }
    }

    package struct Event: Codable, Sendable {
        package var type: String
        package var item: Item?
        /// Of a bookmark.
        package var resourceVersion: String?
        package var endsInitialEvents: Bool?
        /// Of an ERROR.
        package var code: Int?

        package init(_ type: String, _ item: Item) {
            self.type = type
            self.item = item
        }

        package init(bookmark resourceVersion: String, endsInitialEvents: Bool = false) {
            type = "BOOKMARK"
            self.resourceVersion = resourceVersion
            self.endsInitialEvents = endsInitialEvents
        }

        package init(error code: Int) {
            type = "ERROR"
            self.code = code
        }
    }

    package static func bytes(_ page: Page) -> ByteBuffer { ByteBuffer(bytes: encoded(page)) }

    package static func frame(_ event: Event, _ encoding: WireEncoding) -> ByteBuffer {
        let bytes = encoded(event)
        var buffer = ByteBuffer()
        switch encoding {
        case .protobuf: buffer.writeInteger(UInt32(bytes.count))
        case .json: break
        }
        buffer.writeBytes(bytes)
        if encoding == .json { buffer.writeString("\n") }
        return buffer
    }

    private static func encoded(_ value: some Encodable) -> [UInt8] {
        (try? JSONEncoder().encode(value)).map(Array.init) ?? []
    }
}

package struct TestObjectDecoder: ObjectDecoder {
    package init() {}

    package func readPage(
        _ body: ByteBuffer, as encoding: WireEncoding, into shared: inout TestObject.Pool
    ) throws(WatchFailure) -> DecodedPage<TestObject> {
        let page: TestWire.Page = try Self.decode(body)
        var decoded = DecodedPage<TestObject>(
            page: ListPage(resourceVersion: page.resourceVersion, continueToken: page.next))
        for (index, item) in page.items.enumerated() {
            if let value = item.value {
                decoded.objects.append(TestObject(item.name, value, in: &shared))
            } else {
                decoded.skip(DecodingProblem(place: "item \(index) (\(item.name))", problem: "no value"))
            }
        }
        return decoded
    }

    package func readEvent(
        _ frame: ByteBuffer, as encoding: WireEncoding, into shared: inout TestObject.Pool
    ) throws(WatchFailure) -> WatchEvent<TestObject> {
        let event: TestWire.Event = try Self.decode(frame)
        if let code = event.code { return .failed(WatchFailure(.init(status: code), "ERROR \(code)")) }
        guard let item = event.item else {
            return .bookmark(
                resourceVersion: event.resourceVersion ?? "", endsInitialEvents: event.endsInitialEvents ?? false)
        }
        guard let value = item.value else {
            return .unreadable(
                DecodingProblem(place: "\(event.type) \(item.name)", problem: "no value"),
                resourceVersion: item.resourceVersion)
        }
        let object = TestObject(item.name, value, in: &shared)
        return event.type == "DELETED"
            ? .deleted(object, resourceVersion: item.resourceVersion)
            : .stored(object, resourceVersion: item.resourceVersion)
    }

    private static func decode<Value: Decodable>(_ bytes: ByteBuffer) throws(WatchFailure) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes.readableBytesView))
        } catch {
            throw WatchFailure(.malformed, "\(error)")
        }
    }
}
