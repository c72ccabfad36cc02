package import KubernetesClient
package import KubernetesModel
import LocatedDocuments
package import NIOCore

/// Reads a cluster through its API server: Pods, nodes, namespaces, claims, volumes and Services whole and in protobuf,
/// workload kinds whole for their Pod templates, and every other kind that appears among the controllers by its metadata.
///
/// What may not be read, or is not there, becomes a note, and everything else still comes.
package struct LiveClusterReader: Sendable {
    /// What a caller learns while it goes on.
    package enum Progress: Sendable, Hashable {
        case listing(resource: String)
        case page(resource: String, objects: Int)
    }

    /// Kinds whose objects are read by metadata although their templates could be: Deployments keep ten old ReplicaSets
    /// each, and those have no Pods and a controller that tells the template.
    static let byMetadata: Set<GroupKind> = [GroupKind(group: "apps", kind: "ReplicaSet")]
    /// Rounds of looking for owners of owners; as deep as workload roots are followed.
    private static let maximumRounds = 16
    /// Lists at a time. The client bounds its requests too; this bounds the pages in memory.
    static let concurrentLists = 6

    /// In which a cluster that is there says what it serves, whatever the deadline: whoever mistook the address or has no
    /// network is told within it. Discovery takes a second on a busy API server.
    private static let contactTimeout = TimeAmount.seconds(20)

    private let api: KubernetesAPI
    private let catalogue: WorkloadCatalogue
    private let progress: @Sendable (Progress) -> Void

    package init(
        _ api: KubernetesAPI, catalogue: WorkloadCatalogue,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.api = api
        self.catalogue = catalogue
        self.progress = progress
    }

    /// The cluster's state.
    ///
    /// - Throws: `APIError` if nothing can be asked at all: the cluster is out of reach, or the credentials are refused.
    package func read(
        filters: RecordFilters, cluster: String, observedAt: ObjectTime, deadline: NIODeadline
    ) async throws(APIError) -> ClusterState {
        let discovery = try await api.discover(deadline: min(deadline, .now() + Self.contactTimeout))
        let assembly = StateAssembly(
            ClusterStateReader(filters: filters, cluster: cluster, observedAt: observedAt), catalogue: catalogue)
        for note in discovery.notes {
            await assembly.note(ReadingNote(resource: "discovery", gap: .failed(note)))
        }
        var plan = Self.core.map { ListPlan(resource: $0, encoding: .protobuf) }
        var planned: Set<GroupKind> = [GroupKind(group: "", kind: "Pod"), GroupKind(group: "", kind: "Node")]
        for kind in catalogue.kinds where planned.insert(kind.groupKind).inserted {
            guard let found = discovery.resource(of: kind.groupKind), found.verbs.contains("list") else { continue }
            let isPartial = Self.byMetadata.contains(kind.groupKind)
            plan.append(ListPlan(resource: found.resource, encoding: isPartial ? .metadata : .protobuf))
        }
        for kind in CarrierKind.table.keys.sorted() where planned.insert(kind).inserted {
            guard let found = discovery.resource(of: kind), found.verbs.contains("list") else { continue }
            plan.append(ListPlan(resource: found.resource, encoding: .json))
        }
        await take(plan, into: assembly, deadline: deadline)
        await readDefinitions(discovery, into: assembly, deadline: deadline)
        for _ in 0..<Self.maximumRounds {
            let kinds = await assembly.controllerKinds().filter { planned.insert($0).inserted }.sorted()
            if kinds.isEmpty { break }
            var plan: [ListPlan] = []
            for kind in kinds {
                if let found = discovery.resource(of: kind), found.verbs.contains("list") {
                    plan.append(ListPlan(resource: found.resource, encoding: .metadata))
                } else {
                    await assembly.note(ReadingNote(resource: kind.description, gap: .absent))
                }
            }
            await take(plan, into: assembly, deadline: deadline)
        }
        return await assembly.finish(catalogue)
    }

    // MARK: Definitions

    /// Reads how the API server treats the custom resources of the catalogue: one definition for each that is there.
    private func readDefinitions(_ discovery: Discovery, into assembly: StateAssembly, deadline: NIODeadline) async {
        for kind in catalogue.kinds where !DefinitionBook.builtinGroups.contains(kind.group) {
            guard let found = discovery.resource(of: kind.groupKind)?.resource else { continue }
            let definition = ObjectReference(.customResourceDefinitions, name: "\(found.plural).\(found.group)")
            do throws(APIError) {
                let answer = try await api.get(definition, deadline: deadline)
                do throws(PageProblem) {
                    try await assembly.take(answer.body, kind: APIResource.customResourceDefinitions.groupVersionKind)
                } catch {
                    throw APIError.malformed(
                        APICall(.get, definition.resource, name: definition.name), problem: error.description)
                }
            } catch {
                // An extension server serves it without a definition.
                if error.isNotFound { continue }
                await assembly.note(ReadingNote(resource: definition.resource.description, gap: Self.gap(error)))
                // What goes wrong with one goes wrong with all.
                return
            }
        }
    }

    // MARK: Lists

    private struct ListPlan: Sendable {
        var resource: APIResource
        var encoding: ResourceEncoding
    }

    private static let core = [
        APIResource.services, .namespaces, .nodes, .persistentVolumes, .persistentVolumeClaims, .pods,
    ]

    private func take(_ plan: [ListPlan], into assembly: StateAssembly, deadline: NIODeadline) async {
        await withTaskGroup(of: Void.self) { tasks in
            var rest = plan[...]
            for _ in 0..<Self.concurrentLists {
                guard let next = rest.popFirst() else { break }
                tasks.addTask { await list(next, into: assembly, deadline: deadline) }
            }
            while await tasks.next() != nil {
                guard let next = rest.popFirst() else { continue }
                tasks.addTask { await list(next, into: assembly, deadline: deadline) }
            }
        }
    }

    private func list(_ plan: ListPlan, into assembly: StateAssembly, deadline: NIODeadline) async {
        let resource = plan.resource
        progress(.listing(resource: resource.description))
        var objects = 0
        do throws(APIError) {
            let end = try await api.list(ResourceQuery(resource, encoding: plan.encoding), deadline: deadline) {
                event throws(APIError) in
                switch event {
                case .page(let page):
                    do throws(PageProblem) {
                        objects += try await assembly.take(page, of: resource)
                        progress(.page(resource: resource.description, objects: objects))
                    } catch {
                        throw APIError.malformed(APICall(.list, resource), problem: error.description)
                    }
                case .restarted:
                    objects = 0
                    await assembly.discard(resource.groupVersionKind)
                }
            }
            if !end.isConsistent {
                await assembly.note(
                    ReadingNote(
                        resource: resource.description,
                        gap: .failed(
                            "it took longer than the server keeps versions; its end is newer than its start")))
            }
        } catch {
            let gap = Self.gap(error)
            await assembly.note(ReadingNote(resource: resource.description, gap: gap))
            if gap != .absent { await assembly.refuse(resource.groupVersionKind.groupKind) }
        }
    }

    private static func gap(_ error: APIError) -> ReadingNote.Gap {
        if error.isNotFound { return .absent }
        if error.isForbidden, case .status(let status) = error {
            return .forbidden("allow it by \(status.call.permission)")
        }
        return .failed(error.description)
    }
}

extension APIResource {
    static let customResourceDefinitions = APIResource(
        group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition", isNamespaced: false)
    static let services = APIResource(
        group: "", version: "v1", plural: "services", kind: "Service", isNamespaced: true)
    static let persistentVolumeClaims = APIResource(
        group: "", version: "v1", plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim", isNamespaced: true)
    static let persistentVolumes = APIResource(
        group: "", version: "v1", plural: "persistentvolumes", kind: "PersistentVolume", isNamespaced: false)
}
