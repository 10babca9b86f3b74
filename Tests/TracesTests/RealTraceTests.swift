import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

/// Published traces, with figures computed apart from this project by a few lines of Python over the same
/// files.
@Suite(.enabled(if: Repository.hasSharedData, Repository.sharedDataComment))
struct RealTraceTests {
    private func importing(
        _ file: String, _ change: (inout TraceImportOptions) -> Void = { _ in }
    ) throws -> (loads: [Double], trace: Trace, summary: TraceImportSummary) {
        var options = TraceImportOptions()
        change(&options)
        let (trace, summary) = try TraceImporter(options: options).read(
            path: "\(Repository.sharedData)/\(file)")
        let model = try #require(trace.models.first)
        return ((trace.loads[model] ?? []).map(\.value), trace, summary)
    }

    private func isClose(_ left: Double, _ right: Double) -> Bool { abs(left - right) <= 1e-9 * abs(right) }

    @Test func serveGenFourteenDaysOfRates() throws {
        let (loads, trace, summary) = try importing("servegen/language_m-large_rate.csv")
        #expect(trace.models == ["total_rate_rps"] && trace.startUnixSeconds == 0)
        #expect(summary.rowsRead == 2016 && summary.rowsKept == 2016 && summary.duplicateRows == 0)
        #expect(summary.gapsFilled == 0 && summary.unsortedRows == 0 && summary.zeroLoadIntervals == 0)
        #expect(
            trace.interval == Nanoseconds(seconds: 600) && summary.span == Nanoseconds(seconds: 14 * 86_400))
        #expect(loads[0] == 212.78 && isClose(loads.reduce(0, +) * 600, 236_892_826.008))
        #expect(summary.series[0].minimum.value == 48.351667 && summary.series[0].maximum.value == 582.991667)
        #expect(isClose(summary.series[0].mean.value, 195.84393684523755))

