import LocatedDocuments

/// Names and bytes of policy files, by their hash. Whoever can write the files can change the policy, so nothing is to
/// be gained by two that share one.
package struct PolicyFingerprint: Hashable, Sendable {
    private var hash = StableHash.offsetBasis

    init() {}

    mutating func add(_ file: SourceFile) {
        hash = StableHash.value(of: file.name.utf8, after: hash)
        // Neither is in a name, so that no two lists of files come to the same bytes.
        hash = StableHash.value(of: [0] + "\(file.bytes.count)".utf8 + [0], after: hash)
        hash = StableHash.value(of: file.bytes, after: hash)
    }
}
