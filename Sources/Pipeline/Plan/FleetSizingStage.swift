import Provisioning
import Quantities
import Vocabulary

/// Asks which servers to buy and which to retire, over the scenario's whole trace.
public struct FleetSizingStage: Sendable {
    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// Throws where a type to buy is not in the scenario's fleet, before anything else is done.
    /// - Throws: `PipelineError.unknownName`.
    public static func requireKnown(_ purchases: [ServerTypeID: Double], in scenario: Scenario) throws {
        _ = try scenario.byType(purchases)
    }

    /// Throws where energy has no price, or some types have one of keeping them and others have none: what is
    /// unknown would look free. Throws, too, where a scenario asks for more spare than sizing knows of.
    /// - Throws: `PipelineError.badValue`, `.unpriced`.
    public static func requirePrices(_ goal: PlanGoalChanges, in scenario: Scenario) throws {
        let energy = goal.energyPricePerKilowattHour ?? scenario.plan?.rates.energyPricePerKilowattHour ?? 0
        guard goal.energyPricePerKilowattHour != nil || energy > 0 else {
            throw PipelineError.badValue(
                name: "sizing", found: "no price of a kilowatt hour",
                expected: "one, as unknown is not free; 0 says that energy costs nothing")
        }
        let said = scenario.plan?.rates.pricesPerHour ?? [:]
        let known = said.merging(try scenario.byType(goal.pricesPerHour)) { $1 }
        // Energy is priced, so that all that can be missing is what only some types have.
        if let unpriced = UnpricedCost(
            .money, prices: known, of: scenario.fleet.serverTypes, isEnergyPriced: true)
        {
            throw PipelineError.unpriced(unpriced)
        }
        switch goal.survives ?? scenario.plan?.constraints.survives {
        case nil, .anyServer: break
        case .anyType, .anyRack, .anyServers, .anyServersOfOneType:
            throw PipelineError.badValue(
                name: "sizing", found: "spare for the loss of a type, of a rack or of several servers",
                expected: "none, or spare for the loss of any one server")
        }
    }

    /// - Parameters:
    ///   - demand: the loads that the trace's peaks become.
    ///   - goal: prices of energy and of keeping servers.
    ///   - purchases: the price of what can be bought; types of the fleet only, whose entries are known.
    ///   - resale: the share of the purchase price that a retired server brings, from 0 to 1.
    ///   - years: over which purchases have to pay, above 0.
    ///   - growth: of loads, from one year to the next, as a share above -1.
    ///   - headroom: R; nil for the scenario's initial rate.
    /// - Throws: `PipelineError.unknownName` for types that are not in the fleet.
    public func run(
        for demand: DemandRequest = DemandRequest(), _ goal: PlanGoalChanges,
        purchases: [ServerTypeID: Double], resale: Fraction, years: Double, growth: Fraction,
        headroom: Fraction?
    ) throws -> FleetSizing {
        let scenario = session.scenario
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let sized = try goal.goal(for: scenario, headroom: headroom, idlePowers: session.idlePowers)
        let rates = sized.rates
        var prices = FleetPrices()
        prices.purchase = try scenario.byType(purchases)
        prices.keepingPerHour = rates.pricesPerHour
        prices.resale = resale
        prices.energyPricePerKilowattHour = rates.energyPricePerKilowattHour
        prices.facilityFactor = rates.facilityFactor
        prices.horizonHours = years * FleetPrices.hoursPerYear
        prices.growth = growth
        let trace = try demand.trace(for: scenario)
        session.progress.stageBegan(
            "fleet sizing", units: 2 * trace.intervalCount * prices.stretches.count, expected: nil)
        let sizer = try FleetSizer(
            efficiency: try session.efficiencyTable(), prices: prices, idlePowers: session.idlePowers,
            fullness: rates.fullness, survivesAnyServer: sized.constraints.survives == .anyServer,
            gap: scenario.replay.gap)
        let demands = (0..<trace.intervalCount).map { trace.demand(at: $0).scaled(by: 1 + headroom.value) }
        let sizing = try sizer.size(scenario.fleet, for: demands) { session.progress.advanced("planned") }
        session.progress.stageEnded("looked at \(trace.intervalCount) intervals")
        return sizing
    }
}
