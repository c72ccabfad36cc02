// Throughput of the JSON cursor and of the protobuf reader on one core: `swift run -c release microbench`, or one of
// them with the argument `json`, `records` or `snapshots`.
//
// Each figure is the best of several rounds by the thread's processor time, so that a busy machine disturbs little.

import Admission
import Glibc

/// Passes a whole document without a look inside.
func skipAll(_ document: UnsafeRawBufferPointer) throws(JSONError) {
    var cursor = JSONCursor(document)
    try cursor.skipValue()
    try cursor.endDocument()
}

/// Visits every value by the typed methods.
func walk(_ cursor: inout JSONCursor) throws(JSONError) {
    switch try cursor.peek() {
    case .object:
        try cursor.beginObject()
        while try cursor.nextMember() != nil { try walk(&cursor) }
    case .array:
        try cursor.beginArray()
        while try cursor.nextElement() { try walk(&cursor) }
    case .string: _ = try cursor.string()
    case .number: _ = try cursor.number()
    case .bool: _ = try cursor.bool()
    case .null: try cursor.null()
    }
}

/// Reads the Pod's labels and passes the rest, as the gate does.
func readLabels(_ document: UnsafeRawBufferPointer) throws(JSONError) -> Int {
    var cursor = JSONCursor(document)
    var found = 0
    try cursor.beginObject()
    while let key = try cursor.nextMember() {
        guard key.matches("request") else { try cursor.skipValue(); continue }
        try cursor.beginObject()
        while let key = try cursor.nextMember() {
            guard key.matches("object") else { try cursor.skipValue(); continue }
            try cursor.beginObject()
            while let key = try cursor.nextMember() {
                guard key.matches("metadata") else { try cursor.skipValue(); continue }
                try cursor.beginObject()
                while let key = try cursor.nextMember() {
                    guard key.matches("labels") else { try cursor.skipValue(); continue }
                    try cursor.beginObject()
                    while let key = try cursor.nextMember() {
                        if labelKeys.position(of: key) != nil { found += 1 }
                        _ = try cursor.string()
                    }
                }
            }
        }
    }
    try cursor.endDocument()
    return found
}

let labelKeys = JSONKeyTable(["team", "owner-team", "cost-center", "costCenter", "environment", "project", "model"])

func measure(_ name: String, _ document: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    let repetitions = max(1, 20_000_000 / document.count)
    var best = Double.infinity
    for _ in 0..<15 {
        let start = processorSeconds()
        try document.withUnsafeBytes { bytes in
            for _ in 0..<repetitions { try body(bytes) }
        }
        best = min(best, processorSeconds() - start)
    }
    let megabytes = Double(document.count * repetitions) / 1e6
    let nanoseconds = Int(best / Double(repetitions) * 1e9)
    print("\(name), \(document.count) bytes: \(Int(megabytes / best)) MB/s, \(nanoseconds) ns each")
}

func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func quoted(_ text: String, count: Int) -> [UInt8] {
    Array(("[" + Array(repeating: text, count: count).joined(separator: ",") + "]").utf8)
}

func measureJSON() throws {
    for size in [5_000, 100_000, 3_000_000] {
        let document = PodDocument.review(size: size)
        try measure("skip", document, skipAll)
        try measure("walk", document) { bytes in
            var cursor = JSONCursor(bytes)
            try walk(&cursor)
            try cursor.endDocument()
        }
        try measure("labels", document) { bytes in
            guard try readLabels(bytes) == 2 else { fatalError("the labels were not found") }
        }
    }

    // Documents of one kind of content, most of them made to be slow.
    let special: [(String, [UInt8])] = [
        (
            "JSON in a string",
            quoted(
                "\"" + String(repeating: #"{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"n\":[1,2]}"#, count: 200) + "\"",
                count: 10)
        ),
        ("escapes", quoted("\"" + String(repeating: "\\n", count: 5_000) + "\"", count: 10)),
        ("unicode escapes", quoted("\"" + String(repeating: "\\ud83d\\ude00", count: 1_000) + "\"", count: 10)),
        ("two-byte text", quoted("\"" + String(repeating: "é", count: 5_000) + "\"", count: 10)),
        ("three-byte text", quoted("\"" + String(repeating: "計", count: 5_000) + "\"", count: 10)),
        ("mixed text", quoted("\"" + String(repeating: "é.", count: 5_000) + "\"", count: 10)),
        ("digits", quoted("1", count: 50_000)),
        ("empty arrays", quoted("[]", count: 50_000)),
        ("white space", quoted(String(repeating: " ", count: 1_000) + "1", count: 100)),
        ("deep", Array((String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)).utf8)),
        (
            "at the edge of 64 levels",
            Array(
                (String(repeating: "[", count: 63) + Array(repeating: "[[]]", count: 20_000).joined(separator: ",")
                    + String(repeating: "]", count: 63)).utf8)
        ),
    ]
    for (name, document) in special {
        try measure(name, document, skipAll)
    }
}

let chosen = CommandLine.arguments.dropFirst().first
if chosen == nil || chosen == "json" { try measureJSON() }
if chosen == nil || chosen == "records" { try Records.run() }
if chosen == nil || chosen == "snapshots" { try Snapshots.run() }
if chosen == "gate", CommandLine.arguments.count > 2 {
    try Admissions.run(
        CommandLine.arguments[2], times: CommandLine.arguments.dropFirst(3).first.flatMap(Int.init) ?? 10_000)
}
