import Foundation
import Testing

/// The whole job with real inference on this machine.
@Suite struct MeasuredRunTests {
    @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount >= 2, "a pipeline needs two cores"))
    func pipelinesAreMeasuredSearchedAndMergedWhereAScenarioAsksForThem() throws {
        let workloads = try SmallWorkloads()
        try workloads.makeModelsPatient()
        try workloads.write(
            "scenarios/split.yaml",
            SmallWorkloads.scenario(id: "split", fleet: "host").replacingOccurrences(
                of: "  cell_seconds:", with: "  partitions: [sparseDense]\n  cell_seconds:"))
        func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
            try HerculesCommand.run(arguments, in: workloads.folder)
        }
        let profile = try hercules("profile", "Workloads/scenarios/split.yaml")
        #expect(profile.status == 0, "\(profile.errors)")
        // The search by simulation chooses among pipelines, because nothing else was measured.
        let search = try hercules("search", "Workloads/scenarios/split.yaml", "--format", "json")
        #expect(search.status == 0, "\(search.errors)")
        #expect(search.output.contains("sparseDense"))
        #expect(try hercules("profile", "Workloads/scenarios/split.yaml").errors.contains("measured 0 cells"))

        let merged = try hercules("db", "merge", "hercules.sqlite", "--database", "all.sqlite")
        #expect(merged.status == 0, "\(merged.errors)")
        for database in ["hercules.sqlite", "all.sqlite"] {
            let text = try hercules(
                "db", "export", "--table", "measurement", "--format", "json", "--database", database
            ).output
            let cells = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
            #expect(cells.count >= 8)
            for name in [
                "sparse_threads", "sparse_service_samples_blob", "sparse_utilisation_fraction",
                "dense_utilisation_fraction", "hand_over_p50_nanoseconds",
            ] {
                #expect(
                    cells.allSatisfy { $0[name] != nil && !($0[name] is NSNull) },
                    "\(name): \(text.prefix(2000))")
            }
        }
        let live = try hercules(
            "search", "Workloads/scenarios/split.yaml", "--live", "--evaluations", "2", "--database",
            "live.sqlite")
        #expect(live.status == 0, "\(live.errors)")
        let evaluations = try hercules(
            "db", "export", "--table", "evaluation_summary", "--format", "csv", "--database", "live.sqlite")
        #expect(evaluations.output.contains("sparseDense"))
    }

    @Test func aSecondRunMeasuresNothing() throws {
        let workloads = try SmallWorkloads()
        try workloads.makeModelsPatient()
        let first = try HerculesCommand.run(
            ["run", "Workloads/scenarios/host.yaml", "--days", "1"], in: workloads.folder)
        #expect(first.status == 0, "\(first.errors)")
        #expect(!first.errors.contains("measured 0 cells"))
        let second = try HerculesCommand.run(
            ["run", "Workloads/scenarios/host.yaml", "--days", "1"], in: workloads.folder)
        #expect(second.errors.contains("measured 0 cells"), "\(second.errors)")
        // What disturbed runs left open is tried again, and may be decided then.
        if !first.errors.contains("no undisturbed run could check") {
            #expect(second.errors.contains("searched 0 pairs"))
            #expect(second.output == first.output)
        }

        let rows = try HerculesCommand.run(
            ["db", "export", "--table", "measurement_summary", "--format", "csv"], in: workloads.folder
        ).output.split(separator: "\n")
        let head = try #require(rows.first).split(separator: ",").map(String.init)
        for column in ["provenance", "power_provenance", "engine_version", "host", "steal_fraction"] {
            #expect(head.contains(column))
        }
        #expect(rows.count > 4)
        #expect(rows.dropFirst().allSatisfy { $0.contains("measured") && $0.contains("openvino") })

        // The measured cells are there to be held against live load.
        let compared = try HerculesCommand.run(
            ["profile", "compare", "--schedules", "1", "--rate-seconds", "0.3", "--format", "csv"],
            in: workloads.folder)
        #expect(compared.status == 0, "\(compared.errors)")
        let table = compared.output.split(separator: "\n")
        #expect(table.first?.contains("liveMetQps") == true)
        #expect(table.count >= 2)
        let kept = try HerculesCommand.run(
            ["db", "export", "--table", "throughput_comparison_summary", "--format", "csv"],
            in: workloads.folder)
        #expect(kept.output.split(separator: "\n").count == table.count)
    }
}
