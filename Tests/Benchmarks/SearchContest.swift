import Foundation
import Pipeline
import Profiling
import Quantities
import Scheduling
import Vocabulary

/// What one method did with one problem.
struct ContestResult: Sendable {
    let method: String
    let model: ModelID
    let serverType: ServerTypeID
    let target: LatencyTarget
    let provenance: Provenance
    /// The best found over the exhaustive optimum; nil where no schedule is feasible.
    let share: Double?
    let throughput: Double
    let evaluations: Int
    let spaceSize: Int
    let stop: SearchStop?
    /// Time spent choosing: the prior, its corrections, everything but evaluations.
    let choosingSeconds: Double
    let schedule: Schedule?
}

/// All methods over one problem after another.
struct SearchContest {
    /// Methods that decide for themselves when to stop.
    static let methods: [any SearchMethod] = [
        GradientSearch(), GradientSearch.withoutPrior, PlainGradientSearch(), CoordinateSearch(),
        BatchClimb(),
    ]
    static let distorted = "gradient-wrong-prior"
    static let hinted = "gradient-with-starts"

    /// Runs every method on every type and target of a surface.
    /// - Parameter optuna: the peer; nil leaves it out.
    static func run(_ surface: SearchSurface, optuna: OptunaPeer?, seed: UInt64) throws -> [ContestResult] {
        var results: [ContestResult] = []
        for type in surface.types {
            let server = try surface.server(type)
            let problems = surface.targets.map {
                SearchProblem(server, within: ServiceLimits(target: $0), seed: seed)
            }
            var outcomes: [[Outcome]] = []
            var starts: [Schedule] = []
            for (target, problem) in zip(surface.targets, problems) {
                let found = try compete(
                    problem, starts: starts, cores: type.processor?.cores ?? 1, optuna: optuna
                ) { try surface.evaluate($0, server, target) }
                outcomes.append(found)
                if let best = found.first?.best { starts.append(best) }
            }
            for (index, target) in surface.targets.enumerated() {
                let seeds = outcomes[index].compactMap(\.best)
                let proven = try surface.optimum(server, target, problems: problems, seeds: seeds)
                // Fused launches make latency a little uneven in the rate: what was found counts as found.
                let optimum = max(proven, outcomes[index].map(\.value).max() ?? 0)
                results += outcomes[index].map {
                    ContestResult(
                        method: $0.method, model: surface.model.id, serverType: type.id, target: target,
                        provenance: .modelled, share: optimum > 0 ? $0.value / optimum : nil,
                        throughput: $0.value, evaluations: $0.evaluations,
                        spaceSize: problems[index].space.count, stop: $0.stop,
                        choosingSeconds: $0.choosingSeconds,
                        schedule: $0.best)
                }
            }
        }
        return results
    }

    struct Outcome {
        let method: String
        let value: Double
        let best: Schedule?
        let evaluations: Int
        var stop: SearchStop?
        var choosingSeconds = 0.0
    }

    /// Runs every method on one problem.
    static func compete(
        _ problem: SearchProblem, starts: [Schedule], cores: Int, optuna: OptunaPeer?,
        evaluate: @escaping (Schedule) throws -> ScheduleEvaluation
    ) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        func run(
            _ method: any SearchMethod, as name: String? = nil, _ problem: SearchProblem, most: Int? = nil
        ) throws {
            let started = ContinuousClock.now
            var evaluating = Duration.zero
            let trail = try method.search(
                problem, budget: SearchBudget(evaluations: most),
                evaluate: { schedule in
                    let began = ContinuousClock.now
                    defer { evaluating += ContinuousClock.now - began }
                    return try evaluate(schedule)
                })
            let choosing = ContinuousClock.now - started - evaluating
            let highest = trail.evaluations.max { $0.throughput < $1.throughput }
            outcomes.append(
                Outcome(
                    method: name ?? method.name, value: highest?.throughput.value ?? 0,
                    best: (highest?.throughput ?? .zero) > .zero ? highest?.schedule : nil,
                    evaluations: trail.scheduleCount, stop: trail.stop,
                    choosingSeconds: choosing / .seconds(1)))
        }
        for method in methods { try run(method, problem) }
        if let prior = problem.prior {
            var wrong = problem
            wrong.prior = distort(prior)
            try run(GradientSearch(), as: distorted, wrong)
        }
        if !starts.isEmpty {
            var hinted = problem
            hinted.starts = starts
            try run(GradientSearch(), as: Self.hinted, hinted)
        }
        let equal = outcomes[0].evaluations
        // Ten times as many evaluations are dear, and told of once for each pair: at its first target.
        for factor in starts.isEmpty ? [1, 10] : [1] {
            let suffix = factor == 1 ? "" : "-x\(factor)"
            try run(RandomSearch.unlimited, as: "random\(suffix)", problem, most: equal * factor)
            guard let optuna else { continue }
            let values = try optuna.search(
                problem.space, cores: cores, evaluations: equal * factor, seed: problem.seed
            ) {
                try evaluate($0).throughput.value
            }
            outcomes.append(
                Outcome(
                    method: "optuna-tpe\(suffix)", value: values.max() ?? 0, best: nil,
                    evaluations: values.count))
        }
        return outcomes
    }

    /// A prior that is wrong in every way an analytic model can be: by a factor, in what batching and threads
    /// bring, and without a bound to rely on.
    private static func distort(_ prior: SchedulePrior) -> SchedulePrior {
        @Sendable func wrong(_ believed: QueriesPerSecond, _ any: Schedule) -> QueriesPerSecond {
            let schedule = any.columns
            let tilt =
                Foundation.pow(Double(schedule.batch), 0.25) / Foundation.pow(Double(schedule.threads), 0.2)
            let partition = schedule.partition == .sparseDense ? 1.5 : 1
            return believed * (0.4 * tilt * partition)
        }
        return SchedulePrior(
            estimate: { wrong(prior.estimate($0), $0) }, ceiling: { wrong(prior.ceiling($0), $0) },
            isCeilingProven: false)
    }
}

extension GradientSearch {
    fileprivate static var withoutPrior: GradientSearch {
        var method = GradientSearch()
        method.usesPrior = false
        return method
    }
}
