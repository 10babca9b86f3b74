import Quantities
import Simulation
import Vocabulary

/// One engine under the requests of a language model, at any rate.
struct EnginePlay {
    /// What the engine did at a rate.
    struct Point {
        var rate: Double
        /// Share of requests that kept all limits.
        var attained: Double
        /// Share of the time in which a step ran.
        var busyShare: Double
        /// Share of the time that tokens of prompts took of steps; at most `busyShare`.
        var promptShare: Double
    }

    /// The highest rate, and half the width of its 95 % interval.
    struct Found {
        var point: Point
        var halfWidth: Double

        var rate: Double { point.rate }
    }

    private let simulation: ServingSimulation
    private let classes: [TokenWorkload.Class]
    /// Requests of a run.
    private let requests: Int
    private let seed: UInt64
    /// What a token of a prompt adds to a step, in seconds: of a mean prompt that is read in one.
    private let promptSeconds: Double
    /// Engines whose time counts; nil for all.
    private let measured: Range<Int>?

    /// - Parameters:
    ///   - requests: of a run.
    ///   - measured: engines whose time counts, in the order in which they are played; nil for all.
    init(
        simulation: ServingSimulation, service: TokenService, requests: Int, seed: UInt64,
        measured: Range<Int>? = nil
    ) {
        self.measured = measured
        self.simulation = simulation
        classes = service.classes
        self.requests = requests
        self.seed = seed
        promptSeconds = service.promptSeconds(simulation.simulation.pools.first?.engines.first?.law)
    }

    /// Rates are found to within this share.
    private static let resolution = 0.005
    private static let stepsMax = 24
    /// A run at a rate, with the same requests in the same order at every rate.
    func point(at rate: Double) -> Point {
        let outcome = simulation.simulation.played(
            classes, at: rate, requests: requests, contextMax: simulation.cluster.contextMax, seed: seed)
        let counted = outcome.all.count
        let seconds = (outcome.end - outcome.start).seconds
        let places = measured ?? outcome.engines.indices
        let engines = outcome.engines[places]
        // Each stage of a pipeline is busy with its part of a step.
        let stages = places.reduce(0) {
            $0 + (simulation.simulation.pools.first?.engines[$1].setup.stages ?? 1)
        }
        let busy = engines.reduce(0) { $0 + $1.busy.seconds }
        let read = engines.reduce(0) { $0 + $1.promptTokens - $1.cachedTokens + $1.recomputedTokens }
        func share(_ part: Double) -> Double {
            seconds > 0 ? min(1, part / seconds / Double(stages)) : 0
        }
        return Point(
            rate: rate, attained: counted > 0 ? Double(outcome.all.good) / Double(counted) : 0,
            busyShare: share(busy), promptShare: min(share(busy), share(Double(read) * promptSeconds)))
    }

    /// Requests per second that are answered while there are always more, whatever they wait.
    var saturation: Double {
        let workload = TokenWorkload(
            content: .drawn(classes, ratePerSecond: 1, burstiness: 1), count: requests,
            arrivals: .closed(clients: requests))
        let outcome = simulation.simulation.play(
            TokenWorkloadSource(workload, contextMax: simulation.cluster.contextMax, seed: seed))
        let seconds = (outcome.end - outcome.start).seconds
        return seconds > 0 ? Double(outcome.completed) / seconds : 0
    }

    /// The highest rate at which a share of requests keeps all limits, by bisection below the rate that is
    /// sustained at all. Its interval is that of rates at which a share within the binomial 95 % interval was
    /// seen.
    /// - Returns: nil where not even a rate next to nothing does.
    func highestRate(attaining share: Double, admits: (Point) -> Bool) -> Found? {
        let highest = saturation
        guard highest > 0 else { return nil }
        var points: [Point] = []
        func suffices(_ point: Point) -> Bool { point.attained >= share && admits(point) }
        // What is sustained was found with a tail in which the engine empties.
        var step = highest * 1.25
        var (lower, upper): (Point?, Double) = (nil, step)
        while lower == nil, step > highest / 1024 {
            let point = point(at: step)
            points.append(point)
            if suffices(point) { lower = point } else { upper = step }
            step /= 2
        }
        guard var best = lower else { return nil }
        var left = Self.stepsMax
        while best.rate < upper * (1 - Self.resolution), left > 0 {
            left -= 1
            let point = point(at: (best.rate + upper) / 2)
            points.append(point)
            if suffices(point) { best = point } else { upper = point.rate }
        }
        let doubt = 1.96 * (share * (1 - share) / Double(max(1, requests))).squareRoot()
        let surely = points.filter { $0.attained >= share + doubt }.map(\.rate).max() ?? 0
        let hardly = points.filter { $0.attained < share - doubt }.map(\.rate).min() ?? upper
        return Found(
            point: best,
            halfWidth: max(Self.resolution * best.rate, (max(hardly, best.rate) - min(surely, best.rate)) / 2)
        )
    }
}

