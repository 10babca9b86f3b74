import Provisioning
import Quantities
import Testing
import Vocabulary

/// Engines of several models on boxes that they share.
@Suite struct SharedBoxTests {
    private static func box(
        _ id: ServerTypeID, accelerators: Int, idle: Double, halfLoadFactor: Double = 1
    ) -> ServerType {
        ServerType(
            id: id, title: id.name, processor: nil, memory: nil, nearMemory: nil,
            accelerator: Accelerator(
                name: "a", count: accelerators, peak: FlopsPerSecond(1), memory: Bytes(1),
                bandwidth: BytesPerSecond(1), hostLink: BytesPerSecond(1), launchOverhead: Nanoseconds(1)),
            power: PowerCurve(
                hostIdle: Watts(idle), hostPeak: Watts(idle), acceleratorIdle: .zero,
                acceleratorPeak: Watts(100 * Double(accelerators)), halfLoadFactor: halfLoadFactor),
            isThisHost: false,
            sources: [])
    }

    private func rules(_ degree: Int) -> EngineRules {
        EngineRules(tensorParallel: degree, sequencesMax: 64, tokenBudget: 2048)
    }

    private func choice(
        _ model: ModelID, _ type: ServerTypeID, _ degree: Int, rate: Double, watts: Double
    ) -> SharedBoxPlanner.Choice {
        SharedBoxPlanner.Choice(
            model: model, serverType: type, schedule: .engine(rules(degree)), parts: degree,
            rate: QueriesPerSecond(rate), watts: Watts(watts))
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
        #expect(plan.shares.map(\.replicas) == [2, 1] && plan.boxes.map(\.taken) == [8])
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
        #expect(
            choices.map(\.schedule) == [.engine(wide), .engine(rules(8))] && choices.map(\.parts) == [2, 8])
        #expect(choices.map(\.rate.value) == [12, 20] && choices.map(\.watts.value) == [220, 600])
    }

    /// A box half of whose range is drawn on a straight line draws more of it on a curve, and two halves that
    /// are full draw what a full box draws. The bound holds for both.
    @Test func wattsFollowTheCurveOfTheBox() throws {
        let curved = Self.box("big", accelerators: 8, idle: 1000, halfLoadFactor: 0.5)
        let planner = SharedBoxPlanner(
            fleet: Fleet(id: "f", counts: ["big": 1]), types: [curved], gap: Fraction(1e-6))
        let choices = [
            choice("a", "big", 4, rate: 5, watts: 400), choice("b", "big", 4, rate: 5, watts: 400),
        ]
        let half = try #require(try planner.plan(demand(["a": 5]), choices))
        // s(0.5) = 0.5 / (0.5 + 0.5 * 0.5) = 2/3 of 800 W.
        #expect(abs(half.objective.value - (1000 + 800 * 2 / 3)) < 1e-6 && half.bound.value <= 1400 + 1e-6)
        #expect(half.gap.value > 0)
        let full = try #require(try planner.plan(demand(["a": 5, "b": 5]), choices))
        #expect(abs(full.objective.value - 1800) < 1e-6 && full.gap.value < 1e-6)
    }

    /// Half of its cores, caches, memory, bandwidth, accelerators and watts; whole cores, and no share of
    /// what nothing is known of.
    @Test func aShareIsASmallerBox() throws {
        let whole = ServerType(
            id: "h", title: "host",
            processor: Processor(cores: 20, peakPerCore: FlopsPerSecond(7), lastLevelCache: Bytes(32)),
            memory: MemorySystem(capacity: Bytes(64), bandwidth: BytesPerSecond(100)), nearMemory: nil,
            accelerator: nil,
            power: PowerCurve(
                hostIdle: Watts(80), hostPeak: Watts(200), acceleratorIdle: .zero, acceleratorPeak: .zero,
                halfLoadFactor: 0.7), isThisHost: false, sources: [], pricePerHour: 2)
        #expect(whole.parts == 4)
        let share = try #require(whole.share(of: 1))
        #expect(share.processor?.cores == 5 && share.processor?.lastLevelCache == Bytes(8))
        #expect(share.memory == MemorySystem(capacity: Bytes(16), bandwidth: BytesPerSecond(25)))
        #expect(share.power.idle == Watts(20) && share.power.peak == Watts(50) && share.pricePerHour == 0.5)
        #expect(whole.share(of: 4) == whole && whole.share(of: 5) == nil && whole.share(of: 0) == nil)
        let devices = Self.box("big", accelerators: 8, idle: 1000)
        #expect(devices.parts == 8 && devices.share(of: 2) == nil)
        for drawn in [0.0, 0.2, 0.5, 1] {
            #expect(abs(whole.power.shape(whole.power.utilisation(drawing: drawn)) - drawn) < 1e-12)
        }
    }

    /// Engines that read and engines that generate, in the numbers that their rates ask for, where together
    /// they draw less than engines that do both: 8 requests/s take two that read 5 each and one that
    /// generates 9.
    @Test func partsOfRequestsAreBalanced() throws {
        func half(_ role: EngineRules.Role, rate: Double, watts: Double) -> SharedBoxPlanner.Choice {
            SharedBoxPlanner.Choice(
                model: "a", serverType: "big",
                schedule: .engine(
                    EngineRules(tensorParallel: 2, sequencesMax: 64, tokenBudget: 2048, role: role)),
                parts: 2, rate: QueriesPerSecond(rate), watts: Watts(watts))
        }
        let choices = [
            choice("a", "big", 2, rate: 2, watts: 200), half(.prefill, rate: 5, watts: 150),
            half(.decode, rate: 9, watts: 180),
        ]
        let plan = try #require(try planner(4).plan(demand(["a": 8]), choices))
        let counts = Dictionary(
            uniqueKeysWithValues: plan.shares.map { ($0.schedule.engineRules?.role, $0.replicas) })
        #expect(counts == [.prefill: 2, .decode: 1] && plan.boxCount == 1)
        #expect(plan.shares.allSatisfy { abs($0.load.value - 8) < 1e-6 })
        #expect(plan.objective == Watts(1000 + 2 * 150 + 180))
        // 8 requests/s of 10 bytes are 80 of a link's 100 bytes/s, which is what plans take of it.
        for (bytes, roles) in [(10.0, [.prefill, .decode]), (11, [.mixed, .prefill, .decode])]
            as [(Double, Set<EngineRules.Role>)]
        {
            let link = SharedBoxPlan.Link(capacity: BytesPerSecond(100), bytesPerRequest: ["a": bytes])
            let plan = try #require(try planner(4).plan(demand(["a": 8]), choices, link: link))
            #expect(Set(plan.shares.compactMap { $0.schedule.engineRules?.role }) == roles)
            #expect(link.load(in: plan) == link.load(of: "a", in: plan))
            #expect(link.load(in: plan).value <= 80 + 1e-6 && link.load(in: plan).value > 70)
        }
    }

    // MARK: Classes of requests

    private static let halves = [
        SharedBoxPlanner.RequestShare(name: "short", share: 0.5),
        SharedBoxPlanner.RequestShare(name: "long", share: 0.5),
    ]

    /// Serves 10/s of the mix, where 20/s of one class and 5/s of the other alone would make it 8/s.
    private var mixed: SharedBoxPlanner.Choice {
        choice("m", "big", 4, rate: 10, watts: 400).telling(
            Self.halves, alone: ["short": QueriesPerSecond(20), "long": QueriesPerSecond(5)])
    }

    private func dedicated(
        _ name: String, _ degree: Int, rate: Double, watts: Double
    ) -> SharedBoxPlanner.Choice {
        SharedBoxPlanner.Choice(
            model: "m", serverType: "big", schedule: .engine(rules(degree)), parts: degree,
            rate: QueriesPerSecond(rate), watts: Watts(watts), classRates: [name: QueriesPerSecond(rate)],
            isDedicated: true)
    }

    @Test func ratesOfClassesAreScaledToTheRateOfTheMix() throws {
        let rates = try #require(mixed.classRates)
        #expect(rates["short"] == QueriesPerSecond(25) && rates["long"] == QueriesPerSecond(6.25))
        // 10/s of each keep two replicas busy, as 20/s of the mix do.
        let plan = try #require(
            try planner(4).plan(demand(["m": 20]), [mixed], classes: ["m": Self.halves]))
        #expect(plan.objective == Watts(1000 + 2 * 400))
        #expect(plan.shares.map(\.replicas) == [2] && abs(plan.shares[0].capacity.value - 20) < 1e-6)
        #expect(Set(plan.shares[0].classes.map(\.name)) == ["short", "long"])
        #expect(plan.shares[0].classes.allSatisfy { abs($0.load.value - 10) < 1e-6 })
    }

    /// An engine for each class: 150 W in place of 800 W beside the box.
    @Test func classesGoToTheEnginesThatServeThemBest() throws {
        let choices = [
            mixed, dedicated("short", 1, rate: 10, watts: 50), dedicated("long", 2, rate: 10, watts: 100),
        ]
        let plan = try #require(
            try planner(4).plan(demand(["m": 20]), choices, classes: ["m": Self.halves]))
        #expect(plan.objective == Watts(1000 + 50 + 100) && plan.bound <= plan.objective)
        #expect(plan.shares.map { $0.classes.map(\.name) } == [["short"], ["long"]])
        // Told apart or not: engines of one class serve nothing of a load that is not divided.
        let whole = try #require(try planner(4).plan(demand(["m": 20]), choices))
        #expect(whole.objective == Watts(1000 + 2 * 400) && whole.shares.allSatisfy(\.classes.isEmpty))
    }

    @Test func aClassThatNothingServesAloneStaysInTheMix() throws {
        let choices = [
            choice("m", "big", 4, rate: 10, watts: 400).telling(
                Self.halves, alone: ["short": QueriesPerSecond(20)]),
            dedicated("short", 1, rate: 10, watts: 50),
        ]
        let plan = try #require(
            try planner(4).plan(demand(["m": 20]), choices, classes: ["m": Self.halves]))
        #expect(plan.objective == Watts(1000 + 2 * 400) && plan.shortfall.isEmpty)
    }

    @Test func whatIsMissingOfClassesIsOneFigureOfTheModel() throws {
        let choices = [
            dedicated("short", 4, rate: 5, watts: 400), dedicated("long", 4, rate: 3, watts: 400),
        ]
        let plan = try #require(
            try planner(1).plan(demand(["m": 40]), choices, classes: ["m": Self.halves]))
        #expect(abs((plan.shortfall["m"]?.value ?? 0) - 30) < 1e-6)
    }
}
