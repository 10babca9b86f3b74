import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

/// Loads split over variants: closed forms, brute force, and what bounds promise.
@Suite struct VariantPlannerTests {
    private static func accuracy(_ value: Double) -> ModelAccuracy {
        ModelAccuracy(
            value: Fraction(value), samples: 10_000, dataSet: "d", split: "test", provenance: .published,
            precision: .int8)
    }

    private static func task(
        _ accuracies: [Double], floor: Double?, query: Double? = nil, caps: [Double?] = []
    ) -> ServedTask {
        ServedTask(
            id: "task",
            variants: accuracies.enumerated().map { index, value in
                ServedTask.Variant(
                    model: ModelID("v\(index)"), accuracy: accuracy(value),
                    shareMax: index < caps.count ? caps[index].map { Fraction($0) } : nil)
            }, meanFloor: floor.map { Fraction($0) }, queryFloor: query.map { Fraction($0) })
    }

    /// - Parameter figures: queries/s and watts by variant, then by type.
    private static func problem(
        _ task: ServedTask, load: Double, figures: [[(Double, Double)]], available: [Int],
        cap: Double? = nil
    ) throws -> VariantProblem {
        var goal = PlanGoal()
        goal.constraints.powerCap = cap.map { Watts($0) }
        let entries = figures.enumerated().flatMap { variant, row in
            row.enumerated().map { type, one in
                entry(ModelID("v\(variant)"), ServerTypeID("t\(type)"), one.0, one.1)
            }
        }
        return try VariantProblem(
            demand: Demand(["task": QueriesPerSecond(load)]), tasks: [task],
            fleet: Fleet(
                id: "f",
                counts: Dictionary(
                    uniqueKeysWithValues: available.enumerated().map { (ServerTypeID("t\($0)"), $1) })),
            efficiency: EfficiencyTable(entries), goal: goal)
    }

    /// Two variants, one type, servers small beside the load: the accurate one's share is
    /// (A - a1) / (a2 - a1), and power follows the line between the two.
    @Test(arguments: [0.5, 0.55, 0.6, 0.72, 0.8, 0.9])
    func twoVariantsMixOnTheLine(floor: Double) throws {
        let (low, high, load) = (0.5, 0.9, 100_000.0)
        let found = try VariantPlanner().plan(
            Self.problem(
                Self.task([high, low], floor: floor), load: load, figures: [[(10, 40)], [(25, 20)]],
                available: [100_000]))
        let share = (floor - low) / (high - low)
        let power = load * (20 / 25.0 + share * (40 / 10.0 - 20 / 25.0))
        #expect(found.0.plan.status == .optimal)
        #expect(abs(found.0.plan.objective.value / power - 1) < 2e-3, "\(found.0.plan.objective)")
        let split = try #require(found.0.splits.first)
        let mean = try #require(split.meanAccuracy)
        #expect(mean.value >= floor - 1e-6)
        // Mixing beats serving everything by the accurate one, and a point costs the slope of the line.
        if floor < high {
            #expect(found.0.plan.objective.value < load * 4)
            let slope = load * (4 - 0.8) / (high - low) / 100
            let point = try #require(split.costOfPoint)
            #expect(floor == low || abs(point / slope - 1) < 1e-3, "\(point) against \(slope)")
        }
    }

