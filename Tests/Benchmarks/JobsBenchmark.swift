import Foundation
import Quantities
import Reporting
import Store
import Vocabulary

/// Whether two processes on one job are faster than one: only where they do not disturb one another.
enum JobsBenchmark: Benchmark {
    static let name = "jobs"
    static let purpose =
        "one profile job by one process and by two, on the same cores, on others, and side by side"

    /// Cells of a case, each of a fifth of a second.
    private static let cells = 16

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "jobs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try makeWorkloads(in: folder)
        let last = ProcessInfo.processInfo.activeProcessorCount - 1
        let halves = last > 0 ? ["0", "\(last)"] : []
        var rows: [[Table.Cell]] = []
        var seconds: [String: Double] = [:]
        func measure(_ title: String, _ key: String, _ prefixes: [[String]], _ options: [String] = []) throws
        {
            let run = try time(prefixes, options, in: folder, database: "\(key).sqlite")
            seconds[key] = run.seconds
            rows.append([
                .text(title), .integer(prefixes.count), .number(run.seconds * 1000), .integer(run.cells),
                .integer(run.measurements), .quantity(run.closedRate), .integer(run.waits),
            ])
            board.figure(key + "Seconds", .number(run.seconds))
            if let rate = run.closedRate { board.figure(key + "ClosedQueriesPerSecond", .number(rate.value)) }
        }
        try measure("one process", "one", [[]])
        try measure("two, same cores", "same", [[], []])
        try measure("two side by side, --share-host", "shared", [[], []], ["--share-host"])
        if halves.count == 2 {
            try measure("one process on one core", "oneCore", [["taskset", "-c", halves[0]]])
            try measure(
                "two, each on a core of its own", "disjoint", halves.map { ["taskset", "-c", $0] })
        }
        board.show(
            Table(
                caption: "A job of \(cells) cells, with an engine that does nothing",
                columns: [
                    .init("case", "Case", .text), .init("processes", "Processes", .plain),
                    .init("wallMilliseconds", "Wall time", .milliseconds), .init("cells", "Cells", .plain),
                    .init("measurements", "Measurements", .plain),
                    .init("closedQueriesPerSecond", "Closed loop, median", .rate),
                    .init("waits", "Warnings", .plain),
                ], rows: rows))
        if let one = seconds["one"], let same = seconds["same"] {
            board.bar("speed-up of two processes on the same cores", one / same, atMost: 1.25)
        }
        if let one = seconds["oneCore"], let two = seconds["disjoint"] {
            board.bar("speed-up of two processes on disjoint cores", one / two, atLeast: 1.5)
        }
    }

    private struct Outcome {
        let seconds: Double
        let cells: Int
        let measurements: Int
        /// Of the cells with a closed loop.
        let closedRate: QueriesPerSecond?
        /// How often a process said that it waits for another, or disturbs one.
        let waits: Int
    }

    /// Runs one process for each prefix on one job and waits for all.
    private static func time(
        _ prefixes: [[String]], _ options: [String], in folder: URL, database: String
    ) throws -> Outcome {
        let tool = BuiltProgram.hercules.path
        let clock = ContinuousClock()
        var errors: [URL] = []
        let took = try clock.measure {
            let processes = try prefixes.enumerated().map { index, prefix in
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                process.arguments =
                    prefix + [tool, "profile", "Workloads/jobs/session.yaml", "--database", database]
                    + options
                process.currentDirectoryURL = folder
                process.standardOutput = FileHandle.nullDevice
                let file = folder.appendingPathComponent("\(database).\(index)")
                try Data().write(to: file)
                errors.append(file)
                process.standardError = try FileHandle(forWritingTo: file)
                process.environment = ProcessInfo.processInfo.environment.merging(
                    ["HERCULES_RUNTIME_DIR": folder.path]
                ) { $1 }
                try process.run()
                return process
            }
            processes.forEach { $0.waitUntilExit() }
        }
        let store = try Store(path: folder.appendingPathComponent(database).path, access: .existing)
        let measurements = try store.measurements()
        let closed = measurements.filter { $0.measurement.pattern == .closed }
            .map(\.measurement.completedRate).sorted()
        let texts = try errors.map { try String(contentsOf: $0, encoding: .utf8) }
        return Outcome(
            seconds: took / .seconds(1),
            cells: try store.jobs().first.map { try store.cells(of: $0.id).count } ?? 0,
            measurements: measurements.count, closedRate: closed.isEmpty ? nil : closed[closed.count / 2],
            waits: texts.reduce(0) {
                $0 + $1.components(separatedBy: "waiting: process").count - 1
                    + $1.components(separatedBy: "warning: process").count - 1
            })
    }

    private static func makeWorkloads(in folder: URL) throws {
        let jobs = folder.appendingPathComponent("Workloads/jobs")
        try FileManager.default.createDirectory(at: jobs, withIntermediateDirectories: true)
        let shipped = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
            .appendingPathComponent("Workloads")
        for name in ["models", "servers"] {
            try FileManager.default.createSymbolicLink(
                at: folder.appendingPathComponent("Workloads/\(name)"),
                withDestinationURL: shipped.appendingPathComponent(name))
        }
        try """
        id: session
        title: Short cells with an engine that does nothing
        seed: 1
        models: [{ model: ncf, table_rows_max: 1_000 }]
        engines: ["null"]
        server: this-host
        schedules: [{ threads: 1, batch: 64 }]
        loads: [closed, { queries_per_second: 500 }]
        repetitions: \(cells / 2)
        cell_seconds: 1
        """.write(to: jobs.appendingPathComponent("session.yaml"), atomically: true, encoding: .utf8)
    }
}
