import Quantities
import Vocabulary

/// Latency-bounded throughput found live beside that of the simulation, and how far apart they are.
public struct ThroughputComparisonDocument: TableDocument {
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
                Table.Column("model", "model", .text), Table.Column("partition", "partition", .text),
                Table.Column("threads", "M", .count), Table.Column("workers", "O", .count),
                Table.Column("batch", "D", .count), Table.Column("limitMilliseconds", "limit", .milliseconds),
                Table.Column("quantile", "tail", .text), Table.Column("liveMetQps", "live, met", .rate),
                Table.Column("liveMissedQps", "live, missed", .rate),
                Table.Column("profiledQps", "simulated", .rate),
                Table.Column("difference", "difference", .fraction),
                Table.Column("plainDifference", "without load effects", .fraction),
                Table.Column("storedDifference", "from the profile", .fraction),
                Table.Column("rates", "rates", .count),
                Table.Column("doubtfulRates", "disturbed", .count),
                Table.Column("provenance", "source", .tag),
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

    /// The medians of the differences.
    public var remarks: String {
        guard let median = medianDifference else { return "" }
        var line = "Median size of the difference: \(Self.percent(median))"
        if let plain = medianPlainDifference { line += "; without load effects \(Self.percent(plain))" }
        if let stored = medianStoredDifference {
            line += "; from the cells of the profile \(Self.percent(stored))"
        }
        return "\n" + line + "\n"
    }

    private static func percent(_ fraction: Fraction) -> String {
        "\((fraction.value * 1000).rounded() / 10) %"
    }
}
