import Foundation
import KubernetesModel
import Testing

/// The chart registers for, and may read, what the catalogue knows: its list is a file, since templates cannot ask.
@Suite struct ChartKindsTests {
    @Test func `the chart's list is the catalogue`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "charts/tallygate/files/workload-kinds.yaml"), encoding: .utf8)
        let listed = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
        #expect(listed == WorkloadCatalogue.builtin.rules.map(line), "charts/tallygate/files/workload-kinds.yaml")
    }

    private func line(_ rule: WorkloadRule) -> String {
        let group = rule.group.isEmpty ? "\"\"" : rule.group
        return "- {group: \(group), versions: [\(rule.versions.joined(separator: ", "))], "
            + "resources: [\(rule.resources.joined(separator: ", "))]}"
    }
}