extension TokenSimulation {
    /// Of a run, from its beginning, that is played and not counted.
    private static let warmUpShare = 0.1

    /// A run of so many requests that come at a rate, by a Poisson process.
    func played(
        _ classes: [TokenWorkload.Class], at rate: Double, requests: Int, contextMax: Int, seed: UInt64
    ) -> TokenOutcome {
        var workload = TokenWorkload(
            content: .drawn(classes, ratePerSecond: rate, burstiness: 1), count: requests)
        workload.warmUpSeconds = Self.warmUpShare * Double(requests) / rate
        var simulation = self
        simulation.seed = seed
        simulation.warmUp = Nanoseconds(seconds: workload.warmUpSeconds)
        return simulation.play(TokenWorkloadSource(workload, contextMax: contextMax, seed: seed))
    }
}

/// An engine in a steady state of as many requests as it may hold, in closed form.
struct SteadyState {
    /// Requests per second.
    let rate: Double

    /// - Parameters:
    ///   - mean: tokens of a request.
    ///   - readsPrompts: whether the engine does, or another does it for it.
    /// - Returns: nil where the engine cannot be played.
    init?(
        _ service: TokenService, _ engine: ServingEngine, mean: (prompt: Double, output: Double),
        readsPrompts: Bool = true
    ) {
        let (prompt, output) = mean
        guard
            let law = try? ServingSimulation.law(of: engine, model: service.shape, place: ""),
            let blocks = try? ServingSimulation.blocks(of: engine, model: service.shape, place: "")
        else { return nil }
        let held = Double(blocks * engine.blockTokens) / (prompt + output)
        let most = min(Double(engine.rules.sequencesMax), held)
        guard most >= 1 else { return nil }
        // As many batches as stages are under way, each in all stages one after another.
        let batches = min(Double(engine.rules.pipelineParallel), most.rounded(.down))
        let each = most / batches
        let reading = readsPrompts ? law.secondsAdded(byPrompt: Int(prompt)) : 0
        var best = 0.0
        var requests = 1.0
        while true {
            let context = Int(requests * (prompt + output / 2))
            let decode = law.decodeLine(sequences: Int(requests), context: context)
            let seconds = Double(decode.time(context: context)) * 1e-12 + reading * requests / output
            let isWithin = service.outputTokenMax.map { seconds <= $0 } ?? true
            if isWithin { best = max(best, batches * requests / (output * seconds)) }
            guard requests < each else { break }
            requests = min(requests * 2, each)
        }
        rate = best
    }
}

extension StepLaw {
    /// What reading a prompt alone adds to an empty step, in seconds. Where a roofline hides a short one
    /// behind the weights, it still takes its arithmetic.
    fileprivate func secondsAdded(byPrompt tokens: Int) -> Double {
        var step = StepShape()
        step.addPrefill(tokens: tokens, context: 0)
        return Double(max(0, time(of: step) - decodeLine(sequences: 0, context: 0).time(context: 0))) * 1e-12
    }
}

extension TokenService {
    /// What a token of a prompt adds to a step of a law, in seconds: of a mean prompt that is read in one.
    func promptSeconds(_ law: StepLaw?) -> Double {
        let tokens = max(1, classes.reduce(0) { $0 + $1.share * $1.prompt.mean })
        return (law?.secondsAdded(byPrompt: Int(tokens)) ?? 0) / tokens
    }

    /// Mean tokens of a prompt and of an answer over all requests.
    public var meanTokens: (prompt: Double, output: Double) {
        var prompt = 0.0
        var output = 0.0
        for part in classes {
            prompt += part.share * (part.prompt.mean + Double(part.sharedTokens))
            output += part.share * part.output.mean
        }
        return (max(1, prompt), max(1, output))
    }
}
