import Forecasting
import Provisioning
import Quantities
import Replaying
import Reporting
import Store
import Vocabulary

/// Plans and replays scenarios whose loads several variants may answer. Nothing of it is stored; the
/// efficiency entries that it rests on are.
public struct VariantStage: Sendable {
    /// A plan and what it was made for.
    public struct Outcome: Sendable {
        public let plan: VariantPlan
        let route: PlanRoute
        let goal: PlanGoal
        let headroom: Fraction
        let table: EfficiencyTable
        let curve: [FloorPoint]
    }

    private let session: Session
    private let tasks: [ServedTask]

    /// - Precondition: the scenario has tasks.
    public init(_ session: Session) {
        self.session = session
        tasks = session.scenario.tasks ?? []
        precondition(!tasks.isEmpty, "a scenario with tasks")
    }

    // MARK: Plan

    /// How many floors the curve of power has.
    private static let curvePoints = 13

    /// - Parameters:
    ///   - demand: nil for each task's peak over the trace.
    ///   - goal: objective, prices and a power cap beyond the scenario's own.
    ///   - withCurve: whether power is also planned at floors from the least accurate variant to the best.
    /// - Throws: `ProvisioningError.floorOutOfReach` among others.
    public func plan(
        demand: Demand? = nil, headroom: Fraction? = nil, goal changes: PlanGoalChanges? = nil,
        withCurve: Bool
    ) throws -> Outcome {
        let scenario = session.scenario
        session.progress.stageBegan("plan", units: 1, expected: nil)
        let table = try session.efficiencyTable()
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let goal =
            changes == nil && scenario.plan == nil
            ? PlanGoal()
            : try (changes ?? PlanGoalChanges()).goal(
                for: scenario, headroom: headroom, idlePowers: session.idlePowers)
        try Self.requirePlain(goal.constraints)
        let needed = (try demand ?? scenario.requiredTrace().peakDemand).scaled(by: 1 + headroom.value)
        let planner = try VariantPlanner(gap: scenario.replay.gap)
        let (plan, route) = try planner.plan(
            try problem(needed, tasks, goal: goal, table))
        let curve = withCurve ? try self.curve(needed, goal: goal, table, planner) : []
        session.progress.stageEnded(
            "\(plan.plan.status.rawValue), \(plan.plan.allocation.serverCount) servers")
        return Outcome(
            plan: plan, route: route, goal: goal, headroom: headroom, table: table, curve: curve)
    }

    private func problem(
        _ demand: Demand, _ tasks: [ServedTask], goal: PlanGoal, _ table: EfficiencyTable
    ) throws -> VariantProblem {
        do throws(ProvisioningError) {
            return try VariantProblem(
                demand: demand, tasks: tasks, fleet: session.scenario.fleet, efficiency: table, goal: goal)
        } catch {
            guard case .floorOutOfReach = error else { throw error }
            throw PipelineError.floorOutOfReach(error.description)
        }
    }

    /// Constraints that say something of single models do not go with loads that move between models.
    private static func requirePlain(_ constraints: PlanConstraints) throws {
        var plain = PlanConstraints()
        plain.powerCap = constraints.powerCap
        guard constraints == plain else {
            throw PipelineError.badValue(
                name: "plan", found: constraints.descriptions.joined(separator: "; "),
                expected: "a power cap alone where a scenario has tasks")
        }
    }

    /// Power where the floors of all tasks go from their least accurate variants to their best together.
    private func curve(
        _ demand: Demand, goal: PlanGoal, _ table: EfficiencyTable, _ planner: VariantPlanner
    ) throws -> [FloorPoint] {
        guard let first = tasks.first, goal.constraints.powerCap == nil else { return [] }
        return try (0..<Self.curvePoints).map { step in
            let part = Double(step) / Double(Self.curvePoints - 1)
            func floor(_ task: ServedTask) -> Fraction? {
                guard let best = task.admitted.first, let least = task.admitted.last else { return nil }
                let (low, high) = (least.accuracy.value.value, best.accuracy.value.value)
                return step == Self.curvePoints - 1
                    ? best.accuracy.value : Fraction(low + part * (high - low))
            }
            let floored = tasks.map { $0.replacingFloor(floor($0)) }
            let (found, _) = try planner.plan(try problem(demand, floored, goal: goal, table))
            let isServed = found.plan.status != .infeasible
            return FloorPoint(
                floor: floor(first) ?? .zero, watts: isServed ? found.plan.objective : nil,
                bound: found.plan.valuation?.bound ?? found.plan.bound?.value,
                meanAccuracy: found.splits.first { $0.task == first.id }?.meanAccuracy)
        }
    }

