import Provisioning
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// Plans pipelines: one plan for all their stages, and for models that are asked for themselves, on boxes
/// that they share. Nothing of it is stored.
///
/// The limit of a pipeline is split over its stages so that the plan takes the least power (`SplitSearch`).
/// Quantiles of stages do not add up to the quantile of the whole, so that a simulation of all stages decides
/// how far the budgets may reach: up while it confirms them and power falls, down until it does.
public struct PipelinePlanStage: Sendable {
    /// A plan and what it was made for.
    public struct Outcome: Sendable {
        public let plan: SharedBoxPlan
        public let splits: [PipelineSplit]
        /// How far budgets reach over the limits, with what came of it, in the order in which it was tried.
        public let reaches: [PipelineReach]
        /// The reach that the plan has.
        public let reach: Double
        /// No plan draws less, however limits are split; nil where not even that is served.
        public let bound: Watts?
        /// Splits that were planned, and what no split within reach undercuts.
        public let planned: Int
        public let splitBound: Watts
        let demand: Demand
        let headroom: Fraction
        let checks: [SharedBoxPlan.Check]
        let leftOut: [(model: ModelID, type: ServerTypeID)]
    }

    private let session: Session
    private let ratings: StageRatings

    /// - Precondition: the scenario has pipelines.
    public init(_ session: Session) {
        precondition(session.scenario.pipelines?.isEmpty == false, "a scenario with pipelines")
        self.session = session
        ratings = StageRatings(session)
    }

    /// Longest ways through budgets, over the limit: the one to begin with, then wider and narrower ones.
    private static let wider = [1.15, 1.3, 1.5, 1.75, 2]
    private static let narrower = [0.9, 0.8, 0.7, 0.6, 0.5]

    /// - Parameters:
    ///   - demand: of pipelines and of models that are in none; nil for each one's peak over the trace.
    ///   - headroom: R; nil for the scenario's initial over-provision rate.
    /// - Throws: `PipelineError.targetOutOfReach` where no split of a limit can be kept by a single request;
    ///   `.badValue` for what pipelines are not planned with.
    public func run(demand: Demand?, headroom: Fraction?) throws -> Outcome {
        let scenario = session.scenario
        guard scenario.plan == nil else {
            throw PipelineError.badValue(
                name: "plan", found: "objectives or constraints beside pipelines",
                expected: "none: plans of pipelines minimise provisioned power alone")
        }
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let demand = try demand ?? scenario.peakDemand()
        let needed = demand.scaled(by: 1 + headroom.value)
        let (pipelines, leftOut) = try ratings.demands(needed.loads)
        try requireReachable(pipelines)
        let own = scenario.models.filter { needed[$0.id] > .zero && scenario.asked.contains($0.id) }
        let boxes = SharedBoxStage(session)
        let others = own.isEmpty ? [] : try boxes.choices(of: own, session.efficiencyTable())
        session.progress.stageBegan("plan", units: 1, expected: nil)
        let planner = SharedBoxPlanner(
            fleet: scenario.fleet, types: scenario.serverTypes, gap: scenario.replay.gap)
        let search = SplitSearch(
            planner, pipelines, others: others,
            demand: Demand(needed.loads.filter { load in own.contains { $0.id == load.key } }))
        let tried = try reaches { reach in
            try search.best(reach: reach).map { try self.tried($0, reach, pipelines, planner) }
        }
        guard let best = tried.best else {
            throw PipelineError.targetOutOfReach(
                "found no split of the limits that can be planned, expected longer limits or a larger fleet")
        }
        session.progress.stageEnded(
            "\(best.outcome.plan.boxCount.counted("box", plural: "boxes")), "
                + "\(best.outcome.planned.counted("split")) planned")
        return Outcome(
            plan: best.outcome.plan, splits: best.splits, reaches: tried.all, reach: best.reach,
            bound: try search.bound().map { min($0, best.outcome.plan.objective) },
            planned: best.outcome.planned, splitBound: best.outcome.bound, demand: demand,
            headroom: headroom, checks: try boxes.checks(of: best.outcome.plan, own), leftOut: leftOut)
    }

    // MARK: Reach

    private struct Tried {
        let reach: Double
        let outcome: SplitSearch.Outcome
        let splits: [PipelineSplit]

        var holds: Bool { splits.allSatisfy { $0.trial?.holds ?? true } }
        var summary: PipelineReach {
            PipelineReach(
                reach: reach, watts: outcome.plan.objective,
                attained: splits.compactMap { $0.trial?.attained }.min(), isConfirmed: holds)
        }
    }

    /// Wider budgets while simulations confirm them and power falls; narrower ones until one is confirmed.
    /// Where none is, the narrowest that can be planned counts.
    private func reaches(
        _ plan: (Double) throws -> Tried?
    ) throws -> (best: Tried?, all: [PipelineReach]) {
        var all: [PipelineReach] = []
        var best: Tried?
        if let first = try plan(1) {
            all.append(first.summary)
            best = first
        }
        if best?.holds ?? true {
            for reach in Self.wider {
                guard let next = try plan(reach) else { continue }
                all.append(next.summary)
                guard next.holds else { break }
                if best.map({ next.outcome.plan.isBetter(than: $0.outcome.plan) }) ?? true { best = next }
            }
            if let best { return (best, all) }
        }
        for reach in Self.narrower {
            guard let next = try plan(reach) else { break }
            all.append(next.summary)
            best = next
            if next.holds { break }
        }
        return (best, all)
    }

