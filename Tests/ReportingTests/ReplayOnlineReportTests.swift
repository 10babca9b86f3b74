import Quantities
import Reporting
import Testing
import Vocabulary

/// What a replay's report shows of forecasts, of servers that take time, and of money.
@Suite struct ReplayOnlineReportTests {
    private static let trace = Trace(
        name: "long", startUnixSeconds: 1_772_409_600, interval: Nanoseconds(seconds: 60),
        loads: ["rm1": (0..<6000).map { QueriesPerSecond($0 == 4321 ? 900 : 100) }])

    /// One server too few in a single minute of a hundred hours.
    private static func timeline(_ policy: String, servers: Int, decisions: [DecisionEntry] = []) -> Timeline
    {
        var allocation = Allocation()
        allocation["rm1", "cpu"] = servers
        let capacity = Demand(["rm1": QueriesPerSecond(100 * Double(servers))])
        let records = (0..<trace.intervalCount).map { index in
            let load = trace.demand(at: index)
            let excess = max(0, load["rm1"].value - 100 * Double(servers))
            return IntervalRecord(
                load: load, capacity: capacity, allocation: allocation,
                provisionedPower: Watts(200 * Double(servers)), drawnPower: Watts(150 * Double(servers)),
                violatedModels: excess > 0 ? ["rm1"] : [], arrivedQueries: load["rm1"].value * 60,
                unservedQueries: excess * 60, planStatus: .feasible, planGap: nil, forecast: load,
                activity: FleetActivity(
                    startingServerSeconds: index == 10 ? 60 : 0, drainingServerSeconds: 0,
                    idleServerSeconds: 0, failedServerSeconds: 0, startingEnergy: .zero, droppedQueries: 0))
        }
        return Timeline(
            policy: policy, interval: trace.interval, records: records, decisionSeconds: 0,
            decisions: decisions)
    }

    private static let decisions = (0..<100).map { index in
        DecisionEntry(
            at: Nanoseconds(seconds: 90 * Double(index)), reason: .loadRose, model: "rm1",
            neededBefore: QueriesPerSecond(100), neededNow: QueriesPerSecond(120),
            actions: [.start(model: "rm1", serverType: "cpu", count: 2)])
    }

    private static let outcome = ReplayOutcome(
        trace: trace, subject: "hercules",
        timelines: [
            timeline("static", servers: 9), timeline("reactive", servers: 4),
            timeline("hercules", servers: 2, decisions: decisions), timeline("oracle", servers: 1),
        ])

    private static var tariff: EnergyTariff {
        var tariff = EnergyTariff()
        tariff.price = HourlySeries([0.1])
        tariff.carbonGrams = HourlySeries([500])
        tariff.powerUsageEffectiveness = 1.2
        return tariff
    }

    private static let content = ReplayReport(
        outcome: outcome, baseline: "static", table: Fixtures.table, includesDecisionTime: false,
        tariff: tariff)

    /// The report as text, whatever its lines are broken by.
    private static let words = TextRenderer().render(content.report(seed: 1)).split(
        whereSeparator: \.isWhitespace
    )
    .joined(separator: " ")

    @Test func savingsStandAgainstThreeBaselines() {
        let text = Self.words
        #expect(text.contains("Savings of every policy against static, reactive and oracle"))
        #expect(text.contains("hercules sets aside 100.0 % more mean power than it."))
        // 300 W for 100 h at 1.2: 36 kWh, 3.6 of money, 18 kg.
        #expect(text.contains("(USD)") && text.contains(" 3.6 ") && text.contains(" 18.0 "))
        #expect(text.contains("(PUE)"))
    }

    @Test func theReportSaysWhichForecasterWasChosen() {
        let choices = [true, false].map { isChosen in
            ForecastChoice(
                model: "rm1", forecaster: isChosen ? "holt_winters" : "last_value",
                inForce: Fraction(isChosen ? 0.75 : 0.25), isChosen: isChosen, weightedError: Fraction(0.125),
                pinballLoss: nil)
        }
        let report = ReplayReport(
            outcome: Self.outcome, baseline: "static", table: Fixtures.table, includesDecisionTime: false,
            forecastChoices: choices
        ).report(seed: 1)
        let text = TextRenderer().render(report)
        #expect(text.contains("Forecasters that were chosen among"))
        #expect(text.contains("holt_winters") && text.contains("75.0 %") && text.contains("12.5"))
        #expect(HTMLRenderer(plotlyScript: "").render(report).contains("Forecasters that were chosen among"))
        let json = ReplayJSON(
            outcome: Self.outcome, baseline: "static", table: Fixtures.table, includingDecisionTime: false,
            forecastChoices: choices
        ).text
        #expect(json.contains("\"forecasters\"") && json.contains("\"inForceFraction\""))
        #expect(!Self.words.contains("Forecasters that were chosen among"))
    }

    @Test func theDecisionLogSaysWhyAndWhatIsLeftOut() {
        let text = Self.words
        #expect(text.contains("load rose: rm1 needs 120.0 queries/s, needed 100.0 queries/s"))
        #expect(text.contains("hercules changed the fleet 100 times. 60 later ones are left out here."))
        #expect(text.contains("2026-03-02 00:01:30"))
    }

    @Test func aLongTraceIsThinnedWithoutLosingItsViolation() throws {
        let html = HTMLRenderer(plotlyScript: "").render(Self.content.report(seed: 1))
        // 6,000 intervals at three to a point, not 6,000 numbers for each of two dozen series.
        #expect(html.utf8.count < 1_200_000)
        #expect(html.contains("Each point covers 3 intervals"))
        let excess = try #require(html.range(of: "Capacity against load"))
        #expect(html[excess.upperBound...].contains("900"))
        for title in [
            "Forecast against load", "Servers that do not serve", "Money and carbon over the trace",
        ] {
            #expect(html.contains(title))
        }
    }

    @Test func theContractCarriesMoneyAndCarbon() {
        let json = ReplayJSON(
            outcome: Self.outcome, baseline: "static", table: Fixtures.table, includingDecisionTime: false,
            tariff: Self.tariff
        ).text
        #expect(
            json.contains("\"powerUsageEffectiveness\" : 1.2")
                || json.contains("\"powerUsageEffectiveness\":1.2"))
        #expect(
            json.contains("\"cost\"") && json.contains("\"carbonGrams\"") && json.contains("\"decisions\""))
    }
}
