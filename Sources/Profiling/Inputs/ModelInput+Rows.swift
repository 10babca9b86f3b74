import Foundation
import Randomness
import Vocabulary

extension ModelInput {
    /// Bytes of embedding rows that one item reads through this input.
    var rowBytesPerItem: Int {
        guard hasBatch, case .tableRows(_, _, _, let rowBytes) = values else { return 0 }
        return width * rowBytes
    }

    /// Bytes of different embedding rows that so many items are expected to read through this input.
    func distinctRowBytes(items: Int) -> Double {
        guard hasBatch, case .tableRows(let rows, let lookups, let distribution, let rowBytes) = values else {
            return 0
        }
        let tables = Double(width) / Double(lookups)
        let draws = Double(items) * Double(lookups)
        let distinct =
            switch distribution {
            case .uniform: Double(rows) * -expm1(-draws / Double(rows))
            case .zipf(let exponent):
                ZipfRanks(count: rows, exponent: exponent).expectedDistinct(draws: draws)
            }
        return tables * distinct * Double(rowBytes)
    }

    /// Whether rows are asked for unevenly, so that different rows come more slowly than lookups.
    var isSkewed: Bool {
        if case .tableRows(_, _, .zipf, _) = values { true } else { false }
    }
}

/// Draws the rows that one table is asked for.
struct RowSampler {
    private let rows: Int
    private let ranks: ZipfRanks?
    private let order: IndexPermutation?

    /// - Parameter stream: gives a skewed table its own order of popularity.
    init(rows: Int, _ distribution: IndexDistribution, using stream: inout RandomStream) {
        self.rows = rows
        switch distribution {
        case .uniform: (ranks, order) = (nil, nil)
        case .zipf(let exponent):
            ranks = ZipfRanks(count: rows, exponent: exponent)
            order = IndexPermutation(count: rows, using: &stream)
        }
    }

    func row(using stream: inout RandomStream) -> Int {
        guard let ranks, let order else { return stream.integer(in: 0..<rows) }
        return order[ranks.rank(using: &stream) - 1]
    }
}
