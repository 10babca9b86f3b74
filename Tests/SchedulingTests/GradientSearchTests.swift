import Quantities
import Randomness
import Scheduling
import ServerModels
import Testing
import Vocabulary

/// A smooth surface with one summit at a place of its own for each O.
struct Surface {
    var summitThreads: Double
    var summitBatch: Double
    var bestWorkers: Double

    func callAsFunction(_ schedule: Schedule) -> ScheduleEvaluation {
        let batch = Double(schedule.columns.batch.trailingZeroBitCount)
        let threads = Double(schedule.columns.threads * schedule.columns.workers)
        let value =
            1000
            / (1 + 0.002 * (threads - summitThreads) * (threads - summitThreads)
                + 0.05 * (batch - summitBatch) * (batch - summitBatch))
            / (1 + 0.1 * abs(Double(schedule.columns.workers.trailingZeroBitCount) - bestWorkers))
        return ScheduleEvaluation(
            schedule: schedule, throughput: QueriesPerSecond(value), power: Watts(100), provenance: .modelled)
    }
}

extension SearchMethod {
    /// Without a prior or a budget.
    func search(
        _ space: ScheduleSpace, seed: UInt64 = 1, _ evaluate: @escaping (Schedule) -> ScheduleEvaluation
    ) throws -> SearchTrail {
        try search(SearchProblem(space: space, seed: seed), evaluate: evaluate)
    }
}

let testBatches = (3...11).map { 1 << $0 }

func testSpace(_ partitions: [ThreadSchedule.Partition] = [.whole], cores: Int = 40) -> ScheduleSpace {
    .hardware(partitions: partitions, cores: cores, batches: testBatches, copiesMax: 8)
}

@Suite struct GradientSearchTests {
    private func surface(_ seed: UInt64) -> Surface {
        var stream = RandomStream(seed: seed, name: "surface")
        return Surface(
            summitThreads: 1 + 39 * stream.uniform(), summitBatch: 3 + 8 * stream.uniform(),
            bestWorkers: Double(stream.integer(in: 0..<4)))
    }

    @Test func findsTheSummitWithoutAnyPrior() throws {
        let space = testSpace()
        var shares: [Double] = []
        for seed in UInt64(0)..<40 {
            let surface = surface(seed)
            let found = try GradientSearch().search(space) { surface($0) }
            let highest = space.schedules.map { surface($0).throughput }.max() ?? .zero
            shares.append((found.best?.throughput ?? .zero) / highest)
            #expect(found.evaluations.count < space.count / 3, "seed \(seed): \(found.evaluations.count)")
        }
        shares.sort()
        #expect(shares[20] > 0.99 && shares[4] > 0.97 && shares[0] > 0.85, "\(shares.prefix(6))")
    }

    @Test func aPriorThatBendsTheWrongWayCostsEvaluationsAndNotTheOptimum() throws {
        let space = testSpace()
        for seed in UInt64(0)..<20 {
            let surface = surface(seed)
            // Too high by ten, and rising with D where the truth has a summit.
            let problem = SearchProblem(
                space: space,
                prior: SchedulePrior(
                    estimate: {
                        surface($0).throughput * (10 * Double($0.columns.batch.trailingZeroBitCount) / 6)
                    }, ceiling: { _ in QueriesPerSecond(100_000) }, isCeilingProven: false), seed: 1)
            let found = try GradientSearch().search(problem) { surface($0) }
            let highest = space.schedules.map { surface($0).throughput }.max() ?? .zero
            #expect((found.best?.throughput ?? .zero) / highest > 0.9, "seed \(seed)")
        }
    }

    @Test func anExactPriorTakesAFewEvaluationsAndABoundProvesTheRest() throws {
        let space = testSpace([.whole, .sparseDense])
        let surface = surface(3)
        let problem = SearchProblem(
            space: space,
            prior: SchedulePrior(
                estimate: { surface($0).throughput }, ceiling: { surface($0).throughput },
                isCeilingProven: true), seed: 1)
        let found = try GradientSearch().search(problem) { surface($0) }
        #expect(found.best?.throughput == space.schedules.map { surface($0).throughput }.max())
        #expect(found.evaluations.count <= 3)
        #expect(found.stop == .exhausted)
    }

