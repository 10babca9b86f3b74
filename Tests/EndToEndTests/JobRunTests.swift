import Foundation
import Quantities
import Store
import TestSupport
import Testing
import Vocabulary

/// Batch jobs through the command, with an engine that does nothing.
@Suite struct JobRunTests {
    private let workloads: SmallWorkloads

    init() throws { workloads = try SmallWorkloads() }

    private var database: String { workloads.folder.appendingPathComponent("hercules.sqlite").path }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func cells() throws -> [StoredCell] {
        let store = try Store(path: database, access: .existing)
        return try store.cells(of: #require(store.jobs().last).id)
    }

    @Test func aJobIsListedMeasuredAndNotMeasuredAgain() throws {
        try workloads.writeJob(rates: [500, 1000], repetitions: 2)
        let list = try hercules("profile", "Workloads/jobs/small.yaml", "--dry-run")
        #expect(list.status == 0, "\(list.errors)")
        #expect(list.output.contains("4 cells, 4 to measure"))
        #expect(!FileManager.default.fileExists(atPath: database), "a dry run makes no database")

        let run = try hercules("profile", "Workloads/jobs/small.yaml", "--format", "csv")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("measured 4 cells, reused 0"))
        #expect(run.output.components(separatedBy: "\n").count(where: { $0.contains(",done,") }) == 4)

        let again = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(again.status == 0)
        #expect(again.errors.contains("measured 0 cells"))
        let relist = try hercules("profile", "Workloads/jobs/small.yaml", "--dry-run")
        #expect(relist.output.contains("4 cells, 0 to measure"))
        #expect(try Store(path: database).measurements().count == 4)
        // Repetitions draw streams of their own.
        #expect(Set(try Store(path: database).measurements().map(\.measurement.seed)) == [5, 6])

        let status = try hercules("profile", "status", "small", "--format", "json")
        #expect(status.status == 0 && status.output.contains("\"done\""), "\(status.output)\(status.errors)")
        let unknown = try hercules("profile", "status", "other")
        #expect(unknown.status == 64 && unknown.errors.contains("small"))
    }

    @Test func aJobIsMeteredByTheMetersOfItsMachine() throws {
        try workloads.writeJob(rates: [500], seconds: 0.3)
        let run = try HerculesCommand.run(
            ["profile", "Workloads/jobs/small.yaml"], in: workloads.folder,
            environment: ["HERCULES_POWER_COMMAND": "while :; do echo 42; sleep 0.02; done"])
        #expect(run.status == 0, "\(run.errors)")
        let found = try #require(try Store(path: database).measurements().first?.measurement)
        #expect(found.powerProvenance == .metered)
        #expect(abs((found.power?.value ?? 0) - 42) < 0.01, "\(String(describing: found.power))")
    }

    @Test func anotherJobReusesWhatIsMeasured() throws {
        try workloads.writeJob(rates: [500, 1000])
        #expect(try hercules("profile", "Workloads/jobs/small.yaml").status == 0)
        try workloads.writeJob(rates: [1000, 2000])
        let other = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(other.errors.contains("measured 1 cells, reused 1"), "\(other.errors)")
        #expect(try Store(path: database).measurements().count == 3)
    }

    @Test func aScenarioFindsWhatAJobMeasuredForIt() throws {
        // The same duration, share and seed as the scenario of these tests.
        try workloads.writeJob(
            loads: "- saturation_fraction: 0.6", schedules: "{ grid: { batches: [64, 256] } }", seconds: 0.1,
            seed: 7, models: "[{ model: wnd, table_rows_max: 1_000 }]")
        let job = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(job.status == 0, "\(job.errors)")
        let count = try cells().count
        let scenario = try hercules("profile", "Workloads/scenarios/host.yaml", "--engine", "null")
        #expect(scenario.status == 0, "\(scenario.errors)")
        #expect(scenario.errors.contains("reused"), "\(scenario.errors)")
        let store = try Store(path: database)
        // What saturated a schedule does not count, and runs made again because they were disturbed count
        // once.
        let loaded = Set(
            try store.measurements().filter { $0.measurement.purpose == .cell }.map {
                "\($0.measurement.model) \($0.measurement.schedule)"
            })
        #expect(loaded.count == 2 * count)
        #expect(scenario.errors.contains("measured \(count) cells, reused \(count)"), "\(scenario.errors)")
    }

