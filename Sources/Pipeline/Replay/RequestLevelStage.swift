import Foundation
import Profiling
import Quantities
import Randomness
import ServerModels
import Simulation
import Store
import Vocabulary

/// Plays a window of a replay query by query, and language models token by token: the same load and the same
/// servers as the fluid replay, with arrivals, queues and dispatching in between.
public struct RequestLevelStage: Sendable {
    /// What to simulate.
    public struct Options: Sendable {
        public var window: TraceWindow
        /// How queries find their servers.
        public var rule: DispatchRule

        public init(window: TraceWindow, rule: DispatchRule = .powerOfTwo) {
            self.window = window
            self.rule = rule
        }
    }

    /// The warm-up before the window lasts this many latency limits, but at least a second.
    private static let warmUpLimits = 20

    private let session: Session

    public init(_ session: Session) { self.session = session }

    /// Simulates every model under every policy, spread over the processors.
    ///
    /// The seed of a model's arrivals and sizes is the same under every policy, so policies are compared on
    /// the same queries.
    public func run(_ outcome: ReplayStage.Outcome, _ options: Options) throws -> RequestLevelOutcome {
        if let spread = session.scenario.efficiencySpread, spread != 1 {
            throw PipelineError.badValue(
                name: "efficiency_spread", found: "\(spread)",
                expected: "none beside a window query by query, as no schedule has such a throughput")
        }
        let replay = outcome.replay
        let trace = replay.trace
        let stretch = options.window.resolved(in: replay)
        if let found = try stored(outcome.id, stretch, options.rule) {
            session.progress.stageBegan("request level", units: 0, expected: nil)
            session.progress.note("the same window was simulated before, the stored outcome is shown")
            return found
        }
        let intervals =
            Int(
                stretch.start.count / trace.interval.count)..<Int(
                (stretch.end.count - 1) / trace.interval.count + 1)
        let tasks = replay.timelines.flatMap { timeline in session.scenario.models.map { (timeline, $0) } }
        let expected = intervals.reduce(0.0) { sum, index in
            let from = max(stretch.start, trace.interval * index)
            let to = min(stretch.end, trace.interval * (index + 1))
            return sum + trace.demand(at: index).loads.values.total() * (to - from)
        }
        session.progress.stageBegan("request level", units: tasks.count, expected: nil)
        session.progress.note(
            "about \(Int(expected * Double(replay.timelines.count))) queries to play, a few million "
                + "a second, of language models some ten thousand"
        )
        let results = try tasks.concurrentMap { timeline, model in
            let lengths = WindowLengths(of: model, in: trace)
            let result = try play(
                timeline, intervals, model, outcome.table, stretch, options.rule, lengths)
            session.progress.advanced("\(model.id) under \(timeline.policy)")
            return result
        }
        let found = RequestLevelOutcome(
            trace: trace.name, start: stretch.start, duration: stretch.end - stretch.start,
            dispatch: options.rule.rawValue, seed: session.scenario.seed, results: results)
        try session.recorder.save(found, of: outcome.id)
        session.progress.stageEnded("played \(found.results.reduce(0) { $0 + $1.queries.arrived }) queries")
        return found
    }

    /// A window that was simulated before. The replay it belongs to is stored by everything it depends on.
    private func stored(
        _ id: RecordID<ReplayOutcome>, _ stretch: (start: Nanoseconds, end: Nanoseconds), _ rule: DispatchRule
    ) throws -> RequestLevelOutcome? {
        try session.store.requestLevels(of: id).first {
            $0.start == stretch.start && $0.duration == stretch.end - stretch.start
                && $0.dispatch == rule.rawValue && $0.seed == session.scenario.seed
        }
    }

    private func play(
        _ timeline: Timeline, _ intervals: Range<Int>, _ model: Model, _ table: EfficiencyTable,
        _ stretch: (start: Nanoseconds, end: Nanoseconds), _ rule: DispatchRule, _ lengths: WindowLengths
    ) throws -> RequestLevelResult {
        let window = timeline.servingWindow(intervals)
        let limit = model.latencyTarget.limit
        let entries = Dictionary(
            table.entries.filter { $0.model == model.id }.map { ($0.serverType, $0) },
            uniquingKeysWith: { $1 })
        let fails = session.scenario.replay.online?.failures != nil
        let served = SimulatedService(
            model.id, in: window, stretch: stretch, entries: entries, limit: limit,
            stops: fails
                ? OrderedStops(of: model.id, in: timeline.decisions, window.start..<window.end) : nil)
        let servers = try served.serverTypes.map { try server(of: model, on: $0, entries[$0]) }
        let (outcome, tokens) =
            model.service == nil
            ? (try playQueries(served, model, servers, stretch, rule), nil)
            : try playTokens(served, model, servers, stretch, rule, lengths)
        // The first segment is the warm-up.
        let segments = zip(served.segments, outcome.segments.dropFirst()).map { segment, counts in
            RequestLevelResult.Segment(
                start: segment.start, duration: segment.end - segment.start, load: segment.load,
                capacity: segment.capacity,
                queries: .init(
                    arrived: counts.arrived, late: counts.late, dropped: counts.dropped,
                    waiting: counts.waiting))
        }
        return RequestLevelResult(
            policy: timeline.policy, model: model.id, target: model.latencyTarget, segments: segments,
            tailLatency: outcome.latencies.quantile(model.latencyTarget.quantile), retried: outcome.retried,
            tokens: tokens)
    }

