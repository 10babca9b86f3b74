import Quantities
import Randomness
import Replaying
import Testing
import Vocabulary

@Suite struct EqualServiceTests {
    private func sums(_ violated: Int, _ joules: Double, of pairs: Int = 100, cost: Double? = nil)
        -> ServiceSums
    {
        var sums = ServiceSums()
        sums.seconds = 1
        sums.drawnJoules = joules
        sums.provisionedJoules = 2 * joules
        sums.pairs = pairs
        sums.violatedPairs = violated
        sums.arrivedQueries = 1000
        sums.unservedQueries = Double(violated)
        sums.cost = cost
        return sums
    }

    private func point(_ policy: String, _ value: Double, own: Bool = false, _ blocks: [ServiceSums])
        -> ServicePoint
    {
        ServicePoint(
            policy: policy, setting: PolicySetting(knob: .headroomFactor, value: value), isOwn: own,
            blocks: blocks)
    }

    private func frontier(_ points: [ServicePoint]) -> ServiceFrontier {
        ServiceFrontier(subject: "own", points: points, seed: 1)
    }

    @Test func usedIsReadOnTheLowerHullAndNeverBeyond() throws {
        let curve = ServiceCurve([(0.1, 10), (0, 30), (0.05, 28), (0.02, 12)])
        #expect(curve.used(at: 0) == 30 && curve.used(at: 0.1) == 10)
        // (0.05, 28) lies above the line from (0.02, 12) to (0.1, 10).
        #expect(abs(try #require(curve.used(at: 0.06)) - 11) < 1e-12)
        #expect(abs(try #require(curve.used(at: 0.01)) - 21) < 1e-12)
        #expect(curve.used(at: 0.11) == nil && curve.used(at: -0.01) == nil)
        // Who misses more and uses more is no choice: less missed is just as well.
        #expect(ServiceCurve([(0.1, 10), (0.2, 12)]).used(at: 0.15) == 10)
    }

    @Test func savingsAreReadAtTheSubjectsOwnService() throws {
        // Both miss 2 %: 80 J against the middle of 120 J and 80 J.
        let savings = EqualServiceComparison(
            frontier([
                point("own", 0.5, [sums(4, 70)]), point("own", 1, own: true, [sums(2, 80)]),
                point("other", 0.5, [sums(4, 80)]), point("other", 1, own: true, [sums(0, 120)]),
            ])
        ).savings()
        #expect(savings.map(\.measure) == [.violation, .unserved])
        let drawn = try #require(savings[0].drawnEnergy)
        #expect(abs(drawn.fraction.value - 0.2) < 1e-12 && savings[0].level == Fraction(0.02))
        #expect(drawn.low == nil, "one block gives no interval")
        #expect(savings[0].cost == nil, "without a price there is no saving of money")
    }

    @Test func aBaselineThatNeverMissesAsMuchIsComparedAtTheMostThatItDoes() throws {
        // The subject misses 4 %, the other 2 % at most: 90 J on the subject's line against 100 J.
        let savings = EqualServiceComparison(
            frontier([
                point("own", 1, own: true, [sums(4, 80)]), point("own", 2, [sums(0, 100)]),
                point("other", 0.5, [sums(2, 100)]), point("other", 1, own: true, [sums(1, 120)]),
            ])
        ).savings()
        let drawn = try #require(savings[0].drawnEnergy)
        #expect(savings[0].level == Fraction(0.02) && abs(drawn.fraction.value - 0.1) < 1e-12)
    }

    @Test func aLevelThatIsNotBracketedGivesNoSaving() {
        let savings = EqualServiceComparison(
            frontier([
                point("own", 1, own: true, [sums(9, 80)]),
                point("other", 0.5, [sums(4, 80)]), point("other", 1, own: true, [sums(0, 120)]),
            ])
        ).savings()
        #expect(savings[0].drawnEnergy == nil && savings[0].baselineRange == 0...0.04)
    }

    @Test func aBaselineThatDrawsNothingGivesNoSaving() {
        let savings = EqualServiceComparison(
            frontier([
                point("own", 1, own: true, [sums(0, 80)]),
                point("other", 0.5, [sums(0, 0)]), point("other", 1, own: true, [sums(1, 0)]),
            ])
        ).savings()
        #expect(savings[0].drawnEnergy == nil)
    }

