import Quantities
import Vocabulary

/// Plays a trace against a provisioner on a simulated fleet: servers boot, load their models, serve, drain
/// and fail, and the provisioner sees the load of the interval before and the fleet as it is.
///
/// A decision for an interval is made from the load of the interval before it, so growth within the interval
/// shows as a violation. The first interval is decided from its own load, and its servers serve at once, as
/// in a fleet that has been running. Violations are fluid: capacity against load, at every moment.
public struct Replay: Sendable {
    /// Why a replay cannot be played.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A policy allocated a pair for which there is no efficiency entry.
        case missingEntry(model: ModelID, serverType: ServerTypeID)
        /// A policy allocated a server type whose idle power is not known.
        case missingIdlePower(serverType: ServerTypeID)
        /// A policy allocated a type that the fleet does not have, or a model that the trace does not have.
        case unknownPair(model: ModelID, serverType: ServerTypeID)

        public var description: String {
            switch self {
            case .missingEntry(let model, let serverType):
                """
                no efficiency entry for model '\(model)' on server type '\(serverType)': run `hercules \
                search` first
                """
            case .missingIdlePower(let serverType):
                "server type '\(serverType)' is allocated, but its idle power is not known"
            case .unknownPair(let model, let serverType):
                """
                server type '\(serverType)' is allocated to model '\(model)', but one of them is not in \
                the replay
                """
            }
        }
    }

    /// With its disturbances.
    public let trace: Trace
    public let settings: OnlineSettings
    let seed: UInt64
    let figures: FleetFigures
    /// The load of each model in turn, interval by interval; zero for models that answer a task.
    private let loads: [Double]
    private let tasks: [TaskRoute]

    /// A replay of a trace on a fleet.
    ///
    /// - Parameters:
    ///   - trace: as it was recorded; the settings' disturbances are put onto it.
    ///   - fleet: the servers there are.
    ///   - idlePowers: power of a server of each type with nothing running.
    ///   - settings: how servers start and stop, what fails, and how often decisions are made.
    ///   - modelSizes: bytes to read before a model serves; left out where size does not matter.
    ///   - tasks: loads of the trace that several models answer, the most accurate first as far as it goes.
    ///   - seed: of failures, outages and disturbances.
    public init(
        trace: Trace, fleet: Fleet, table: EfficiencyTable, idlePowers: [ServerTypeID: Watts],
        settings: OnlineSettings = OnlineSettings(), modelSizes: [ModelID: Bytes] = [:],
        tasks: [ServedTask] = [], seed: UInt64 = 0
    ) {
        let trace = trace.disturbed(by: settings.disturbances, seed: seed)
        self.trace = trace
        self.settings = settings
        self.seed = seed
        let names = Set(tasks.map(\.id))
        let models =
            (trace.models.filter { !names.contains($0) } + tasks.flatMap { $0.admitted.map(\.model) })
            .sorted()
        self.tasks = tasks.map { TaskRoute($0, models: models, trace: trace) }
        figures = FleetFigures(
            models: models, fleet: fleet, table: table, idlePowers: idlePowers,
            dynamics: settings.dynamics, modelSizes: modelSizes,
            spreading: settings.spreading ?? .proportional)
        let series = models.map { trace.loads[$0] }
        var loads: [Double] = []
        loads.reserveCapacity(series.count * trace.intervalCount)
        for index in 0..<trace.intervalCount {
            for loadsOfModel in series { loads.append(loadsOfModel?[index].value ?? 0) }
        }
        self.loads = loads
    }

    /// Intervals from one decision to the next.
    private var decisionIntervals: Int {
        settings.decisionPeriod.map { max(1, Int(($0.seconds / trace.interval.seconds).rounded())) } ?? 1
    }

    /// Plays one policy. O(events + intervals * models * types) besides the decisions.
    ///
    /// - Parameters:
    ///   - answer: called for every event the provisioner hears, in order.
    ///   - progress: called after each interval with the number played.
    public func play(
        policy: String, answer: (ReplayEvent) throws -> ReplayDecision, progress: (Int) -> Void = { _ in }
    ) throws -> Timeline {
        try play(policy: policy, answer: answer, progress: progress, witness: nil)
    }

    /// The same, with every change of a server told: time in nanoseconds, server, phases from and to, and the
    /// pair it works for afterwards, as model x number of types + type in name order, or -1.
    package func play(
        policy: String, answer: (ReplayEvent) throws -> ReplayDecision, progress: (Int) -> Void,
        witness: ((Int64, Int, ServerPhase, ServerPhase, Int) -> Void)?
    ) throws -> Timeline {
        let end = trace.span.count
        var stage = ReplayStretch(
            figures: figures, failures: settings.failures, seed: seed,
            outages: OutageSchedule(settings.outages, until: end, seed: seed),
            restoresState: settings.outages?.restoresState ?? true)
        stage.fleet.witness = witness
        var records = IntervalRecordsBuilder(models: figures.models, pairs: figures.pairs)
        let models = figures.models
        var forecast: Demand?
        var forecasts: [Double?]?
        let hasActivity = !settings.dynamics.isInstant || settings.failures != nil
        for index in 0..<trace.intervalCount {
            let start = trace.interval.count * Int64(index)
            stage.accounting.begin(
                Array(loads[index * models.count..<(index + 1) * models.count]),
                tasks: tasks.map { (load: $0.loads[index].value, models: $0.models, caps: $0.caps) })
            stage.accounting.look(at: stage.fleet)
            let observed = trace.demand(at: max(index - 1, 0))
            try stage.hear(at: start, answer) { restart, fleet in
                ReplayEvent(
                    at: Nanoseconds(start),
                    kind: index % decisionIntervals == 0 || restart != nil
                        ? .intervalStarting(index: index, observed: observed, fleet: fleet)
                        : .intervalPassing(index: index, observed: observed), restart: restart)
            }
            if index == 0 { stage.openService() }
            stage.noteServing()
            records.allocate(stage.changedAllocation())
            try stage.advance(to: start + trace.interval.count, answer)
            if stage.inForce.forecast != forecast {
                forecast = stage.inForce.forecast
                forecasts = forecast.map { forecast in models.map { forecast.loads[$0]?.value } }
            }
            stage.accounting.record(
                into: &records, decision: stage.inForce, forecast: forecasts, interval: trace.interval,
                hasActivity: hasActivity)
            progress(index + 1)
        }
        return Timeline(
            policy: policy, interval: trace.interval, records: records.records,
            decisionSeconds: stage.decisionSeconds,
            servingSteps: stage.servingSteps, decisions: stage.decisions)
    }
}

extension Replay {
    /// Plays a plan for every interval, on servers that start and stop at once.
    ///
    /// - Parameter decide: called once for each interval, in order, with the last observed demand; returns
    ///   the plan for the interval and the seconds spent on it.
    public func play(
        policy: String, decide: (_ interval: Int, _ observed: Demand) throws -> (plan: Plan, seconds: Double),
        progress: (Int) -> Void = { _ in }
    ) throws -> Timeline {
        var before = Allocation()
        return try play(
            policy: policy,
            answer: { event in
                guard case .intervalStarting(let index, let observed, _) = event.kind else {
                    return ReplayDecision(actions: [], planStatus: .feasible, planGap: nil)
                }
                let (plan, seconds) = try decide(index, observed)
                defer { before = plan.allocation }
                return ReplayDecision(
                    actions: ProvisionerAction.changes(from: before, to: plan.allocation),
                    planStatus: plan.status, planGap: plan.gap, seconds: seconds)
            }, progress: progress)
    }
}
