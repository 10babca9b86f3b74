import Quantities

/// Counts of latencies in bins whose width is at most 1/128 of their value, so that any number of them takes
/// the same memory (about 60 KB).
///
/// Recording is O(1). A quantile is the upper edge of its bin: at most 0.8 % above the exact one and never
/// below it.
public struct LatencyTally: Sendable {
    private static let subBits = 8
    private static let half = 1 << (subBits - 1)
    private var counts: [Int]
    /// The number of latencies recorded.
    public private(set) var count = 0
    private var sum = 0.0
    /// The longest latency recorded; zero while there is none.
    public private(set) var maximum = Nanoseconds.zero

    /// Nothing recorded.
    public init() {
        counts = Array(repeating: 0, count: (66 - Self.subBits) * Self.half)
    }

    /// Records one latency; one below zero counts as zero.
    @inline(__always)
    public mutating func record(_ latency: Nanoseconds) {
        let value = max(0, latency.count)
        counts[Self.bin(of: UInt64(value))] += 1
        count += 1
        sum += Double(value)
        if latency > maximum { maximum = latency }
    }

    /// Counts latencies that rise evenly, given in picoseconds: `first`, `first + rise` and so on, `count`
    /// of them, each `times` times. Their sum is left to the caller. O(bins that are passed).
    mutating func count(first: Int64, rise: Int64, count: Int, times: Int) {
        var (next, left) = (max(0, first), Int64(count))
        while left > 0 {
            let bin = Self.bin(of: UInt64(next / 1000))
            let last = Self.upperEdge(of: bin) * 1000 + 999
            let inBin = rise <= 0 ? left : min(left, (last - next) / rise + 1)
            counts[bin] += Int(inBin) * times
            left -= inBin
            next += rise * inBin
        }
        self.count += count * times
        maximum = max(maximum, Nanoseconds((max(0, first) + max(0, rise) * Int64(count - 1)) / 1000))
    }

    /// Sets the sum of everything counted, in nanoseconds.
    mutating func setSum(_ nanoseconds: Double) { sum = nanoseconds }

    /// Adds what another tally recorded.
    public mutating func merge(_ other: LatencyTally) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sum += other.sum
        maximum = max(maximum, other.maximum)
    }

    /// The mean, exact but for rounding; nil without any latency.
    public var mean: Nanoseconds? { count == 0 ? nil : Nanoseconds(Int64((sum / Double(count)).rounded())) }

    /// The smallest bin edge that at least the given share of the latencies does not exceed; nil without any
    /// latency.
    public func quantile(_ quantile: Quantile) -> Nanoseconds? {
        guard count > 0 else { return nil }
        let rank = max(1, Int((quantile.value * Double(count)).rounded(.up)))
        var seen = 0
        for (index, number) in counts.enumerated() {
            seen += number
            if seen >= rank { return min(maximum, Nanoseconds(Self.upperEdge(of: index))) }
        }
        return maximum
    }

    /// Values below 256 have a bin each; above, each octave is cut into 128 bins of equal width.
    @inline(__always)
    private static func bin(of value: UInt64) -> Int {
        let octave = max(0, 63 - value.leadingZeroBitCount - (subBits - 1))
        return octave == 0
            ? Int(value) : octave << (subBits - 1) + Int(value >> UInt64(octave))
    }

    private static func upperEdge(of index: Int) -> Int64 {
        guard index >= 2 * half else { return Int64(index) }
        let octave = index / half - 1
        let mantissa = Int64(index - octave * half)
        return ((mantissa + 1) << Int64(octave)) - 1
    }
}
