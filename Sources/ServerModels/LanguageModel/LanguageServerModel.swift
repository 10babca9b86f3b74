import Foundation
import Quantities
import Simulation
import Vocabulary

/// A language model on a server with accelerators: as many equal engines as the server has accelerators for,
/// each with an equal part of the load.
///
/// Evaluations play one engine's requests through the engine's own scheduler. Step times come from a law that
/// was fitted to measured times of the same device and degree of tensor parallelism; where there is none,
/// from the device's data sheet. Routers that see the engines' queues do better than equal parts, so that
/// rates are on the safe side.
public struct LanguageServerModel: ServerModel {
    /// Requests that a step may hold, and tokens that it may process, among which schedules choose.
    static let sequences = [16, 32, 64, 128, 256, 512]
    static let tokenBudgets = [2048, 8192]
    /// Groups of accelerators that hold successive layers.
    static let pipelines = [1, 2, 4]

    public let model: Model
    public let serverType: ServerType
    let service: TokenService
    let accelerator: Accelerator
    let sheet: AcceleratorSheet
    let settings: ServerModelSettings
    private let known = LanguageFigures()

    /// - Throws: `ServerModelError.notModelled` for another kind of model, or for a server whose accelerators
    ///   nothing says enough of.
    public init(
        _ model: Model, on serverType: ServerType, settings: ServerModelSettings
    ) throws(ServerModelError) {
        guard let service = model.service else {
            throw .notModelled(model: model.id, found: model.kind.label, serverType: serverType.id)
        }
        guard let accelerator = serverType.accelerator, let sheet = accelerator.sheet else {
            throw .notModelled(
                model: model.id, found: "a server type without accelerator.interconnect",
                serverType: serverType.id)
        }
        self.model = model
        self.serverType = serverType
        self.service = service
        self.accelerator = accelerator
        self.sheet = sheet
        self.settings = settings
    }

    public var inputs: any Encodable & Sendable { LanguageInputs(settings) }

    // MARK: Space

    public func space(within limits: ServiceLimits) -> ScheduleSpace {
        let constraints = LanguageConstraints(self, limits)
        return space { constraints.broken(by: $0).isEmpty }
    }

    /// The degrees of tensor parallelism that the model's heads and the server's accelerators allow.
    var degrees: [Int] {
        [1, 2, 4, 8, 16].filter {
            $0 <= accelerator.count && accelerator.count.isMultiple(of: $0)
                && service.shape.heads.isMultiple(of: $0)
        }
    }

    /// Whether whole engines fill the server, and their stages hold equally many layers. Where step times of
    /// the device were fitted, pipelines are made of degrees that were: a step passes through the stages in
    /// the time that it takes of the degree, and what a data sheet says does not compare with it.
    private func divides(_ rules: EngineRules) -> Bool {
        guard rules.devices <= accelerator.count, accelerator.count.isMultiple(of: rules.devices),
            service.shape.layers.isMultiple(of: rules.pipelineParallel)
        else { return false }
        return rules.pipelineParallel == 1 || !service.laws.contains { $0.device == sheet.device }
            || service.law(on: sheet.device, tensorParallel: rules.tensorParallel) != nil
    }

    func space(admits: (Schedule) -> Bool = { _ in true }) -> ScheduleSpace {
        var builder = ScheduleSpace.Builder()
        guard !degrees.isEmpty else { return builder.space }
        builder.add(
            EngineRules.family(.mixed, .default),
            [
                .init(.tensorParallel, degrees),
                .init(.pipelineParallel, Self.pipelines.filter { $0 <= accelerator.count }),
                .init(.sequencesMax, Self.sequences), .init(.tokenBudget, Self.tokenBudgets),
            ], admits: { $0.engineRules.map(divides) ?? false && admits($0) })
        return builder.space
    }

    public func constraints(within limits: ServiceLimits) -> any ScheduleConstraints {
        LanguageConstraints(self, limits)
    }

