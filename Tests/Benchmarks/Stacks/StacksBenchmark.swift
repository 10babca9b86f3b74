import Catalog
import Foundation
import Reporting
import ServerModels
import Vocabulary

/// Fits software stacks of accelerators to published runs, and says how far devices and models that a fit
/// has not seen are missed.
enum StacksBenchmark: Benchmark {
    static let name = "stacks"
    static let purpose = "software stacks of accelerators, fitted to published runs [FILE of such runs]"

    private static let standardFile = "../shared/data/triton_dlrm/triton_tables.csv"

    private enum Failure: Error, CustomStringConvertible {
        case noRuns(String)

        var description: String {
            switch self {
            case .noRuns(let file):
                "\(file): no such file; expected a table of runs on Triton Inference Server"
            }
        }
    }

    static func run(_ arguments: [String], board: inout BenchmarkBoard) throws {
        let file = arguments.first ?? standardFile
        guard FileManager.default.fileExists(atPath: file) else { throw Failure.noRuns(file) }
        let catalog = try Catalog(directory: "Workloads")
        let tables = try TritonTables(path: file, catalog: catalog)
        for stack in TritonTables.Stack.all {
            try weigh(stack, tables.runs(of: stack), catalog, &board)
        }
    }

    private static func weigh(
        _ stack: TritonTables.Stack, _ runs: [StackCalibration.Run], _ catalog: Catalog,
        _ board: inout BenchmarkBoard
    ) throws {
        let fitted = runs.filter { !stack.unseen.contains($0.device) }
        let calibration = StackCalibration(capturesGraphs: true)
        let constants = calibration.fit(fitted)
        board.show(constantsTable(constants, of: stack))
        let inSample = calibration.predictions(fitted, constants)
        var lines: [(String, [StackCalibration.Prediction])] = [("fitted", inSample)]
        if Set(fitted.map(\.device)).count > 1 {
            lines.append(("one device left out", calibration.leavingOut({ $0.device }, of: fitted)))
        }
        if Set(fitted.map(\.model)).count > 1 {
            lines.append(("one model left out", calibration.leavingOut({ $0.model }, of: fitted)))
        }
        for device in stack.unseen.sorted() {
            let unseen = runs.filter { $0.device == device }
            lines.append(("\(device), never fitted", calibration.predictions(unseen, constants)))
        }
        board.show(errorTable(lines, of: stack))
        board.show(
            pairTable(
                lines.filter { $0.0 == "fitted" || $0.0.hasSuffix("never fitted") }.flatMap(\.1), of: stack))
        for (what, predictions) in lines {
            board.bar("\(stack.name), \(what): mean factor", mean(predictions), atMost: 1.35)
            board.bar("\(stack.name), \(what): p90 factor", high(predictions), atMost: 2)
        }
    }

    private static func constantsTable(
        _ constants: SoftwareStack.Constants, of stack: TritonTables.Stack
    ) -> Table {
        Table(
            caption: "\(stack.title): constants",
            columns: [.init("key", "Key", .text), .init("value", "Value", .plain)],
            rows: [
                ("dense_efficiency", constants.denseEfficiency),
                ("half_batch_items", constants.halfBatchItems),
                ("gather_efficiency", constants.gatherEfficiency),
                ("row_overhead_ns", constants.rowOverheadSeconds * 1e9),
                ("operator_overhead_us", constants.operatorOverheadSeconds * 1e6),
                ("request_overhead_us", constants.requestOverheadSeconds * 1e6),
            ].map { [.text($0.0), .number(significant($0.1))] })
    }

    private static func errorTable(
        _ lines: [(String, [StackCalibration.Prediction])], of stack: TritonTables.Stack
    ) -> Table {
        Table(
            caption: "\(stack.title): off by a factor of",
            columns: [
                .init("what", "Runs", .text), .init("count", "Count", .count),
                .init("mean", "Mean", .plain), .init("p90", "P90", .plain), .init("worst", "Worst", .plain),
            ],
            rows: lines.map { what, predictions in
                [
                    .text(what), .integer(predictions.count), .number(significant(mean(predictions))),
                    .number(significant(high(predictions))),
                    .number(significant(predictions.map(\.factor).max() ?? 0)),
                ]
            })
    }

    private static func pairTable(
        _ predictions: [StackCalibration.Prediction], of stack: TritonTables.Stack
    ) -> Table {
        let pairs = Dictionary(grouping: predictions) { "\($0.run.model) on \($0.run.device)" }
        return Table(
            caption: "\(stack.title): modelled over published latency, by batch",
            columns: [.init("pair", "Pair", .text), .init("ratios", "Items: ratio", .text)],
            rows: pairs.sorted { $0.key < $1.key }.map { pair, own in
                let ratios = own.sorted { $0.run.items < $1.run.items }.map {
                    "\($0.run.items): \(significant($0.seconds / $0.run.seconds, digits: 2))"
                }
                return [.text(pair), .text(ratios.joined(separator: ", "))]
            })
    }

    /// The geometric mean.
    private static func mean(_ predictions: [StackCalibration.Prediction]) -> Double {
        exp(predictions.reduce(0) { $0 + log($1.factor) } / Double(max(predictions.count, 1)))
    }

    /// What nine of ten stay below.
    private static func high(_ predictions: [StackCalibration.Prediction]) -> Double {
        let factors = predictions.map(\.factor).sorted()
        guard !factors.isEmpty else { return 0 }
        return factors[min(factors.count - 1, Int((0.9 * Double(factors.count)).rounded(.up)) - 1)]
    }

    private static func significant(_ value: Double, digits: Int = 3) -> Double {
        guard value > 0, value.isFinite else { return value }
        let scale = pow(10, Double(digits - 1) - floor(log10(value)))
        return (value * scale).rounded() / scale
    }
}
