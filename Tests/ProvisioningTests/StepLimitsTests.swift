import Provisioning
import Quantities
import Testing
import Vocabulary

/// Limits on what one decision changes. Every figure is worked out by hand: a server of type `s` serves 10
/// queries/s for 100 W, intervals last a minute, and there is no headroom.
@Suite struct StepLimitsTests {
    private func core(_ limits: StepLimits, servers: Int = 1000) throws -> ProvisionerCore {
        let problem = try ProvisioningProblem(
            demand: Demand(["a": .zero, "b": .zero]), fleet: Fleet(id: "f", counts: ["s": servers]),
            efficiency: EfficiencyTable([entry("a", "s", 10, 100), entry("b", "s", 10, 100)]))
        var configuration = ProvisionerConfiguration(
            rule: OverProvisionRule(initial: .zero, quantile: Quantile(0.5), window: 1000),
            interval: Nanoseconds(seconds: 60))
        configuration.overProvisionMax = .zero
        configuration.limits = limits
        return ProvisionerCore(policy: GreedyPolicy(), problem: problem, configuration: configuration)
    }

    private func tick(_ index: Int, _ a: LoadObservation, _ b: Double = 0) -> ControlTick {
        ControlTick(index: index, loads: ["a": a, "b": .trusted(QueriesPerSecond(b))])
    }

    /// Servers of model a after each tick, and what was cut.
    private func play(
        _ core: ProvisionerCore, _ loads: [Double], b: [Double]? = nil,
        _ set: (inout ControlTick) -> Void = { _ in }
    ) throws -> [(a: Int, b: Int, cuts: [StepCut])] {
        var state = ProvisionerState()
        return try loads.enumerated().map { index, load in
            var tick = tick(index, .trusted(QueriesPerSecond(load)), b?[index] ?? 0)
            set(&tick)
            let decision = try core.decide(state, tick)
            state = decision.state
            return (decision.ordered["a", "s"], decision.ordered["b", "s"], decision.cuts)
        }
    }

    @Test func startsGrowByHalfOrFour() throws {
        var limits = StepLimits()
        limits.startsShare = Fraction(0.5)
        let made = try play(try core(limits), [10] + Array(repeating: 400, count: 8))
        // 1, 1 + 4, 5 + 4, 9 + 4, 13 + 6, 19 + 9, 28 + 12, and no more are needed.
        #expect(made.map(\.a) == [1, 5, 9, 13, 19, 28, 40, 40, 40])
        let first = try #require(made[1].cuts.first)
        #expect(first == StepCut(rule: .step, model: "a", serverType: "s", asked: 40, allowed: 5))
        #expect(made[6].cuts.isEmpty && made[7].cuts.isEmpty)
    }

    /// Where nothing ever ran, half of nothing is no limit; where everything has stopped, it is.
    @Test func theFirstStartsAreNotLimited() throws {
        var limits = StepLimits()
        limits.startsShare = Fraction(0.5)
        let made = try play(try core(limits), [0, 400, 0, 400])
        #expect(made.map(\.a) == [0, 40, 0, 4])
        #expect(made[1].cuts.isEmpty && made[3].cuts.map(\.rule) == [.step])
    }

    @Test func whoLacksMostStartsFirst() throws {
        var limits = StepLimits()
        limits.startsShare = .zero
        limits.startsLeast = 3
        let made = try play(try core(limits), [10, 40, 40], b: [10, 20, 20])
        // Both have one; a has a quarter of its load, b half of it.
        #expect(made.map(\.a) == [1, 4, 4])
        #expect(made.map(\.b) == [1, 1, 2])
    }

    @Test func stopsAreATenthOrOne() throws {
        var limits = StepLimits()
        limits.stopsShare = Fraction(0.1)
        let made = try play(try core(limits), [300, 0, 0, 0, 0])
        #expect(made.map(\.a) == [30, 27, 25, 23, 21])
        #expect(made[1].cuts == [StepCut(rule: .step, model: "a", serverType: "s", asked: 0, allowed: 27)])
    }

