import Profiling
import Quantities
import ServerModels
import Store
import Vocabulary

/// Finds the latency-bounded throughput of schedules on this machine two ways, and how far they are apart: by
/// trying rates live, and by simulation over measured service times.
///
/// A machine changes within minutes: neighbours on the same host, clock frequency, what lies in the caches.
/// So each schedule's cell is measured anew right before and right after its live rates, stored like every
/// measurement, and the simulation over both is compared with live load. It bisects as the live runs
/// do, and over the same queries: the tail of a run of some seconds owes much to which queries came when.
/// What a search finds in the cells of the profile, perhaps of another hour and over one long stream, is told
/// beside it.
public struct LiveComparison {
    /// What is compared.
    public struct Selection: Sendable {
        /// nil for all models of the scenario; base names stand for their cut versions too.
        public var models: [ModelID]?
        /// Taken evenly from the best to the worst of those with at least `shareMin` of the best simulated
        /// throughput, so that the comparison rests neither on the best alone nor on schedules that barely
        /// meet the target when idle: nobody would choose those, and their throughput goes from all to
        /// nothing within a tenth of service time.
        public var schedulesPerModel = 5
        public var shareMin = 0.5
        /// How many times the tail of an idle server the limit is at least. Where a target leaves less room,
        /// it is widened for the comparison: the tail then rises so slowly with the rate that a few percent
        /// of the machine's speed are worth half the throughput, and a comparison would tell of nothing else.
        /// Schedules whose own idle tail is beyond half the limit are left out for the same reason. 0 keeps
        /// every target and every schedule.
        public var limitOverIdle = 4.0
        /// How long each rate is offered, unless its tail decides sooner. A slow model gets longer, until
        /// enough queries have passed.
        public var timePerRate = Nanoseconds(seconds: 2)
        /// Which runs count.
        public var judge = MeasurementJudge()

        public init() {}

        /// Each rate is offered as long as MLPerf Inference demands of a server run.
        public mutating func useMLPerfMinima() { judge = .mlPerf }
    }

    private let session: Session
    private let measurer: Measurer

    public init(_ session: Session, measurer: Measurer) {
        self.session = session
        self.measurer = measurer
    }

    /// Compares, and stores each comparison as it comes, with every live run.
    /// - Throws: `PipelineError.notProfiled` where a model has no measured cells.
    public func run(_ selection: Selection) throws -> [ThroughputComparison] {
        guard let type = session.thisHost else { return [] }
        let models = try Self.chosen(selection.models, of: session.scenario)
        var pairs: [Pair] = []
        for model in models {
            guard case .measuredHere(let cells) = try session.evidence.of(model, on: type) else {
                throw PipelineError.notProfiled(models: [model.id], serverType: type.id)
            }
            let measured = cells.loaded.map(\.measurement)
            let server = serverModel(model, type, measured, try cells.saturations())
            let (target, schedules) = try Self.widenedTarget(
                model.latencyTarget, measured.map(\.schedule), selection
            ) { try server.idleLatency(of: $0, at: $1) }
            let limits = ServiceLimits(target: target)
            let found = try schedules.map { try server.evaluate($0, within: limits) }
            pairs += Self.spread(found, selection).map {
                Pair(model: model, schedule: $0.schedule, target: target, stored: $0.throughput)
            }
        }
        // Half a dozen rates each, most of them decided early, and two cells.
        session.progress.stageBegan(
            "compare", units: pairs.count, expected: selection.timePerRate * (8 * pairs.count))
        var comparisons: [ThroughputComparison] = []
        var doubtful = 0
        for pair in pairs {
            let comparison = try compare(pair, on: type, selection)
            try session.recorder.save(comparison, of: pair.model, on: type)
            comparisons.append(comparison)
            if comparison.doubtfulRates > 0 { doubtful += 1 }
            session.progress.advanced(
                "\(pair.model.id) \(pair.schedule)"
                    + (comparison.difference.map { ": \(Int(($0.value * 100).rounded())) %" } ?? ""))
        }
        session.progress.stageEnded(
            "compared \(comparisons.count) schedules"
                + (doubtful == 0 ? "" : "; \(doubtful) rest on some disturbed run"))
        return comparisons
    }

