/// Marsaglia's xorshift64* (Journal of Statistical Software 8, 2003; Vigna, ACM TOMS 42, 2016): quick, and
/// good enough to choose moves.
@frozen
public struct XorShift64Star: Sendable {
    @usableFromInline
    var state: UInt64

    @inlinable
    public init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    @inlinable @inline(__always)
    public mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }

    /// A number in 0..<1.
    @inlinable @inline(__always)
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
