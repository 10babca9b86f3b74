import Quantities
import Randomness
import Simulation

/// Graphs of stages drawn at random over clusters drawn at random.
package struct StageScenario {
    package var simulation: TokenSimulation
    package var requests: [TokenRequest]

    package init(seed: UInt64) {
        let base = TokenScenario(seed: seed)
        var stream = RandomStream(seed: seed, name: "stage scenario")
        simulation = base.simulation
        requests = base.requests
        if stream.uniform() < 0.5 {
            var other = base.simulation.pools[0]
            other.router = TokenRouter.allCases[stream.integer(in: 0..<TokenRouter.allCases.count)]
            simulation.pools.append(other)
        }
        simulation.stations = (0..<stream.integer(in: 1..<3)).map { _ in
            StageStation(
                servers: stream.integer(in: 1..<4), batchMax: stream.integer(in: 1..<5),
                seconds: .exponential(mean: 0.004 * stream.uniform()), secondsPerItem: 1e-4,
                secondsPerToken: 1e-6)
        }
        let graphs = (0..<2).map { _ in graph(&stream) }
        simulation.graphs = graphs
        // The third class walks no stages.
        simulation.entries = [.graph(0), .graph(1)]
    }

    private func graph(_ stream: inout RandomStream) -> StageGraph {
        var stages: [StageGraph.Stage] = []
        for index in 0..<stream.integer(in: 1..<7) {
            let after = (0..<index).filter {
                $0 == index - 1 ? stream.uniform() < 0.7 : stream.uniform() < 0.3
            }
            var stage = StageGraph.Stage(work(&stream), after: after)
            let draw = stream.uniform()
            if draw < 0.15 { stage.condition = .chance(stream.uniform()) }
            if draw > 0.85 { stage.condition = .hardest(stream.uniform()) }
            stages.append(stage)
        }
        var last = StageGraph.Stage(.generate(call(&stream)), after: Array(stages.indices))
        if stream.uniform() < 0.5 {
            last.loop = StageGraph.Loop(
                from: stream.integer(in: 0..<stages.count + 1), times: .uniform(lower: 0, upper: 3))
        }
        return StageGraph(stages: stages + [last])
    }

    private func work(_ stream: inout RandomStream) -> StageGraph.Work {
        switch stream.integer(in: 0..<4) {
        case 0: .pause(.exponential(mean: 0.01))
        case 1:
            .station(
                stream.integer(in: 0..<simulation.stations.count), items: .uniform(lower: 0, upper: 20))
        default: .generate(call(&stream))
        }
    }

    private func call(_ stream: inout RandomStream) -> StageGraph.Generation {
        var call = StageGraph.Generation(
            target: TokenTarget(pool: stream.integer(in: 0..<simulation.pools.count)))
        if simulation.pools.count > 1, stream.uniform() < 0.3 {
            call.target = TokenTarget(parts: [.init(promptMax: 60, pool: 0), .init(promptMax: .max, pool: 1)])
        }
        call.added = .uniform(lower: 0, upper: 20)
        call.startsOver = stream.uniform() < 0.3
        if stream.uniform() < 0.6 { call.output = .uniform(lower: 1, upper: 30) }
        if stream.uniform() < 0.3 { call.copies = .uniform(lower: 1, upper: 5) }
        call.keeps = StageGraph.Keeps.allCases[stream.integer(in: 0..<3)]
        call.contextMax = 160
        return call
    }

    package func play(jumps: Bool, verifies: Bool = false) -> (records: [TokenRecord], outcome: TokenOutcome)
    {
        var simulation = simulation
        simulation.jumps = jumps
        simulation.verifies = verifies
        simulation.spansMax = 100_000
        var records: [TokenRecord] = []
        let outcome = simulation.play(ListedRequests(requests)) { records.append($0) }
        return (records, outcome)
    }
}
