import Quantities

/// Times as spreadsheets and ENTSO-E write them: `26/10/2025 02:00:00 (CEST) - 26/10/2025 02:00:00 (CET)`,
/// `01.03.2023 14:00`, `3/1/2026 2:00 PM`. Of a range, the beginning counts.
enum DayFirstTime {
    /// Which part of a date comes first.
    enum Order {
        case day, month
    }

    struct Reading {
        /// Since 1970 as the clock shows it, or in UTC where the offset is known.
        var nanoseconds: Int64
        /// East of Greenwich, where a tag of summer or winter time says so.
        var offsetSeconds: Int64?
    }

    private static let tags: [String: Int64] = [
        "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    ]

    /// Zones by what ENTSO-E writes into the name of its column of times.
    static func zone(inColumn name: String) -> LocalTimeZone? {
        let places = [
            ("(CET/CEST)", "Europe/Brussels"), ("(WET/WEST)", "Europe/Lisbon"),
            ("(EET/EEST)", "Europe/Athens"), ("(UTC)", "UTC"),
        ]
        return places.first { name.contains($0.0) }.flatMap { LocalTimeZone($0.1) }
    }

    /// Which part comes first, where a text leaves no choice; nil where it could be either, or is no such
    /// date.
    static func order(of text: String) -> Order? {
        guard let parts = parts(of: text) else { return nil }
        if parts.isDotted || parts.isRange || parts.first > 12 { return .day }
        return parts.second > 12 ? .month : nil
    }

    /// Whether a text begins with three numbers that points or slashes part.
    static func isDate(_ text: String) -> Bool { parts(of: text) != nil }

    /// nil for what is no time, or a date that does not exist.
    static func reading(of text: String, _ order: Order) -> Reading? {
        guard let parts = parts(of: text) else { return nil }
        let (day, month) = order == .day ? (parts.first, parts.second) : (parts.second, parts.first)
        guard (1...12).contains(month), (1678...2261).contains(parts.year), day >= 1,
            day <= CalendarTime.daysInMonth(year: parts.year, month: month),
            let seconds = seconds(parts.time)
        else { return nil }
        let days = Int64(CalendarTime.days(year: parts.year, month: month, day: day))
        let local = (days * 86_400 + seconds) * 1_000_000_000
        guard let tag = parts.tag else { return Reading(nanoseconds: local) }
        guard let hours = tags[tag] else { return nil }
        return Reading(nanoseconds: local - hours * 3_600_000_000_000, offsetSeconds: hours * 3600)
    }

    private struct Parts {
        var first: Int
        var second: Int
        var year: Int
        var isDotted: Bool
        var isRange: Bool
        var time: Substring
        var tag: String?
    }

    private static func parts(of text: String) -> Parts? {
        var rest = text[...]
        var isRange = false
        if let dash = text.firstRange(of: " - ") {
            rest = text[..<dash.lowerBound]
            isRange = true
        }
        rest = rest.drop { $0 == " " }
        var numbers: [Int] = []
        var signs: Set<Character> = []
        while numbers.count < 3 {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard (1...4).contains(digits.count), let number = Int(digits) else { return nil }
            numbers.append(number)
            rest = rest[digits.endIndex...]
            if numbers.count == 3 {
                guard digits.count == 4 else { return nil }
                break
            }
            guard digits.count <= 2, let sign = rest.first, sign == "/" || sign == "." else { return nil }
            signs.insert(sign)
            rest = rest.dropFirst()
        }
        guard signs.count == 1 else { return nil }
        var tag: String?
        if let open = rest.firstIndex(of: "("), let close = rest.firstIndex(of: ")"), open < close {
            tag = String(rest[rest.index(after: open)..<close])
            rest = rest[..<open]
        }
        let start = rest.drop { $0 == " " || $0 == "," || $0 == "T" }
        let time = start.lastIndex { $0 != " " }.map { start[...$0] } ?? ""
        return Parts(
            first: numbers[0], second: numbers[1], year: numbers[2], isDotted: signs.contains("."),
            isRange: isRange, time: time, tag: tag)
    }

    /// Of `14:00`, `14:00:30`, `2:00 PM` or nothing.
    private static func seconds(_ text: Substring) -> Int64? {
        guard !text.isEmpty else { return 0 }
        let upper = text.uppercased()
        let isAfternoon = upper.hasSuffix("PM")
        let hasHalf = isAfternoon || upper.hasSuffix("AM")
        var clock = hasHalf ? upper.dropLast(2) : upper[...]
        while clock.last == " " { clock = clock.dropLast() }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count),
            parts.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy { ("0"..."9").contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int64($0) }
        guard numbers.count == parts.count, numbers[1] < 60, numbers.count < 3 || numbers[2] < 60 else {
            return nil
        }
        var hour = numbers[0]
        if hasHalf {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        guard hour < 24 else { return nil }
        return hour * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
    }
}
