import Files

/// Reads numbers as spreadsheets and dashboards write them: `5,5`, `1 234.5`, `186.7 K`, `5 req/s`.
///
/// A file has one decimal sign. Which of point and comma it is shows in the first number that leaves no
/// choice; a number that says otherwise is refused.
struct LoadText {
    enum Reading: Equatable {
        case number(Double)
        /// An empty cell, or a word for one.
        case missing
        /// With what was expected, where that says more than that it is no load.
        case unreadable(expected: String?)
    }

    private enum DecimalSign {
        case point, comma
    }

    /// A comma may be a decimal sign only where it separates no fields.
    private let separatesByComma: Bool
    private var sign: DecimalSign?
    /// Whether a number was read whose point could also group digits.
    private var hasDoubtfulPoint = false

    init(separator: UInt8) { separatesByComma = separator == UInt8(ascii: ",") }

    private static let missing: Set<String> = [
        "", "-", "null", "none", "nan", "n/a", "na", "n/e", "undefined", "unknown",
    ]

    /// What factors of ten the letters of dashboards stand for.
    private static let scales: [String: Double] = [
        "k": 1e3, "K": 1e3, "M": 1e6, "Mil": 1e6, "G": 1e9, "B": 1e9, "Bil": 1e9, "T": 1e12, "Tri": 1e12,
        "m": 1e-3, "µ": 1e-6,
    ]

    /// Those that may stand before a unit: `B/s` are bytes.
    private static let unitScales = ["k", "K", "Mil", "M", "Bil", "Tri", "G"]

    /// Units of loads, in lower case, with what makes them per second.
    private static let units: [String: Double] = {
        var units: [String: Double] = ["rps": 1, "qps": 1, "ops": 1, "cps": 1, "hz": 1, "iops": 1, "tps": 1]
        for name in ["req", "reqs", "requests", "r", "q", "queries", "ops", "op", "c", "calls", ""] {
            units["\(name)/s"] = 1
            units["\(name)/sec"] = 1
            units["\(name)/m"] = 1.0 / 60
            units["\(name)/min"] = 1.0 / 60
        }
        for name in ["rpm", "cpm", "opm", "qpm"] { units[name] = 1.0 / 60 }
        return units
    }()

    /// - Parameter text: a cell; blanks around it do not count.
    mutating func read(_ text: String) -> Reading {
        let cell = text.replacing("\u{A0}", with: " ").replacing("\u{202F}", with: " ")
        let trimmed = Self.trimmed(cell[...])
        if Self.missing.contains(trimmed.lowercased()) { return .missing }
        // The number is what stands before the first letter or unit sign.
        let numberEnd = trimmed.firstIndex { !($0.isNumber || "+-.,' ".contains($0)) } ?? trimmed.endIndex
        var digits = Self.trimmed(trimmed[..<numberEnd])
        var unit = Self.trimmed(trimmed[numberEnd...])
        // `1e5` is a number, `1 e5` none.
        if unit.first == "e" || unit.first == "E",
            unit.dropFirst().allSatisfy({ $0.isNumber || "+-".contains($0) }),
            unit.count > 1
        {
            (digits, unit) = (trimmed, "")
        }
        guard let factor = Self.factor(of: unit) else {
            return .unreadable(expected: nil)
        }
        guard let number = number(digits) else {
            let isNumber = digits.contains(where: \.isNumber) && digits.contains { $0 == "." || $0 == "," }
            return .unreadable(
                expected: isNumber ? "a number with one decimal sign throughout the file" : nil)
        }
        return .number(number * factor)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " }
        let end = start.lastIndex { $0 != " " }
        return end.map { start[...$0] } ?? ""
    }

    /// nil for a unit that is none of a load.
    private static func factor(of unit: Substring) -> Double? {
        if unit.isEmpty { return 1 }
        if let scale = scales[String(unit)] { return scale }
        if let unit = units[unit.lowercased()] { return unit }
        for name in unitScales where unit.hasPrefix(name) {
            let rest = trimmed(unit.dropFirst(name.count))
            if let scale = scales[name], let factor = units[rest.lowercased()] { return scale * factor }
        }
        return nil
    }

    private mutating func number(_ text: Substring) -> Double? {
        var digits = text.filter { $0 != " " && $0 != "'" }
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
