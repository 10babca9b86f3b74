import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

@Suite struct TraceImporterTests {
    private func importing(
        _ text: String, _ options: TraceImportOptions = TraceImportOptions()
    ) throws -> (trace: Trace, summary: TraceImportSummary) {
        let copy = try WorkingCopy()
        return try TraceImporter(options: options).read(path: copy.write(text, to: "t.csv"))
    }

    private func refusal(_ text: String, _ options: TraceImportOptions = TraceImportOptions()) throws
        -> String?
    {
        let copy = try WorkingCopy()
        let path = try copy.write(text, to: "t.csv")
        return message(without: copy.path) { _ = try TraceImporter(options: options).read(path: path) }
    }

    private func options(_ change: (inout TraceImportOptions) -> Void) -> TraceImportOptions {
        var options = TraceImportOptions()
        change(&options)
        return options
    }

    private func values(_ trace: Trace, _ model: ModelID = "load") -> [Double] {
        (trace.loads[model] ?? []).map(\.value)
    }

    // MARK: Times

    @Test(arguments: [
        ("2024-06-03 00:00:00|2024-06-03T00:01:00Z|2024-06-03T02:02:00+02:00", Int64(1_717_372_800)),
        ("1717372800|1717372860|1717372920.0", 1_717_372_800),
        ("1717372800.75|1717372860.75|1717372920.75", 1_717_372_800), ("0|60|120", 0), ("30|90|150", 0),
        ("-60|0|6e1", 0),
    ])
    func timeFormatsAreRecognised(times: String, start: Int64) throws {
        let text =
            "time,load\n" + times.split(separator: "|").enumerated().map { "\($1),\($0 + 1)\n" }.joined()
        let (trace, summary) = try importing(text)
        #expect(trace.startUnixSeconds == start && trace.interval == Nanoseconds(seconds: 60))
        #expect(values(trace) == [1, 2, 3] && summary.movedRows == 0)
    }

