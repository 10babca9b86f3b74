import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

/// Pieces of several queries in one batch.
@Suite struct JoinedBatchTests {
    /// - Parameter service: of any batch.
    private func run(
        wait: Nanoseconds?, batch: Int, rate: Double, service: TimeInterval
    ) throws -> (outcome: LoadOutcome, sizes: [Int]) {
        let engine = FakeEngine { _, _ throws(ProfilingError) in Thread.sleep(forTimeInterval: service) }
        let model = TinyModels.all[3]
        var load = OpenLoopRun(
            rate: QueriesPerSecond(rate), sizes: .fixed(1), batch: batch,
            duration: Nanoseconds(milliseconds: 300), patience: Nanoseconds(seconds: 5), seed: 1)
        load.joinWait = wait
        let prepared = try engine.prepare(model, threads: 1, workers: 1, batches: [batch])
        return (try load.run(against: prepared), engine.calls.map(\.items))
    }

    @Test func whatWaitsIsTakenAtOnce() throws {
        let joined = try run(wait: .zero, batch: 8, rate: 2000, service: 0.002)
        #expect(joined.sizes.allSatisfy { (1...8).contains($0) })
        #expect(joined.sizes.contains { $0 > 1 }, "queries arrive four times as fast as they are served")
        #expect(joined.outcome.completedQueries == joined.outcome.arrivedQueries)
        #expect(joined.outcome.abandonedQueries == 0)
        // Every query is in one batch and no more.
        #expect(joined.sizes.reduce(0, +) >= joined.outcome.arrivedQueries)
        // Service times are of batches, and dispatch says nothing where waiting is meant.
        #expect(joined.outcome.serviceSamples.contains { $0.items > 1 })
        #expect(joined.outcome.dispatch.count == 0)
    }

    @Test func withoutJoiningEachQueryIsABatch() throws {
        let split = try run(wait: nil, batch: 8, rate: 200, service: 0.0001)
        #expect(split.sizes.allSatisfy { $0 == 1 })
    }

    @Test func aThreadWaitsForMoreUntilABatchIsFull() throws {
        // Far longer than eight queries take to come, so that nearly all batches are full.
        let joined = try run(wait: Nanoseconds(seconds: 2), batch: 8, rate: 1000, service: 0.0001)
        #expect(joined.sizes.dropLast().allSatisfy { $0 == 8 }, "\(joined.sizes)")
    }
}
