import Foundation
import Pipeline
import Profiling
import Quantities
import Scheduling
import ServerModels
import Vocabulary

/// One model on server types that have the host in common, under several latency limits.
///
/// What a host does with a schedule does not depend on the card beside it, and what happens at a rate does
/// not depend on the limit, so simulations are shared between types, limits and methods. None of that is
/// visible to a method: each asks for its own evaluations and is charged for them.
final class SearchSurface {
    let model: Model
    let types: [ServerType]
    let targets: [LatencyTarget]
    private let stream: QueryStream
    private let seed: UInt64
    private let batches: [Int]
    private var sweeps: [SurfaceKey: RateSweep] = [:]
    private var optima: [OptimumKey: Double] = [:]
    /// Time spent on evaluations that were not in the cache, and how many those were.
    private(set) var fresh = (seconds: 0.0, count: 0)

    private struct SurfaceKey: Hashable {
        let schedule: Schedule
        let accelerator: Accelerator?
    }

    private struct OptimumKey: Hashable {
        let partition: ThreadSchedule.Partition
        let accelerator: Accelerator?
        let target: LatencyTarget
    }

    init(_ model: Model, on types: [ServerType], limits: [Double], queries: Int, batches: [Int], seed: UInt64)
    {
        self.model = model
        self.types = types
        self.batches = batches
        self.seed = seed
        stream = QueryStream(sizes: model.querySizes, count: queries, seed: seed)
        targets = limits.map {
            LatencyTarget(
                quantile: model.latencyTarget.quantile,
                limit: Nanoseconds(seconds: model.latencyTarget.limit.seconds * $0))
        }
    }

    func server(_ type: ServerType) throws -> RecommendationServerModel {
        try RecommendationServerModel(
            model, on: type,
            settings: ServerModelSettings(batches: batches, queries: .exactly(stream.count), seed: seed))
    }

    /// Gives back what the evaluations took; the figures about them stay.
    func release() { sweeps = [:] }

    func evaluate(
        _ schedule: Schedule, _ server: RecommendationServerModel, _ target: LatencyTarget
    ) throws -> ScheduleEvaluation {
        let type = server.serverType
        let key = surfaceKey(schedule, type)
        let started = ContinuousClock.now
        let known = sweeps[key]
        let sweep = try known ?? sweep(schedule, server)
        sweeps[key] = sweep
        let evaluation = sweep.evaluate(target: target, powerBudget: nil, power: type.power)
        if known == nil {
            fresh.seconds += (ContinuousClock.now - started) / .seconds(1)
            fresh.count += 1
        }
        return evaluation
    }

    /// The highest throughput of any schedule of a type, proven: every schedule is either evaluated, or no
    /// rate above its saturation can be sustained, or a simulated run at the best rate so far misses the
    /// target.
    ///
    /// - Parameter seeds: schedules that are likely good; they only make it faster.
    func optimum(
        _ server: RecommendationServerModel, _ target: LatencyTarget, problems: [SearchProblem],
        seeds: [Schedule]
    ) throws -> Double {
        var highest = 0.0
        for partition in ThreadSchedule.Partition.allCases {
            let key = optimumKey(partition, server.serverType, target)
            if optima[key] == nil {
                try findOptima(partition, server, problems, seeds)
            }
            highest = max(highest, optima[key] ?? 0)
        }
        return highest
    }

    private func findOptima(
        _ partition: ThreadSchedule.Partition, _ server: RecommendationServerModel,
        _ problems: [SearchProblem], _ seeds: [Schedule]
    ) throws {
        let type = server.serverType
        let schedules = problems.first?.space.schedules.filter { $0.family == partition.rawValue } ?? []
        var best = targets.map { _ in 0.0 }
        guard !schedules.isEmpty, let prior = problems.first?.prior else {
            for target in targets { optima[optimumKey(partition, type, target)] = 0 }
            return
        }
        func take(_ schedule: Schedule, _ index: Int) throws {
            let found = try evaluate(schedule, server, targets[index])
            best[index] = max(best[index], found.throughput.value)
        }
        for (index, own) in problems.enumerated() {
            for schedule in seeds where schedule.family == partition.rawValue { try take(schedule, index) }
            let likely = own.prior.flatMap { prior in
                schedules.max { prior.ceiling($0) < prior.ceiling($1) }
            }
            if let likely { try take(likely, index) }
        }
        let bounded = schedules.map { ($0, prior.ceiling($0).value) }.sorted { $0.1 > $1.1 }
        for (schedule, bound) in bounded {
            let open = targets.indices.filter { bound > best[$0] }
            if open.isEmpty { break }
            // Not kept: most of these are simulated once.
            let sweep = try sweeps[surfaceKey(schedule, type)] ?? sweep(schedule, server)
            for index in open {
                let rate = best[index] * (1 + LatencyBoundedThroughput.tolerance)
                if best[index] > 0, !sweep.isMet(at: QueriesPerSecond(rate), target: targets[index]) {
                    continue
                }
                let found = sweep.evaluate(target: targets[index], powerBudget: nil, power: type.power)
                best[index] = max(best[index], found.throughput.value)
            }
        }
        for (target, best) in zip(targets, best) { optima[optimumKey(partition, type, target)] = best }
    }

    private func sweep(_ schedule: Schedule, _ server: RecommendationServerModel) throws -> RateSweep {
        RateSweep(server: try server.scheduled(by: schedule), stream: stream, seed: seed)
    }

    private func surfaceKey(_ schedule: Schedule, _ type: ServerType) -> SurfaceKey {
        SurfaceKey(schedule: schedule, accelerator: accelerator(schedule.columns.partition, type))
    }

    private func optimumKey(
        _ partition: ThreadSchedule.Partition, _ type: ServerType, _ target: LatencyTarget
    ) -> OptimumKey {
        OptimumKey(partition: partition, accelerator: accelerator(partition, type), target: target)
    }

    private func accelerator(_ partition: ThreadSchedule.Partition, _ type: ServerType) -> Accelerator? {
        [.accelerator, .hostSparse].contains(partition) ? type.accelerator : nil
    }
}
