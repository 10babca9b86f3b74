import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

@Suite struct RiskCoverageTests {
    private func problem(
        _ loads: [ModelID: QueriesPerSecond], _ entries: [EfficiencyEntry], _ counts: [ServerTypeID: Int],
        goal: PlanGoal = PlanGoal()
    ) throws -> ProvisioningProblem {
        try ProvisioningProblem(
            demand: Demand(loads), fleet: Fleet(id: "f", counts: counts),
            efficiency: EfficiencyTable(entries),
            goal: goal)
    }

    private func tail(_ scale: Double) throws -> ErrorTail {
        var stream = RandomStream(seed: 5, name: "errors")
        return try #require(ErrorTail((0..<96).map { _ in scale * stream.normal() }.sorted()))
    }

    @Test func exceedanceFallsFromOneToNothing() throws {
        let tail = try tail(0.05)
        let rates = stride(from: -0.5, through: 0.5, by: 0.01).map { tail.exceedance($0) }
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(abs(rates[0] - 1) < 1e-9 && (rates.last ?? 1) < 1e-9)
        #expect(abs(tail.exceedance(0) - 0.5) < 0.1)
        // Beyond all that was seen a little is left.
        #expect(tail.exceedance(tail.likely.upperBound - 0.06) > 0)
    }

    @Test func tooFewErrorsGiveNoTail() {
        #expect(ErrorTail(Array(repeating: 0.1, count: ErrorTail.samplesMin - 1)) == nil)
    }