    // MARK: Replay

    /// Plays the scenario's policies side by side.
    public func replay() throws -> VariantReplay {
        let scenario = session.scenario
        let table = try session.efficiencyTable()
        let trace = try scenario.requiredTrace()
        let names = scenario.replay.policies
        session.progress.stageBegan("replay", units: names.count * trace.intervalCount, expected: nil)
        let goal = scenario.replayGoal(idlePowers: session.idlePowers)
        let problem = try problem(trace.peakDemand, tasks, goal: goal, table)
        let replay = Replay(
            trace: trace, fleet: scenario.fleet, table: table, idlePowers: session.idlePowers,
            settings: scenario.replay.online ?? OnlineSettings(), modelSizes: session.modelSizes,
            tasks: tasks, seed: scenario.seed)
        let timelines = try names.concurrentMap { name in
            try timeline(name, replay, problem) { session.progress.advanced(name) }
        }
        session.progress.stageEnded("played \(names.count) policies over \(trace.intervalCount) intervals")
        return VariantReplay(trace: replay.trace, tasks: tasks, timelines: timelines)
    }

    private func timeline(
        _ name: String, _ replay: Replay, _ problem: VariantProblem, advanced: () -> Void
    ) throws -> Timeline {
        let scenario = session.scenario
        guard let policy = VariantPolicy(rawValue: name) else {
            throw PipelineError.unknownName(
                kind: "policy that chooses variants", found: name, known: VariantPolicy.names)
        }
        let startTimes = StartTimes(
            replay.settings.dynamics, models: scenario.models.map(\.id), sizes: session.modelSizes,
            idlePowers: session.idlePowers)
        let configuration = try ProvisionerConfiguration(
            scenario.replay, trace: replay.trace, startTimes: startTimes, view: .forecast,
            makeForecaster: Forecasters.named)
        var controller = try VariantController(policy, problem: problem, configuration: configuration)
        var spent = ProcessorTime()
        return try replay.play(policy: name) { event in
            let decision = try spent.measuring { try controller.decide(event.kind) }
            return ReplayDecision(
                actions: decision.actions, planStatus: decision.status, planGap: decision.gap,
                forecast: decision.forecast, seconds: spent.takeSeconds())
        } progress: { _ in
            advanced()
        }
    }
}

extension ReportStage {
    /// A plan with variants.
    public func plan(_ outcome: VariantStage.Outcome, as rendering: Rendering) -> String {
        rendering.render(foot(report(outcome))) {
            VariantPlanJSON(
                outcome: outcome.plan, table: outcome.table, goal: outcome.goal, route: outcome.route,
                curve: outcome.curve
            ).text
        }
    }

    private func report(_ outcome: VariantStage.Outcome) -> VariantPlanReport {
        VariantPlanReport(
            outcome: outcome.plan, tasks: session.scenario.tasks ?? [], table: outcome.table,
            goal: outcome.goal, headroom: outcome.headroom, curve: outcome.curve)
    }

    /// A replay with variants.
    public func replay(
        _ outcome: VariantReplay, table: EfficiencyTable, as rendering: Rendering, includesDecisionTime: Bool
    ) -> String {
        let settings = session.scenario.replay
        return rendering.render(foot(VariantReplayReport(outcome: outcome, table: table))) {
            VariantReplayJSON(
                outcome: outcome, subject: settings.subject, baseline: settings.baseline, table: table,
                includingDecisionTime: includesDecisionTime
            ).text
        }
    }

    /// Writes plan and replay as one HTML file.
    /// - Returns: the text for a terminal, with where the file is.
    public func writeHTML(
        _ plan: VariantStage.Outcome, _ replay: VariantReplay, to path: String, in style: TextStyle
    ) throws -> String {
        let content = VariantReplayReport(
            outcome: replay, table: plan.table, plan: report(plan),
            mappings: EdgeStage.results(of: session.scenario))
        let file = try Self.write(foot(content), to: path, database: session.store.path)
        let brief = foot(VariantReplayReport(outcome: replay, table: plan.table))
        return "\(TextRenderer(style).render(brief))\nreport: \(file)\n"
    }
}
