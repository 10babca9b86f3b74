import Foundation
import Reporting

/// One benchmark: a file of its own, run by `Scripts/benchmark NAME`.
protocol Benchmark: Sendable {
    /// What people choose it by.
    static var name: String { get }
    /// One line that says what it measures.
    static var purpose: String { get }
    /// Measures, prints its tables through `board`, and leaves its figures and bars there.
    ///
    /// - Parameter arguments: what stood after the name on the command line.
    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws
}

/// Memory as the kernel counts it.
enum ProcessMemory {
    /// What this process has resident now, in MB.
    static func residentMegabytes() -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        return pages.map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6 }
    }

    /// The most that a process has had resident, in MB; nil where it is not known any more.
    /// - Parameter process: its number; `self` for this one.
    static func peakMegabytes(of process: String) -> Double? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).compactMap({ Double($0) }).first
        else { return nil }
        return kilobytes / 1000
    }
}

/// What was built beside the benchmarks.
enum BuiltProgram {
    /// The command itself.
    static let hercules = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("hercules")

    /// What the command prints on the standard output.
    /// - Throws: where it ends with neither 0 nor 2, which says that not all of a load is served.
    static func output(of words: [String]) throws -> Data {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = hercules
        process.arguments = words
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard [0, 2].contains(process.terminationStatus) else {
            throw Failure(
                command: "hercules \(words.prefix(2).joined(separator: " "))",
                status: process.terminationStatus)
        }
        return output
    }

    private struct Failure: Error, CustomStringConvertible {
        let command: String
        let status: Int32
        var description: String { "\(command) ended with \(status), expected 0 or 2" }
    }
}

/// A program that has run to its end.
struct FinishedProgram {
    let seconds: Double
    let peakMegabytes: Double

    static func run(_ program: URL, _ arguments: [String], in folder: URL) throws -> FinishedProgram {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        let began = ContinuousClock.now
        try process.run()
        var peak = 0.0
        while process.isRunning {
            // The kernel keeps the highest figure, so that looking now and then misses only the last
            // moments.
            peak = max(peak, ProcessMemory.peakMegabytes(of: "\(process.processIdentifier)") ?? 0)
            Thread.sleep(forTimeInterval: 0.01)
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CocoaError(
                .featureUnsupported,
                userInfo: [NSLocalizedDescriptionKey: "\(program.path) \(arguments) failed"])
        }
        let took = ContinuousClock.now - began
        return FinishedProgram(
            seconds: Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18,
            peakMegabytes: peak)
    }
}

/// Where a benchmark puts what it found: tables for people as they come, figures and bars for the last line.
struct BenchmarkBoard {
    /// A figure compared with a target. A missed one is printed as missed; it is a finding, not a failure.
    struct Bar {
        enum Side: String {
            case atLeast = "at least"
            case atMost = "at most"
        }

        let what: String
        let value: Double
        let side: Side
        let target: Double

        var isMet: Bool {
            switch side {
            case .atLeast: value >= target
            case .atMost: value <= target
            }
        }
    }

    /// What was printed so far; copies of a board share it.
    private final class Transcript {
        var text = ""
    }

    let name: String
    private(set) var figures: [String: JSONValue] = [:]
    private(set) var bars: [Bar] = []
    private let transcript = Transcript()

    init(name: String) { self.name = name }

    /// The tables and notes, as they were printed.
    var printed: String { transcript.text }

    /// Prints a table at once.
    func show(_ table: Table) { note(TextRenderer().render(table)) }

    /// Prints a line at once.
    func note(_ text: String) {
        transcript.text += text + "\n"
        Self.write(text)
    }

    /// Says on the standard error how far a long benchmark is.
    func progress(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

    /// Keeps a figure for the last line.
    mutating func figure(_ key: String, _ value: JSONValue) { figures[key] = value }

    /// Keeps a bar that is met when the value is at least the target.
    mutating func bar(_ what: String, _ value: Double, atLeast target: Double) {
        bars.append(Bar(what: what, value: value, side: .atLeast, target: target))
    }

    /// Keeps a bar that is met when the value is at most the target.
    mutating func bar(_ what: String, _ value: Double, atMost target: Double) {
        bars.append(Bar(what: what, value: value, side: .atMost, target: target))
    }

    /// The bars as a table, and the one line of JSON that ends the output.
    func finish() {
        if !bars.isEmpty {
            let table = Table(
                caption: "Bars",
                columns: [
                    .init("what", "Bar", .text), .init("value", "Found", .plain),
                    .init("target", "Target", .plain), .init("met", "Met", .tag),
                ],
                rows: bars.map {
                    [
                        .text($0.what), .number($0.value), .number($0.target),
                        .text($0.isMet ? "met" : "missed"),
                    ]
                })
            Self.write(TextRenderer().render(table))
        }
        let line = JSONValue.object([
            "benchmark": .string(name),
            "figures": .object(figures),
            "bars": .object(
                Dictionary(
                    bars.map { bar in
                        let value: JSONValue = [
                            "value": .number(bar.value), "target": .number(bar.target),
                            "met": .bool(bar.isMet),
                        ]
                        return (bar.what, value)
                    }, uniquingKeysWith: { _, last in last })),
        ])
        Self.write(line.compactText)
    }

    private static func write(_ text: String) {
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }
}
