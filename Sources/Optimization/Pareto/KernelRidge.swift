import Foundation

/// Predicts a number from vectors of numbers by ridge regression with a Gaussian kernel: what is learnt is a
/// weighted sum of similarities to the samples (Saunders et al. 1998). O(n^3) to fit, O(n) to predict.
public struct KernelRidge: Sendable {
    private let samples: [[Double]]
    private let weights: [Double]
    private let mean: Double
    private let scales: [Double]
    private let width: Double

    /// - Parameters:
    ///   - width: of the kernel, in standard deviations of the features times the root of their number.
    ///   - ridge: how much is not believed of the values; above 0.
    /// - Precondition: there is a value for each sample, at least one, and samples are of one length.
    public init(samples: [[Double]], values: [Double], width: Double = 1, ridge: Double = 1e-2) {
        precondition(!samples.isEmpty && samples.count == values.count, "a value for each sample")
        let dimensions = samples[0].count
        scales = (0..<dimensions).map { dimension in
            let column = samples.map { $0[dimension] }
            let mean = column.reduce(0, +) / Double(column.count)
            let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)
            return variance > 0 ? 1 / variance.squareRoot() : 0
        }
        self.samples = samples
        let average = values.reduce(0, +) / Double(values.count)
        mean = average
        self.width = width * Double(max(1, dimensions)).squareRoot()
        var matrix = samples.map { _ in [Double](repeating: 0, count: samples.count) }
        for one in samples.indices {
            for other in 0...one {
                let value = Self.kernel(samples[one], samples[other], scales, self.width)
                matrix[one][other] = value
                matrix[other][one] = value
            }
            matrix[one][one] += ridge
        }
        weights = Self.solve(&matrix, values.map { $0 - average })
    }

    public func value(of features: [Double]) -> Double {
        zip(samples, weights).reduce(mean) { $0 + $1.1 * Self.kernel($1.0, features, scales, width) }
    }

    private static func kernel(
        _ left: [Double], _ right: [Double], _ scales: [Double], _ width: Double
    ) -> Double {
        var sum = 0.0
        for index in scales.indices {
            let difference = (left[index] - right[index]) * scales[index]
            sum += difference * difference
        }
        return exp(-sum / (2 * width * width))
    }

    /// Cholesky's way; the ridge keeps the matrix positive.
    static func solve(_ matrix: inout [[Double]], _ values: [Double]) -> [Double] {
        let count = values.count
        for row in 0..<count {
            for column in 0...row {
                var sum = matrix[row][column]
                for inner in 0..<column { sum -= matrix[row][inner] * matrix[column][inner] }
                matrix[row][column] =
                    row == column ? max(sum, 1e-12).squareRoot() : sum / matrix[column][column]
            }
        }
        var solution = values
        for row in 0..<count {
            for inner in 0..<row { solution[row] -= matrix[row][inner] * solution[inner] }
            solution[row] /= matrix[row][row]
        }
        for row in (0..<count).reversed() {
            for inner in (row + 1)..<max(count, row + 1) {
                solution[row] -= matrix[inner][row] * solution[inner]
            }
            solution[row] /= matrix[row][row]
        }
        return solution
    }
}
