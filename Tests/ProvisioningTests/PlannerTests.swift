import Optimization
import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

@Suite struct PlannerTests {
    @Test(arguments: [0.0, 1e-3, 0.05])
    func smallInstancesAgreeWithTryingEveryAllocation(gap: Double) throws {
        let planner = try IntegerProgramPlanner(gap: Fraction(gap))
        var words = SplitMix64(seed: 11)
        var feasible = 0
        for round in 0..<1000 {
            let instance = Instance.random(
                models: 1 + round % 3, types: 1 + round / 3 % 3, servers: 0...3, loadShare: 0.2...1.6,
                zeros: true, using: &words)
            if try agrees(planner, with: instance, "round \(round)") { feasible += 1 }
        }
        #expect(feasible > 300 && feasible < 950, "the instances should not all be of one kind")
    }

    /// Holds a plan against the best of all allocations.
    ///
    /// - Returns: whether any allocation serves the demand.
    private func agrees(
        _ planner: IntegerProgramPlanner, with instance: Instance, _ round: String
    ) throws -> Bool {
        let found = try planner.plan(instance.problem())
        guard let optimum = Exhaustion(instance).leastPower else {
            #expect(found.plan.status == .infeasible, "\(round)")
            return false
        }
        #expect(found.plan.status == .optimal, "\(round): \(found)")
        #expect(found.plan.shortfalls.isEmpty)
        let objective = found.plan.objective.value
        #expect(objective >= optimum * (1 - 1e-12), "\(round)")
        #expect(objective * (1 - planner.gap) <= optimum * (1 + 1e-12), "\(round)")
        let bound = try #require(found.plan.bound)
        #expect(bound.value <= optimum, "\(round): the bound is above the optimum")
        #expect(try #require(found.plan.gap).value <= planner.gap, "\(round)")
        return true
    }

    /// Types that differ by some watts, or by nothing, are drawn together by the planner.
    @Test(arguments: [0.0, 1e-3])
    func instancesWithAlikeTypesAgreeWithTryingEveryAllocation(gap: Double) throws {
        let planner = try IntegerProgramPlanner(gap: Fraction(gap))
        var words = SplitMix64(seed: 41)
        var feasible = 0
        for round in 0..<400 {
            var instance = Instance.random(
                models: 2 + round % 2, types: 1 + round / 2 % 2, servers: 1...2, loadShare: 0.6...2.2,
                zeros: round % 3 == 0, using: &words)
            instance.addAlike([
                (
                    0, Int.random(in: 1...2, using: &words),
                    round % 4 == 0 ? 0 : Double.random(in: 1...90, using: &words)
                )
            ])
            if try agrees(planner, with: instance, "round \(round)") { feasible += 1 }
        }
        #expect(feasible > 100)
    }

