import Foundation
import Testing

/// Files that cannot be imported: what is said of each, and that no database comes of it.
@Suite struct ImportRefusalTests {
    private let workloads: SmallWorkloads
    private static let header = "model,server,throughput,throughput_unit\n"
    private static let row = "a,box,10,queries\n"

    private static let shapes: [(text: String, message: String)] = {
        let kept = "found no row that can be kept: "
        let number = "expected a number from 0 to 1e15, expected a file of the kind 'csv'"
        var shapes: [(text: String, message: String)] = []
        func add(_ text: String, _ message: String) { shapes.append((text, "f.csv" + message)) }
        add("", ": found an empty file, expected a header line and rows below it")
        add(header, ":1: found a header and nothing below it, expected at least one row")
        add(
            "model;server;throughput;throughput_unit\na;box;1.2.3;queries\n",
            ":2: \(kept)throughput: found '1.2.3', expected a number with one decimal sign throughout the "
                + "file, expected a file of the kind 'csv'")
        add(
            "model,server,throughput,throughput_unit,model\na,box,10,queries,a\n",
            ":1: found the column 'model' a second time (column 5), expected every column name once")
        for word in ["NaN", "infinity", "-3", "1e400"] {
            add(header + "a,box,\(word),queries\n", ":2: \(kept)throughput: found '\(word)', \(number)")
        }
        add(
            header + "a,box\n",
            ":2: \(kept)found 2 fields, expected 4, as the header has, expected a file of the kind 'csv'")
        add(
            "model,server,throughput\na,box,1\n",
            ":1: found 'throughput_unit', expected a column: one of model, server, throughput")
        add(
            header + "\"a,box,10,queries\n",
            ":2: found a quote that is never closed, expected a closing quote")
        return shapes
    }()

    init() throws { workloads = try SmallWorkloads() }

    private func imported(_ bytes: Data) throws -> HerculesCommand.Outcome {
        try bytes.write(to: workloads.folder.appendingPathComponent("f.csv"))
        return try HerculesCommand.run(["import", "csv", "f.csv", "--quiet"], in: workloads.folder)
    }

    private func rows() throws -> Int {
        let run = try HerculesCommand.run(["db", "figures", "--format", "json"], in: workloads.folder)
        guard run.status == 0 else { return 0 }
        let rows = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [Any]
        return rows?.count ?? 0
    }

    @Test(arguments: Self.shapes)
    func aFileOfTheWrongShapeIsNamedWithWhatIsWrong(text: String, message: String) throws {
        let run = try imported(Data(text.utf8))
        #expect(run.status == 1)
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(try rows() == 0)
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        let run = try imported(Data(Self.header.utf8) + [0xFF, 0xFE] + Data(",box,1,queries\n".utf8))
        #expect(run.status == 1)
        #expect(
            run.errors.contains(
                "f.csv:2: found no row that can be kept: found bytes that are not UTF-8, expected text"),
            "\(run.errors)")
        let wide = try imported(Data([0xFF, 0xFE]) + Data(Self.header.utf8))
        #expect(wide.errors.contains("f.csv:1: found UTF-16 text, expected UTF-8 text"), "\(wide.errors)")
    }

    @Test func aByteOrderMarkAndCarriageReturnsAreRead() throws {
        let text = (Self.header + Self.row).replacingOccurrences(of: "\n", with: "\r\n")
        let run = try imported(Data([0xEF, 0xBB, 0xBF]) + Data(text.utf8))
        #expect(run.status == 0 && run.output.contains("1 rows read, 1 kept"), "\(run.errors)")
        #expect(try rows() == 1)
    }

    @Test func aLineWithoutEndIsRefusedBeforeItIsRead() throws {
        let file = workloads.folder.appendingPathComponent("f.csv")
        try Data((Self.header + "a,box,1").utf8).write(to: file)
        // A gigabyte of nothing on one line, which takes no space on the disk.
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 1 << 30)
        try handle.close()
        let run = try HerculesCommand.run(["import", "csv", "f.csv", "--dry-run"], in: workloads.folder)
        #expect(run.status == 1)
        #expect(run.errors.contains("f.csv:2: found a zero byte, expected text"), "\(run.errors)")
        let long = try imported(
            Data((Self.header + "a,box,1").utf8) + Data(repeating: 0x31, count: 3 << 20))
        #expect(
            long.errors.contains("f.csv:2: found a row of more than 1048576 bytes, expected shorter rows"),
            "\(long.errors)")
    }

    @Test func foldersAndMissingFilesAreNamedAndNoDatabaseIsMade() throws {
        let folder = try HerculesCommand.run(["import", "csv", "Workloads"], in: workloads.folder)
        #expect(folder.status == 1)
        #expect(folder.errors.contains("Workloads: found a folder, expected a file to import"))
        let missing = try HerculesCommand.run(["import", "csv", "none.csv"], in: workloads.folder)
        #expect(missing.errors.contains("none.csv: found no such file or folder, expected a file to import"))
        let kind = try HerculesCommand.run(["import", "magic", "none.csv"], in: workloads.folder)
        #expect(
            kind.status == 64 && kind.errors.contains("unknown kind of import 'magic': expected one of csv,"))
        let name = workloads.folder.appendingPathComponent("hercules.sqlite").path
        #expect(!FileManager.default.fileExists(atPath: name))
    }

    @Test(.enabled(if: getuid() != 0, "root may read every file"))
    func aFileWithoutPermissionIsNamed() throws {
        let file = workloads.folder.appendingPathComponent("f.csv")
        try Data((Self.header + Self.row).utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file.path)
        let run = try HerculesCommand.run(["import", "csv", "f.csv"], in: workloads.folder)
        #expect(run.status == 1)
        #expect(run.errors.contains("f.csv: found no permission to read it, expected a file to import"))
    }
}
