/// Instants of the proleptic Gregorian calendar in UTC, without leap seconds, as nanoseconds since
/// 1970-01-01T00:00:00Z.
public enum CalendarTime {
    /// Days from 1970-01-01 to a date; the date must exist. O(1), after Howard Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms".
    package static func days(year: Int, month: Int, day: Int) -> Int {
        // Years that begin in March end with the leap day.
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date that lies a number of days after 1970-01-01; the inverse of `days(year:month:day:)`.
    package static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// How many days a month has.
    package static func daysInMonth(year: Int, month: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// An instant as `YYYY-MM-DDTHH:MM:SSZ`, with a fraction where it is not a whole second.
    public static func text(unixNanoseconds: Int64) -> String {
        let (seconds, nanoseconds) = floorDivided(unixNanoseconds, by: 1_000_000_000)
        let (days, secondOfDay) = floorDivided(seconds, by: 86_400)
        let date = date(days: Int(days))
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        var fraction = ""
        if nanoseconds > 0 {
            fraction = "." + padded(nanoseconds, 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
        }
        return "\(padded(Int64(date.year), 4))-\(padded(Int64(date.month), 2))-\(padded(Int64(date.day), 2))"
            + "T\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2))"
            + ":\(padded(secondOfDay % 60, 2))"
            + "\(fraction)Z"
    }

    /// An instant as `YYYY-MM-DDTHH:MM:SSZ`.
    public static func text(unixSeconds: Int64) -> String {
        text(unixNanoseconds: unixSeconds * 1_000_000_000)
    }

    /// Reads `YYYY-MM-DD`, optionally followed by a blank or `T` and `HH:MM[:SS[.fraction]]`, optionally
    /// followed by `Z`, `+hh`, `+hhmm` or `+hh:mm`; without a zone the time is taken as UTC. nil for anything
    /// else, for dates that do not exist and for years outside 1678...2261, which 64-bit nanoseconds cannot
    /// hold.
    public static func unixNanoseconds(of text: String) -> Int64? {
        unixNanoseconds(of: ArraySlice(text.utf8))
    }

    package static func unixNanoseconds(of bytes: ArraySlice<UInt8>) -> Int64? {
        reading(of: bytes)?.nanoseconds
    }

    /// The seconds east of Greenwich of `Z`, `+hh`, `+hhmm` or `+hh:mm`; nil for anything else.
    package static func zoneOffsetSeconds(of text: String) -> Int64? {
        var cursor = Cursor(bytes: ArraySlice(text.utf8))
        return cursor.isAtEnd ? nil : cursor.zoneOffsetSeconds()
    }

    /// Like `unixNanoseconds(of:)`, and whether a zone was written.
    package static func reading(of bytes: ArraySlice<UInt8>) -> (nanoseconds: Int64, hasZone: Bool)? {
        var cursor = Cursor(bytes: bytes)
        guard let year = cursor.number(digits: 4), cursor.skip("-"), let month = cursor.number(digits: 2),
            cursor.skip("-"), let day = cursor.number(digits: 2), (1678...2261).contains(year),
            (1...12).contains(month), day >= 1, day <= daysInMonth(year: year, month: month)
        else { return nil }
        var seconds = Int64(days(year: year, month: month, day: day)) * 86_400
        guard !cursor.isAtEnd else { return (seconds * 1_000_000_000, false) }

        guard cursor.skip("T") || cursor.skip(" ") || cursor.skip("t"), let hour = cursor.number(digits: 2),
            cursor.skip(":"), let minute = cursor.number(digits: 2), hour < 24, minute < 60
        else { return nil }
        seconds += Int64(hour * 3600 + minute * 60)
        var nanoseconds: Int64 = 0
        if cursor.skip(":") {
            guard let second = cursor.number(digits: 2), second < 60 else { return nil }
            seconds += Int64(second)
            if cursor.skip(".") {
                guard let fraction = cursor.fractionNanoseconds() else { return nil }
                nanoseconds = fraction
            }
        }
        let hasZone = !cursor.isAtEnd
        guard let offset = cursor.zoneOffsetSeconds() else { return nil }
        return ((seconds - offset) * 1_000_000_000 + nanoseconds, hasZone)
    }

    /// The quotient rounded down and the remainder, which is never negative.
    package static func floorDivided(_ number: Int64, by divisor: Int64) -> (
        quotient: Int64, remainder: Int64
    ) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// A place in a text that moves on as its parts are read.
private struct Cursor {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    var isAtEnd: Bool { index == bytes.endIndex }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard !isAtEnd, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    /// The next digit's value.
    private mutating func digit() -> Int? {
        guard !isAtEnd, (0x30...0x39).contains(bytes[index]) else { return nil }
        defer { index += 1 }
        return Int(bytes[index] - 0x30)
    }

    mutating func number(digits: Int) -> Int? {
        var number = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// Any number of digits, of which the first nine count.
    mutating func fractionNanoseconds() -> Int64? {
        guard var number = digit().map(Int64.init) else { return nil }
        var count = 1
        while let digit = digit() {
            if count < 9 { number = number * 10 + Int64(digit) }
            count += 1
        }
        for _ in min(count, 9)..<9 { number *= 10 }
        return number
    }

    /// The zone at the end of a time: 0 for none; nil where something else stands there.
    mutating func zoneOffsetSeconds() -> Int64? {
        if isAtEnd { return 0 }
        if skip("Z") || skip("z") { return isAtEnd ? 0 : nil }
        let isNegative = bytes[index] == UInt8(ascii: "-")
        guard skip("+") || skip("-"), let hours = number(digits: 2), hours <= 18 else { return nil }
        var minutes = 0
        if !isAtEnd {
            _ = skip(":")
            guard let value = number(digits: 2), value < 60, isAtEnd else { return nil }
            minutes = value
        }
        let offset = Int64(hours * 3600 + minutes * 60)
        return isNegative ? -offset : offset
    }
}
