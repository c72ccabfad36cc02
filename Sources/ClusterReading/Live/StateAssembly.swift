import KubernetesClient
import KubernetesModel
import LocatedDocuments
import NIOCore

/// Why a page of a list is of no use.
struct PageProblem: Error, CustomStringConvertible {
    let description: String
}

/// One state of many lists that come at the same time.
actor StateAssembly {
    /// Custom resources come in JSON, in pages of 500; the largest objects the API server stores have 1.5 MB.
    static let limits = DocumentLimits(
        fileBytes: 1 << 30, documents: 1, nodes: 20_000_000, depth: 512, diagnostics: 1)

    private var objects: ObjectReader

    init(_ cluster: ClusterStateReader, catalogue: WorkloadCatalogue) {
        objects = ObjectReader(cluster, catalogue: catalogue)
    }

    func note(_ note: ReadingNote) { objects.cluster.note(note) }

    /// Its objects are unknown, those that came included: an owner may be among the rest.
    func refuse(_ kind: GroupKind) { objects.cluster.state.kindGaps[kind] = .refused }

    func discard(_ kind: GroupVersionKind) { objects.cluster.discard(kind) }

    /// - Returns: how many objects the page has.
    func take(_ page: ListAnswer, of resource: APIResource) throws(PageProblem) -> Int {
        let before = count
        switch page.type {
        case .protobuf: try takeProtobuf(page.body, resource.groupVersionKind)
        case .json: try takeJSON(page.body, resource.groupVersionKind)
        case .other(let type): throw PageProblem(description: "it is neither protobuf nor JSON but \(type)")
        }
        return count - before
    }

    private var count: Int {
        let state = objects.cluster.state
        return state.pods.count + state.nodes.count + state.namespaces.count + state.owners.count
            + state.claims.count + state.volumes.count + state.services.count + state.tagCarriers.count
    }

    private func takeProtobuf(_ body: ByteBuffer, _ kind: GroupVersionKind) throws(PageProblem) {
        let problem: WireError? = body.withUnsafeReadableBytes { bytes in
            do throws(WireError) {
                try objects.cluster.read(list: bytes, of: kind)
                return nil
            } catch {
                return error
            }
        }
        if let problem { throw PageProblem(description: problem.description) }
    }

    /// Items of a typed list do not say their kind, and those of a list of metadata say another.
    private func takeJSON(_ body: ByteBuffer, _ kind: GroupVersionKind) throws(PageProblem) {
        let file = SourceFile(name: "\(kind.kind) list", bytes: Array(body.readableBytesView))
        guard var items = JSONListItems(file, limits: Self.limits) else {
            throw PageProblem(description: "it is no list in JSON")
        }
        while let item = items.next() { objects.take(item, kind: kind) }
        if let diagnostic = items.diagnostic { throw PageProblem(description: diagnostic.message) }
    }

    /// Takes one object in JSON.
    func take(_ object: ByteBuffer, kind: GroupVersionKind) throws(PageProblem) {
        let file = SourceFile(name: kind.kind, bytes: Array(object.readableBytesView))
        let stream = DocumentReader(limits: Self.limits, duplicateKeys: nil).read(file)
        guard let root = stream.documents.first?.root, stream.diagnostics.isEmpty else {
            throw PageProblem(description: "it is no object in JSON")
        }
        objects.take(root, kind: kind)
    }

    /// Kinds of controllers.
    func controllerKinds() -> Set<GroupKind> {
        objects.cluster.state.controllerKinds(in: objects.cluster.records.pool)
    }

    func finish(_ catalogue: WorkloadCatalogue) -> ClusterState {
        var state = objects.cluster.finish()
        // Old ReplicaSets and the like: a list holds all of a kind, and few of them own something.
        _ = OwnerSifting.sift(&state, catalogue: catalogue)
        return state
    }
}

extension ClusterState {
    /// Kinds of which an object here says that one controls it.
    ///
    /// - Parameter pool: that of the records, while the state does not have it yet.
    func controllerKinds(in pool: RecordPool) -> Set<GroupKind> {
        var ids: Set<KindID> = []
        for pod in pods where !pod.controller.isNone { ids.insert(pod.controller.kind) }
        for owner in owners where !owner.controller.isNone { ids.insert(owner.controller.kind) }
        for claim in claims where !claim.controller.isNone { ids.insert(claim.controller.kind) }
        for service in services where !service.controller.isNone { ids.insert(service.controller.kind) }
        return Set(ids.map { pool[$0] })
    }
}
