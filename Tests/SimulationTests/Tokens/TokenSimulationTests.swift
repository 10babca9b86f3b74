import Foundation
import Quantities
import Randomness
import Simulation
import TestSupport
import Testing
import TokenScenarios

/// Steps in closed form against steps one by one.
@Suite struct TokenJumpTests {
    @Test func rowsOfStepsEqualSingleSteps() {
        var (rows, steps, preemptions, hits) = (0, 0, 0, 0)
        for seed in 0..<3_000 as Range<UInt64> {
            let scenario = TokenScenario(seed: seed)
            let jumped = scenario.play(jumps: true)
            let stepped = scenario.play(jumps: false)
            // The records themselves would fill the screen.
            let areEqual = jumped.records == stepped.records
            #expect(areEqual, "seed \(seed)")
            let (one, other) = (jumped.outcome, stepped.outcome)
            #expect(one.gaps.count == other.gaps.count && one.gaps.mean == other.gaps.mean, "seed \(seed)")
            #expect(one.engines.map(\.busyByBatch) == other.engines.map(\.busyByBatch), "seed \(seed)")
            #expect(one.engines.map(\.steps) == other.engines.map(\.steps), "seed \(seed)")
            #expect(one.engines.map(\.work) == other.engines.map(\.work), "seed \(seed)")
            #expect(one.engines.map(\.blocksMost) == other.engines.map(\.blocksMost), "seed \(seed)")
            #expect(one.completed + one.rejected == scenario.requests.count, "seed \(seed)")
            rows += one.eventsPlayed
            steps += other.eventsPlayed
            preemptions += one.preemptions
            hits += one.engines.reduce(0) { $0 + $1.cachedTokens }
        }
        // The cases are what they are meant to be.
        #expect(rows * 2 < steps && preemptions > 1_000 && hits > 10_000)
    }

    /// Each policy with steps planned ahead, and with engines that read or generate alone, which few of the
    /// drawn clusters have.
    @Test(arguments: BatchingPolicy.allCases)
    func everyPolicyKeepsToItsStepsPlannedAheadOrInParts(policy: BatchingPolicy) {
        var played = 0
        // A batch that ends as the next one is planned is where static batching once went wrong.
        let seeds: Range<UInt64> = policy == .static ? 700..<1_100 : 1_000..<1_100
        for seed in seeds {
            var scenario = TokenScenario(seed: seed, hasTiers: seed % 3 == 0, hasFailures: seed % 3 == 1)
            for index in scenario.simulation.pools[0].engines.indices {
                scenario.simulation.pools[0].engines[index].setup.policy = policy
                scenario.simulation.pools[0].engines[index].setup.plansAhead = seed % 4 != 0
                scenario.simulation.pools[0].engines[index].setup.stages = 1
                if policy == .llamaCpp { scenario.simulation.pools[0].engines[index].setup.role = .mixed }
            }
            guard scenario.simulation.fault == nil else { continue }
            let jumped = scenario.play(jumps: true, verifies: true)
            let stepped = scenario.play(jumps: false, verifies: true)
            let areEqual = jumped.records == stepped.records
            #expect(areEqual, "seed \(seed)")
            let (one, other) = (jumped.outcome, stepped.outcome)
            #expect(one.gaps.count == other.gaps.count && one.gaps.mean == other.gaps.mean, "seed \(seed)")
            #expect(one.engines.map(\.steps) == other.engines.map(\.steps), "seed \(seed)")
            #expect(one.engines.map(\.work) == other.engines.map(\.work), "seed \(seed)")
            #expect(one.engines.map(\.busyByBatch) == other.engines.map(\.busyByBatch), "seed \(seed)")
            #expect(one.imbalances.isEmpty && other.imbalances.isEmpty, "seed \(seed)")
            #expect(one.arrived == one.completed + one.rejected + one.lost, "seed \(seed)")
            played += 1
        }
        #expect(played > 50)
    }

