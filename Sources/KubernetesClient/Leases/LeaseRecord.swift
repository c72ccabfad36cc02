import LocatedDocuments
import NIOCore

/// What a Lease says: `spec` of `coordination.k8s.io/v1`.
package struct LeaseRecord: Sendable, Hashable {
    /// Empty: nobody's.
    package var holder: String
    /// For how long a holder that is not heard of keeps it.
    package var durationSeconds: Int
    /// By the holder's clock, for people; nothing here is decided by it.
    package var acquired: RFC3339.Moment?
    /// By the holder's clock. That it changes shows that the holder lives.
    package var renewed: RFC3339.Moment?
    /// How often it has gone from one holder to another.
    package var transitions: Int

    package init(
        holder: String, durationSeconds: Int, acquired: RFC3339.Moment? = nil, renewed: RFC3339.Moment? = nil,
        transitions: Int = 0
    ) {
        self.holder = holder
        self.durationSeconds = durationSeconds
        self.acquired = acquired
        self.renewed = renewed
        self.transitions = transitions
    }
}

/// A Lease as the server has it.
package struct StoredLease: Sendable, Hashable {
    package var record: LeaseRecord
    /// `metadata` as JSON, the version to be replaced in it: what others have put there stays.
    package var metadata: [UInt8]

    package init(record: LeaseRecord, metadata: [UInt8]) {
        self.record = record
        self.metadata = metadata
    }

    /// The Lease of an answer; nil if it is none.
    init?(_ body: ByteBuffer) {
        guard let root = SmallJSON.tree(body), root["kind"]?.string == "Lease", let metadata = root["metadata"],
            let json = try? metadata.json()
        else { return nil }
        let spec = root["spec"]
        func number(_ field: String) -> Int { spec?[field]?.scalar.flatMap { Int($0.text) } ?? 0 }
        record = LeaseRecord(
            holder: spec?["holderIdentity"]?.string ?? "", durationSeconds: number("leaseDurationSeconds"),
            acquired: spec?["acquireTime"]?.string.flatMap(RFC3339.parse),
            renewed: spec?["renewTime"]?.string.flatMap(RFC3339.parse), transitions: number("leaseTransitions"))
        self.metadata = json
    }
}

extension LeaseRecord {
    /// The Lease that says so.
    ///
    /// - Parameter metadata: JSON.
    func body(metadata: [UInt8]) -> ByteBuffer {
        var text = Array(#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":"#.utf8) + metadata
        text += Array(#","spec":{"holderIdentity":"#.utf8)
        text.appendJSON(holder)
        text += Array(#","leaseDurationSeconds":\#(durationSeconds),"leaseTransitions":\#(transitions)"#.utf8)
        if let acquired { text += Array(#","acquireTime":"\#(RFC3339.formatMicroseconds(acquired))""#.utf8) }
        if let renewed { text += Array(#","renewTime":"\#(RFC3339.formatMicroseconds(renewed))""#.utf8) }
        text += Array("}}".utf8)
        return ByteBuffer(bytes: text)
    }

    static func metadata(name: String, namespace: String, owner: ObjectOwner?) -> [UInt8] {
        var text = Array(#"{"name":"#.utf8)
        text.appendJSON(name)
        text += Array(#","namespace":"#.utf8)
        text.appendJSON(namespace)
        if let owner { text += Array(",".utf8) + owner.member }
        return text + Array("}".utf8)
    }
}
