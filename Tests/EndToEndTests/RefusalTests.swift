import Foundation
import Testing

/// Bad input gets a clear error, an exit code, and changes nothing.
@Suite struct RefusalTests {
    private let workloads: SmallWorkloads

    init() throws { workloads = try SmallWorkloads() }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: workloads.folder.appendingPathComponent(name).path)
    }

    @Test func anUnknownKeyIsNamedWithItsFileAndNoDatabaseIsMade() throws {
        try workloads.write(
            "scenarios/wrong.yaml",
            SmallWorkloads.scenario(id: "wrong", fleet: "small").replacingOccurrences(
                of: "cell_seconds:", with: "cell_second:"))
        let run = try hercules("run", "Workloads/scenarios/wrong.yaml")
        #expect(run.status == 1)
        #expect(run.errors.contains("Workloads/scenarios/wrong.yaml:"))
        #expect(run.errors.contains("cell_second"))
        #expect(run.errors.contains("cell_seconds"), "the likely key is suggested")
        #expect(!exists("hercules.sqlite"))
    }

    @Test func aMissingScenarioIsNamed() throws {
        let run = try hercules("run", "Workloads/scenarios/none.yaml")
        #expect(run.status == 1)
        #expect(run.errors.contains("none.yaml"))
        #expect(!exists("hercules.sqlite"))
    }

    @Test func aReportThatCannotBeWrittenIsRefusedBeforeTheWork() throws {
        let run = try hercules("run", "Workloads/scenarios/small.yaml", "--output", "nowhere/report.html")
        #expect(run.status == 1)
        #expect(run.errors.contains("nowhere/report.html") && run.errors.contains("missing or not writable"))
        #expect(!exists("hercules.sqlite"))
    }

    @Test func enginesThatCannotBeUsedAreRefusedByName() throws {
        let scenario = "Workloads/scenarios/host.yaml"
        let unknown = try hercules("profile", scenario, "--engine", "magic")
        #expect(unknown.status == 64)
        #expect(unknown.errors.contains("'magic'") && unknown.errors.contains("onnxruntime"))
        let placeless = try hercules("profile", scenario, "--engine", "openai")
        #expect(placeless.status == 64)
        #expect(placeless.errors.contains("--engine openai needs --endpoint"))
        let dead = try hercules(
            "profile", scenario, "--engine", "kserve", "--endpoint", "http://127.0.0.1:1")
        #expect(dead.status == 1)
        #expect(dead.errors.contains("http://127.0.0.1:1/v2: Connection refused"))
        let alone = try hercules("profile", scenario, "--concurrency", "1,2")
        #expect(alone.status == 64)
        #expect(alone.errors.contains("need --engine"))
        let falling = try hercules("profile", scenario, "--engine", "openai", "--concurrency", "4,2")
        #expect(falling.status == 64)
        #expect(falling.errors.contains("The value '4,2' is invalid for '--concurrency <n,n>'"))
        #expect(falling.errors.contains("expected ascending whole numbers"))
    }

    @Test func pipelinesAreRefusedWhereNothingCanSplitTheModel() throws {
        let asked = "partitions: [whole, sparseDense]"
        let host = SmallWorkloads.scenario(id: "split", fleet: "host").replacingOccurrences(
            of: "  cell_seconds:", with: "  \(asked)\n  cell_seconds:")
        try workloads.write("scenarios/split.yaml", host)
        let engine = try hercules("profile", "Workloads/scenarios/split.yaml", "--engine", "null")
        #expect(engine.status == 1)
        #expect(
            engine.errors.contains(
                "profile.partitions: sparseDense: found the engine null, expected openvino"))
        try workloads.write(
            "scenarios/split.yaml", host.replacingOccurrences(of: asked, with: "partitions: []"))
        let none = try hercules("profile", "Workloads/scenarios/split.yaml")
        #expect(none.status == 1)
        #expect(none.errors.contains("profile.partitions: found"))
    }

    @Test func verbsThatOnlyLookMakeNoDatabase() throws {
        for arguments in [["plan"], ["replay"], ["report"], ["db", "tables"]] {
            let outcome = try HerculesCommand.run(arguments, in: workloads.folder)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("hercules.sqlite"))
            #expect(!exists("hercules.sqlite"))
        }
    }

    @Test func unknownNamesAreRefusedWithThoseThatExist() throws {
        let policy = try hercules("replay", "Workloads/scenarios/small.yaml", "--policies", "static,magic")
        #expect(policy.status == 64)
        #expect(policy.errors.contains("magic") && policy.errors.contains("priority"))
        let method = try hercules("search", "Workloads/scenarios/small.yaml", "--method", "luck")
        #expect(method.status == 64)
        #expect(method.errors.contains("luck") && method.errors.contains("exhaustive"))
        let model = try hercules("plan", "Workloads/scenarios/small.yaml", "--load", "bert=5")
        #expect(model.status == 64)
        #expect(model.errors.contains("bert") && model.errors.contains("wnd-1k-rows"))
    }

    @Test(arguments: ["wnd=NaN", "wnd=-1", "wnd=inf", "wnd", "wnd=1e400"])
    func loadsThatAreNoLoadsAreRefused(load: String) throws {
        let plan = try hercules("plan", "Workloads/scenarios/small.yaml", "--load", load)
        #expect(plan.status == 64)
        #expect(plan.errors.contains("--load") && plan.errors.contains(load))
    }

    @Test func wrongUsageExitsWith64() throws {
        #expect(try hercules("plan", "--no-such-option").status == 64)
        #expect(try hercules("no-such-verb").status == 64)
    }

    @Test func aDatabaseOfANewerVersionIsRefusedUntouched() throws {
        _ = try hercules("search", "Workloads/scenarios/small.yaml")
        let file = workloads.folder.appendingPathComponent("hercules.sqlite")
        let sqlite = Process()
        sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        sqlite.arguments = [
            "python3", "-c",
            "import sqlite3; c = sqlite3.connect('\(file.path)');"
                + " c.execute(\"insert into grdb_migrations values ('V999-from-the-future')\"); c.commit()",
        ]
        try sqlite.run()
        sqlite.waitUntilExit()
        #expect(sqlite.terminationStatus == 0)
        let before = try Data(contentsOf: file)
        for arguments in [["plan"], ["search", "Workloads/scenarios/small.yaml"], ["db", "tables"]] {
            let outcome = try HerculesCommand.run(arguments, in: workloads.folder)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("V999-from-the-future"))
        }
        #expect(try Data(contentsOf: file) == before)
    }

    @Test func anEngineThatIsMissingIsNamedWithTheCommandThatInstallsIt() throws {
        let empty = workloads.folder.appendingPathComponent("empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        // A copy of the command outside the checkout finds neither `.deps` nor a system library.
        let copy = workloads.folder.appendingPathComponent("hercules-alone")
        try FileManager.default.copyItem(at: HerculesCommand.executable, to: copy)
        let process = Process()
        process.executableURL = copy
        process.arguments = ["doctor"]
        process.currentDirectoryURL = empty
        process.environment = ["PATH": "/usr/bin:/bin"].merging(
            ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        ) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(text.contains("Scripts/setup"))
    }
}
