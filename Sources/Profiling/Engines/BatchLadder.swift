/// The batch sizes an engine is shown: a piece is padded to the next rung.
///
/// Most queries end in a remainder piece, and the published query sizes give hundreds of different
/// remainders. The first run of a shape costs OpenVINO 3 to 8 ms for kernels built for that shape, per
/// stream, against service times of 0.2 to 3 ms (measured on 4 cores of an EPYC 9004, release 2026.4); a run
/// that alternates between shapes it has seen costs nothing extra. Warming every size up to 512 would take
/// seconds for each cell, so the sizes are cut to a ladder with four rungs an octave, as serving systems do
/// with bucketed batches: at most 25 % of a remainder piece is padding, 10 % on average, and full pieces are
/// never padded.
public struct BatchLadder: Hashable, Sendable {
    /// Ascending, from 1 to the largest batch.
    public let rungs: [Int]

    /// - Precondition: there is at least one batch, and all are at least 1.
    public init(batches: [Int]) {
        precondition(batches.allSatisfy { $0 >= 1 }, "a batch has at least one item")
        let top = batches.max() ?? 0
        precondition(top >= 1, "a ladder needs a batch size")
        var rungs = Set(batches)
        var rung = 1
        while rung < top {
            rungs.insert(rung)
            rung = Self.rung(atLeast: rung + 1)
        }
        self.rungs = rungs.sorted()
    }

    /// Of a graph that takes one number of items and no other: every piece is padded to it.
    /// - Precondition: it is at least 1.
    public init(only batch: Int) {
        precondition(batch >= 1, "a batch has at least one item")
        rungs = [batch]
    }

    /// The smallest rung that holds so many items; beyond the top, the size itself. O(log rungs).
    public func rung(for items: Int) -> Int {
        var (low, high) = (0, rungs.count)
        while low < high {
            let middle = (low + high) / 2
            if rungs[middle] < items { low = middle + 1 } else { high = middle }
        }
        return low < rungs.count ? rungs[low] : items
    }

    /// 1...8, then multiples of a quarter of the power of two below.
    private static func rung(atLeast items: Int) -> Int {
        guard items > 8 else { return items }
        let octave = 1 << (Int.bitWidth - 1 - (items - 1).leadingZeroBitCount)
        let step = octave / 4
        return (items + step - 1) / step * step
    }
}
