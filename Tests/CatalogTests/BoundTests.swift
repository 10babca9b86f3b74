import Catalog
import Foundation
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Values that would take all memory or all time are refused with the line and the bound.
@Suite struct BoundTests {
    private func refusal(
        of load: (WorkingCopy) throws -> Void, in file: String, replacing old: String, with new: String
    ) throws -> String {
        let copy = try WorkingCopy(ofWorkloads: true)
        try copy.replace(old, with: new, in: file)
        return message(without: copy.path) { try load(copy) } ?? "no refusal"
    }

    @Test(arguments: [
        ("cell_seconds: 1.0", "cell_seconds: 1e-9", "found 1e-9, expected a number from 0.05 to 86400"),
        ("cell_seconds: 1.0", "cell_seconds: 1e8", "found 1e8, expected a number from 0.05 to 86400"),
        (
            "confirmation_seconds: 4", "confirmation_seconds: 1e-3",
            "found 1e-3, expected a number from 0.05 to 86400"
        ),
        ("queries: 4000", "queries: 100_000_000", "expected a whole number of at most 10000000"),
        ("gap_fraction: 0.001", "gap_fraction: 1e-12", "found 1e-12, expected a number from 1e-09 to 0.99"),
        ("initial_fraction: 0.10", "initial_fraction: 1e9", "expected a number from 0 to 10"),
        ("window_intervals: 192", "window_intervals: 1_000_000", "expected a whole number of at most 100000"),
        ("maximum_fraction: 0.5", "maximum_fraction: 1e9", "expected a number from 0 to 10"),
        ("season_seconds: 86_400", "season_seconds: 1e-9", "expected a number from 1 to 94867200"),
        ("server_mean_seconds: 5_184_000", "server_mean_seconds: 0.001", "a number from 3600 to 1000000000"),
        ("rack_mean_seconds: 15_552_000", "rack_mean_seconds: 0.001", "a number from 3600 to 1000000000"),
        ("repair_mean_seconds: 14_400", "repair_mean_seconds: 1e-9", "a number from 1 to 1000000000"),
        ("    mean_seconds: 259_200", "    mean_seconds: 0.001", "a number from 3600 to 1000000000"),
        ("duration_seconds: 1_200", "duration_seconds: 1e-9", "a number from 1 to 1000000000"),
        (
            "look_ahead_intervals: 16", "look_ahead_intervals: 100_000",
            "expected a whole number of at most 1000"
        ),
        ("interval_seconds: 900", "interval_seconds: 1e-9", "loads together, so longer intervals"),
        ("interval_seconds: 900", "interval_seconds: 0.001", "loads together, so longer intervals"),
        (
            "batches: [16, 64, 256, 1024]",
            "batches: [\((1...2999).map(String.init).joined(separator: ", "))]",
            "found a list of 2999 items, expected at most 64"
        ),
        ("batches: [16, 64, 256, 1024]", "batches: [16, 1_000_000]", "a whole number of at most 65536"),
    ])
    func scenarios(old: String, new: String, expected: String) throws {
        let found = try refusal(
            of: { copy in
                _ = try copy.catalog.scenario(
                    at: "\(copy.path)/scenarios/operated.yaml",
                    host: DetectedHost(cores: 4, memory: Bytes(8e9)))
            }, in: "scenarios/operated.yaml", replacing: old, with: new)
        #expect(found.contains(expected), "\(new): \(found)")
    }

    @Test(arguments: [
        ("latency_quantile: 0.95", "latency_quantile: 0.9999999", "a number from 0.01 to 0.9999"),
        ("latency_quantile: 0.95", "latency_quantile: 1e-12", "a number from 0.01 to 0.9999"),
        ("rows: 1_000_000", "rows: 1e300", "expected a whole number of at least 1"),
    ])
    func models(old: String, new: String, expected: String) throws {
        let copy = try WorkingCopy(ofWorkloads: true)
        let text = try copy.read("models/ncf.yaml")
        let line = String(old.prefix { $0 != ":" })
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces).hasPrefix("\(line):")
                ? String($0.prefix { $0 == " " }) + new : String($0)
        }
        try copy.write(lines.joined(separator: "\n"), to: "models/ncf.yaml")
        let found = message(without: copy.path) { _ = try copy.catalog.model("ncf") } ?? "no refusal"
        #expect(found.contains(expected), "\(new): \(found)")
    }

    @Test(arguments: [
        ("servers/cpu-t1.yaml", "peak_watts: 282", "peak_watts: 1e300", "a number of at most 1e18"),
        ("servers/cpu-t1.yaml", "peak_watts: 282", "peak_watts: 1e-300", "a number of at least 1e-18, or 0"),
    ])
    func serverTypes(file: String, old: String, new: String, expected: String) throws {
        let found = try refusal(
            of: { _ = try $0.catalog.serverType("cpu-t1", host: nil) }, in: file, replacing: old, with: new)
        #expect(found.contains(expected), "\(new): \(found)")
    }

    @Test func recipes() throws {
        let found = try refusal(
            of: { _ = try $0.catalog.traceRecipe("week") }, in: "traces/week.yaml",
            replacing: "interval_seconds: 900", with: "interval_seconds: 0.001")
        #expect(found.contains("expected a time that gives 1 to 1000000 intervals in 7 days"), "\(found)")
    }
}
