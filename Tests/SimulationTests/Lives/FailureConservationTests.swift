import Quantities
import Simulation
import Testing
import TokenScenarios

/// What holds of every cluster whose engines boot, fail and drain.
@Suite struct FailureConservationTests {
    private func scenario(_ seed: UInt64) -> TokenScenario {
        TokenScenario(seed: seed, hasTiers: seed % 3 == 0, hasFailures: true)
    }

    @Test func rowsOfStepsEqualSingleStepsUnderFailures() {
        var (rows, steps, restarted, lost) = (0, 0, 0, 0)
        for seed in 0..<1_500 as Range<UInt64> {
            let scenario = scenario(seed)
            #expect(scenario.simulation.fault == nil, "seed \(seed)")
            let (jumped, stepped) = (scenario.play(jumps: true), scenario.play(jumps: false))
            let (one, other) = (jumped.outcome, stepped.outcome)
            // The records themselves would fill the screen.
            let areEqual = jumped.records == stepped.records
            #expect(areEqual, "seed \(seed)")
            #expect(one.gaps.count == other.gaps.count && one.gaps.mean == other.gaps.mean, "seed \(seed)")
            #expect(one.engines.map(\.busyByBatch) == other.engines.map(\.busyByBatch), "seed \(seed)")
            #expect(one.engines.map(\.reading) == other.engines.map(\.reading), "seed \(seed)")
            #expect(one.engines.map(\.blocksMost) == other.engines.map(\.blocksMost), "seed \(seed)")
            #expect(one.engines.map(\.life) == other.engines.map(\.life), "seed \(seed)")
            #expect(one.lossCounts == other.lossCounts, "seed \(seed)")
            rows += one.eventsPlayed
            steps += other.eventsPlayed
            restarted += one.restarted
            lost += one.lost
        }
        // The cases are what they are meant to be.
        #expect(rows * 3 < steps * 2 && restarted > 1_000 && lost > 1_000)
    }

    @Test func requestsTokensAndBlocksAreConservedUnderFailures() {
        for seed in 0..<1_000 as Range<UInt64> {
            let scenario = scenario(seed)
            let (records, outcome) = scenario.play(jumps: seed % 2 == 0, verifies: true)
            // Blocks at every event, and all of them free at the end.
            #expect(outcome.imbalances.isEmpty, "seed \(seed): \(outcome.imbalances.prefix(3))")
            #expect(outcome.arrived == scenario.requests.count, "seed \(seed)")
            let ended = outcome.completed + outcome.rejected + outcome.lost
            #expect(outcome.arrived == ended && records.count == outcome.completed, "seed \(seed)")
            // A token is generated once: what was there when an engine failed stays.
            let generated = outcome.engines.reduce(0) { $0 + $1.generatedTokens }
            let answered = records.reduce(0) { $0 + Int($1.request.output) }
            #expect(generated == answered + outcome.tokensOfLost, "seed \(seed)")
            for record in records {
                #expect(record.request.arrival <= record.scheduled && record.scheduled < record.firstToken)
                #expect(record.firstToken <= record.lastToken, "seed \(seed)")
            }
            // Every stage of a pipeline may be busy.
            let stages = Int64(scenario.simulation.pools[0].engines[0].setup.stages)
            for engine in outcome.engines {
                let busy = engine.busy.count / stages
                #expect(busy <= engine.life.up.count + 1000, "seed \(seed): busy while it is not up")
            }
        }
    }

    @Test func requestsOfStagesAreAnsweredOrLost() {
        var lost = 0
        for seed in 0..<400 as Range<UInt64> {
            var scenario = StageScenario(seed: seed)
            let failing = TokenScenario(seed: seed, hasFailures: true).simulation.pools[0]
            for pool in scenario.simulation.pools.indices {
                scenario.simulation.pools[pool].failureRule = failing.failureRule
                for (index, engine) in failing.engines.enumerated() {
                    scenario.simulation.pools[pool].engines[index].life = engine.life
                }
            }
            let (records, outcome) = scenario.play(jumps: true, verifies: true)
            #expect(outcome.imbalances.isEmpty, "seed \(seed): \(outcome.imbalances.prefix(3))")
            #expect(outcome.arrived == outcome.completed + outcome.rejected + outcome.lost, "seed \(seed)")
            #expect(records.count == outcome.completed)
            lost += outcome.lost
        }
        #expect(lost > 500)
    }
}

extension TokenOutcome {
    fileprivate var lossCounts: [Int] {
        [completed, rejected, lost, returned, restarted, tokensLost, tokensOfLost, routerWaits.count]
    }
}