    /// The rate at which an engine's steps are spent on requests in a steady state of as many as it may hold,
    /// without any that waits; the limit on the first token does not show there.
    public func prior(within _: ServiceLimits) -> SchedulePrior? {
        let (one, mean) = (self, meanTokens)
        @Sendable func estimate(_ schedule: Schedule) -> QueriesPerSecond {
            guard let rules = schedule.engineRules, let engine = try? one.engine(schedule),
                let steady = SteadyState(one.service, engine, mean: mean)
            else { return .zero }
            return QueriesPerSecond(steady.rate * Double(one.engines(rules)))
        }
        return SchedulePrior(estimate: estimate, ceiling: estimate, isCeilingProven: false)
    }

    /// What a request of such lengths takes of the server over one of the model's own lengths: the ratio of
    /// the rates that the schedule's engines sustain of either in a steady state.
    /// - Returns: nil where an engine cannot be played, or sustains none.
    public func work(prompt: Double, output: Double, _ schedule: Schedule) -> Double? {
        guard let engine = try? engine(schedule) else { return nil }
        // No longer than the model's context, as requests are cut to it.
        let most = Double(service.shape.contextMax)
        let prompt = max(1, min(prompt, most - 1))
        let asked = (prompt: prompt, output: max(1, min(output, most - prompt)))
        guard let own = SteadyState(service, engine, mean: meanTokens)?.rate,
            let other = SteadyState(service, engine, mean: asked)?.rate, own > 0, other > 0
        else { return nil }
        return own / other
    }

    /// The schedule of which most requests of the model's own lengths are expected; nil of none.
    public func likelySchedule(within limits: ServiceLimits) -> Schedule? {
        guard let prior = prior(within: limits) else { return nil }
        return space(within: limits).schedules.max { prior.estimate($0) < prior.estimate($1) }
    }

    // MARK: Engines

    var seed: UInt64 { settings.seed }

    /// Requests of a run that shows a quantile.
    func requests(_ quantile: Quantile) -> Int { settings.queries.count(toSee: quantile) }

    /// Tokens of a request, in the mean.
    var meanTokens: (prompt: Double, output: Double) { known.meanTokens(of: service) }

    /// Engines that fit a server side by side.
    func engines(_ rules: EngineRules) -> Int { accelerator.count / rules.devices }

    /// The description of one engine.
    /// - Throws: where the schedule is not one of a language model on this server.
    func engine(_ schedule: Schedule) throws(ServerModelError) -> ServingEngine {
        guard let rules = schedule.engineRules else {
            throw .otherKind(schedule: schedule, expected: "rules of an engine")
        }
        return try engine(rules)
    }

    /// - Throws: where the server has too few accelerators.
    func engine(_ rules: EngineRules) throws(ServerModelError) -> ServingEngine {
        guard rules.devices <= accelerator.count else {
            throw .doesNotFit(schedule: .engine(rules), serverType: serverType.id)
        }
        let law = service.law(on: sheet.device, tensorParallel: rules.tensorParallel)
        var engine = ServingEngine(
            device: sheet.device(of: accelerator), rules: rules,
            timing: law.map { .law($0) } ?? .constants(.assumed), keepsPrefixes: false)
        if rules.devices > 1 { engine.interconnect = sheet.link }
        return engine
    }

    /// How long the steps of one engine take.
    func law(_ schedule: Schedule) throws -> StepLaw {
        try ServingSimulation.law(of: engine(schedule), model: service.shape, place: model.id.name)
    }

    /// The engine as the simulation plays it.
    /// - Throws: where it cannot be played, as where memory is too small.
    func simulation(_ schedule: Schedule, _ target: LatencyTarget) throws -> ServingSimulation {
        try simulation([engine(schedule)], service.targets(target))
    }

    /// - Parameter link: what carries keys and values between engines of unlike roles.
    func simulation(
        _ engines: [ServingEngine], _ targets: TokenTargets, over link: BytesPerSecond? = nil
    ) throws -> ServingSimulation {
        let pool = ServingPool(
            name: "engines", model: service.shape, engines: engines, linkBandwidth: link?.value)
        return try ServingSimulation(
            ServingCluster(name: model.id.name, pools: [pool], targets: targets, seed: settings.seed))
    }

    // MARK: Evaluation

