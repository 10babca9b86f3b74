import Quantities
import Vocabulary

/// What a fleet costs over a horizon, added up plan by plan.
struct FleetBooks {
    private let fleet: Fleet
    private let current: Fleet
    private let prices: FleetPrices
    private var energyByType: [ServerTypeID: Double] = [:]
    /// Hours and energy of each stretch.
    private var stretches: [(hours: Double, energy: Double)] = []
    private var wattHours = 0.0
    private var energy = 0.0

    init(fleet: Fleet, from current: Fleet, prices: FleetPrices) {
        self.fleet = fleet
        self.current = current
        self.prices = prices
    }

    /// Begins the next stretch of the horizon.
    mutating func begin(hours: Double) { stretches.append((hours, 0)) }

    /// Adds a plan that holds for some hours of the stretch.
    /// - Parameter costPerHour: of the energy of a server that runs a model.
    mutating func add(
        _ plan: Plan, hours: Double, costPerHour: (ModelID, ServerTypeID) -> Double
    ) {
        for share in plan.allocation.shares {
            energyByType[share.serverType, default: 0] +=
                hours * Double(share.count) * costPerHour(share.model, share.serverType)
        }
        let amount = hours * (plan.valuation?.value ?? 0)
        energy += amount
        stretches[stretches.count - 1].energy += amount
        wattHours += hours * plan.objective.value
    }

    /// - Parameter unserved: intervals whose demand the fleet cannot serve.
    func cost(unserved: Int) -> FleetCost {
        let hours = stretches.reduce(0) { $0 + $1.hours }
        let types = Set(fleet.serverTypes).union(current.serverTypes).sorted()
        let keeping = types.reduce(0) { $0 + prices.keepingPerHour(of: $1, in: fleet) }
        return FleetCost(
            fleet: fleet, ownership: prices.ownership(of: fleet, from: current), energy: energy,
            unservedIntervals: unserved, meanPower: Watts(hours > 0 ? wattHours / hours : 0),
            types: types.map { type in
                FleetTypeCost(
                    serverType: type, capital: prices.capital(of: type, in: fleet, from: current),
                    keeping: prices.keepingPerHour(of: type, in: fleet) * prices.horizonHours,
                    energy: energyByType[type] ?? 0)
            },
            running: stretches.map {
                FleetRunningCost(hours: $0.hours, amount: $0.energy + keeping * $0.hours)
            })
    }
}
