import Simulation
import Vocabulary

/// The stations and pipelines of a cluster as the simulation plays them.
struct PipelinePlan {
    private let cluster: ServingCluster

    init(_ cluster: ServingCluster) { self.cluster = cluster }

    func apply(to simulation: inout TokenSimulation) {
        simulation.stations = cluster.stations.map { station in
            StageStation(
                servers: station.servers, batchMax: station.batchMax,
                seconds: Self.spread(station.milliseconds, unit: 1e-3),
                secondsPerItem: station.itemMilliseconds * 1e-3,
                secondsPerToken: station.tokenMicroseconds * 1e-6)
        }
        simulation.graphs = cluster.pipelines.map(graph)
        simulation.entries = classes.map { name in
            let own =
                cluster.pipelines.firstIndex { $0.classes.contains(name) }
                ?? cluster.pipelines.firstIndex { $0.classes.isEmpty }
            return own.map { .graph($0) } ?? .target(TokenTarget(pool: 0))
        }
    }

    /// The names of the workload's classes; a file's requests are of one without a name.
    private var classes: [String] {
        guard case .drawn(let classes, _, _)? = cluster.workload?.content else { return [""] }
        return classes.map(\.name)
    }

    private func graph(_ pipeline: ServingPipeline) -> StageGraph {
        func place(_ name: String) -> Int? { pipeline.stages.firstIndex { $0.name == name } }
        var graph = StageGraph(
            stages: pipeline.stages.map { stage in
                var played = StageGraph.Stage(work(stage.work), after: stage.after.compactMap(place))
                switch stage.condition {
                case .always: break
                case .chance(let share): played.condition = .chance(share)
                case .hardest(let share): played.condition = .hardest(share)
                }
                if let loop = stage.loop, let from = place(loop.stage) {
                    played.loop = StageGraph.Loop(from: from, times: Self.spread(loop.times))
                }
                return played
            })
        graph.answers = pipeline.answers.compactMap(place)
        return graph
    }

    private func work(_ work: ServingPipelineStage.Work) -> StageGraph.Work {
        switch work {
        case .pause(let milliseconds): return .pause(Self.spread(milliseconds, unit: 1e-3))
        case .station(let name, let items):
            // A name that is none is refused with the graph.
            let index = cluster.stations.firstIndex { $0.name == name } ?? cluster.stations.count
            return .station(index, items: Self.spread(items))
        case .call(let call):
            let pools = call.targets.map { target in
                cluster.pools.firstIndex { $0.name == target.pool } ?? cluster.pools.count
            }
            var played = StageGraph.Generation(
                target: TokenTarget(
                    parts: zip(call.targets, pools).map { target, pool in
                        TokenTarget.Part(promptMax: target.promptMax ?? .max, pool: pool)
                    }))
            played.added = Self.spread(call.addedTokens)
            played.startsOver = call.startsOver
            played.output = call.outputTokens.map { Self.spread($0) }
            played.copies = Self.spread(call.copies)
            played.keeps = Self.keeps(call.keeps)
            let contexts = pools.filter(cluster.pools.indices.contains).map {
                cluster.pools[$0].model.contextMax
            }
            played.contextMax = contexts.min() ?? played.contextMax
            return .generate(played)
        }
    }

    private static func keeps(_ keeps: ServingPipelineStage.Keeps) -> StageGraph.Keeps {
        switch keeps {
        case .one: .one
        case .all: .all
        case .none: .none
        }
    }

    /// - Parameter unit: what a number is multiplied by.
    private static func spread(_ number: DrawnNumber, unit: Double = 1) -> StageSpread {
        switch number {
        case .fixed(let value): .fixed(value * unit)
        case .uniform(let lower, let upper): .uniform(lower: lower * unit, upper: upper * unit)
        case .exponential(let mean): .exponential(mean: mean * unit)
        case .logNormal(let median, let sigma, let lower, let upper):
            .logNormal(median: median * unit, sigma: sigma, lower: lower * unit, upper: upper * unit)
        }
    }

    static func prediction(_ predicted: PredictedLengths) -> LengthPrediction {
        switch predicted {
        case .known: .known
        case .error(let sigma): .error(sigma: sigma)
        case .mean(let tokens): .mean(tokens)
        }
    }
}
