import Quantities
import Randomness
import Simulation
import Testing

/// Requests that walk stages, on cases worked out by hand.
@Suite struct StageTests {
    /// Steps of 1 ms, and 0.1 ms for every token that is read.
    private func simulation(
        _ graph: StageGraph, stations: [StageStation] = [], pools: Int = 1,
        _ change: (inout EngineSetup) -> Void = { _ in }
    ) -> TokenSimulation {
        var law = LinearStepLaw()
        law.host = 1_000_000_000
        law.perToken = 100_000_000
        // A token that is generated costs nothing of its own.
        law.weights = 0
        var setup = EngineSetup(blocks: 1000)
        change(&setup)
        let engine = TokenSimulation.Engine(setup: setup, law: .linear(law))
        var simulation = TokenSimulation(pools: (0..<pools).map { _ in TokenPool(engines: [engine]) })
        simulation.graphs = [graph]
        simulation.entries = [.graph(0)]
        simulation.stations = stations
        simulation.spansMax = 1000
        return simulation
    }

    private func call(_ pool: Int = 0, _ change: (inout StageGraph.Generation) -> Void = { _ in })
        -> StageGraph.Work
    {
        var call = StageGraph.Generation(target: TokenTarget(pool: pool))
        change(&call)
        return .generate(call)
    }

    private func request(
        _ id: Int64 = 0, at milliseconds: Double = 0, prompt: Int = 10, output: Int = 1
    ) -> TokenRequest {
        TokenRequest(
            id: id, arrival: Nanoseconds(milliseconds: milliseconds), prompt: prompt, output: output)
    }

    private func played(
        _ simulation: TokenSimulation, _ requests: [TokenRequest]
    ) -> (records: [TokenRecord], outcome: TokenOutcome) {
        var records: [TokenRecord] = []
        let outcome = simulation.play(ListedRequests(requests)) { records.append($0) }
        return (records, outcome)
    }

    private func milliseconds(_ time: Nanoseconds) -> Double { (time.seconds * 1e7).rounded() / 1e4 }

    @Test func aChainTakesTheSumOfItsStages() throws {
        let graph = StageGraph(stages: [
            .init(.station(0, items: .fixed(4))), .init(call(), after: [0]),
            .init(.pause(.fixed(0.005)), after: [1]),
        ])
        let station = StageStation(
            seconds: .fixed(0.010), secondsPerItem: 0.001, secondsPerToken: 0.0001)
        let found = played(simulation(graph, stations: [station]), [request()])
        let record = try #require(found.records.first)
        // 10 ms, 4 items and 10 tokens at the station: 15 ms. Reading 10 tokens: 1 + 1 ms.
        #expect(milliseconds(record.firstToken) == 17)
        #expect(milliseconds(record.end) == 22)
        #expect(milliseconds(record.timeToFirstToken) == 17)
        #expect(milliseconds(record.endToEnd) == 22)
        #expect(found.outcome.stages[0].map { $0.time.count } == [1, 1, 1])
        #expect(found.outcome.spans.map { milliseconds($0.ended) } == [15, 17, 22])
        #expect(found.outcome.stations[0].busySeconds == 0.015)
    }

    @Test func aJoinWaitsForTheLast() throws {
        let graph = StageGraph(stages: [
            .init(.pause(.fixed(0.010))), .init(.pause(.fixed(0.030))), .init(call(), after: [0, 1]),
        ])
        let record = try #require(played(simulation(graph), [request()]).records.first)
        #expect(milliseconds(record.firstToken) == 32)
    }

    @Test func aStationServesOneQueueInBatches() {
        let graph = StageGraph(stages: [.init(.station(0, items: .fixed(1))), .init(call(), after: [0])])
        let station = StageStation(servers: 1, batchMax: 2, seconds: .fixed(0.010), secondsPerItem: 0.001)
        let requests = (0..<4).map { request(Int64($0), at: Double($0)) }
        let found = played(simulation(graph, stations: [station]), requests)
        let ends = found.outcome.spans.filter { $0.stage == 0 }.map { milliseconds($0.ended) }
        // The first alone, 11 ms; then two together, 12 ms; then the last alone.
        #expect(ends == [11, 23, 23, 34])
        #expect(found.outcome.stations[0].batches == 3)
        #expect(found.outcome.stations[0].served == 4)
        #expect(found.outcome.stations[0].waitingMost == 3)
    }

