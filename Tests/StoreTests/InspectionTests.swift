import Store
import Testing
import Vocabulary

@Suite struct InspectionTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store.filled(at: folder.path())
    }

    @Test func tablesAndViewsAreListedWithTheirSizes() throws {
        let tables = try store.tables()
        #expect(
            tables.first { $0.name == "measurement" }
                == tables.first { $0.rowCount == 2 && $0.name == "measurement" })
        #expect(tables.map(\.name).filter { $0.contains("sqlite") || $0.contains("grdb") } == [])
        let views = tables.filter { $0.kind == .view }.map(\.name)
        #expect(
            views == [
                "controller_decision_summary", "efficiency_summary", "evaluation_summary",
                "frontier_summary", "import_summary",
                "imported_figure_summary", "job_cell_summary", "job_summary",
                "measurement_summary", "plan_summary",
                "replay_action", "replay_allocation", "replay_allocation_change",
                "replay_allocation_summary", "replay_chunk", "replay_decision", "replay_decision_summary",
                "replay_interval", "replay_interval_summary", "replay_load", "replay_number",
                "replay_serving", "replay_summary", "request_level_summary", "run_summary", "search_path",
                "serving_outcome_summary", "step_calibration_summary", "study_summary",
                "throughput_comparison_summary", "token_summary", "trace_load",
                "trace_number",
            ])
        // Nothing was merged into the sample database, no earlier version or controller wrote into it, and
        // none of its models answers in tokens.
        let strangers: Set = ["merge_source", "request_level_tokens", "trace_mix_series"]
        let filled = tables.filter {
            !strangers.contains($0.name) && !$0.name.hasSuffix("_row") && !$0.name.hasPrefix("controller_")
        }
        #expect(filled.allSatisfy { $0.rowCount > 0 }, "one of everything is stored")
    }

    @Test func everyTableAndViewCanBeRead() throws {
        for table in try store.tables() {
            let rows = try store.rows(of: table.name)
            #expect(rows.rowCount == table.rowCount)
            #expect(rows.rows.count == table.rowCount)
            #expect(rows.rows.allSatisfy { $0.count == rows.columns.count })
        }
    }

    @Test func limitAndOffsetCutOutAPart() throws {
        let all = try store.rows(of: "evaluation")
        let part = try store.rows(of: "evaluation", limit: 2, offset: 1)
        #expect(all.rows.count == 4)
        #expect(part.rows == Array(all.rows[1...2]))
        #expect(part.rowCount == 4)
        #expect(part.columns == all.columns)
    }

    @Test func valuesKeepTheirKind() throws {
        let rows = try store.rows(of: "measurement", limit: 1)
        let row = Dictionary(uniqueKeysWithValues: zip(rows.columns, rows.rows[0]))
        #expect(row["id"] == .integer(1))
        #expect(row["power_watts"] == .real(121.75))
        #expect(row["engine"] == .text("openvino"))
        #expect(row["processor_pressure_fraction"] == .null)
        #expect(row["latency_histogram_blob"] == .blob(HistogramBlob.encode(Samples.measurement.latencies)))
        #expect(StoredValue.blob([0, 255, 10]).description == "00ff0a")
        #expect(StoredValue.null.description == "")
    }

    @Test(arguments: [
        "nothing", "", "measurement; DROP TABLE measurement", "measurement\" --", "sqlite_master",
    ])
    func anUnknownTableIsRefusedWithTheKnownNames(name: String) throws {
        #expect {
            try store.rows(of: name)
        } throws: { error in
            guard case StoreError.unknownTable(name, let known) = error else { return false }
            return known.contains("measurement_summary")
        }
        #expect(try store.measurements().count == 2)
    }

    @Test func theRunSummaryCountsWhatTheRunMade() throws {
        let rows = try store.rows(of: "run_summary")
        let row = Dictionary(uniqueKeysWithValues: zip(rows.columns, rows.rows[0]))
        #expect(row["scenario"] == .text("quickstart"))
        #expect(row["duration_seconds"] == .integer(333))
        #expect(
            ["measurements", "searches", "plans", "replays"].map { row[$0] }
                == [.integer(2), .integer(1), .integer(2), .integer(1)])
    }

    @Test(arguments: [
        (StoreError.missing(path: "a.sqlite"), ["a.sqlite"]),
        (
            .newerDatabase(path: "a.sqlite", unknownMigrations: ["V009-x"], newestKnown: "V006-views"),
            ["a.sqlite", "V009-x", "V006-views", "newer"]
        ),
        (.diskFull(path: "a.sqlite", message: "SQLite error 13: full"), ["a.sqlite", "13", "intact"]),
        (
            .unreadableValue(table: "t", row: "4", column: "c", found: "x", expected: "y"),
            ["t", "4", "c", "found x", "expected y"]
        ),
    ])
    func errorsSayWhatWasFoundAndExpected(error: StoreError, parts: [String]) {
        for part in parts { #expect(error.description.contains(part)) }
    }
}
