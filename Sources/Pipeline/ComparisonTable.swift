import Quantities
import Reporting
import Vocabulary

/// Live against profiled throughput as text, JSON or CSV.
public struct ComparisonTable {
    private let comparisons: [ThroughputComparison]

    public init(_ comparisons: [ThroughputComparison]) { self.comparisons = comparisons }

    /// Of several comparisons of one model and schedule, the latest.
    public init(latestOf comparisons: [ThroughputComparison]) {
        var latest: [String: ThroughputComparison] = [:]
        var order: [String] = []
        for comparison in comparisons {
            let key = "\(comparison.model) \(comparison.schedule)"
            if latest.updateValue(comparison, forKey: key) == nil { order.append(key) }
        }
        self.init(order.compactMap { latest[$0] })
    }

    public var count: Int { comparisons.count }
    public var modelCount: Int { Set(comparisons.map(\.model)).count }

    /// The median size of the differences; nil for none.
    public var medianDifference: Fraction? {
        ThroughputComparison.medianSize(comparisons.map(\.difference))
    }

    /// The same of the simulation that knows nothing of loads.
    public var medianPlainDifference: Fraction? {
        ThroughputComparison.medianSize(comparisons.map(\.plainDifference))
    }

    /// The same of the simulation over the cells of the profile.
    public var medianStoredDifference: Fraction? {
        ThroughputComparison.medianSize(comparisons.map(\.storedDifference))
    }

    /// One row for each comparison.
    public var table: Table {
        Table(
            caption: "Latency-bounded throughput, live and by simulation over measured service times",
            columns: [
                .init("model", "model", .text), .init("partition", "partition", .text),
                .init("threads", "M", .count), .init("workers", "O", .count),
                .init("batch", "D", .count), .init("limitMilliseconds", "limit", .milliseconds),
                .init("quantile", "tail", .text), .init("liveMetQps", "live, met", .rate),
                .init("liveMissedQps", "live, missed", .rate), .init("profiledQps", "simulated", .rate),
                .init("difference", "difference", .fraction),
                .init("plainDifference", "without load effects", .fraction),
                .init("storedDifference", "from the profile", .fraction), .init("rates", "rates", .count),
                .init("doubtfulRates", "disturbed", .count),
                .init("provenance", "source", .tag),
            ], keyColumnCount: 5,
            rows: comparisons.map { comparison in
                [.text(comparison.model.name)] + comparison.schedule.cells + [
                    .milliseconds(comparison.target.limit), .text("\(comparison.target.quantile)"),
                    .quantity(comparison.liveMet), .quantity(comparison.liveMissed),
                    .quantity(comparison.profiled), .quantity(comparison.difference),
                    .quantity(comparison.plainDifference), .quantity(comparison.storedDifference),
                    .integer(comparison.rates), .integer(comparison.doubtfulRates),
                    .text(comparison.provenance.rawValue),
                ]
            })
    }

    /// The table, and for people the medians under it.
    public func rendered(as rendering: Rendering) -> String {
        let text = rendering.render(table)
        guard rendering == .text, let median = medianDifference else { return text }
        var line = "Median size of the difference: \(Self.percent(median))"
        if let plain = medianPlainDifference { line += "; without load effects \(Self.percent(plain))" }
        if let stored = medianStoredDifference {
            line += "; from the cells of the profile \(Self.percent(stored))"
        }
        return text + "\n" + line + "\n"
    }

    private static func percent(_ fraction: Fraction) -> String {
        "\((fraction.value * 1000).rounded() / 10) %"
    }
}
