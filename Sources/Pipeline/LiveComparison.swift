import Profiling
import Quantities
import Store
import Vocabulary

/// Finds the latency-bounded throughput of schedules on this machine two ways, and how far they are apart: by trying rates
/// live, and by simulation over measured service times.
///
/// A machine changes within minutes: neighbours on the same host, clock frequency, what lies in the caches. So each
/// schedule's cell is measured anew right before and right after its live rates, stored like every measurement, and the
/// simulation over both is what is held against live load. What the cells of the profile give, perhaps of another hour,
/// is told beside it.
public struct LiveComparison {
    /// What is compared.
    public struct Selection: Sendable {
        /// nil for all models of the scenario; base names stand for their cut versions too.
        public var models: [String]?
        /// Taken evenly from the best to the worst of those with at least `shareMin` of the best simulated throughput, so
        /// that the comparison rests neither on the best alone nor on schedules that barely meet the target when idle:
        /// nobody would choose those, and their throughput goes from all to nothing within a tenth of service time.
        public var schedulesPerModel = 5
        public var shareMin = 0.5
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
            let evaluator = try self.evaluator(
                cells.map(\.measurement), keys.saturations(of: model, on: type), model, type)
            let found = try cells.map { try evaluator.evaluate($0.measurement.schedule) }
            pairs += Self.spread(found, selection).map { (model, $0) }
        }
        // Half a dozen rates each, most of them decided early, and two cells.
        bench.progress.stageBegan(
            "compare", units: pairs.count, expected: selection.timePerRate * (8 * pairs.count))
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

    /// Evenly from the best to the worst of those that are good enough.
    static func spread(_ evaluations: [ScheduleEvaluation], _ selection: Selection) -> [Schedule] {
        let best = evaluations.map(\.throughput).max() ?? .zero
        let count = selection.schedulesPerModel
        let good = evaluations.filter { $0.throughput > .zero && $0.throughput >= best * selection.shareMin }
            .sorted { ($1.throughput, $0.schedule) < ($0.throughput, $1.schedule) }
        guard good.count > count, count > 1 else { return good.prefix(count).map(\.schedule) }
        return (0..<count).map { good[$0 * (good.count - 1) / (count - 1)].schedule }
    }

    /// Over a stream long enough that its end does not cut off a queue that still grows.
    private func evaluator(
        _ cells: [Measurement], _ saturations: [Schedule: Measurement]?, _ model: Model, _ type: ServerType
    ) throws -> ScheduleEvaluator {
        try ScheduleEvaluator(
            measured: cells, saturations: saturations, of: model, on: type,
            throughput: LatencyBoundedThroughput(
                target: model.latencyTarget, powerBudget: nil,
                stream: QueryStream(
                    sizes: model.querySizes, count: max(bench.scenario.search.queries, Self.queriesMin),
                    seed: bench.scenario.seed),
                seed: bench.scenario.seed))
    }

    private static let queriesMin = 20_000

    private func compare(
        _ schedule: Schedule, of model: Model, on type: ServerType, _ selection: Selection
    ) throws -> ThroughputComparison {
        let keys = SearchKeys(bench)
        let stored = try evaluator(
            keys.measuredCells(of: model, on: type).map(\.measurement),
            keys.saturations(of: model, on: type), model, type
        ).evaluate(schedule).throughput
        let before = try measureCell(schedule, model, type, selection)
        var doubtfulRates = 0
        // The live search begins at a share of what the threads can do at most, so that it owes nothing to the simulation.
        let guess = before.saturation.completedRate * 0.8
        let found = try LiveBisection().find(startingAt: guess) { rate in
            let run = try offer(rate, schedule, model, type, selection)
            if run.verdict.isDisturbed { doubtfulRates += 1 }
            // A query given up on counts with its age when it was, so the tail tells of overload as well.
            let tail = run.measurement.latencies.latency(at: model.latencyTarget.quantile)
            return tail.map { $0 <= model.latencyTarget.limit } ?? false
        }
        let cells = [before, try measureCell(schedule, model, type, selection)]
        func simulated(knowsLoads: Bool) throws -> QueriesPerSecond {
            let rates = try cells.map {
                try evaluator(
                    [$0.loaded], knowsLoads ? [schedule: $0.saturation] : nil, model, type
                ).evaluate(schedule).throughput.value
            }
            return QueriesPerSecond(rates.reduce(0, +) / Double(rates.count))
        }
        return ThroughputComparison(
            model: model.id, serverType: type.id, host: profiler.host, engine: profiler.engine.name,
            engineVersion: profiler.engine.version, schedule: schedule, target: model.latencyTarget,
            liveMet: found.met, liveMissed: found.missed, live: found.estimate,
            profiled: try simulated(knowsLoads: true), plain: try simulated(knowsLoads: false),
            stored: stored, rates: found.rates, doubtfulRates: doubtfulRates, provenance: .measured,
            seed: bench.scenario.seed, comparedAtUnixSeconds: Workbench.now, toolVersion: toolVersion)
    }

    /// Measures the schedule's cell as the profile does, for as long as a rate is offered.
    private func measureCell(
        _ schedule: Schedule, _ model: Model, _ type: ServerType, _ selection: Selection
    ) throws -> HostProfiler.Cell {
        var settings = bench.scenario.profile
        settings.cellDuration = max(settings.cellDuration, selection.timePerRate)
        let cell = try profiler.measureBoth(
            model: model, serverType: type, schedule: schedule, settings: settings, seed: bench.scenario.seed)
        for measurement in [cell.saturation, cell.loaded] {
            try bench.store.save(
                measurement, verdict: selection.judge.verdict(on: measurement, target: model.latencyTarget),
                model: model, serverType: type,
                settingsDigest: try bench.bisectionDigest(selection.timePerRate), run: bench.run)
        }
        return cell
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
