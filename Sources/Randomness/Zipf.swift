#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Draws ranks 1...n with probabilities in proportion to `rank^-exponent`, in constant time and memory, by
/// rejection-inversion (Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone
/// discrete distributions", 1996).
///
/// With `h(x) = x^-s` and `H` its integral, a point under the hat `h` is drawn by inverting `H` and is
/// accepted when it falls under the bar of the nearest rank; more than three draws in four are, for every
/// exponent.
public struct ZipfRanks: Sendable {
    public let count: Int
    public let exponent: Double
    private let first: Double
    private let last: Double
    /// Points this close to their rank are accepted without looking.
    private let shortcut: Double

    /// - Precondition: `count >= 1` and the exponent is finite and above 0.
    public init(count: Int, exponent: Double) {
        precondition(count >= 1 && exponent > 0 && exponent.isFinite, "a Zipf law has ranks and an exponent")
        self.count = count
        self.exponent = exponent
        first = Self.integral(1.5, exponent) - 1
        last = Self.integral(Double(count) + 0.5, exponent)
        shortcut = 2 - Self.inverse(Self.integral(2.5, exponent) - Self.density(2, exponent), exponent)
    }

    /// A rank from 1, the most frequent, to `count`.
    public func rank(using stream: inout RandomStream) -> Int {
        while true {
            let area = last + stream.uniform() * (first - last)
            let point = Self.inverse(area, exponent)
            let rank = min(max((point + 0.5).rounded(.down), 1), Double(count))
            if rank - point <= shortcut
                || area >= Self.integral(rank + 0.5, exponent) - Self.density(rank, exponent)
            {
                return Int(rank)
            }
        }
    }

    /// How many different ranks `draws` independent draws are expected to show. Ranks are taken together in
    /// bands of a fifth of their own size; O(log count).
    public func expectedDistinct(draws: Double) -> Double {
        // By the same bands, so that the probabilities sum to one.
        var bands: [(width: Double, weight: Double)] = []
        var lower = 1.0
        while lower <= Double(count) {
            let upper = min(max(lower + 1, (lower * 1.2).rounded(.down)), Double(count) + 1)
            let middle = (lower + upper - 1) / 2
            bands.append((upper - lower, Self.density(middle, exponent)))
            lower = upper
        }
        let total = bands.reduce(0) { $0 + $1.width * $1.weight }
        return bands.reduce(0) { $0 + $1.width * -expm1(-draws * $1.weight / total) }
    }

    private static func density(_ x: Double, _ s: Double) -> Double { exp(-s * log(x)) }

    /// `(x^(1-s) - 1) / (1 - s)`, which tends to `ln x` as s tends to 1.
    private static func integral(_ x: Double, _ s: Double) -> Double {
        let t = (1 - s) * log(x)
        return (abs(t) > 1e-8 ? expm1(t) / t : 1 + t / 2) * log(x)
    }

    private static func inverse(_ y: Double, _ s: Double) -> Double {
        let t = max(y * (1 - s), -1)
        return exp((abs(t) > 1e-8 ? log1p(t) / t : 1 - t / 2) * y)
    }
}

/// A pseudo-random order of 0..<count that needs no table: a Feistel network of four rounds over the smallest
/// even number of bits that holds the count, walked until it lands inside (Black and Rogaway 2002, "cycle
/// walking").
public struct IndexPermutation: Sendable {
    private let count: UInt64
    private let halfBits: UInt64
    private let keys: (UInt64, UInt64, UInt64, UInt64)

    /// - Precondition: `count >= 1`.
    public init(count: Int, using stream: inout RandomStream) {
        precondition(count >= 1, "an order has elements")
        self.count = UInt64(count)
        let bits = UInt64(64 - UInt64(max(count - 1, 1)).leadingZeroBitCount)
        halfBits = max(1, (bits + 1) / 2)
        keys = (stream.next(), stream.next(), stream.next(), stream.next())
    }

    /// Where an index goes; different indices go to different places. Fewer than four walks on average.
    /// - Precondition: `0 <= index < count`.
    public subscript(index: Int) -> Int {
        precondition(index >= 0 && UInt64(index) < count, "the index is one of the order")
        var value = UInt64(index)
        repeat { value = shuffle(value) } while value >= count
        return Int(value)
    }

    private func shuffle(_ value: UInt64) -> UInt64 {
        let mask = (UInt64(1) << halfBits) - 1
        var (left, right) = (value >> halfBits, value & mask)
        for key in [keys.0, keys.1, keys.2, keys.3] {
            var word = (right &+ key) &* 0xbf58_476d_1ce4_e5b9
            word ^= word >> 31
            (left, right) = (right, left ^ (word & mask))
        }
        return left << halfBits | right
    }
}
