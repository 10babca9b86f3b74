import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

/// Objectives and constraints, each against trying every allocation of small instances.
@Suite struct PlanGoalTests {
    /// Checks many instances under goals that a closure draws.
    private func check(
        seed: UInt64, rounds: Int, loadShare: ClosedRange<Double> = 0.2...1.1, minimumFeasible: Int,
        _ draw: (inout SplitMix64, Instance) -> PlanGoal
    ) throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: seed)
        var feasible = 0
        for round in 0..<rounds {
            let instance = Instance.random(
                models: 1 + round % 2, types: 2 + round / 2 % 2, servers: 0...3, loadShare: loadShare,
                zeros: true, using: &words)
            let goal = draw(&words, instance)
            let problem: ProvisioningProblem
            do { problem = try instance.problem(goal: goal) } catch ProvisioningError.invalidConstraint {
                continue
            }
            let found = try planner.plan(problem)
            let label = "seed \(seed) round \(round): \(goal.name); \(goal.constraints.descriptions)"
            let truth = GoalExhaustion(problem)
            guard let optimum = truth.least else {
                #expect(found.plan.status == .infeasible, "\(label)")
                continue
            }
            feasible += 1
            #expect(found.plan.status == .optimal, "\(label) \(found)")
            let counts = problem.counts(found.plan.allocation)
            #expect(problem.isSatisfied(by: counts), "\(label)")
            let value = found.plan.valuation?.value ?? found.plan.objective.value
            #expect(abs(value - problem.cost(of: counts)) <= 1e-9 * max(1, value), "\(label)")
            #expect(value >= optimum * (1 - 1e-9), "\(label)")
            #expect(value <= optimum * (1 + 1e-5) + 1e-9, "\(label): \(value), best \(optimum)")
            let bound = found.plan.valuation.map(\.bound) ?? found.plan.bound?.value
            #expect(try #require(bound) <= optimum * (1 + 1e-9) + 1e-9, "\(label): bound above the optimum")
        }
        #expect(feasible >= minimumFeasible, "only \(feasible) feasible")
    }

    private func types(_ instance: Instance) -> [ServerTypeID] { instance.types.map(Instance.typeName) }

    @Test(arguments: PlanGoal.Cost.allCases)
    func everyObjective(cost: PlanGoal.Cost) throws {
        try check(seed: 101, rounds: 150, minimumFeasible: 40) { words, instance in
            var goal = PlanGoal(weights: [cost: 1])
            goal.rates.fullness = Fraction(0.9)
            goal.rates.energyPricePerKilowattHour = 0.2
            goal.rates.gramsPerKilowattHour = 400
            goal.rates.facilityFactor = 1.3
            for type in types(instance) {
                goal.rates.idlePowers[type] = Watts(Double.random(in: 20...120, using: &words))
                goal.rates.pricesPerHour[type] = Double.random(in: 0...2, using: &words)
                goal.rates.embodiedGramsPerHour[type] = Double.random(in: 0...50, using: &words)
            }
            return goal
        }
    }

    @Test func weightedSums() throws {
        try check(seed: 103, rounds: 150, minimumFeasible: 40) { words, _ in
            PlanGoal(weights: [.watts: 1, .servers: Double.random(in: 1...500, using: &words)])
        }
    }

    private func allocation(_ words: inout SplitMix64, _ instance: Instance) -> Allocation {
        var allocation = Allocation()
        for _ in 0..<2 {
            let model = Instance.modelName(Int.random(in: instance.models, using: &words))
            allocation[model, Instance.typeName(Int.random(in: instance.types, using: &words))] =
                Int.random(in: 0...2, using: &words)
        }
        return allocation
    }

    @Test func pinnedServers() throws {
        try check(seed: 107, rounds: 300, minimumFeasible: 40) { words, instance in
            var goal = PlanGoal()
            goal.constraints.pinned = allocation(&words, instance)
            return goal
        }
    }

    @Test func reservedServers() throws {
        try check(seed: 109, rounds: 300, minimumFeasible: 40) { words, instance in
            var goal = PlanGoal()
            goal.constraints.reserved = allocation(&words, instance)
            return goal
        }
    }

    @Test func minServersAndMaxTypes() throws {
        try check(seed: 113, rounds: 400, minimumFeasible: 60) { words, instance in
            var goal = PlanGoal()
            goal.constraints.minServers = [Instance.modelName(0): Int.random(in: 0...4, using: &words)]
            goal.constraints.maxTypes = Int.random(in: 1...2, using: &words)
            if Bool.random(using: &words) { goal.constraints.pinned = allocation(&words, instance) }
            return goal
        }
    }

    @Test func lossOfTypesRacksAndServers() throws {
        try check(seed: 127, rounds: 400, loadShare: 0.1...0.6, minimumFeasible: 60) { words, instance in
            var goal = PlanGoal()
            goal.constraints.survives =
                switch Int.random(in: 0..<4, using: &words) {
                case 0: .anyType
                case 1: .anyRack(servers: Int.random(in: 1...3, using: &words))
                case 2: .anyServers(Int.random(in: 1...3, using: &words))
                default: .anyServersOfOneType(Int.random(in: 1...3, using: &words))
                }
            // Together these go to the general solver.
            if Bool.random(using: &words) { goal.constraints.pinned = allocation(&words, instance) }
            return goal
        }
    }

    @Test func powerCaps() throws {
        try check(seed: 131, rounds: 300, minimumFeasible: 40) { words, _ in
            var goal = PlanGoal(weights: Bool.random(using: &words) ? [.watts: 1] : [.servers: 1])
            goal.constraints.powerCap = Watts(Double.random(in: 200...2500, using: &words))
            return goal
        }
    }

    /// Under a cap that is too low the first priority loses as little as it can, then the second.
    @Test func unservedLoadFollowsPriorities() throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 137)
        var checked = 0
        for round in 0..<150 {
            let instance = Instance.random(
                models: 2, types: 2, servers: 1...4, loadShare: 0.4...0.9, zeros: false, using: &words)
            var goal = PlanGoal()
            goal.constraints.powerCap = Watts(Double.random(in: 150...1200, using: &words))
            goal.constraints.priorities = [Instance.modelName(1): 1, Instance.modelName(0): 2]
            let problem = try instance.problem(goal: goal)
            let truth = GoalExhaustion(problem)
            guard truth.least == nil else { continue }
            checked += 1
            let found = try planner.plan(problem)
            #expect(found.plan.status == .infeasible)
            #expect(found.effort.route == .shortfall)
            let counts = problem.counts(found.plan.allocation)
            #expect(problem.power(of: counts) <= (goal.constraints.powerCap?.value ?? 0) * (1 + 1e-9))
            let unserved = [1, 0].map {
                instance.unserved(instance.capacity(found.plan.allocation, $0), $0)
            }
            #expect(unserved[0] <= truth.leastUnserved(first: 1, then: 0).first + 1e-6, "round \(round)")
            #expect(unserved[1] <= truth.leastUnserved(first: 1, then: 0).second + 1e-5, "round \(round)")
        }
        #expect(checked > 20)
    }

    @Test func contradictionsAreNamed() throws {
        let instance = Instance(
            available: [3, 2], loads: [10], throughputs: [[5, 6]], powers: [[100, 120]])
        var pinned = PlanGoal()
        pinned.constraints.pinned[Instance.modelName(0), Instance.typeName(0)] = 4
        #expect(throws: ProvisioningError.self) { try instance.problem(goal: pinned) }
        var unknown = PlanGoal()
        unknown.constraints.minServers = ["nobody": 2]
        #expect {
            try instance.problem(goal: unknown)
        } throws: {
            "\($0)".contains("nobody") && "\($0)".contains("m00")
        }
        var rack = PlanGoal()
        rack.constraints.survives = .anyRack(servers: 0)
        #expect(throws: ProvisioningError.self) { try instance.problem(goal: rack) }
    }

    /// One more server of a type lowers the optimum below the bound by no more than its price, where no model
    /// by itself could use up the type and the bound is that of the prices.
    @Test func dualPricesBoundWhatOneMoreServerSaves() throws {
        let planner = try IntegerProgramPlanner(gap: Fraction(5e-3))
        let exact = try IntegerProgramPlanner(gap: Fraction(1e-4))
        var words = SplitMix64(seed: 139)
        var priced = 0
        for round in 0..<60 {
            var instance = Instance.random(
                models: 4, types: 4, servers: 25...40, loadShare: 0.3...0.5, zeros: false, using: &words)
            let found = try planner.plan(instance.problem())
            let isOfPrices = [.uncontested, .priced, .annealed].contains(found.effort.route)
            let leavesSome = instance.models.allSatisfy { model in
                instance.types.allSatisfy {
                    instance.loads[model] / instance.throughputs[model][$0] < Double(instance.available[$0])
                }
            }
            guard isOfPrices, leavesSome, let prices = found.memory?.pricesByType else { continue }
            let bound = try #require(found.plan.bound).value
            for type in instance.types {
                let price = try #require(prices[Instance.typeName(type)])
                if price > 0 { priced += 1 }
                instance.available[type] += 1
                let better = try exact.plan(instance.problem()).plan.objective.value
                instance.available[type] -= 1
                #expect(better >= (bound - price) * (1 - 1e-9), "round \(round)")
            }
        }
        #expect(priced > 3, "\(priced) priced types")
    }
}