    @Test func blocksAndTokensAreConserved() {
        for seed in 0..<1_000 as Range<UInt64> {
            let scenario = TokenScenario(seed: seed)
            let (records, outcome) = scenario.play(jumps: seed % 2 == 0, verifies: true)
            #expect(outcome.imbalances.isEmpty, "seed \(seed): \(outcome.imbalances.prefix(3))")
            let generated = outcome.engines.reduce(0) { $0 + $1.generatedTokens }
            #expect(generated == records.reduce(0) { $0 + Int($1.request.output) }, "seed \(seed)")
            #expect(records.allSatisfy { $0.isInOrder }, "seed \(seed)")
        }
    }
}

extension TokenRecord {
    fileprivate var isInOrder: Bool {
        request.arrival <= scheduled && scheduled < firstToken && firstToken <= lastToken
            && Int(cachedTokens) < Int(request.prompt)
    }
}

/// Schedules worked out by hand. A step takes 10 ms, whatever it does.
@Suite struct TokenScheduleTests {
    private func simulation(_ change: (inout EngineSetup) -> Void) -> TokenSimulation {
        var setup = EngineSetup(blocks: 100)
        change(&setup)
        var law = LinearStepLaw()
        law.host = 10_000_000_000
        return TokenSimulation(engines: [.init(setup: setup, law: .linear(law))])
    }

    private func times(
        _ simulation: TokenSimulation, _ requests: [TokenRequest]
    ) -> [Int64: (first: Double, last: Double)] {
        var times: [Int64: (first: Double, last: Double)] = [:]
        _ = simulation.play(ListedRequests(requests)) {
            times[$0.request.id] = ($0.firstToken.milliseconds, $0.lastToken.milliseconds)
        }
        return times
    }

    private func request(_ id: Int64, at milliseconds: Double, _ prompt: Int, _ output: Int) -> TokenRequest {
        TokenRequest(
            id: id, arrival: Nanoseconds(milliseconds: milliseconds), prompt: prompt, output: output)
    }

    @Test func aRequestTakesAStepToReadAndOneForEachFurtherToken() {
        let times = times(simulation { _ in }, [request(0, at: 0, 100, 5)])
        #expect(times[0]?.first == 10 && times[0]?.last == 50)
    }

    @Test func workIsASumOverSteps() {
        // Read in two pieces, then four tokens more, each after what is in the cache by then.
        let one = simulation {
            $0.tokenBudget = 64
            $0.sequencesMax = 8
        }
        let work = one.play(ListedRequests([request(0, at: 0, 100, 5)])).engines[0].work
        #expect(work.steps == 6 && work.tokens == 104 && work.sampled == 5)
        #expect(work.pairsDoubled == 64 * 64 + 36 * (2 * 64 + 36))
        #expect(work.context == 64 + 100 + 101 + 102 + 103)
    }

    @Test func anArrivalIsTakenUpAtTheNextStep() {
        let times = times(simulation { _ in }, [request(0, at: 0, 10, 9), request(1, at: 33, 10, 2)])
        #expect(times[0]?.last == 90)
        #expect(times[1]?.first == 50 && times[1]?.last == 60)
    }

    @Test func aPromptIsCutByTheBudgetAndAnswersGoOn() {
        // After the first step, one token of the budget goes to the first request: 63 + 63 + 34 tokens.
        let one = simulation {
            $0.tokenBudget = 64
            $0.sequencesMax = 8
        }
        let times = times(one, [request(0, at: 0, 64, 9), request(1, at: 5, 160, 2)])
        #expect(times[0]?.first == 10 && times[0]?.last == 90)
        #expect(times[1]?.first == 40 && times[1]?.last == 50)
    }

    @Test func withoutPiecesAPromptWaitsForAWholeBudget() {
        let one = simulation {
            $0.tokenBudget = 100
            $0.sequencesMax = 8
            $0.cutsPrompts = false
        }
        // Both together exceed the budget, so the second is read a step later.
        let times = times(one, [request(0, at: 0, 60, 1), request(1, at: 0, 60, 1)])
        #expect(times[0]?.first == 10 && times[1]?.first == 20)
    }

