import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

@Suite struct FleetSizerTests {
    /// What the cheapest of all fleets of up to eight servers a type costs; nil where none serves.
    private func cheapest(
        for demands: [Demand], table: EfficiencyTable, prices: FleetPrices, from current: Fleet
    ) throws -> Double? {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var goal = PlanGoal(weights: [.money: 1])
        goal.rates.energyPricePerKilowattHour = 0.2
        var best: Double?
        for first in 0...8 {
            for second in 0...8 {
                let fleet = Fleet(
                    id: "try", counts: [Instance.typeName(0): first, Instance.typeName(1): second])
                var energy = 0.0
                var serves = true
                for demand in demands where serves {
                    let plan = try planner.plan(
                        ProvisioningProblem(demand: demand, fleet: fleet, efficiency: table, goal: goal)
                    ).plan
                    serves = plan.status != .infeasible
                    energy += (plan.valuation?.value ?? 0) * prices.horizonHours / 3
                }
                guard serves else { continue }
                best = min(best ?? .infinity, energy + prices.ownership(of: fleet, from: current))
            }
        }
        return best
    }

    /// Two types, one or two models, a handful of intervals: every fleet is tried.
    @Test func smallFleetsAgainstTryingEveryFleet() throws {
        var words = SplitMix64(seed: 151)
        var changed = 0
        for round in 0..<12 {
            let instance = Instance.random(
                models: 1 + round % 2, types: 2, servers: 1...4, loadShare: 0.3...0.7, zeros: false,
                using: &words)
            let table = EfficiencyTable(
                instance.models.flatMap { model in
                    instance.types.map {
                        entry(
                            Instance.modelName(model), Instance.typeName($0), instance.throughputs[model][$0],
                            instance.powers[model][$0])
                    }
                })
            var prices = FleetPrices()
            prices.energyPricePerKilowattHour = 0.2
            prices.horizonHours = 8766
            prices.resale = Fraction(0.1)
            for type in instance.types.map(Instance.typeName) {
                prices.purchase[type] = Double.random(in: 50...400, using: &words)
                prices.keepingPerHour[type] = Double.random(in: 0...0.02, using: &words)
            }
            let current = Fleet(
                id: "now",
                counts: Dictionary(
                    uniqueKeysWithValues: instance.types.map {
                        (Instance.typeName($0), instance.available[$0])
                    }))
            let demands = [0.4, 1.0, 0.7].map { factor in
                Demand(
                    Dictionary(
                        uniqueKeysWithValues: instance.models.map {
                            (Instance.modelName($0), QueriesPerSecond(instance.loads[$0] * factor))
                        }))
            }
            let sizing = try FleetSizer(
                efficiency: table, prices: prices, idlePowers: [:], fullness: Fraction(1), gap: .zero
            ).size(current, for: demands)
            let least = try #require(
                try cheapest(for: demands, table: table, prices: prices, from: current))
            #expect(sizing.proposed.unservedIntervals == 0, "round \(round)")
            #expect(sizing.proposed.total >= least - 1e-6 * abs(least), "round \(round)")
            #expect(
                try #require(sizing.bound) <= least + 1e-6 * abs(least),
                "round \(round): bound above the best")
            // Fractions of running servers make the choice inexact by less than a server's energy.
            #expect(sizing.proposed.total <= least + 0.2 * abs(least) + 100, "round \(round)")
            #expect(sizing.proposed.total <= sizing.current.total || sizing.current.unservedIntervals > 0)
            if sizing.proposed.fleet != sizing.current.fleet { changed += 1 }
        }
        #expect(changed > 3)
    }

    @Test func nothingIsRetiredWhereThatBringsNothing() throws {
        let instance = Instance(
            available: [5, 4], loads: [20], throughputs: [[10, 12]], powers: [[100, 130]])
        let current = Fleet(id: "now", counts: [Instance.typeName(0): 5, Instance.typeName(1): 4])
        let table = EfficiencyTable(
            instance.types.map {
                entry(
                    Instance.modelName(0), Instance.typeName($0), instance.throughputs[0][$0],
                    instance.powers[0][$0])
            })
        var prices = FleetPrices()
        prices.horizonHours = 100
        prices.energyPricePerKilowattHour = 0.1
        let sizing = try FleetSizer(
            efficiency: table, prices: prices, idlePowers: [:], fullness: Fraction(1)
        ).size(current, for: [Demand([Instance.modelName(0): QueriesPerSecond(20)])])
        #expect(sizing.proposed.fleet == current)
        #expect(sizing.proposed.total == sizing.current.total)
    }
}
