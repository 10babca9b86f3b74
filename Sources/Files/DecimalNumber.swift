/// Reads decimal numbers from bytes, strictly: no hexadecimal, no `nan`, no `inf`, no surrounding blanks.
package enum DecimalNumber {
    /// The parts of `[+-]digits[.digits][e[+-]digits]`.
    private struct Parts {
        var isNegative = false
        /// All digits without the point, as long as they fit 19 places.
        var digits: UInt64 = 0
        /// How many digits there were, leading zeros left out.
        var significantDigits = 0
        var fractionDigits = 0
        var exponent = 0
    }

    /// The number a text stands for; nil where it is not a finite decimal number. The result is the nearest
    /// `Double` in every case.
    package static func value<Bytes: BidirectionalCollection<UInt8>>(of bytes: Bytes) -> Double? {
        // One copy of the code for bytes in a row, whatever holds them, is several times as fast.
        let found = bytes.withContiguousStorageIfAvailable { number(of: $0) }
        return found ?? number(of: bytes)
    }

    /// The same for bytes of a row of a table.
    package static func value(of bytes: ArraySlice<UInt8>) -> Double? {
        bytes.withUnsafeBufferPointer { number(of: $0) }
    }

    private static func number<Bytes: BidirectionalCollection<UInt8>>(of bytes: Bytes) -> Double? {
        guard let parts = parts(of: bytes) else { return nil }
        let power = parts.exponent - parts.fractionDigits
        // Up to 15 digits and powers up to 10^22 are exact, so that one operation rounds once (Clinger 1990).
        if parts.significantDigits <= 15, abs(power) <= 22 {
            let magnitude = Double(parts.digits)
            let scaled = power < 0 ? magnitude / powersOfTen[-power] : magnitude * powersOfTen[power]
            return parts.isNegative ? -scaled : scaled
        }
        // All digits of a floating-point number, as programs write them: at most 19, near one.
        if parts.significantDigits <= 19, let scaled = nearest(parts.digits, power) {
            return parts.isNegative ? -scaled : scaled
        }
        guard let number = Double(String(decoding: bytes, as: UTF8.self)), number.isFinite else { return nil }
        return number
    }

    /// The number a text stands for; nil where it is not a finite decimal number.
    package static func value(of text: String) -> Double? { value(of: text.utf8) }

    /// The number times a power of ten as a whole number, exactly where it has no exponent; further digits
    /// are cut off. nil where it is not a decimal number or does not fit 64 bits.
    package static func scaled<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes, byPowerOfTen power: Int)
        -> Int64?
    {
        guard let parts = parts(of: bytes) else { return nil }
        guard parts.exponent == 0, parts.significantDigits <= 19, let whole = Int64(exactly: parts.digits)
        else {
            guard let number = value(of: bytes) else { return nil }
            return Int64(exactly: (number * powersOfTen[power]).rounded())
        }
        var magnitude = whole
        if parts.fractionDigits > power {
            for _ in 0..<min(parts.fractionDigits - power, 18) { magnitude /= 10 }
        } else {
            let (product, isOverflow) = magnitude.multipliedReportingOverflow(
                by: Int64(powersOfTen[power - parts.fractionDigits]))
            guard !isOverflow else { return nil }
            magnitude = product
        }
        return parts.isNegative ? -magnitude : magnitude
    }

    /// The same for bytes of a row of a table.
    package static func scaled(_ bytes: ArraySlice<UInt8>, byPowerOfTen power: Int) -> Int64? {
        bytes.withUnsafeBufferPointer { scaled($0, byPowerOfTen: power) }
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The nearest double to digits times a power of ten, ties to even; nil outside of powers from -27 to
    /// 27, whose fives fit one word, so that the division and the product below are exact in two.
    private static func nearest(_ digits: UInt64, _ power: Int) -> Double? {
        guard digits != 0, abs(power) <= 27 else { return digits == 0 ? 0 : nil }
        let fives = powersOfFive[abs(power)]
        let digitZeros = digits.leadingZeroBitCount
        let normal = digits << UInt64(digitZeros)
        var (high, low): (UInt64, UInt64)
        // The value is high.low * 2^exponent, with the point after high.
        var exponent: Int
        if power < 0 {
            let fiveZeros = fives.leadingZeroBitCount
            let (quotient, rest) = (fives << UInt64(fiveZeros)).dividingFullWidth((normal >> 1, normal << 63))
            (high, low) = (quotient, rest == 0 ? 0 : 1)
            exponent = -63 - digitZeros + fiveZeros + power
        } else {
            (high, low) = normal.multipliedFullWidth(by: fives)
            exponent = 64 - digitZeros + power
        }
        let zeros = high.leadingZeroBitCount
        if zeros > 0 {
            high = high << UInt64(zeros) | (power < 0 ? 0 : low >> UInt64(64 - zeros))
            if power >= 0 { low <<= UInt64(zeros) }
            exponent -= zeros
        }
        // 53 of 64 bits stay; the eleven others and all below decide on rounding.
        var mantissa = high >> 11
        let cut = high & 0x7FF
        if cut > 0x400 || cut == 0x400 && (low != 0 || mantissa & 1 == 1) { mantissa += 1 }
        return Double(sign: .plus, exponent: exponent + 11, significand: Double(mantissa))
    }

    private static let powersOfFive: [UInt64] = (0...27).reduce(into: [1]) { powers, _ in
        powers.append(powers[powers.count - 1] &* 5)
    }

    private static func parts<Bytes: BidirectionalCollection<UInt8>>(of bytes: Bytes) -> Parts? {
        var parts = Parts()
        var index = bytes.startIndex
        if index < bytes.endIndex, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            parts.isNegative = bytes[index] == UInt8(ascii: "-")
            index = bytes.index(after: index)
        }
        var digitCount = 0
        var hasPoint = false
        scan: while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = UInt64(bytes[index] - UInt8(ascii: "0"))
                digitCount += 1
                if parts.significantDigits > 0 || digit > 0 { parts.significantDigits += 1 }
                if parts.significantDigits <= 19 { parts.digits = parts.digits * 10 + digit }
                if hasPoint { parts.fractionDigits += 1 }
            case UInt8(ascii: ".") where !hasPoint:
                hasPoint = true
            default:
                break scan
            }
            index = bytes.index(after: index)
        }
        guard digitCount > 0 else { return nil }
        guard index < bytes.endIndex else { return parts }
        guard bytes[index] | 0x20 == UInt8(ascii: "e") else { return nil }
        let rest = bytes[bytes.index(after: index)...]
        guard let exponent = Int(String(decoding: rest, as: UTF8.self)), abs(exponent) < 10_000 else {
            return nil
        }
        parts.exponent = exponent
        return parts
    }
}
