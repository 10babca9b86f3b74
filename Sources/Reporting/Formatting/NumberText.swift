import Foundation

extension Double {
    /// The nearest number with at most the given number of significant decimal digits; itself where not
    /// finite.
    ///
    /// The result is the double next to that decimal, so that it is also written with no more digits.
    package func rounded(significantDigits: Int) -> Double {
        guard isFinite, self != 0 else { return self }
        let exponent = significantDigits - 1 - Int(Foundation.floor(Foundation.log10(abs(self))))
        // Dividing or multiplying a whole number by a power of ten up to 1e22 rounds once only.
        guard abs(exponent) <= 22 else { return self }
        let power = Foundation.pow(10, Double(abs(exponent)))
        return exponent >= 0 ? (self * power).rounded() / power : (self / power).rounded() * power
    }

    /// Fixed decimals with a comma between thousands: `12,345.6`.
    ///
    /// A value other than zero never reads as zero: where the decimals do not suffice, the first significant
    /// digit is shown, and below a thousandth of the last decimal only that it is smaller.
    package func fixed(decimals: Int) -> String {
        let text = String(format: "%.*f", decimals, self)
        let showsOnlyZeros = !text.contains { $0.isNumber && $0 != "0" }
        guard showsOnlyZeros else { return Self.groupingThousands(text) }
        guard self != 0 else { return String(format: "%.*f", decimals, 0.0) }
        let decimalsNeeded = Int(-Foundation.floor(Foundation.log10(abs(self))))
        guard decimalsNeeded > decimals + 3 else { return String(format: "%.*f", decimalsNeeded, self) }
        let limit = String(format: "%.*f", decimals + 3, Foundation.pow(10, -Double(decimals + 3)))
        return self > 0 ? "<\(limit)" : ">-\(limit)"
    }

    /// At most so many significant digits, and no zeros after the point: `0.85`, `1,240`.
    package func short(significantDigits: Int = 3) -> String {
        let number = rounded(significantDigits: significantDigits)
        return number == number.rounded() ? number.fixed(decimals: 0) : "\(number)"
    }

    private static func groupingThousands(_ text: String) -> String {
        let sign = text.hasPrefix("-") ? "-" : ""
        let parts = text.dropFirst(sign.count).split(separator: ".", maxSplits: 1)
        let digits = Array(parts.first ?? "")
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { grouped.append(",") }
            grouped.append(digit)
        }
        return sign + grouped + (parts.count > 1 ? ".\(parts[1])" : "")
    }
}