        let (hourly, _, _) = try importing("servegen/language_m-large_rate.csv") {
            $0.timeColumn = "window_start_s"
            $0.loads = .columns(["total_rate_rps"])
            $0.interval = Nanoseconds(seconds: 3600)
        }
        #expect(hourly.count == 336 && isClose(hourly[0], 205.35416683333332))
        #expect(isClose(hourly[335], 269.2597221666667) && isClose(hourly.max() ?? 0, 364.73222216666665))
    }

    @Test func worldCupCountsWithMissingMinutes() throws {
        let (loads, trace, summary) = try importing("worldcup98/invocation_count.csv") {
            $0.loadKind = .count
        }
        #expect(summary.rowsRead == 58_319 && summary.rowsKept == 58_319 && trace.intervalCount == 58_329)
        #expect(summary.gapsFilled == 7 && summary.gapRowsFilled == 10 && summary.longestGapRows == 3)
        #expect(trace.startUnixSeconds == 893_971_800 && trace.interval == Nanoseconds(seconds: 60))
        #expect(isClose(loads.reduce(0, +) * 60, 163_983_308.5))
        #expect(isClose(loads.max() ?? 0, 958.4833333333333))

        let (quarters, _, tail) = try importing("worldcup98/invocation_count.csv") {
            $0.loadKind = .count
            $0.interval = Nanoseconds(seconds: 900)
        }
        #expect(quarters.count == 3888 && tail.tailLeftOut == Nanoseconds(seconds: 540))
        #expect(isClose(quarters[0], 0.08666666666666667) && isClose(quarters[3811], 349.2266666666667))
        #expect(quarters.max() == quarters[3811] && isClose(quarters.reduce(0, +) * 900, 163_801_903.5))

        let (held, _, _) = try importing("worldcup98/invocation_count.csv") {
            $0.loadKind = .count
            $0.gapFill = .hold
        }
        #expect(isClose(held.reduce(0, +) * 60, 163_984_594))
        let (zeroed, _, _) = try importing("worldcup98/invocation_count.csv") {
            $0.loadKind = .count
            $0.gapFill = .zero
        }
        #expect(isClose(zeroed.reduce(0, +) * 60, 163_981_868) && zeroed.count { $0 == 0 } == 10)
    }

    @Test func worldCupGapsCanBeRefused() throws {
        let message = message {
            _ = try importing("worldcup98/invocation_count.csv") { $0.gapFill = .refuse }
        }
        #expect(
            message?.hasSuffix(
                """
                invocation_count.csv:10434: found a gap of 1 rows of 60 s between 1998-05-08T03:21:00Z \
                (line 10433) and
                """
                    + " 1998-05-08T03:23:00Z (line 10434),"
                    + " expected no gap (or a way to fill it: interpolate, "
                    + "hold or zero)"
            )
                == true)
    }

    @Test(arguments: [
        ("GOOG", 15_842, 35, 328_506.0, 1.55, 1320, 0.10416666666666667),
        ("AAPL", 15_902, 29, 1_360_453, 44.93, 1325, 0.4538888888888889),
        ("AMZN", 15_831, 28, 843_768, 5.576666666666667, 1319, 0.2338888888888889),
    ])
    func twitterVolumesWithIntervalsOfNoLoad(
        symbol: String, rows: Int, zeros: Int, total: Double, maximum: Double, hours: Int, firstHour: Double
    ) throws {
        let file = "nab/Twitter_volume_\(symbol).csv"
        let (loads, trace, summary) = try importing(file) { $0.loadKind = .count }
        #expect(summary.rowsRead == rows && summary.rowsKept == rows && summary.gapsFilled == 0)
        #expect(summary.movedRows == 0 && summary.zeroLoadIntervals == zeros)
        #expect(trace.startUnixSeconds == 1_424_986_973 && trace.interval == Nanoseconds(seconds: 300))
        #expect(isClose(loads.reduce(0, +) * 300, total) && isClose(loads.max() ?? 0, maximum))
        let (hourly, _, _) = try importing(file) {
            $0.loadKind = .count
            $0.interval = Nanoseconds(seconds: 3600)
        }
        #expect(hourly.count == hours && isClose(hourly[0], firstHour))
    }

    /// The same real rows shuffled, some given twice and some left out, give the same trace but for what is
    /// missing.
    @Test func aMangledTableGivesTheSameTrace() throws {
        let path = "\(Repository.sharedData)/nab/Twitter_volume_GOOG.csv"
        let lines = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        var rows = Array(lines[1...])
        let leftOut = Set(stride(from: 1000, to: 15_000, by: 1000))
        let kept = rows.indices.filter { !leftOut.contains($0) }
        let doubled = stride(from: 500, to: 15_000, by: 700).filter { !leftOut.contains($0) }
        rows = (kept + doubled).sorted {
            ($0 &* 2_654_435_761) % 1_000_003 < ($1 &* 2_654_435_761) % 1_000_003
        }
        .map { rows[$0] }
        let copy = try WorkingCopy()
        let mangled = try copy.write(([lines[0]] + rows).joined(separator: "\r\n"), to: "mangled.csv")

        let (clean, _, _) = try importing("nab/Twitter_volume_GOOG.csv")
        let (trace, summary) = try TraceImporter(options: TraceImportOptions()).read(path: mangled)
        let loads = (trace.loads["value"] ?? []).map(\.value)
        #expect(summary.rowsRead == 15_842 - leftOut.count + doubled.count)
        #expect(summary.duplicateRows == doubled.count && summary.gapsFilled == leftOut.count)
        #expect(summary.longestGapRows == 1 && summary.unsortedRows > 10_000)
        #expect(loads.count == clean.count)
        #expect(loads.indices.allSatisfy { leftOut.contains($0) || loads[$0] == clean[$0] })
        #expect(leftOut.allSatisfy { loads[$0] == (clean[$0 - 1] + clean[$0 + 1]) / 2 })
    }
}
