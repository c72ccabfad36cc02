import Foundation

/// A scrape of the gate, as far as tests ask.
struct Metrics: Sendable {
    private let lines: [Substring]

    init(text: String) { lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") } }

    /// The sum of a family's samples that have all these labels.
    func total(_ family: String, _ labels: [String: String] = [:]) -> Double {
        lines.filter { line in
            guard line.hasPrefix(family), [" ", "{"].contains(line.dropFirst(family.count).first) else { return false }
            return labels.allSatisfy { line.contains(#"\#($0)="\#($1)""#) }
        }.reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? .nan) }
    }

    /// What the gate says of the decisions it made, the reasons of its process and connections left out.
    var admissions: [String] {
        lines.filter { $0.hasPrefix("tallygate_admission_") }.map(String.init)
    }
}
