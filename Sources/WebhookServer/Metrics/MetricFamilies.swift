package import NIOCore
import Synchronization

/// One metric family of `/metrics`.
package protocol MetricFamily: Sendable {
    func write(to writer: inout ExpositionWriter)
}

/// Everything that `/metrics` shows.
package protocol MetricsExposing: Sendable {
    /// The text exposition of all families, ordered by name.
    func exposition() -> ByteBuffer
}

/// A metric label whose values are known beforehand: what is counted is bounded by construction.
package struct MetricDimension: Sendable {
    package let name: String
    package let values: [String]

    package init(_ name: String, values: [String]) {
        self.name = name
        self.values = values
    }
}

/// The series of a family with fixed dimensions, as positions in one flat array.
struct SeriesLayout: Sendable {
    let dimensions: [MetricDimension]
    let count: Int

    init(_ dimensions: [MetricDimension]) {
        self.dimensions = dimensions
        self.count = dimensions.reduce(1) { $0 * $1.values.count }
    }

    func labels(at position: Int) -> [(name: String, value: String)] {
        var rest = position
        var labels: [(name: String, value: String)] = []
        for dimension in self.dimensions.reversed() {
            labels.append((dimension.name, dimension.values[rest % dimension.values.count]))
            rest /= dimension.values.count
        }
        return labels.reversed()
    }
}

/// Monotonic counts, one for each combination of its dimensions' values.
package final class CounterFamily: MetricFamily {
    /// Families with more combinations than this show only those that have been counted.
    private static let maximumZeroSeries = 32

    private let name: String
    private let help: String
    private let layout: SeriesLayout
    private let counts: Mutex<[UInt64]>

    package init(_ name: String, help: String, dimensions: [MetricDimension] = []) {
        self.name = name
        self.help = help
        self.layout = SeriesLayout(dimensions)
        self.counts = Mutex(Array(repeating: 0, count: self.layout.count))
    }

    /// Counts the series at `position`: the ordinals of the dimensions' values, the last dimension running fastest.
    /// A position out of range is not counted.
    package func increment(at position: Int = 0, by amount: UInt64 = 1) {
        self.counts.withLock { counts in
            guard counts.indices.contains(position) else { return }
            counts[position] &+= amount
        }
    }

    package func value(at position: Int = 0) -> UInt64 {
        self.counts.withLock { $0.indices.contains(position) ? $0[position] : 0 }
    }

    package func write(to writer: inout ExpositionWriter) {
        let counts = self.counts.withLock { $0 }
        writer.family(self.name, kind: .counter, help: self.help)
        let showsZero = counts.count <= CounterFamily.maximumZeroSeries
        for (position, count) in counts.enumerated() where showsZero || count > 0 {
            writer.sample(self.name, labels: self.layout.labels(at: position), count)
        }
    }
}

/// Values that go up and down, one for each value of its dimensions; those never set are not shown.
package final class GaugeFamily: MetricFamily {
    private let name: String
    private let help: String
    private let layout: SeriesLayout
    private let values: Mutex<[Double?]>

    package init(_ name: String, help: String, dimensions: [MetricDimension] = [], initially value: Double? = nil) {
        self.name = name
        self.help = help
        self.layout = SeriesLayout(dimensions)
        self.values = Mutex(Array(repeating: value, count: self.layout.count))
    }

    /// Nil takes the series away.
    package func set(_ value: Double?, at position: Int = 0) {
        self.values.withLock { values in
            guard values.indices.contains(position) else { return }
            values[position] = value
        }
    }

    package func add(_ difference: Double, at position: Int = 0) {
        self.values.withLock { values in
            guard values.indices.contains(position) else { return }
            values[position] = (values[position] ?? 0) + difference
        }
    }

    package func value(at position: Int = 0) -> Double? {
        self.values.withLock { $0.indices.contains(position) ? $0[position] : nil }
    }

    package func write(to writer: inout ExpositionWriter) {
        let values = self.values.withLock { $0 }
        writer.family(self.name, kind: .gauge, help: self.help)
        for (position, value) in values.enumerated() {
            guard let value else { continue }
            writer.sample(self.name, labels: self.layout.labels(at: position), value)
        }
    }
}

/// A constant 1 whose labels carry text, one series at a time (`build_info`, `policy_info`).
package final class InfoFamily: MetricFamily {
    private let name: String
    private let help: String
    private let labels: Mutex<[(name: String, value: String)]>

    package init(_ name: String, help: String, labels: [(name: String, value: String)] = []) {
        self.name = name
        self.help = help
        self.labels = Mutex(labels)
    }

    /// Replaces the series; the old one disappears.
    package func set(_ labels: [(name: String, value: String)]) {
        self.labels.withLock { $0 = labels }
    }

    package func write(to writer: inout ExpositionWriter) {
        let labels = self.labels.withLock { $0 }
        writer.family(self.name, kind: .gauge, help: self.help)
        if !labels.isEmpty { writer.sample(self.name, labels: labels, UInt64(1)) }
    }
}

