import Foundation
import Testing

/// The whole job with real inference on this machine.
@Suite struct MeasuredRunTests {
    @Test func aSecondRunMeasuresNothing() throws {
        let workloads = try SmallWorkloads()
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
    }
}
