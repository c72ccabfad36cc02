import ClusterReading
import Synchronization

/// What is being read, on one line of standard error that is written over; nothing where that is no terminal.
final class ProgressLine: Sendable {
    private let isShown: Bool
    private let counts = Mutex<[String: Int]>([:])

    init(isShown: Bool = StandardError.isTerminal) { self.isShown = isShown }

    func show(_ progress: LiveClusterReader.Progress) {
        guard isShown else { return }
        let (resource, objects): (String, Int) =
            switch progress {
            case .listing(let resource): (resource, 0)
            case .page(let resource, let objects): (resource, objects)
            }
        let total = counts.withLock { counts in
            counts[resource] = objects
            return counts.values.reduce(0, +)
        }
        StandardError.write("\r\u{1B}[KReading \(resource); \(total) objects so far")
    }

    func clear() {
        if isShown { StandardError.write("\r\u{1B}[K") }
    }
}
