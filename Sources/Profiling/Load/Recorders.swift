import Histogram
import Quantities
import Randomness
import Vocabulary

/// Counts times in a high dynamic range histogram with three significant digits: constant memory and about
/// ten nanoseconds a value, whatever the range.
package struct LatencyRecorder {
    private var counts = Histogram<UInt32>(highestTrackableValue: 3_600_000_000_000)

    package init() { counts.autoResize = true }

    /// Negative times count as zero.
    package mutating func record(_ time: Nanoseconds) { counts.record(UInt64(max(0, time.count))) }

    /// Each bin stands for its highest value, as HdrHistogram reports quantiles: at most 0.1 % above the
    /// truth.
    package var histogram: LatencyHistogram {
        LatencyHistogram(
            bins: counts.recordedValues().map {
                LatencyHistogram.Bin(
                    latency: Nanoseconds(Int64(counts.highestEquivalentForValue($0.value))),
                    count: Int($0.count))
            })
    }
}

/// A uniform sample of all service times of a run, of bounded size (algorithm R, Vitter 1985).
package struct ServiceReservoir {
    package static let capacity = 4000

    package private(set) var samples: [ServiceSample] = []
    private var seen = 0
    private var stream: RandomStream

    package init(seed: UInt64) { stream = RandomStream(seed: seed, name: "service reservoir") }

    package mutating func add(_ sample: ServiceSample) {
        seen += 1
        if samples.count < Self.capacity {
            samples.append(sample)
        } else {
            let place = stream.integer(in: 0..<seen)
            if place < Self.capacity { samples[place] = sample }
        }
    }
}
