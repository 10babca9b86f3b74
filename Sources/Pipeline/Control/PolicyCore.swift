import Controlling
import Forecasting
import Provisioning
import Quantities
import Vocabulary

/// One policy on a live fleet: the core that replays drive, with the state that it has come to.
struct PolicyCore {
    let core: ProvisionerCore
    let record = PolicyRecord()
    var state: ProvisionerState

    /// - Parameters:
    ///   - limits: what one decision may change; policies that ours is compared with have none.
    init(
        _ name: String, setup: ControlSetup, problem: ProvisioningProblem, limits: StepLimits,
        learnsFromGaps: Bool = false
    ) throws {
        let scenario = setup.scenario
        let settings = scenario.replay
        let online = settings.online ?? OnlineSettings()
        var planning = PlanningLimits()
        // A plan that takes longer than a quarter of the interval is of no use.
        planning.solverTime = min(
            Nanoseconds(seconds: 5), Nanoseconds(setup.document.interval.count / 4))
        var policies = PolicyConfiguration(
            peakDemand: problem.demand, seed: scenario.seed, gap: settings.gap, limits: planning,
            reactive: online.reactive)
        policies.current = settings.current
        let policy = record.recording(
            try ProvisioningPolicies.steadfast(named: name, configuration: policies))
        let models = setup.models
        let interval = setup.document.interval
        // Forecasters are made for a trace; nothing but its interval and its models is known of this one.
        let trace = Trace(
            name: "live", startUnixSeconds: 0, interval: interval,
            loads: Dictionary(uniqueKeysWithValues: models.map { ($0, [.zero]) }))
        var configuration = try ProvisionerConfiguration(
            settings, trace: trace,
            startTimes: StartTimes(
                online.dynamics, models: models, sizes: scenario.modelSizes, idlePowers: scenario.idlePowers),
            view: type(of: policy).view, makeForecaster: Forecasters.named)
        configuration.decisionIntervals = 1
        configuration.limits = limits
        configuration.learnsFromGaps = learnsFromGaps
        core = ProvisionerCore(policy: policy, problem: problem, configuration: configuration)
        state = ProvisionerState()
    }

    /// Decides; where that fails, the state is what it was before.
    mutating func decide(
        _ tick: ControlTick, expecting answers: [PolicyAnswer] = []
    ) throws -> (decision: ProvisionerDecision, answers: [PolicyAnswer]) {
        record.expect(answers)
        let decision = try core.decide(state, tick)
        state = decision.state
        return (decision, record.take())
    }

    /// Learns of an interval that went by without a decision.
    mutating func pass(_ tick: ControlTick) throws { state = try core.pass(state, tick) }
}
