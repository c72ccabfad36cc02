import KubernetesModel
import LabelPolicy

/// The labels of a Pod's controllers, nearest first, each distinct list under a number.
struct OwnerChains {
    /// Number of the empty list.
    static let none = 0
    /// As deep as workload roots are looked for.
    private static let maximumDepth = 16

    private let state: ClusterState
    private let index: ClusterIndex
    private var ofOwner: [Int?]
    private var ofLabels: [Chain: Int] = [Chain(labels: [], isCut: false): 0]
    /// Readings of `LabelProjection`, by number.
    private(set) var labels: [[Int]] = [[]]
    /// Whether more controllers stand above, of a kind that could not be read.
    private(set) var isCut: [Bool] = [false]

    private struct Chain: Hashable {
        let labels: [Int]
        let isCut: Bool
    }

    init(_ state: ClusterState, _ index: ClusterIndex) {
        self.state = state
        self.index = index
        ofOwner = [Int?](repeating: nil, count: state.owners.count)
    }

    /// The chain above an object. A reference that does not name the object it points to proves nothing and ends it.
    mutating func number(
        above controller: ControllerReference, in namespace: StringID, _ projection: inout LabelProjection
    ) -> Int {
        guard let owner = owner(controller, in: namespace) else { return intern([], isCut: isUnread(controller)) }
        if let known = ofOwner[owner] { return known }
        var chain: [Int] = []
        var passed: Set<Int> = []
        var next: Int? = owner
        var isCut = false
        while let current = next, chain.count < Self.maximumDepth, passed.insert(current).inserted {
            let record = state.owners[current]
            chain.append(projection.number(of: record.labels))
            next = self.owner(record.controller, in: record.namespace)
            if next == nil { isCut = isUnread(record.controller) }
        }
        let number = intern(chain, isCut: isCut)
        ofOwner[owner] = number
        return number
    }

    /// The list of one object's labels: of a template whose object is the root.
    mutating func number(of labels: LabelSetID, _ projection: inout LabelProjection) -> Int {
        intern([projection.number(of: labels)], isCut: false)
    }

    private func owner(_ reference: ControllerReference, in namespace: StringID) -> Int? {
        guard !reference.isNone, case .owner(let place)? = index.place(of: reference.uid) else { return nil }
        let found = state.owners[place]
        let isNear = found.namespace.isEmpty || found.namespace == namespace
        return isNear && found.kind == reference.kind && found.name == reference.name ? place : nil
    }

    private func isUnread(_ reference: ControllerReference) -> Bool {
        !state.kindGaps.isEmpty && !reference.isNone && state.kindGaps[state.pool[reference.kind]] == .refused
    }

    private mutating func intern(_ labels: [Int], isCut: Bool) -> Int {
        let chain = Chain(labels: labels, isCut: isCut)
        if let known = ofLabels[chain] { return known }
        self.labels.append(labels)
        self.isCut.append(isCut)
        ofLabels[chain] = self.labels.count - 1
        return self.labels.count - 1
    }
}
