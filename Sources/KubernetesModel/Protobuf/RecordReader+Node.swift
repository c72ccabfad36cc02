extension RecordReader {
    /// k8s.io/api/core/v1 Node: metadata = 1, spec = 2, status = 3.
    package mutating func node(_ item: UnsafeRawBufferPointer, at place: Int = 0) -> NodeRecord? {
        object(of: "nodes", at: place) { reader throws(WireError) in
            let metadata = try reader.metadata(of: item, reader.filters.nodes)
            var node = NodeRecord(name: metadata.name, uid: metadata.uid)
            node.created = metadata.created
            node.deleted = metadata.deleted
            node.labels = metadata.labels
            node.annotations = metadata.annotations
            var message = WireReader(item)
            while try message.next() {
                switch message.tag {
                case .bytes(1): try reader.readPlace(message.message(), into: &node)
                case .bytes(2): try reader.readSpec(message.message(), into: &node)
                case .bytes(3): try reader.readStatus(message.message(), into: &node)
                default: try message.skip()
                }
            }
            return (node, metadata.identity)
        }
    }

    /// The labels that every provider sets, whatever the filter keeps.
    private mutating func readPlace(_ metadata: WireReader, into node: inout NodeRecord) throws(WireError) {
        var reader = metadata
        var found: [String: StringID] = [:]
        while try reader.next() {
            guard reader.tag == ObjectMetaTag.labels else {
                try reader.skip()
                continue
            }
            let entry = try MapEntry(reader.message())
            for key in NodeLabel.all where entry.key.elementsEqual(key.utf8) {
                found[key] = pool.strings.intern(utf8: entry.value)
            }
        }
        func first(_ keys: [String]) -> StringID { keys.lazy.compactMap { found[$0] }.first ?? .empty }
        node.instanceType = first(NodeLabel.instanceType)
        node.zone = first(NodeLabel.zone)
        node.region = first(NodeLabel.region)
    }

    /// NodeSpec: providerID = 3, unschedulable = 4.
    private mutating func readSpec(_ message: WireReader, into node: inout NodeRecord) throws(WireError) {
        var reader = message
        while try reader.next() {
            switch reader.tag {
            case .bytes(3): node.providerID = pool.strings.intern(utf8: try reader.text())
            case .varint(4): node.isUnschedulable = try reader.bool()
            default: try reader.skip()
            }
        }
    }

    /// NodeStatus: capacity = 1, allocatable = 2, conditions = 4.
    private mutating func readStatus(_ message: WireReader, into node: inout NodeRecord) throws(WireError) {
        node.capacity = try resourceList(message, in: .bytes(1))
        node.allocatable = try resourceList(message, in: .bytes(2))
        var reader = message
        while try reader.next() {
            if reader.tag == .bytes(4) {
                if let readiness = try readiness(reader.message()) { node.readiness = readiness }
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func resourceList(
        _ message: WireReader, in field: WireTag
    ) throws(WireError) -> ResourceListID {
        quantities.removeAll(keepingCapacity: true)
        var reader = message
        while try reader.next() {
            if reader.tag == field { quantity(try QuantityEntry(reader.message())) } else { try reader.skip() }
        }
        return resourceList()
    }

    /// NodeCondition: type = 1, status = 2. Nothing for another condition than `Ready`.
    private func readiness(_ message: WireReader) throws(WireError) -> NodeReadiness? {
        var reader = message
        var isReady = false
        var status = ""
        while try reader.next() {
            switch reader.tag {
            case .bytes(1): isReady = try reader.text().elementsEqual("Ready".utf8)
            case .bytes(2): status = String(wire: try reader.text())
            default: try reader.skip()
            }
        }
        return isReady ? NodeReadiness(status: status) : nil
    }
}
