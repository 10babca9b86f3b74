import Files

/// Reads loads as spreadsheets and dashboards write them: `5,5`, `1 234.5`, `186.7 K`, `5 req/s`.
struct LoadText {
    enum Reading: Equatable {
        case number(Double)
        /// An empty cell, or a word for one.
        case missing
        /// With what was expected, where that says more than that it is no load.
        case unreadable(expected: String?)
    }

    private var numbers: SpreadsheetNumber

    init(separator: UInt8) { numbers = SpreadsheetNumber(separator: separator) }

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
        guard let number = numbers.value(of: digits) else {
            return .unreadable(
                expected: SpreadsheetNumber.isNumberOtherwise(digits) ? SpreadsheetNumber.expected : nil)
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
}
