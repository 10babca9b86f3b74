import Files
import Foundation
import Optimization
import Reporting
import Simulation

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

    private struct Card {
        /// Dense FP8, operations per second.
        let peak: Double
        /// Bytes per second.
        let bandwidth: Double
    }

    private static let cards = [
        "h100_sxm": Card(peak: 1979e12, bandwidth: 3.35e12),
        "h200_sxm": Card(peak: 1979e12, bandwidth: 4.8e12),
    ]

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

    // Llama-3.1-70B: weights of the layers and of the output layer, layers, hidden, heads.
    private static let weights = 68.45e9
    private static let outputWeights = 1.05e9
    private static let layers = 80.0
    private static let hidden = 8192.0
    private static let cacheBytes = 2 * 80.0 * 8 * 128 * 2

    /// - Parameter point: logarithms of MFU, MBU, host seconds, seconds of latency a collective, and of the
    ///   share of a link of 450 GB/s; a latency or a host of next to nothing and a whole link are the data
    ///   sheet.
    /// - Returns: milliseconds of an output token.
    private static func time(_ row: Row, _ point: [Double]) -> Double {
        guard let card = cards[row.system] else { return .nan }
        let (arithmetic, bandwidth) = (min(1, exp(point[0])), min(1, exp(point[1])))
        let tp = row.tensorParallel
        func step(tokens: Double, sampled: Double, context: Double, pairs: Double) -> Double {
            let operations = 2 * (tokens * weights + sampled * outputWeights)
            let matrices = max(
                operations / (tp * arithmetic * card.peak),
                (weights + 2 * outputWeights) / (tp * bandwidth * card.bandwidth))
            let attention =
                cacheBytes * context / (min(tp, 8) * bandwidth * card.bandwidth)
                + 4 * layers * 64 * 128 * pairs / (tp * arithmetic * card.peak)
            var collectives = 0.0
            if tp > 1 {
                let bytes = tokens * hidden * 2 * 2 * (tp - 1) / tp
                let link = bytes / (450e9 * min(1, exp(point[4])))
                collectives = 2 * layers * (exp(point[3]) * (tp - 1) + link)
            }
            return exp(point[2]) + matrices + attention + collectives
        }
        let c = row.concurrency
        let generating = step(
            tokens: c, sampled: c, context: c * (row.prompt + row.output / 2), pairs: 0)
        let reading = step(
            tokens: row.prompt, sampled: 1, context: 0, pairs: row.prompt * row.prompt / 2)
        return (generating + c / row.output * reading) * 1000
    }

    private static func fit(_ rows: [Row]) -> [Double] {
        var search = NelderMead()
        search.evaluationsMax = 4_000
        func loss(_ point: [Double]) -> Double {
            // The mean of absolute logarithms: robust, and alike above and below.
            rows.reduce(0) { $0 + abs(log(time($1, point) / $1.milliseconds)) } / Double(rows.count)
        }
        var best = (point: [log(0.5), log(0.7), log(1e-3), log(3e-6), log(0.5)], value: Double.infinity)
        for host in [1e-4, 1e-3, 3e-3] {
            for latency in [1e-6, 5e-6] {
                let start = [log(0.5), log(0.7), log(host), log(latency), log(0.5)]
                let first = search.minimum(from: start, of: loss)
                let found = search.minimum(from: first.point, of: loss)
                if found.value < best.value { best = found }
            }
        }
        return best.point
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
