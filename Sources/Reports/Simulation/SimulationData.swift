import Attribution
import Audit
import LabelPolicy

/// A simulation for programs. Its shape is a contract: docs/schemas/simulation-report.schema.json.
enum JSONSimulation {
    static func render(_ report: AuditReport) -> String {
        var writer = PrettyJSONWriter()
        writer.object { writer in
            writer.member("apiVersion", "tallygate.io/v1alpha1")
            writer.member("kind", "SimulationReport")
            writer.member("generatedAt", report.generatedAt.rfc3339)
            writer.member("observedAt", report.observedAt?.rfc3339)
            writer.member("cluster", report.cluster)
            writer.member("policy", report.policy)
            writer.member("currency", report.currency.code)
            writer.object("blocked") { blocked(report.simulation.blocked, &$0) }
            writer.array("namespaces", report.simulation.namespaces) { row($1, &$0) }
            writer.strings("notes", report.notes.map(\.text))
        }
        return writer.finished()
    }

    private static func row(_ row: Simulation.Row, _ writer: inout PrettyJSONWriter) {
        writer.object { writer in
            writer.member("name", row.namespace)
            writer.member("mode", row.mode?.rawValue)
            writer.member("clean", row.isClean)
            writer.member("uncertain", row.isUncertain)
            writer.member("workloads", row.workloads)
            writer.money("cost", row.costPerHour)
            writer.object("blocked") { blocked(row.blocked, &$0) }
            writer.array("labels", row.labels) { writer, count in
                writer.object {
                    $0.member("label", count.label)
                    $0.member("workloads", count.workloads)
                }
            }
        }
    }

    private static func blocked(_ blocked: Simulation.Blocked, _ writer: inout PrettyJSONWriter) {
        writer.member("workloads", blocked.workloads)
        writer.member("pods", blocked.pods)
        writer.money("cost", blocked.costPerHour)
    }
}

/// One line for each namespace, in the order in which to promote them.
enum CSVSimulation {
    static func render(_ report: AuditReport) -> String {
        var text = CSVAuditReport.line([
            "order", "namespace", "mode", "clean", "uncertain", "workloads", "costPerHour", "costPerMonth",
            "blockedWorkloads", "blockedPods", "blockedCostPerHour", "blockedCostPerMonth", "currency", "labels",
        ])
        for (index, row) in report.simulation.namespaces.enumerated() {
            text += CSVAuditReport.line([
                String(index + 1), row.namespace, row.mode?.rawValue ?? "", row.isClean ? "true" : "false",
                row.isUncertain ? "true" : "false", String(row.workloads), row.costPerHour.description,
                row.costPerHour.perMonth.description, String(row.blocked.workloads), String(row.blocked.pods),
                row.blocked.costPerHour.description, row.blocked.costPerHour.perMonth.description,
                report.currency.code, row.labels.map { "\($0.label)=\($0.workloads)" }.joined(separator: " "),
            ])
        }
        return text
    }
}
