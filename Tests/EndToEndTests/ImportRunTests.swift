import Foundation
import Store
import Testing
import Vocabulary

/// The `import` verb as a person uses it.
@Suite struct ImportRunTests {
    private let workloads: SmallWorkloads
    private static let header = "model,server,throughput,throughput_unit,p50_ms,p99_ms\n"

    init() throws { workloads = try SmallWorkloads() }

    private func hercules(_ arguments: String...) throws -> HerculesCommand.Outcome {
        try HerculesCommand.run(arguments, in: workloads.folder)
    }

    private func write(_ text: String, _ name: String = "figures.csv") throws {
        try Data(text.utf8).write(to: workloads.folder.appendingPathComponent(name))
    }

    private func figures() throws -> [ImportedFigure] {
        try Store(path: workloads.folder.appendingPathComponent("hercules.sqlite").path)
            .importedFigures(isSoundOnly: false)
    }

    @Test func aFileIsImportedOnceAndForgotten() throws {
        try write(Self.header + "a,box,10,queries,1,2\nb,box,x,queries,1,2\nc,box,30,queries,5,2\n")
        let first = try hercules("import", "csv", "figures.csv", "--source", "A paper", "--licence", "MIT")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("figures.csv: 3 rows read, 2 kept, 1 of them marked, 1 refused\n"))
        #expect(first.output.contains("  source: A paper, MIT\n"))
        #expect(
            first.output.contains(
                "  refused 1 row, first in line 3: throughput: found 'x', expected a number from 0 to 1e15\n")
        )
        #expect(
            first.output.contains(
                "  marked 1 row, first in line 4: a higher quantile of latency is smaller than a lower one\n")
        )
        #expect(first.output.contains("  throughputPerSecond: 10 to 30 in 2 rows\n"))
        let second = try hercules("import", "csv", "figures.csv", "--source", "A paper", "--licence", "MIT")
        #expect(second.output == "figures.csv: imported before, nothing to do\n")
        #expect(try figures().count == 2)
        #expect(try hercules("db", "forget", "A paper").output == "forgot 1 file with 2 rows\n")
        #expect(try figures().isEmpty)
        let again = try hercules("db", "forget", "A paper")
        #expect(again.status == 64)
        #expect(
            again.errors.contains("found nothing imported from 'A paper', expected an import: there is none"))
    }

    @Test func strictRefusesWhatBreaksALaw() throws {
        try write(Self.header + "a,box,10,queries,1,2\nc,box,30,queries,5,2\n")
        let run = try hercules("import", "csv", "figures.csv", "--strict")
        #expect(run.output.contains("2 rows read, 1 kept, 0 of them marked, 1 refused"))
        #expect(try figures().map(\.model) == ["a"])
        try write(Self.header + "c,box,30,queries,5,2\n", "bad.csv")
        let none = try hercules("import", "csv", "bad.csv", "--strict")
        #expect(none.status == 1 && none.errors.contains("bad.csv:2: found no row that can be kept"))
        #expect(try figures().map(\.model) == ["a"])
    }

    @Test func aDryRunKeepsNothing() throws {
        try write(Self.header + "a,box,10,queries,1,2\n")
        let run = try hercules("import", "csv", "figures.csv", "--dry-run", "--format", "json")
        #expect(run.output.contains("\"rowsKept\":1"))
        #expect(
            !FileManager.default.fileExists(
                atPath: workloads.folder.appendingPathComponent("hercules.sqlite").path))
    }

    @Test func filesBeforeARefusedOneStay() throws {
        try write(Self.header + "a,box,10,queries,1,2\n", "one.csv")
        try write("nonsense\n1\n", "two.csv")
        let run = try hercules("import", "csv", "one.csv", "two.csv")
        #expect(run.status == 1 && run.errors.contains("two.csv"))
        #expect(try figures().map(\.model) == ["a"])
        try write(Self.header + "b,box,10,queries,1,2\n", "two.csv")
        let rest = try hercules("import", "csv", "one.csv", "two.csv", "--format", "csv")
        #expect(rest.status == 0 && rest.output.contains(",0,0,0,0,true,"), "\(rest.output)")
        #expect(try figures().map(\.model) == ["a", "b"])
    }
}

