import Foundation
import Reporting

/// How long the command takes to start and say what it can do.
enum StartBenchmark: Benchmark {
    static let name = "start"
    static let purpose = "time to start the command, over 40 starts"

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let tool = BuiltProgram.hercules
        let clock = ContinuousClock()
        var milliseconds: [Double] = []
        for _ in 0..<40 {
            let process = Process()
            process.executableURL = tool
            process.arguments = ["--help"]
            process.standardOutput = FileHandle.nullDevice
            let took = try clock.measure {
                try process.run()
                process.waitUntilExit()
            }
            milliseconds.append(took / .milliseconds(1))
        }
        milliseconds.sort()
        let median = milliseconds[milliseconds.count / 2]
        board.show(
            Table(
                caption: "Time to start",
                columns: [
                    .init("statistic", "Statistic", .text),
                    .init("startMilliseconds", "Time", .milliseconds),
                ],
                rows: [
                    [.text("least"), .number(milliseconds[0])], [.text("median"), .number(median)],
                    [.text("most"), .number(milliseconds[milliseconds.count - 1])],
                ]))
        board.figure("startMedianMilliseconds", .number(median))
        board.bar("median start in ms", median, atMost: 50)
    }
}
