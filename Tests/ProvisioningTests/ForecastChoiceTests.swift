import Provisioning
import Quantities
import Testing
import Vocabulary

/// Several forecasters of one model, of which one is in force.
@Suite struct ForecastChoiceTests {
    /// What is decided for intervals of a load that alternates, with some forecasters.
    private func decisions(_ forecasters: [any Forecaster], count: Int = 60) throws -> [ProvisionerDecision] {
        let problem = try ProvisioningProblem(
            demand: Demand(["a": .zero]), fleet: Fleet(id: "f", counts: ["s": 1000]),
            efficiency: EfficiencyTable([entry("a", "s", 1, 100)]))
        var configuration = ProvisionerConfiguration(
            rule: OverProvisionRule(initial: Fraction(0.1), quantile: Quantile(0.75), window: 8))
        configuration.forecasters = ["a": forecasters]
        let core = ProvisionerCore(policy: GreedyPolicy(), problem: problem, configuration: configuration)
        var state = ProvisionerState()
        return try (0..<count).map { index in
            let observed = Demand(["a": QueriesPerSecond(Alternation.load(max(0, index - 1)))])
            let decision = try core.decide(state, .intervalStarting(index: index, observed: observed))
            state = decision.state
            return decision
        }
    }

    @Test func whoErrsLeastIsInForceWithErrorsOfItsOwn() throws {
        for (index, decision) in try decisions([LastValueForecaster(), Alternation()]).enumerated().suffix(30)
        {
            #expect(decision.forecast == Demand(["a": QueriesPerSecond(Alternation.load(index))]))
            // The last value is too low by half every other time; whoever knows the load needs no headroom.
            #expect(decision.overProvision["a"] == .zero)
        }
        let last = try #require(try decisions([LastValueForecaster()]).last)
        #expect(last.overProvision["a"] == Fraction(1))
    }

    @Test func whoIsWorseNeverComesInForce() throws {
        let alone = try decisions([Alternation()])
        let beside = try decisions([Alternation(), LastValueForecaster()])
        #expect(alone.map(\.forecast) == beside.map(\.forecast))
        #expect(alone.map(\.overProvision) == beside.map(\.overProvision))
    }

    @Test func aTrialSaysWhoIsChosenAndHowFarEachIsOff() throws {
        var configuration = ProvisionerConfiguration(
            rule: OverProvisionRule(initial: Fraction(0.1), quantile: Quantile(0.75), window: 8))
        configuration.forecasters = ["a": [LastValueForecaster(), Alternation()]]
        let loads = (0..<60).map { QueriesPerSecond(Alternation.load($0)) }
        let choices = ForecastTrial(configuration).choices(
            on: Trace(
                name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: 900), loads: ["a": loads]))
        #expect(choices.map(\.forecaster) == ["last_value", "alternation"])
        #expect(choices.map(\.isChosen) == [false, true])
        #expect(abs(choices[0].inForce.value + choices[1].inForce.value - 1) < 1e-12)
        #expect(choices[1].inForce > Fraction(0.8) && choices[1].weightedError == .zero)
        // All but the first load are off by 100 of 150 on average.
        let off = try #require(choices[0].weightedError).value
        #expect(abs(off - 59.0 * 100 / (60 * 150)) < 1e-12)
        let losses = choices.compactMap(\.pinballLoss)
        #expect(losses.count == 2 && losses[0] > losses[1])
    }

    @Test func theFirstStaysInForceWhereAnotherIsNoBetter() throws {
        let twins = try decisions([LastValueForecaster(), LastValueForecaster()])
        #expect(twins.map(\.forecast) == (try decisions([LastValueForecaster()])).map(\.forecast))
    }
}

/// Knows a load that doubles and halves. As in a replay, the first load is seen before its interval.
private struct Alternation: Forecaster {
    static let name = "alternation"
    private var seen = 0

    static func load(_ index: Int) -> Double { index % 2 == 0 ? 100 : 200 }

    mutating func observe(_ load: Double) { seen += 1 }

    func forecast(steps: Int) -> [Double] { (0..<steps).map { Self.load(seen - 1 + $0) } }
}