    @Test func theLastAdmittedIsPreemptedAndFoundInTheCacheAgain() {
        let one = simulation {
            $0.blocks = 5
            $0.reservesWholePrompt = true
        }
        // Each prompt takes two blocks. At 10 ms both generate; a third block is needed by both at the same
        // step: the first gets the last free one, the second gives its two back, of which one is taken at
        // 170 ms.
        var records: [TokenRecord] = []
        let outcome = one.play(ListedRequests([request(0, at: 0, 32, 20), request(1, at: 0, 32, 20)])) {
            records.append($0)
        }
        #expect(outcome.preemptions == 1)
        #expect(records.map(\.request.id) == [0, 1])
        #expect(records[0].lastToken.milliseconds == 200)
        #expect(records[1].preemptions == 1)
        // 19 tokens are left; the step that reads again yields the first of them.
        #expect(records[1].lastToken.milliseconds == 390)
    }

    @Test func noEvictAdmitsWhatHasRoomForItsAnswer() {
        let one = simulation {
            $0.blocks = 5
            $0.policy = .noEvict
        }
        let times = times(one, [request(0, at: 0, 32, 20), request(1, at: 0, 32, 20)])
        #expect(times[0]?.last == 200)
        #expect(times[1]?.first == 210 && times[1]?.last == 400)
    }

    @Test func promptsFirstLetsAnswersWait() {
        let one = simulation { $0.policy = .continuous }
        let times = times(one, [request(0, at: 0, 10, 4), request(1, at: 12, 10, 2)])
        // Steps: read 0, generate, read 1, generate both, generate 0.
        #expect(times[0]?.first == 10 && times[0]?.last == 50)
        #expect(times[1]?.first == 30 && times[1]?.last == 40)
    }

    @Test func aStaticBatchEndsBeforeTheNextBegins() {
        let one = simulation { $0.policy = .static }
        let times = times(one, [request(0, at: 0, 10, 4), request(1, at: 12, 10, 2)])
        #expect(times[0]?.last == 40 && times[1]?.first == 50)
    }

    @Test func sharedPromptsAreReadOnce() {
        let one = simulation { _ in }
        var requests: [TokenRequest] = []
        for index in 0..<3 {
            requests.append(
                TokenRequest(
                    id: Int64(index), arrival: Nanoseconds(milliseconds: Double(index) * 100), prompt: 100,
                    output: 2, prefix: .group(id: 7, tokens: 64)))
        }
        let outcome = one.play(ListedRequests(requests))
        #expect(outcome.engines[0].cachedTokens == 128 && outcome.hitShare == 128.0 / 300)
    }

    @Test func aTurnFindsTheTurnsBefore() {
        let turns = [
            TokenRequest(id: 0, arrival: .zero, prompt: 50, output: 31, prefix: .session(id: 1)),
            TokenRequest(
                id: 1, arrival: Nanoseconds(seconds: 1), prompt: 100, output: 1, prefix: .session(id: 1)),
        ]
        // 80 of the 81 tokens of the first turn have been through the model: five blocks.
        let outcome = simulation { _ in }.play(ListedRequests(turns))
        #expect(outcome.engines[0].cachedTokens == 80)
    }

    @Test func conversationsShareTheirSystemPrompt() {
        let turns = (0..<3).map { id in
            TokenRequest(
                id: Int64(id), arrival: Nanoseconds(seconds: Double(id)), prompt: 100, output: 2,
                prefix: .session(id: UInt32(id), group: 1, groupTokens: 64))
        }
        let outcome = simulation { _ in }.play(ListedRequests(turns))
        #expect(outcome.engines[0].cachedTokens == 128)
    }

    @Test func gapsCountStallsByOtherPrompts() {
        let one = simulation { $0.policy = .continuous }
        let outcome = one.play(ListedRequests([request(0, at: 0, 10, 4), request(1, at: 12, 10, 2)]))
        // Of the first 10, 20 and 10 ms, of the second 10 ms.
        #expect(outcome.gaps.count == 4)
        #expect(outcome.gaps.mean == Nanoseconds(milliseconds: 12.5))
        #expect(outcome.gaps.maximum == Nanoseconds(milliseconds: 20))
    }
}