/// Every allocation of a small problem.
private struct GoalExhaustion {
    private(set) var least: Double?
    private var shares: [[Double]] = []

    init(_ problem: ProvisioningProblem) {
        var counts = problem.noServers
        visit(problem, 0, &counts)
    }

    private mutating func visit(_ problem: ProvisioningProblem, _ pair: Int, _ counts: inout [Int]) {
        guard pair < counts.count else { return judge(problem, counts) }
        let most = problem.throughputs[pair] > 0 ? problem.available[pair % problem.serverTypes.count] : 0
        for count in 0...most {
            counts[pair] = count
            visit(problem, pair + 1, &counts)
        }
        counts[pair] = 0
    }

    private mutating func judge(_ problem: ProvisioningProblem, _ counts: [Int]) {
        if problem.isSatisfied(by: counts) { least = min(least ?? .infinity, problem.cost(of: counts)) }
        let types = problem.serverTypes.count
        let fits = problem.available.indices.allSatisfy { type in
            stride(from: type, to: counts.count, by: types).reduce(0) { $0 + counts[$1] }
                <= problem.available[type]
        }
        let cap = problem.goal.constraints.powerCap?.value ?? .infinity
        guard fits, problem.power(of: counts) <= cap else { return }
        shares.append(
            problem.models.indices.map { model in
                let load = problem.demand[problem.models[model]].value
                return load > 0 ? max(0, 1 - problem.capacity(of: counts, model: model) / load) : 0
            })
    }

    func leastUnserved(first: Int, then second: Int) -> (first: Double, second: Double) {
        let least = shares.map { $0[first] }.min() ?? 1
        return (least, shares.filter { $0[first] <= least + 1e-9 }.map { $0[second] }.min() ?? 1)
    }
}

extension ProvisioningProblem {
    /// An allocation as counts.
    fileprivate func counts(_ allocation: Allocation) -> [Int] {
        models.flatMap { model in serverTypes.map { allocation[model, $0] } }
    }
}
