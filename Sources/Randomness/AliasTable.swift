/// A choice among weighted places in constant time (the alias method: Walker 1977, built as by Vose 1991).
@frozen
public struct AliasTable: Sendable {
    /// Per place, of 2^32: below it a draw keeps the place, else it goes to the alias.
    @usableFromInline
    var thresholds: [UInt32]
    @usableFromInline
    var aliases: [Int32]

    /// O(n).
    /// - Precondition: there is a weight, each is finite and not negative, and their sum is positive.
    public init(weights: [Double]) {
        let total = weights.reduce(0, +)
        precondition(
            total > 0 && total.isFinite && weights.allSatisfy { $0 >= 0 }, "weights have a positive sum")
        let count = weights.count
        var shares = weights.map { $0 * Double(count) / total }
        thresholds = Array(repeating: .max, count: count)
        aliases = (0..<count).map { Int32($0) }
        var small: [Int] = []
        var large: [Int] = []
        for index in shares.indices {
            if shares[index] < 1 { small.append(index) } else { large.append(index) }
        }
        while let low = small.popLast(), let high = large.last {
            thresholds[low] = UInt32(min(shares[low] * 0x1p32, 0x1p32 - 1))
            aliases[low] = Int32(high)
            shares[high] -= 1 - shares[low]
            if shares[high] < 1 {
                large.removeLast()
                small.append(high)
            }
        }
        // What is left over by rounding is a whole share.
    }

    /// The number of places.
    public var count: Int { thresholds.count }

    /// A place, with a probability in proportion to its weight up to 2^-32. O(1), one word of the stream.
    @inlinable @inline(__always)
    public func sample(using stream: inout RandomStream) -> Int {
        let word = stream.next()
        let place = Int(truncatingIfNeeded: ((word >> 32) &* UInt64(thresholds.count)) >> 32)
        return UInt32(truncatingIfNeeded: word) < thresholds[place] ? place : Int(aliases[place])
    }
}
