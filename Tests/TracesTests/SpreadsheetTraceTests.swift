import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

/// Loads as dashboards, spreadsheets and markets export them.
@Suite struct SpreadsheetTraceTests {
    private func read(
        _ text: String, name: String = "t.csv", _ change: (inout TraceImportOptions) -> Void = { _ in }
    ) throws -> (trace: Trace, summary: TraceImportSummary) {
        var options = TraceImportOptions()
        change(&options)
        let copy = try WorkingCopy()
        return try TraceImporter(options: options).read(path: copy.write(text, to: name))
    }

    private func loads(_ trace: Trace) -> [Double] {
        (trace.models.first.flatMap { trace.loads[$0] } ?? []).map(\.value)
    }

    private func message(_ text: String, _ change: (inout TraceImportOptions) -> Void = { _ in }) -> String {
        do {
            _ = try read(text, change)
            return "read"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("Time,\"svc {a=\"\"x\"\"}\"\n0,5 req/s\n60,6 req/s\n", [5.0, 6]),
        ("sep=;\nTime;rps\n0;5,5\n60;6,1\n", [5.5, 6.1]),
        ("Time\trps\n0\t1.234,5\n60\t2.000,25\n", [1234.5, 2000.25]),
        ("Time,rps\n0,186.7 K\n60,\"1,250.5\"\n120,2 Mil req/s\n", [186_700, 1250.5, 2_000_000]),
        ("Time;rps\n0;1 234,5\n60;7\n", [1234.5, 7]),
        ("Time,rps\n0,120 rpm\n60,60 req/min\n", [2, 1]),
        ("Time,rps\n0,1\n60,2\n120,\n180,4\n240,5\n", [1, 2, 3, 4, 5]),
        ("Time,rps\n0,1\n60,2\n120,NaN\n180,null\n240,5\n300,6\n", [1, 2, 3, 4, 5, 6]),
    ])
    func numbersAreReadAsTheyStand(text: String, expected: [Double]) throws {
        let found = loads(try read(text).trace)
        #expect(found.count == expected.count)
        for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-9 * max(1, other)) }
    }

    @Test(arguments: [
        ("Time;rps\n0;1,5\n60;2.25\n", "rps: found '2.25', expected a number with one decimal sign"),
        ("Time;rps\n0;1.234\n60;1,5\n", "rps: found '1,5', expected a number with one decimal sign"),
        ("Time,rps\n0,5 ms\n", "rps: found '5 ms', expected a load: a number from 0 to 1e18"),
        ("Time,rps\n0,5 B/s\n", "rps: found '5 B/s', expected a load"),
        ("Time,rps\n0,5 %\n", "rps: found '5 %', expected a load"),
        ("Time,a,b\n0,1,\n60,1,2\n120,1,2\n", "without a load of 'b', expected a load in the first"),
        ("Time,rps\n01/02/2026,5\n02/02/2026,6\n", "found '01/02/2026', expected a date whose day and month"),
    ])
    func whatIsInDoubtIsRefused(text: String, words: String) {
        #expect(message(text).contains(words), "\(message(text))")
    }

    @Test func oneSeriesMayMissWhatOthersHave() throws {
        let (trace, summary) = try read("Time,a,b\n0,1,10\n60,,20\n120,3,\n180,4,40\n")
        #expect(trace.loads["a"]?.map(\.value) == [1, 2, 3, 4])
        #expect(trace.loads["b"]?.map(\.value) == [10, 20, 30, 40])
        #expect(summary.gapRowsFilled == 2 && summary.oddities.emptyRows == 0)
        let late = try read("Time,a,b\n0,1,\n60,2,20\n") { $0.gapFill = .zero }
        #expect(late.trace.loads["b"]?.map(\.value) == [0, 20])
    }

    @Test func columnsAreSummedWhenAsked() throws {
        let (trace, _) = try read("Time,pod-1,pod-2\n0,1,2\n60,3,4\n") { $0.sumsSeries = true }
        #expect(trace.models == ["sum"] && loads(trace) == [3, 7])
    }

    private static let dayAhead = """
        "MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)","Intraday Period (CET/CEST)"
        "26/10/2025 00:00:00 - 26/10/2025 01:00:00","BZN|DE-LU","Without Sequence","0.50",""
        "26/10/2025 01:00:00 - 26/10/2025 02:00:00 (CEST)","BZN|DE-LU","Without Sequence","10.50",""
        "26/10/2025 02:00:00 (CEST) - 26/10/2025 02:00:00 (CET)","BZN|DE-LU","Without Sequence","20.50",""
        "26/10/2025 02:00:00 (CET) - 26/10/2025 03:00:00","BZN|DE-LU","Without Sequence","-30.50",""
        "26/10/2025 03:00:00 - 26/10/2025 04:00:00","BZN|DE-LU","Without Sequence","40.50",""

        """

    @Test func entsoesExportIsReadOverTheHourThatComesTwice() throws {
        let (trace, summary) = try read(Self.dayAhead.replacing("-30", with: "30"))
        #expect(
            trace.interval == Nanoseconds(seconds: 3600) && loads(trace) == [0.5, 10.5, 20.5, 30.5, 40.5])
        // Midnight in summer time is 22:00 in UTC.
        #expect(trace.startUnixSeconds == 1_761_429_600)
        #expect(summary.series.map(\.column) == ["Day-ahead Price (EUR/MWh)"])
    }

    @Test func entsoesFormerExportIsRead() throws {
        let (trace, summary) = try read(
            """
            "MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|DE-LU"
            "26.03.2023 00:00 - 26.03.2023 01:00","50.5","EUR",""
            "26.03.2023 01:00 - 26.03.2023 02:00","51.5","EUR",""
            "26.03.2023 02:00 - 26.03.2023 03:00","","",""
            "26.03.2023 03:00 - 26.03.2023 04:00","52.5","EUR",""

            """)
        #expect(loads(trace) == [50.5, 51.5, 52.5], "the hour that clocks skip has no price, and is no gap")
        #expect(summary.gapsFilled == 0 && summary.oddities.emptyRows == 1)
        let autumn = try read(
            """
            "MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|DE-LU"
            "29.10.2023 01:00 - 29.10.2023 02:00","1","EUR",""
            "29.10.2023 02:00 - 29.10.2023 03:00","2","EUR",""
            "29.10.2023 02:00 - 29.10.2023 03:00","3","EUR",""
            "29.10.2023 03:00 - 29.10.2023 04:00","4","EUR",""

            """)
        #expect(loads(autumn.trace) == [1, 2, 3, 4])
    }

    @Test(arguments: [
        ("26/10/2025 14:05", 1_761_487_500), ("26.10.2025 14:05:00", 1_761_487_500),
        ("10/26/2025 2:05 PM", 1_761_487_500), ("26/10/2025 14:05 (CET)", 1_761_483_900),
    ])
    func datesBeginWithTheDayOrTheMonth(time: String, seconds: Int64) throws {
        let next = time.replacing(":05", with: ":06")
        let (trace, _) = try read("t,x\n\"\(time)\",1\n\"\(next)\",2\n")
        #expect(trace.startUnixSeconds == seconds && trace.interval == Nanoseconds(seconds: 60))
    }

    @Test func aZoneForTimesThatNeedNoneIsRefused() {
        let words = message("t,x\n1700000000,1\n1700000060,1\n") {
            $0.timeZone = LocalTimeZone("Europe/Berlin")
        }
        #expect(words.contains("found times that need no zone (t, format unix_seconds)"), "\(words)")
    }

    @Test func seriesThatNeverMeetHaveNoSum() throws {
        let missing = #expect(throws: (any Error).self) {
            try read("t,a,b\n0,1,\n60,,2\n", name: "t.csv") { $0.sumsSeries = true }
        }
        #expect("\(missing.map { "\($0)" } ?? "")".contains("found no row with a load of every series"))
    }

    @Test func mooncakesTimesMayBeSeconds() throws {
        let text =
            #"{"timestamp": 0.0, "input_length": 10, "output_length": 5}"# + "\n"
            + #"{"timestamp": 0.2, "input_length": 20, "output_length": 8}"# + "\n"
            + #"{"timestamp": 90.4, "input_length": 15, "output_length": 6}"# + "\n"
        let (trace, summary) = try read(text, name: "m.jsonl") {
            $0.layout = .mooncake
            $0.timeFormat = .relativeSeconds
        }
        #expect(summary.oddities.arrivalsSpan == Nanoseconds(seconds: 90.4) && trace.intervalCount == 2)
        #expect(summary.description.contains("from the first arrival to the last 90.4 s"))
        #expect(summary.series.first?.tokens?.inputMean == 15)
        #expect(throws: (any Error).self) { try read(text, name: "m.jsonl") { $0.layout = .mooncake } }
    }

    private static let pods = """
        {"status":"success","data":{"resultType":"matrix","result":[
         {"metric":{"pod":"alpha"},"values":[[1767225600,"12.5"],[1767225660,"13"],[1767225720,"11"],
           [1767225780,"12"],[1767225840,"12"]]},
         {"metric":{"pod":"beta"},"values":[[1767225720,"6"],[1767225780,"7"],[1767225840,"NaN"]]}]}}
        """

    @Test func aPodThatIsNotThereHasNoLoad() throws {
        let (trace, _) = try read(Self.pods, name: "p.json") { $0.layout = .prometheus }
        #expect(trace.loads["pod=beta"]?.map(\.value) == [0, 0, 6, 7, 0])
        let (sum, summary) = try read(Self.pods, name: "p.json") {
            $0.layout = .prometheus
            $0.sumsSeries = true
        }
        #expect(sum.models == ["sum"] && loads(sum) == [12.5, 13, 17, 19, 12])
        #expect(summary.oddities.emptyRows == 0)
    }

    @Test func aSumWithAnUnknownPartIsAGap() throws {
        let text = Self.pods.replacing("[1767225780,\"12\"]", with: "[1767225780,\"NaN\"]")
        let (sum, summary) = try read(text, name: "p.json") {
            $0.layout = .prometheus
            $0.sumsSeries = true
        }
        #expect(summary.gapRowsFilled == 1 && loads(sum) == [12.5, 13, 17, 14.5, 12])
    }

    @Test func serveGensClientsAreSummed() throws {
        let copy = try WorkingCopy()
        _ = try copy.write("0,1.5,0.9,Gamma,1,2\n600,2,0.9,Gamma,1,2\n", to: "chunk-0-trace.csv")
        let last = try copy.write("600,0.25,nan,Weibull,1,2\n1200,4,1,Weibull,1,2\n", to: "chunk-1-trace.csv")
        _ = try copy.write("{}", to: "chunk-0-dataset.json")
        var options = TraceImportOptions()
        options.layout = .serveGen
        let (trace, _) = try TraceImporter(options: options).read(path: copy.path)
        #expect(loads(trace) == [1.5, 2.25, 4] && trace.interval == Nanoseconds(seconds: 600))
        let one = try TraceImporter(options: options).read(path: last).trace
        #expect(one.loads["rate_rps"]?.map(\.value) == [0.25, 4])
    }
}
