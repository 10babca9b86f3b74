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

    /// One type, one model: what is needed can be counted by hand.
    private func sized(
        _ prices: FleetPrices, owned: Int, survives: Bool = false
    ) throws -> FleetSizing {
        let table = EfficiencyTable([entry("m", "t", 10, 100)])
        return try FleetSizer(
            efficiency: table, prices: prices, idlePowers: [:], fullness: Fraction(1),
            survivesAnyServer: survives, gap: .zero
        ).size(
            Fleet(id: "now", counts: ["t": owned]),
            for: [20, 38].map { Demand(["m": QueriesPerSecond($0)]) })
    }

    @Test func growthIsServedToTheLastYearAndSpareOnTopOfIt() throws {
        var prices = FleetPrices()
        prices.purchase = ["t": 100]
        prices.energyPricePerKilowattHour = 0.1
        prices.horizonHours = 2.5 * FleetPrices.hoursPerYear
        #expect(try sized(prices, owned: 1).proposed.fleet.counts == ["t": 4])
        prices.growth = Fraction(0.5)
        #expect(prices.stretches.map(\.growthFactor) == [1, 1.5, 2.25])
        #expect(prices.stretches.map { $0.hours / FleetPrices.hoursPerYear } == [1, 1, 0.5])
        // 38 x 2.25 = 85.5 queries/s in the third year.
        let grown = try sized(prices, owned: 1)
        #expect(grown.proposed.fleet.counts == ["t": 9] && grown.proposed.unservedIntervals == 0)
        #expect(try sized(prices, owned: 1, survives: true).proposed.fleet.counts == ["t": 10])
        // Two, three and five servers in the lower half of each year, four, six and nine in the upper.
        let hours = FleetPrices.hoursPerYear * (0.5 * (2 + 4) + 0.5 * (3 + 6) + 0.25 * (5 + 9))
        #expect(abs(grown.proposed.energy / (hours * 0.1 * 0.1) - 1) < 1e-9)
        #expect(
            grown.proposed.types == [
                FleetTypeCost(serverType: "t", capital: 800, keeping: 0, energy: grown.proposed.energy)
            ])
        #expect(grown.payback == .notComparable, "one server alone serves neither")
        #expect(try #require(grown.bound) <= grown.proposed.total * (1 + 1e-9))
    }

    @Test func aChangePaysForItselfWhenWhatIsSavedMakesUpForIt() {
        func cost(_ capital: Double, _ running: [Double], unserved: Int = 0) -> FleetCost {
            FleetCost(
                fleet: Fleet(id: "f", counts: ["t": 1]), ownership: capital, energy: running.reduce(0, +),
                unservedIntervals: unserved, meanPower: Watts(1),
                types: [FleetTypeCost(serverType: "t", capital: capital, keeping: 0, energy: 0)],
                running: running.map { FleetRunningCost(hours: FleetPrices.hoursPerYear, amount: $0) })
        }
        func payback(_ capital: Double, _ after: [Double], unserved: Int = 0) -> FleetPayback {
            FleetSizing(
                current: cost(0, [100, 100, 100]), proposed: cost(capital, after, unserved: unserved),
                bound: nil, intervalsConsidered: 1
            ).payback
        }
        #expect(payback(30, [80, 80, 80]) == .years(1.5))
        #expect(payback(30, [110, 70, 80]) == .years(2.5), "a loss has to be made up for, too")
        #expect(payback(61, [80, 80, 80]) == .notWithinHorizon)
        #expect(payback(0, [90, 90, 90]) == .atOnce && payback(-5, [120, 120, 120]) == .atOnce)
        #expect(payback(30, [80, 80, 80], unserved: 1) == .notComparable)
    }
}
