/// Reads decimal numbers from bytes, strictly: no hexadecimal, no `nan`, no `inf`, no surrounding blanks.
package enum DecimalNumber {
    /// The parts of `[+-]digits[.digits][e[+-]digits]`.
    private struct Parts {
        var isNegative = false
        /// All digits without the point, as long as they fit 18 places.
        var digits: UInt64 = 0
        /// How many digits there were, leading zeros left out.
        var significantDigits = 0
        var fractionDigits = 0
        var exponent = 0
    }

    /// The number a text stands for; nil where it is not a finite decimal number. The result is the nearest
    /// `Double` in every case.
    package static func value<Bytes: BidirectionalCollection<UInt8>>(of bytes: Bytes) -> Double? {
        guard let parts = parts(of: bytes) else { return nil }
        let power = parts.exponent - parts.fractionDigits
        // Up to 15 digits and powers up to 10^22 are exact, so that one operation rounds once (Clinger 1990).
        if parts.significantDigits <= 15, abs(power) <= 22 {
            let magnitude = Double(parts.digits)
            let scaled = power < 0 ? magnitude / powersOfTen[-power] : magnitude * powersOfTen[power]
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
        guard parts.exponent == 0, parts.significantDigits <= 18 else {
            guard let number = value(of: bytes) else { return nil }
            return Int64(exactly: (number * powersOfTen[power]).rounded())
        }
        var magnitude = Int64(parts.digits)
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

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

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
                if parts.significantDigits <= 18 { parts.digits = parts.digits * 10 + digit }
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
