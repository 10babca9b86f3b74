import Foundation
import Quantities
import Testing

@Suite struct CalendarTimeTests {
    /// Against Foundation's calendar, over the whole range, leap years and centuries included.
    @Test func everyDateAgreesWithFoundation() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for step in stride(from: -3_000_000_000, through: 9_000_000_000, by: 8_640_137) {
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second],
                from: Date(timeIntervalSince1970: TimeInterval(step)))
            let text = String(
                format: "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0,
                parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
            #expect(CalendarTime.text(unixSeconds: Int64(step)) == text)
            #expect(CalendarTime.unixNanoseconds(of: text) == Int64(step) * 1_000_000_000)
        }
    }

    @Test(arguments: [
        ("1970-01-01", Int64(0)), ("1970-01-01T00:00", 0), ("1969-12-31 23:59:59.5", -500_000_000),
        ("2024-02-29T12:00:00Z", 1_709_208_000_000_000_000), ("2000-02-29T00:00:00", 951_782_400_000_000_000),
        ("2024-02-29T12:00:00+05:30", 1_709_188_200_000_000_000),
        ("2024-02-29T12:00:00-0800", 1_709_236_800_000_000_000),
        ("2024-02-29t12:00:00z", 1_709_208_000_000_000_000),
        ("2024-02-29 12:00:00+02", 1_709_200_800_000_000_000),
        ("1998-04-30 21:30:00", 893_971_800_000_000_000),
        ("2015-02-26 21:42:53.123456789987", 1_424_986_973_123_456_789),
    ])
    func timesAreRead(text: String, nanoseconds: Int64) {
        #expect(CalendarTime.unixNanoseconds(of: text) == nanoseconds)
    }

    @Test(arguments: [
        "", "2024", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31",
        "2024-01-01T24:00:00",
        "2024-01-01T10:60:00", "2024-01-01T10:00:60", "2024-01-01T10:00:00.", "2024-01-01T10:00:00+1",
        "2024-01-01T10:00:00+01:60", "2024-01-01T10:00:00Zx", "2024-1-1", "01/02/2024", "2024-01-01T",
        "1677-01-01",
        "2262-01-01", "2024-01-01 10:00:00 UTC", " 2024-01-01",
    ])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(CalendarTime.unixNanoseconds(of: text) == nil)
    }

    @Test func fractionsAreWrittenAsShortAsTheyAre() {
        #expect(CalendarTime.text(unixNanoseconds: -1) == "1969-12-31T23:59:59.999999999Z")
        #expect(CalendarTime.text(unixNanoseconds: 1_250_000_000) == "1970-01-01T00:00:01.25Z")
    }
}
