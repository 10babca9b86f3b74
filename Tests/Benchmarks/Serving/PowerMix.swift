import Files
import Foundation
import Reporting

/// Published power of A100s that serve language models (splitwise-sim), as shares of the limit, against the
/// shares of the data sheet's arithmetic and bandwidth that steps reach: fitted on Llama2-70B, predicted for
/// BLOOM-176B.
enum PowerMix {
    private struct Row {
        let model: String
        let prompt: Double
        /// Shares of the peaks, in the mean of a run.
        let arithmetic: Double
        let memory: Double
        /// Of the limit, in the mean of a run.
        let power: Double
    }

    private static let limitWatts = 400.0
    /// Means of runs with longer prompts lie below a fifth of the limit while their peaks reach all of it:
    /// they are not of the same window.
    private static let promptsMax = 4096.0

    static func run(_ board: inout BenchmarkBoard) throws {
        let path = "\(ServingBenchmark.data)/splitwise_sim/perf_model.csv"
        guard FileManager.default.fileExists(atPath: path) else {
            return board.note("No published power at \(path): no law is fitted to it.")
        }
        let rows = try read(path)
        let fitted = rows.filter { $0.model == "llama2-70b" && $0.prompt <= promptsMax }
        let unseen = rows.filter { $0.model == "bloom-176b" }
        guard fitted.count > 8, unseen.count > 8 else { return }
        let law = fit(fitted)
        let left = fitted.indices.map { place in
            let others = fitted.enumerated().filter { $0.offset != place }.map(\.element)
            return error(fitted[place], fit(others))
        }
        let one = fit(fitted) { _ in [1] }
        let tables = [
            ("Llama2-70B, fitted", fitted.map { error($0, law) }), ("Llama2-70B, each row left out", left),
            ("BLOOM-176B, never seen", unseen.map { error($0, law) }),
            ("BLOOM-176B, one figure for all", unseen.map { abs(one[0] / $0.power - 1) }),
        ]
        board.show(
            Table(
                caption: "Power of A100s in the mean of a run, over shares of their peaks",
                columns: [
                    .init("what", "points", .text), .init("count", "n", .count),
                    .init("mean", "mean error", .fraction), .init("p90", "p90", .fraction),
                ],
                rows: tables.map { what, errors in
                    let sorted = errors.sorted()
                    return [
                        .text(what), .integer(errors.count),
                        .number(errors.reduce(0, +) / Double(errors.count)),
                        .number(sorted[sorted.count * 9 / 10]),
                    ]
                }))
        board.note(
            String(
                format:
                    "Watts of one while a step runs: %.0f + %.0f of the arithmetic + %.0f of the bandwidth, "
                    + "of a limit of %.0f. %d rows of prompts beyond %.0f tokens are left out of the fit.",
                law[0] * limitWatts, law[1] * limitWatts, law[2] * limitWatts, limitWatts,
                rows.count { $0.model == "llama2-70b" } - fitted.count, promptsMax))
        for (name, value) in zip(["Running", "Compute", "Memory"], law) {
            board.figure("a100\(name)Watts", .number(value * limitWatts))
        }
        let mean = unseen.map { error($0, law) }.reduce(0, +) / Double(unseen.count)
        board.bar("A100, power of BLOOM-176B from a law of Llama2-70B: mean error", mean, atMost: 0.1)
    }

    private static func parts(_ row: Row) -> [Double] { [1, row.arithmetic, row.memory] }

    private static func error(_ row: Row, _ law: [Double]) -> Double {
        abs(zip(parts(row), law).reduce(0) { $0 + $1.0 * $1.1 } / row.power - 1)
    }

    /// Least squares on relative errors, by Gauss's elimination of the normal equations.
    private static func fit(_ rows: [Row], _ parts: (Row) -> [Double] = parts) -> [Double] {
        let size = rows.first.map { parts($0).count } ?? 0
        var matrix = Array(repeating: Array(repeating: 0.0, count: size + 1), count: size)
        for row in rows {
            let shares = parts(row).map { $0 / row.power }
            for i in 0..<size {
                for j in 0..<size { matrix[i][j] += shares[i] * shares[j] }
                matrix[i][size] += shares[i]
            }
        }
        for i in 0..<size {
            for j in 0..<size where j != i {
                let factor = matrix[j][i] / matrix[i][i]
                for k in i...size { matrix[j][k] -= factor * matrix[i][k] }
            }
        }
        return (0..<size).map { matrix[$0][size] / matrix[$0][$0] }
    }

    /// Medians over equal rows of A100s that have a power.
    private static func read(_ path: String) throws -> [Row] {
        var table = try CSVReader.open(path: path)
        let names = [
            "hardware", "model", "prompt_size", "batch_size", "token_size", "tensor_parallel", "e2e_time",
            "average_power",
        ]
        let columns = try names.map { try table.column(named: $0) }
        struct Key: Hashable {
            let model: String
            let numbers: [Double]
        }
        var found: [Key: [(seconds: Double, power: Double)]] = [:]
        while try table.next() {
            let texts = columns.map { table.text($0) }
            let numbers = texts[2...].map { Double($0) ?? .nan }
            guard texts[0] == "a100-80gb", numbers.allSatisfy({ $0 > 0 }) else { continue }
            found[Key(model: texts[1], numbers: Array(numbers[..<4])), default: []]
                .append((numbers[4] / 1000, numbers[5]))
        }
        // In an order that does not change from run to run, as sums depend on it.
        let sorted = found.sorted {
            ([$0.key.model] + $0.key.numbers.map(\.description))
                .lexicographicallyPrecedes([$1.key.model] + $1.key.numbers.map(\.description))
        }
        return sorted.compactMap { key, runs in
            guard let shape = ModelTransfer.shapes[key.model] else { return nil }
            let middle = runs.count / 2
            let shares = shape.shares(
                on: ModelTransfer.a100, prompt: key.numbers[0], batch: key.numbers[1], output: key.numbers[2],
                tensorParallel: key.numbers[3], seconds: runs.map(\.seconds).sorted()[middle])
            return Row(
                model: key.model, prompt: key.numbers[0], arithmetic: shares.arithmetic,
                memory: shares.memory, power: runs.map(\.power).sorted()[middle])
        }
    }
}
