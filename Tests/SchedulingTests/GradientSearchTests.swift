import Quantities
import Scheduling
import Simulation
import Testing
import Vocabulary

@Suite struct GradientSearchTests {
    /// A smooth surface with one summit at a place of its own for each O.
    private struct Surface {
        let summitThreads: Double
        let summitBatch: Double
        let bestWorkers: Double

        func callAsFunction(_ schedule: Schedule) -> ScheduleEvaluation {
            let batch = Double(schedule.batch.trailingZeroBitCount)
            let threads = Double(schedule.threads * schedule.workers)
            let value =
                1000
                / (1 + 0.002 * (threads - summitThreads) * (threads - summitThreads)
                    + 0.05 * (batch - summitBatch) * (batch - summitBatch))
                / (1 + 0.1 * abs(Double(schedule.workers.trailingZeroBitCount) - bestWorkers))
            return ScheduleEvaluation(
                schedule: schedule, throughput: QueriesPerSecond(value), power: Watts(100),
                provenance: .modelled)
        }
    }

    private let batches = (3...11).map { 1 << $0 }

    @Test func findsTheSummitOfConvexLikeSurfacesInFewEvaluations() {
        let space = ScheduleSpace(
            slices: ScheduleSpace.host(partition: .whole, coresMax: 40, batches: batches))
        for seed in UInt64(0)..<100 {
            var stream = RandomStream(seed: seed, name: "surface")
            let surface = Surface(
                summitThreads: 1 + 39 * stream.uniform(), summitBatch: 3 + 8 * stream.uniform(),
                bestWorkers: Double(stream.integer(in: 0..<4)))
            let found = GradientSearch().search(space) { surface($0) }
            let best = ExhaustiveSearch().search(space) { surface($0) }
            let share = (found.best?.throughput ?? .zero) / (best.best?.throughput ?? .zero)
            #expect(share > 0.97, "seed \(seed) reached \(share)")
            #expect(found.evaluations.count < space.count / 4, "seed \(seed)")
            #expect(best.evaluations.count == space.count)
        }
    }

    @Test func evaluatesNothingTwiceAndEndsThePathAtTheBest() {
        let space = ScheduleSpace(
            slices: ScheduleSpace.host(partition: .whole, coresMax: 16, batches: batches)
                + ScheduleSpace.host(partition: .sparseDense, coresMax: 15, batches: batches))
        let surface = Surface(summitThreads: 9, summitBatch: 7, bestWorkers: 1)
        let trail = GradientSearch().search(space) { surface($0) }
        #expect(Set(trail.evaluations.map(\.schedule)).count == trail.evaluations.count)
        #expect(Set(trail.path).isSubset(of: Set(trail.evaluations.map(\.schedule))))
        let highest = trail.evaluations.max { $0.throughput < $1.throughput }
        #expect(trail.path.contains { $0 == highest?.schedule })
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

    @Test func climbsOutOfARegionWithoutThroughput() {
        // Below D = 128 no rate meets the target.
        let space = ScheduleSpace(
            slices: ScheduleSpace.accelerator(partition: .accelerator, copiesMax: 8, batches: batches))
        let trail = GradientSearch().search(space) { schedule in
            ScheduleEvaluation(
                schedule: schedule,
                throughput: QueriesPerSecond(
                    schedule.batch < 128 ? 0 : Double(schedule.batch) / Double(schedule.threads)),
                power: Watts(1), provenance: .modelled)
        }
        #expect(trail.best?.schedule.batch == 2048)
    }

    @Test func anImpossibleSpaceHasNoBest() {
        let space = ScheduleSpace(
            slices: ScheduleSpace.host(partition: .whole, coresMax: 8, batches: batches))
        let trail = GradientSearch().search(space) {
            ScheduleEvaluation(
                schedule: $0, throughput: .zero, power: Watts(1), provenance: .modelled)
        }
        #expect(trail.best == nil)
        #expect(trail.path.isEmpty)
        #expect(trail.evaluations.count < space.count)
    }

    @Test func theBatchClimbKeepsEveryCoreAndOneWorker() {
        let space = ScheduleSpace(
            slices: ScheduleSpace.host(partition: .whole, coresMax: 40, batches: batches))
        let surface = Surface(summitThreads: 20, summitBatch: 6, bestWorkers: 0)
        let trail = BatchClimb().search(space) { surface($0) }
        #expect(trail.evaluations.allSatisfy { $0.schedule.threads == 40 && $0.schedule.workers == 1 })
        #expect(trail.best?.schedule.batch == 64)
    }

    @Test func aMeasuredSpaceIsTheLatticeWithoutHoles() {
        let cells = [(1, 1, 16), (1, 1, 64), (2, 1, 16), (2, 1, 64), (4, 1, 16), (1, 2, 16)].map {
            Schedule(partition: .whole, threads: $0.0, workers: $0.1, batch: $0.2)
        }
        let space = ScheduleSpace.measured(cells)
        #expect(space.slices.map(\.workers) == [1, 2])
        #expect(space.slices[0].threads == [1, 2, 4])
        #expect(space.slices[0].batches == [16], "64 was not measured with 4 threads")
        #expect(Set(space.schedules).isSubset(of: Set(cells)))
    }
}
