import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

/// Spare for the loss of any one server: every model keeps its load whichever of its servers fails. The truth
/// is found by trying every allocation and taking every server away in turn.
@Suite struct SpareTests {
    private static var goal: PlanGoal {
        var goal = PlanGoal()
        goal.constraints.survives = .anyServer
        return goal
    }

    private func counts(_ allocation: Allocation, _ instance: Instance) -> [Int] {
        instance.models.flatMap { model in
            instance.types.map { allocation[Instance.modelName(model), Instance.typeName($0)] }
        }
    }

    /// Whether every model is served whichever one of its servers is taken away.
    private func survives(_ instance: Instance, _ counts: [Int]) -> Bool {
        let types = instance.types.count
        return instance.models.allSatisfy { model in
            guard instance.loads[model] > 0 else { return true }
            func isServed(without lost: Int?) -> Bool {
                let capacity = instance.types.reduce(0.0) { sum, type in
                    let left = counts[model * types + type] - (type == lost ? 1 : 0)
                    return sum + instance.throughputs[model][type] * Double(left)
                }
                return instance.unserved(capacity, model) == 0
            }
            let used = instance.types.filter { counts[model * types + $0] > 0 }
            return isServed(without: nil) && used.allSatisfy { isServed(without: $0) }
        }
    }

    /// The least of power and starts with spare, by trying every allocation; nil where nothing has any.
    private func least(
        _ instance: Instance, running: [Int]? = nil, startCosts: [Double]? = nil
    ) -> Double? {
        let types = instance.types.count
        var best: Double?
        var counts = [Int](repeating: 0, count: instance.models.count * types)
        func visit(_ pair: Int, _ left: [Int], _ cost: Double) {
            guard pair < counts.count else {
                if cost < best ?? .infinity, survives(instance, counts) { best = cost }
                return
            }
            for count in 0...left[pair % types] {
                counts[pair] = count
                var rest = left
                rest[pair % types] -= count
                var added = Double(count) * instance.powers[pair / types][pair % types]
                if let running, let startCosts {
                    added += Double(max(0, count - running[pair])) * startCosts[pair]
                }
                visit(pair + 1, rest, cost + added)
            }
            counts[pair] = 0
        }
        visit(0, instance.available, 0)
        return best
    }

    private func instance(_ round: Int, _ words: inout SplitMix64) -> Instance {
        Instance.random(
            models: 1 + round % 2, types: 1 + round / 2 % 3, servers: 1...4, loadShare: 0.1...0.7,
            zeros: round.isMultiple(of: 3), using: &words)
    }

    @Test func plansAgreeWithTryingEveryAllocation() throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 211)
        var (feasible, costlier) = (0, 0)
        for round in 0..<400 {
            let instance = instance(round, &words)
            let problem = try instance.problem(goal: Self.goal)
            let found = try planner.plan(problem)
            guard let optimum = least(instance) else {
                #expect(found.plan.status == .infeasible, "round \(round)")
                continue
            }
            feasible += 1
            #expect(found.plan.status == .optimal, "round \(round): \(found)")
            #expect(survives(instance, counts(found.plan.allocation, instance)), "round \(round)")
            let value = found.plan.objective.value
            #expect(value >= optimum * (1 - 1e-9), "round \(round)")
            #expect(value <= optimum * (1 + 1e-5), "round \(round): \(value), best \(optimum)")
            #expect(try #require(found.plan.bound?.value) <= optimum * (1 + 1e-9), "round \(round)")
            if try planner.plan(instance.problem()).plan.objective.value < value * (1 - 1e-9) {
                costlier += 1
            }
        }
        #expect(
            feasible > 100 && costlier > 50, "\(feasible) feasible, \(costlier) cost more than without spare")
    }

    @Test func plansThatWeighStartsAgreeToo() throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 223)
        var feasible = 0
        for round in 0..<300 {
            let instance = instance(round, &words)
            var left = instance.available
            var (running, costs): ([Int], [Double]) = ([], [])
            for model in instance.models {
                for type in instance.types {
                    let count = Int.random(in: 0...left[type], using: &words)
                    left[type] -= count
                    running.append(count)
                    costs.append(instance.powers[model][type] * .random(in: 0...0.6, using: &words))
                }
            }
            let problem = try instance.problem(goal: Self.goal)
                .weighingStarts(running: running, startCosts: costs)
            let found = try planner.plan(problem)
            guard let optimum = least(instance, running: running, startCosts: costs) else {
                #expect(found.plan.status == .infeasible, "round \(round)")
                continue
            }
            feasible += 1
            let counts = counts(found.plan.allocation, instance)
            #expect(survives(instance, counts), "round \(round)")
            let value = found.plan.valuation?.value ?? found.plan.objective.value
            #expect(value >= optimum * (1 - 1e-9), "round \(round)")
            #expect(value <= optimum * (1 + 1e-5) + 1e-9, "round \(round): \(value), best \(optimum)")
            let bound = try #require(found.plan.valuation.map(\.bound) ?? found.plan.bound?.value)
            #expect(bound <= optimum * (1 + 1e-9) + 1e-9, "round \(round): bound above the optimum")
        }
        #expect(feasible > 80)
    }

    /// Rules of thumb take servers until the spare is there, or nothing is left to take.
    @Test(arguments: ["greedy", "priority", "oblivious", "static", "reactive", "hercules"])
    func everyPolicyHasSpareWhereItSaysSo(name: String) throws {
        var words = SplitMix64(seed: 227)
        var served = 0
        for round in 0..<150 {
            let instance = instance(round, &words)
            let problem = try instance.problem(goal: Self.goal)
            let policy = try ProvisioningPolicies.named(
                name, configuration: PolicyConfiguration(peakDemand: problem.demand, seed: 3))
            let plan = try policy.plan(ProvisioningRequest(problem: problem)).plan
            guard plan.status != .infeasible else { continue }
            served += 1
            #expect(survives(instance, counts(plan.allocation, instance)), "round \(round)")
        }
        #expect(served > 20, "\(served)")
    }

    @Test func oneServerMoreIsAllThatEqualServersTake() throws {
        let instance = Instance(available: [10], loads: [38], throughputs: [[10]], powers: [[100]])
        let plan = try IntegerProgramPlanner(gap: .zero).plan(instance.problem(goal: Self.goal)).plan
        #expect(plan.allocation[Instance.modelName(0), Instance.typeName(0)] == 5)
        // The one large server is what a failure would take: four small ones beside it do the work.
        let mixed = Instance(
            available: [1, 10], loads: [38], throughputs: [[40, 10]], powers: [[100, 90]])
        let spare = try IntegerProgramPlanner(gap: .zero).plan(mixed.problem(goal: Self.goal)).plan
        #expect(spare.objective == Watts(450))
        #expect(spare.allocation[Instance.modelName(0), Instance.typeName(1)] == 5)
    }
}