    /// Throws where a scenario does not know a model, before anything else is done.
    /// - Throws: `PipelineError.unknownName`.
    public static func requireKnown(_ names: [ModelID]?, in scenario: Scenario) throws {
        _ = try chosen(names, of: scenario)
    }

    private static func chosen(_ names: [ModelID]?, of scenario: Scenario) throws -> [Model] {
        guard let names else { return scenario.models }
        let chosen = try names.map { try scenario.model(named: $0) }
        return chosen.compactMap { id in scenario.models.first { $0.id == id } }
    }

    /// A schedule to compare, and what the profile's cells say of it.
    private struct Pair {
        let model: Model
        let schedule: Schedule
        let target: LatencyTarget
        let stored: QueriesPerSecond
    }

    /// The target, widened where idle servers hardly meet it, and the schedules that have room within it.
    /// - Parameter idle: the latency of an idle server at a quantile.
    static func widenedTarget(
        _ target: LatencyTarget, _ schedules: [Schedule], _ selection: Selection,
        idle: (Schedule, Quantile) throws -> Nanoseconds
    ) rethrows -> (target: LatencyTarget, schedules: [Schedule]) {
        guard selection.limitOverIdle > 0 else { return (target, schedules) }
        let tails = try schedules.map { try idle($0, target.quantile) }
        guard let least = tails.min() else { return (target, schedules) }
        let room = Nanoseconds(seconds: least.seconds * selection.limitOverIdle)
        // Whole milliseconds, so that the limit can be read and asked for again.
        let widened = Nanoseconds(milliseconds: room.milliseconds.rounded(.up))
        let limit = target.limit < room ? widened : target.limit
        return (
            LatencyTarget(quantile: target.quantile, limit: limit),
            zip(schedules, tails).filter { $0.1.count <= limit.count / 2 }.map(\.0)
        )
    }

    /// Evenly from the best to the worst of those that are good enough.
    static func spread(_ evaluations: [ScheduleEvaluation], _ selection: Selection) -> [ScheduleEvaluation] {
        let best = evaluations.map(\.throughput).max() ?? .zero
        let count = selection.schedulesPerModel
        let good = evaluations.filter { $0.throughput > .zero && $0.throughput >= best * selection.shareMin }
            .sorted { ($1.throughput, $0.schedule) < ($0.throughput, $1.schedule) }
        guard good.count > count, count > 1 else { return Array(good.prefix(count)) }
        return (0..<count).map { good[$0 * (good.count - 1) / (count - 1)] }
    }

    /// Over a stream long enough that its end does not cut off a queue that still grows.
    private func serverModel(
        _ model: Model, _ type: ServerType, _ cells: [LoadRun], _ saturations: [Schedule: LoadRun]?
    ) -> MeasuredServerModel {
        var settings = session.serverModelSettings
        settings.queries = .exactly(max(settings.queries.asked, Self.queriesMin))
        return MeasuredServerModel(
            model, on: type, cells: cells, saturations: saturations, settings: settings)
    }

    private static let queriesMin = 20_000

