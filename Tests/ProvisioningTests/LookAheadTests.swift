import Provisioning
import Quantities
import Testing
import Vocabulary

/// Starts and stops weighed over the expected course of the load.
@Suite struct LookAheadTests {
    private func problem(_ goal: PlanGoal = PlanGoal(weights: [.drawn: 1])) throws -> ProvisioningProblem {
        try ProvisioningProblem(
            demand: Demand(["a": QueriesPerSecond(100)]), fleet: Fleet(id: "f", counts: ["s": 20, "t": 5]),
            efficiency: EfficiencyTable([entry("a", "s", 10, 200), entry("a", "t", 40, 600)]), goal: goal)
    }

    /// Boots in 200 s, drains in 10 s, is held for 90 s.
    private let times = StartTimes(
        boot: Nanoseconds(seconds: 200), modelLoads: [:], drain: Nanoseconds(seconds: 10),
        idleHold: Nanoseconds(seconds: 90), startingLoad: Fraction(0.5),
        idlePowers: ["s": Watts(100), "t": Watts(300)])

    private func ahead(
        _ course: [Double], goal: PlanGoal = PlanGoal(weights: [.drawn: 1])
    ) throws -> LookAhead {
        let problem = try problem(goal)
        return LookAhead(
            problem, costs: SwitchingCosts(problem, times: times), course: [course], rates: [0],
            intervalSeconds: 300)
    }

    @Test func switchingCostsAreWhatAReplayBooks() throws {
        let costs = SwitchingCosts(try problem(), times: times)
        // Starting at half way between idle and full: 150 W and 450 W for 200 s; then 100 s idle.
        #expect(costs.joulesBooked == [30_000, 90_000])
        #expect(costs.joulesToStop == [10_000, 30_000])
    }

    @Test func aStartIsSpreadOverTheTimeInWhichItIsNeeded() throws {
        // A server of type s is needed until the load has fallen by 5, one of type t until it has by 20.
        let short = try ahead([120, 105, 99, 120]).startCosts(needed: [120])
        #expect(short == [40_000 / 300.0, 120_000 / 600.0])
        let long = try ahead([120, 120, 120, 116]).startCosts(needed: [120])
        #expect(long == [40_000 / 1200.0, 120_000 / 1200.0])
        // One server is enough, and serves until half of the load is left.
        #expect(try ahead([8, 5, 4, 4]).startCosts(needed: [8]) == [40_000 / 600.0, 120_000 / 600.0])
    }

    @Test func startsCostMoneyWhereMoneyCounts() throws {
        var goal = PlanGoal(weights: [.money: 1])
        goal.rates.energyPricePerKilowattHour = 0.5
        goal.rates.facilityFactor = 1.2
        let drawn = try ahead([120]).startCosts(needed: [120])
        let money = try ahead([120], goal: goal).startCosts(needed: [120])
        for (watts, amount) in zip(drawn, money) {
            #expect(abs(amount - watts / 1000 * 1.2 * 0.5) < 1e-12)
        }
    }

    @Test func aServerThatIsNeededAgainSoonIsHeld() throws {
        // Twelve run and ten are needed now. One idle interval costs 30 kJ, an end and a start 40 kJ.
        func held(_ course: [Double]) throws -> [Int] {
            try ahead(course).retaining([10, 0], running: [12, 0])
        }
        #expect(try held([100, 120, 120]) == [12, 0])
        #expect(try held([100, 105, 120]) == [11, 0])
        #expect(try held([100, 100, 120]) == [10, 0])
        #expect(try held([100, 100, 100]) == [10, 0])
        #expect(try held([100, 90, 80]) == [10, 0])
    }

    @Test func noMoreIsHeldThanIsFree() throws {
        let problem = try problem().replacingAvailability([11, 5])
        let ahead = LookAhead(
            problem, costs: SwitchingCosts(problem, times: times), course: [[100, 120]], rates: [0],
            intervalSeconds: 300)
        #expect(ahead.retaining([10, 0], running: [12, 0]) == [11, 0])
    }

    @Test func scenariosThatSayNothingLookAheadWhereStartsTakeTime() throws {
        func intervals(_ times: StartTimes, _ online: OnlineSettings?) throws -> Int? {
            let replay = ReplaySettings(
                policies: ["hercules"], subject: "hercules", baseline: "hercules", gap: Fraction(1e-3),
                overProvision: OverProvisionRule(initial: .zero, quantile: Quantile(0.9), window: 9),
                online: online)
            let trace = Trace(
                name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: 300),
                loads: ["a": [QueriesPerSecond(1)]])
            return try ProvisionerConfiguration(
                replay, trace: trace, startTimes: times, view: .forecast
            ) { _, _, _ in LastValueForecaster() }.lookAheadIntervals
        }
        var online = OnlineSettings()
        #expect(try intervals(times, online) == 8 && intervals(.instant, online) == nil)
        online.lookAheadIntervals = 3
        #expect(try intervals(times, online) == 3)
        online.lookAheadIntervals = nil
        online.switchingHorizon = Nanoseconds(seconds: 600)
        #expect(try intervals(times, online) == nil)
    }

    /// A load that dips for one interval in four: without the look-ahead servers go and come.
    @Test func aDipIsSatOutWhereTheForecastKnowsItsEnd() throws {
        func changes(_ intervals: Int?) throws -> Int {
            var configuration = ProvisionerConfiguration(
                rule: OverProvisionRule(initial: .zero, quantile: Quantile(0.5), window: 1000),
                interval: Nanoseconds(seconds: 300))
            configuration.startTimes = times
            configuration.lookAheadIntervals = intervals
            configuration.forecasters = ["a": [Wave()]]
            configuration.looksAhead = false
            let core = ProvisionerCore(
                policy: try ProvisioningPolicies.named(
                    "hercules",
                    configuration: PolicyConfiguration(peakDemand: try problem().demand, seed: 1)),
                problem: try problem(), configuration: configuration)
            var state = ProvisionerState()
            var serving = Allocation()
            var changes = 0
            for index in 0..<16 {
                let fleet = FleetObservation(
                    serving: serving, starting: Allocation(), draining: Allocation(),
                    available: ["s": 20, "t": 5])
                let decision = try core.decide(
                    state,
                    .intervalStarting(
                        index: index, observed: Demand(["a": QueriesPerSecond(Wave.load(index - 1))]),
                        fleet: fleet))
                for action in decision.actions {
                    if index > 0 { changes += action.count }
                    switch action {
                    case .start(let model, let type, let count): serving[model, type] += count
                    case .stop(let model, let type, let count): serving[model, type] -= count
                    }
                }
                state = decision.state
            }
            return changes
        }
        #expect(try changes(nil) > 0)
        #expect(try changes(4) == 0)
    }
}

/// Knows a load that dips in every fourth interval.
private struct Wave: Forecaster {
    static let name = "wave"
    private var seen = 0

    static func load(_ index: Int) -> Double { index % 4 == 3 ? 80 : 120 }

    mutating func observe(_ load: Double) { seen += 1 }

    func forecast(steps: Int) -> [Double] { (0..<steps).map { Self.load(seen - 1 + $0) } }
}
