import Foundation
import Testing

/// The whole job with real inference on this machine.
@Suite struct MeasuredRunTests {
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
        #expect(second.errors.contains("searched 0 pairs"))
        #expect(second.output == first.output)

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
