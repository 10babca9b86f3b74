import Quantities
import Reporting
import Testing
import Vocabulary

/// A plan of boxes that models share, with what a simulation says of it.
@Suite struct SharedBoxReportTests {
    private func share(
        _ role: EngineRules.Role, type: ServerTypeID, replicas: Int, load: Double
    ) -> SharedBoxPlan.Share {
        SharedBoxPlan.Share(
            model: "chat", serverType: type,
            schedule: .engine(
                EngineRules(tensorParallel: 2, sequencesMax: 64, tokenBudget: 2048, role: role)),
            parts: 2, replicas: replicas, capacity: QueriesPerSecond(load * 1.1),
            load: QueriesPerSecond(load))
    }

    private func report(attained: Double, lowered: [ModelID: Double] = [:]) -> SharedBoxReport {
        let plan = SharedBoxPlan(
            shares: [
                share(.prefill, type: "old", replicas: 1, load: 2),
                share(.prefill, type: "new", replicas: 2, load: 6),
                share(.decode, type: "old", replicas: 2, load: 8),
                SharedBoxPlan.Share(
                    model: "rank", serverType: "host",
                    schedule: Schedule(partition: .whole, threads: 4, workers: 1, batch: 64), parts: 1,
                    replicas: 1, capacity: QueriesPerSecond(50), load: QueriesPerSecond(40)),
            ],
            boxes: [
                .init(serverType: "host", count: 1, accelerators: 0, parts: 8, taken: 1),
                .init(serverType: "new", count: 1, accelerators: 8, parts: 8, taken: 4),
                .init(serverType: "old", count: 1, accelerators: 8, parts: 8, taken: 6),
            ], shortfall: [:], objective: Watts(900), bound: Watts(880), gap: Fraction(20.0 / 900),
            step: "dive")
        let check = SharedBoxPlan.Check(
            model: "chat", requests: 2000, attained: Fraction(attained), asked: Fraction(0.95),
            firstToken: 0.75, outputToken: 0.0412)
        return SharedBoxReport(
            plan, demand: Demand(["chat": QueriesPerSecond(8), "rank": QueriesPerSecond(40)]),
            headroom: Fraction(0), checks: [check], lowered: lowered, whole: nil)
    }

    /// Those that take new requests share them out, and those that generate share out the same ones.
    @Test func weightsAreThoseOfEachRouter() throws {
        let table = report(attained: 0.97).mainTable
        let weight = try #require(table.columns.firstIndex { $0.key == "weight" })
        let parts = try #require(table.columns.firstIndex { $0.key == "parts" })
        #expect(table.rows.map { $0[weight] } == [.number(0.25), .number(0.75), .number(1), .number(1)])
        #expect(table.rows.map { $0[parts] }.last == .text("1 of 8"))
    }

    @Test func whatASimulationRefutesIsAWarning() {
        func warnings(_ report: SharedBoxReport) -> Int {
            report.summary.count { if case .warning = $0 { true } else { false } }
        }
        #expect(warnings(report(attained: 0.97)) == 0)
        // Within what 2,000 requests can tell.
        #expect(warnings(report(attained: 0.945)) == 0)
        #expect(warnings(report(attained: 0.9)) == 1)
    }

    @Test func whatWasLoweredIsSaid() throws {
        let text = TextRenderer().render(report(attained: 0.96, lowered: ["chat": 0.95]).report(seed: nil))
        #expect(text.contains("Rates of chat were lowered by 5.0 %"))
        #expect(text.contains("A share of a box is modelled as a smaller box"))
        let json = report(attained: 0.96, lowered: ["chat": 0.95]).json
        #expect(json.contains("\"rateFactor\" : 0.95") && json.contains("\"firstTokenSeconds\" : 0.75"))
    }

    /// Which requests go where, and what it is worth to tell them apart.
    @Test func classesAreNamedWithTheirLoads() throws {
        func plan(_ classes: [SharedBoxPlan.ClassLoad], _ watts: Double) -> SharedBoxPlan {
            SharedBoxPlan(
                shares: [
                    SharedBoxPlan.Share(
                        model: "chat", serverType: "new",
                        schedule: .engine(
                            EngineRules(tensorParallel: 1, sequencesMax: 64, tokenBudget: 2048)), parts: 1,
                        replicas: 2, capacity: QueriesPerSecond(9), load: QueriesPerSecond(8),
                        classes: classes)
                ], boxes: [.init(serverType: "new", count: 1, accelerators: 8, parts: 8, taken: 2)],
                shortfall: [:], objective: Watts(watts), bound: Watts(700), gap: Fraction(0), step: "dive")
        }
        let told = plan(
            [
                .init(name: "short", load: QueriesPerSecond(6.5)),
                .init(name: "long", load: QueriesPerSecond(1.5)),
            ], 800)
        func report(_ shown: SharedBoxPlan) -> SharedBoxReport {
            SharedBoxReport(
                shown, demand: Demand(["chat": QueriesPerSecond(8)]), headroom: Fraction(0), checks: [],
                lowered: [:], whole: nil, untold: plan([], 900))
        }
        let text = TextRenderer(width: 160).render(report(told).report(seed: nil))
        #expect(text.contains("short 6.5/s, long 1.5/s"))
        #expect(text.contains("Engines that all answer every class of requests take 900 W on 1 box."))
        #expect(report(told).json.contains("\"everyClassWatts\" : 900"))
        #expect(report(told).json.contains("\"short\" : 6.5"))
        let same = TextRenderer(width: 160).render(report(plan([], 900)).report(seed: nil))
        #expect(same.contains("this is theirs") && !same.contains("requests\n"))
    }
}
