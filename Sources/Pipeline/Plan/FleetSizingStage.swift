import Provisioning
import Quantities
import Vocabulary

/// Asks which servers to buy and which to retire, over the scenario's whole trace.
public struct FleetSizingStage: Sendable {
    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// - Parameters:
    ///   - option: prices of energy and of keeping servers.
    ///   - purchases: `TYPE=PRICE` of what can be bought; types of the fleet only, whose entries are known.
    ///   - resale: the share of the purchase price that a retired server brings.
    ///   - headroom: R; nil for the scenario's initial rate.
    public func run(
        _ option: PlanGoalOption, purchases: [String], resale: Double, years: Double, headroom: Fraction?
    ) throws -> FleetSizing {
        let scenario = session.scenario
        guard years > 0, years <= 100 else {
            throw PipelineError.badOption(
                name: "--years", found: "\(years)", expected: "a number above 0, to 100")
        }
        guard resale >= 0, resale <= 1 else {
            throw PipelineError.badOption(name: "--resale", found: "\(resale)", expected: "a share in 0...1")
        }
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let rates = try option.goal(for: scenario, headroom: headroom, idlePowers: session.idlePowers).rates
        var prices = FleetPrices()
        prices.purchase = try PlanGoalOption.byType(purchases, "--purchase", scenario)
        prices.keepingPerHour = rates.pricesPerHour
        prices.resale = Fraction(resale)
        prices.energyPricePerKilowattHour = rates.energyPricePerKilowattHour
        prices.facilityFactor = rates.facilityFactor
        prices.horizonHours = years * 8766
        let trace = scenario.trace
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
