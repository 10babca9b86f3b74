import Foundation
import Testing

/// Conditions that nobody asked for: an output that cannot be written, files in the way, a database that goes
/// away. A verb ends with an exit code and a message, and what was there stays.
@Suite struct HostileConditionTests {
    private let workloads: SmallWorkloads

    init() throws { workloads = try SmallWorkloads() }

    private func path(_ name: String) -> String { workloads.folder.appendingPathComponent(name).path }

    /// Runs a shell line in which `$H` stands for the command.
    private func shell(_ line: String) throws -> (status: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "set -o pipefail; ulimit -c 0; \(line)"]
        process.currentDirectoryURL = workloads.folder
        process.environment = ProcessInfo.processInfo.environment.merging(
            [
                "H": try HerculesCommand.executable.path, "HERCULES_RUNTIME_DIR": workloads.folder.path,
                "HERCULES_LIB_PATH": HerculesCommand.repository.appendingPathComponent(".deps/lib").path,
            ]
        ) { $1 }
        let errors = workloads.folder.appendingPathComponent("errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOf: errors, encoding: .utf8))
    }

    @Test(arguments: [
        ("$H catalog list > /dev/full", "No space left on device"),
        ("$H --help > /dev/full", "No space left on device"),
        ("$H catalog list >&-", "Bad file descriptor"),
        ("$H trace generate Workloads/traces/week.yaml | true", "a pipe that nobody reads any more"),
    ])
    func anOutputThatCannotBeWrittenIsAFailure(line: String, words: String) throws {
        let run = try shell(line)
        #expect(run.status == 1, "\(line): \(run)")
        #expect(run.errors.contains("Error: standard output: found \(words)"), "\(line): \(run)")
    }

    @Test func errorsThatCannotBeWrittenLeaveTheExitCode() throws {
        for stream in ["2> /dev/full", "2>&-"] {
            #expect(try shell("$H catalog list \(stream)").status == 0)
            #expect(try shell("$H plan none.yaml --database none.sqlite \(stream)").status == 1)
            #expect(try shell("$H plan --load \(stream)").status == 64)
        }
    }

    /// What is meant for a closed stream must not go into the file that has taken its number.
    @Test func aClosedStreamDoesNotBecomeTheDatabase() throws {
        let run = try shell(
            "$H search Workloads/scenarios/tiny.yaml --database d.sqlite 0<&- >&- 2>&-; "
                + "$H db check --database d.sqlite >&2")
        #expect(run.status == 0 && run.errors.contains("no problems"))
    }

    @Test func aReportTakesThePlaceOfNothingElse() throws {
        #expect(try shell("$H run Workloads/scenarios/tiny.yaml --quiet --database d.sqlite").status == 0)
        try Data("my notes".utf8).write(to: workloads.folder.appendingPathComponent("notes.txt"))
        let kept = ["d.sqlite", "notes.txt", "Workloads/scenarios/tiny.yaml", "Workloads/fleets/tiny.yaml"]
        let before = try kept.map { try Data(contentsOf: URL(fileURLWithPath: path($0))) }
        for output in kept + ["Workloads", "/dev/null", "d.sqlite-wal"] {
            for verb in [
                "report", "report Workloads/scenarios/tiny.yaml", "run Workloads/scenarios/tiny.yaml",
            ] {
                let run = try shell("$H \(verb) --quiet --database d.sqlite --output \(output)")
                #expect(run.status == 64, "\(verb) --output \(output): \(run)")
                #expect(run.errors.contains("\(output): found "))
            }
        }
        #expect(try kept.map { try Data(contentsOf: URL(fileURLWithPath: path($0))) } == before)
        #expect(try shell("$H report --database d.sqlite --output report.html").status == 0)
        #expect(try shell("$H db runs --database d.sqlite --format csv | grep -q running").status == 1)
    }

    @Test func anExportTakesThePlaceOfAnEarlierOneOnly() throws {
        #expect(try shell("$H search Workloads/scenarios/tiny.yaml --quiet --database d.sqlite").status == 0)
        let export = "$H export Workloads/scenarios/tiny.yaml --quiet --database d.sqlite --days 0.1"
        #expect(try shell("\(export) --output out").status == 0)
        #expect(try shell("\(export) --output out").status == 0)
        for name in ["kubernetes/000000.yaml", "intervals.csv", "comparison.json"] {
            let mine = path("mine/\(name)")
            try? FileManager.default.removeItem(atPath: path("mine"))
            try FileManager.default.createDirectory(
                atPath: path("mine/kubernetes"), withIntermediateDirectories: true)
            try Data("a file of mine".utf8).write(to: URL(fileURLWithPath: mine))
            let run = try shell("\(export) --output mine")
            #expect(run.status == 64 && run.errors.contains(name), "\(name): \(run)")
            #expect(try String(contentsOfFile: mine, encoding: .utf8) == "a file of mine")
        }
    }

    @Test func pipesAndDevicesInThePlaceOfFilesAreRefusedAtOnce() throws {
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        for file in ["pipe", "/dev/zero"] {
            for verb in [
                "run \(file)", "plan \(file)", "profile \(file)", "catalog check \(file)",
                "trace inspect --trace \(file)", "trace generate \(file)", "import csv \(file)",
                "import csv x.csv --mapping \(file)", "db info --database \(file)", "db merge \(file)",
                "forecast --trace \(file)",
            ] {
                let run = try shell("timeout 20 $H \(verb)")
                #expect([1, 64].contains(run.status), "\(verb): \(run)")
                #expect(!run.errors.isEmpty)
            }
        }
    }

    @Test func aVerbThatWorksOnAScenarioEndsItsRun() throws {
        #expect(try shell("$H search Workloads/scenarios/tiny.yaml --quiet --database d.sqlite").status == 0)
        #expect(try shell("$H plan Workloads/scenarios/tiny.yaml --quiet --database d.sqlite").status == 0)
        let failed =
            "$H plan Workloads/scenarios/tiny.yaml --quiet --database d.sqlite --load nobody=5"
        #expect(try shell(failed).status == 64)
        let runs = "$H db runs --database d.sqlite --format csv | cut -d, -f3 | sort | uniq -c"
        let counts = try shell("\(runs) >&2").errors
        #expect(!counts.contains("running"), "\(counts)")
        #expect(counts.contains("2 finished"), "\(counts)")
    }
}
