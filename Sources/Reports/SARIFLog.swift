import KubernetesModel
import LabelPolicy
import LocatedDocuments
import ManifestCheck

/// The report as SARIF 2.1.0 (OASIS), which code-scanning services show beside the lines at fault.
struct SARIFLog: Encodable {
    struct Message: Encodable {
        var text: String
    }

    struct Configuration: Encodable {
        var level: String
    }

    struct Rule: Encodable {
        var id: String
        var name: String
        var shortDescription: Message
        var defaultConfiguration: Configuration
    }

    struct Driver: Encodable {
        var name = "Tallygate"
        var version: String
        var rules: [Rule]
    }

    struct Tool: Encodable {
        var driver: Driver
    }

    struct Region: Encodable {
        var startLine: Int
        var startColumn: Int
        var endColumn: Int
    }

    struct ArtifactLocation: Encodable {
        var uri: String
    }

    struct PhysicalLocation: Encodable {
        var artifactLocation: ArtifactLocation
        var region: Region
    }

    struct LogicalLocation: Encodable {
        var fullyQualifiedName: String
        var kind = "resource"
    }

    struct Location: Encodable {
        var physicalLocation: PhysicalLocation
        var logicalLocations: [LogicalLocation]?
    }

    struct Result: Encodable {
        /// What SARIF has no word for.
        struct Properties: Encodable {
            var label: String
            var verdict: String
        }

        var ruleId: String
        var ruleIndex: Int
        var level: String
        var message: Message
        var locations: [Location]
        var partialFingerprints: [String: String]
        var properties: Properties
    }

    struct Notification: Encodable {
        var level: String
        var message: Message
        var locations: [Location]
    }

    struct Invocation: Encodable {
        var executionSuccessful: Bool
        var toolExecutionNotifications: [Notification]
    }

    struct Run: Encodable {
        var tool: Tool
        var columnKind = "unicodeCodePoints"
        var invocations: [Invocation]
        var results: [Result]
    }

    private enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }

    var schema = "https://json.schemastore.org/sarif-2.1.0.json"
    var version = "2.1.0"
    var runs: [Run]

    init(_ report: CheckReport, version: String) {
        let reasons = Reason.allCases.filter { reason in report.findings.contains { $0.reason == reason } }
        let rules = reasons.map { reason in
            Rule(
                id: reason.rawValue, name: Self.name(of: reason),
                shortDescription: Message(text: Self.description(of: reason)),
                defaultConfiguration: Configuration(level: "error"))
        }
        var fingerprints: [String: Int] = [:]
        let results = report.findings.map { finding in
            // Stable when lines move: the object, the place in it and the label, not the line in the file. An object
            // that stands in several files of the input is counted through.
            let subject = finding.subject
            var fingerprint =
                "\(subject.gvk.groupKind)/\(subject.namespace)/\(subject.name)/\(finding.place)/\(finding.label)"
            let count = fingerprints[fingerprint, default: 0] + 1
            fingerprints[fingerprint] = count
            if count > 1 { fingerprint += "/\(count)" }
            return Result(
                ruleId: finding.reason.rawValue, ruleIndex: reasons.firstIndex(of: finding.reason) ?? 0,
                level: finding.level == .required && !finding.isUncertain ? "error" : "warning",
                message: Message(text: Self.text((finding.isUncertain ? "Unknown: " : "") + finding.sentence)),
                locations: [
                    Self.location(
                        finding.file, finding.position, length: finding.length,
                        logical: "\(subject.namespace)/\(subject.gvk.kind)/\(subject.name)")
                ],
                partialFingerprints: ["tallygate/v1": fingerprint],
                properties: Result.Properties(
                    label: finding.label, verdict: finding.isUncertain ? "unknown" : "gap"))
        }
        let notifications = report.diagnostics.map { diagnostic in
            Notification(
                level: diagnostic.severity.rawValue, message: Message(text: Self.text(diagnostic.line)),
                locations: [
                    Self.location(
                        diagnostic.file, diagnostic.position, length: diagnostic.length ?? 1, logical: nil)
                ])
        }
        runs = [
            Run(
                tool: Tool(driver: Driver(version: version, rules: rules)),
                invocations: [
                    Invocation(
                        executionSuccessful: !report.hasInputErrors, toolExecutionNotifications: notifications)
                ],
                results: results)
        ]
    }

    func encoded() throws -> String { try PrettyJSON.encode(self) }

    private static func location(
        _ file: String, _ position: SourcePosition, length: Int, logical: String?
    ) -> Location {
        Location(
            physicalLocation: PhysicalLocation(
                artifactLocation: ArtifactLocation(uri: uri(file)),
                region: Region(
                    startLine: position.line, startColumn: position.column,
                    endColumn: position.column + max(1, length))),
            logicalLocations: logical.map { [LogicalLocation(fullyQualifiedName: $0)] })
    }

    /// Text of a message as SARIF reads it: braces are doubled (3.11.5), and what would be a link is none (3.11.6).
    static func text(_ text: String) -> String {
        var result = ""
        let mayLink = text.contains("](")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "{": result += "{{"
            case "}": result += "}}"
            case "[" where mayLink: result += "\\["
            case "]" where mayLink: result += "\\]"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A path as a relative reference (RFC 3986): bytes outside the unreserved set are percent-encoded.
    static func uri(_ path: String) -> String {
        var result = path.utf8.first == UInt8(ascii: "/") ? "file://" : ""
        for byte in ReportPath.relative(path).utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }

    private static func name(of reason: Reason) -> String {
        reason.rawValue.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func description(of reason: Reason) -> String {
        switch reason {
        case .missing: "A cost label is missing and nothing supplies a default."
        case .empty: "A cost label is there but empty."
        case .invalidValue: "A cost label has a value that the policy does not allow."
        case .unregisteredValue: "A cost label has a value that the registry does not know."
        case .inconsistentPair: "A cost center or environment does not belong to the team."
        case .conflictingAliases: "Two aliases of a cost label carry different values."
        case .expiredRegistration: "The team's registration has not begun or has ended."
        case .expiredExemption: "An exemption has expired."
        case .environmentMismatch: "A workload of one environment runs on nodes of another."
        case .unpriced: "There is no price for what the workload uses."
        case .tagMissing: "A node group lacks a cost tag."
        case .tagDrift: "The tags of a node group and its instances differ."
        case .tagInactive: "A cost tag is not activated in billing."
        case .unmounted: "A volume is paid for and mounted by nobody."
        case .metadataPruned: "The custom resource's schema removes the template's labels."
        }
    }
}
