import Foundation
import TestSupport
import Testing

/// What a cluster may hold that makes no sense: each is named, and the rest of the report still comes.
@Suite struct BadInputTests {
    private let files: TemporaryDirectory

    init() throws {
        files = try TemporaryDirectory()
        try files.write("p.yaml", AuditCommandTests.policy)
    }

    private func audit(_ objects: [String]) async throws -> (report: [String: Any], text: String) {
        try files.write("l.json", SampleObjects.list(objects))
        let result = try await ChildProcess.run(
            BuiltProduct.tallygate, ["audit", "--policy", files.path("p.yaml"), "-o", "json", files.path("l.json")])
        #expect(result.status == 1, "\(result.errors)")
        let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return (try #require(report), result.output)
    }

    private func findings(_ report: [String: Any]) -> [[String: Any]] { report["findings"] as? [[String: Any]] ?? [] }

    static let damages: [(String, [String], [String])] = [
        (
            "an amount beyond all bounds", ["Pod", #""cpu": "1""#, #""cpu": "1e40""#],
            ["lab/exp-0", "counted as none"]
        ),
        (
            "an amount that overflows 64 bits", ["Pod", #""cpu": "1""#, #""memory": "99999999999Ei""#],
            ["lab/exp-0", "counted as none"]
        ),
        ("a negative amount", ["Pod", #""cpu": "1""#, #""cpu": "-3""#], ["lab/exp-0", "is negative"]),
        ("what is no amount", ["Pod", #""cpu": "1""#, #""cpu": {"much": 1}"#], ["lab/exp-0", "counted as none"]),
        (
            "a negative price",
            ["Node", #""labels""#, #""annotations": {"tallygate.io/price-per-hour": "-5"}, "labels""#],
            ["-5"]
        ),
        (
            "an absurd price",
            ["Node", #""labels""#, #""annotations": {"tallygate.io/price-per-hour": "1e30"}, "labels""#], ["1e30"]
        ),
        ("a node without capacity", ["Node", #""status": {"capacity""#, #""status": {"was""#], ["n1"]),
    ]

    @Test("It is named, and the findings still come", arguments: damages)
    func named(title: String, damage: [String], words: [String]) async throws {
        let objects = SampleObjects.all.map { object in
            object.contains(#""kind": "\#(damage[0])""#) ? object.replacing(damage[1], with: damage[2]) : object
        }
        #expect(objects != SampleObjects.all)
        let (report, text) = try await audit(objects)
        for word in words { #expect(text.contains(word), "\(title): \(word)") }
        let subjects = findings(report).compactMap { ($0["subject"] as? [String: Any])?["name"] as? String }
        #expect(subjects.contains("web"))
    }

    @Test("Owners in a circle are named, and one of them is the root")
    func circle() async throws {
        func owner(_ name: String, _ number: Int, by other: String, _ otherNumber: Int) -> String {
            #"{"apiVersion": "acme.io/v1", "kind": "Ring", "metadata": {"name": "\#(name)", "namespace": "lab", "#
                + #""uid": "\#(SampleObjects.uid(number))", "ownerReferences": [{"apiVersion": "acme.io/v1", "#
                + #""kind": "Ring", "name": "\#(other)", "uid": "\#(SampleObjects.uid(otherNumber))", "#
                + #""controller": true}]}}"#
        }
        let pod = SampleObjects.experimentPod.replacing("Experiment", with: "Ring").replacing(
            #""name": "exp","#, with: #""name": "ring-a","#)
        let objects =
            SampleObjects.all.filter { $0 != SampleObjects.experiment && $0 != SampleObjects.experimentPod }
            + [pod, owner("ring-a", 8, by: "ring-b", 18), owner("ring-b", 18, by: "ring-a", 8)]
        let (report, text) = try await audit(objects)
        #expect(text.contains("stands in a circle of owners"))
        #expect(!findings(report).isEmpty)
    }

    @Test("More findings than a report holds are counted, and the least are left out")
    func many() async throws {
        // Past the bound of 10,000 by some: beyond it every further one is only counted.
        let count = 10_500
        let pods = (0..<count).map { number in
            #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p\#(number)", "namespace": "shop"}, "#
                + #""spec": {"nodeName": "n1", "containers": [{"name": "a"}]}, "status": {"phase": "Running"}}"#
        }
        let (report, text) = try await audit([SampleObjects.node] + SampleObjects.namespaces + pods)
        #expect(findings(report).count == 10_000)
        // And the one of the namespace, which could supply the label.
        #expect((report["cutFindings"] as? [String: Any])?["findings"] as? Int == count + 1 - 10_000)
        #expect(text.contains("501 findings are left out"))
    }
}
