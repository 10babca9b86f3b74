/// The SHA-256 hash function (FIPS 180-4), in plain Swift.
///
/// Foundation has none on Linux, and one function is no reason for another package. It serves to tell
/// definitions apart, not to keep secrets; the figure is the one `sha256sum` prints.
package struct SHA256 {
    private var state = initialState
    private var schedule = [UInt32](repeating: 0, count: 64)
    /// Bytes that do not fill a block yet.
    private var rest: [UInt8] = []
    private var byteCount: UInt64 = 0

    package init() {}

    /// The digest of everything taken in, as 64 lower-case digits; the value is spent.
    package mutating func finishHexadecimal() -> String {
        let digits = Array("0123456789abcdef")
        return String(finish().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Takes in the next bytes of the message.
    package mutating func update(_ bytes: [UInt8]) {
        byteCount += UInt64(bytes.count)
        guard !rest.isEmpty else { return take(bytes) }
        take(rest + bytes)
    }

    /// The digest of everything taken in; the value is spent.
    package mutating func finish() -> [UInt8] {
        let bitCount = byteCount * 8
        var padded = rest
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        for shift in stride(from: 56, through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: bitCount >> UInt64(shift)))
        }
        take(padded)
        return state.flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    /// Compresses the whole blocks of some bytes, and keeps the others.
    private mutating func take(_ bytes: [UInt8]) {
        let whole = bytes.count / 64 * 64
        bytes.withUnsafeBufferPointer { bytes in
            for block in stride(from: 0, to: whole, by: 64) { compress(bytes, at: block) }
        }
        rest = Array(bytes[whole...])
    }

    private mutating func compress(_ bytes: UnsafeBufferPointer<UInt8>, at block: Int) {
        for index in 0..<16 {
            let byte = block + 4 * index
            schedule[index] =
                UInt32(bytes[byte]) << 24 | UInt32(bytes[byte + 1]) << 16
                | UInt32(bytes[byte + 2]) << 8 | UInt32(bytes[byte + 3])
        }
        for index in 16..<64 {
            let early = schedule[index - 15]
            let late = schedule[index - 2]
            let sigma0 = Self.rotate(early, 7) ^ Self.rotate(early, 18) ^ (early >> 3)
            let sigma1 = Self.rotate(late, 17) ^ Self.rotate(late, 19) ^ (late >> 10)
            schedule[index] = schedule[index - 16] &+ sigma0 &+ schedule[index - 7] &+ sigma1
        }
        Self.compress(schedule, into: &state)
    }

    private static func compress(_ schedule: [UInt32], into state: inout [UInt32]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for round in 0..<64 {
            let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ sum1 &+ choice &+ roundConstants[round] &+ schedule[round]
            let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ sum0 &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word >> bits | word << (32 - bits)
    }

    /// The first 32 bits of the fractional parts of the square roots of the first 8 primes.
    private static let initialState: [UInt32] = firstPrimes(8).map { fractionBits(ofRoot: 2, of: $0) }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let roundConstants: [UInt32] = firstPrimes(64).map { fractionBits(ofRoot: 3, of: $0) }

    private static func firstPrimes(_ count: Int) -> [UInt32] {
        var primes: [UInt32] = []
        var candidate: UInt32 = 2
        while primes.count < count {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }

    /// The low 32 bits of floor(2^32 * number^(1/degree)), found by bisection over whole numbers so that no
    /// floating-point rounding can spoil a bit.
    private static func fractionBits(ofRoot degree: Int, of number: UInt32) -> UInt32 {
        // The roots are below 32, so 2^32 times the root is below 2^37, and its cube below 2^111.
        let radicand = UInt128(number) << UInt128(32 * degree)
        var low: UInt128 = 0
        var high: UInt128 = 1 << 37
        while high - low > 1 {
            let middle = (low + high) / 2
            let power = degree == 2 ? middle * middle : middle * middle * middle
            if power <= radicand { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }
}
