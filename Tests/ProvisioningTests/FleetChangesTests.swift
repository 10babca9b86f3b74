import Provisioning
import Quantities
import Testing
import Vocabulary

/// What keeps a fleet from being changed for next to nothing: a price on changes, a share within which the
/// standing servers are kept, and a window in which none are given up.
@Suite struct FleetChangesTests {
    /// One model on `s`, which draws 10 W for a query/s, and on `t`, which draws 11 W for it.
    private func problem() throws -> ProvisioningProblem {
        try ProvisioningProblem(
            demand: Demand(["a": QueriesPerSecond(100)]), fleet: Fleet(id: "f", counts: ["s": 20, "t": 20]),
            efficiency: EfficiencyTable([entry("a", "s", 10, 100), entry("a", "t", 10, 110)]))
    }

    /// Servers changed after the first interval, where loads and the servers of type `s` are as given.
    private func changes(
        _ loads: [Double], available: [Int]? = nil, startTimes: StartTimes = .instant,
        _ set: (inout ProvisionerConfiguration) -> Void
    ) throws -> [Int] {
        var configuration = ProvisionerConfiguration(
            rule: OverProvisionRule(initial: .zero, quantile: Quantile(0.5), window: 1000),
            interval: Nanoseconds(seconds: 300))
        configuration.startTimes = startTimes
        configuration.looksAhead = false
        configuration.overProvisionMax = .zero
        set(&configuration)
        let core = ProvisionerCore(
            policy: try ProvisioningPolicies.named(
                "hercules",
                configuration: PolicyConfiguration(peakDemand: try problem().demand, seed: 1)),
            problem: try problem(), configuration: configuration)
        var state = ProvisionerState()
        var serving = Allocation()
        var changes: [Int] = []
        for (index, load) in loads.enumerated() {
            let fleet = FleetObservation(
                serving: serving, starting: Allocation(), draining: Allocation(),
                available: ["s": available?[index] ?? 20, "t": 20])
            let decision = try core.decide(
                state,
                .intervalStarting(
                    index: index, observed: Demand(["a": QueriesPerSecond(load)]), fleet: fleet))
            for action in decision.actions {
                switch action {
                case .start(let model, let type, let count): serving[model, type] += count
                case .stop(let model, let type, let count): serving[model, type] -= count
                }
            }
            if index > 0 { changes.append(decision.actions.reduce(0) { $0 + $1.count }) }
            state = decision.state
        }
        return changes
    }

    @Test func serversAreHeldWhileTheLoadWavers() throws {
        let wavering: [Double] = [100, 80, 100, 80, 100, 80]
        #expect(try changes(wavering) { _ in } == [2, 2, 2, 2, 2])
        #expect(try changes(wavering) { $0.scaleDownIntervals = 2 } == [0, 0, 0, 0, 0])
        // A load that stays low is followed when the window has passed.
        let falling: [Double] = [100, 80, 80, 80, 80, 80]
        #expect(try changes(falling) { $0.scaleDownIntervals = 3 } == [0, 0, 2, 0, 0])
    }

    /// Days of five minutes whose load wavers between two levels: without a budget every interval changes the
    /// fleet, with one the number due is kept but for what the price needs to get there.
    @Test(arguments: [24.0, 96]) func aNumberOfChangesADayIsKept(perDay: Double) throws {
        let days = 6
        let loads = (0..<288 * days).map { $0 % 2 == 0 ? 100.0 : 80 }
        let free = try changes(loads) { _ in }.reduce(0, +)
        let kept = try changes(loads) { $0.changesPerDay = perDay }.reduce(0, +)
        #expect(free == 2 * (loads.count - 1))
        #expect(Double(kept) <= perDay * Double(days + 2))
    }

    /// Ten levels in an hour, every hour: what is needed is started whatever it costs.
    @Test func aBudgetDoesNotKeepServersFromThoseWhoNeedThem() throws {
        let loads = (0..<576).map { 20.0 + 15 * Double($0 % 12) }
        let changed = try changes(loads) { $0.changesPerDay = 1 }
        // All that the highest load needs is started once, and held.
        #expect(changed.reduce(0, +) >= 16)
        #expect(changed.suffix(288).reduce(0, +) == 0)
    }

    /// A budget that nothing exceeds leaves plans as they are.
    @Test func aBudgetThatIsKeptAnywayChangesNothing() throws {
        let loads = (0..<100).map { 100.0 + 40 * Double($0 / 50) }
        #expect(try changes(loads) { $0.changesPerDay = 10_000 } == changes(loads) { _ in })
    }

    /// Servers of the better type come back after two intervals: taking them saves an eleventh.
    @Test func standingServersAreKeptWithinAShare() throws {
        let loads = [Double](repeating: 100, count: 4)
        let available = [0, 0, 20, 20]
        #expect(try changes(loads, available: available) { _ in } == [0, 20, 0])
        #expect(
            try changes(loads, available: available) { $0.keepWithin = Fraction(0.05) } == [0, 20, 0])
        #expect(
            try changes(loads, available: available) { $0.keepWithin = Fraction(0.11) } == [0, 0, 0])
    }

    /// A start costs a share of the 100 W that the server draws; a swap saves 10 W.
    @Test func aChangeHasToEarnItsPrice() throws {
        let loads = [Double](repeating: 100, count: 4)
        let available = [0, 0, 20, 20]
        #expect(
            try changes(loads, available: available) { $0.changePrice = Fraction(0.05) } == [0, 20, 0])
        #expect(
            try changes(loads, available: available) { $0.changePrice = Fraction(0.12) } == [0, 0, 0])
    }

    /// The price comes on top of what the replay books where servers take time to start.
    @Test func theSameHoldsWhereStartsTakeTime() throws {
        let times = StartTimes(
            boot: Nanoseconds(seconds: 1), modelLoads: [:], drain: Nanoseconds(seconds: 1),
            startingLoad: .zero, idlePowers: ["s": Watts(1), "t": Watts(1)])
        let loads = [Double](repeating: 100, count: 6)
        let available = [0, 0, 20, 20, 20, 20]
        func swapped(_ price: Double) throws -> Int {
            try changes(loads, available: available, startTimes: times) {
                $0.lookAheadIntervals = 4
                $0.changePrice = Fraction(price)
            }.reduce(0, +)
        }
        #expect(try swapped(0) == 20)
        #expect(try swapped(0.2) == 0)
    }
}