    /// What a window plays of one server type: its efficiency entry, and a server that runs as it says.
    private typealias Server = (entry: EfficiencyEntry, model: any ServerModel)

    private func playQueries(
        _ served: SimulatedService, _ model: Model, _ servers: [Server],
        _ stretch: (start: Nanoseconds, end: Nanoseconds), _ rule: DispatchRule
    ) throws -> RequestOutcome {
        let profiles = try servers.map { server in
            guard let queueing = server.model as? any QueueingServerModel else {
                throw PipelineError.noServiceTimes(model: model.id, serverType: server.entry.serverType)
            }
            return try queueing.scheduled(by: server.entry.schedule).profile
        }
        let simulation = RequestSimulation(
            profiles: profiles, servers: served.servers, changes: served.changes, rule: rule,
            latencyLimit: model.latencyTarget.limit, countedFrom: stretch.start,
            seed: session.scenario.seed &+ Self.number(of: model.id))
        let sampler = QuerySizeSampler(model.querySizes)
        return simulation.run(.poisson(served.rates(warmUp: warmUp(of: model)))) {
            sampler.sample(using: &$0)
        }
    }

    private func playTokens(
        _ served: SimulatedService, _ model: Model, _ servers: [Server],
        _ stretch: (start: Nanoseconds, end: Nanoseconds), _ rule: DispatchRule, _ lengths: WindowLengths
    ) throws -> (RequestOutcome, TokenLevelFigures?) {
        let dynamics = session.scenario.replay.online?.dynamics ?? .instant
        let startTime = dynamics.boot + dynamics.loadTime(modelSize: session.modelSizes[model.id])
        let profiles = try servers.map { server in
            guard let language = server.model as? LanguageServerModel else {
                throw PipelineError.noServiceTimes(model: model.id, serverType: server.entry.serverType)
            }
            let idle = min(language.serverType.power.idle, server.entry.power)
            return LanguageFleet.Profile(
                language, schedule: server.entry.schedule, startTime: startTime,
                startingPower: idle + (server.entry.power - idle) * dynamics.startingLoad.value)
        }
        let outcome = try LanguageFleet(
            model, profiles: profiles, servers: served.servers, changes: served.changes,
            drain: dynamics.drain, rule: rule, countedFrom: stretch.start,
            seed: session.scenario.seed &+ Self.number(of: model.id)
        ).play(
            served.rates(warmUp: warmUp(of: model)) { lengths.work(at: $0.start) },
            factors: lengths.factors(of: served.segments.map(\.start)))
        return (outcome.requests, outcome.tokens)
    }

    /// How long is played before the window, until servers are as full as they get.
    private func warmUp(of model: Model) -> Nanoseconds {
        let limits = max(Nanoseconds(seconds: 1), model.latencyTarget.limit * Self.warmUpLimits)
        guard let service = model.service else { return limits }
        return max(limits, service.residence(model.latencyTarget) * 2)
    }

    /// The server behind an efficiency entry, with measured or modelled service times.
    private func server(
        of model: Model, on id: ServerTypeID, _ entry: EfficiencyEntry?
    ) throws -> Server {
        guard let entry, let type = session.scenario.serverTypes.first(where: { $0.id == id }) else {
            throw PipelineError.notSearched(pairs: ["(\(model.id), \(id))"], count: 1)
        }
        let server: (any ServerModel)?
        switch entry.provenance {
        case .modelled: server = ServerModelFamilies.make(model, on: type, session.serverModelSettings)
        case .measured:
            server = try session.evidence.of(model, on: type).cells.map { cells in
                MeasuredServerModel(
                    model, on: type, cells: cells.loaded.map(\.measurement),
                    saturations: try cells.saturations(), settings: session.serverModelSettings)
            }
        case .imported: server = nil
        }
        guard let server else {
            throw PipelineError.noServiceTimes(model: model.id, serverType: id)
        }
        return (entry, server)
    }

    /// The same number for the same model in every run, so that models do not share their arrivals.
    private static func number(of model: ModelID) -> UInt64 {
        var stream = RandomStream(seed: 0, name: model.name)
        return stream.next()
    }
}

/// What the requests of a language model are like over a trace, where their lengths change.
struct WindowLengths {
    private let interval: Nanoseconds
    private let mix: TokenMix?
    private let own: (prompt: Double, output: Double)

    init(of model: Model, in trace: Trace) {
        interval = trace.interval
        mix = trace.tokenMix?[model.id]
        own = model.service?.meanTokens ?? (1, 1)
    }

    private func index(_ time: Nanoseconds, _ mix: TokenMix) -> Int {
        min(mix.prompts.count - 1, max(0, Int(time.count / interval.count)))
    }

    /// Of a request, over one of the model's own lengths, where the load is weighed by it.
    func work(at time: Nanoseconds) -> Double {
        guard let mix, let work = mix.work else { return 1 }
        return work[index(time, mix)]
    }

    /// What lengths are multiplied by from these times on, led by the first once more, for the warm-up.
    func factors(of starts: [Nanoseconds]) -> [LengthFactors] {
        guard let mix, mix.work != nil else { return [] }
        let found = starts.map { start in
            let index = index(start, mix)
            return LengthFactors(
                prompt: mix.prompts[index] / own.prompt, output: mix.outputs[index] / own.output)
        }
        return found.prefix(1) + found
    }
}
