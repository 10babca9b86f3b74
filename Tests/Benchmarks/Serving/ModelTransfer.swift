import Files
import Foundation
import Reporting

/// Published times of output tokens of two models on the same cards (splitwise-sim): constants fitted on
/// Llama2-70B predict BLOOM-176B, which has another kind of attention and no gates.
enum ModelTransfer {
    private struct Row: Hashable {
        let hardware: String
        let model: String
        let prompt: Double
        let batch: Double
        let output: Double
        let tensorParallel: Double
    }

    private struct Point {
        let row: Row
        let milliseconds: Double
    }

    static let shapes = [
        "llama2-70b": PublishedShape(
            layers: 80, hidden: 8192, heads: 64, cacheHeads: 8, headSize: 128, feedForward: 28_672,
            feedForwardMatrices: 3, vocabulary: 32_000, weightBytes: 2),
        "bloom-176b": PublishedShape(
            layers: 70, hidden: 14_336, heads: 112, cacheHeads: 112, headSize: 128, feedForward: 57_344,
            feedForwardMatrices: 2, vocabulary: 250_880, weightBytes: 2),
    ]
    static let a100 = PublishedCard(peak: 312e12, bandwidth: 2.039e12, link: 300e9)
    private static let cards = [
        ("h100-80gb", "H100", PublishedCard(peak: 989e12, bandwidth: 3.35e12, link: 450e9)),
        ("a100-80gb", "A100", a100),
    ]

    static func run(_ board: inout BenchmarkBoard) throws {
        let path = "\(ServingBenchmark.data)/splitwise_sim/perf_model.csv"
        guard FileManager.default.fileExists(atPath: path) else {
            return board.note("No published times at \(path): no model predicts another.")
        }
        let points = try read(path)
        var rows: [[Table.Cell]] = []
        for (hardware, name, card) in cards {
            let fitted = points.filter { $0.row.hardware == hardware && $0.row.model == "llama2-70b" }
            let unseen = points.filter { $0.row.hardware == hardware && $0.row.model == "bloom-176b" }
            guard fitted.count > 8, unseen.count > 8 else { continue }
            let constants = PublishedShape.fitted(
                hosts: [1e-3, 1e-2, 3e-2], to: fitted.map(\.milliseconds)
            ) { time(fitted[$0].row, card, $1) }
            for (what, points) in [("Llama2-70B, fitted", fitted), ("BLOOM-176B, never seen", unseen)] {
                let errors = points.map { abs(time($0.row, card, constants) / $0.milliseconds - 1) }.sorted()
                let median = errors[errors.count / 2]
                rows.append([
                    .text(name), .text(what), .integer(points.count), .number(median),
                    .number(errors[min(errors.count - 1, errors.count * 9 / 10)]),
                ])
                guard what.hasPrefix("BLOOM") else { continue }
                board.bar(
                    "\(name), BLOOM-176B from constants of Llama2-70B: median error", median, atMost: 0.1)
            }
        }
        board.show(
            Table(
                caption: "One model's constants for another on the same card: error of the time of an output "
                    + "token",
                columns: [
                    .init("card", "card", .text), .init("what", "points", .text), .init("count", "n", .count),
                    .init("median", "median", .fraction), .init("p90", "p90", .fraction),
                ], keyColumnCount: 2, rows: rows))
        host(points, &board)
    }

    /// Says how much of a step is not the card's.
    private static func host(_ points: [Point], _ board: inout BenchmarkBoard) {
        for (hardware, name, card) in cards {
            let sheet = [0, 0, -30, -30, 0.0]
            let shares = points.filter { $0.row.hardware == hardware && $0.row.tensorParallel == 8 }.map {
                time($0.row, card, sheet) / $0.milliseconds
            }.sorted()
            guard !shares.isEmpty else { continue }
            board.note(
                String(
                    format: "On 8 %@ the data sheet accounts for %.0f %% of these steps in the median; the "
                        + "rest is that server's host and its collectives.",
                    name, shares[shares.count / 2] * 100))
        }
    }

    private static func time(_ row: Row, _ card: PublishedCard, _ constants: [Double]) -> Double {
        guard let shape = shapes[row.model] else { return .nan }
        return 1000
            * shape.step(
                on: card, tensorParallel: row.tensorParallel, tokens: row.batch, sampled: row.batch,
                context: row.batch * (row.prompt + row.output / 2), pairs: 0, constants)
    }

    /// Medians over equal rows.
    private static func read(_ path: String) throws -> [Point] {
        var table = try CSVReader.open(path: path)
        let names = [
            "hardware", "model", "prompt_size", "batch_size", "token_size", "tensor_parallel", "token_time",
        ]
        let columns = try names.map { try table.column(named: $0) }
        var times: [Row: [Double]] = [:]
        while try table.next() {
            let texts = columns.map { table.text($0) }
            let numbers = texts[2...].map { Double($0) ?? .nan }
            guard numbers.allSatisfy({ $0 > 0 }) else { continue }
            let row = Row(
                hardware: texts[0], model: texts[1], prompt: numbers[0], batch: numbers[1],
                output: numbers[2], tensorParallel: numbers[3])
            times[row, default: []].append(numbers[4])
        }
        return times.map { row, times in
            Point(row: row, milliseconds: times.sorted()[times.count / 2])
        }.sorted { ($0.row.model, $0.milliseconds) < ($1.row.model, $1.milliseconds) }
    }
}