    @Test func powerGrowsAndBendsUpWithTheFloor() throws {
        var words = SplitMix64(seed: 4)
        for _ in 0..<5 {
            let accuracies = (0..<4).map { _ in Double.random(in: 0.5...0.9, using: &words) }
            let figures = accuracies.map { accuracy in
                (0..<2).map { _ in
                    (
                        Double.random(in: 5...20, using: &words) / accuracy,
                        Double.random(in: 10...40, using: &words)
                    )
                }
            }
            let (low, high) = (accuracies.min() ?? 0, accuracies.max() ?? 1)
            let watts = try (0...10).map { step in
                let floor = min(high, low + (high - low) * Double(step) / 10)
                return try VariantPlanner().plan(
                    Self.problem(
                        Self.task(accuracies, floor: floor), load: 50_000, figures: figures,
                        available: [50_000, 50_000])
                ).0.plan.objective.value
            }
            for (before, after) in zip(watts, watts.dropFirst()) { #expect(after >= before * (1 - 1e-3)) }
            for place in 1..<10 {
                let middle = (watts[place - 1] + watts[place + 1]) / 2
                #expect(watts[place] <= middle * (1 + 2e-3), "convex at \(place)")
            }
        }
    }

    /// Every allocation of a small fleet, by its split of highest accuracy.
    private static func leastPower(
        _ task: ServedTask, load: Double, figures: [[(Double, Double)]], available: [Int]
    ) -> Double? {
        let order = task.admitted.map { Int($0.model.name.dropFirst()) ?? 0 }
        let pairs = order.flatMap { variant in figures[variant].indices.map { (variant, $0) } }
        var counts = pairs.map { _ in 0 }
        var least: Double?
        while true {
            var used = available.map { _ in 0 }
            for (place, pair) in pairs.enumerated() { used[pair.1] += counts[place] }
            if zip(used, available).allSatisfy({ $0 <= $1 }) {
                let watts = pairs.indices.reduce(0.0) {
                    $0 + Double(counts[$1]) * figures[pairs[$1].0][pairs[$1].1].1
                }
                var (left, right) = (load, 0.0)
                for variant in order {
                    let room = pairs.indices.filter { pairs[$0].0 == variant }.reduce(0.0) {
                        $0 + Double(counts[$1]) * figures[variant][pairs[$1].1].0
                    }
                    let cap = task.variants.first { $0.model.name == "v\(variant)" }?.shareMax?.value ?? 1
                    let taken = min(left, room, cap * load)
                    left -= taken
                    right +=
                        taken
                        * (task.variants.first { $0.model.name == "v\(variant)" }?.accuracy.value.value ?? 0)
                }
                let isMet = task.meanFloor.map { right >= ($0.value - 1e-9) * load } ?? true
                if left <= 1e-9, isMet { least = min(least ?? .infinity, watts) }
            }
            guard let place = counts.indices.last(where: { counts[$0] < available[pairs[$0].1] }) else {
                return least
            }
            counts[place] += 1
            for later in (place + 1)..<max(counts.count, place + 1) { counts[later] = 0 }
        }
    }

    @Test(arguments: [false, true])
    func smallInstancesAgreeWithTryingEveryAllocation(hasCaps: Bool) throws {
        let planner = try VariantPlanner(gap: Fraction(1e-6))
        var words = SplitMix64(seed: hasCaps ? 8 : 7)
        var (served, mixed) = (0, 0)
        for round in 0..<120 {
            let variants = 2 + round % 2
            let accuracies = (0..<variants).map { _ in Double.random(in: 0.5...0.9, using: &words) }
            let available = [Int.random(in: 1...3, using: &words), Int.random(in: 1...3, using: &words)]
            let figures = accuracies.map { _ in
                available.map { _ in
                    (Double.random(in: 5...30, using: &words), Double.random(in: 10...60, using: &words))
                }
            }
            let best = accuracies.max() ?? 1
            let floor = Double.random(in: 0.5...best, using: &words)
            let caps: [Double?] =
                hasCaps ? accuracies.map { _ in Double.random(in: 0.3...1, using: &words) } : []
            let task = Self.task(accuracies, floor: floor, caps: caps)
            let load = Double.random(in: 5...60, using: &words)
            let (found, _) = try planner.plan(
                Self.problem(task, load: load, figures: figures, available: available))
            guard
                let optimum = Self.leastPower(task, load: load, figures: figures, available: available)
            else {
                #expect(found.plan.status == .infeasible, "round \(round)")
                continue
            }
            served += 1
            mixed += (found.splits.first?.shares.count ?? 0) > 1 ? 1 : 0
            #expect(found.plan.status == .optimal, "round \(round): \(found.plan)")
            #expect(abs(found.plan.objective.value - optimum) < 1e-3, "round \(round)")
            let bound = try #require(found.plan.bound)
            #expect(bound.value <= optimum + 1e-6, "round \(round): the bound is above the optimum")
        }
        #expect(served > 30 && mixed > 10, "\(served) served, \(mixed) mixed")
    }

    @Test func aCapOnPowerBuysTheHighestAccuracy() throws {
        let task = Self.task([0.9, 0.5], floor: nil)
        func plan(_ cap: Double) throws -> VariantPlan {
            try VariantPlanner().plan(
                Self.problem(task, load: 1000, figures: [[(10, 40)], [(25, 20)]], available: [500], cap: cap)
            ).0
        }
        let rich = try plan(5000)
        #expect(rich.plan.objective == Watts(4000))
        #expect(rich.splits[0].meanAccuracy == Fraction(0.9))
        // 40 small servers take 800 W; what is left swaps small ones for large ones.
        let tight = try plan(2400)
        #expect(tight.plan.shortfalls.isEmpty && tight.plan.objective <= Watts(2400))
        let mean = try #require(tight.splits[0].meanAccuracy)
        #expect(abs(mean.value - (0.5 + 0.4 * 0.5)) < 0.01, "\(mean)")
        let poor = try plan(400)
        #expect(poor.plan.status == .infeasible)
        let unserved = try #require(poor.plan.shortfalls.first)
        #expect(unserved.model == "task" && abs(unserved.load.value - 500) < 1e-6)
    }

    @Test func aFloorThatNoVariantReachesNamesTheBest() throws {
        for task in [Self.task([0.7, 0.6], floor: 0.8), Self.task([0.7, 0.6], floor: nil, query: 0.75)] {
            do {
                _ = try Self.problem(task, load: 1, figures: [[(1, 1)], [(1, 1)]], available: [1])
                Issue.record("a floor above every variant was taken")
            } catch ProvisioningError.floorOutOfReach(let name, _, let best, let accuracy) {
                #expect(name == "task" && best == "v0" && accuracy == Fraction(0.7))
            }
        }
    }

    @Test func variantsBelowTheFloorOfAQueryAnswerNothing() throws {
        let (found, _) = try VariantPlanner().plan(
            Self.problem(
                Self.task([0.9, 0.5], floor: nil, query: 0.6), load: 100, figures: [[(10, 40)], [(25, 20)]],
                available: [50]))
        #expect(found.splits[0].shares.map(\.model) == ["v0"])
    }

    @Test func aModelWithoutATaskIsServedBesideIt() throws {
        let problem = try VariantProblem(
            demand: Demand(["alone": QueriesPerSecond(30), "task": QueriesPerSecond(10)]),
            tasks: [Self.task([0.9], floor: 0.8)], fleet: Fleet(id: "f", counts: ["t0": 10]),
            efficiency: EfficiencyTable([entry("alone", "t0", 10, 5), entry("v0", "t0", 10, 7)]),
            goal: PlanGoal())
        let (found, _) = try VariantPlanner().plan(problem)
        #expect(found.plan.allocation["alone", "t0"] == 3 && found.plan.allocation["v0", "t0"] == 1)
    }
}

/// Variants chosen interval by interval.
@Suite struct VariantControllerTests {
    private func controller(_ policy: VariantPolicy) throws -> VariantController {
        let accuracies = [0.9, 0.5]
        let task = ServedTask(
            id: "task",
            variants: accuracies.enumerated().map { index, value in
                ServedTask.Variant(
                    model: ModelID("v\(index)"),
                    accuracy: ModelAccuracy(
                        value: Fraction(value), samples: 1000, dataSet: "d", split: "s",
                        provenance: .estimated, precision: .int8))
            }, meanFloor: Fraction(0.7))
        let problem = try VariantProblem(
            demand: Demand(["task": QueriesPerSecond(1)]), tasks: [task],
            fleet: Fleet(id: "f", counts: ["t0": 20]),
            efficiency: EfficiencyTable([entry("v0", "t0", 10, 40), entry("v1", "t0", 30, 20)]),
            goal: PlanGoal())
        return try VariantController(
            policy, problem: problem,
            configuration: ProvisionerConfiguration(
                rule: OverProvisionRule(initial: .zero, quantile: Quantile(0.9), window: 4)))
    }