    private func compare(
        _ pair: Pair, on type: ServerType, _ selection: Selection
    ) throws -> ThroughputComparison {
        let (model, schedule, target) = (pair.model, pair.schedule, pair.target)
        let profiler = try measurer.profiler(for: session.engine)
        let before = try measureCell(pair, type, selection)
        var doubtfulRates = 0
        // The live search begins at a share of what the threads can do at most, so that it owes nothing to
        // the simulation.
        let guess = before.saturation.completedRate * 0.8
        let found = try LiveBisection().find(startingAt: guess) { rate in
            let run = try offer(rate, pair, type, selection)
            if run.verdict.isDisturbed { doubtfulRates += 1 }
            // A query given up on counts with its age when it was, so the tail tells of overload as well.
            let tail = run.measurement.latencies.latency(at: target.quantile)
            return tail.map { $0 <= target.limit } ?? false
        }
        let cells = [before, try measureCell(pair, type, selection)]
        // The same bisection as live, over the same queries.
        func simulated(knowsLoads: Bool) throws -> QueriesPerSecond {
            let rates = try cells.map { cell in
                let server = try serverModel(
                    model, type, [cell.loaded], knowsLoads ? [schedule: cell.saturation] : nil
                ).scheduled(by: schedule)
                let simulation = OpenLoopSimulation(server: server, seed: session.scenario.seed)
                return LiveBisection().find(startingAt: guess) { rate in
                    var run = OpenLoopRun(
                        rate: rate, sizes: model.querySizes, batch: schedule.columns.batch,
                        duration: duration(at: rate, target, selection), patience: .zero,
                        seed: session.scenario.seed)
                    run.joinWait = schedule.columns.joinWait
                    let tail = simulation.latency(
                        at: target.quantile, of: run.arrivals, rate: rate, leadIn: run.leadIn)
                    return tail.map { $0 <= target.limit } ?? false
                }.estimate.value
            }
            return QueriesPerSecond(rates.reduce(0, +) / Double(rates.count))
        }
        return ThroughputComparison(
            model: model.id, serverType: type.id, host: profiler.host, engine: profiler.engine.name,
            engineVersion: profiler.engine.version, schedule: schedule, target: target,
            liveMet: found.met, liveMissed: found.missed, live: found.estimate,
            profiled: try simulated(knowsLoads: true), plain: try simulated(knowsLoads: false),
            stored: pair.stored, rates: found.rates, doubtfulRates: doubtfulRates, provenance: .measured,
            seed: session.scenario.seed, comparedAtUnixSeconds: session.recorder.now(),
            toolVersion: Recorder.toolVersion)
    }

    /// Measures the schedule's cell as the profile does, for as long as a rate is offered.
    private func measureCell(
        _ pair: Pair, _ type: ServerType, _ selection: Selection
    ) throws -> HostProfiler.Cell {
        var settings = session.scenario.profile
        settings.cellDuration = max(settings.cellDuration, selection.timePerRate)
        // Once: what is compared are the rates, and a disturbed one among them is counted.
        var repeats = DisturbedRuns(expected: settings.cellDuration, attemptsMax: 1)
        return try measurer.measureCell(
            try subject(pair, type, selection), settings, repeats: &repeats
        ).cell
    }

    private func subject(
        _ pair: Pair, _ type: ServerType, _ selection: Selection
    ) throws -> Measurer.Subject {
        Measurer.Subject(
            pair.model, on: type, by: pair.schedule,
            settings: try MeasurementSettings.bisection(
                timePerRate: selection.timePerRate, seed: session.scenario.seed
            ).digest, target: pair.target, judge: selection.judge)
    }

    /// How long a rate is offered.
    private func duration(
        at rate: QueriesPerSecond, _ target: LatencyTarget, _ selection: Selection
    ) -> Nanoseconds {
        let queries = selection.judge.question(target).queriesMin
        let needed = Nanoseconds(seconds: 2.5 * Double(queries) / max(rate.value, 1e-3))
        return max(
            selection.judge.durationMin,
            min(max(selection.timePerRate, needed), selection.timePerRate * 4))
    }

    private func offer(
        _ rate: QueriesPerSecond, _ pair: Pair, _ type: ServerType, _ selection: Selection
    ) throws -> (measurement: LoadRun, verdict: Verdict) {
        var settings = session.scenario.profile
        settings.confirmationDuration = duration(at: rate, pair.target, selection)
        // One more attempt at most: the bisection asks the next rate anyway.
        var repeats = DisturbedRuns(expected: settings.confirmationDuration * 4, attemptsMax: 2)
        return try measurer.offer(
            rate, to: try subject(pair, type, selection), settings, as: .bisection, repeats: &repeats)
    }
}

extension ModelID {
    /// A model with cut tables also goes by its base name.
    fileprivate func isCalled(_ base: String) -> Bool { name == base || name.hasPrefix(base + "-") }
}

extension Session {
    /// The same with fewer models; those that are not in the scenario are passed over.
    public func restricted(to names: [String]) -> Session {
        var fewer = self
        fewer.scenario.models = scenario.models.filter { model in names.contains { model.id.isCalled($0) } }
        return fewer
    }
}
