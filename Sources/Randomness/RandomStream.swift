/// A seeded stream of random numbers that is the same on every platform: xoshiro256** (Blackman and Vigna
/// 2018), seeded through SplitMix64.
///
/// Streams are named, so that adding a consumer does not shift the numbers every other consumer sees.
@frozen
public struct RandomStream: RandomNumberGenerator, Sendable {
    @usableFromInline
    var state: (UInt64, UInt64, UInt64, UInt64)

    /// A stream of a seed; streams with different names are independent.
    public init(seed: UInt64, name: String) {
        // FNV-1a over the name, because `Hasher` is seeded anew in every process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var words = SplitMix64(seed: seed ^ hash)
        state = (words.next(), words.next(), words.next(), words.next())
    }

    @inlinable
    public mutating func next() -> UInt64 {
        func rotate(_ word: UInt64, by bits: UInt64) -> UInt64 { (word << bits) | (word >> (64 - bits)) }
        let result = rotate(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotate(state.3, by: 45)
        return result
    }

    /// Uniform in 0..<1 with 53 random bits.
    @inlinable
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform over the whole numbers of a range.
    /// - Precondition: the range is not empty.
    @inlinable
    public mutating func integer(in range: Range<Int>) -> Int { Int.random(in: range, using: &self) }
}
