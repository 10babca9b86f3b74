import Profiling
import Quantities
import Store
import Vocabulary

/// Finds the latency-bounded throughput of schedules on this machine two ways, and how far they are apart: by trying rates
/// live, and by simulation over the service times of the measured cells.
public struct LiveComparison {
    /// What is compared.
    public struct Selection: Sendable {
        /// nil for all models of the scenario; base names stand for their cut versions too.
        public var models: [String]?
        /// Taken evenly from the best to the worst of those that meet the target by simulation, so that the comparison
        /// does not rest on schedules that nobody would choose, nor on the best alone.
        public var schedulesPerModel = 5
        /// How long each rate is offered, unless its tail decides sooner. A slow model gets longer, until enough queries
        /// have passed.
        public var timePerRate = Nanoseconds(seconds: 2)
        /// Which runs count.
        public var judge = MeasurementJudge()

        public init() {}

        /// Each rate is offered as long as MLPerf Inference demands of a server run.
        public mutating func useMLPerfMinima() { judge = .mlPerf }
    }

    private let bench: Workbench
    private let profiler: HostProfiler

    public init(_ bench: Workbench, profiler: HostProfiler) {
        self.bench = bench
        self.profiler = profiler
    }

    /// Compares, and stores each comparison as it comes, with every live run.
    /// - Throws: `PipelineError.notProfiled` where a model has no measured cells.
    public func run(_ selection: Selection) throws -> [ThroughputComparison] {
        guard let type = bench.thisHost else { return [] }
        let models = try chosen(selection.models)
        let keys = SearchKeys(bench)
        var pairs: [(model: Model, schedule: Schedule)] = []
        for model in models {
            let cells = try keys.measuredCells(of: model, on: type)
            guard !cells.isEmpty else {
                throw PipelineError.notProfiled(models: [model.id], serverType: type.id)
            }
            let evaluator = try self.evaluator(cells, model, type)
            let found = try cells.map { try evaluator.evaluate($0.measurement.schedule) }
            pairs += Self.spread(found, selection.schedulesPerModel).map { (model, $0) }
        }
        // Half a dozen rates each, most of them decided early.
        bench.progress.stageBegan(
            "compare", units: pairs.count, expected: selection.timePerRate * (6 * pairs.count))
        var comparisons: [ThroughputComparison] = []
        var doubtful = 0
        for (model, schedule) in pairs {
            let comparison = try compare(schedule, of: model, on: type, selection)
            try bench.store.save(comparison, model: model, serverType: type, run: bench.run)
            comparisons.append(comparison)
            if comparison.doubtfulRates > 0 { doubtful += 1 }
            bench.progress.advanced(
                "\(model.id) \(schedule)"
                    + (comparison.difference.map { ": \(Int(($0.value * 100).rounded())) %" } ?? ""))
        }
        bench.progress.stageEnded(
            "compared \(comparisons.count) schedules"
                + (doubtful == 0 ? "" : "; \(doubtful) rest on some disturbed run"))
        return comparisons
    }

    private func chosen(_ names: [String]?) throws -> [Model] {
        let models = bench.scenario.models
        guard let names else { return models }
        return try names.map { name in
            guard let model = models.first(where: { $0.id.isCalled(name) }) else {
                throw PipelineError.unknownName(
                    kind: "model", found: name, known: models.map(\.id.name))
            }
            return model
        }
    }

    /// Evenly from the best to the worst of those with any throughput.
    static func spread(_ evaluations: [ScheduleEvaluation], _ count: Int) -> [Schedule] {
        let feasible = evaluations.filter { $0.throughput > .zero }
            .sorted { ($1.throughput, $0.schedule) < ($0.throughput, $1.schedule) }
        guard feasible.count > count, count > 1 else { return feasible.prefix(count).map(\.schedule) }
        return (0..<count).map { feasible[$0 * (feasible.count - 1) / (count - 1)].schedule }
    }

