import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

@Suite struct TraceCSVTests {
    /// Set `HERCULES_RECORD=1` to write the shipped trace anew; the test then fails, so that no run that
    /// records passes for one that compares.
    @Test func theShippedTraceIsMadeFromItsRecipe() throws {
        let catalog = try Catalog(directory: Repository.workloads)
        for name in try catalog.traceRecipeNames() {
            let text = TraceCSV.text(of: TraceGenerator.trace(try catalog.traceRecipe(name)))
            let file = URL(filePath: "\(Repository.workloads)/traces/\(name).csv")
            if ProcessInfo.processInfo.environment["HERCULES_RECORD"] == "1" {
                try Data(text.utf8).write(to: file)
                Issue.record("recorded \(file.path); run again without HERCULES_RECORD")
            }
            let shipped = try Data(contentsOf: file)
            #expect(shipped == Data(text.utf8), "\(name).csv is not what \(name).yaml makes")
        }
    }

    @Test func aRecipeSurvivesTheWayThroughCSV() throws {
        let recipe = try Catalog(directory: Repository.workloads).traceRecipe("week")
        let made = TraceGenerator.trace(recipe)
        let copy = try WorkingCopy()
        let path = try copy.write(TraceCSV.text(of: made), to: "week.csv")
        let (read, summary) = try TraceImporter(options: TraceImportOptions(timeColumn: "time")).read(
            path: path)
        #expect(read.name == "week" && read.models == made.models)
        #expect(read.startUnixSeconds == recipe.startUnixSeconds && read.interval == recipe.interval)
        #expect(summary.rowsRead == 672 && summary.rowsKept == 672 && summary.movedRows == 0)
        for model in made.models {
            for (written, again) in zip(made.loads[model] ?? [], read.loads[model] ?? []) {
                #expect(abs(written.value - again.value) <= 0.5e-4 + 1e-12)
            }
        }
    }

    @Test func textIsExact() {
        let trace = Trace(
            name: "t", startUnixSeconds: 1_709_164_799, interval: Nanoseconds(milliseconds: 500),
            loads: [
                "b,c": [0.00005, 12.5].map { QueriesPerSecond($0) },
                "a": [1e6, 0].map { QueriesPerSecond($0) },
            ])
        #expect(
            TraceCSV.text(of: trace) == """
                time,a,"b,c"
                2024-02-28T23:59:59Z,1000000.0000,0.0001
                2024-02-28T23:59:59.5Z,0.0000,12.5000

                """)
        #expect(TraceCSV.text(of: trace, decimals: 0).hasSuffix("Z,0,13\n"))
    }

    @Test func aTraceWithoutACalendarCountsSeconds() {
        let trace = Trace(
            name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: 60),
            loads: ["a": [QueriesPerSecond(1), QueriesPerSecond(2)]])
        #expect(TraceCSV.text(of: trace, decimals: 1) == "time,a\n0,1.0\n60,2.0\n")
    }
}
