import Provisioning
import Quantities
import Reporting
import Vocabulary

/// Plans language models on boxes that they share, beside the plan of whole boxes. Nothing of it is stored.
public struct SharedBoxStage: Sendable {
    /// A plan and what it was made for.
    public struct Outcome: Sendable {
        public let plan: SharedBoxPlan
        /// Without headroom.
        let demand: Demand
        let headroom: Fraction
        /// What whole boxes of one model each would draw; nil where they do not serve the load.
        let whole: Plan?
    }

    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// - Parameters:
    ///   - demand: nil for each model's peak over the scenario's trace.
    ///   - headroom: R; nil for the scenario's initial over-provision rate.
    /// - Throws: `PipelineError.badValue` where a model of the scenario is no language model.
    public func run(demand: Demand?, headroom: Fraction?) throws -> Outcome {
        let scenario = session.scenario
        if let other = scenario.models.first(where: { $0.service == nil }) {
            throw PipelineError.badValue(
                name: "share-boxes", found: "\(other.id), \(other.kind.label)",
                expected: "a scenario of language models, whose engines take some accelerators of a box")
        }
        session.progress.stageBegan("plan", units: 1, expected: nil)
        let table = try session.efficiencyTable()
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let demand = try demand ?? scenario.requiredTrace().peakDemand
        let types = Dictionary(scenario.serverTypes.map { ($0.id, $0) }) { first, _ in first }
        let choices = try session.searches().flatMap { search -> [SharedBoxPlanner.Choice] in
            guard let type = types[search.outcome.serverType] else { return [] }
            return SharedBoxPlanner.Choice.best(
                of: search.outcome.evaluations, model: search.outcome.model, on: type)
        }
        let planner = SharedBoxPlanner(
            fleet: scenario.fleet, types: scenario.serverTypes, gap: scenario.replay.gap)
        guard let plan = try planner.plan(demand.scaled(by: 1 + headroom.value), choices) else {
            throw PipelineError.badValue(
                name: scenario.id, found: "no plan within the solver's limits", expected: "a wider gap")
        }
        let whole = try PlanStage(session).plan(demand: demand, headroom: headroom, table: table).plan
        session.progress.stageEnded(
            "\(plan.boxCount) boxes, \(plan.shares.reduce(0) { $0 + $1.engines }) engines")
        return Outcome(
            plan: plan, demand: demand, headroom: headroom,
            whole: whole.status == .infeasible ? nil : whole)
    }
}

extension ReportStage {
    /// A plan of boxes that models share.
    public func plan(_ outcome: SharedBoxStage.Outcome, as rendering: Rendering) -> String {
        let report = SharedBoxReport(
            outcome.plan, demand: outcome.demand, headroom: outcome.headroom, whole: outcome.whole)
        return rendering.render(foot(report)) { report.json }
    }
}
