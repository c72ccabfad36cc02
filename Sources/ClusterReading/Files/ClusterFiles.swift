package import KubernetesModel
package import LocatedDocuments

/// Reads what `kubectl get … -o json` or `-o yaml` prints, in any number of files: Lists of one kind or of many, single
/// objects, documents one after the other.
///
/// An object that several of them hold counts once, as its first one says: files of one cluster overlap easily.
///
/// A file that cannot be read as such, or an object that says no kind, is a diagnostic with its place; everything else
/// is still taken, and so are the items of a List in JSON before the place where it is cut off.
package struct ClusterFiles: Sendable {
    /// Lists in lists are legal; nobody nests them deeper.
    private static let maximumListDepth = 8

    private var objects: ObjectReader
    private let reader: DocumentReader
    private let limits: DocumentLimits
    /// What is wrong with the files, in their order.
    package private(set) var diagnostics: [Diagnostic] = []
    /// Objects taken, of kinds that own nothing too.
    package private(set) var objectCount = 0
    /// Objects that were there already, in another file or in the same one, and are taken once.
    package private(set) var repeatedCount = 0
    /// Lists that ended before their end.
    package private(set) var brokenLists: [BrokenList] = []
    private var seen = SeenObjects()

    /// A list that is cut off, or has an item that nobody can read: what comes before it is taken.
    package struct BrokenList: Sendable, Hashable {
        package var file: String
        package var position: SourcePosition
        /// Items before it.
        package var items: Int
    }

    package init(
        filters: RecordFilters, catalogue: WorkloadCatalogue, cluster: String = "", observedAt: ObjectTime = .none,
        limits: DocumentLimits = .clusterLists
    ) {
        objects = ObjectReader(
            ClusterStateReader(filters: filters, cluster: cluster, observedAt: observedAt), catalogue: catalogue)
        // What a server printed has no key twice; whoever edited it gets what kubectl would read.
        reader = DocumentReader(limits: limits, duplicateKeys: nil)
        self.limits = limits
    }

    /// Takes the objects of one file. A large List in JSON is read item by item, so that its text and one object are
    /// in memory, and not the tree of all.
    package mutating func read(_ file: SourceFile) {
        if var items = JSONListItems(file, limits: limits, allowsCutOff: true) {
            readItems(&items, file)
            return
        }
        let stream = reader.read(file)
        add(stream.diagnostics)
        for document in stream.documents { take(document.root, ListType(), file, depth: 0) }
    }

    private mutating func readItems(_ items: inout JSONListItems, _ file: SourceFile) {
        var list = ListType()
        if items.kind != "List" {
            list = ListType(apiVersion: items.apiVersion, kind: String(items.kind.dropLast("List".count)))
        }
        var count = 0
        while let item = items.next() {
            take(item, list, file, depth: 1)
            count += 1
        }
        guard let diagnostic = items.diagnostic else { return }
        add([diagnostic])
        if count > 0 {
            brokenLists.append(BrokenList(file: file.name, position: diagnostic.position, items: count))
        }
    }

    /// The state, without objects that own nothing; how many of each kind those are.
    package consuming func finish() -> (state: ClusterState, ignored: [GroupKind: Int]) {
        var state = objects.cluster.finish()
        Self.noteMissingKinds(&state)
        let ignored = OwnerSifting.sift(&state, catalogue: objects.catalogue)
        return (state, ignored)
    }

    /// Controllers of a kind of which the files have nothing were not looked for.
    private static func noteMissingKinds(_ state: inout ClusterState) {
        var known: Set<KindID> = [.none, RecordPool.WellKnown.podKind, RecordPool.WellKnown.nodeKind]
        for owner in state.owners { known.insert(owner.kind) }
        for pod in state.pods where known.insert(pod.controller.kind).inserted {
            state.kindGaps[state.pool[pod.controller.kind]] = .notGiven
        }
        for owner in state.owners where known.insert(owner.controller.kind).inserted {
            state.kindGaps[state.pool[owner.controller.kind]] = .notGiven
        }
    }

    // MARK: Objects

    /// What the items of a typed list are: the API server leaves it out of them (`kubectl get --raw`).
    private struct ListType {
        var apiVersion: String?
        var kind: String?
    }

    private mutating func take(_ node: LocatedNode, _ list: ListType, _ file: SourceFile, depth: Int) {
        guard diagnostics.count < limits.diagnostics else { return }
        guard node.mapping != nil else {
            return add(node, "expected a Kubernetes object, found \(node.foundDescription)", file)
        }
        guard let kind = node["kind"]?.string ?? list.kind, !kind.isEmpty,
            let apiVersion = node["apiVersion"]?.string ?? list.apiVersion
        else {
            return add(node, "expected a Kubernetes object with \"apiVersion\" and \"kind\"", file)
        }
        if kind.hasSuffix("List"), let items = node["items"], items.sequence != nil || items.isNull {
            guard depth < Self.maximumListDepth else { return add(node, "lists are nested too deeply", file) }
            var type = ListType()
            if kind != "List" { type = ListType(apiVersion: apiVersion, kind: String(kind.dropLast("List".count))) }
            for item in items.sequence ?? [] { take(item, type, file, depth: depth + 1) }
            return
        }
        do throws(GroupVersionError) {
            let gvk = try GroupVersionKind(apiVersion: apiVersion, kind: kind)
            guard seen.insert(node, kind: gvk.groupKind) else {
                repeatedCount += 1
                return
            }
            objectCount += 1
            objects.take(node, kind: gvk)
        } catch {
            add(node["apiVersion"] ?? node, "\(error)", file)
        }
    }

    private mutating func add(_ node: LocatedNode, _ message: String, _ file: SourceFile) {
        add([
            file.diagnostic(
                .error, message, remedy: "give what `kubectl get … -o json` or `-o yaml` prints", at: node.start)
        ])
    }

    private mutating func add(_ found: [Diagnostic]) {
        diagnostics += found.prefix(max(0, limits.diagnostics - diagnostics.count))
    }
}

extension DocumentLimits {
    /// For lists of a whole cluster. A Pod takes some 10 KB and 400 values in JSON: room for 200,000 of them in one file
    /// that is read item by item, or for 100,000 where the tree of all has to be held.
    package static let clusterLists = DocumentLimits(
        fileBytes: 2 << 30, documents: 1_000_000, nodes: 40_000_000, depth: 512, diagnostics: 200)
}