    /// Two models with the same errors and load, one on servers that cost four times as much for a query.
    @Test func headroomIsBoughtWhereItIsCheap() throws {
        let problem = try problem(
            ["cheap": QueriesPerSecond(1000), "costly": QueriesPerSecond(1000)],
            [entry("cheap", "s", 10, 100), entry("costly", "s", 10, 400)], ["s": 1000])
        let tail = try tail(0.05)
        let coverage = RiskCoverage(
            problem: problem, forecast: [1000, 1000], tails: [tail, tail], typePrices: nil)
        let (rates, price) = coverage.rates(price: nil, target: 0.05, memory: 0)
        #expect(rates[0] > rates[1])
        #expect(try #require(price) > 0)
        let risks = rates.map { tail.exceedance($0) }
        #expect((risks[0] + risks[1]) / 2 <= 0.05 + 1e-9)
        // One rate for both that is as safe costs more.
        let even = try #require(
            stride(from: -0.1, through: 0.3, by: 0.001).first {
                tail.exceedance($0) <= (risks[0] + risks[1]) / 2
            })
        #expect(100 * rates[0] + 400 * rates[1] < 500 * even)
    }

    @Test func aLowerTargetNeverBuysLess() throws {
        let problem = try problem(
            ["a": QueriesPerSecond(300), "b": QueriesPerSecond(90)],
            [
                entry("a", "s", 10, 100), entry("a", "t", 35, 300), entry("b", "s", 7, 90),
                entry("b", "t", 9, 310),
            ],
            ["s": 200, "t": 40])
        let coverage = RiskCoverage(
            problem: problem, forecast: [300, 90], tails: [try tail(0.1), try tail(0.02)], typePrices: nil)
        var last = [-1.0, -1.0]
        for target in [0.4, 0.1, 0.03, 0.01, 0.001] {
            let rates = coverage.rates(price: nil, target: target, memory: 0).rates
            #expect(zip(rates, last).allSatisfy { $0 >= $1 - 1e-12 }, "target \(target)")
            last = rates
        }
        let kept = try #require(coverage.rates(price: 50, target: 0.1, memory: 1).price)
        #expect(abs(kept - 50) < 1e-9, "a price that is kept")
    }

    @Test func aModelWithoutAForecastKeepsARateOfZero() throws {
        let problem = try problem(
            ["a": .zero, "b": QueriesPerSecond(90)], [entry("a", "s", 10, 100), entry("b", "s", 7, 90)],
            ["s": 100])
        let coverage = RiskCoverage(
            problem: problem, forecast: [0, 90], tails: [try tail(0.1), try tail(0.1)], typePrices: nil)
        let rates = coverage.rates(price: nil, target: 0.01, memory: 0).rates
        #expect(rates[0] == 0 && rates[1] > 0)
    }

    /// A price that nothing decides is not learnt: a quiet night or an overload must not move it for days.
    @Test func aPriceThatDecidesNothingIsNotLearnt() throws {
        let entries = [entry("a", "s", 10, 100)]
        func price(_ load: Double, servers: Int, known: Double?) throws -> Double? {
            RiskCoverage(
                problem: try problem(["a": QueriesPerSecond(load)], entries, ["s": servers]),
                forecast: [load], tails: [try tail(0.05)], typePrices: nil
            ).rates(price: known, target: 0.01, memory: 0.5).price
        }
        #expect(try price(0, servers: 10, known: 7) == 7 && price(0, servers: 10, known: nil) == nil)
        // Eleven servers carry the forecast, and none of its errors.
        #expect(try price(105, servers: 11, known: 7) == 7 && price(105, servers: 11, known: nil) == nil)
        #expect(try price(105, servers: 40, known: 7) != 7)
    }

    @Test func whatIsForetoldAndNotSeenLoosensTheAimAndTheOtherWayRound() {
        func aim(missed: Double) -> Double {
            var record = RiskRecord()
            record.foretold = 0.02
            for _ in 0..<200 { record.learn(missed: missed, window: 96) }
            return record.aim(at: 0.02, window: 96)
        }
        #expect(abs(aim(missed: 0.02) - 0.02) < 1e-12)
        #expect(aim(missed: 0) > 0.02 && aim(missed: 0.1) < 0.02)
        #expect(aim(missed: 1) >= 0.02 / 4 && RiskRecord().aim(at: 0.02, window: 96) == 0.02)
    }

    @Test func expectedCostIsWhatAReplayBooks() throws {
        var goal = PlanGoal(weights: [.drawn: 1])
        goal.rates.idlePowers = ["s": Watts(100), "t": Watts(300)]
        let problem = try problem(
            ["a": QueriesPerSecond(150)], [entry("a", "s", 100, 200), entry("a", "t", 40, 500)],
            ["s": 9, "t": 9], goal: goal)
        // As in `ReplayTests.theBooksOfAnIntervalAddUp`: two servers of type s at 3/4 of their throughput.
        #expect(problem.expectedCost(of: [2, 0], model: 0, load: 150) == 2 * (100 + 100 * 0.75))
        // A server that is far too large costs its idle power and what the load draws.
        let expecting = problem.expecting([10], needed: [10])
        #expect(abs(expecting.cost(of: [0, 1]) - (300 + 200 * 10 / 40)) < 1e-9)
        // Headroom is not drawn: 100 of 125 q/s are expected, on two servers that idle at 100 W.
        let spare = problem.expecting([100], needed: [125])
        #expect(abs(spare.cost(of: [2, 0]) - (2 * 100 + 100 * 100 / 100)) < 1e-9)
        #expect(abs(spare.cost(of: [2, 0]) - spare.expectedCost(of: [2, 0], model: 0, load: 100)) < 1e-9)
        let provisioned = try self.problem(
            ["a": QueriesPerSecond(150)], [entry("a", "s", 100, 200)], ["s": 9])
        #expect(provisioned.expecting([10], needed: [10]).costs == [200])
    }

    @Test func everyKnobHasTheScenariosOwnSettingAmongItsSettings() throws {
        var replay = ReplaySettings(
            policies: ProvisioningPolicies.deciding, subject: "hercules", baseline: "static",
            gap: Fraction(1e-3),
            overProvision: OverProvisionRule(initial: Fraction(0.1), quantile: Quantile(0.99), window: 96))
        for rule in HeadroomRule.allCases {
            for adaptation in [0.0, 0.01] {
                replay.headroomRule = rule
                replay.online = OnlineSettings()
                replay.online?.overProvisionAdaptation = Fraction(adaptation)
                for name in ProvisioningPolicies.deciding {
                    let knob = try ProvisioningPolicies.knob(of: name)
                    let settings = knob.settings(replay)
                    #expect(settings.contains(knob.own(replay)), "\(name) \(rule) \(adaptation)")
                    #expect(settings.map(\.value) == settings.map(\.value).sorted())
                    #expect(settings.count > 4 || name == "oracle")
                }
            }
        }
        #expect(PolicyKnob.risk.own(replay) == PolicySetting(knob: .violationTarget, value: 0.01))
        let changed = PolicySetting(knob: .violationTarget, value: 0.2).applied(to: replay)
        #expect(changed.overProvision.quantile == Quantile(0.8))
        #expect(throws: ProvisioningError.self) { try ProvisioningPolicies.knob(of: "foo") }
    }
}
