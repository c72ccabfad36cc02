import Foundation
import KubernetesModel
import Testing

@testable import ClusterReading

@Suite("What the chart lets the auditor follow")
struct ChartCarriersTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "charts/tallygate/files/tag-carriers.yaml")

    /// As the definitions of these kinds name them.
    private func plural(_ kind: String) -> String { kind.lowercased() + (kind.hasSuffix("Class") ? "es" : "s") }

    @Test("Every kind that shows tags, and no other")
    func carriers() throws {
        let listed = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").filter {
            $0.hasPrefix("-")
        }
        let kinds = Dictionary(grouping: CarrierKind.table.keys, by: \.group)
        let expected = kinds.sorted { $0.key < $1.key }.map { group, kinds in
            "- {group: \(group), resources: [\(kinds.map { plural($0.kind) }.sorted().joined(separator: ", "))]}"
        }
        #expect(listed.map(String.init) == expected)
    }
}
