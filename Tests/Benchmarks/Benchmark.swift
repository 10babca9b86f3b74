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

/// Where a benchmark puts what it found: tables for people as they come, figures and bars for the last line.
struct BenchmarkBoard {
    /// A figure held against a target. A missed one is printed as missed; it is a finding, not a failure.
    struct Bar {
        let value: Double
        let target: Double
        let isMet: Bool
    }

    let name: String
    private var figures: [String: JSONValue] = [:]
    private var bars: [(what: String, bar: Bar)] = []

    init(name: String) { self.name = name }

    /// Prints a table at once.
    func show(_ table: Table) { note(TextRenderer().render(table)) }

    /// Prints a line at once.
    func note(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    /// Keeps a figure for the last line.
    mutating func figure(_ key: String, _ value: JSONValue) { figures[key] = value }

    /// Keeps a bar that is met when the value is at least the target.
    mutating func bar(_ what: String, _ value: Double, atLeast target: Double) {
        bars.append((what, Bar(value: value, target: target, isMet: value >= target)))
    }

    /// Keeps a bar that is met when the value is at most the target.
    mutating func bar(_ what: String, _ value: Double, atMost target: Double) {
        bars.append((what, Bar(value: value, target: target, isMet: value <= target)))
    }

    /// The bars as a table, and the one line of JSON that ends the output.
    func finish() {
        if !bars.isEmpty {
            show(
                Table(
                    caption: "Bars",
                    columns: [
                        .init("what", "Bar", .text), .init("value", "Found", .plain),
                        .init("target", "Target", .plain), .init("met", "Met", .tag),
                    ],
                    rows: bars.map {
                        [
                            .text($0.what), .number($0.bar.value), .number($0.bar.target),
                            .text($0.bar.isMet ? "met" : "missed"),
                        ]
                    }))
        }
        let line = JSONValue.object([
            "benchmark": .string(name),
            "figures": .object(figures),
            "bars": .object(
                Dictionary(
                    bars.map { what, bar in
                        let value: JSONValue = [
                            "value": .number(bar.value), "target": .number(bar.target),
                            "met": .bool(bar.isMet),
                        ]
                        return (what, value)
                    }, uniquingKeysWith: { _, last in last })),
        ])
        note(line.compactText)
    }
}
