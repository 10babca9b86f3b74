import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Choose the servers that serve a demand with the least provisioned power.",
        discussion: """
            Prints the objective with its proven bound and gap. A demand that the fleet cannot serve is a result: the \
            models and the missing queries/s are named, and the exit code is 2.

            Examples:
              hercules plan --load rm1-200k-rows=5000 --load ncf=20000 --headroom 0.05 --format json
              hercules plan --objective money --price cpu-t1=0.4 --price cpu-t2=0.7 --energy-price 0.15
              hercules plan --survive rack:20 --least-servers ncf=2 --sensitivity
              hercules plan --power-cap 20000 --priority ncf=1 --priority rm1=2
              hercules plan --what-if --purchase cpu-t2=9000 --price cpu-t1=0.1 --energy-price 0.15 --years 4
            """)

    @OptionGroup var options: SharedOptions
    @OptionGroup var scenario: ScenarioArgument
    @OptionGroup(title: "Objective and constraints") var goal: PlanGoalOptions

    @Option(
        help: ArgumentHelp(
            "The load of a model in queries/s; models not named have none. Without this option, each model's peak "
                + "over the scenario's trace.", valueName: "model=qps"))
    var load: [String] = []

    @Option(help: "Multiply the demand.")
    var loadScale = 1.0

    @Option(help: "The over-provision rate R; the scenario's initial rate unless given.")
    var headroom: Double?

    @Option(help: "The relative optimality gap at which to stop.")
    var gap: Double?

    @Flag(help: "Say what one more server of each type would be worth, from the bound and by planning again.")
    var sensitivity = false

    @Flag(
        help: ArgumentHelp(
            "Choose the fleet instead: which servers to buy (--purchase) and which to retire over the scenario's whole "
                + "trace, with --price as the cost of keeping a server for an hour."))
    var whatIf = false

    @Option(
        help: ArgumentHelp(
            "What-if: buying one server of a type; others cannot be bought.", valueName: "type=price"))
    var purchase: [String] = []

    @Option(
        help: ArgumentHelp(
            "What-if: the share of its purchase price that a retired server brings.", valueName: "share"))
    var resale = 0.0

    @Option(help: "What-if: the years over which purchases have to pay; the trace is taken to repeat.")
    var years = 4.0

    func run() throws {
        var changes = ScenarioChanges()
        changes.gap = gap
        let session = try Session.open(scenario, options, changes: changes)
        if whatIf {
            let sizing = try FleetSizingStage(session).run(
                goal.option, purchases: purchase, resale: resale, years: years,
                headroom: try headroom.map(DemandOption.headroom))
            emit(try ReportStage(session).fleetSizing(sizing, years: years, as: options.format.rendering))
            if sizing.proposed.unservedIntervals > 0 { throw ExitStatus.infeasible }
            return
        }
        let demand = try DemandOption.demand(load, scale: loadScale, for: session.scenario)
        let outcome = try PlanStage(session).run(
            demand: demand, headroom: try headroom.map(DemandOption.headroom), goal: goal.option,
            withSensitivity: sensitivity)
        emit(try ReportStage(session).plan(outcome, as: options.format.rendering))
        if outcome.plan.status == .infeasible { throw ExitStatus.infeasible }
    }
}

/// What a plan makes small and keeps to.
struct PlanGoalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to make small: watts (provisioned power), drawn, servers, money, carbon, or weights such as "
                + "watts=1,servers=50.", valueName: "costs"))
    var objective: String?

    @Option(help: ArgumentHelp("An hour of a server without its energy.", valueName: "type=price"))
    var price: [String] = []

    @Option(help: ArgumentHelp("A kilowatt hour, in the currency of --price.", valueName: "price"))
    var energyPrice: Double?

    @Option(help: ArgumentHelp("CO2 equivalent of a kilowatt hour.", valueName: "grams"))
    var carbonIntensity: Double?

    @Option(
        help: ArgumentHelp(
            "CO2 equivalent of a server's making, an hour of its life.", valueName: "type=grams"))
    var embodiedCarbon: [String] = []

    @Option(help: ArgumentHelp("Power of the facility over power of the servers.", valueName: "factor"))
    var pue: Double?

    @Option(
        help: ArgumentHelp("Servers that run a model whatever its load.", valueName: "model:type=servers"))
    var pin: [String] = []

    @Option(help: ArgumentHelp("Servers that no other model may use.", valueName: "model:type=servers"))
    var reserve: [String] = []

    @Option(
        help: ArgumentHelp("The least number of servers of a model with load.", valueName: "model=servers"))
    var leastServers: [String] = []

    @Option(help: ArgumentHelp("The most server types for one model.", valueName: "types"))
    var mostTypes: Int?

    @Option(
        help: ArgumentHelp(
            "Serve the demand also after losing any one server `type`, or any one rack of one type's servers "
                + "(`rack:20`).", valueName: "failure"))
    var survive: String?

    @Option(
        help: ArgumentHelp(
            "The most provisioned power; where it is too little, load stays unserved by priority.",
            valueName: "watts"))
    var powerCap: Double?

    @Option(
        help: ArgumentHelp("Who is served first where not all can be: 1 before 2.", valueName: "model=rank"))
    var priority: [String] = []

    var option: PlanGoalOption {
        var option = PlanGoalOption()
        option.objective = objective
        option.prices = price
        option.energyPrice = energyPrice
        option.carbonIntensity = carbonIntensity
        option.embodied = embodiedCarbon
        option.facilityFactor = pue
        option.pinned = pin
        option.reserved = reserve
        option.leastServers = leastServers
        option.mostTypes = mostTypes
        option.survives = survive
        option.powerCap = powerCap
        option.priorities = priority
        return option
    }
}
