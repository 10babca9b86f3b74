import Profiling
import Quantities
import Scheduling
import ServerModels
import Store
import Vocabulary

/// Searches on this machine itself: a cell is measured when the method asks for it, and never the whole grid.
///
/// Beside the chosen method stand two ways people schedule today: the climb of DeepRecSys, and the naive
/// default of one thread per core with batches of one item. The winner of each is checked under live load.
public struct LiveSearchStage {
    private let session: Session
    private let measurer: Measurer
    private let request: SearchRequest

    public init(_ session: Session, measurer: Measurer, request: SearchRequest) {
        self.session = session
        self.measurer = measurer
        self.request = request
    }

    /// The name under which the naive default stands among the methods.
    public static let naive = "naive"
    /// How often a close call may be measured again.
    private static let samplesMax = 3

    /// Searches every model of the scenario, one after another.
    /// - Throws: `PipelineError.badValue` where the scenario's fleet does not hold this machine.
    public func run() throws -> [(model: ModelID, choices: [LiveChoice])] {
        let type = try Self.thisHost(of: session.scenario)
        guard let method = SearchMethods.named(session.scenario.search.method) else { return [] }
        session.progress.stageBegan("search", units: session.scenario.models.count, expected: nil)
        var found: [(model: ModelID, choices: [LiveChoice])] = []
        for model in session.scenario.models where !request.isInterrupted() {
            var choices: [LiveChoice] = []
            for chosen in [method, BatchClimb()] as [any SearchMethod] {
                choices.append(try search(model, on: type, chosen))
            }
            choices.append(try naive(model, on: type))
            found.append((model.id, choices))
            session.progress.advanced(model.id.name)
        }
        session.progress.stageEnded("searched \(found.count) models live")
        return found
    }

    /// The server type of this machine, which a live search measures.
    /// - Throws: `PipelineError.badValue` where the scenario's fleet does not hold it.
    @discardableResult
    public static func thisHost(of scenario: Scenario) throws -> ServerType {
        guard let type = scenario.serverTypes.first(where: \.isThisHost) else {
            throw PipelineError.badValue(
                name: "live search", found: "a fleet without this machine",
                expected: "one that holds `this-host`")
        }
        return type
    }

    /// The naive default's among them.
    private func batches(of model: Model) -> [Int] {
        model.batches(of: Set(session.scenario.search.batches + [1]).sorted())
    }

    private func search(_ model: Model, on type: ServerType, _ method: any SearchMethod) throws -> LiveChoice
    {
        let evaluator = try LiveEvaluator(session, measurer, model, type, batches: batches(of: model))
        let joined = try Engines.joined(
            for: model, session.scenario.profile, batches: session.scenario.search.batches)
        let space = ScheduleSpace.hardware(
            partitions: try Engines.partitions(for: model, session.scenario.profile),
            cores: type.processor?.cores ?? session.host.cores,
            batches: model.batches(of: session.scenario.search.batches),
            copiesMax: 1, precisions: session.scenario.profile.precisions ?? [.default],
            joinWaits: joined.waits, joinedBatches: joined.batches)
        let key = try SearchKeys(session).live(model, type, method: method.name)
        let began = try session.recorder.begin(key)
        var known = began.known
        var best = SearchTrail(evaluations: known, path: []).best
        let clock = SearchClock(time: request.time, searches: 1, lanes: 1)
        let deadline = clock.begin()
        let isInterrupted = request.isInterrupted
        let trail = try method.search(
            SearchProblem(space: space, prior: evaluator.prior, seed: session.scenario.seed),
            budget: SearchBudget(evaluations: request.evaluations) {
                if isInterrupted() { return .interrupted }
                return deadline.map { ContinuousClock.now >= $0 } == true ? .seconds : nil
            },
            known: known, samplesMax: method.name == BatchClimb().name ? 1 : Self.samplesMax,
            observe: { evaluation in
                known.append(evaluation)
                let isBest =
                    evaluation.throughput > .zero && evaluation.throughput >= (best?.throughput ?? .zero)
                if isBest { best = evaluation }
                let entry = isBest ? entry(key, evaluation, tried: known.count, space.count) : nil
                try session.recorder.append(evaluation, at: known.count - 1, best: entry, to: began.id)
            },
            evaluate: { try evaluator.evaluate($0) })
        let outcome = SearchOutcome(
            entry: trail.best.map { entry(key, $0, tried: trail.evaluations.count, space.count) },
            model: model.id,
            serverType: type.id, evaluations: trail.evaluations, path: trail.path, stop: trail.stop)
        try session.recorder.save(outcome, as: key)
        return LiveChoice(
            method: method.name, outcome: outcome, live: try confirm(outcome, model, type),
            spaceSize: space.count)
    }