    @Test func aDemandThatDoesNotFitIsServedAsFarAsPossible() throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 23)
        var checked = 0
        for round in 0..<250 {
            let instance = Instance.random(
                models: 1 + round % 3, types: 1 + round / 3 % 3, servers: 0...3, loadShare: 0.8...2.5,
                zeros: true, using: &words)
            let truth = Exhaustion(instance)
            guard truth.leastPower == nil else { continue }
            checked += 1
            let found = try planner.plan(instance.problem())
            #expect(found.plan.status == .infeasible)
            #expect(found.plan.bound == nil)
            #expect(found.effort.route == .shortfall)
            let unserved = instance.models.reduce(0) {
                $0 + instance.unserved(instance.capacity(found.plan.allocation, $1), $1)
            }
            #expect(unserved <= truth.leastUnserved + 1e-6, "round \(round)")
            #expect(
                found.plan.objective.value <= truth.leastPowerAtLeastUnserved * (1 + 1e-5), "round \(round)")
            for model in instance.models {
                let missing = instance.loads[model] - instance.capacity(found.plan.allocation, model)
                let shortfall = found.plan.shortfalls.first { $0.model == Instance.modelName(model) }
                if missing > 1e-6 * instance.loads[model] {
                    #expect(abs((shortfall?.load.value ?? 0) - missing) <= 1e-9 * instance.loads[model])
                } else if missing <= 0 {
                    #expect(shortfall == nil)
                }
            }
        }
        #expect(checked > 80)
    }

    /// Where less may be asked for, nobody distributes what stays unserved.
    @Test func aTrialThatDoesNotFitOnlySaysSo() throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 23)
        var misfits = 0
        for round in 0..<150 {
            let instance = Instance.random(
                models: 1 + round % 3, types: 1 + round / 3 % 3, servers: 0...3, loadShare: 0.4...2.5,
                zeros: true, using: &words)
            let problem = try instance.problem()
            let whole = try planner.plan(problem)
            let trial = try planner.plan(problem, isTrial: true)
            if whole.plan.status == .infeasible {
                misfits += 1
                #expect(trial.plan.status == .infeasible && trial.plan.allocation == Allocation())
                #expect(trial.effort.integerPrograms == 0)
            } else if trial.plan.status != .infeasible {
                #expect(problem.isSatisfied(by: problem.counts(of: trial.plan.allocation)))
            }
        }
        #expect(misfits > 40)
    }

    /// Instances large enough for prices, combinations and branching, against the solver at gap 0 on a
    /// program written down here.
    @Test(arguments: [(3, 5, 0.7, 0), (4, 6, 1.1, 0), (5, 6, 1.3, 0), (3, 5, 0.7, 3), (4, 3, 1.2, 4)])
    func boundsHoldAgainstTheSolverAtGapZero(
        models: Int, drawnTypes: Int, share: Double, alikeTypes: Int
    ) throws {
        let gap = alikeTypes > 0 ? 1e-3 : 5e-3
        let planner = try IntegerProgramPlanner(gap: Fraction(gap))
        let solver = try HiGHSSolver()
        let types = drawnTypes + alikeTypes
        var words = SplitMix64(seed: UInt64(models * 100 + types))
        var routes: Set<PlanRoute> = []
        for round in 0..<12 {
            var instance = Instance.random(
                models: models, types: drawnTypes, servers: 2...9, loadShare: share * 0.6...share,
                zeros: false,
                using: &words)
            instance.addAlike(
                (0..<alikeTypes).map { (type: $0 % 2, count: 2 + $0, watts: Double(30 * ($0 / 2))) })
            let found = try planner.plan(instance.problem())
            routes.insert(found.effort.route)
            var program = IntegerProgram()
            for model in instance.models {
                for type in instance.types {
                    program.addColumn(
                        cost: instance.powers[model][type], upper: Double(instance.available[type]),
                        isInteger: true)
                }
            }
            for model in instance.models {
                program.addRow(
                    lower: 1,
                    terms: instance.types.map {
                        (model * types + $0, instance.throughputs[model][$0] / instance.loads[model])
                    })
            }
            for type in instance.types {
                program.addRow(
                    upper: Double(instance.available[type]),
                    terms: instance.models.map { ($0 * types + type, 1) })
            }
            let truth = try solver.solve(
                program, options: IntegerSolveOptions(relativeGap: 0, nodeLimit: 200_000))
            if truth.status == .infeasible {
                #expect(found.plan.status == .infeasible, "round \(round)")
                continue
            }
            #expect(truth.status == .optimal)
            let optimum = try #require(truth.incumbent).objective
            let bound = try #require(found.plan.bound).value
            #expect(bound <= optimum * (1 + 1e-9), "round \(round): \(bound) above \(optimum)")
            #expect(found.plan.objective.value >= optimum * (1 - 1e-9))
            #expect(found.plan.objective.value <= optimum / (1 - gap) * (1 + 1e-9), "round \(round)")
        }
        #expect(!routes.isDisjoint(with: [.priced, .annealed, .combined]))
    }

    @Test func serversThatFitTogetherNeedNoProgram() throws {
        let instance = Instance(
            available: [50, 50], loads: [100, 90], throughputs: [[10, 20], [30, 5]],
            powers: [[100, 150], [200, 100]])
        let found = try IntegerProgramPlanner().plan(instance.problem())
        // m00: five of t01 at 150 W. m01: three of t00 at 200 W.
        #expect(found.plan.objective == Watts(1350))
        #expect(found.effort.route == .uncontested)
        #expect(found.effort.linearPrograms == 0 && found.effort.integerPrograms == 0)
    }

    @Test func aFleetOfTwelveTypesIsPlannedWithoutBranching() throws {
        let planner = try IntegerProgramPlanner()
        var words = SplitMix64(seed: 4)
        for _ in 0..<30 {
            let instance = Instance.random(
                models: 6, types: 12, servers: 5...30, loadShare: 0.3...0.8, zeros: false, using: &words)
            let found = try planner.plan(instance.problem())
            #expect(found.plan.status == .optimal)
            #expect(found.effort.integerPrograms == 0)
            for type in instance.types {
                let used = found.plan.allocation.countsByServerType[Instance.typeName(type)] ?? 0
                #expect(used <= instance.available[type])
            }
        }
    }

    /// Descents from the covers at the best prices settle what took annealing and the solver before.
    @Test func manyModelsAreSettledByDescents() throws {
        let planner = try IntegerProgramPlanner()
        var limits = PlanningLimits()
        limits.descents = 0
        let without = try IntegerProgramPlanner(limits: limits)
        var words = SplitMix64(seed: 59)
        for _ in 0..<4 {
            let instance = Instance.random(
                models: 100, types: 40, servers: 50...150, loadShare: 0.3...0.6, zeros: true, using: &words)
            let problem = try instance.problem()
            let found = try planner.plan(problem)
            let slower = try without.plan(problem)
            #expect(found.plan.status == .optimal)
            #expect(try #require(found.plan.bound) <= slower.plan.objective)
            #expect(try #require(slower.plan.bound) <= found.plan.objective)
            #expect(found.effort.descentPasses > 0 && found.effort.annealingMoves == 0)
            #expect(found.effort.integerPrograms == 0 && found.effort.linearPrograms == 0)
            #expect(found.effort.knapsacks < 20_000)
            #expect(slower.effort.descentPasses == 0 && slower.effort.annealingMoves > 0)
        }
    }

    @Test func theOrderOfTypesChangesNothingInTheObjective() throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 31)
        for _ in 0..<60 {
            let instance = Instance.random(
                models: 3, types: 4, servers: 1...4, loadShare: 0.2...0.9, zeros: true, using: &words)
            let names = instance.types.map(Instance.typeName)
            let plan = try planner.plan(instance.problem()).plan
            let other = try planner.plan(instance.problem(typeNames: names.shuffled(using: &words))).plan
            #expect((plan.status == .infeasible) == (other.status == .infeasible))
            guard plan.status != .infeasible else { continue }
            #expect(abs(plan.objective.value - other.objective.value) <= 2e-6 * plan.objective.value)
        }
    }

    @Test func moreServersNeverCostMore() throws {
        let planner = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 37)
        for _ in 0..<60 {
            var instance = Instance.random(
                models: 3, types: 3, servers: 1...5, loadShare: 0.2...0.9, zeros: true, using: &words)
            let before = try planner.plan(instance.problem()).plan
            instance.available[Int.random(in: 0..<3, using: &words)] += Int.random(in: 1...3, using: &words)
            let after = try planner.plan(instance.problem()).plan
            guard before.status != .infeasible else { continue }
            #expect(after.status != .infeasible)
            #expect(after.objective.value <= before.objective.value * (1 + 2e-6))
        }
    }

    @Test func aPlanDependsOnItsProblemAlone() throws {
        let planner = try IntegerProgramPlanner()
        var words = SplitMix64(seed: 41)
        let problems = try (0..<8).map { _ in
            try Instance.random(
                models: 4, types: 6, servers: 2...9, loadShare: 0.4...1.5, zeros: true, using: &words
            ).problem()
        }
        let first = try problems.map { try planner.plan($0) }
        let again = try problems.reversed().map { try planner.plan($0) }.reversed()
        #expect(first == Array(again))
        #expect(try problems.map { try IntegerProgramPlanner().plan($0) } == first)
    }

    /// A day in small steps: every plan starts from the memory of the one before.
    @Test func plansFromMemoryAreAsSoundAsPlansFromNothing() throws {
        let planner = try IntegerProgramPlanner(gap: Fraction(1e-3))
        let exact = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 47)
        var remembered = 0
        for _ in 0..<6 {
            var instance = Instance.random(
                models: 4, types: 5, servers: 4...12, loadShare: 0.5...0.8, zeros: true, using: &words)
            var memory: PlanningMemory?
            for _ in 0..<10 {
                let problem = try instance.problem()
                let found = try planner.plan(problem, after: memory)
                #expect(try planner.plan(problem, after: memory) == found)
                let truth = try exact.plan(problem).plan
                #expect((found.plan.status == .infeasible) == (truth.status == .infeasible))
                if truth.status != .infeasible {
                    #expect(try #require(found.plan.bound).value <= truth.objective.value * (1 + 1e-9))
                    #expect(found.plan.objective.value >= (try #require(truth.bound).value) * (1 - 1e-9))
                    #expect(found.plan.status == .optimal)
                }
                if found.effort.route == .remembered { remembered += 1 }
                memory = found.memory
                for model in instance.models {
                    instance.loads[model] *= Double.random(in: 0.97...1.03, using: &words)
                }
            }
        }
        #expect(remembered > 0)
    }

    @Test func aMemoryOfOtherServerTypesIsNotUsed() throws {
        let planner = try IntegerProgramPlanner()
        var words = SplitMix64(seed: 53)
        let one = Instance.random(
            models: 4, types: 5, servers: 4...9, loadShare: 0.5...0.8, zeros: false, using: &words)
        let other = Instance.random(
            models: 4, types: 6, servers: 4...9, loadShare: 0.5...0.8, zeros: false, using: &words)
        let memory = try planner.plan(one.problem()).memory
        #expect(try planner.plan(other.problem(), after: memory) == planner.plan(other.problem()))
    }

    @Test func exhaustedLimitsLeaveAnHonestGap() throws {
        let limits = PlanningLimits(
            knapsackNodes: 20, exchangeNodes: 20, priceSteps: 0, descents: 0, annealingMoves: 0,
            coversPerModel: 2, combinationNodes: 2, solverNodes: 1)
        let hasty = try IntegerProgramPlanner(gap: .zero, limits: limits)
        let careful = try IntegerProgramPlanner(gap: .zero)
        var words = SplitMix64(seed: 43)
        for _ in 0..<25 {
            let instance = Instance.random(
                models: 4, types: 6, servers: 2...6, loadShare: 0.4...0.9, zeros: false, using: &words)
            let plan = try hasty.plan(instance.problem()).plan
            let reference = try careful.plan(instance.problem()).plan
            guard plan.status != .infeasible, reference.status == .optimal else { continue }
            #expect(try #require(plan.bound).value <= reference.objective.value)
            #expect(plan.objective.value >= reference.objective.value * (1 - 2e-6))
            #expect((plan.status == .optimal) == (try #require(plan.gap).value <= hasty.gap))
        }
    }

    @Test func noLoadNeedsNoServers() throws {
        let instance = Instance(available: [3], loads: [0], throughputs: [[10]], powers: [[100]])
        let plan = try IntegerProgramPlanner().plan(instance.problem()).plan
        #expect(plan.status == .optimal && plan.objective == .zero && plan.gap == .zero)
        #expect(plan.allocation == Allocation())
    }

    @Test func aRoundingErrorInTheLoadBuysNoServer() throws {
        // 1.1 * 100 is a hair above 110, which ten servers of 11 queries/s serve.
        let instance = Instance(available: [20], loads: [1.1 * 100], throughputs: [[11]], powers: [[100]])
        #expect(try IntegerProgramPlanner().plan(instance.problem()).plan.objective == Watts(1000))
    }
}
