import Files
import Foundation
import Reporting

/// Published closed-loop points of Llama-3.1-70B in FP8 on vLLM (AIConfigurator): constants fitted on one
/// card predict the other.
///
/// There is no scheduler in this: at a concurrency c the time of an output token is that of a step of c
/// sequences half way through their answers, and the share of reading the prompts of those that begin.
enum SiliconRows {
    private struct Row {
        let system: String
        let prompt: Double
        let output: Double
        let concurrency: Double
        let tensorParallel: Double
        let milliseconds: Double
    }

    private static let cards = [
        "h100_sxm": PublishedCard(peak: 1979e12, bandwidth: 3.35e12, link: 450e9),
        "h200_sxm": PublishedCard(peak: 1979e12, bandwidth: 4.8e12, link: 450e9),
    ]

    private static let shape = PublishedShape(
        layers: 80, hidden: 8192, heads: 64, cacheHeads: 8, headSize: 128, feedForward: 28_672,
        feedForwardMatrices: 3, vocabulary: 128_256, weightBytes: 1)

    static func run(_ board: inout BenchmarkBoard) throws {
        let path = "\(ServingBenchmark.data)/aiconfigurator/silicon_llama_70b.csv"
        guard FileManager.default.fileExists(atPath: path) else {
            board.note("No published points at \(path): not compared.")
            return
        }
        let rows = try read(path)
        let (fitted, unseen) = (
            rows.filter { $0.system == "h200_sxm" }, rows.filter { $0.system == "h100_sxm" }
        )
        guard fitted.count > 8, unseen.count > 8 else {
            board.note("Found \(fitted.count) and \(unseen.count) points on H200 and H100: too few to fit.")
            return
        }
        let constants = fit(fitted)
        let left = leaveOneOut(fitted)
        func errors(_ rows: [Row]) -> [Double] {
            rows.map { abs(time($0, constants) / $0.milliseconds - 1) }.sorted()
        }
        func quantile(_ share: Double, _ values: [Double]) -> Double {
            values[min(values.count - 1, Int(share * Double(values.count)))]
        }
        let sheet = unseen.map { abs(time($0, [0, 0, -30, -30, 0]) / $0.milliseconds - 1) }.sorted()
        let tables = [
            ("H200, fitted", errors(fitted)), ("H200, each concurrency left out", left),
            ("H100, never seen", errors(unseen)), ("H100, data sheet", sheet),
        ]
        board.show(
            Table(
                caption: "Llama-3.1-70B FP8 on vLLM, closed loop: error of the time of an output token",
                columns: [
                    .init("what", "points", .text), .init("count", "n", .count),
                    .init("median", "median", .fraction), .init("p90", "p90", .fraction),
                ],
                rows: tables.map {
                    [
                        .text($0.0), .integer($0.1.count), .number(quantile(0.5, $0.1)),
                        .number(quantile(0.9, $0.1)),
                    ]
                }))
        board.bar(
            "H100 from constants of H200: median error of TPOT", quantile(0.5, errors(unseen)), atMost: 0.05)
        let refused = quantile(0.5, left) > 0.15
        board.note(
            refused
                ? "Left out, points of the H200 are off by more than 15 %: such a fit would be refused."
                : "Left out, points of the H200 are off by less than 15 %: the fit may be used.")
    }

    private static func read(_ path: String) throws -> [Row] {
        var table = try CSVReader.open(path: path)
        let names = [
            "backend", "system", "precision", "mode", "isl", "osl", "batch_size", "tp_size",
            "silicon_tpot_ms",
        ]
        let columns = try names.map { try table.column(named: $0) }
        var rows: [Row] = []
        while try table.next() {
            let texts = columns.map { table.text($0) }
            guard texts[0] == "vllm", texts[2] == "fp8", texts[3] == "agg" else { continue }
            let numbers = texts[4...].map { Double($0) ?? .nan }
            guard numbers.allSatisfy({ $0 > 0 }), cards[texts[1]] != nil else { continue }
            rows.append(
                Row(
                    system: texts[1], prompt: numbers[0], output: numbers[1], concurrency: numbers[2],
                    tensorParallel: numbers[3], milliseconds: numbers[4]))
        }
        return rows
    }

    /// - Parameter point: as of a published step.
    /// - Returns: milliseconds of an output token.
    private static func time(_ row: Row, _ point: [Double]) -> Double {
        guard let card = cards[row.system] else { return .nan }
        let c = row.concurrency
        func step(tokens: Double, sampled: Double, context: Double, pairs: Double) -> Double {
            shape.step(
                on: card, tensorParallel: row.tensorParallel, tokens: tokens, sampled: sampled,
                context: context, pairs: pairs, point)
        }
        let generating = step(
            tokens: c, sampled: c, context: c * (row.prompt + row.output / 2), pairs: 0)
        let reading = step(
            tokens: row.prompt, sampled: 1, context: 0, pairs: row.prompt * row.prompt / 2)
        return (generating + c / row.output * reading) * 1000
    }

    private static func fit(_ rows: [Row]) -> [Double] {
        PublishedShape.fitted(hosts: [1e-4, 1e-3, 3e-3], to: rows.map(\.milliseconds)) { index, point in
            time(rows[index], point)
        }
    }

    /// Errors of points whose concurrency the fit has not seen.
    private static func leaveOneOut(_ rows: [Row]) -> [Double] {
        Set(rows.map(\.concurrency)).sorted().flatMap { left in
            let constants = fit(rows.filter { $0.concurrency != left })
            return rows.filter { $0.concurrency == left }.map {
                abs(time($0, constants) / $0.milliseconds - 1)
            }
        }.sorted()
    }
}
