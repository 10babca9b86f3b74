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

    /// - Parameters:
    ///   - demand: the loads that the trace's peaks become.
    ///   - goal: prices of energy and of keeping servers.
    ///   - purchases: the price of what can be bought; types of the fleet only, whose entries are known.
    ///   - resale: the share of the purchase price that a retired server brings, from 0 to 1.
    ///   - years: over which purchases have to pay, above 0.
    ///   - headroom: R; nil for the scenario's initial rate.
    /// - Throws: `PipelineError.unknownName` for types that are not in the fleet.
    public func run(
        for demand: DemandRequest = DemandRequest(), _ goal: PlanGoalChanges,
        purchases: [ServerTypeID: Double], resale: Fraction, years: Double,
        headroom: Fraction?
    ) throws -> FleetSizing {
        let scenario = session.scenario
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let rates = try goal.goal(for: scenario, headroom: headroom, idlePowers: session.idlePowers).rates
        var prices = FleetPrices()
        prices.purchase = try scenario.byType(purchases)
        prices.keepingPerHour = rates.pricesPerHour
        prices.resale = resale
        prices.energyPricePerKilowattHour = rates.energyPricePerKilowattHour
        prices.facilityFactor = rates.facilityFactor
        prices.horizonHours = years * 8766
        let trace = try demand.trace(for: scenario)
        session.progress.stageBegan("fleet sizing", units: 2 * trace.intervalCount, expected: nil)
        let sizer = try FleetSizer(
            efficiency: try session.efficiencyTable(), prices: prices, idlePowers: session.idlePowers,
            fullness: rates.fullness, gap: scenario.replay.gap)
        let demands = (0..<trace.intervalCount).map { trace.demand(at: $0).scaled(by: 1 + headroom.value) }
        let sizing = try sizer.size(scenario.fleet, for: demands) { session.progress.advanced("planned") }
        session.progress.stageEnded("looked at \(trace.intervalCount) intervals")
        return sizing
    }
}