    @Test(arguments: SearchMethods.names)
    func everyMethodEvaluatesNothingTwiceAndRepeatsItself(name: String) throws {
        let method = try #require(SearchMethods.named(name))
        let space = testSpace([.whole, .sparseDense], cores: 8)
        let surface = Surface(summitThreads: 6, summitBatch: 7, bestWorkers: 1)
        let trail = try method.search(space) { surface($0) }
        #expect(Set(trail.evaluations.map(\.schedule)).count == trail.evaluations.count)
        #expect(Set(trail.path).isSubset(of: Set(trail.evaluations.map(\.schedule))))
        #expect(trail == (try method.search(space) { surface($0) }))
        let highest = trail.evaluations.max { $0.throughput < $1.throughput }
        #expect(trail.path.contains { $0 == highest?.schedule })
    }

    @Test(arguments: SearchMethods.names)
    func aBudgetIsKeptAndASearchGoesOnWhereItStopped(name: String) throws {
        let method = try #require(SearchMethods.named(name))
        let space = testSpace(cores: 8)
        let surface = Surface(summitThreads: 6, summitBatch: 7, bestWorkers: 1)
        let problem = SearchProblem(space: space, seed: 5)
        let whole = try method.search(problem) { surface($0) }
        let part = try method.search(problem, budget: SearchBudget(evaluations: 4)) { surface($0) }
        #expect(part.evaluations == Array(whole.evaluations.prefix(4)))
        #expect(whole.evaluations.count <= 4 || part.stop == .evaluations)
        var observed: [ScheduleEvaluation] = []
        let resumed = try method.search(
            problem, known: part.evaluations, observe: { observed.append($0) }, evaluate: { surface($0) })
        #expect(resumed == whole)
        #expect(observed == Array(whole.evaluations.dropFirst(4)), "only what is new is evaluated")
    }

    @Test func anInterruptedSearchKeepsTheBestSoFar() throws {
        let surface = Surface(summitThreads: 20, summitBatch: 6, bestWorkers: 0)
        nonisolated(unsafe) var asked = 0
        let budget = SearchBudget {
            asked += 1
            return asked > 6 ? .interrupted : nil
        }
        let trail = try GradientSearch().search(
            SearchProblem(space: testSpace(), seed: 1), budget: budget, evaluate: { surface($0) })
        #expect(trail.stop == .interrupted)
        #expect(trail.evaluations.count == 6)
        #expect(trail.best != nil)
    }

    @Test func noiseBuysSamplesAndTheMeanDecides() throws {
        let space = testSpace(cores: 8)
        let surface = Surface(summitThreads: 6, summitBatch: 7, bestWorkers: 1)
        let highest = space.schedules.map { surface($0).throughput }.max() ?? .zero
        for seed in UInt64(0)..<10 {
            var noise = RandomStream(seed: seed, name: "noise")
            let trail = try GradientSearch().search(
                SearchProblem(space: space, seed: 1), samplesMax: 4
            ) { schedule in
                let exact = surface(schedule)
                return ScheduleEvaluation(
                    schedule: schedule, throughput: exact.throughput * (1 + 0.03 * noise.normal()),
                    power: exact.power, provenance: .measured, uncertainty: Fraction(0.06))
            }
            let chosen = try #require(trail.best)
            #expect(surface(chosen.schedule).throughput / highest > 0.85, "seed \(seed)")
            let counts = Dictionary(grouping: trail.evaluations, by: \.schedule).mapValues(\.count)
            #expect(counts.values.max() ?? 0 > 1, "close calls are sampled again")
            #expect(counts.values.allSatisfy { $0 <= 4 })
            let last = try #require(trail.evaluations.last { counts[$0.schedule] ?? 0 > 1 })
            #expect((last.uncertainty?.value ?? 1) < 0.06, "samples narrow the interval")
        }
    }