    @Test func whereAPolicyHasNothingToTurnTheComparisonIsAtItsService() throws {
        // What runs today misses 3 %: 75 J on the line from 70 J to 80 J.
        let own = [point("own", 0.5, [sums(4, 70)]), point("own", 1, own: true, [sums(2, 80)])]
        let savings = EqualServiceComparison(
            frontier(own + [point("current", 1, own: true, [sums(3, 100)])])
        ).savings()
        let drawn = try #require(savings[0].drawnEnergy)
        #expect(abs(drawn.fraction.value - 0.25) < 1e-12 && savings[0].level == Fraction(0.03))
        #expect(savings[0].isAtBaseline)
        let beyond = EqualServiceComparison(
            frontier(own + [point("current", 1, own: true, [sums(0, 100)])])
        ).savings()
        #expect(beyond[0].drawnEnergy == nil && beyond[0].isAtBaseline)
    }

    @Test func intervalsHoldTheEstimateAndDependOnTheSeedAlone() throws {
        var stream = RandomStream(seed: 3, name: "days")
        let days = (0..<14).map { _ in 90 + 20 * stream.uniform() }
        let points = [
            point("own", 0.5, days.map { sums(4, $0 * 0.7, cost: $0) }),
            point("own", 1, own: true, days.map { sums(2, $0 * 0.8, cost: $0) }),
            point("other", 0.5, days.map { sums(4, $0 * 0.9, cost: 2 * $0) }),
            point("other", 1, own: true, days.map { sums(0, $0, cost: 2 * $0) }),
        ]
        let savings = EqualServiceComparison(frontier(points)).savings()
        let drawn = try #require(savings[0].drawnEnergy)
        let (low, high) = (try #require(drawn.low), try #require(drawn.high))
        // Every day saves the same share, so the interval is as narrow as rounding.
        #expect(abs(low.value - drawn.fraction.value) < 1e-9 && abs(high.value - drawn.fraction.value) < 1e-9)
        #expect(try #require(savings[0].cost).fraction == Fraction(0.5))
        #expect(EqualServiceComparison(frontier(points)).savings() == savings)
    }

    @Test func blocksAddUpToTheTimeline() throws {
        let load = Demand(["a": QueriesPerSecond(1), "b": QueriesPerSecond(2)])
        let records = (0..<10).map { (index: Int) -> IntervalRecord in
            let isLast = index == 9
            let violated: [ModelID] = isLast ? ["a"] : []
            return IntervalRecord(
                load: load, capacity: Demand([:]), allocation: Allocation(), provisionedPower: Watts(200),
                drawnPower: Watts(100 + Double(index)), violatedModels: violated, arrivedQueries: 180,
                unservedQueries: isLast ? 6 : 0, planStatus: .optimal, planGap: nil)
        }
        let actions: [ProvisionerAction] = [
            .start(model: "a", serverType: "s", count: 3), .stop(model: "b", serverType: "s", count: 1),
        ]
        let decision = DecisionEntry(
            at: Nanoseconds(seconds: 545), reason: .loadRose, model: nil, neededBefore: nil, neededNow: nil,
            actions: actions)
        let timeline = Timeline(
            policy: "p", interval: Nanoseconds(seconds: 60), records: records, decisionSeconds: 0,
            decisions: [decision])
        var tariff = EnergyTariff()
        tariff.price = HourlySeries([0.5])
        let blocks = timeline.serviceBlocks(of: 4, tariff: tariff, traceStart: 0)
        // The rest of two intervals belongs to the second block.
        #expect(blocks.map(\.pairs) == [8, 12] && blocks.map(\.violatedPairs) == [0, 1])
        #expect(blocks.map(\.changes) == [0, 4])
        let total = blocks[0] + blocks[1]
        #expect(total.drawnJoules == timeline.drawnEnergy.value)
        #expect(total.violationFraction == timeline.violationFraction.value)
        #expect(total.unservedFraction == timeline.unservedFraction.value)
        let cost = try #require(timeline.cost(tariff, traceStart: 0))
        #expect(abs(try #require(total.cost) - cost) < 1e-12)
        #expect(timeline.serviceBlocks(of: 4, tariff: EnergyTariff(), traceStart: 0)[0].cost == nil)
    }
}
