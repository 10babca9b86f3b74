import Quantities
import Randomness
import Simulation
import Vocabulary

/// Equal replicas of one model, and what of its load goes to them.
public struct PlayedReplicas: Sendable {
    /// What one replica has to itself: a box, or a share of one.
    public let share: ServerType
    public let schedule: Schedule
    public let count: Int
    /// Of all of them; what requests are spread by.
    public let load: QueriesPerSecond

    public init(share: ServerType, schedule: Schedule, count: Int, load: QueriesPerSecond) {
        self.share = share
        self.schedule = schedule
        self.count = count
        self.load = load
    }
}

/// What became of one visit of a stage.
struct StageAnswer: Hashable {
    /// When whoever waits for the stage can go on.
    var time: Nanoseconds
    /// Whether limits that are the stage's own were kept.
    var isGood = true
}

/// The replicas of a stage, played on visits that come when other stages end.
protocol StagePlay {
    /// - Parameter arrivals: of visits, ascending.
    /// - Returns: by visit; nil where one was never answered.
    func answers(to arrivals: [Nanoseconds]) throws -> [StageAnswer?]
}

/// Replicas that are pipelines of queues.
struct QueueStagePlay: StagePlay {
    let model: Model
    /// One for every replica, with its part of the load.
    let servers: [(server: ScheduledServer, weight: Double)]
    let seed: UInt64

    /// Each replica in turn, as often as its weight says. O(visits x replicas), beside the queues' own.
    func answers(to arrivals: [Nanoseconds]) -> [StageAnswer?] {
        guard !arrivals.isEmpty, !servers.isEmpty else { return arrivals.map { _ in nil } }
        var stream = RandomStream(seed: seed, name: "visit sizes of \(model.id)")
        let sizes = QuerySizeSampler(model.querySizes).systematicSample(arrivals.count, using: &stream)
        let whole = servers.reduce(0) { $0 + $1.weight }
        var turns = [Double](repeating: 0, count: servers.count)
        var visits = [[Int]](repeating: [], count: servers.count)
        for visit in arrivals.indices {
            var next = 0
            for place in turns.indices {
                turns[place] += servers[place].weight
                if turns[place] > turns[next] { next = place }
            }
            turns[next] -= whole
            visits[next].append(visit)
        }
        var answers = [StageAnswer?](repeating: nil, count: arrivals.count)
        for (place, own) in visits.enumerated() where !own.isEmpty {
            let stream = QueryStream(arrivals: own.map { arrivals[$0] }, sizes: own.map { sizes[$0] })
            let played = QueueSimulation(server: servers[place].server, stream: stream, seed: seed)
                .run(at: QueriesPerSecond(1))
            for (visit, latency) in zip(own, played.latencies) {
                answers[visit] = StageAnswer(time: arrivals[visit] + latency)
            }
        }
        return answers
    }
}

/// Engines of a language model.
struct LanguageStagePlay: StagePlay {
    let model: Model
    let service: TokenService
    let engines: [ServingEngine]
    /// By engine, one for every copy.
    let weights: [Double]
    let seed: UInt64

    func answers(to arrivals: [Nanoseconds]) throws -> [StageAnswer?] {
        let pool = ServingPool(
            name: "engines", model: service.shape, engines: engines, router: .smoothWeighted)
        var cluster = ServingCluster(name: model.id.name, pools: [pool])
        cluster.seed = seed
        var simulation = try ServingSimulation(cluster).simulation
        for index in simulation.pools[0].engines.indices {
            simulation.pools[0].engines[index].capacity = weights[index]
        }
        simulation.seed = seed
        let workload = TokenWorkload(
            content: .drawn(service.classes, ratePerSecond: 1, burstiness: 1), count: arrivals.count)
        var drawn = TokenWorkloadSource(workload, contextMax: cluster.contextMax, seed: seed)
        let requests = arrivals.enumerated().compactMap { visit, arrival -> TokenRequest? in
            guard var request = drawn.next() else { return nil }
            request.arrival = arrival
            request.id = Int64(visit)
            return request
        }
        // The whole answer has a limit of its own only where the model's file says so.
        let limits = TokenLimits(
            outputToken: service.outputTokenMax,
            endToEnd: service.endToEndMax.map { Nanoseconds(seconds: $0) })
        let waitsForWhole = service.isWaitedForWhole == true
        var answers = [StageAnswer?](repeating: nil, count: arrivals.count)
        _ = simulation.play(ListedRequests(requests)) { record in
            answers[Int(record.request.id)] = StageAnswer(
                time: waitsForWhole ? record.end : record.firstToken, isGood: limits.isMet(by: record))
        }
        return answers
    }
}

extension ServerModelFamilies {
    /// The replicas of a stage as its family plays them.
    /// - Returns: nil where nothing can be computed of them.
    static func play(
        _ model: Model, _ replicas: [PlayedReplicas], _ settings: ServerModelSettings
    ) throws -> (any StagePlay)? {
        var servers: [(server: ScheduledServer, weight: Double)] = []
        var (engines, weights): ([ServingEngine], [Double]) = ([], [])
        for one in replicas where one.load > .zero && one.count > 0 {
            let made = make(model, on: one.share, settings)
            let weight = one.load.value / Double(one.count)
            if let queueing = made as? any QueueingServerModel {
                let server = try queueing.scheduled(by: one.schedule)
                servers += Array(repeating: (server, weight), count: one.count)
            } else if let language = made as? LanguageServerModel, let rules = one.schedule.engineRules {
                var engine = try language.engine(rules)
                let each = language.engines(rules)
                engine.count = one.count * each
                engines.append(engine)
                weights += Array(repeating: weight / Double(each), count: engine.count)
            } else {
                return nil
            }
        }
        if let service = model.service, !engines.isEmpty {
            return LanguageStagePlay(
                model: model, service: service, engines: engines, weights: weights, seed: settings.seed)
        }
        return servers.isEmpty ? nil : QueueStagePlay(model: model, servers: servers, seed: settings.seed)
    }
}
