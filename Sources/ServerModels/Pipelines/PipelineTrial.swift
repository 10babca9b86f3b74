import Quantities
import Randomness
import Simulation
import Vocabulary

/// Plays requests of a pipeline through the replicas of all its stages: what stages were found to do alone,
/// each within its part of the limit, has to come to the whole within the limit.
///
/// No stage leads back to an earlier one, and no two share replicas. So stages are played one after another,
/// each on the very times at which requests leave those before it, which is exact.
public struct PipelineTrial: Sendable {
    private let pipeline: ServedPipeline
    /// Models by stage, as `Model.stage` makes them.
    private let models: [Model]
    private let settings: ServerModelSettings

    /// - Precondition: there is a model for each stage.
    public init(_ pipeline: ServedPipeline, models: [Model], settings: ServerModelSettings) {
        precondition(models.count == pipeline.stages.count, "each stage has a model")
        self.pipeline = pipeline
        self.models = models
        self.settings = settings
    }

    /// Of a run, from its beginning, that is played and not counted.
    private static let warmUpShare = 0.1

    /// - Parameters:
    ///   - replicas: by stage.
    ///   - load: requests of the pipeline.
    /// - Returns: nil where nothing arrives, or a stage cannot be played.
    public func run(
        _ replicas: [[PlayedReplicas]], at load: QueriesPerSecond
    ) throws -> PipelineTrialFigures? {
        guard load > .zero else { return nil }
        let arrivals = arrivals(at: load)
        // By stage and request, when it is done; nil for never.
        var done: [[Nanoseconds?]] = []
        var spent: [[Nanoseconds]] = []
        var isGood = [Bool](repeating: true, count: arrivals.count)
        let first = Int(Self.warmUpShare * Double(arrivals.count))
        for (place, stage) in pipeline.stages.enumerated() {
            let ready = arrivals.indices.map { request in
                stage.after.isEmpty
                    ? arrivals[request]
                    : stage.after.reduce(arrivals[request] as Nanoseconds?) { latest, before in
                        guard let latest, let end = done[before][request] else { return nil }
                        return max(latest, end)
                    }
            }
            let visits = visits(of: place, ready)
            guard
                let play = try ServerModelFamilies.play(models[place], replicas[place], settings)
                    ?? (visits.isEmpty ? QueueStagePlay(model: models[place], servers: [], seed: 0) : nil)
            else { return nil }
            var ends = ready
            let answers = try play.answers(to: visits.map(\.time))
            for (visit, answer) in zip(visits, answers) {
                guard let answer, let end = ends[visit.request] else {
                    ends[visit.request] = nil
                    continue
                }
                ends[visit.request] = max(end, answer.time)
                if !answer.isGood { isGood[visit.request] = false }
            }
            let visitors = Set(visits.map(\.request)).filter { $0 >= first }
            spent.append(
                visitors.compactMap { request in
                    guard let end = ends[request], let begin = ready[request] else { return nil }
                    return end - begin
                })
            done.append(ends)
        }
        return figures(arrivals, done, spent, isGood, from: first)
    }

    /// A Poisson process; the gaps that come after one another are the seed's.
    private func arrivals(at load: QueriesPerSecond) -> [Nanoseconds] {
        let least = settings.queries.count(toSee: pipeline.target.quantile)
        var stream = RandomStream(seed: settings.seed, name: "arrivals of \(pipeline.id)")
        var time = 0.0
        return (0..<least).map { _ in
            time += stream.exponential() / load.value
            return Nanoseconds(seconds: time)
        }
    }

    /// Who visits a stage, in order of time; a request that takes several visits begins them together.
    private func visits(of place: Int, _ ready: [Nanoseconds?]) -> [(time: Nanoseconds, request: Int)] {
        let stage = pipeline.stages[place]
        var stream = RandomStream(
            seed: settings.seed, name: "visits of \(pipeline.demandID(of: place))")
        let sure = Int(stage.visits)
        let chance = stage.visits - Double(sure)
        var visits: [(time: Nanoseconds, request: Int)] = []
        for (request, time) in ready.enumerated() {
            // Drawn for every request, so that the same ones visit whatever happened before.
            let count = sure + (chance > 0 && stream.uniform() < chance ? 1 : 0)
            guard let time else { continue }
            visits += Array(repeating: (time, request), count: count)
        }
        return visits.sorted { ($0.time, $0.request) < ($1.time, $1.request) }
    }

    private func figures(
        _ arrivals: [Nanoseconds], _ done: [[Nanoseconds?]], _ spent: [[Nanoseconds]], _ isGood: [Bool],
        from first: Int
    ) -> PipelineTrialFigures {
        let last = pipeline.stages.indices.filter(pipeline.isLast)
        let quantile = pipeline.target.quantile
        var good = 0
        var latencies: [Nanoseconds] = []
        for request in first..<arrivals.count {
            let end = last.reduce(arrivals[request] as Nanoseconds?) { latest, place in
                guard let latest, let end = done[place][request] else { return nil }
                return max(latest, end)
            }
            // What is never answered takes longer than anything.
            let latency = end.map { $0 - arrivals[request] } ?? Nanoseconds(.max)
            latencies.append(latency)
            if isGood[request], latency <= pipeline.target.limit { good += 1 }
        }
        let counted = latencies.count
        let latency = latencies.selectLatency(at: quantile)
        return PipelineTrialFigures(
            requests: counted, attained: Fraction(counted > 0 ? Double(good) / Double(counted) : 0),
            asked: Fraction(quantile.value), latency: latency == Nanoseconds(.max) ? nil : latency,
            stages: spent.map { times in
                var times = times
                return times.selectLatency(at: quantile)
            })
    }
}
