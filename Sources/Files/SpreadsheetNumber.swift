/// Reads the numbers of one file as spreadsheets write them: `5,5`, `1 234.5`, `1.234.567,8`.
///
/// A file has one decimal sign. Which of point and comma it is shows in the first number that leaves no
/// choice; a number that says otherwise is refused.
package struct SpreadsheetNumber {
    private enum DecimalSign {
        case point, comma
    }

    /// A comma may be a decimal sign only where it separates no fields.
    private let separatesByComma: Bool
    private var sign: DecimalSign?
    /// Whether a number was read whose point could also group digits.
    private var hasDoubtfulPoint = false

    /// - Parameter separator: of the file's fields.
    package init(separator: UInt8) { separatesByComma = separator == UInt8(ascii: ",") }

    /// Completes "expected " for a number that is refused.
    package static let expected = "a number with one decimal sign throughout the file"

    /// Whether a text that is no number is one by another decimal sign.
    package static func isNumberOtherwise(_ text: some StringProtocol) -> Bool {
        text.contains(where: \.isNumber) && text.contains { $0 == "." || $0 == "," }
    }

    /// - Returns: nil for a text that is no number, or none by this file's decimal sign.
    package mutating func value(of text: some StringProtocol) -> Double? {
        var digits = String(text.filter { $0 != " " && $0 != "'" })
        let points = digits.count { $0 == "." }
        let commas = digits.count { $0 == "," }
        switch (points, commas) {
        case (0, 0): break
        case (1, 0) where separatesByComma: break
        case (1, 0):
            // `1.234` may be one and a bit, or more than a thousand.
            if Self.groups(digits, by: ".") {
                if sign == .comma {
                    digits = digits.filter { $0 != "." }
                } else {
                    hasDoubtfulPoint = true
                }
            } else {
                guard settle(.point) else { return nil }
            }
        case (_, 0):
            guard Self.groups(digits, by: "."), settle(.comma) else { return nil }
            digits = digits.filter { $0 != "." }
        case (0, 1) where !separatesByComma:
            guard settle(.comma) else { return nil }
            digits = digits.replacing(",", with: ".")
        default:
            // Where both stand, the last one is the decimal sign.
            let lastPoint = digits.lastIndex(of: ".")
            let isPoint =
                points == 0
                || (lastPoint ?? digits.startIndex) > (digits.lastIndex(of: ",") ?? digits.startIndex)
            let whole = points == 0 ? digits[...] : digits.prefix { $0 != (isPoint ? "." : ",") }
            guard isPoint ? points <= 1 : commas == 1, Self.groups(whole, by: isPoint ? "," : "."),
                settle(isPoint ? .point : .comma)
            else { return nil }
            digits = digits.filter { $0 != (isPoint ? "," : ".") }.replacing(",", with: ".")
        }
        return DecimalNumber.value(of: digits)
    }

    /// - Returns: whether the file can have this decimal sign.
    private mutating func settle(_ found: DecimalSign) -> Bool {
        if found == .comma, hasDoubtfulPoint { return false }
        if sign == nil { sign = found }
        return sign == found
    }

    /// Whether a sign stands before groups of three digits each, and after one to three.
    private static func groups(_ text: some StringProtocol, by sign: Character) -> Bool {
        let unsigned = text.drop { $0 == "-" || $0 == "+" }
        let parts = unsigned.split(separator: sign, omittingEmptySubsequences: false)
        guard parts.count >= 2, let first = parts.first, (1...3).contains(first.count) else { return false }
        return parts.dropFirst().allSatisfy { $0.count == 3 && $0.allSatisfy(\.isNumber) }
    }
}