    @Test func betweenEqualThroughputsTheLowerPowerWins() {
        let trail = SearchTrail(
            evaluations: [(100.0, 300.0), (100.2, 500), (99.9, 250), (90, 100)].enumerated().map {
                ScheduleEvaluation(
                    schedule: Schedule(partition: .whole, threads: 1 + $0.offset, workers: 1, batch: 1),
                    throughput: QueriesPerSecond($0.element.0), power: Watts($0.element.1),
                    provenance: .modelled)
            }, path: [])
        #expect(trail.best?.power == Watts(250))
    }

    @Test(arguments: ["gradient", "gradient-plain"])
    func climbsOutOfARegionWithoutThroughput(name: String) throws {
        // Below D = 128 no rate meets the target.
        let method = try #require(SearchMethods.named(name))
        let trail = try method.search(testSpace([.accelerator])) { schedule in
            ScheduleEvaluation(
                schedule: schedule,
                throughput: QueriesPerSecond(
                    schedule.columns.batch < 128
                        ? 0 : Double(schedule.columns.batch) / Double(schedule.columns.threads)),
                power: Watts(1), provenance: .modelled)
        }
        #expect(trail.best?.schedule.columns.batch == 2048)
    }

    @Test func findsTheOneCornerThatServesAnything() throws {
        // Only many workers and small batches are fast enough for the limit.
        let trail = try GradientSearch().search(testSpace()) { schedule in
            ScheduleEvaluation(
                schedule: schedule,
                throughput: QueriesPerSecond(
                    schedule.columns.workers >= 8 && schedule.columns.batch <= 16
                        ? Double(schedule.columns.threads) : 0),
                power: Watts(1), provenance: .modelled)
        }
        #expect((trail.best?.throughput ?? .zero) > .zero)
    }

    @Test func aPriorThatSeesACliffWhereThereIsNoneIsDoubted() throws {
        // Everything but D >= 512 is believed to miss the limit, and the truth has its summit at 32, beyond a
        // gap that no single step crosses.
        let space = testSpace(cores: 8)
        let surface = Surface(summitThreads: 6, summitBatch: 5, bestWorkers: 0)
        let problem = SearchProblem(
            space: space,
            prior: SchedulePrior(
                estimate: { QueriesPerSecond($0.columns.batch < 512 ? 5 : 500) },
                ceiling: { _ in QueriesPerSecond(5000) }, isCeilingProven: false), seed: 1)
        @Sendable func truth(_ schedule: Schedule) -> ScheduleEvaluation {
            let found = surface(schedule)
            return ScheduleEvaluation(
                schedule: schedule,
                throughput: (128...256).contains(schedule.columns.batch) ? .zero : found.throughput,
                power: found.power, provenance: .modelled)
        }
        let highest = space.schedules.map { truth($0).throughput }.max() ?? .zero
        let found = try GradientSearch().search(problem) { truth($0) }
        #expect((found.best?.throughput ?? .zero) / highest > 0.97, "\(found.evaluations.count)")
        var hasty = GradientSearch()
        hasty.doubts = 0
        let soon = try hasty.search(problem) { truth($0) }
        #expect((soon.best?.throughput ?? .zero) / highest < 0.9, "what one believes is all one finds")
    }

    @Test func anImpossibleSpaceHasNoBest() throws {
        let space = testSpace(cores: 8)
        let trail = try GradientSearch().search(space) {
            ScheduleEvaluation(
                schedule: $0, throughput: .zero, power: Watts(1), provenance: .modelled)
        }
        #expect(trail.best == nil)
        #expect(trail.evaluations.count < space.count)
    }

    @Test func theBatchClimbKeepsEveryCoreAndOneWorker() throws {
        let surface = Surface(summitThreads: 20, summitBatch: 6, bestWorkers: 0)
        let trail = try BatchClimb().search(testSpace()) { surface($0) }
        #expect(
            trail.evaluations.allSatisfy {
                $0.schedule.columns.threads == 40 && $0.schedule.columns.workers == 1
            })
        #expect(trail.best?.schedule.columns.batch == 64)
    }
}
