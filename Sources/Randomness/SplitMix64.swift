/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same words from the same seed everywhere.
///
/// Good enough to seed other generators and to shuffle a list; simulations draw from a `RandomStream`.
public struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// A number in `0..<limit`; the high word of a product, whose bias is below limit / 2^64.
    public mutating func next(below limit: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(limit)).high)
    }
}
