import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

/// The look-ahead, one interval after the other, against the exact program over all intervals at once.
///
/// Both know the loads to come. The exact one is found by dynamic programming over every allocation of every
/// interval.
@Suite struct LookAheadGapTests {
    private static let seconds = 300.0
    private static let limits = [4, 3]
    private let times = StartTimes(
        boot: Nanoseconds(seconds: 200), modelLoads: [:], drain: Nanoseconds(seconds: 10),
        idleHold: Nanoseconds(seconds: 90), startingLoad: Fraction(0.5),
        idlePowers: ["s": Watts(100), "t": Watts(220)])

    private func problem(_ load: Double) throws -> ProvisioningProblem {
        var goal = PlanGoal(weights: [.drawn: 1])
        goal.rates.idlePowers = times.idlePowers
        let plain = try ProvisioningProblem(
            demand: Demand(["a": QueriesPerSecond(load)]),
            fleet: Fleet(id: "f", counts: ["s": Self.limits[0], "t": Self.limits[1]]),
            efficiency: EfficiencyTable([entry("a", "s", 10, 200), entry("a", "t", 30, 520)]), goal: goal)
        return plain.expecting([load], needed: [load])
    }

    /// What a replay books for one interval: what is drawn, starts, and ends.
    private func joules(
        _ counts: [Int], after before: [Int], _ problem: ProvisioningProblem, _ costs: SwitchingCosts
    ) -> Double {
        let drawn = problem.expectedCost(of: counts, model: 0, load: problem.loads[0]) * Self.seconds
        return counts.indices.reduce(drawn) { sum, pair in
            let more = counts[pair] - before[pair]
            return sum + Double(max(0, more)) * costs.joulesBooked[pair]
                + Double(max(0, -more)) * costs.joulesToStop[pair]
        }
    }

    private static let allocations = (0...limits[0]).flatMap { first in
        (0...limits[1]).map { [first, $0] }
    }

    private func exact(_ loads: [Double], from start: [Int]) throws -> Double {
        var least = [start: 0.0]
        for load in loads {
            let problem = try problem(load)
            let costs = SwitchingCosts(problem, times: times)
            var next: [[Int]: Double] = [:]
            for counts in Self.allocations
            where problem.isServed(
                model: 0, by: problem.capacity(of: counts, model: 0))
            {
                next[counts] = least.map { $0.value + joules(counts, after: $0.key, problem, costs) }.min()
            }
            least = next
        }
        return try #require(least.values.min())
    }

    /// - Parameter isAhead: false weighs no starts, as a plan of one interval does.
    private func stepwise(_ loads: [Double], from start: [Int], isAhead: Bool) throws -> Double {
        let policy = try ProvisioningPolicies.named(
            "hercules",
            configuration: PolicyConfiguration(peakDemand: try problem(1).demand, seed: 1, gap: .zero))
        var running = start
        var sum = 0.0
        for index in loads.indices {
            let plain = try problem(loads[index])
            let costs = SwitchingCosts(plain, times: times)
            let ahead = LookAhead(
                plain, costs: costs, course: [Array(loads[index...])], rates: [0],
                intervalSeconds: Self.seconds)
            let weighed =
                isAhead
                ? plain.weighingStarts(
                    running: running, startCosts: ahead.startCosts(needed: [loads[index]])) : plain
            let plan = try policy.plan(ProvisioningRequest(problem: weighed)).plan
            var counts = plain.counts(of: plan.allocation)
            if isAhead { counts = ahead.retaining(counts, running: running) }
            sum += joules(counts, after: running, plain, costs)
            running = counts
        }
        return sum
    }

    @Test func theLookAheadIsCloserToTheExactProgramThanAPlanOfOneInterval() throws {
        var stream = RandomStream(seed: 7, name: "course")
        var (best, ahead, alone, worst) = (0.0, 0.0, 0.0, 0.0)
        for _ in 0..<60 {
            var load = 40.0
            let loads = (0..<8).map { _ -> Double in
                load = min(120, max(5, load * (1 + 0.35 * stream.normal())))
                return load
            }
            let least = try exact(loads, from: [1, 1])
            let found = try stepwise(loads, from: [1, 1], isAhead: true)
            #expect(found >= least * (1 - 1e-9), "nothing undercuts the exact program")
            best += least
            ahead += found
            alone += try stepwise(loads, from: [1, 1], isAhead: false)
            worst = max(worst, found / least - 1)
        }
        let gaps = "look-ahead \(ahead / best - 1), at most \(worst); without \(alone / best - 1)"
        print("Over the exact program of several intervals: \(gaps)")
        #expect(ahead < alone)
        #expect(ahead / best - 1 < 0.03)
    }
}
