import Admission
import Glibc
import KubernetesModel
import LabelPolicy

/// One whole admission without transport, bytes in and bytes out: `microbench gate FILE [TIMES]`, where FILE is an
/// AdmissionReview. Under valgrind's callgrind it tells where an admission's instructions go.
enum Admissions {
    static func run(_ path: String, times: Int) throws {
        guard let file = fopen(path, "rb") else { fatalError("cannot read \(path)") }
        defer { fclose(file) }
        var review = [UInt8](repeating: 0, count: 1 << 20)
        review.removeLast(review.count - fread(&review, 1, review.count, file))

        let gate = AdmissionGate(policy: .builtIn, catalogue: .builtin)
        let facts = SuppliedFacts(suppliesOwners: false)
        let now = Timestamp(secondsSinceEpoch: 1_790_000_000)
        var best = Double.infinity
        var written = 0
        for _ in 0..<10 {
            let start = processorSeconds()
            for _ in 0..<times {
                let step = try review.withUnsafeBytes { try gate.begin($0, .mutating, facts: facts, at: now) }
                if case .answered(let answer) = step { written += answer.body.count }
            }
            best = min(best, processorSeconds() - start)
        }
        print(
            "admission, \(review.count) bytes: \(Int(best / Double(times) * 1e9)) ns each, \(written / times / 10) bytes answered"
        )
    }
}
