import Quantities
import Simulation
import Vocabulary

/// Service times drawn from samples measured in one cell of the schedule grid.
///
/// The samples are sorted by items and cut into groups of neighbours. The mean curve is the line through the
/// groups' means; a draw takes the mean at the asked size and multiplies it by the relative deviation of one
/// sample of the nearest group, so that both the trend in size and the scatter around it are kept.
public struct MeasuredServiceTimes: ServiceTimes {
    private struct Group {
        var items: Double
        var nanoseconds: Double
        /// Each sample's time over the mean curve at its own size.
        var deviations: [Double]
    }

    private let groups: [Group]

    /// nil without samples. O(n log n).
    public init?(_ samples: [ServiceSample]) {
        guard !samples.isEmpty else { return nil }
        let sorted = samples.sorted { ($0.items, $0.time) < ($1.items, $1.time) }
        // Enough groups to follow the curve, enough samples in each for its scatter.
        let groupSize = max(16, sorted.count / 48)
        var chunks: [[ServiceSample]] = []
        for sample in sorted {
            // Samples of one size stay together: with equal full batches they are most of all samples.
            if let last = chunks.last, last.count < groupSize || last.last?.items == sample.items {
                chunks[chunks.count - 1].append(sample)
            } else {
                chunks.append([sample])
            }
        }
        // A scatter of one or two samples is none.
        if chunks.count > 1, let last = chunks.last, last.count < 4 {
            chunks[chunks.count - 2] += chunks.removeLast()
        }
        var groups = chunks.map { chunk in
            Group(
                items: chunk.reduce(0) { $0 + Double($1.items) } / Double(chunk.count),
                nanoseconds: chunk.reduce(0) { $0 + Double($1.time.count) } / Double(chunk.count),
                deviations: [])
        }
        for (index, chunk) in chunks.enumerated() {
            groups[index].deviations = chunk.map {
                Double($0.time.count) / Self.mean(items: Double($0.items), groups: groups)
            }
        }
        self.groups = groups
    }

    public func time(items: Int, draw: Double) -> Nanoseconds {
        let group = groups[Self.nearest(items: Double(items), groups: groups)]
        let deviation = group.deviations[Int(draw * Double(group.deviations.count))]
        return Nanoseconds(Int64((Self.mean(items: Double(items), groups: groups) * deviation).rounded()))
    }

    public func meanTime(items: Int) -> Nanoseconds {
        Nanoseconds(Int64(Self.mean(items: Double(items), groups: groups).rounded()))
    }

    /// Interpolates between group means; beyond the ends the last segment is continued, but never below half
    /// the end's time, because overheads do not vanish.
    private static func mean(items: Double, groups: [Group]) -> Double {
        guard groups.count > 1 else { return groups[0].nanoseconds }
        let upper = min(max(groups.firstIndex { $0.items >= items } ?? groups.count - 1, 1), groups.count - 1)
        let (a, b) = (groups[upper - 1], groups[upper])
        guard b.items > a.items else { return b.nanoseconds }
        let line = a.nanoseconds + (b.nanoseconds - a.nanoseconds) * (items - a.items) / (b.items - a.items)
        return max(line, min(a.nanoseconds, b.nanoseconds) / 2)
    }

    private static func nearest(items: Double, groups: [Group]) -> Int {
        guard let upper = groups.firstIndex(where: { $0.items >= items }) else { return groups.count - 1 }
        guard upper > 0 else { return 0 }
        return items - groups[upper - 1].items < groups[upper].items - items ? upper - 1 : upper
    }
}
