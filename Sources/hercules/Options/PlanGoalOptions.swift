import ArgumentParser
import Pipeline
import Quantities
import Vocabulary

/// What a plan minimises and keeps to.
struct PlanGoalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to minimise: watts (provisioned power), drawn, servers, money, carbon, or weights such as "
                + "watts=1,servers=50.", valueName: "costs"), transform: PlanGoalText.weights)
    var objective: [PlanGoal.Cost: Double]?

    @Option(
        help: ArgumentHelp("An hour of a server without its energy.", valueName: "type=price"),
        transform: NamedText.amounts)
    var price: [Named<ServerTypeID, Double>] = []

    @Option(
        help: ArgumentHelp("A kilowatt hour, in the currency of --price.", valueName: "price"),
        transform: NumberText.amount)
    var energyPrice: Double?

    @Option(
        help: ArgumentHelp("CO2 equivalent of a kilowatt hour.", valueName: "grams"),
        transform: NumberText.amount)
    var carbonIntensity: Double?

    @Option(
        help: ArgumentHelp(
            "CO2 equivalent of a server's making, an hour of its life.", valueName: "type=grams"),
        transform: NamedText.amounts)
    var embodiedCarbon: [Named<ServerTypeID, Double>] = []

    @Option(
        help: ArgumentHelp("Power of the facility over power of the servers.", valueName: "factor"),
        transform: NumberText.number("a number from 1 to below 10") { $0 >= 1 && $0 < 10 })
    var pue: Double?

    @Option(
        help: ArgumentHelp("Servers that run a model whatever its load.", valueName: "model:type=servers"),
        transform: NamedText.servers)
    var pin: [Named<Placement, Int>] = []

    @Option(
        help: ArgumentHelp("Servers that no other model may use.", valueName: "model:type=servers"),
        transform: NamedText.servers)
    var reserve: [Named<Placement, Int>] = []

    @Option(
        help: ArgumentHelp("The least number of servers of a model with load.", valueName: "model=servers"),
        transform: NamedText.counts)
    var minServers: [Named<ModelID, Int>] = []

    @Option(
        help: ArgumentHelp("The most server types for one model.", valueName: "types"),
        transform: NumberText.whole(from: 1))
    var maxTypes: Int?

    @Option(
        help: ArgumentHelp(
            "Serve the demand also after losing any one `server`, any one server `type`, any one rack of "
                + "one type's servers (`rack:20`), any two servers (`servers:2`), or any two of one type "
                + "(`servers-of-one-type:2`).", valueName: "failure"), transform: PlanGoalText.survival)
    var survive: PlanConstraints.Survival?

    @Option(
        help: ArgumentHelp(
            "The most provisioned power; where it is too little, load stays unserved by priority.",
            valueName: "watts"), transform: NumberText.watts)
    var powerCap: Watts?

    @Option(
        help: ArgumentHelp("Who is served first where not all can be: 1 before 2.", valueName: "model=rank"),
        transform: NamedText.counts)
    var priority: [Named<ModelID, Int>] = []

    // What two options were called before.

    @Option(
        help: ArgumentHelp("The former name of --min-servers.", visibility: .hidden),
        transform: NamedText.counts)
    var leastServers: [Named<ModelID, Int>] = []

    @Option(
        help: ArgumentHelp("The former name of --max-types.", visibility: .hidden),
        transform: NumberText.whole(from: 1))
    var mostTypes: Int?

    func validate() throws {
        if maxTypes != nil, mostTypes != nil {
            throw ValidationError("--most-types is the former name of --max-types: expected one of them")
        }
        _ = try changes()
    }

    /// - Throws: where a name was given twice to one option.
    func changes() throws -> PlanGoalChanges {
        var changes = PlanGoalChanges()
        changes.weights = objective
        changes.pricesPerHour = try price.byName("--price")
        changes.energyPricePerKilowattHour = energyPrice
        changes.gramsPerKilowattHour = carbonIntensity
        changes.embodiedGramsPerHour = try embodiedCarbon.byName("--embodied-carbon")
        changes.facilityFactor = pue
        changes.pinned = try Self.allocation(pin, "--pin")
        changes.reserved = try Self.allocation(reserve, "--reserve")
        changes.minServers = try (minServers + leastServers).byName("--min-servers")
        changes.maxTypes = maxTypes ?? mostTypes
        changes.survives = survive
        changes.powerCap = powerCap
        changes.priorities = try priority.byName("--priority")
        return changes
    }

    /// Those that say nothing of what servers and energy cost, as they are typed: sizing has no use for them.
    var beyondPrices: [String] {
        let options: [(String, Bool)] = [
            ("--objective", objective != nil), ("--carbon-intensity", carbonIntensity != nil),
            ("--embodied-carbon", !embodiedCarbon.isEmpty), ("--pin", !pin.isEmpty),
            ("--reserve", !reserve.isEmpty), ("--min-servers", !(minServers + leastServers).isEmpty),
            ("--max-types", maxTypes != nil || mostTypes != nil),
            ("--survive", survive != nil && survive != .anyServer),
            ("--power-cap", powerCap != nil), ("--priority", !priority.isEmpty),
        ]
        return options.filter(\.1).map(\.0)
    }

    /// All that were given, as they are typed: plans of boxes that models share have no use for any.
    var given: [String] {
        let prices: [(String, Bool)] = [
            ("--price", !price.isEmpty), ("--energy-price", energyPrice != nil), ("--pue", pue != nil),
            ("--survive", survive == .anyServer),
        ]
        return beyondPrices + prices.filter(\.1).map(\.0)
    }

    private static func allocation(_ servers: [Named<Placement, Int>], _ option: String) throws -> Allocation
    {
        var allocation = Allocation()
        for (placement, count) in try servers.byName(option) {
            allocation[placement.model, placement.serverType] = count
        }
        return allocation
    }
}