    private func starts(_ decision: VariantController.Decision) -> [ModelID: Int] {
        decision.actions.reduce(into: [:]) { sum, action in
            sum[action.model, default: 0] += action.isStart ? action.count : -action.count
        }
    }

    private func decide(_ controller: inout VariantController, _ index: Int, _ load: Double) throws
        -> VariantController.Decision
    {
        try controller.decide(
            .intervalStarting(index: index, observed: Demand(["task": QueriesPerSecond(load)])))
    }

    @Test func eachPolicyStartsItsOwnVariants() throws {
        for (policy, expected) in [
            (VariantPolicy.fixedBest, ["v0": 9]), (.fixedSmallest, ["v1": 3]), (.greedyByLoad, ["v0": 9]),
        ] {
            var controller = try controller(policy)
            let found = starts(try decide(&controller, 0, 90))
            #expect(
                found == Dictionary(uniqueKeysWithValues: expected.map { (ModelID($0), $1) }), "\(policy)")
        }
        var controller = try controller(.variants)
        let found = starts(try decide(&controller, 0, 90))
        #expect((found["v0"] ?? 0) >= 5 && (found["v1"] ?? 0) >= 1, "a mixture: \(found)")
    }

    @Test func greedyDropsAVariantWhenItIsLateAndComesBack() throws {
        var controller = try controller(.greedyByLoad)
        _ = try decide(&controller, 0, 90)
        // More than nine servers of the best could answer: late.
        let dropped = starts(try decide(&controller, 1, 150))
        #expect((dropped["v1"] ?? 0) > 0)
        var last: [ModelID: Int] = [:]
        for index in 2..<8 {
            let now = starts(try decide(&controller, index, 90))
            if !now.isEmpty { last = now }
        }
        #expect((last["v0"] ?? 0) > 0, "\(last)")
    }

    @Test func missingLoadsAreNamed() throws {
        var controller = try controller(.variants)
        #expect(throws: ProvisioningError.missingObservation(model: "task")) {
            try controller.decide(.intervalStarting(index: 0, observed: Demand([:])))
        }
    }
}