    // MARK: Trials

    /// What a plan's stages do together.
    private func tried(
        _ outcome: SplitSearch.Outcome, _ reach: Double, _ pipelines: [PipelineDemand],
        _ planner: SharedBoxPlanner
    ) throws -> Tried {
        let levels = Array(zip(pipelines, outcome.levels))
        let splits = try levels.concurrentMap { one, levels in
            try split(one, levels, outcome.plan, planner)
        }
        return Tried(reach: reach, outcome: outcome, splits: splits)
    }

    private func split(
        _ one: PipelineDemand, _ levels: [Int], _ plan: SharedBoxPlan, _ planner: SharedBoxPlanner
    ) throws -> PipelineSplit {
        let pipeline = one.pipeline
        let shares = pipeline.stages.indices.map { stage in
            plan.shares.filter { $0.model == pipeline.demandID(of: stage) }
        }
        let isServed = pipeline.stages.indices.allSatisfy {
            plan.shortfall[pipeline.demandID(of: $0)] == nil
        }
        var trial: PipelineTrialFigures?
        let models = pipeline.stages.indices.compactMap { ratings.model(of: $0, pipeline) }
        if isServed, models.count == pipeline.stages.count {
            trial = try PipelineTrial(pipeline, models: models, settings: session.serverModelSettings)
                .run(shares.map { $0.compactMap(played) }, at: one.load)
        }
        return PipelineSplit(
            pipeline: pipeline, load: one.load,
            stages: pipeline.stages.enumerated().map { place, stage in
                let level = one.stages[place].levels[levels[place]]
                return PipelineSplit.Stage(
                    stage: stage, demandID: pipeline.demandID(of: place), load: one.load(of: place),
                    budget: level.budget, quantile: pipeline.quantile(of: place),
                    watts: watts(of: shares[place], level.choices, planner),
                    simulated: trial?.stages[place])
            }, trial: trial)
    }

    private func played(_ share: SharedBoxPlan.Share) -> PlayedReplicas? {
        session.scenario.serverTypes.first { $0.id == share.serverType }?.share(of: share.parts).map {
            PlayedReplicas(share: $0, schedule: share.schedule, count: share.replicas, load: share.load)
        }
    }

    private func watts(
        of shares: [SharedBoxPlan.Share], _ choices: [SharedBoxPlanner.Choice], _ planner: SharedBoxPlanner
    ) -> Watts {
        shares.reduce(.zero) { sum, share in
            let choice = choices.first {
                $0.serverType == share.serverType && $0.parts == share.parts
                    && $0.schedule == share.schedule
            }
            return sum + (choice.flatMap(planner.watts) ?? .zero) * Double(share.replicas)
        }
    }

    // MARK: Reachability

    /// A limit that no replica keeps even alone is a result, and named; nothing is scaled at it.
    private func requireReachable(_ pipelines: [PipelineDemand]) throws {
        for one in pipelines {
            for (place, stage) in one.stages.enumerated() where stage.levels.isEmpty {
                throw PipelineError.targetOutOfReach(
                    "\(one.pipeline.demandID(of: place)): no server of the fleet answers within the whole "
                        + "limit of \(one.pipeline.id), \(one.pipeline.target), at any rate")
            }
            let fastest = one.stages.map { $0.levels.map(\.budget.seconds).min() ?? 0 }
            let least = Nanoseconds(seconds: one.pipeline.longest(fastest))
            let most = one.pipeline.target.limit.seconds * (Self.wider.last ?? 1)
            guard least.seconds > most else { continue }
            throw PipelineError.targetOutOfReach(
                "\(one.pipeline.id): the least budgets that its stages keep come to \(least) one after "
                    + "another, its target is \(one.pipeline.target)")
        }
    }
}

extension ReportStage {
    /// A plan of pipelines.
    public func plan(_ outcome: PipelinePlanStage.Outcome, as rendering: Rendering) -> String {
        let report = report(outcome)
        return rendering.render(foot(report)) { report.json }
    }

    /// Writes a plan of pipelines as one HTML file.
    /// - Returns: the text for a terminal, with where the file is.
    public func writeHTML(
        _ outcome: PipelinePlanStage.Outcome, to path: String, in style: TextStyle
    ) throws -> String {
        let document = foot(report(outcome))
        let file = try Self.write(document, to: path, database: session.store.path)
        return "\(TextRenderer(style).render(document))\nreport: \(file)\n"
    }

    private func report(_ outcome: PipelinePlanStage.Outcome) -> PipelinePlanReport {
        PipelinePlanReport(
            SharedBoxReport(
                outcome.plan, demand: outcome.demand, headroom: outcome.headroom, checks: outcome.checks,
                lowered: [:], whole: nil),
            plan: outcome.plan, splits: outcome.splits, reaches: outcome.reaches, reach: outcome.reach,
            bound: outcome.bound, planned: outcome.planned, splitBound: outcome.splitBound,
            leftOut: outcome.leftOut)
    }
}