    private func evaluator(
        _ cells: [StoredMeasurement], _ model: Model, _ type: ServerType, knowsLoads: Bool = true
    ) throws -> ScheduleEvaluator {
        let scenario = bench.scenario
        return try ScheduleEvaluator(
            measured: cells.map(\.measurement),
            saturations: knowsLoads ? try SearchKeys(bench).saturations(of: model, on: type) : nil, of: model,
            on: type,
            throughput: LatencyBoundedThroughput(
                target: model.latencyTarget, powerBudget: nil,
                stream: QueryStream(
                    sizes: model.querySizes, count: scenario.search.queries, seed: scenario.seed),
                seed: scenario.seed))
    }

    private func compare(
        _ schedule: Schedule, of model: Model, on type: ServerType, _ selection: Selection
    ) throws -> ThroughputComparison {
        let cells = try SearchKeys(bench).measuredCells(of: model, on: type)
        let profiled = try evaluator(cells, model, type).evaluate(schedule).throughput
        let plain = try evaluator(cells, model, type, knowsLoads: false).evaluate(schedule).throughput
        var doubtfulRates = 0
        // The live search begins at a share of what the threads can do at most, so that it owes nothing to the simulation.
        let saturation = try SearchKeys(bench).saturations(of: model, on: type)[schedule]?.completedRate
        let guess = saturation.map { $0 * 0.8 } ?? profiled
        let found = try LiveBisection().find(startingAt: guess) { rate in
            let run = try offer(rate, schedule, model, type, selection)
            if run.verdict.isDisturbed { doubtfulRates += 1 }
            // A query given up on counts with its age when it was, so the tail tells of overload as well.
            let tail = run.measurement.latencies.latency(at: model.latencyTarget.quantile)
            return tail.map { $0 <= model.latencyTarget.limit } ?? false
        }
        return ThroughputComparison(
            model: model.id, serverType: type.id, host: profiler.host, engine: profiler.engine.name,
            engineVersion: profiler.engine.version, schedule: schedule, target: model.latencyTarget,
            liveMet: found.met, liveMissed: found.missed, live: found.estimate, profiled: profiled,
            plain: plain, rates: found.rates, doubtfulRates: doubtfulRates, provenance: .measured,
            seed: bench.scenario.seed, comparedAtUnixSeconds: Workbench.now, toolVersion: toolVersion)
    }

    private func offer(
        _ rate: QueriesPerSecond, _ schedule: Schedule, _ model: Model, _ type: ServerType,
        _ selection: Selection
    ) throws -> (measurement: Measurement, verdict: Verdict) {
        let judge = selection.judge
        let question = judge.question(model.latencyTarget)
        let needed = Nanoseconds(seconds: 2.5 * Double(question.queriesMin) / max(rate.value, 1e-3))
        var settings = bench.scenario.profile
        settings.confirmationDuration = max(
            judge.durationMin, min(max(selection.timePerRate, needed), selection.timePerRate * 4))
        // One more attempt at most: the bisection asks the next rate anyway.
        var runs = DisturbedRuns(expected: settings.confirmationDuration * 4, attemptsMax: 2)
        return try runs.run { _ in
            try profiler.confirm(
                model: model, serverType: type, schedule: schedule, rate: rate, settings: settings,
                seed: bench.scenario.seed, purpose: .bisection, question: question)
        } judge: {
            judge.verdict(on: $0, target: model.latencyTarget)
        } keep: { measurement, verdict in
            try bench.store.save(
                measurement, verdict: verdict, model: model, serverType: type,
                settingsDigest: try bench.bisectionDigest(selection.timePerRate), run: bench.run)
        }
    }
}

extension ModelID {
    /// A model with cut tables also goes by its base name.
    fileprivate func isCalled(_ base: String) -> Bool { name == base || name.hasPrefix(base + "-") }
}

extension Workbench {
    /// The same with fewer models; those that are not in the scenario are passed over.
    public func restricted(to names: [String]) -> Workbench {
        var fewer = scenario
        fewer.models = scenario.models.filter { model in names.contains { model.id.isCalled($0) } }
        return Workbench(
            scenario: fewer, store: store, run: run, host: host, progress: progress)
    }

    private struct BisectionKey: Codable {
        let bisection: Nanoseconds
        let seed: UInt64
    }

    fileprivate func bisectionDigest(_ timePerRate: Nanoseconds) throws -> ContentDigest {
        try ContentDigest(of: BisectionKey(bisection: timePerRate, seed: scenario.seed))
    }
}
