import Foundation

/// A folder with the shipped models, servers and traces, and scenarios small enough for a test.
final class SmallWorkloads {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hercules-\(UUID().uuidString)")
        let workloads = folder.appendingPathComponent("Workloads")
        for name in ["fleets", "scenarios"] {
            try FileManager.default.createDirectory(
                at: workloads.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        let shipped = HerculesCommand.repository.appendingPathComponent("Workloads")
        for name in ["llm", "models", "servers", "traces"] {
            try FileManager.default.createSymbolicLink(
                at: workloads.appendingPathComponent(name),
                withDestinationURL: shipped.appendingPathComponent(name))
        }
        try write("fleets/small.yaml", "id: small\nservers:\n  cpu-t1: 20\n  cpu-t2: 12\n  cpu-t2-v100: 4\n")
        try write("fleets/host.yaml", "id: host\nservers:\n  cpu-t1: 20\n  this-host: 4\n")
        try write("fleets/tiny.yaml", "id: tiny\nservers:\n  cpu-t1: 20\n")
        try write(
            "scenarios/tiny.yaml",
            Self.scenario(id: "tiny", fleet: "tiny").replacingOccurrences(
                of: "batches: [16, 64, 256, 1024]", with: "batches: [64, 256]"))
        // Enough load that more than an accelerator or two are needed.
        try write(
            "scenarios/small.yaml",
            Self.scenario(id: "small", fleet: "small").replacingOccurrences(of: "2_000", with: "6_000")
                .replacingOccurrences(of: "60_000", with: "180_000"))
        try write("scenarios/host.yaml", Self.scenario(id: "host", fleet: "host"))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ path: String, _ text: String) throws {
        try text.write(
            to: folder.appendingPathComponent("Workloads/\(path)"), atomically: true, encoding: .utf8)
    }

    /// Gives the models latency limits that even a busy machine meets, for tests of live load.
    func makeModelsPatient() throws {
        let models = folder.appendingPathComponent("Workloads/models")
        try FileManager.default.removeItem(at: models)
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        let shipped = HerculesCommand.repository.appendingPathComponent("Workloads/models")
        for name in ["wnd", "ncf"] {
            let text = try String(contentsOf: shipped.appendingPathComponent("\(name).yaml"), encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0.hasPrefix("latency_limit_ms:") ? "latency_limit_ms: 500" : String($0)
            }
            try write("models/\(name).yaml", lines.joined(separator: "\n"))
        }
    }

    /// Two models over two days; nothing in it is measured on a fleet without this host.
    static func scenario(id: String, fleet: String) -> String {
        """
        id: \(id)
        title: Two models for two days
        seed: 7
        models:
          - model: wnd
            table_rows_max: 1_000
          - model: ncf
            table_rows_max: 1_000
        fleet: \(fleet)
        trace:
          file: week.csv
          time_column: time
          columns:
            wnd: shop
            ncf: search
          peak_queries_per_second:
            wnd: 2_000
            ncf: 60_000
        profile:
          batches: [64, 256]
          cell_seconds: 0.1
          load_fraction: 0.6
          confirmation_seconds: 0.2
        search:
          method: gradient
          batches: [16, 64, 256, 1024]
          queries: 500
        replay:
          policies: [static, oblivious, greedy, priority, hercules]
          subject: hercules
          baseline: static
          gap_fraction: 0.001
          over_provision:
            initial_fraction: 0.10
            quantile: 0.95
            window_intervals: 96

        """
    }
}