    @Test func copiesShareTheirPromptAndTheNextCallFindsTheFirstAnswer() throws {
        let graph = StageGraph(stages: [
            .init(
                call {
                    $0.copies = .fixed(4)
                    $0.output = .fixed(32)
                }),
            .init(call { $0.added = .fixed(16) }, after: [0]),
        ])
        let found = played(simulation(graph), [request(prompt: 160, output: 2)])
        let engine = found.outcome.engines[0]
        // Four copies of 160 tokens: the others find all but the block that holds the last token.
        #expect(engine.promptTokens == 4 * 160 + 160 + 32 + 16)
        // The last call finds 160 tokens and what the first copy wrote into whole blocks: 31 of 32 tokens
        // are in the cache, which fill one block.
        #expect(engine.cachedTokens == 3 * 144 + 160 + 16)
        #expect(found.outcome.stages[0][0].waiting.count == 4)
        #expect(found.outcome.stages[0][0].time.count == 1)
        let record = try #require(found.records.first)
        #expect(record.request.prompt == 160 + 32 + 16)
        #expect(record.request.output == 2)
    }

    @Test func whatIsNotKeptIsNotRead() throws {
        for (keeps, context) in [(StageGraph.Keeps.none, 10), (.one, 10 + 5 + 7), (.all, 10 + 5 + 21)] {
            let graph = StageGraph(stages: [
                .init(
                    call {
                        $0.copies = .fixed(3)
                        $0.added = .fixed(5)
                        $0.output = .fixed(7)
                        $0.keeps = keeps
                    }), .init(call(), after: [0]),
            ])
            let record = try #require(played(simulation(graph), [request(output: 3)]).records.first)
            #expect(Int(record.request.prompt) == context)
        }
    }

    @Test func aLoopRunsItsBodyAgain() throws {
        var think = StageGraph.Stage(call { $0.output = .fixed(8) })
        think.loop = nil
        var tool = StageGraph.Stage(.pause(.fixed(0.1)), after: [0])
        tool.loop = StageGraph.Loop(from: 0, times: .fixed(2))
        let graph = StageGraph(stages: [think, tool, .init(call { $0.added = .fixed(4) }, after: [1])])
        let found = played(simulation(graph), [request(prompt: 20, output: 5)])
        #expect(found.outcome.stages[0].map { $0.time.count } == [3, 3, 1])
        let record = try #require(found.records.first)
        #expect(record.request.prompt == 20 + 3 * 8 + 4)
        // Three pauses, 20 tokens read at first, then only what no whole block holds.
        #expect(record.end > Nanoseconds(milliseconds: 300))
        #expect(found.outcome.engines[0].generatedTokens == 3 * 8 + 5)
    }

    @Test func aCascadeSendsOnTheHardestAlone() {
        var medium = StageGraph.Stage(call(1), after: [0])
        medium.condition = .hardest(0.4)
        var large = StageGraph.Stage(call(2), after: [1])
        large.condition = .hardest(0.1)
        let graph = StageGraph(stages: [.init(call()), medium, large])
        let requests = (0..<2000).map { request(Int64($0), at: Double($0)) }
        let found = played(simulation(graph, pools: 3), requests)
        let counts = found.outcome.stages[0].map { $0.time.count }
        #expect(counts[0] == 2000)
        #expect(abs(Double(counts[1]) - 800) < 80)
        #expect(abs(Double(counts[2]) - 200) < 50)
        #expect(counts[2] + found.outcome.stages[0][2].skipped == 2000)
        // Whoever reached the largest had been at the medium one.
        let spans = found.outcome.spans
        let atMedium = Set(spans.filter { $0.stage == 1 }.map(\.request))
        #expect(spans.filter { $0.stage == 2 }.allSatisfy { atMedium.contains($0.request) })
    }