    @Test func millisecondsAreReadWhenToldAndHintedAtWhenNot() throws {
        let text = "t,load\n1717372800000,1\n1717372800250,2\n"
        let (trace, _) = try importing(text, options { $0.timeFormat = .unixMilliseconds })
        #expect(trace.startUnixSeconds == 1_717_372_800 && trace.interval == Nanoseconds(milliseconds: 250))
        #expect(
            try refusal(text)
                == """
                t.csv:2: t: found '1717372800000', expected a time in seconds; if these are \
                milliseconds, say so by
                """
                + " the time format unix_milliseconds")
    }

    // MARK: What is refused

    @Test(arguments: [
        ("time,load\n", "t.csv:1: found a header and no rows, expected rows below the header"),
        (
            "time,load\n0,1\n60,nan\n",
            "t.csv:2: found a single time, expected at least two, or a row interval given by hand"
        ),
        (
            "time,load\n0,1\n60,inf\n",
            "t.csv:3: load: found 'inf', expected a load: a number from 0 to 1e18"
        ),
        (
            "time,load\n0,1\n60,1e999\n",
            "t.csv:3: load: found '1e999', expected a load: a number from 0 to 1e18"
        ),
        (
            "time,load\n0,1\n60,-0.5\n",
            "t.csv:3: load: found '-0.5', expected a load: a number from 0 to 1e18"
        ),
        (
            "time,load\n0,\n60,\n", "t.csv:1: found a header and no rows, expected rows below the header"
        ),
        (
            "time,load\n0,1\n60,0x10\n",
            "t.csv:3: load: found '0x10', expected a load: a number from 0 to 1e18"
        ),
        (
            "time,load\n0,1\n60,1 000 ms\n",
            "t.csv:3: load: found '1 000 ms', expected a load: a number from 0 to 1e18"
        ),
        ("time,load\n0,1\n2024-06-03,1\n", "t.csv:3: time: found '2024-06-03', expected a time in seconds"),
        (
            "time,load\n2024-06-03 00:00:00,1\n03/06/2024,1\n",
            """
            t.csv:3: time: found '03/06/2024', expected a time like 2024-06-03 00:00:00 or \
            2024-06-03T00:00:00Z
            """
        ),
        (
            "time,load\n5,1\n5,2\n",
            "t.csv:2: found a single time, expected at least two, or a row interval given by hand"
        ),
        (
            "time,load\n0,1\n1,1\n5,1\n50,1\n",
            """
            t.csv: found rows at irregular distances (median 4 s, shortest 1 s, longest 45 s), expected \
            regular ones, or
            """
                + " a row interval given by hand"
        ),
        ("time\n0\n60\n", "t.csv:1: found no column of loads beside 'time', expected at least one"),
    ])
    func unusableTablesAreRefused(text: String, expected: String) throws {
        let message = try refusal(text)
        #expect(message == expected)
    }

    @Test func intervalsThatDoNotFitAreRefused() throws {
        #expect(
            try refusal("time,load\n0,1\n60,2\n", options { $0.interval = Nanoseconds(seconds: 180) })
                == """
                t.csv: found an interval of 180 s, expected one of more than zero that fits into the 120 \
                s the rows cover
                """
        )
    }

    // MARK: Gaps, duplicates, order

    private static let gappy = "time,load\n0,10\n60,20\n240,80\n300,50\n"

    @Test(arguments: [
        (TraceImportOptions.GapFill.interpolate, [10.0, 20, 40, 60, 80, 50]),
        (.hold, [10, 20, 20, 20, 80, 50]),
        (.zero, [10, 20, 0, 0, 80, 50]),
    ])
    func gapsAreFilledAsAsked(fill: TraceImportOptions.GapFill, expected: [Double]) throws {
        let (trace, summary) = try importing(Self.gappy, options { $0.gapFill = fill })
        #expect(zip(values(trace), expected).allSatisfy { abs($0 - $1) < 1e-12 } && trace.intervalCount == 6)
        #expect(summary.rowsRead == 4 && summary.rowsKept == 4)
        #expect(summary.gapsFilled == 1 && summary.gapRowsFilled == 2 && summary.longestGapRows == 2)
        #expect(summary.zeroLoadIntervals == (fill == .zero ? 2 : 0))
        #expect(summary.description.contains("2 missing rows in 1 gaps (longest 2) were filled"))
    }

    @Test func gapsThatMayNotBeFilledAreNamed() throws {
        let gap =
            "t.csv:4: found a gap of 2 rows of 60 s between 60.0 s (line 3) and 240.0 s (line 4), expected "
        #expect(
            try refusal(Self.gappy, options { $0.gapFill = .refuse })
                == gap + "no gap (or a way to fill it: interpolate, hold or zero)")
        #expect(
            try refusal(Self.gappy, options { $0.gapRowsMax = 1 })
                == gap + "gaps of at most 1 rows (raise the limit to fill this one)")
        #expect(try refusal(Self.gappy, options { $0.gapRowsMax = 2 }) == nil)
        // A stray date must be refused, not filled up to.
        let stray = try refusal("time,load\n2024-06-03,1\n2024-06-04,1\n2024-06-05,1\n2224-06-06,1\n")
        #expect(stray?.contains("a gap of 73048 rows of 86400 s") == true)
    }

    @Test func duplicatesAreAddedAsCountsAndAveragedAsRates() throws {
        let text = "time,load\n0,60\n60,30\n60,90\n60,180\n120,60\n"
        let (rates, summary) = try importing(text)
        #expect(values(rates) == [60, 100, 60] && summary.duplicateRows == 2 && summary.rowsKept == 3)
        let (counts, _) = try importing(text, options { $0.loadKind = .count })
        #expect(values(counts) == [1, 5, 1])
    }

    @Test func rowsInAnyOrderGiveTheSameTrace() throws {
        let (sorted, _) = try importing("time,load\n0,1\n60,2\n120,3\n180,4\n")
        let (shuffled, summary) = try importing("time,load\n120,3\n0,1\n180,4\n60,2\n")
        #expect(sorted == shuffled && summary.unsortedRows == 2)
    }

    @Test func clocksThatJitterAreMovedToTheGrid() throws {
        let text = "time,load\n1000,1\n1060,2\n1121,3\n1179,4\n1240,5\n1300,6\n"
        let (trace, summary) = try importing(text)
        #expect(values(trace) == [1, 2, 3, 4, 5, 6] && trace.interval == Nanoseconds(seconds: 60))
        #expect(summary.movedRows == 2 && summary.gapsFilled == 0)
    }

    @Test func irregularEventsAreBinnedWhenTheIntervalIsGiven() throws {
        let text = "time,load\n0,1\n1,1\n9.9,1\n10,4\n35,2\n"
        let (trace, summary) = try importing(
            text,
            options {
                $0.loadKind = .count; $0.rowInterval = Nanoseconds(seconds: 10); $0.gapFill = .zero
            })
        #expect(values(trace) == [0.3, 0.4, 0, 0.2])
        #expect(summary.duplicateRows == 2 && summary.zeroLoadIntervals == 1)
    }

    // MARK: Resampling

    /// Whatever the interval, the queries of the whole intervals are those of the rows that they cover.
    @Test(arguments: [20.0, 30, 60, 90, 120, 150, 600, 700])
    func resamplingConservesCounts(seconds: Double) throws {
        let counts = (0..<40).map { ($0 * 7919) % 101 }
        let text = "time,load\n" + counts.enumerated().map { "\($0 * 60),\($1)\n" }.joined()
        let (trace, summary) = try importing(
            text,
            options {
                $0.loadKind = .count; $0.interval = Nanoseconds(seconds: seconds)
            })
        let covered = trace.span.seconds
        let whole = Int(covered / 60)
        let expected =
            Double(counts[..<whole].reduce(0, +))
            + (whole < 40 ? Double(counts[whole]) * (covered / 60 - Double(whole)) : 0)
        let total = values(trace).reduce(0, +) * seconds
        #expect(abs(total - expected) < 1e-9 * expected)
        #expect(summary.tailLeftOut.seconds == 2400 - covered && summary.tailLeftOut < trace.interval)
    }

    // MARK: Columns

    @Test func severalColumnsAndModelsThatShareOne() throws {
        let text = "a,when,b\n1,0,10\n2,60,20\n"
        let (all, _) = try importing(text, options { $0.timeColumn = "when" })
        #expect(all.models == ["a", "b"])
        let (one, _) = try importing(
            text,
            options {
                $0.timeColumn = "when"; $0.loads = .columns(["b"])
            })
        #expect(one.models == ["b"])
        let (shared, summary) = try importing(
            text,
            options {
                $0.timeColumn = "when"; $0.loads = .models(["x": "b", "y": "b", "z": "a"])
            })
        #expect(
            values(shared, "x") == [10, 20] && values(shared, "y") == [10, 20]
                && values(shared, "z") == [1, 2])
        #expect(summary.series.map(\.column) == ["b", "b", "a"])
        #expect(
            summary.series[0].mean == QueriesPerSecond(15) && summary.series[2].maximum == QueriesPerSecond(2)
        )
        #expect(
            try refusal(
                text,
                options {
                    $0.timeColumn = "when"; $0.loads = .columns(["when"])
                })
                == "t.csv:1: found 'when' as time and as load, expected two columns")
    }

    @Test func scalingSetsEachSeriesOwnPeak() throws {
        let (trace, _) = try importing("time,a,b,c\n0,1,0,5\n60,4,0,10\n")
        let scaled = trace.scaledToPeak(["a": QueriesPerSecond(100), "b": QueriesPerSecond(7)])
        #expect(
            values(scaled, "a") == [25, 100] && values(scaled, "b") == [0, 0]
                && values(scaled, "c") == [5, 10])
        #expect(scaled.span == trace.span && scaled.name == "t")
    }

    /// Numbers are read as the nearest `Double`, whatever their length.
    @Test func numbersAreReadExactly() throws {
        let texts = [
            "0.1", "123456.789", "0.000001", "123456789012345678", "1e18", "1e-22",
            "1.7976931348623157e-308", "4.9e-324",
            "9007199254740993", "0.30000000000000004", "00012.50", ".5", "5.", "+3", "2.5E+3",
            "123456789012345678.9",
        ]
        for text in texts {
            let (trace, _) = try importing("time,load\n0,\(text)\n60,0\n")
            #expect(values(trace)[0] == Double(text), "\(text)")
        }
    }
}