    @Test func tenMinutesTakeThreeTenths() throws {
        var limits = StepLimits()
        limits.windowStopsShare = Fraction(0.3)
        let made = try play(try core(limits), [100] + Array(repeating: 0, count: 14))
        // Three of ten at once, nothing until they are ten minutes old, then two of seven.
        #expect(made.map(\.a) == [10] + Array(repeating: 7, count: 10) + Array(repeating: 5, count: 4))
    }

    /// A plan that replaces servers starts only as many as the rules for stops make room for.
    @Test(arguments: ["model", "fleet", "watts"])
    func boundsHoldWhileStopsAreSlow(_ bound: String) throws {
        let problem = try ProvisioningProblem(
            demand: Demand(["a": .zero]), fleet: Fleet(id: "f", counts: ["s": 50, "t": 50]),
            efficiency: EfficiencyTable([entry("a", "s", 10, 100), entry("a", "t", 10, 101)]))
        var configuration = ProvisionerConfiguration(
            rule: OverProvisionRule(initial: .zero, quantile: Quantile(0.5), window: 1000),
            interval: Nanoseconds(seconds: 60))
        configuration.overProvisionMax = .zero
        configuration.limits.stopsShare = Fraction(0.1)
        switch bound {
        case "model": configuration.limits.models["a"] = ServerBounds(max: 20)
        case "fleet": configuration.limits.fleet = ServerBounds(max: 20)
        default: configuration.limits.wattsMax = Watts(2020)
        }
        let core = ProvisionerCore(policy: GreedyPolicy(), problem: problem, configuration: configuration)
        var state = ProvisionerState()
        var counts: [(s: Int, t: Int)] = []
        for index in 0..<4 {
            var tick = ControlTick(index: index, loads: ["a": .trusted(QueriesPerSecond(200))])
            if index > 0 {
                tick.bounds[ModelOnServer(model: "a", serverType: "s")] = ServerBounds(max: 0)
            }
            let decision = try core.decide(state, tick)
            state = decision.state
            counts.append((decision.ordered["a", "s"], decision.ordered["a", "t"]))
        }
        #expect(counts.map(\.s) == [20, 18, 16, 14] && counts.map(\.t) == [0, 2, 4, 6], "\(counts)")
    }

