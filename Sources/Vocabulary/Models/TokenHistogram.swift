import Randomness

/// Numbers of tokens by how often they were seen.
public struct TokenHistogram: Hashable, Codable, Sendable {
    /// Ascending, each once.
    public let tokens: [Int]
    /// Of each number and all below it; the last is 1.
    public let cumulativeShares: [Double]

    /// - Parameter weights: by number of tokens, in any unit; those of 0 are left out.
    /// - Precondition: none is negative or infinite, and some is above 0.
    public init(weights: [Int: Double]) {
        let seen = weights.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        let sum = seen.reduce(0) { $0 + $1.value }
        precondition(sum > 0 && sum.isFinite && !weights.contains { $0.value < 0 }, "some number was seen")
        tokens = seen.map(\.key)
        var reached = 0.0
        var shares = seen.map { one in
            reached += one.value
            return reached / sum
        }
        shares[shares.count - 1] = 1
        cumulativeShares = shares
    }

    /// A number of tokens, drawn as often as it was seen. O(log n).
    func sample(using stream: inout RandomStream) -> Int {
        let draw = stream.uniform()
        var (lower, upper) = (0, tokens.count - 1)
        while lower < upper {
            let middle = (lower + upper) / 2
            if draw < cumulativeShares[middle] { upper = middle } else { lower = middle + 1 }
        }
        return tokens[lower]
    }
}
