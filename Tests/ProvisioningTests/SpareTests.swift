import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

/// Spare for the loss of any servers: every model keeps its load whichever of its servers fail. The truth is
/// found by trying every allocation and taking every choice of servers away in turn.
@Suite struct SpareTests {
    private static func goal(_ survives: PlanConstraints.Survival = .anyServer) -> PlanGoal {
        var goal = PlanGoal()
        goal.constraints.survives = survives
        return goal
    }

    static let failures: [PlanConstraints.Survival] = [
        .anyServer, .anyServers(1), .anyServers(2), .anyServers(3), .anyServersOfOneType(1),
        .anyServersOfOneType(2),
    ]

    private func counts(_ allocation: Allocation, _ instance: Instance) -> [Int] {
        instance.models.flatMap { model in
            instance.types.map { allocation[Instance.modelName(model), Instance.typeName($0)] }
        }
    }

    /// Whether every model is served whichever of its servers are taken away.
    private func survives(
        _ instance: Instance, _ counts: [Int], _ failure: PlanConstraints.Survival = .anyServer
    ) -> Bool {
        let types = instance.types.count
        /// Takes so many servers away one by one, of types from the given one on.
        func isServed(_ model: Int, _ left: [Int], losing: Int, from first: Int, isOfOneType: Bool) -> Bool {
            let capacity = instance.types.reduce(0.0) {
                $0 + instance.throughputs[model][$1] * Double(left[$1])
            }
            guard instance.unserved(capacity, model) == 0 else { return false }
            guard losing > 0 else { return true }
            return (first..<types).filter { left[$0] > 0 }.allSatisfy { type in
                let lost = isOfOneType ? min(losing, left[type]) : 1
                var rest = left
                rest[type] -= lost
                return isServed(
                    model, rest, losing: isOfOneType ? 0 : losing - 1, from: type, isOfOneType: isOfOneType)
            }
        }
        return instance.models.allSatisfy { model in
            guard instance.loads[model] > 0 else { return true }
            let own = Array(counts[model * types..<(model + 1) * types])
            let (lost, isOfOneType) =
                switch failure {
                case .anyServers(let count): (count, false)
                case .anyServersOfOneType(let count): (count, true)
                default: (1, false)
                }
            return isServed(model, own, losing: lost, from: 0, isOfOneType: isOfOneType)
        }
    }

    /// The least of power and starts with spare, by trying every allocation; nil where nothing has any.
    private func least(
        _ instance: Instance, surviving failure: PlanConstraints.Survival = .anyServer,
        running: [Int]? = nil, startCosts: [Double]? = nil
    ) -> Double? {
        let types = instance.types.count
        var best: Double?
        var counts = [Int](repeating: 0, count: instance.models.count * types)
        func visit(_ pair: Int, _ left: [Int], _ cost: Double) {
            guard pair < counts.count else {
                if cost < best ?? .infinity, survives(instance, counts, failure) { best = cost }
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

    /// nil where so many servers cannot be lost at all.
    private func problem(
        _ instance: Instance, surviving failure: PlanConstraints.Survival
    ) throws -> ProvisioningProblem? {
        do { return try instance.problem(goal: Self.goal(failure)) } catch ProvisioningError.invalidConstraint
        { return nil }
    }

    @Test(arguments: failures)
    func plansAgreeWithTryingEveryAllocation(_ failure: PlanConstraints.Survival) throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 211)
        var (feasible, costlier) = (0, 0)
        for round in 0..<130 {
            let instance = instance(round, &words)
            let optimum = least(instance, surviving: failure)
            guard let problem = try problem(instance, surviving: failure) else {
                #expect(optimum == nil || instance.loads.contains(0), "round \(round)")
                continue
            }
            let found = try planner.plan(problem)
            guard let optimum else {
                #expect(found.plan.status == .infeasible, "round \(round)")
                continue
            }
            feasible += 1
            #expect(found.plan.status == .optimal, "round \(round): \(found)")
            #expect(survives(instance, counts(found.plan.allocation, instance), failure), "round \(round)")
            let value = found.plan.objective.value
            #expect(value >= optimum * (1 - 1e-9), "round \(round)")
            #expect(value <= optimum * (1 + 1e-5), "round \(round): \(value), best \(optimum)")
            #expect(try #require(found.plan.bound?.value) <= optimum * (1 + 1e-9), "round \(round)")
            if try planner.plan(instance.problem()).plan.objective.value < value * (1 - 1e-9) {
                costlier += 1
            }
        }
        #expect(
            feasible > 12 && costlier > 6, "\(feasible) feasible, \(costlier) cost more than without spare")
    }

