import Catalog
import Foundation
import Quantities
import Reporting
import Scheduling
import ServerModels
import Vocabulary

/// The search of an engine's rules: every method beside the exhaustive one, random draws and Optuna, by what
/// they found and how many evaluations they took.
enum EngineSearch {
    private static let models: [ModelID] = ["chat-70b", "chat-8b"]
    private static let boxes: [ServerTypeID] = ["dgx-h100", "dgx-h200", "dgx-a100-80gb", "cpu-t3-l40s-x4"]
    private static let queries = 600

    private struct Row {
        let method: String
        let share: Double
        let evaluations: Int
        let space: Int
    }

    static func run(_ board: inout BenchmarkBoard) throws {
        let catalog = try Catalog(directory: "Workloads")
        let optuna = try? OptunaPeer()
        var rows: [Row] = []
        var problems = 0
        for model in try models.map({ try catalog.model($0) }) {
            for box in boxes {
                let found = try contest(model, on: try catalog.serverType(box), optuna)
                problems += found.isEmpty ? 0 : 1
                rows += found
            }
        }
        var names: [String] = []
        for row in rows where !names.contains(row.method) { names.append(row.method) }
        board.show(
            Table(
                caption: "Rules of engines on \(problems) pairs of a model and a box",
                columns: [
                    .init("method", "method", .text),
                    .init("evaluations", "evaluations, mean", .plain),
                    .init("space", "of the space", .fraction),
                    .init("mean", "of the optimum, mean", .fraction),
                    .init("worst", "worst", .fraction),
                ],
                rows: names.map { name in
                    let own = rows.filter { $0.method == name }
                    let count = Double(own.count)
                    return [
                        .text(name),
                        .number((own.reduce(0) { $0 + Double($1.evaluations) } / count * 10).rounded() / 10),
                        .number(own.reduce(0) { $0 + Double($1.evaluations) / Double($1.space) } / count),
                        .number(own.reduce(0) { $0 + $1.share } / count),
                        .number(own.map(\.share).min() ?? 0),
                    ]
                }))
        if optuna == nil { board.note("Optuna is not installed: Scripts/setup benchmarks installs it.") }
        let gradient = rows.filter { $0.method == GradientSearch().name }
        board.bar(
            "search of engine rules: worst of the optimum", gradient.map(\.share).min() ?? 0, atLeast: 0.95)
    }

    /// Every method on one pair, beside the best of all schedules. Evaluations are shared, charged to each.
    private static func contest(
        _ model: Model, on box: ServerType, _ optuna: OptunaPeer?
    ) throws -> [Row] {
        let server = try LanguageServerModel(
            model, on: box, settings: ServerModelSettings(batches: [1], queries: .exactly(queries), seed: 1))
        let limits = ServiceLimits(target: model.latencyTarget)
        let problem = SearchProblem(server, within: limits, seed: 1)
        guard problem.space.count > 0 else { return [] }
        var known: [Schedule: ScheduleEvaluation] = [:]
        func evaluate(_ schedule: Schedule) throws -> ScheduleEvaluation {
            if let found = known[schedule] { return found }
            let found = try server.evaluate(schedule, within: limits)
            known[schedule] = found
            return found
        }
        let optimum = try problem.space.schedules.map { try evaluate($0).throughput.value }.max() ?? 0
        guard optimum > 0 else { return [] }
        let outcomes = try SearchContest.compete(
            problem, starts: [], cores: 1, optuna: optuna, evaluate: evaluate)
        return outcomes.map {
            Row(
                method: $0.method, share: $0.value / optimum, evaluations: $0.evaluations,
                space: problem.space.count)
        }
    }
}
