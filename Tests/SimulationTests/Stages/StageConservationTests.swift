import Quantities
import Randomness
import Simulation
import Testing
import TokenScenarios

/// What holds of every graph over every cluster.
@Suite struct StageConservationTests {
    @Test func rowsOfStepsEqualSingleStepsUnderGraphs() {
        for seed in 0..<UInt64(700) {
            let scenario = StageScenario(seed: seed)
            #expect(scenario.simulation.fault == nil)
            let (rows, steps) = (scenario.play(jumps: true), scenario.play(jumps: false))
            // The records themselves would fill the screen.
            let (areEqual, walkAlike) = (
                rows.records == steps.records, rows.outcome.spans == steps.outcome.spans
            )
            #expect(areEqual && walkAlike, "seed \(seed)")
        }
    }

    @Test func everyRequestIsAnsweredOrRejected() {
        var answered = 0
        for seed in 0..<UInt64(1000) {
            let scenario = StageScenario(seed: seed)
            let (records, outcome) = scenario.play(jumps: true, verifies: true)
            #expect(outcome.imbalances.isEmpty, "seed \(seed): \(outcome.imbalances.prefix(3))")
            #expect(outcome.arrived == scenario.requests.count)
            #expect(outcome.arrived == outcome.completed + outcome.rejected, "seed \(seed)")
            #expect(records.count == outcome.completed)
            answered += records.count
            for record in records {
                #expect(record.request.arrival <= record.handedOver)
                #expect(record.handedOver <= record.scheduled && record.scheduled < record.firstToken)
                #expect(record.firstToken <= record.lastToken && record.lastToken <= record.end)
            }
            // What stations served is what stages ended there.
            let visits = zip(scenario.simulation.graphs, outcome.stages).reduce(0) { sum, pair in
                zip(pair.0.stages, pair.1).reduce(sum) {
                    if case .station = $1.0.work { $0 + $1.1.time.count } else { $0 }
                }
            }
            #expect(outcome.stations.reduce(0) { $0 + $1.served } == visits, "seed \(seed)")
        }
        #expect(answered > 10_000)
    }

    /// Poisson arrivals at a station whose answer takes next to nothing.
    private struct Arrivals: TokenRequestSource {
        var left: Int
        let rate: Double
        var time = 0.0
        var stream = RandomStream(seed: 5, name: "arrivals")

        mutating func next() -> TokenRequest? {
            guard left > 0 else { return nil }
            left -= 1
            time += stream.exponential() / rate
            return TokenRequest(
                id: Int64(left), arrival: Nanoseconds(seconds: time), prompt: 1, output: 1)
        }
    }

    private func meanWait(servers: Int, utilisation: Double, _ seconds: StageSpread) throws -> Double {
        var law = LinearStepLaw()
        law.host = 1000
        var simulation = TokenSimulation(engines: [
            .init(setup: EngineSetup(blocks: 100_000), law: .linear(law))
        ])
        var call = StageGraph.Generation(target: TokenTarget(pool: 0))
        call.output = .fixed(1)
        simulation.graphs = [
            StageGraph(stages: [.init(.station(0, items: .fixed(1))), .init(.generate(call), after: [0])])
        ]
        simulation.entries = [.graph(0)]
        simulation.stations = [StageStation(servers: servers, seconds: seconds)]
        let source = Arrivals(left: 300_000, rate: utilisation * Double(servers))
        let outcome = simulation.play(source)
        return try #require(outcome.stages[0][0].waiting.mean).seconds
    }

    @Test(arguments: [1, 3, 8])
    func aStationIsAQueueWithExponentialService(servers: Int) throws {
        let utilisation = 0.75
        let found = try meanWait(servers: servers, utilisation: utilisation, .exponential(mean: 1))
        // M/M/c: W = C(c, a) / (c mu - lambda), with C from the Erlang B recursion.
        let offered = utilisation * Double(servers)
        var blocking = 1.0
        for count in 1...servers { blocking = offered * blocking / (Double(count) + offered * blocking) }
        let waits = blocking / (1 - utilisation * (1 - blocking))
        let expected = waits / (Double(servers) - offered)
        #expect(abs(found / expected - 1) < 0.06)
    }

    @Test func aStationIsAQueueWithConstantService() throws {
        let found = try meanWait(servers: 1, utilisation: 0.8, .fixed(1))
        // M/D/1: W = rho / (2 (1 - rho)).
        #expect(abs(found / 2 - 1) < 0.04)
    }
}