    @Test func whatAJobMeasuredForAServerTypeIsSearchedInsteadOfItsModel() throws {
        try workloads.writeJob(
            loads: "- saturation_fraction: 0.6\n  - closed", schedules: "{ grid: { batches: [64, 256] } }",
            seconds: 0.1, server: "server: cpu-t1", models: "[{ model: wnd, table_rows_max: 1_000 }]")
        let job = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(job.status == 0, "\(job.errors)")
        let search = try hercules("search", "Workloads/scenarios/tiny.yaml", "--format", "json")
        #expect(search.status == 0, "\(search.errors)")
        let found = try #require(
            JSONSerialization.jsonObject(with: Data(search.output.utf8)) as? [[String: Any]])
        func provenance(_ model: String) -> String? {
            found.first { $0["model"] as? String == model }?["provenance"] as? String
        }
        #expect(provenance("wnd-1k-rows") == "measured")
        #expect(provenance("ncf-1k-rows") == "modelled")
        // The space is what was measured, and the plan takes it up.
        let measured = found.first { $0["model"] as? String == "wnd-1k-rows" }
        #expect(measured?["spaceSize"] as? Int == Set(try cells().map(\.schedule)).count)
        let plan = try hercules("plan", "--format", "json")
        #expect(plan.status == 0, "\(plan.errors)")
    }

    @Test func twoProcessesShareAJob() throws {
        try workloads.writeJob(rates: [500, 600, 700, 800, 900, 1000], repetitions: 5)
        let arguments = ["profile", "Workloads/jobs/small.yaml", "--share-host"]
        let processes = try (1...2).map { number -> (Process, URL) in
            let errors = workloads.folder.appendingPathComponent("errors\(number)")
            try Data().write(to: errors)
            let process = try HerculesCommand.start(
                arguments, in: workloads.folder, output: FileHandle.nullDevice,
                errors: FileHandle(forWritingTo: errors))
            return (process, errors)
        }
        var measured = 0
        for (process, errors) in processes {
            process.waitUntilExit()
            let text = try String(contentsOf: errors, encoding: .utf8)
            #expect(process.terminationStatus == 0, "\(text)")
            let words = text.components(separatedBy: "measured ").last?.split(separator: " ")
            measured += words?.first.flatMap { Int($0) } ?? 0
        }
        #expect(measured == 30, "every cell by one process or the other")
        #expect(try Store(path: database).measurements().count == 30)
        #expect(try cells().allSatisfy { $0.state == .done })
        #expect(try Store(path: database).integrityProblems() == [])
    }

    @Test func measurementsOnTheSameCoresWaitForOneAnother() throws {
        try workloads.writeJob(rates: [500, 600], seconds: 0.6)
        let errors = workloads.folder.appendingPathComponent("first.err")
        try Data().write(to: errors)
        let first = try HerculesCommand.start(
            ["profile", "Workloads/jobs/small.yaml"], in: workloads.folder, output: FileHandle.nullDevice,
            errors: FileHandle(forWritingTo: errors))
        try waitForLease()
        // Another database: what they share is the machine.
        let second = try hercules(
            "profile", "Workloads/jobs/small.yaml", "--database", "other.sqlite")
        first.waitUntilExit()
        #expect(second.status == 0 && first.terminationStatus == 0)
        #expect(
            second.errors.contains(
                "waiting: process \(first.processIdentifier) (hercules profile small, core"),
            "\(second.errors)")
    }

    @Test func anInterruptGivesTheCellBack() throws {
        try workloads.writeJob(rates: [500], seconds: 30)
        for number in [SIGINT, SIGTERM] {
            let process = try HerculesCommand.start(
                ["profile", "Workloads/jobs/small.yaml", "--quiet"], in: workloads.folder,
                output: FileHandle.nullDevice, errors: FileHandle.nullDevice)
            try waitForLease()
            kill(process.processIdentifier, number)
            for _ in 0..<4000 where process.isRunning { usleep(5_000) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
            let cell = try #require(try cells().first)
            #expect(cell.state == .waiting && cell.interruptions == 0)
        }
    }

    @Test func theTimeBudgetIsKept() throws {
        try workloads.writeJob(rates: [500, 600, 700], extra: "time_budget_minutes: 0.00001")
        let run = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(run.status == 0)
        #expect(run.errors.contains("the time budget is used up, and 3 wait"), "\(run.errors)")
        let more = try hercules("profile", "Workloads/jobs/small.yaml", "--time-budget-minutes", "5")
        #expect(more.errors.contains("measured 3 cells"), "\(more.errors)")
    }

    @Test func aCellThatFailsIsRetriedNamedAndMakesTheJobFail() throws {
        // A model with an operator that nobody has: the engine that needs it fails, the other does not.
        try workloads.writeJob(
            rates: [500], extra: "attempts_max: 2", engines: "[openvino, \"null\"]", models: "[broken]")
        let models = workloads.folder.appendingPathComponent("Workloads/models")
        try FileManager.default.removeItem(at: models)
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        try workloads.write("models/broken.yaml", Self.brokenModel)
        var file = OnnxFileBytes()
        file.input("x", [.symbol("batch"), .fixed(4)])
        file.node("NoSuchOperator", ["x"], ["y"])
        file.output("y", [.symbol("batch"), .fixed(4)])
        try file.write(to: models.appendingPathComponent("broken.onnx").path)
        let run = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.errors.contains("failed: broken"), "\(run.errors)")
        #expect(run.errors.contains("tried again later") && run.errors.contains("given up"))
        let failed = try #require(try cells().first { $0.state == .failed })
        #expect(failed.failures == 2 && failed.engine == "openvino")
        #expect(try cells().count(where: { $0.state == .done }) == 1)
        let status = try hercules("profile", "status")
        #expect(
            status.output.contains("Failed") && status.output.contains("openvino"), "\(status.output)")
        #expect(try hercules("profile", "Workloads/jobs/small.yaml").status == 1)
        let retried = try hercules("profile", "Workloads/jobs/small.yaml", "--retry-failed")
        #expect(retried.status == 1 && retried.errors.contains("tried again"), "\(retried.errors)")
    }

    private static let brokenModel = """
        id: broken
        title: A model whose file is broken
        source: made up for a test
        latency_quantile: 0.95
        latency_limit_ms: 10
        query_sizes:
          fixed_items: 8
        onnx: broken.onnx
        inputs:
          - name: x
            element_type: float32
            shape: [batch, 4]
            range: [0, 1]

        """

    @Test func whatIsNoJobIsRefused() throws {
        try workloads.writeJob(rates: [500])
        for arguments in [
            ["profile", "Workloads/scenarios/host.yaml", "--dry-run"],
            ["profile", "Workloads/jobs/small.yaml", "--cell-seconds", "1"],
        ] {
            let outcome = try HerculesCommand.run(arguments, in: workloads.folder)
            #expect(outcome.status == 64)
            #expect(outcome.errors.contains("job"), "\(outcome.errors)")
        }
        let run = try hercules("run", "Workloads/jobs/small.yaml")
        #expect(run.status == 1 && run.errors.contains("engines"), "\(run.errors)")
        try workloads.writeJob(rates: [500], server: "hosts: [{ name: elsewhere, server: this-host }]")
        let elsewhere = try hercules("profile", "Workloads/jobs/small.yaml")
        #expect(elsewhere.status == 1 && elsewhere.errors.contains("--host-name"), "\(elsewhere.errors)")
        #expect(try hercules("profile", "Workloads/jobs/small.yaml", "--host-name", "elsewhere").status == 0)
        #expect(try Store(path: database).measurements().map(\.measurement.host.name) == ["elsewhere"])
        let lease = try hercules(
            "profile", "Workloads/jobs/small.yaml", "--host-name", "elsewhere", "--lease-seconds", "0")
        #expect(lease.status == 64 && lease.errors.contains("--lease-seconds"))
    }

    /// Waits until some process is at a cell.
    private func waitForLease() throws {
        for _ in 0..<2000 {
            if FileManager.default.fileExists(atPath: database),
                let store = try? Store(path: database, access: .existing), let job = try? store.jobs().last,
                try store.cells(of: job.id).contains(where: { $0.state == .leased })
            {
                return
            }
            usleep(5_000)
        }
        Issue.record("no process began a cell")
    }
}

extension SmallWorkloads {
    /// A job `small` of one schedule with an engine that does nothing.
    func writeJob(
        rates: [Int] = [], loads: String? = nil, schedules: String = "[{ threads: 1, batch: 64 }]",
        repetitions: Int = 1, seconds: Double = 0.05, seed: Int = 5, extra: String = "",
        engines: String = "[\"null\"]", server: String = "server: this-host",
        models: String = "[{ model: ncf, table_rows_max: 1_000 }]"
    ) throws {
        let jobs = folder.appendingPathComponent("Workloads/jobs")
        try FileManager.default.createDirectory(at: jobs, withIntermediateDirectories: true)
        let list = loads ?? rates.map { "- queries_per_second: \($0)" }.joined(separator: "\n  ")
        try write(
            "jobs/small.yaml",
            """
            id: small
            title: A small job
            seed: \(seed)
            models: \(models)
            engines: \(engines)
            \(server)
            schedules: \(schedules)
            loads:
              \(list)
            repetitions: \(repetitions)
            cell_seconds: \(seconds)
            \(extra)

            """)
    }
}
