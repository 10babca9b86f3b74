import Quantities
import Randomness
import Replaying
import Simulation
import Testing
import Vocabulary

@Suite struct ReplayTests {
    private func entry(_ model: ModelID, _ server: ServerTypeID, _ rate: Double, _ watts: Double)
        -> EfficiencyEntry
    {
        EfficiencyEntry(
            model: model, serverType: server,
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
            powerBudget: nil, schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
            throughput: QueriesPerSecond(rate), power: Watts(watts), powerProvenance: .estimated,
            provenance: .modelled, method: "gradient", evaluations: 1, spaceSize: 1)
    }

    private func plan(_ shares: [(ModelID, ServerTypeID, Int)]) -> Plan {
        var allocation = Allocation()
        for share in shares { allocation[share.0, share.1] = share.2 }
        return Plan(status: .feasible, allocation: allocation, objective: .zero, bound: nil, shortfalls: [])
    }

    private func trace(_ loads: [ModelID: [Double]]) -> Trace {
        Trace(
            name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: 60),
            loads: loads.mapValues { $0.map { QueriesPerSecond($0) } })
    }

    private let fleet = Fleet(id: "f", counts: ["s": 20, "g": 20])

    @Test func theBooksOfAnIntervalAddUp() throws {
        let replay = Replay(
            trace: trace(["a": [150, 250], "b": [10, 0]]), fleet: fleet,
            table: EfficiencyTable([entry("a", "s", 100, 200), entry("b", "g", 40, 500)]),
            idlePowers: ["s": Watts(100), "g": Watts(300)])
        let timeline = try replay.play(policy: "fixed") { _, _ in (plan([("a", "s", 2), ("b", "g", 1)]), 0) }
        let first = timeline.records[0]
        #expect(first.provisionedPower == Watts(900))
        // Two servers of type s at 3/4 of their throughput, one of type g at a quarter.
        #expect(first.drawnPower == Watts(2 * (100 + 100 * 0.75) + 300 + 200 * 0.25))
        #expect(first.violatedModels.isEmpty && first.unservedQueries == 0)
        let second = timeline.records[1]
        #expect(second.violatedModels == ["a"])
        #expect(second.unservedQueries == 50 * 60)
        #expect(second.arrivedQueries == 250 * 60)
        #expect(timeline.violationFraction == Fraction(0.25))
        #expect(timeline.provisionedEnergy == Joules(2 * 900 * 60))
    }

    @Test func decisionsSeeOnlyTheIntervalBefore() throws {
        let replay = Replay(
            trace: trace(["a": [1, 2, 3, 4]]), fleet: fleet, table: EfficiencyTable([]), idlePowers: [:])
        var seen: [Double] = []
        _ = try replay.play(policy: "watching") { _, observed in
            seen.append(observed["a"].value)
            return (plan([]), 0)
        }
        #expect(seen == [1, 1, 2, 3])
    }

    @Test func aMissingEntryIsAnErrorThatNamesThePair() {
        let replay = Replay(
            trace: trace(["a": [1]]), fleet: fleet, table: EfficiencyTable([]), idlePowers: ["s": Watts(1)])
        #expect(throws: Replay.Failure.missingEntry(model: "a", serverType: "s")) {
            _ = try replay.play(policy: "careless") { _, _ in (plan([("a", "s", 1)]), 0) }
        }
    }

    @Test func arrivedIsServedPlusUnservedAndEnergyIsPowerOverTime() throws {
        for seed in UInt64(0)..<50 {
            var stream = RandomStream(seed: seed, name: "replay")
            let loads = (0..<40).map { _ in stream.uniform() < 0.1 ? 0 : 1000 * stream.uniform() }
            let replay = Replay(
                trace: trace(["a": loads]), fleet: fleet, table: EfficiencyTable([entry("a", "s", 100, 180)]),
                idlePowers: ["s": Watts(90)])
            let counts = loads.map { _ in stream.integer(in: 0..<10) }
            let timeline = try replay.play(policy: "random") { index, _ in
                (plan([("a", "s", counts[index])]), 0)
            }
            var served = 0.0
            var energy = 0.0
            for (index, record) in timeline.records.enumerated() {
                served += min(loads[index], Double(counts[index]) * 100) * 60
                energy += Double(counts[index]) * 180 * 60
                #expect(record.drawnPower <= record.provisionedPower)
                #expect(record.drawnPower >= Watts(Double(counts[index]) * 90))
                #expect(record.violatedModels.isEmpty == (record.unservedQueries == 0))
            }
            let arrived = timeline.records.reduce(0) { $0 + $1.arrivedQueries }
            let unserved = timeline.records.reduce(0) { $0 + $1.unservedQueries }
            #expect(abs(arrived - served - unserved) < 1e-6 * max(arrived, 1))
            #expect(abs(timeline.provisionedEnergy.value - energy) < 1e-6 * max(energy, 1))
        }
    }

    @Test func savingsCompareEqualSpansOrNothing() throws {
        let table = EfficiencyTable([entry("a", "s", 100, 200)])
        func timeline(_ servers: [Int]) throws -> Timeline {
            try Replay(
                trace: trace(["a": servers.map { _ in 1.0 }]), fleet: fleet, table: table,
                idlePowers: ["s": Watts(100)]
            ).play(policy: "p") { index, _ in (plan([("a", "s", servers[index])]), 0) }
        }
        let savings = try #require(PowerSavings(of: timeline([1, 3]), against: timeline([4, 4])))
        #expect(savings.meanPower == Fraction(0.5))
        #expect(savings.peakPower == Fraction(0.25))
        #expect(savings.meanCapacity == Fraction(0.5))
        #expect(savings.peakCapacity == Fraction(0.25))
        #expect(try PowerSavings(of: timeline([1]), against: timeline([1, 1])) == nil)
    }
}
