import Attribution
package import Audit
import LabelPolicy

package enum FixFormat: String, Sendable, CaseIterable {
    /// A script for a POSIX shell.
    case sh
    case json
}

/// The steps of a `FixScript` for programs. Its shape is a contract: docs/schemas/fix-list.schema.json.
package enum FixList {
    /// - Parameter report: what the steps were made of, for its name, time and currency.
    package static func render(_ report: AuditReport, steps: [FixStep]) -> String {
        var writer = PrettyJSONWriter()
        writer.object { writer in
            writer.member("apiVersion", "tallygate.io/v1alpha1")
            writer.member("kind", "FixList")
            writer.member("generatedAt", report.generatedAt.rfc3339)
            writer.member("observedAt", report.observedAt?.rfc3339)
            writer.member("cluster", report.cluster)
            writer.member("policy", report.policy)
            writer.member("currency", report.currency.code)
            writer.array("fixes", steps) { fix($1, &$0) }
            writer.strings("notes", report.notes.map(\.text))
        }
        return writer.finished()
    }

    private static func fix(_ step: FixStep, _ writer: inout PrettyJSONWriter) {
        writer.object { writer in
            writer.object("subject") { writer in
                writer.member("apiVersion", step.subject.apiVersion)
                writer.member("kind", step.subject.kind)
                writer.member("namespace", step.subject.namespace)
                writer.member("name", step.subject.name)
            }
            writer.member("reason", step.reasons.first?.rawValue)
            writer.strings("reasons", step.reasons.map(\.rawValue))
            writer.member("level", step.level.rawValue)
            writer.member("findings", step.findings)
            writer.strings("messages", step.messages)
            writer.strings("commands", step.commands)
            writer.member("ready", step.isComplete && !step.commands.isEmpty)
            writer.strings("needs", step.placeholders)
            writer.member("restarts", step.mayRestart)
            writer.strings("remarks", step.remarks)
            if let cost = step.costPerHour { writer.money("cost", cost) }
            writer.effective("effective", step.effective)
        }
    }
}
