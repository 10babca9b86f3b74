import Provisioning
import Quantities
import Testing
import Vocabulary

/// Engines of several models on boxes that they share.
@Suite struct SharedBoxTests {
    private static func box(_ id: ServerTypeID, accelerators: Int, idle: Double) -> ServerType {
        ServerType(
            id: id, title: id.name, processor: nil, memory: nil, nearMemory: nil,
            accelerator: Accelerator(
                name: "a", count: accelerators, peak: FlopsPerSecond(1), memory: Bytes(1),
                bandwidth: BytesPerSecond(1), hostLink: BytesPerSecond(1), launchOverhead: Nanoseconds(1)),
            power: PowerCurve(
                hostIdle: Watts(idle), hostPeak: Watts(idle), acceleratorIdle: .zero,
                acceleratorPeak: Watts(100 * Double(accelerators)), halfLoadFactor: 1), isThisHost: false,
            sources: [])
    }

    private func rules(_ degree: Int) -> EngineRules {
        EngineRules(tensorParallel: degree, sequencesMax: 64, tokenBudget: 2048)
    }

    private func choice(
        _ model: ModelID, _ type: ServerTypeID, _ degree: Int, rate: Double, watts: Double
    ) -> SharedBoxPlanner.Choice {
        SharedBoxPlanner.Choice(
            model: model, serverType: type, rules: rules(degree), rate: QueriesPerSecond(rate),
            watts: Watts(watts))
    }

    private func planner(_ boxes: Int) -> SharedBoxPlanner {
        SharedBoxPlanner(
            fleet: Fleet(id: "f", counts: ["big": boxes]),
            types: [Self.box("big", accelerators: 8, idle: 1000)], gap: Fraction(1e-6))
    }

    private func demand(_ loads: [ModelID: Double]) -> Demand {
        Demand(loads.mapValues { QueriesPerSecond($0) })
    }

    /// Two models of half a box each: one box of 1,000 W and four engines, where whole boxes are two.
    @Test func twoSmallLoadsShareABox() throws {
        let choices = [
            choice("a", "big", 2, rate: 5, watts: 200), choice("b", "big", 4, rate: 7, watts: 300),
        ]
        let plan = try #require(try planner(4).plan(demand(["a": 9, "b": 6]), choices))
        #expect(plan.objective == Watts(1000 + 2 * 200 + 300) && plan.boxCount == 1)
        #expect(plan.shares.map(\.engines) == [2, 1] && plan.boxes.map(\.taken) == [8])
        #expect(plan.bound <= plan.objective && plan.shortfall.isEmpty)
        #expect(abs(plan.shares[0].load.value - 9) < 1e-6 && plan.shares[0].capacity.value == 10)
    }

    /// Of two degrees the one whose engines fill what is left of the box.
    @Test func theDegreeFollowsFromWhatIsLeft() throws {
        let choices = [
            choice("a", "big", 4, rate: 10, watts: 380), choice("a", "big", 2, rate: 4, watts: 200),
            choice("b", "big", 4, rate: 7, watts: 300),
        ]
        let plan = try #require(try planner(4).plan(demand(["a": 9.5, "b": 7]), choices))
        #expect(plan.objective == Watts(1000 + 380 + 300) && plan.boxCount == 1)
        let small = try #require(try planner(4).plan(demand(["a": 3.5, "b": 7]), choices))
        #expect(small.objective == Watts(1000 + 200 + 300))
    }

    @Test func whatDoesNotFitIsLeftByPriority() throws {
        let choices = [
            choice("a", "big", 8, rate: 10, watts: 800), choice("b", "big", 8, rate: 10, watts: 800),
        ]
        let loads = demand(["a": 10, "b": 10])
        let plan = try #require(try planner(1).plan(loads, choices, priorities: ["b": 1]))
        #expect(plan.shares.map(\.model) == ["b"] && abs((plan.shortfall["a"]?.value ?? 0) - 10) < 1e-6)
        #expect(plan.shortfall["b"] == nil)
    }

    /// A type without a figure is never used, and costs neither nothing nor everything.
    @Test func whatNothingIsKnownOfIsNotPlanned() throws {
        let planner = SharedBoxPlanner(
            fleet: Fleet(id: "f", counts: ["big": 1, "unknown": 9]),
            types: [
                Self.box("big", accelerators: 8, idle: 1000), Self.box("unknown", accelerators: 8, idle: 0),
            ], gap: Fraction(1e-6))
        let plan = try #require(
            try planner.plan(demand(["a": 30]), [choice("a", "big", 8, rate: 10, watts: 800)]))
        let missing = try #require(plan.shortfall["a"])
        #expect(plan.boxes.map(\.serverType) == ["big"] && abs(missing.value - 20) < 1e-6)
    }

    /// Of each degree the schedule that serves most, shared out over the engines that fill a box.
    @Test func choicesAreTheBestOfEachDegree() {
        let box = Self.box("big", accelerators: 8, idle: 1000)
        func evaluation(_ rules: EngineRules, _ rate: Double, _ watts: Double) -> ScheduleEvaluation {
            ScheduleEvaluation(
                schedule: .engine(rules), throughput: QueriesPerSecond(rate), power: Watts(watts),
                provenance: .modelled)
        }
        let wide = EngineRules(tensorParallel: 2, sequencesMax: 256, tokenBudget: 8192)
        let choices = SharedBoxPlanner.Choice.best(
            of: [
                evaluation(rules(2), 40, 1800), evaluation(wide, 48, 1880), evaluation(rules(8), 20, 1600),
                evaluation(rules(4), 0, 1000),
            ], model: "m", on: box)
        #expect(choices.map(\.rules) == [wide, rules(8)])
        #expect(choices.map(\.rate.value) == [12, 20] && choices.map(\.watts.value) == [220, 600])
    }
}