    /// One thread on every core, one item at a time.
    private func naive(_ model: Model, on type: ServerType) throws -> LiveChoice {
        let evaluator = try LiveEvaluator(session, measurer, model, type, batches: batches(of: model))
        let key = try SearchKeys(session).live(model, type, method: Self.naive)
        let evaluation = try evaluator.evaluate(
            Schedule(
                partition: .whole, threads: type.processor?.cores ?? session.host.cores, workers: 1,
                batch: model.fixedBatch ?? 1))
        let outcome = SearchOutcome(
            entry: evaluation.throughput > .zero ? entry(key, evaluation, tried: 1, 1) : nil, model: model.id,
            serverType: type.id, evaluations: [evaluation], path: [evaluation.schedule], stop: .exhausted)
        try session.recorder.save(outcome, as: key)
        return LiveChoice(
            method: Self.naive, outcome: outcome, live: try confirm(outcome, model, type), spaceSize: 1)
    }

    private func confirm(
        _ outcome: SearchOutcome, _ model: Model, _ type: ServerType
    ) throws -> EfficiencyEntry? {
        guard let entry = outcome.entry, !request.isInterrupted() else { return nil }
        // A rate that no undisturbed run has shown is none that holds live.
        let confirmed = try LiveConfirmation(session, measurer: measurer).decide(
            entry, among: outcome.evaluations, of: model, on: type)
        return confirmed.isDecided ? confirmed.entry : nil
    }

    private func entry(
        _ key: SearchKey, _ best: ScheduleEvaluation, tried: Int, _ spaceSize: Int
    ) -> EfficiencyEntry {
        EfficiencyEntry(
            model: key.model.id, serverType: key.serverType.id, target: key.target, powerBudget: nil,
            schedule: best.schedule, throughput: best.throughput, power: best.power,
            powerProvenance: .estimated,
            provenance: .measured, method: key.method, evaluations: tried, spaceSize: spaceSize)
    }
}

/// Evaluates a schedule by measuring its cell now, and playing queries over the service times found.
struct LiveEvaluator {
    let prior: SchedulePrior?
    private let session: Session
    private let measurer: Measurer
    private let model: Model
    private let type: ServerType
    private let settings: ProfileSettings
    private let limits: ServiceLimits

    init(
        _ session: Session, _ measurer: Measurer, _ model: Model, _ type: ServerType, batches: [Int]
    ) throws {
        self.session = session
        self.measurer = measurer
        self.model = model
        self.type = type
        var settings = session.scenario.profile
        settings.batches = batches
        self.settings = settings
        limits = ServiceLimits(target: model.latencyTarget)
        // Nothing is measured yet, so what is believed comes from a model of the machine.
        prior = MeasuredServerModel(
            model, on: type, cells: [], saturations: nil, settings: session.serverModelSettings,
            priorBatches: batches
        ).prior(within: limits)
    }

    func evaluate(_ schedule: Schedule) throws -> ScheduleEvaluation {
        let subject = Measurer.Subject(
            model, on: type, by: schedule,
            settings: try MeasurementSettings.cell(session.scenario.profile, seed: session.scenario.seed)
                .digest)
        var repeats = DisturbedRuns(expected: settings.cellDuration * 4, attemptsMax: 2)
        let cell = try measurer.measureCell(subject, settings, repeats: &repeats).cell
        let found = try MeasuredServerModel(
            model, on: type, cells: [cell.loaded], saturations: [schedule: cell.saturation],
            settings: session.serverModelSettings
        ).evaluate(schedule, within: limits)
        return ScheduleEvaluation(
            schedule: schedule, throughput: found.throughput, power: found.power, provenance: .measured,
            uncertainty: Fraction(Self.uncertainty(cell.loaded.serviceSamples)))
    }

    /// Half the 95 % interval of the mean time per item, at least what two measurements of one cell on a
    /// quiet machine differ by.
    private static func uncertainty(_ samples: [ServiceSample]) -> Double {
        let times = samples.map { $0.time.seconds / Double($0.items) }
        guard times.count > 1 else { return 1 }
        let mean = times.reduce(0, +) / Double(times.count)
        let variance = times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(times.count - 1)
        return max(0.02, 1.96 * (variance / Double(times.count)).squareRoot() / mean)
    }
}
