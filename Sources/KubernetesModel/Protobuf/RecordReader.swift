/// Turns objects in Kubernetes' protobuf into records, one at a time.
///
/// A reader holds the pool that its records' numbers mean something in, room that is used again for every object, and
/// the problems it met. Field numbers stand with every message and come from the public API's generated.proto (k8s.io/api
/// and k8s.io/apimachinery); they never change their meaning there. Messages are read in any order of fields; of a field
/// that stands twice the last counts.
///
/// A method returns nothing for an object whose bytes are malformed, and the next one is read as if it had not been
/// there. What `filters` does not name never reaches the pool.
package struct RecordReader: Sendable {
    package var pool: RecordPool
    package let filters: RecordFilters
    package private(set) var problems = ProblemLog()

    // Room for the object being read.
    var pairs: [LabelPair] = []
    var annotationPairs: [LabelPair] = []
    var names: [StringID] = []
    var claimNames: [StringID] = []
    var scratch: [ResourceAmount] = []
    var quantities: [NamedQuantity] = []
    var sum = PodRequestSum()
    var templates: [ClaimTemplate] = []
    /// What the object lacks; its name is not known before all of it is read.
    var causes: [ObjectProblem.Cause] = []

    struct NamedQuantity {
        let name: StringID
        var nanos: Int128
    }

    /// An entry of a Pod's `spec.resourceClaims`, whose claim is named here or in the status.
    struct ClaimTemplate {
        let entry: StringID
        var claim: StringID
    }

    package init(filters: RecordFilters, pool: RecordPool = RecordPool()) {
        self.filters = filters
        self.pool = pool
    }

    /// Reads one object and sees to its problems.
    ///
    /// - Parameter place: of the item in its list, to name it by if it has no name.
    mutating func object<Record>(
        of resource: String, at place: Int, _ read: (inout RecordReader) throws(WireError) -> (Record, Identity)
    ) -> Record? {
        causes.removeAll(keepingCapacity: true)
        do throws(WireError) {
            let (record, identity) = try read(&self)
            if !causes.isEmpty { report(resource, identity.text(in: pool, orPlace: place)) }
            return record
        } catch {
            problems.add(
                ObjectProblem(resource: resource, object: "item \(place)", cause: .unreadable(error.description)))
            return nil
        }
    }

    private mutating func report(_ resource: String, _ object: String) {
        for cause in causes { problems.add(ObjectProblem(resource: resource, object: object, cause: cause)) }
    }

    /// Notes what a caller could not read at all.
    package mutating func add(_ problem: ObjectProblem) { problems.add(problem) }

    struct Identity {
        let namespace: StringID
        let name: StringID

        func text(in pool: RecordPool, orPlace place: Int) -> String {
            if name.isEmpty { return "item \(place)" }
            let name = pool.strings[name]
            return namespace.isEmpty ? name : "\(pool.strings[namespace])/\(name)"
        }
    }
}

/// Problems with single objects: all counted, the first of each resource kept.
package struct ProblemLog: Sendable {
    /// By resource, in the order they came.
    private var counts: [(resource: String, count: Int, first: [ObjectProblem])] = []

    package init() {}

    package var count: Int { counts.reduce(0) { $0 + $1.count } }

    package mutating func add(_ problem: ObjectProblem) {
        let index =
            counts.firstIndex { $0.resource == problem.resource }
            ?? {
                counts.append((problem.resource, 0, []))
                return counts.count - 1
            }()
        counts[index].count += 1
        if counts[index].first.count < ReadingNote.maximumProblems { counts[index].first.append(problem) }
    }

    /// One note for each resource with problems.
    package var notes: [ReadingNote] {
        counts.map { ReadingNote(resource: $0.resource, gap: .problems(count: $0.count, first: $0.first)) }
    }
}