    public func evaluate(_ schedule: Schedule, within limits: ServiceLimits) throws -> ScheduleEvaluation {
        let rules = try engine(schedule).rules
        let play = EnginePlay(
            simulation: try simulation(schedule, limits.target), service: service,
            requests: settings.queries.count(toSee: limits.target.quantile), seed: settings.seed)
        let found = play.highestRate(attaining: limits.target.quantile.value) { point in
            limits.powerBudget.map { power(point, rules) <= $0 } ?? true
        }
        let engines = Double(engines(rules))
        return ScheduleEvaluation(
            schedule: schedule, throughput: QueriesPerSecond((found?.rate ?? 0) * engines),
            power: found.map { power($0.point, rules) } ?? serverType.power.idle, provenance: .modelled,
            uncertainty: found.flatMap { $0.rate > 0 ? Fraction($0.halfWidth / $0.rate) : nil })
    }

    /// What a server draws in the mean while its engines do something.
    /// - Parameters:
    ///   - busyShare: of the time in which an engine's steps run.
    ///   - promptShare: of the time that tokens of prompts take of them.
    func power(_ rules: EngineRules, busyShare: Double, promptShare: Double) -> Watts {
        let busy = min(1, max(0, busyShare))
        return power(
            EnginePlay.Point(
                rate: 0, attained: 0, busyShare: busy, promptShare: min(busy, max(0, promptShare))), rules)
    }

    public func power(of schedule: Schedule, at utilisation: Fraction) throws -> Watts {
        let rules = try engine(schedule).rules
        guard utilisation > .zero else { return serverType.power.idle }
        let play = EnginePlay(
            simulation: try simulation(schedule, model.latencyTarget), service: service,
            requests: settings.queries.asked, seed: settings.seed)
        let highest = known.saturation(of: schedule) { play.saturation }
        return power(play.point(at: highest * min(1, utilisation.value)), rules)
    }

    /// Of the whole server. An engine keeps a core of the host busy while its steps run. Its accelerators
    /// draw their limit for tokens of prompts, and a share of it for the rest of its steps.
    func power(_ point: EnginePlay.Point, _ rules: EngineRules) -> Watts {
        let used = Double(engines(rules) * rules.devices) / Double(accelerator.count)
        let cores = Double(serverType.processor?.cores ?? 0)
        let host = cores > 0 ? Double(engines(rules)) * point.busyShare / cores : 0
        let (idle, peak) = (serverType.power.acceleratorIdle, serverType.power.acceleratorPeak)
        let generating = max(idle, peak * Self.generatingShare(rules.tensorParallel)) - idle
        return serverType.power.power(hostUtilisation: host, acceleratorUtilisation: 0)
            + (peak - idle) * (point.promptShare * used)
            + generating * ((point.busyShare - point.promptShare) * used)
    }

    /// What steps that generate draw of an accelerator's power limit. In the table of splitwise-sim (MIT),
    /// Llama 2 70B on A100: 0.73 with two of them, 0.59 with four and 0.43 with eight, alike at batches of 1
    /// to 16, where prompts of 512 tokens draw the limit. Other devices are assumed to do so too.
    private static func generatingShare(_ tensorParallel: Int) -> Double {
        switch tensorParallel {
        case ...2: 0.73
        case ...4: 0.59
        default: 0.43
        }
    }
}

/// What the answers depend on besides model and server type.
private struct LanguageInputs: Encodable {
    let queries: Int
    let seed: UInt64
    /// Raised whenever the simulation of engines, or what is made of it, says something else.
    let tokenSimulation = 2

    init(_ settings: ServerModelSettings) {
        queries = settings.queries.asked
        seed = settings.seed
    }
}

/// What is found out once of a model on a server: the highest rates that engines sustain whatever the
/// latency, and what requests are in the mean.
private final class LanguageFigures: @unchecked Sendable {
    // Unchecked: all state is guarded by the lock.
    private let lock = NSLock()
    private var saturations: [Schedule: Double] = [:]
    private var mean: (prompt: Double, output: Double)?

    func saturation(of schedule: Schedule, find: () -> Double) -> Double {
        if let known = lock.withLock({ saturations[schedule] }) { return known }
        let found = find()
        lock.withLock { saturations[schedule] = found }
        return found
    }

    func meanTokens(of service: TokenService) -> (prompt: Double, output: Double) {
        lock.withLock {
            if let mean { return mean }
            let found = service.meanTokens
            mean = found
            return found
        }
    }
}
