import FuzzSupport
import LabelPolicy
import LocatedDocuments
import PolicyDocuments

/// One execution: any bytes, read as the files of a policy. What is said of them has a place in them; a policy that
/// loads is sound, reads back from what it is rendered as, and completes Pods once and for all.
///
/// The byte 0x1E (record separator), which no YAML or JSON may contain, ends one file and begins the next.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPolicy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    let files = input.split(separator: 0x1E, maxSplits: 3, omittingEmptySubsequences: false).enumerated()
        .map { SourceFile(name: "\($0).yaml", bytes: Array($1)) }
    guard let today = CivilDate("2026-11-20") else { return 0 }
    let result = PolicyReader.read(files, today: today)
    for diagnostic in result.diagnostics { check(diagnostic, in: files) }
    require((result.loaded == nil) == !result.errors.isEmpty, "a policy loads unless there are errors")
    guard let loaded = result.loaded else { return 0 }
    require(loaded.policy.problems().isEmpty, "what loads has no problem")
    checkRendering(loaded, today: today)
    checkCompletion(loaded)
    return 0
}

/// The position is one of the file, in all three of its forms, and the message can be shown.
private func check(_ diagnostic: Diagnostic, in files: [SourceFile]) {
    guard let file = files.first(where: { $0.name == diagnostic.file }) else {
        fatalError("does not hold: a diagnostic names one of the files, not \(diagnostic.file)")
    }
    let position = diagnostic.position
    require((0...file.bytes.count).contains(position.offset), "an offset is inside the file: \(diagnostic.line)")
    let same = file.position(atOffset: position.offset)
    require(same == position, "line and column are those of the offset: \(diagnostic.line), not \(same)")
    require(position.line >= 1 && position.column >= 1, "lines and columns count from 1: \(diagnostic.line)")
    if let length = diagnostic.length {
        require(length >= 1 && length <= file.bytes.count + 1, "an underlined length is one of the file")
    }
    require(!diagnostic.message.isEmpty, "a diagnostic says something")
    require(diagnostic.line.unicodeScalars.allSatisfy(isPrintable), "a line is one line: \(diagnostic.line)")
    require(
        diagnostic.rendered.split(separator: "\n").allSatisfy { $0.unicodeScalars.allSatisfy(isShown) },
        "an excerpt is printable")
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && !(0x2028...0x202E).contains(scalar.value)
}

private func isShown(_ scalar: Unicode.Scalar) -> Bool { scalar == "\t" || isPrintable(scalar) }

/// Rendered in both ways and read again, the policy is the same.
private func checkRendering(_ loaded: LoadedPolicy, today: CivilDate) {
    let rendering = PolicyRendering(loaded)
    for text in [rendering.yaml(comments: ["fuzz"]), rendering.jsonLines] {
        let again = PolicyReader.read([SourceFile(name: "again.yaml", text: text)], today: today)
        guard let reloaded = again.loaded else {
            fatalError("does not hold: a rendering loads: \(again.errors.map(\.line)) in\n\(text)")
        }
        require(reloaded.policy == loaded.policy, "a rendering reads back as the same policy:\n\(text)")
        require(reloaded.addedKinds == loaded.addedKinds, "a rendering reads back with the same kinds:\n\(text)")
        require(reloaded.hash == loaded.hash, "a rendering has the same hash:\n\(text)")
        require(PolicyRendering(reloaded).json == rendering.json, "a rendering is canonical:\n\(text)")
    }
}
