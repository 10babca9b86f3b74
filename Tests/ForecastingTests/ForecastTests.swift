import Forecasting
import Quantities
import Randomness
import Testing
import Vocabulary

@Suite struct ForecastTests {
    private func forecaster(_ name: String, season: Int, long: Int? = nil, truth: [Double] = []) throws
        -> any Forecaster
    {
        try Forecasters.named(
            name, configuration: ForecasterConfiguration(season: season, longSeason: long), truth: truth)
    }

    /// A day of 24 values and a week of 7 such days, without noise.
    private func load(_ hour: Int) -> Double {
        let day = [3.0, 2, 2, 1, 1, 2, 4, 6, 8, 9, 9, 10, 11, 10, 9, 9, 8, 8, 9, 10, 8, 6, 5, 4]
        return 100 * day[hour % 24] + (hour / 24 % 7 >= 5 ? -80 : 0) + 200
    }

    private func error(
        _ name: String, hours: Int, from first: Int, ahead: Int, long: Int? = nil
    ) throws -> Double {
        let series = (0..<hours).map(load)
        var forecaster = try forecaster(name, season: 24, long: long, truth: series)
        forecaster.observe(series[0])
        var sum = 0.0
        var total = 0.0
        for hour in 0..<(hours - ahead) {
            let found = forecaster.forecast(steps: ahead)[ahead - 1]
            if hour >= first {
                sum += abs(found - series[hour + ahead - 1])
                total += series[hour + ahead - 1]
            }
            forecaster.observe(series[hour])
        }
        return sum / total
    }

    @Test func everyForecasterIsListedOnceAndSaysZeroBeforeItHasSeenAnything() throws {
        #expect(Forecasters.names == ["last_value", "seasonal_naive", "holt_winters", "quantile", "oracle"])
        for name in Forecasters.names {
            #expect(try forecaster(name, season: 4).forecast(steps: 3) == [0, 0, 0])
        }
        #expect(throws: ForecastingError.unknownForecaster(name: "tarot", known: Forecasters.names)) {
            _ = try forecaster("tarot", season: 4)
        }
    }

    @Test func theOracleIsNeverWrong() throws {
        #expect(try error("oracle", hours: 300, from: 0, ahead: 1) == 0)
        #expect(try error("oracle", hours: 300, from: 0, ahead: 5) == 0)
    }

    @Test func seasonsAreLearnt() throws {
        // Weekends differ from working days: repeating the day before misses both changes of every week.
        let naive = try error("seasonal_naive", hours: 24 * 42, from: 24 * 35, ahead: 1)
        let single = try error("holt_winters", hours: 24 * 42, from: 24 * 35, ahead: 1)
        let double = try error("holt_winters", hours: 24 * 84, from: 24 * 77, ahead: 1, long: 168)
        let last = try error("last_value", hours: 24 * 42, from: 24 * 35, ahead: 1)
        #expect(naive < 0.05 && single < naive && double < naive && naive < last)
        #expect(single < 0.01 && double < 0.01)
        #expect(try error("quantile", hours: 24 * 42, from: 24 * 35, ahead: 1) < last)
        #expect(try error("quantile", hours: 24 * 42, from: 24 * 35, ahead: 4) < 0.1)
    }

    @Test func forecastsAreValues() throws {
        for name in ["last_value", "seasonal_naive", "holt_winters", "quantile"] {
            var one = try forecaster(name, season: 6)
            for hour in 0..<60 { one.observe(load(hour)) }
            var other = one
            other.observe(5)
            #expect(AnyHashable(one) != AnyHashable(other))
            one.observe(5)
            #expect(AnyHashable(one) == AnyHashable(other), "\(name)")
            #expect(one.forecast(steps: 12) == other.forecast(steps: 12))
            #expect(one.forecast(steps: 12).allSatisfy { $0 >= 0 && $0.isFinite })
        }
    }

    @Test func headroomComesToTheViolationsAimedAt() {
        // Noise whose size doubles half-way: a plain window lags behind, adaptation makes up for it.
        var words = SplitMix64(seed: 11)
        let series = (0..<8000).map { index -> QueriesPerSecond in
            let noise = Double.random(in: -1...1, using: &words) + Double.random(in: -1...1, using: &words)
            return QueriesPerSecond(1000 + (index < 4000 ? 40 : 160) * noise)
        }
        func score(_ adaptation: Double, violations: Double) -> ForecastScore {
            ForecastBacktest(
                rule: OverProvisionRule(
                    initial: Fraction(0.1), quantile: Quantile(1 - violations), window: 200),
                adaptation: Fraction(adaptation), horizon: 1, warmUp: 500
            ).score(LastValueForecaster(), on: series, model: "m")
        }
        for violations in [0.02, 0.1] {
            let plain = score(0, violations: violations)
            let adapted = score(0.01, violations: violations)
            #expect(abs((plain.coverage?.value ?? 0) - (1 - violations)) < 0.02)
            #expect(abs((adapted.coverage?.value ?? 0) - (1 - violations)) < 0.005)
            #expect((plain.pinballLoss?.value ?? 1) < 0.03)
        }
        // A pinball loss by hand: forecast with headroom 1000 * 1.1 against loads of 1000 and 1200 at p90.
        let two = ForecastBacktest(
            rule: OverProvisionRule(initial: Fraction(0.1), quantile: Quantile(0.9), window: 100), horizon: 1,
            warmUp: 0
        ).score(LastValueForecaster(), on: [1000, 1200].map { QueriesPerSecond($0) }, model: "m")
        #expect(abs((two.pinballLoss?.value ?? 0) - 100.0 / 2200) < 1e-12)
        #expect(two.coverage == Fraction(0.5))
        #expect(two.weightedError == Fraction(200.0 / 2200))
    }

    @Test func whatIsChosenFromIsThere() {
        #expect(Set(ForecasterName.candidates).isSubset(of: Forecasters.names))
        #expect(Set(ForecasterName.candidates).union([ForecasterName.truth]) == Set(Forecasters.names))
    }

    @Test func quantileRegressionCoversItsQuantile() throws {
        var words = SplitMix64(seed: 5)
        var forecaster = try Forecasters.named(
            "quantile", configuration: ForecasterConfiguration(season: 24, quantile: Quantile(0.9)), truth: []
        )
        var covered = 0
        for hour in 0..<2400 {
            let found = forecaster.forecast(steps: 1)[0]
            let load = load(hour) * Double.random(in: 0.9...1.1, using: &words)
            if hour >= 400, load <= found { covered += 1 }
            forecaster.observe(load)
        }
        #expect(abs(Double(covered) / 2000 - 0.9) < 0.04)
    }
}