/// A process that is killed while it imports.
@Suite struct ImportKillTests {
    @Test func aKilledImportKeepsWholeFilesAndTheSameCommandGoesOn() throws {
        let workloads = try SmallWorkloads()
        let database = workloads.folder.appendingPathComponent("hercules.sqlite").path
        let header = "model,server,throughput,throughput_unit,detail\n"
        try Data((header + "a,box,10,queries,x\n").utf8)
            .write(to: workloads.folder.appendingPathComponent("small.csv"))
        // Rows enough for a few seconds, and long enough that they reach the disk before the last is read.
        let long = String(repeating: "x", count: 2000)
        let large = workloads.folder.appendingPathComponent("large.csv")
        try Data((header + (0..<60_000).map { "m,box,\($0 + 1),queries,\(long)\n" }.joined()).utf8)
            .write(to: large)
        let process = Process()
        process.executableURL = try HerculesCommand.executable
        process.arguments = ["import", "csv", "small.csv", "large.csv", "--quiet"]
        process.currentDirectoryURL = workloads.folder
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        func written() -> Int {
            let attributes = try? FileManager.default.attributesOfItem(atPath: database + "-wal")
            return (attributes?[.size] as? NSNumber)?.intValue ?? 0
        }
        while process.isRunning, written() < 80 << 20 { Thread.sleep(forTimeInterval: 0.005) }
        #expect(process.isRunning, "it was over before it could be killed")
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let store = try Store(path: database)
        #expect(try store.integrityProblems() == [])
        #expect(try store.importedFigures().map(\.model) == ["a"], "all of a file or nothing of it")
        try store.close()
        try Data((header + "b,box,20,queries,x\n").utf8).write(to: large)
        let rest = try HerculesCommand.run(
            ["import", "csv", "small.csv", "large.csv"], in: workloads.folder)
        #expect(rest.status == 0 && rest.output.contains("small.csv: imported before, nothing to do"))
        #expect(try Store(path: database).importedFigures().map(\.model) == ["a", "b"])
    }
}

/// A disk that is full while a file is imported.
@Suite(.enabled(if: MemoryDisk.isAllowed, "mounting needs privileges")) struct ImportDiskTests {
    @Test func aFullDiskKeepsTheFilesBefore() throws {
        let workloads = try SmallWorkloads()
        let disk = try MemoryDisk(at: workloads.folder.appendingPathComponent("disk"), size: "2400k")
        let header = "model,server,throughput,throughput_unit,detail\n"
        try Data((header + "a,box,10,queries,x\n").utf8)
            .write(to: workloads.folder.appendingPathComponent("small.csv"))
        let long = String(repeating: "x", count: 1000)
        try Data((header + (0..<4000).map { "m,box,\($0 + 1),queries,\(long)\n" }.joined()).utf8)
            .write(to: workloads.folder.appendingPathComponent("large.csv"))
        let arguments = ["import", "csv", "small.csv", "large.csv", "--database", "disk/d.sqlite"]
        let full = try HerculesCommand.run(arguments, in: workloads.folder)
        #expect(full.status == 1)
        #expect(full.errors.contains("disk/d.sqlite: no space left to write"), "\(full.errors)")
        #expect(try disk.remount("size=64m"))
        let store = try Store(path: disk.path + "/d.sqlite")
        #expect(try store.integrityProblems() == [])
        #expect(try store.importedFigures().map(\.model) == ["a"], "all of a file or nothing of it")
        let rest = try HerculesCommand.run(arguments, in: workloads.folder)
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try store.importedFigures().count == 4001)
        try store.close()
    }
}
