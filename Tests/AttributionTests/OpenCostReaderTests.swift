import LabelPolicy
import TestSupport
import Testing

@testable import Attribution

@Suite("Prices of OpenCost")
struct OpenCostReaderTests {
    /// As OpenCost 1.117 and Kubecost 2 print them.
    static let sample = """
        # HELP node_cpu_hourly_cost node_cpu_hourly_cost cost per cpu core
        # TYPE node_cpu_hourly_cost gauge
        node_cpu_hourly_cost{arch="amd64",instance="a",instance_type="m5.large",node="a",provider_id="aws:///1/i-1",region="us-east-1",uid="1"} 0.031611
        # HELP node_total_hourly_cost node_total_hourly_cost Total node cost per hour
        # TYPE node_total_hourly_cost gauge
        node_total_hourly_cost{arch="amd64",instance="a",instance_type="m5.large",node="a",provider_id="aws:///1/i-1",region="us-east-1",uid="1"} 0.09600000000000001
        node_total_hourly_cost{instance="b",node="b",provider_id=""} 1.5e-01 1763740800000
        node_total_hourly_cost_sum{node="c"} 7
        kubecost_cluster_management_cost{provisioner_name="EKS"} 0.1

        """

    private func read(_ text: String, pieces: Int = .max) throws -> OpenCostPrices {
        var reader = OpenCostReader()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            reader.append(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        return try reader.finish(origin: "OpenCost at X", date: CivilDate("2026-11-21"))
    }

    @Test("The totals by node are what is read", arguments: [1, 2, 7, 64, 10_000])
    func sample(pieces: Int) throws {
        let prices = try read(Self.sample, pieces: pieces)
        #expect(prices.prices.perHour == ["a": "0.09600000000000001", "b": "1.5e-01"])
        #expect(prices.prices.origin == "OpenCost at X")
        #expect(prices.prices.date?.description == "2026-11-21")
        #expect(prices.problems == [])
    }

    @Test(
        "A line is read as Prometheus would, or named",
        arguments: [
            (#"node_total_hourly_cost{node="a"} 1"#, ["a": "1"]),
            (#"node_total_hourly_cost { node = "a" , } 1"#, ["a": "1"]),
            ("node_total_hourly_cost{node=\"a\"}\t+1\r", ["a": "1"]),
            (#"node_total_hourly_cost{instance="a"} 1"#, ["a": "1"]),
            (#"node_total_hourly_cost{instance="10.0.0.1:9003",node="a"} 1 # {trace="x"} 1"#, ["a": "1"]),
            (#"node_total_hourly_cost{node="a\"b\\c\nd"} 1"#, ["a\"b\\c\nd": "1"]),
            (#"node_total_hourly_cost{node="a"} NaN"#, ["a": "NaN"]),
            (#"node_total_hourly_cost{node="a"} -1"#, ["a": "-1"]),
            (#"node_total_hourly_cost{node="a"} 1 1763740800.123"#, ["a": "1"]),
            (#"node_total_hourly_cost{node="a"}"#, [:]),
            (#"node_total_hourly_cost{node="a" 1"#, [:]),
            (#"node_total_hourly_cost{node="a} 1"#, [:]),
            (#"node_total_hourly_cost{node=a} 1"#, [:]),
            (#"node_total_hourly_cost{node="a"} 1 soon"#, [:]),
            (#"node_total_hourly_cost{node="a"} 1 2 3"#, [:]),
            (#"node_total_hourly_cost{node=""} 1"#, [:]),
            (#"node_total_hourly_cost{="a"} 1"#, [:]),
            (#"node_total_hourly_cost 1"#, [:]),
        ])
    func lines(line: String, expected: [String: String]) throws {
        let prices = try read(line + "\nnode_total_hourly_cost{node=\"other\"} 2\n")
        #expect(prices.prices.perHour == expected.merging(["other": "2"]) { first, _ in first })
        #expect(prices.malformed.count == (expected.isEmpty ? 1 : 0))
        #expect(prices.problems.count == (expected.isEmpty ? 1 : 0))
        if expected.isEmpty { #expect(prices.problems.first?.contains("in line 1") == true) }
    }

    @Test(
        "Of several prices the highest counts, in whatever order, and that is said",
        arguments: [
            (["1", "2", "1.5"], "2", true), (["2", "1"], "2", true), (["1", "1.0"], "1", false),
            (["0", "1"], "1", false),
            (["1", "0"], "1", false), (["NaN", "1"], "1", false), (["1", "NaN"], "1", false),
            (["-5", "1"], "1", false),
            (["NaN", "-1"], "-1", false), (["0", "NaN"], "0", false),
        ])
    func duplicates(values: [String], used: String, isSaid: Bool) throws {
        for values in [values, values.reversed()] {
            let prices = try read(values.map { "node_total_hourly_cost{node=\"a\"} \($0)\n" }.joined())
            let price = try #require(prices.prices.perHour["a"])
            #expect((try? Money(rounding: price)) == (try? Money(rounding: used)))
            #expect(prices.several.map(\.node) == (isSaid ? ["a"] : []))
        }
    }

    @Test("Problems of many nodes are a few lines")
    func manyProblems() throws {
        let text = (0..<500).map { "node_total_hourly_cost{node=\"n\($0)\"} \($0 % 2 + 1)\n" }.joined()
        let prices = try read(text + text.replacing("} ", with: "} 3"))
        #expect(prices.several.count == 500)
        #expect(prices.problems.count == 11)
        #expect(prices.problems.last == "OpenCost at X: 490 more nodes have several prices")
    }

    @Test("More nodes than there are anywhere are cut off and said")
    func tooMany() throws {
        var reader = OpenCostReader()
        for node in 0...OpenCostReader.maximumNodes {
            reader.append("node_total_hourly_cost{node=\"n\(node)\"} 1\n".utf8)
        }
        let prices = try reader.finish(origin: "X", date: nil)
        #expect(prices.prices.perHour.count == OpenCostReader.maximumNodes)
        #expect(prices.problems == ["X: it has prices of more than 100000 nodes; the rest is passed over"])
    }

    @Test("A line that does not end is passed over, and what follows is read")
    func longLine() throws {
        var reader = OpenCostReader()
        reader.append("node_total_hourly_cost{node=\"".utf8)
        for _ in 0..<100 { reader.append([UInt8](repeating: 0x61, count: 10_000)) }
        reader.append("\"} 1\nnode_total_hourly_cost{node=\"b\"} 2".utf8)
        let prices = try reader.finish(origin: "X", date: nil)
        #expect(prices.prices.perHour == ["b": "2"])
        #expect(prices.malformed.count == 1)
    }

    @Test(
        "What has no price in it is an error that says what to give",
        arguments: [
            ("", "there is no series node_total_hourly_cost in it"),
            ("<html><body>Kubecost</body></html>", "mostly http"),
            ("{\"code\":200,\"data\":[]}", "there is no series"),
            ("node_total_hourly_cost{node=\"a\" 1\n", "in line 1, cannot be read"),
        ])
    func nothing(text: String, expected: String) {
        let error = #expect(throws: OpenCostError.self) { try read(text) }
        #expect(error?.description.contains(expected) == true)
    }

    @Test("Whose nodes are other ones is another cluster's")
    func mismatch() throws {
        let prices = try read(Self.sample)
        #expect(prices.mismatch(withNodes: ["a", "z"]) == nil)
        #expect(prices.mismatch(withNodes: []) == nil)
        #expect(
            prices.mismatch(withNodes: ["z"])
                == "OpenCost at X: the 2 nodes it prices are none of this cluster's; is it another cluster's server?")
    }

    @Test("Whatever is written, however it is cut, is read alike and never traps", arguments: 0..<200)
    func arbitrary(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var bytes = Array(Self.sample.utf8)
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(random.pick(Array("{}\"\\=, \n#NaN1e+-".utf8)), at: place)
            default: bytes.insert(contentsOf: bytes[place..<min(place + 40, bytes.count)], at: place)
            }
        }
        var whole = OpenCostReader()
        whole.append(bytes)
        var pieces = OpenCostReader()
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...50, using: &random)
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        let first = Result { () throws(OpenCostError) in try whole.finish(origin: "X", date: nil) }
        let second = Result { () throws(OpenCostError) in try pieces.finish(origin: "X", date: nil) }
        #expect(first == second)
        if case .success(let prices) = first {
            #expect(!prices.prices.perHour.isEmpty && !prices.prices.perHour.keys.contains(""))
        }
    }

    @Test("What was written is what is read", arguments: 0..<50)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var expected: [String: String] = [:]
        var text = ""
        let characters = Array("abc-.09\"\\ {}=,#ü\n")
        for _ in 0..<20 {
            let name = String((0..<Int.random(in: 1...12, using: &random)).map { _ in random.pick(characters) })
            guard expected[name] == nil else { continue }
            let value = Money(nanos: Int64.random(in: 0...10_000_000_000, using: &random)).description
            expected[name] = value
            let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            text += "node_total_hourly_cost{region=\"x\",node=\"\(escaped)\"} \(value)\n"
        }
        #expect(try read(text).prices.perHour == expected)
    }
}
