import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Choose the servers that serve a demand with the least provisioned power.",
        discussion: """
            Prints the objective with its proven bound and gap. A demand that the fleet cannot serve is a \
            result: the models and the missing queries/s are named, and the exit code is 2.

            Examples:
              hercules plan --load rm1-200k-rows=5000 --load ncf=20000 --headroom 0.05 --format json
              hercules plan --objective money --price cpu-t1=0.4 --price cpu-t2=0.7 --energy-price 0.15
              hercules plan --survive rack:20 --min-servers ncf=2 --sensitivity
              hercules plan --power-cap 20000 --priority ncf=1 --priority rm1=2
              hercules plan Workloads/scenarios/chat-fleet.yaml --share-boxes --by-class
              hercules plan Workloads/scenarios/assistant.yaml --load assistant=4
              hercules plan --sizing --purchase cpu-t2=9000 --energy-price 0.15 --years 4
              hercules plan --sizing --purchase cpu-t2=9000 --energy-price 0.15 --growth 0.2 --survive server
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup(title: "Objective and constraints") var goal: PlanGoalOptions
    @OptionGroup var demandOptions: DemandOptions

    @Option(
        help: "The over-provision rate R; the scenario's initial rate unless given.",
        transform: NumberText.headroom)
    var headroom: Fraction?

    @Option(
        help: "The relative optimality gap at which to stop.",
        transform: NumberText.fraction("a number from 0 to below 1") { $0 >= 0 && $0 < 1 })
    var gap: Fraction?

    @Flag(help: "Say what one more server of each type would be worth, from the bound and by planning again.")
    var sensitivity = false

    @Flag(help: "Let several models share boxes, which power up as a whole.")
    var shareBoxes = false

    @Option(
        help: ArgumentHelp(
            "With --share-boxes: engines may read prompts or generate alone; what joins them all, in GB/s.",
            valueName: "rate"),
        transform: NumberText.number("a number above 0, at most 1e6") { $0 > 0 && $0 <= 1e6 })
    var linkGbPerS: Double?

    @Flag(
        help: "With --share-boxes: classes of a language model's requests may go to unlike engines.")
    var byClass = false

    @OptionGroup var sizing: SizingOptions

    func validate() throws {
        let beside =
            goal.given + (sensitivity ? ["--sensitivity"] : [])
            + (sizing.isAsked ? ["--sizing"] : [])
        guard shareBoxes || linkGbPerS == nil else {
            throw ValidationError("--link-gb-per-s joins engines on boxes that are shared: add --share-boxes")
        }
        guard shareBoxes || !byClass else {
            throw ValidationError(
                "--by-class tells requests apart on boxes that are shared: add --share-boxes")
        }
        guard !byClass || linkGbPerS == nil else {
            throw ValidationError(
                "found --by-class beside --link-gb-per-s, expected one of both: engines that do a part of a "
                    + "request are rated at the model's own mix")
        }
        guard !shareBoxes || beside.isEmpty else {
            throw ValidationError(
                "--share-boxes minimises provisioned power alone: leave out "
                    + beside.joined(separator: ", "))
        }
        guard sizing.isAsked else { return }
        let idle = goal.beyondPrices + (sensitivity ? ["--sensitivity"] : [])
        guard idle.isEmpty else {
            throw ValidationError(
                "--sizing covers the whole trace, scaled as asked for, at the least cost: leave out "
                    + idle.joined(separator: ", "))
        }
    }

    func run() throws {
        var changes = ScenarioChanges()
        changes.gap = gap
        let (goal, demand, purchases) = (
            try goal.changes(), try demandOptions.request(), try sizing.purchases()
        )
        let opened = try Session.open(scenario, options, changes: changes) { scenario in
            try requireKnownNames(goal, in: scenario)
            try FleetSizingStage.requireKnown(purchases, in: scenario)
            if sizing.isAsked { try requirePrices(goal, in: scenario) }
            _ = try sizing.isAsked ? demand.trace(for: scenario).peakDemand : demand.demand(for: scenario)
        }
        let session = options.seed == nil ? try opened.takingUpSearches() : opened
        if session.scenario.tasks != nil { return try planVariants(session, demand, goal) }
        if session.scenario.pipelines != nil { return try planPipelines(session, demand) }
        if sizing.isAsked { return try size(session, demand, goal, purchases) }
        if shareBoxes { return try share(session, demand) }
        let outcome = try PlanStage(session).run(
            demand: demand.demand(for: session.scenario), headroom: headroom, goal: goal,
            withSensitivity: sensitivity)
        emit(try ReportStage(session).plan(outcome, as: options.format.rendering))
        if outcome.plan.status == .infeasible { throw ExitStatus.infeasible }
    }

    private func share(_ session: Session, _ demand: DemandRequest) throws {
        let link = linkGbPerS.map { BytesPerSecond($0 * 1e9) }
        let outcome = try SharedBoxStage(session, link: link, tellsClasses: byClass).run(
            demand: demand.demand(for: session.scenario), headroom: headroom)
        emit(ReportStage(session).plan(outcome, as: options.format.rendering))
        if !outcome.plan.shortfall.isEmpty { throw ExitStatus.infeasible }
    }

    private func planPipelines(_ session: Session, _ demand: DemandRequest) throws {
        try refuseBesidePipelines(
            goal.given + (sizing.isAsked ? ["--sizing"] : []) + (sensitivity ? ["--sensitivity"] : [])
                + (shareBoxes ? ["--share-boxes"] : []))
        let outcome = try tellingOutOfReach {
            try PipelinePlanStage(session).run(
                demand: demand.demand(for: session.scenario), headroom: headroom)
        }
        emit(ReportStage(session).plan(outcome, as: options.format.rendering))
        if !outcome.plan.shortfall.isEmpty { throw ExitStatus.infeasible }
    }

    private func planVariants(_ session: Session, _ demand: DemandRequest, _ goal: PlanGoalChanges) throws {
        try refuseBesideTasks(
            (sizing.isAsked ? ["--sizing"] : []) + (sensitivity ? ["--sensitivity"] : [])
                + (shareBoxes ? ["--share-boxes"] : []))
        let outcome = try tellingOutOfReach {
            try VariantStage(session).plan(
                demand: demand.demand(for: session.scenario), headroom: headroom, goal: goal, withCurve: true)
        }
        emit(ReportStage(session).plan(outcome, as: options.format.rendering))
        if outcome.plan.plan.status == .infeasible { throw ExitStatus.infeasible }
    }

    private func requireKnownNames(_ goal: PlanGoalChanges, in scenario: Scenario) throws {
        do {
            try goal.requireKnownNames(in: scenario)
        } catch let error as PipelineError {
            guard case .unpriced(let unpriced) = error else { throw error }
            throw HintedError(
                error,
                hint: unpriced.cost == .money
                    ? "--price TYPE=PRICE and --energy-price PRICE say what they cost"
                    : "--carbon-intensity GRAMS and --embodied-carbon TYPE=GRAMS say what they emit")
        }
    }

    private func requirePrices(_ goal: PlanGoalChanges, in scenario: Scenario) throws {
        do {
            try FleetSizingStage.requirePrices(goal, in: scenario)
        } catch {
            throw HintedError(
                error, hint: "--energy-price PRICE, --price TYPE=PRICE and --survive server say so")
        }
    }

    private func size(
        _ session: Session, _ demand: DemandRequest, _ goal: PlanGoalChanges,
        _ purchases: [ServerTypeID: Double]
    ) throws {
        let years = sizing.years ?? 4
        let found = try FleetSizingStage(session).run(
            for: demand, goal, purchases: purchases, resale: sizing.resale ?? .zero, years: years,
            growth: sizing.growth ?? .zero, headroom: headroom)
        emit(
            try ReportStage(session).fleetSizing(
                found, years: years, growth: sizing.growth ?? .zero, as: options.format.rendering))
        if found.proposed.unservedIntervals > 0 { throw ExitStatus.infeasible }
    }
}