/// Engines that do one part of a request.
@Suite struct DisaggregationTests {
    @Test(arguments: BatchingPolicy.allCases.filter { $0 != .llamaCpp })
    func keysAndValuesTravelOneAfterAnother(policy: BatchingPolicy) {
        var law = LinearStepLaw()
        law.host = 10_000_000_000
        let engines = [EngineRole.prefill, .decode].map { role in
            var setup = EngineSetup(blocks: 100)
            setup.role = role
            setup.policy = policy
            return TokenSimulation.Engine(setup: setup, law: .linear(law))
        }
        var simulation = TokenSimulation(engines: engines)
        simulation.pools[0].link = .init(
            picosecondsPerToken: 100_000_000, latency: Nanoseconds(milliseconds: 1))
        let requests = (0..<2).map { TokenRequest(id: $0, arrival: .zero, prompt: 100, output: 3) }
        var ends: [Double] = []
        let outcome = simulation.play(ListedRequests(requests)) { ends.append($0.lastToken.milliseconds) }
        // The first is read alone, as the engine was idle. On the link for 10 ms each, from 10 and from 20
        // ms; then two steps each, the second request from the next step on, or behind the first batch.
        #expect(ends == [41, policy == .static ? 61 : 51])
        #expect(outcome.engines.map(\.promptTokens) == [200, 0] && outcome.engines[1].reading == .zero)
        #expect(outcome.engines.map(\.generatedTokens) == [2, 4])
        #expect(outcome.byKind[0].firstToken.maximum == Nanoseconds(milliseconds: 20))
    }
}

/// Limits where formulas are known.
@Suite struct TokenQueueTests {
    @Test(arguments: [0.3, 0.7, 0.9])
    func oneSequenceIsAQueueWithConstantService(utilisation: Double) throws {
        var setup = EngineSetup(blocks: 10)
        setup.sequencesMax = 1
        var law = LinearStepLaw()
        law.host = 1_000_000_000
        let simulation = TokenSimulation(engines: [.init(setup: setup, law: .linear(law))])
        let outcome = simulation.play(PoissonRequests(count: 400_000, rate: utilisation * 1000))
        // Pollaczek and Khinchine: a wait of rho / (2 (1 - rho)) services.
        let expected = 1 + utilisation / (2 * (1 - utilisation))
        let found = try #require(outcome.all.endToEnd.mean).milliseconds
        let ratio = found / expected
        #expect(abs(ratio - 1) < 0.03)
    }
}

/// Content that requests share in a published trace.
@Suite struct MooncakeTests {
    @Test(.enabled(if: Repository.hasSharedData, Repository.sharedDataComment))
    func anUnlimitedCacheHitsWhatTheTraceSays() throws {
        let text = try String(
            contentsOfFile: "\(Repository.sharedData)/mooncake/synthetic_trace.jsonl", encoding: .utf8)
        var (names, requests): ([UInt64], [TokenRequest]) = ([], [])
        for line in text.split(whereSeparator: \.isNewline) {
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let hashes = try #require(object["hash_ids"] as? [Int])
            let prompt = try #require(object["input_length"] as? Int)
            requests.append(
                TokenRequest(
                    id: Int64(requests.count),
                    arrival: Nanoseconds(milliseconds: try #require(object["timestamp"] as? Double)),
                    prompt: prompt, output: max(1, try #require(object["output_length"] as? Int)),
                    prefix: .blocks(first: Int32(names.count), count: Int32(hashes.count), tokens: 512)))
            names += hashes.map { UInt64($0) }
        }
        var setup = EngineSetup(blocks: 40_000_000)
        setup.tokenBudget = 200_000
        var law = LinearStepLaw()
        law.host = 1_000_000
        var simulation = TokenSimulation(engines: [.init(setup: setup, law: .linear(law))])
        simulation.names = names
        var (found, tokens) = (0, 0)
        let outcome = simulation.play(ListedRequests(requests)) { record in
            found += (Int(record.cachedTokens) + 511) / 512
            tokens += Int(record.cachedTokens)
        }
        // Published by names of 512 tokens: 64.0 %. By tokens it is more, as last names are short.
        let byNames = Double(found) / Double(names.count)
        #expect(abs(byNames - 0.640) < 0.001)
        let byTokens = try #require(outcome.hitShare)
        #expect(abs(byTokens - 0.651) < 0.001)
    }
}
