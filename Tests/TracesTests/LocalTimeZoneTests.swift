import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

/// Times written as a local clock shows them.
@Suite struct LocalTimeZoneTests {
    private func read(_ rows: [String], _ zone: String) throws -> (trace: Trace, summary: TraceImportSummary)
    {
        var options = TraceImportOptions()
        options.timeZone = LocalTimeZone(zone)
        let text = (["time,load"] + rows.enumerated().map { "\($1),\($0)" }).joined(separator: "\n") + "\n"
        let copy = try WorkingCopy()
        return try TraceImporter(options: options).read(path: copy.write(text, to: "local"))
    }

    private func hours(_ day: String, _ hours: [Int]) -> [String] {
        hours.map { "\(day) \($0 < 10 ? "0" : "")\($0):00" }
    }

    @Test func anOffsetMovesEveryTime() throws {
        let (trace, _) = try read(hours("2024-06-03", [2, 3, 4]), "+02:00")
        #expect(trace.startUnixSeconds == 1_717_372_800)
    }

    @Test func aWrittenZoneComesFirst() throws {
        let (trace, _) = try read(["2024-06-03T00:00:00Z", "2024-06-03T01:00:00Z"], "Europe/Berlin")
        #expect(trace.startUnixSeconds == 1_717_372_800)
    }

    @Test func theDayOnWhichClocksAreSetBackHas25Hours() throws {
        let (trace, summary) = try read(
            hours("2024-10-27", [0, 1, 2, 2] + Array(3...23)), "Europe/Berlin")
        #expect(trace.intervalCount == 25 && trace.interval == Nanoseconds(seconds: 3600))
        #expect(summary.duplicateRows == 0 && summary.gapRowsFilled == 0 && summary.unsortedRows == 0)
        #expect(trace.startUnixSeconds == 1_729_980_000, "22:00 UTC the day before")
    }

    @Test func theDayOnWhichClocksSkipAnHourHas23() throws {
        let (trace, summary) = try read(hours("2024-03-31", [0, 1] + Array(3...23)), "Europe/Berlin")
        #expect(trace.intervalCount == 23 && summary.gapRowsFilled == 0)
        #expect {
            try read(hours("2024-03-31", [0, 1, 2, 3]), "Europe/Berlin")
        } throws: {
            "\($0)".contains(
                ":4: time: found '2024-03-31 02:00', expected a time that clocks of Europe/Berlin show")
        }
    }

    @Test(arguments: ["Mars/Olympus", "", "+2", "2", "CEST now"])
    func whatIsNoZoneIsNone(name: String) { #expect(LocalTimeZone(name) == nil) }

    @Test(arguments: ["UTC", "Z", "-05:30", "America/New_York"])
    func whatIsAZoneIsOne(name: String) { #expect(LocalTimeZone(name)?.name == name) }
}
