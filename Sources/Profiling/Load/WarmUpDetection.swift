import Quantities
import Vocabulary

/// Finds where the start of a run ends: kernels still being built, cold caches, a clock that is still rising.
///
/// The marginal standard error rule over groups of five (MSER-5; White, Cobb and Spratt, Winter Simulation
/// Conference 2000): leave out as many values at the start as make the mean of the rest the most certain. It
/// looks at service times relative to what their items should take, not at latencies: those rise and fall
/// with the arrivals, and to leave out a burst of arrivals would flatter the tail. For the same reason each
/// group stands for its median, not its mean, and what is left out must have been slower as a whole: a stall
/// in the middle of a run is no warm-up.
package enum WarmUpDetection {
    /// One piece, in order of its begin.
    package struct Piece {
        package var items: Int
        package var time: Nanoseconds

        package init(items: Int, time: Nanoseconds) {
            self.items = items
            self.time = time
        }
    }

    /// How many pieces at the start belong to the warm-up; nil where the rule finds no settled state, which
    /// it reports by wanting to leave out more than half. O(n).
    package static func warmUpPieces(_ pieces: [Piece]) -> Int? {
        let group = 5
        // Fewer tell nothing.
        guard pieces.count >= 20 * group else { return 0 }
        let expected = line(through: pieces[(pieces.count / 2)...])
        var medians: [Double] = []
        for first in stride(from: 0, through: pieces.count - group, by: group) {
            let ratios = pieces[first..<first + group].map {
                Double($0.time.count) / max(1, expected(Double($0.items)))
            }
            medians.append(median(ratios[...]))
        }
        // Suffix sums give each candidate in one step.
        var (sum, squares) = (0.0, 0.0)
        var best = (error: Double.infinity, left: 0)
        var errors = Array(repeating: 0.0, count: medians.count)
        for index in medians.indices.reversed() {
            sum += medians[index]
            squares += medians[index] * medians[index]
            let count = Double(medians.count - index)
            errors[index] = max(0, squares - sum * sum / count) / (count * count)
        }
        // The last candidates leave so little that it may agree by chance.
        for index in 0...min(medians.count * 4 / 5, medians.count - 10) where errors[index] < best.error {
            best = (errors[index], index)
        }
        let (start, rest) = (median(medians[..<best.left]), median(medians[best.left...]))
        guard best.left > 0, start > slowdownMin * rest else { return 0 }
        return best.left > medians.count / 2 ? nil : best.left * group
    }

    /// By how much the start must be slower than the rest to count as a warm-up.
    private static let slowdownMin = 1.05

    /// The upper one of two in the middle; zero of none.
    private static func median(_ values: ArraySlice<Double>) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    /// Least squares of time over items; the mean where all have one size.
    private static func line(through pieces: ArraySlice<Piece>) -> (Double) -> Double {
        let n = Double(pieces.count)
        let x = pieces.reduce(0.0) { $0 + Double($1.items) } / n
        let y = pieces.reduce(0.0) { $0 + Double($1.time.count) } / n
        var (xx, xy) = (0.0, 0.0)
        for piece in pieces {
            let deviation = Double(piece.items) - x
            xx += deviation * deviation
            xy += deviation * (Double(piece.time.count) - y)
        }
        let slope = xx > 0 ? max(0, xy / xx) : 0
        // A steep line may cross zero for small pieces; they take some time all the same.
        return { items in max(y / 20, y + slope * (items - x)) }
    }
}