    @Test(arguments: failures)
    func plansThatWeighStartsAgreeToo(_ failure: PlanConstraints.Survival) throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 223)
        var feasible = 0
        for round in 0..<100 {
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
            guard
                let problem = try problem(instance, surviving: failure)?
                    .weighingStarts(running: running, startCosts: costs)
            else { continue }
            let found = try planner.plan(problem)
            guard
                let optimum = least(instance, surviving: failure, running: running, startCosts: costs)
            else {
                #expect(found.plan.status == .infeasible, "round \(round)")
                continue
            }
            feasible += 1
            let counts = counts(found.plan.allocation, instance)
            #expect(survives(instance, counts, failure), "round \(round)")
            let value = found.plan.valuation?.value ?? found.plan.objective.value
            #expect(value >= optimum * (1 - 1e-9), "round \(round)")
            #expect(value <= optimum * (1 + 1e-5) + 1e-9, "round \(round): \(value), best \(optimum)")
            let bound = try #require(found.plan.valuation.map(\.bound) ?? found.plan.bound?.value)
            #expect(bound <= optimum * (1 + 1e-9) + 1e-9, "round \(round): bound above the optimum")
        }
        #expect(feasible > 8)
    }

    /// Rules of thumb take servers until the spare is there, or nothing is left to take.
    @Test(arguments: ["greedy", "priority", "oblivious", "static", "reactive", "hercules"])
    func everyPolicyHasSpareWhereItSaysSo(name: String) throws {
        for failure in Self.failures { try checkSpare(of: name, failure) }
    }

    private func checkSpare(of name: String, _ failure: PlanConstraints.Survival) throws {
        var words = SplitMix64(seed: 227)
        var served = 0
        for round in 0..<60 {
            let instance = instance(round, &words)
            guard let problem = try problem(instance, surviving: failure) else { continue }
            let policy = try ProvisioningPolicies.named(
                name, configuration: PolicyConfiguration(peakDemand: problem.demand, seed: 3))
            let plan = try policy.plan(ProvisioningRequest(problem: problem)).plan
            guard plan.status != .infeasible else { continue }
            served += 1
            #expect(
                survives(instance, counts(plan.allocation, instance), failure), "\(failure) round \(round)")
        }
        #expect(served > 2, "\(failure): \(served)")
    }

    /// Pins go to the general solver, which says the same in rows.
    @Test func theGeneralSolverAgrees() throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 229)
        var feasible = 0
        for round in 0..<120 {
            let instance = instance(round, &words)
            let failure = Self.failures[round % Self.failures.count]
            var goal = Self.goal(failure)
            // The least of a cap that does not bind is the least without one.
            goal.constraints.powerCap = Watts(1e6)
            let problem: ProvisioningProblem
            do { problem = try instance.problem(goal: goal) } catch ProvisioningError.invalidConstraint {
                continue
            }
            let counts = try planner.plan(problem).plan
            guard let optimum = least(instance, surviving: failure) else {
                #expect(counts.status == .infeasible, "round \(round)")
                continue
            }
            feasible += 1
            let value = counts.objective.value
            #expect(abs(value - optimum) <= 1e-5 * optimum, "\(failure) round \(round)")
        }
        #expect(feasible > 20)
    }

    @Test func losingEveryServerThereIsIsRefused() throws {
        let instance = Instance(available: [3], loads: [5], throughputs: [[10]], powers: [[100]])
        #expect(throws: ProvisioningError.self) { try instance.problem(goal: Self.goal(.anyServers(3))) }
        #expect(throws: ProvisioningError.self) {
            try instance.problem(goal: Self.goal(.anyServersOfOneType(3)))
        }
        #expect(throws: ProvisioningError.self) { try instance.problem(goal: Self.goal(.anyServers(0))) }
        let plan = try IntegerProgramPlanner(gap: .zero).plan(
            instance.problem(goal: Self.goal(.anyServers(2)))
        ).plan
        #expect(plan.allocation[Instance.modelName(0), Instance.typeName(0)] == 3)
    }

    @Test func oneServerMoreIsAllThatEqualServersTake() throws {
        let instance = Instance(available: [10], loads: [38], throughputs: [[10]], powers: [[100]])
        let plan = try IntegerProgramPlanner(gap: .zero).plan(instance.problem(goal: Self.goal())).plan
        #expect(plan.allocation[Instance.modelName(0), Instance.typeName(0)] == 5)
        // The one large server is what a failure would take: four small ones beside it do the work.
        let mixed = Instance(
            available: [1, 10], loads: [38], throughputs: [[40, 10]], powers: [[100, 90]])
        let spare = try IntegerProgramPlanner(gap: .zero).plan(mixed.problem(goal: Self.goal())).plan
        #expect(spare.objective == Watts(450))
        #expect(spare.allocation[Instance.modelName(0), Instance.typeName(1)] == 5)
    }
}
