import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

/// Plans that weigh what it costs to start servers, against every allocation of small instances.
@Suite struct StartCostTests {
    /// Servers that run, in no more numbers than there are, and what one more costs.
    private struct Starts {
        var running: [Int]
        var costs: [Double]

        init(_ instance: Instance, using words: inout SplitMix64) {
            running = []
            costs = []
            var left = instance.available
            for model in instance.models {
                for type in instance.types {
                    let count = Int.random(in: 0...left[type], using: &words)
                    left[type] -= count
                    running.append(count)
                    let isFree = Int.random(in: 0..<5, using: &words) == 0
                    costs.append(
                        isFree ? 0 : instance.powers[model][type] * .random(in: 0.01...0.6, using: &words))
                }
            }
        }
    }

    /// The least of power and starts that serves everything, by trying every allocation; nil where nothing
    /// does.
    private func least(_ instance: Instance, _ starts: Starts) -> Double? {
        let types = instance.types.count
        var best: Double?
        var counts = [Int](repeating: 0, count: instance.models.count * types)
        func visit(_ pair: Int, _ left: [Int], _ cost: Double) {
            guard pair < counts.count else {
                let isServed = instance.models.allSatisfy { model in
                    instance.unserved(
                        instance.types.reduce(0) {
                            $0 + instance.throughputs[model][$1] * Double(counts[model * types + $1])
                        }, model) == 0
                }
                if isServed { best = min(best ?? .infinity, cost) }
                return
            }
            for count in 0...left[pair % types] {
                counts[pair] = count
                var rest = left
                rest[pair % types] -= count
                let started = Double(max(0, count - starts.running[pair]))
                visit(
                    pair + 1, rest,
                    cost + Double(count) * instance.powers[pair / types][pair % types]
                        + started * starts.costs[pair])
            }
            counts[pair] = 0
        }
        visit(0, instance.available, 0)
        return best
    }

    @Test(arguments: [0.0, 1e-3, 0.05])
    func smallInstancesAgreeWithTryingEveryAllocation(gap: Double) throws {
        let planner = try IntegerProgramPlanner(gap: Fraction(gap))
        var words = SplitMix64(seed: 31)
        var feasible = 0
        var routes: Set<PlanRoute> = []
        for round in 0..<600 {
            let instance = Instance.random(
                models: 1 + round % 3, types: 1 + round / 3 % 3, servers: 1...3, loadShare: 0.2...1.4,
                zeros: false, using: &words)
            let starts = Starts(instance, using: &words)
            let problem = try instance.problem()
                .weighingStarts(running: starts.running, startCosts: starts.costs)
            let found = try planner.plan(problem)
            guard let optimum = least(instance, starts) else {
                #expect(found.plan.status == .infeasible, "round \(round)")
                continue
            }
            feasible += 1
            routes.insert(found.effort.route)
            #expect(found.plan.status == .optimal, "round \(round): \(found)")
            let value = found.plan.valuation?.value ?? found.plan.objective.value
            let bound = try #require(found.plan.valuation.map(\.bound) ?? found.plan.bound?.value)
            #expect(value >= optimum * (1 - 1e-12), "round \(round)")
            #expect(value * (1 - planner.gap) <= optimum * (1 + 1e-12), "round \(round)")
            #expect(bound <= optimum * (1 + 1e-12), "round \(round): the bound is above the optimum")
        }
        #expect(feasible > 200)
        #expect(routes.count >= 2)
    }

    @Test func serversThatRunAreKeptWhereOthersWouldSaveLessThanTheirStart() throws {
        let instance = Instance(
            available: [10, 10], loads: [100], throughputs: [[10, 10]], powers: [[100, 99]])
        let problem = try instance.problem()
        let running = [10, 0]
        func servers(_ cost: Double) throws -> Int {
            let weighing = problem.weighingStarts(running: running, startCosts: [cost, cost])
            let plan = try IntegerProgramPlanner(gap: .zero).plan(weighing).plan
            return plan.allocation[Instance.modelName(0), Instance.typeName(0)]
        }
        #expect(try servers(0) == 0)
        #expect(try servers(0.5) == 0)
        #expect(try servers(2) == 10)
    }
}
