import Quantities
import Simulation
import Testing
import TokenScenarios

/// What holds of every cluster whose engines keep blocks below the device.
@Suite struct TierConservationTests {
    @Test func rowsOfStepsEqualSingleStepsWithTiers() {
        var (rows, steps, loaded, preemptions) = (0, 0, 0, 0)
        for seed in 0..<1_500 as Range<UInt64> {
            let scenario = TokenScenario(seed: seed, hasTiers: true)
            #expect(scenario.simulation.fault == nil, "seed \(seed)")
            let (jumped, stepped) = (scenario.play(jumps: true), scenario.play(jumps: false))
            let (one, other) = (jumped.outcome, stepped.outcome)
            // The records themselves would fill the screen.
            let areEqual = jumped.records == stepped.records
            #expect(areEqual, "seed \(seed)")
            #expect(one.gaps.count == other.gaps.count && one.gaps.mean == other.gaps.mean, "seed \(seed)")
            #expect(one.engines.map(\.busyByBatch) == other.engines.map(\.busyByBatch), "seed \(seed)")
            #expect(one.engines.map(\.loadedTokens) == other.engines.map(\.loadedTokens), "seed \(seed)")
            #expect(one.engines.map(\.blocksMost) == other.engines.map(\.blocksMost), "seed \(seed)")
            #expect(one.tiers.map(\.counts) == other.tiers.map(\.counts), "seed \(seed)")
            #expect(one.loadWaits.mean == other.loadWaits.mean, "seed \(seed)")
            #expect(one.completed + one.rejected == scenario.requests.count, "seed \(seed)")
            rows += one.eventsPlayed
            steps += other.eventsPlayed
            preemptions += one.preemptions
            loaded += one.tiers.reduce(0) { $0 + $1.loadedBlocks }
        }
        // The cases are what they are meant to be.
        #expect(rows * 3 < steps * 2 && preemptions > 1_000 && loaded > 5_000)
    }

    @Test func blocksAndTokensAreConservedWithTiers() {
        for seed in 0..<600 as Range<UInt64> {
            let scenario = TokenScenario(seed: seed, hasTiers: true)
            let (records, outcome) = scenario.play(jumps: seed % 2 == 0, verifies: true)
            #expect(outcome.imbalances.isEmpty, "seed \(seed): \(outcome.imbalances.prefix(3))")
            let generated = outcome.engines.reduce(0) { $0 + $1.generatedTokens }
            #expect(generated == records.reduce(0) { $0 + Int($1.request.output) }, "seed \(seed)")
            for tier in outcome.tiers {
                // What came in is there or was evicted.
                #expect(tier.blocksMost <= tier.blocks, "seed \(seed)")
                #expect(tier.evictedBlocks <= tier.writtenBlocks, "seed \(seed)")
                #expect(tier.writtenBlocks - tier.evictedBlocks <= tier.blocks, "seed \(seed)")
            }
            for engine in outcome.engines {
                #expect(engine.loadedTokens.reduce(0, +) <= engine.cachedTokens, "seed \(seed)")
            }
        }
    }
}

extension CacheTierFigures {
    fileprivate var counts: [Int] {
        [loads, loadedBlocks, writes, writtenBlocks, skippedBlocks, evictedBlocks, blocksMost]
    }
}