    @Test func aStopWaitsForItsWindow() throws {
        var limits = StepLimits()
        limits.stopWindow = Nanoseconds(seconds: 300)
        let made = try play(
            try core(limits), Array(repeating: 100, count: 10) + Array(repeating: 40, count: 8))
        // The plan asks for less from tick 10 on: at tick 15 it has done so for 300 s.
        #expect(made.map(\.a) == Array(repeating: 10, count: 15) + [4, 4, 4])
        #expect(
            made[12].cuts == [StepCut(rule: .stopWindow, model: "a", serverType: "s", asked: 4, allowed: 10)])
    }

    @Test func aWaveringNeedIsNotFollowedDown() throws {
        var limits = StepLimits()
        limits.stopWindow = Nanoseconds(seconds: 300)
        let loads = (0..<30).map { $0 % 4 == 0 ? 100.0 : 40.0 }
        let made = try play(try core(limits), loads)
        #expect(made.allSatisfy { $0.a == 10 })
    }

    @Test func aHoldBeginsTheWindowAnew() throws {
        var limits = StepLimits()
        limits.stopWindow = Nanoseconds(seconds: 300)
        let core = try core(limits)
        var state = ProvisionerState()
        var counts: [Int] = []
        for index in 0..<24 {
            let load: LoadObservation =
                index == 12
                ? .held(QueriesPerSecond(100)) : .trusted(QueriesPerSecond(index < 5 ? 100 : 40))
            let decision = try core.decide(state, tick(index, load))
            state = decision.state
            counts.append(decision.ordered["a", "s"])
            if index == 12 { #expect(decision.cuts.isEmpty || decision.cuts[0].rule == .stopWindow) }
        }
        // Given up at tick 10, grown again while held at tick 12, believed from 13 on: 18 is 300 s later.
        #expect(Array(counts[0..<10]) == Array(repeating: 10, count: 10))
        #expect(Array(counts[10..<12]) == [4, 4])
        #expect(Array(counts[12..<18]) == Array(repeating: 10, count: 6))
        #expect(Array(counts[18...]) == Array(repeating: 4, count: 6))
    }

    @Test func boundsOfPairsModelsAndTheFleet() throws {
        var limits = StepLimits()
        limits.pairs[ModelOnServer(model: "a", serverType: "s")] = ServerBounds(min: 2, max: 6)
        #expect(try play(try core(limits), [0, 50, 100]).map(\.a) == [2, 5, 6])
        limits = StepLimits()
        limits.models["a"] = ServerBounds(min: 3, max: 5)
        #expect(try play(try core(limits), [0, 40, 100, 0]).map(\.a) == [3, 4, 5, 3])
        limits = StepLimits()
        limits.fleet = ServerBounds(max: 7)
        let made = try play(try core(limits), [30, 30], b: [30, 100])
        #expect(made.map(\.b) == [3, 4])
        #expect(made[1].cuts == [StepCut(rule: .bounds, model: "b", serverType: "s", asked: 10, allowed: 4)])
        limits = StepLimits()
        limits.wattsMax = Watts(550)
        #expect(try play(try core(limits), [30, 90]).map(\.a) == [3, 5])
    }

    @Test func aBoundForAWhileReplacesThatOfTheFile() throws {
        var limits = StepLimits()
        let pair = ModelOnServer(model: "a", serverType: "s")
        limits.pairs[pair] = ServerBounds(max: 6)
        let made = try play(try core(limits), [100, 100, 100]) { tick in
            if tick.index == 1 { tick.bounds[pair] = ServerBounds(max: 3) }
        }
        #expect(made.map(\.a) == [6, 3, 6])
    }

    @Test func holdsOfTheFleetOfPairsAndOfStops() throws {
        let pair = ModelOnServer(model: "a", serverType: "s")
        let whole = try play(try core(StepLimits()), [50, 90, 20]) { tick in
            if tick.index > 0 { tick.fleetHold = .fleetHeld }
        }
        #expect(whole.map(\.a) == [5, 5, 5])
        #expect(whole[1].cuts.map(\.rule) == [.fleetHeld])
        let stops = try play(try core(StepLimits()), [50, 90, 20]) { $0.stopHold = .restart }
        #expect(stops.map(\.a) == [5, 9, 9])
        let starts = try play(try core(StepLimits()), [50, 90, 20]) { tick in
            if tick.index > 0 { tick.startHolds[pair] = .lagging }
        }
        #expect(starts.map(\.a) == [5, 5, 2])
        let both = try play(try core(StepLimits()), [50, 90, 20]) { tick in
            if tick.index > 0 { tick.pairHolds[pair] = .drift }
        }
        #expect(both.map(\.a) == [5, 5, 5])
    }

    @Test func nothingIsStoppedForALoadThatCannotBeServed() throws {
        var limits = StepLimits()
        limits.keepsCover = true
        // 100 servers: b asks for 200, so that a would be given fewer than it has.
        let free = try play(try core(StepLimits(), servers: 100), [600, 600], b: [100, 2000])
        let kept = try play(try core(limits, servers: 100), [600, 600], b: [100, 2000])
        #expect(free[1].a + free[1].b <= 100)
        #expect(kept[1].a >= 60 && kept[1].b >= 10)
    }

    @Test func noLimitsCutNothing() throws {
        let made = try play(try core(StepLimits()), [300, 0, 500, 20], b: [0, 100, 0, 700])
        #expect(made.map(\.a) == [30, 0, 50, 2])
        #expect(made.allSatisfy { $0.cuts.isEmpty })
    }
}
