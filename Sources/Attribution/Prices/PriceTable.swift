package import LabelPolicy

/// The clouds whose public prices are shipped.
package enum Cloud: String, Sendable, CaseIterable {
    case aws, googleCloud = "gcp", azure
}

/// Where the prices of a table were published.
package struct PriceOrigin: Sendable, Hashable {
    package let cloud: Cloud
    /// The public page.
    package let page: String
    /// The region they are of.
    package let region: String
    /// The day they were read.
    package let date: CivilDate
}

/// The on-demand price of a machine type, and what one gets for it.
package struct MachinePrice: Sendable, Hashable {
    package let name: String
    /// Virtual cores.
    package let vCPUs: Int64
    /// Thousandths of a GiB.
    package let milliGiB: Int64
    /// GPU devices of a machine that is not partitioned; 0 for none.
    package let gpus: Int64
    /// `A100-40GB`; empty without GPUs.
    package let gpuModel: String
    /// US dollars per hour.
    package let perHour: Money
    /// The machine's series, in the table's words: `m5`, `n2-standard`, `Standard_D*s_v5`.
    package let family: String
    package let origin: PriceOrigin
}

/// A table of machine prices as text, so that it can be compared with the page it was read from line by line.
///
/// Two kinds of lines:
///
///     m5.*             4      0.048   2 4 8 16 metal:96    families: GiB and USD for each vCPU, then the sizes
///     g5.xlarge        4 16   1 A10G  1.006                single types: vCPUs, GiB, GPUs and model (or `-`), USD
///
/// In a family `*` stands for the size: the number of vCPUs, or for AWS the size's name, which follows from it
/// (1 `medium`, 2 `large`, 4 `xlarge`, 4n `nxlarge`; others are written out as `name:vCPUs`). A family is only listed
/// where the published prices are in proportion to the vCPUs, to the last digit that is published.
struct PriceTable {
    let origin: PriceOrigin
    let families: String
    let types: String

    /// All machine types, or the number of the first line that cannot be read, which a test rules out.
    func machines() -> (machines: [MachinePrice], malformed: [String]) {
        var machines: [MachinePrice] = []
        var malformed: [String] = []
        for line in families.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let family = family(words) else {
                malformed.append(String(line))
                continue
            }
            machines += family
        }
        for line in types.split(separator: "\n") {
            guard let machine = machine(line.split(separator: " ")) else {
                malformed.append(String(line))
                continue
            }
            machines.append(machine)
        }
        return (machines, malformed)
    }

    private func family(_ words: [Substring]) -> [MachinePrice]? {
        guard words.count >= 4, let star = words[0].firstIndex(of: "*"), let perGiB = Self.thousandths(words[1]),
            let rate = Self.money(words[2])
        else { return nil }
        let prefix = words[0][..<star]
        let suffix = words[0][words[0].index(after: star)...]
        var machines: [MachinePrice] = []
        for word in words[3...] {
            let parts = word.split(separator: ":")
            guard let last = parts.last, let vCPUs = Int64(last), vCPUs > 0, vCPUs <= 1_024 else { return nil }
            let size = parts.count == 2 ? String(parts[0]) : Self.sizeName(vCPUs, cloud: origin.cloud)
            guard let price = try? rate.scaled(by: vCPUs) else { return nil }
            machines.append(
                MachinePrice(
                    name: "\(prefix)\(size)\(suffix)", vCPUs: vCPUs, milliGiB: perGiB &* vCPUs, gpus: 0, gpuModel: "",
                    perHour: price, family: String(words[0]), origin: origin))
        }
        return machines
    }

    private static func sizeName(_ vCPUs: Int64, cloud: Cloud) -> String {
        guard cloud == .aws else { return String(vCPUs) }
        return switch vCPUs {
        case 1: "medium"
        case 2: "large"
        case 4: "xlarge"
        default: "\(vCPUs / 4)xlarge"
        }
    }

    private func machine(_ words: [Substring]) -> MachinePrice? {
        guard words.count == 6, let vCPUs = Int64(words[1]), let memory = Self.thousandths(words[2]),
            let gpus = Int64(words[3]), let price = Self.money(words[5])
        else { return nil }
        let model = words[4] == "-" ? "" : String(words[4])
        guard (gpus == 0) == model.isEmpty else { return nil }
        let name = String(words[0])
        return MachinePrice(
            name: name, vCPUs: vCPUs, milliGiB: memory, gpus: gpus, gpuModel: model, perHour: price,
            family: Self.family(of: name, cloud: origin.cloud), origin: origin)
    }

    /// What comes before the size.
    private static func family(of name: String, cloud: Cloud) -> String {
        switch cloud {
        case .aws: String(name.prefix { $0 != "." }) + ".*"
        case .googleCloud: name.split(separator: "-").dropLast().joined(separator: "-") + "-*"
        case .azure: name
        }
    }

    private static func money(_ word: Substring) -> Money? { try? Money(parsing: String(word)) }

    private static func thousandths(_ word: Substring) -> Int64? {
        money(word).flatMap { $0.isNegative ? nil : Int64(exactly: $0.nanos / 1_000_000) }
    }
}
