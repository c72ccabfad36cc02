import LabelPolicy
import LocatedDocuments
import PolicyDocuments

/// One execution: any bytes, read as documents and as a policy. A property that does not hold ends the process, which
/// libFuzzer reports with the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPolicy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let file = SourceFile(name: "fuzz", bytes: Array(UnsafeBufferPointer(start: start, count: count)))
    checkDocuments(file)
    checkPolicy(file)
    return 0
}

private func require(_ holds: Bool, _ property: StaticString) {
    guard holds else { fatalError("does not hold: \(property)") }
}

/// Small enough that the fuzzer reaches each of them.
private let limits = DocumentLimits(fileBytes: 64 << 10, documents: 20, nodes: 5_000, depth: 64, diagnostics: 20)

private func checkDocuments(_ file: SourceFile) {
    let stream = DocumentReader(limits: limits, duplicateKeys: .warning).read(file)
    stream.diagnostics.forEach { check($0, in: file) }
    for document in stream.documents {
        check(document.root, in: file)
        guard let rendered = try? document.root.json() else { continue }
        // One level deeper and some nodes more than the limits is what an alias may add.
        let again = DocumentReader(limits: .manifests, duplicateKeys: .error)
            .read(SourceFile(name: "again.json", bytes: rendered))
        require(again.diagnostics.isEmpty, "what is rendered is JSON")
        require((try? again.documents.first?.root.json()) == rendered, "and means the same")
    }
}

private func check(_ node: LocatedNode, in file: SourceFile) {
    require(node.start <= node.end && node.end.offset <= file.bytes.count, "places are in the file and in order")
    switch node.value {
    case .scalar: break
    case .sequence(let items): items.forEach { check($0, in: file) }
    case .mapping(let entries):
        require(Set(entries.map(\.name)).count == entries.count, "keys are unique")
        for entry in entries {
            check(entry.key, in: file)
            check(entry.value, in: file)
        }
    }
}

private func check(_ diagnostic: Diagnostic, in file: SourceFile) {
    require(diagnostic.position.offset <= file.bytes.count, "an error is in the file")
    let isOneLine = diagnostic.line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    require(isOneLine, "a message is one printable line")
    require(!diagnostic.rendered.isEmpty, "a message can be shown")
}

/// 2026-01-01.
private let today = CivilDate(daysSinceEpoch: 20_454)

private func checkPolicy(_ file: SourceFile) {
    let result = PolicyReader.read([file], today: today)
    result.diagnostics.forEach { check($0, in: file) }
    require((result.loaded == nil) == !result.errors.isEmpty, "what has no errors loads")
    guard let loaded = result.loaded else { return }
    require(loaded.policy.problems().isEmpty, "what loads is sound")
    let rendering = PolicyRendering(loaded)
    for text in [rendering.yaml(comments: ["from: \(file.name)"]), rendering.jsonLines] {
        let again = PolicyReader.read([SourceFile(name: "again", text: text)], today: today)
        require(again.errors.isEmpty, "what is rendered is a policy")
        require(again.loaded?.policy == loaded.policy, "and the same one")
        require(again.loaded?.addedKinds == loaded.addedKinds, "with the same kinds")
        require(again.loaded?.hash == loaded.hash, "and the same hash")
    }
}
