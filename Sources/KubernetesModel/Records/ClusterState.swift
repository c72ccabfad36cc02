/// A cluster at one moment, as far as cost is concerned: what an audit is a function of.
///
/// How it comes to be:
///
/// 1. A reader (protobuf from the API server, JSON from a file, a snapshot) takes objects one by one and turns each
///    into a record: a small value whose strings, labels and amounts are numbers into `pool`. It keeps the labels and
///    annotations that a `RecordFilters` names, works out effective requests as it goes, and drops everything else.
/// 2. Records of one kind go into their array here, in any order. What could not be read goes into `notes`, and what
///    one object lacks into a note's `ObjectProblem`; nothing is dropped in silence.
/// 3. `ClusterIndex` is built of the finished state once: it finds nodes, namespaces and owners, and follows every
///    controller to the workload root.
/// 4. Attribution and audit read state and index, compare numbers, and ask the pool for text only for what they print.
///
/// Numbers mean nothing in another pool: to join two states, read both into one.
package struct ClusterState: Sendable {
    package var pool: RecordPool
    /// How the cluster is called in reports; empty if nobody said.
    package var cluster: String
    package var observedAt: ObjectTime
    package var namespaces: [NamespaceRecord] = []
    package var nodes: [NodeRecord] = []
    package var pods: [PodRecord] = []
    package var owners: [OwnerRecord] = []
    package var claims: [ClaimRecord] = []
    package var volumes: [VolumeRecord] = []
    package var services: [ServiceRecord] = []
    package var tagCarriers: [TagCarrierRecord] = []
    /// Kinds of the catalogue whose Pod templates lose their labels, as far as their definitions were read.
    package var prunedKinds: [PrunedKind] = []
    /// Kinds of which nothing is here though the cluster may have some: a controller of such a kind that is missing is
    /// not gone.
    package var kindGaps: [GroupKind: KindGap] = [:]
    /// What could not be read; empty if everything was.
    package var notes: [ReadingNote] = []

    package init(cluster: String = "", observedAt: ObjectTime = .none, pool: RecordPool = RecordPool()) {
        self.cluster = cluster
        self.observedAt = observedAt
        self.pool = pool
    }

    /// Gives back the room that growing has set aside. For when the state is complete.
    package mutating func compact() {
        pool.compact()
        namespaces.compact()
        nodes.compact()
        pods.compact()
        owners.compact()
        claims.compact()
        volumes.compact()
        services.compact()
        tagCarriers.compact()
    }

    package func text(_ id: StringID) -> String { pool.strings[id] }
}

/// Why nothing is known of a kind.
package enum KindGap: UInt8, Sendable, Hashable, CaseIterable {
    /// The cluster did not let itself be asked for it: its objects are there, with labels that nobody saw.
    case refused = 1
    /// The files that make up the state have none of it.
    case notGiven
}