    @Test func theLastAnswerThatIsTakenIsTheAnswer() {
        var large = StageGraph.Stage(call(1) { $0.output = .fixed(9) }, after: [1])
        large.condition = .hardest(0.5)
        var graph = StageGraph(stages: [
            .init(call { $0.output = .fixed(5) }), .init(call { $0.output = .fixed(2) }, after: [0]), large,
        ])
        graph.answers = [0, 2]
        let requests = (0..<100).map { request(Int64($0), at: Double($0) * 50) }
        let found = played(simulation(graph, pools: 2), requests)
        #expect(Set(found.records.map(\.request.output)) == [5, 9])
        let handedOn = found.records.count { $0.request.output == 9 }
        #expect(handedOn == found.outcome.stages[0][2].time.count)
        // The first token is of the answer itself.
        #expect(found.records.allSatisfy { $0.lastToken <= $0.end && $0.firstToken >= $0.handedOver })
        let drafts = found.records.filter { $0.request.output == 5 }
        #expect(drafts.allSatisfy { $0.end > $0.lastToken })
    }

    @Test func longPromptsGoToTheirOwnPool() {
        var simulation = simulation(StageGraph(stages: [.init(call())]), pools: 2)
        simulation.entries = [
            .target(TokenTarget(parts: [.init(promptMax: 50, pool: 0), .init(promptMax: .max, pool: 1)]))
        ]
        let found = played(simulation, [request(0, prompt: 50), request(1, prompt: 51)])
        #expect(found.records.map(\.engine) == [0, 1])
    }

    @Test func aCallThatNoEngineHoldsIsRejectedWhole() {
        let graph = StageGraph(stages: [
            .init(call { $0.copies = .fixed(2) }), .init(call { $0.added = .fixed(50_000) }, after: [0]),
        ])
        let found = played(simulation(graph), [request(0), request(1, at: 1)])
        #expect(found.outcome.rejected == 2)
        #expect(found.outcome.completed == 0)
        #expect(found.records.isEmpty)
    }

    @Test func equalRequestsDrawEqualNumbersWhateverServesThem() {
        let graph = StageGraph(stages: [
            .init(call { $0.output = .uniform(lower: 1, upper: 90) }),
            .init(call { $0.added = .uniform(lower: 1, upper: 90) }, after: [0]),
        ])
        let requests = (0..<50).map { request(Int64($0), at: Double($0)) }
        let one = played(simulation(graph), requests).records
        let other = played(simulation(graph) { $0.sequencesMax = 3 }, requests).records
        func prompts(_ records: [TokenRecord]) -> [Int32] {
            records.sorted { $0.request.id < $1.request.id }.map(\.request.prompt)
        }
        #expect(one.map(\.end) != other.map(\.end))
        #expect(prompts(one) == prompts(other))
    }

    @Test func graphsThatCannotBeWalkedAreNamed() {
        var backwards = StageGraph.Stage(call(), after: [0])
        backwards.loop = StageGraph.Loop(from: 0, times: .fixed(1))
        let cases: [(StageGraph, String)] = [
            (StageGraph(stages: []), "found 0 stages, expected 1 to 64"),
            (StageGraph(stages: [.init(.pause(.fixed(1)))]), "found no stage that generates an answer"),
            (StageGraph(stages: [.init(call(), after: [0])]), "stage 1: comes after stage 1"),
            (StageGraph(stages: [.init(call(4))]), "stage 1: pool 5 of 1"),
            (
                StageGraph(stages: [.init(call()), .init(.station(0, items: .fixed(1)), after: [0])]),
                "stage 2: station 1 of 0"
            ),
            (
                StageGraph(stages: [.init(call()), backwards, .init(.pause(.fixed(1)), after: [0])]),
                "stage 3: comes after stage 1, inside the loop that ends with stage 2"
            ),
        ]
        for (graph, text) in cases {
            let fault = simulation(graph).fault ?? "nothing"
            #expect(fault.hasPrefix(text), "\(fault)")
        }
    }
}