/// Gauges read when they are scraped, such as an age. The label's values come from the program, not from requests.
package final class ObservedGaugeFamily: MetricFamily {
    package typealias Observation = @Sendable () -> [(labelValue: String, value: Double)]

    private let name: String
    private let help: String
    private let label: String
    private let observation: Mutex<Observation>

    package init(_ name: String, help: String, label: String) {
        self.name = name
        self.help = help
        self.label = label
        self.observation = Mutex({ [] })
    }

    package func observe(_ observation: @escaping Observation) {
        self.observation.withLock { $0 = observation }
    }

    package func write(to writer: inout ExpositionWriter) {
        let observation = self.observation.withLock { $0 }
        writer.family(self.name, kind: .gauge, help: self.help)
        for (labelValue, value) in observation() {
            writer.sample(self.name, labels: [(self.label, labelValue)], value)
        }
    }
}

/// Gauges whose series come and go together: all of them are replaced at once, so that a scrape sees one moment. Whoever
/// sets them bounds how many there are.
package final class TableGaugeFamily: MetricFamily {
    package struct Row: Sendable, Hashable {
        /// In the order of the family's labels; as many as those.
        package var labelValues: [String]
        package var value: Double

        package init(_ labelValues: [String], _ value: Double) {
            self.labelValues = labelValues
            self.value = value
        }
    }

    private let name: String
    private let help: String
    private let labels: [String]
    private let rows = Mutex<[Row]>([])

    package init(_ name: String, help: String, labels: [String]) {
        self.name = name
        self.help = help
        self.labels = labels
    }

    package func set(_ rows: [Row]) { self.rows.withLock { $0 = rows } }

    package func write(to writer: inout ExpositionWriter) {
        let rows = self.rows.withLock { $0 }
        writer.family(self.name, kind: .gauge, help: self.help)
        for row in rows {
            writer.sample(self.name, labels: zip(self.labels, row.labelValues).map { ($0, $1) }, row.value)
        }
    }
}

/// Durations in fixed buckets; kept in whole nanoseconds, so the sum loses nothing.
package final class DurationHistogram: MetricFamily {
    private struct State {
        /// One for each bound, not cumulated, and one for what is above the last.
        var buckets: [UInt64]
        var sum: UInt64 = 0
    }

    private let name: String
    private let help: String
    private let bounds: [UInt64]
    private let state: Mutex<State>

    /// - Parameter bounds: upper bounds in nanoseconds, ascending, each inclusive.
    package init(_ name: String, help: String, bounds: [UInt64]) {
        self.name = name
        self.help = help
        self.bounds = bounds
        self.state = Mutex(State(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    package func record(nanoseconds: UInt64) {
        let bucket = self.bounds.firstIndex { nanoseconds <= $0 } ?? self.bounds.count
        self.state.withLock { state in
            state.buckets[bucket] &+= 1
            state.sum &+= nanoseconds
        }
    }

    package func write(to writer: inout ExpositionWriter) {
        let (buckets, sum) = self.state.withLock { ($0.buckets, $0.sum) }
        writer.family(self.name, kind: .histogram, help: self.help)
        var cumulated: UInt64 = 0
        for (bucket, bound) in zip(buckets, self.bounds) {
            cumulated &+= bucket
            writer.sample(
                "\(self.name)_bucket", labels: [("le", ExpositionWriter.number(Double(bound) / 1e9))], cumulated)
        }
        cumulated &+= buckets.last ?? 0
        writer.sample("\(self.name)_bucket", labels: [("le", "+Inf")], cumulated)
        writer.sample("\(self.name)_sum", Double(sum) / 1e9)
        writer.sample("\(self.name)_count", cumulated)
    }
}

/// The gaps found, by label and reason. Label keys come from the policy, which may be reloaded, so they are added as
/// they appear, up to a bound; reasons are fixed.
package final class GapCounter: MetricFamily {
    /// Label keys counted by name: policies have some ten, and a hundred reloads should not grow without bound.
    private static let maximumLabels = 64
    private static let otherLabel = "other"

    private struct State {
        var positions: [String: Int] = [:]
        var labels: [String] = []
        var counts: [[UInt64]] = []
    }

    private let name: String
    private let help: String
    private let reasons: [String]
    private let reasonPositions: [String: Int]
    private let state = Mutex(State())

    package init(_ name: String, help: String, reasons: [String]) {
        self.name = name
        self.help = help
        self.reasons = reasons
        self.reasonPositions = Dictionary(zip(reasons, reasons.indices)) { first, _ in first }
    }

    /// - Parameters:
    ///   - label: a label key of the policy, never one a request made up.
    ///   - reason: one of the reasons given at the start; any other is not counted.
    package func increment(label: String, reason: String) {
        guard let reason = self.reasonPositions[reason] else { return }
        self.state.withLock { state in
            let position: Int
            if let known = state.positions[label] {
                position = known
            } else {
                let isFull = state.labels.count >= GapCounter.maximumLabels
                let name = isFull ? GapCounter.otherLabel : label
                position = state.positions[name] ?? state.labels.count
                if position == state.labels.count {
                    state.positions[name] = position
                    state.labels.append(name)
                    state.counts.append(Array(repeating: 0, count: self.reasons.count))
                }
            }
            state.counts[position][reason] &+= 1
        }
    }

    package func write(to writer: inout ExpositionWriter) {
        let (labels, counts) = self.state.withLock { ($0.labels, $0.counts) }
        writer.family(self.name, kind: .counter, help: self.help)
        for (label, counts) in zip(labels, counts).sorted(by: { $0.0 < $1.0 }) {
            for (reason, count) in zip(self.reasons, counts) where count > 0 {
                writer.sample(self.name, labels: [("label", label), ("reason", reason)], count)
            }
        }
    }
}
