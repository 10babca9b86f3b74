import Foundation
import Vocabulary

/// Fits the four times of a `TokenLaw` to times of output tokens in a steady state.
///
/// Weighted least squares on relative errors with no time below 0, which is exact here: the best of the 15
/// subsets of times whose own least squares have none below 0. After arXiv 2504.15303, which fits the time
/// of a token by least squares over sampled batches.
public enum TokenLawFit {
    /// Rows that a fit of four times needs to say something of those left out.
    public static let rowsMin = 6
    /// Where the first token takes as long, requests wait for memory and the state is not the one described.
    public static let firstTokenMax = 5.0

    /// A fit and how well it does.
    public struct Found: Hashable, Sendable {
        public let times: TokenLaw.Times
        public let residuals: TokenLaw.Residuals
        /// Of each row, predicted by a fit to all others.
        public let leftOutErrors: [Double]
    }

    /// Rows of a steady state in which no request waits for memory.
    public static func steady(_ rows: [TokenTime]) -> [TokenTime] {
        rows.filter { $0.firstToken < firstTokenMax }
    }

    /// - Returns: nil where there are too few rows. O(rows²) for the rows left out.
    public static func fit(_ rows: [TokenTime]) -> Found? {
        let rows = steady(rows)
        guard rows.count >= rowsMin, let times = times(rows) else { return nil }
        let leftOut = rows.indices.compactMap { index -> Double? in
            var others = rows
            let one = others.remove(at: index)
            return Self.times(others).map { error(of: $0, on: one) }
        }
        guard leftOut.count == rows.count else { return nil }
        let own = rows.map { error(of: times, on: $0) }
        return Found(
            times: times,
            residuals: TokenLaw.Residuals(
                rows: rows.count, error: mean(own), leftOut: mean(leftOut),
                leftOutP90: quantile(leftOut.sorted(), 0.9)), leftOutErrors: leftOut)
    }

    /// The absolute error as a share of what was measured.
    public static func error(of times: TokenLaw.Times, on row: TokenTime) -> Double {
        let expected = times.outputToken(requests: row.requests, prompt: row.prompt, output: row.output)
        return abs(expected / row.outputToken - 1)
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// Between the two nearest, in proportion.
    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let lower = Int(place)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
    }

    // MARK: Least squares

    private static func times(_ rows: [TokenTime]) -> TokenLaw.Times? {
        let lines = rows.map { row -> [Double] in
            let share = row.requests / row.outputToken
            return [
                1 / row.outputToken, share, share * (row.prompt + row.output / 2),
                share * row.prompt / row.output,
            ]
        }
        var best: (error: Double, times: [Double])?
        for subset in 1..<16 {
            let columns = (0..<4).filter { subset >> $0 & 1 == 1 }
            guard let found = solution(lines, columns), found.allSatisfy({ $0 >= 0 }) else { continue }
            var times = [0.0, 0, 0, 0]
            for (column, value) in zip(columns, found) { times[column] = value }
            let error = lines.reduce(0) { sum, line in
                let miss = zip(line, times).reduce(-1) { $0 + $1.0 * $1.1 }
                return sum + miss * miss
            }
            if error < (best?.error ?? .infinity) * (1 - 1e-12) { best = (error, times) }
        }
        return best.map {
            TokenLaw.Times(
                fixed: $0.times[0], sequence: $0.times[1], context: $0.times[2], prompt: $0.times[3])
        }
    }

    /// What some columns times the solution come nearest to 1 with; nil where columns depend on one another.
    /// Columns are brought to one size, and normal equations solved with pivoting.
    private static func solution(_ lines: [[Double]], _ columns: [Int]) -> [Double]? {
        let sizes = columns.map { column in
            lines.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot()
        }
        guard sizes.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        let count = columns.count
        var matrix: [[Double]] = []
        for row in 0..<count {
            var sums = [Double](repeating: 0, count: count + 1)
            for line in lines {
                let own = line[columns[row]] / sizes[row]
                for column in 0..<count { sums[column] += own * line[columns[column]] / sizes[column] }
                sums[count] += own
            }
            matrix.append(sums)
        }
        for step in 0..<count {
            guard let pivot = (step..<count).max(by: { abs(matrix[$0][step]) < abs(matrix[$1][step]) }),
                abs(matrix[pivot][step]) > 1e-11
            else { return nil }
            matrix.swapAt(step, pivot)
            for row in 0..<count where row != step {
                let factor = matrix[row][step] / matrix[step][step]
                for column in step...count { matrix[row][column] -= factor * matrix[step][column] }
            }
        }
        return (0..<count).map { matrix[$0][count] / matrix[$0][$0] / sizes[$0] }
    }
}
