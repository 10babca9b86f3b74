import Quantities
import Vocabulary

/// What is asked of a plan differently from the scenario: objective, prices and constraints. Each goes before
/// what the scenario says. Models and server types stand under the names that people know them by.
public struct PlanGoalChanges: Sendable {
    /// Of each cost in the objective; above zero.
    public var weights: [PlanGoal.Cost: Double]?
    /// Owning or renting a server for an hour, without its energy.
    public var pricesPerHour: [ServerTypeID: Double] = [:]
    /// In the same currency.
    public var energyPricePerKilowattHour: Double?
    /// Carbon dioxide equivalent of the grid's energy.
    public var gramsPerKilowattHour: Double?
    /// Carbon dioxide equivalent of a server's making, spread over its life.
    public var embodiedGramsPerHour: [ServerTypeID: Double] = [:]
    /// Power of the facility over power of the servers; at least 1.
    public var facilityFactor: Double?
    /// Servers that run a model whatever its load.
    public var pinned = Allocation()
    /// Servers that no other model may use.
    public var reserved = Allocation()
    /// The least number of servers of a model with load.
    public var minServers: [ModelID: Int] = [:]
    /// The most server types for one model; at least 1.
    public var maxTypes: Int?
    /// What may be lost without any model falling short.
    public var survives: PlanConstraints.Survival?
    /// The most provisioned power; above zero.
    public var powerCap: Watts?
    /// Who is served first where not all can be: 1 before 2.
    public var priorities: [ModelID: Int] = [:]

    /// No change.
    public init() {}

    /// The goal for a scenario.
    ///
    /// - Parameter headroom: R, which says how full the planned servers are expected to run.
    /// - Throws: `PipelineError.unknownName`, `.unpriced`, `.badValue` where two names stand for one model.
    public func goal(
        for scenario: Scenario, headroom: Fraction, idlePowers: [ServerTypeID: Watts]
    ) throws -> PlanGoal {
        var goal = scenario.plan ?? PlanGoal()
        goal.weights = weights ?? goal.weights
        goal.rates.idlePowers = idlePowers
        goal.rates.fullness = Fraction(1 / (1 + headroom.value))
        goal.rates.pricesPerHour.merge(try scenario.byType(pricesPerHour)) { $1 }
        goal.rates.embodiedGramsPerHour.merge(try scenario.byType(embodiedGramsPerHour)) { $1 }
        goal.rates.energyPricePerKilowattHour =
            energyPricePerKilowattHour ?? goal.rates.energyPricePerKilowattHour
        goal.rates.gramsPerKilowattHour = gramsPerKilowattHour ?? goal.rates.gramsPerKilowattHour
        goal.rates.facilityFactor = facilityFactor ?? goal.rates.facilityFactor
        try constrain(&goal.constraints, scenario)
        try Self.price(&goal, scenario)
        return goal
    }

    /// Takes over what the catalogue says that server types cost, and refuses an objective that lacks prices.
    private static func price(_ goal: inout PlanGoal, _ scenario: Scenario) throws {
        let types = scenario.serverTypes.filter { scenario.fleet.hasServers(of: $0.id) }.map(\.id).sorted()
        func require(_ cost: PlanGoal.Cost, _ each: [ServerTypeID: Double], _ energy: Double) throws {
            guard goal.weights[cost] != nil else { return }
            let unpriced = UnpricedCost(cost, prices: each, of: types, isEnergyPriced: energy > 0)
            if let unpriced { throw PipelineError.unpriced(unpriced) }
        }
        if goal.weights[.money] != nil {
            for type in scenario.serverTypes where goal.rates.pricesPerHour[type.id] == nil {
                goal.rates.pricesPerHour[type.id] = type.pricePerHour
            }
        }
        try require(.money, goal.rates.pricesPerHour, goal.rates.energyPricePerKilowattHour)
        try require(.carbon, goal.rates.embodiedGramsPerHour, goal.rates.gramsPerKilowattHour)
    }

    /// Whether servers are to be kept for models, of which the fleet may have too few.
    var holdsServers: Bool { !pinned.shares.isEmpty || !reserved.shares.isEmpty }

    /// Throws where a scenario does not know a model or a server type, before anything else is done.
    /// - Throws: as `goal(for:headroom:idlePowers:)` does.
    public func requireKnownNames(in scenario: Scenario) throws {
        _ = try goal(for: scenario, headroom: .zero, idlePowers: [:])
    }

    private func constrain(_ constraints: inout PlanConstraints, _ scenario: Scenario) throws {
        for share in try scenario.resolved(pinned).shares {
            constraints.pinned[share.model, share.serverType] = share.count
        }
        for share in try scenario.resolved(reserved).shares {
            constraints.reserved[share.model, share.serverType] = share.count
        }
        constraints.minServers.merge(try scenario.byModel(minServers)) { $1 }
        constraints.maxTypes = maxTypes ?? constraints.maxTypes
        constraints.survives = survives ?? constraints.survives
        constraints.powerCap = powerCap ?? constraints.powerCap
        constraints.priorities.merge(try scenario.byModel(priorities)) { $1 }
    }
}
