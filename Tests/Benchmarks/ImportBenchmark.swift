import Foundation
import Reporting

/// How fast a large CSV goes into the database and how much memory that takes, beside `sqlite3 .import` of
/// the same file, which stores its texts and judges nothing.
enum ImportBenchmark: Benchmark {
    static let name = "import"
    static let purpose =
        "a large CSV into the database, beside sqlite3 .import: [megabytes, 256 unless given]"

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let megabytes = arguments.first.flatMap { Double($0) } ?? 256
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "import-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("figures.csv")
        let rows = try write(to: file, bytes: Int(megabytes * 1e6))
        let tool = BuiltProgram.hercules
        let small = folder.appendingPathComponent("small.csv")
        _ = try write(to: small, bytes: Int(megabytes * 1e6 / 16))
        var table: [[Table.Cell]] = []
        func measure(_ title: String, _ program: URL, _ arguments: [String], bytes: Double) throws
            -> FinishedProgram
        {
            let child = try FinishedProgram.run(program, arguments, in: folder)
            table.append([
                .text(title), .number((bytes / 1e6).rounded()),
                .number((child.seconds * 100).rounded() / 100),
                .number((bytes / 1e6 / child.seconds * 10).rounded() / 10),
                .number(child.peakMegabytes.rounded()),
            ])
            return child
        }
        let bytes = Double(try size(of: file))
        let part = try measure(
            "hercules import, a sixteenth", tool,
            ["import", "csv", "small.csv", "--database", "small.sqlite", "--quiet"],
            bytes: Double(try size(of: small)))
        let whole = try measure(
            "hercules import", tool,
            ["import", "csv", "figures.csv", "--database", "whole.sqlite", "--quiet"],
            bytes: bytes)
        board.figure("megabytesPerSecond", .number(bytes / 1e6 / whole.seconds))
        board.figure("rowsPerSecond", .number(Double(rows) / whole.seconds))
        board.figure("peakMegabytes", .number(whole.peakMegabytes))
        let peer = URL(fileURLWithPath: "/usr/bin/sqlite3")
        if FileManager.default.isExecutableFile(atPath: peer.path) {
            let other = try measure(
                "sqlite3 .import", peer, ["peer.sqlite", ".import --csv figures.csv figures"], bytes: bytes)
            board.figure("sqlite3MegabytesPerSecond", .number(bytes / 1e6 / other.seconds))
            board.figure("sqlite3PeakMegabytes", .number(other.peakMegabytes))
        } else {
            board.note("sqlite3 is not installed: nothing to compare with")
        }
        board.show(
            Table(
                caption: "\(rows) rows of figures",
                columns: [
                    .init("what", "What", .text), .init("megabytes", "MB", .plain),
                    .init("seconds", "s", .plain),
                    .init("megabytesPerSecond", "MB/s", .plain), .init("peakMegabytes", "peak MB", .plain),
                ], rows: table))
        board.bar(
            "memory of the whole over that of a sixteenth", whole.peakMegabytes / part.peakMegabytes,
            atMost: 1.5)
    }

    private static func size(of file: URL) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? NSNumber)?.intValue ?? 0
    }

    /// Writes figures that keep to every law.
    private static func write(to file: URL, bytes: Int) throws -> Int {
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        var text =
            """
            model,server,devices,precision,batch,concurrency,throughput,throughput_unit,mean_ms,p50_ms,\
            p99_ms,watts,
            """
            + "watts_scope,watts_provenance\n"
        var (written, rows) = (0, 0)
        while written + text.utf8.count < bytes {
            let concurrency = 1 + rows % 64
            let rate = 100 + rows % 900
            let mean = Double(concurrency) / Double(rate) * 1000
            text +=
                """
                model-\(rows % 97),server-\(rows % 31),\(1 + rows % 8),fp16,1,\(concurrency),\(rate),items,\
                \(mean),
                """
                + "\(mean * 0.9),\(mean * 2),\(200 + rows % 100),device,metered\n"
            rows += 1
            if text.utf8.count > 1 << 20 {
                try handle.write(contentsOf: Data(text.utf8))
                written += text.utf8.count
                text = ""
            }
        }
        try handle.write(contentsOf: Data(text.utf8))
        return rows
    }
}
