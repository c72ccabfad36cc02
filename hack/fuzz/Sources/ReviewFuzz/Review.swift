import Admission
import FuzzSupport
import LabelPolicy

/// One execution: any bytes, answered as an AdmissionReview by both halves of the gate. An answer is one the API server
/// takes, says nothing its half may not say, and leaves nothing for a second pass.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReview(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let body = UnsafeRawBufferPointer(start: start, count: count)
    let validated = answer(body, .validating)
    let mutated = answer(body, .mutating)
    require((validated == nil) == (mutated == nil), "both halves take the same bodies")
    guard let validated, let mutated else { return 0 }

    require(validated.patch == nil, "the validating half does not patch")
    require(validated.denial == nil || !validated.isAllowed, "a denial denies")
    require(mutated.isAllowed && mutated.denial == nil, "the mutating half does not deny")
    require(mutated.warnings.isEmpty, "the mutating half does not warn")
    if let patch = mutated.patch { checkPatch(patch, of: body) }
    return 0
}

/// The answer as it is read by someone who has not written it; nil for a body that is no review.
private func answer(_ body: UnsafeRawBufferPointer, _ half: AdmissionGate.Half) -> ReadAnswer? {
    let bytes: [UInt8]
    do throws(ReviewError) {
        bytes = try gate.answer(body, half, facts: FixedFacts(), at: now).body
    } catch {
        let message = error.message(in: body)
        require(!message.isEmpty && message.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "an error is one line")
        require(message.utf8.count < 4_096, "an error is short")
        return nil
    }
    guard let answer = try? bytes.withUnsafeBytes({ try ReadAnswer($0) }) else {
        fatalError("does not hold: an answer is JSON: \(String(decoding: bytes, as: UTF8.self))")
    }
    require(answer.uid.elementsEqual(requestedUID(body)), "the uid is echoed")
    // The uid is the only text that is echoed at length.
    require(bytes.count - 6 * answer.uid.count < 128 * 1024, "an answer is bounded")
    for warning in answer.warnings {
        require(!warning.isEmpty && warning.unicodeScalars.count <= 120, "a warning has 120 characters at most")
        require(warning.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, "a warning is one line")
    }
    require(answer.warnings.count <= 32, "warnings are few")
    return answer
}

/// What the last `uid` of the last `request` says.
private func requestedUID(_ body: UnsafeRawBufferPointer) -> [UInt8] {
    guard let request = lastMember("request", of: 0..<body.count, in: body),
        let uid = lastMember("uid", of: request, in: body)
    else { return [] }
    var cursor = JSONCursor(body, range: uid)
    guard let token = try? cursor.string() else { return [] }
    return Array(token.decode().utf8)
}

// MARK: Patches

/// The patch sets labels of the policy to legal values, and once applied there is nothing more to patch.
private func checkPatch(_ patch: [ReadOperation], of body: UnsafeRawBufferPointer) {
    require(!patch.isEmpty, "an empty patch is none")
    for operation in patch {
        for (key, value) in operation.labels {
            require(policyKeys.contains(key), "a patch sets labels of the policy only")
            require((try? LabelValue(value)) != nil && !value.isEmpty, "a patch sets legal values")
        }
    }
    let patched = apply(patch, to: body)
    patched.withUnsafeBytes { buffer in
        guard let second = answer(buffer, .mutating) else { fatalError("does not hold: a patched review is a review") }
        let text = String(decoding: buffer, as: UTF8.self)
        require(second.patch == nil, "a second pass patches nothing: \(text)")
        require(answer(buffer, .validating) != nil, "a patched review is a review")
    }
}

/// The review with the patch done to its text: labels are put behind those that are there, where they count, since of
/// members with one name the last does.
private func apply(_ patch: [ReadOperation], to body: UnsafeRawBufferPointer) -> [UInt8] {
    guard let request = lastMember("request", of: 0..<body.count, in: body),
        let object = lastMember("object", of: request, in: body),
        let metadata = lastMember("metadata", of: object, in: body)
    else { fatalError("does not hold: only an object with metadata is patched") }
    let labels = lastMember("labels", of: metadata, in: body)
    var members = JSONWriter()
    members.beginObject()
    for operation in patch {
        for (key, value) in operation.labels {
            members.key(key)
            members.string(value)
        }
        switch operation {
        case .addMap: require(isAbsentOrNull(labels, in: body), "labels as a whole are added where there are none")
        case .add(let key, _): require(!contains(key, labels, in: body), "add adds")
        case .replace(let key, _): require(contains(key, labels, in: body), "replace replaces")
        }
    }
    members.endObject()
    var inserted = members.bytes
    let place: Int
    if case .addMap? = patch.first {
        require(patch.count == 1, "labels as a whole are added at once")
        inserted = Array("\"labels\":".utf8) + inserted
        place = metadata.upperBound - 1
    } else {
        guard let labels else { fatalError("does not hold: single labels are added where there are some") }
        inserted = Array(inserted.dropFirst().dropLast())
        place = labels.upperBound - 1
    }
    let before = body[..<place].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    if before != UInt8(ascii: "{") { inserted.insert(UInt8(ascii: ","), at: 0) }
    return Array(body[..<place]) + inserted + Array(body[place...])
}

private func isAbsentOrNull(_ range: Range<Int>?, in body: UnsafeRawBufferPointer) -> Bool {
    guard let range else { return true }
    var cursor = JSONCursor(body, range: range)
    return (try? cursor.peek()) == .null
}

private func contains(_ key: String, _ labels: Range<Int>?, in body: UnsafeRawBufferPointer) -> Bool {
    labels.flatMap { lastMember(key, of: $0, in: body) } != nil
}

/// The value of the last member of that name of an object that stands in `range`.
private func lastMember(_ name: String, of range: Range<Int>, in body: UnsafeRawBufferPointer) -> Range<Int>? {
    var found: Range<Int>?
    var cursor = JSONCursor(body, range: range)
    do throws(JSONError) {
        try cursor.beginObject()
        while let member = try cursor.nextMember() {
            let isIt = member.decode().utf8.elementsEqual(name.utf8)
            let value = try cursor.skipValue()
            if isIt { found = value }
        }
    } catch {
        return nil
    }
    return found
}
