import Glibc
import NIOCore
import PolicyDocuments

/// Gives back the code that only start-up ran: option parsing, policy reading, the building of tables.
///
/// These are clean pages of the executable and its libraries. The kernel would take them back under pressure and keeps
/// them in its page cache meanwhile; letting go of them at once makes the resident size what the gate needs to serve,
/// which is what limits and dashboards go by. A page that is needed after all comes back with a minor fault.
enum StartUpMemory {
    /// From listening to the release. The first requests come within it (a probe, an API server that waits) and find
    /// what start-up and serving have in common still there.
    static let delay = TimeAmount.seconds(1)

    /// Lines of /proc/self/maps are about a hundred bytes, and there are some hundred of them.
    private static let maximumMapBytes = 1 << 20

    static func release() {
        guard let bytes = try? SystemPolicyFiles().read("/proc/self/maps", limit: maximumMapBytes) else { return }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let range = Self.codeRange(line) else { continue }
            // Advice: if the kernel does not take it, nothing is lost.
            _ = madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
        }
    }

    /// The range of a mapping of a file's code, which is never written to: `55d0-55e0 r-xp 00000000 fe:00 123 /path`.
    private static func codeRange(_ line: ArraySlice<UInt8>) -> Range<UInt>? {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
        guard fields.count == 6, fields[1].elementsEqual("r-xp".utf8),
            fields[5].drop(while: { $0 == UInt8(ascii: " ") }).first == UInt8(ascii: "/")
        else { return nil }
        let ends = fields[0].split(separator: UInt8(ascii: "-"))
        guard ends.count == 2, let lower = UInt(String(decoding: ends[0], as: UTF8.self), radix: 16),
            let upper = UInt(String(decoding: ends[1], as: UTF8.self), radix: 16), lower < upper
        else { return nil }
        return lower..<upper
    }
}
