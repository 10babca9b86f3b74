import Vocabulary

/// A latency as `{"mean","p50","p90","p99"}`, in seconds.
private struct LatencyJSON: Encodable {
    let mean: FiniteNumber
    let p50: FiniteNumber
    let p90: FiniteNumber
    let p99: FiniteNumber

    init(_ latency: ServingOutcome.Latency?) {
        mean = FiniteNumber(latency?.mean)
        p50 = FiniteNumber(latency?.p50)
        p90 = FiniteNumber(latency?.p90)
        p99 = FiniteNumber(latency?.p99)
    }
}

/// How a cluster serves as `{"requests","ttft","tpot","itl","e2e","goodput",...,"rates":[...]}`; times in
/// seconds.
public struct ServingJSON: ContractJSON {
    private struct Rate: Encodable {
        let ratePerSecond: FiniteNumber?
        let clients: Int?
        let serving: Body
    }

    private struct Stage: Encodable {
        let pipeline: String
        let name: String
        let kind: String
        let taken: Int
        let skipped: Int
        let time: LatencyJSON
        let waiting: LatencyJSON

        init(_ figures: ServingOutcome.StageFigures) {
            pipeline = figures.pipeline
            name = figures.name
            kind = figures.kind
            taken = figures.time?.count ?? 0
            skipped = figures.skipped
            time = LatencyJSON(figures.time)
            waiting = LatencyJSON(figures.waiting)
        }
    }

    private struct Station: Encodable {
        let name: String
        let servers: Int
        let served: Int
        let meanBatch: FiniteNumber
        let busyFraction: FiniteNumber
        let source: String

        init(_ figures: ServingOutcome.StationFigures) {
            name = figures.name
            servers = figures.servers
            served = figures.served
            meanBatch = FiniteNumber(figures.meanBatch)
            busyFraction = FiniteNumber(figures.busyShare)
            source = figures.source
        }
    }

    private struct Body: Encodable {
        let requests: Int
        let rejected: Int
        let seconds: FiniteNumber
        let anchor: String
        let cutRequests: Int
        let queue: LatencyJSON
        let client: LatencyJSON?
        let ttft: LatencyJSON
        let tpot: LatencyJSON
        let itl: LatencyJSON
        let e2e: LatencyJSON
        let goodput: FiniteNumber
        let attainedFraction: FiniteNumber
        let outputTokensPerSecond: FiniteNumber
        let meanWatts: FiniteNumber
        let joulesPerToken: FiniteNumber
        let preemptions: Int
        let recomputedTokens: Int
        let prefixHitFraction: FiniteNumber

        init(_ outcome: ServingOutcome) {
            requests = outcome.all.requests
            rejected = outcome.rejected
            seconds = FiniteNumber(outcome.seconds)
            anchor = outcome.anchor.rawValue
            cutRequests = outcome.cut
            queue = LatencyJSON(outcome.all.queue)
            client = outcome.all.client.map { LatencyJSON($0) }
            ttft = LatencyJSON(outcome.all.firstToken)
            tpot = LatencyJSON(outcome.all.outputToken)
            itl = LatencyJSON(outcome.gaps)
            e2e = LatencyJSON(outcome.all.endToEnd)
            goodput = FiniteNumber(outcome.goodput)
            attainedFraction = FiniteNumber(outcome.attained)
            outputTokensPerSecond = FiniteNumber(outcome.outputTokensPerSecond)
            meanWatts = FiniteNumber(outcome.watts)
            joulesPerToken = FiniteNumber(outcome.joulesPerToken)
            preemptions = outcome.preemptions
            recomputedTokens = outcome.recomputedTokens
            prefixHitFraction = FiniteNumber(outcome.hitShare)
        }
    }

    private struct Tier: Encodable {
        let name: String
        let hitTokens: Int
        let hitFraction: FiniteNumber
        let loads: Int
        let loadedBytes: FiniteNumber
        let writtenBytes: FiniteNumber
        let evictedBytes: FiniteNumber
        let skippedBytes: FiniteNumber
        let wait: LatencyJSON
        let source: String

        init(_ figures: ServingOutcome.TierFigures) {
            name = figures.name
            hitTokens = figures.hitTokens
            hitFraction = FiniteNumber(figures.hitShare)
            loads = figures.loads
            loadedBytes = FiniteNumber(figures.loadedBytes)
            writtenBytes = FiniteNumber(figures.writtenBytes)
            evictedBytes = FiniteNumber(figures.evictedBytes)
            skippedBytes = FiniteNumber(figures.skippedBytes)
            wait = LatencyJSON(figures.wait)
            source = figures.source
        }
    }

    private struct Tiers: Encodable {
        let deviceHitTokens: Int
        let deviceHitFraction: FiniteNumber
        let loadWait: LatencyJSON
        let tiers: [Tier]
        let without: Body?

        init(_ figures: ServingOutcome.Tiers, without: ServingOutcome?) {
            deviceHitTokens = figures.deviceTokens
            deviceHitFraction = FiniteNumber(figures.deviceShare)
            loadWait = LatencyJSON(figures.wait)
            tiers = figures.tiers.map(Tier.init)
            self.without = without.map(Body.init)
        }
    }

    private struct Failures: Encodable {
        struct Engine: Encodable {
            let engine: String
            let availability: FiniteNumber
            let failures: Int
            let upSeconds: FiniteNumber
            let bootSeconds: FiniteNumber
            let downSeconds: FiniteNumber
        }

        let lostRequests: Int
        let returnedRequests: Int
        let restartedRequests: Int
        let lostTokens: Int
        let routerWait: LatencyJSON
        let engines: [Engine]

        init(_ figures: ServingOutcome.Failures, _ engines: [ServingOutcome.EngineFigures]) {
            lostRequests = figures.lost
            returnedRequests = figures.returned
            restartedRequests = figures.restarted
            lostTokens = figures.tokensLost
            routerWait = LatencyJSON(figures.wait)
            self.engines = engines.compactMap { engine in
                engine.life.map { life in
                    Engine(
                        engine: engine.name, availability: FiniteNumber(life.availability),
                        failures: life.failures, upSeconds: FiniteNumber(life.upSeconds),
                        bootSeconds: FiniteNumber(life.bootSeconds),
                        downSeconds: FiniteNumber(life.downSeconds))
                }
            }
        }
    }

    private enum Key: String, CodingKey {
        case cluster, model, cacheTiers, failures, stages, stations, rates
    }

    private let cluster: String
    private let model: String
    private let body: Body
    private let stages: [Stage]
    private let stations: [Station]
    private let rates: [Rate]
    private let tiers: Tiers?
    private let failures: Failures?

    /// - Parameter bare: the same without tiers below the devices; nil where there are none.
    public init(
        cluster: ServingCluster, outcome: ServingOutcome, rated: [RatedServing] = [],
        withoutTiers bare: ServingOutcome? = nil
    ) {
        tiers = outcome.tiers.map { Tiers($0, without: bare) }
        failures = outcome.failures.map { Failures($0, outcome.engines) }
        self.cluster = cluster.name
        model = cluster.modelNames.joined(separator: ", ")
        body = Body(outcome)
        stages = outcome.stages.map(Stage.init)
        stations = outcome.stations.map(Station.init)
        rates = rated.map { one in
            switch one.load {
            case .rate(let rate):
                Rate(ratePerSecond: FiniteNumber(rate), clients: nil, serving: Body(one.outcome))
            case .clients(let clients):
                Rate(ratePerSecond: nil, clients: clients, serving: Body(one.outcome))
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        try body.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(cluster, forKey: .cluster)
        try container.encode(model, forKey: .model)
        if let failures { try container.encode(failures, forKey: .failures) }
        if let tiers { try container.encode(tiers, forKey: .cacheTiers) }
        if !stages.isEmpty { try container.encode(stages, forKey: .stages) }
        if !stations.isEmpty { try container.encode(stations, forKey: .stations) }
        if !rates.isEmpty { try container.encode(rates, forKey: .rates) }
    }
}

/// A comparison as `{"meanErrors","p99Errors","mape"}`: fractions, simulated over measured less 1.
public struct RunComparisonJSON: ContractJSON {
    private struct Errors: Encodable {
        let ttft: FiniteNumber
        let tpot: FiniteNumber
        let e2e: FiniteNumber
    }

    private struct Constants: Encodable {
        let mfu: FiniteNumber
        let mbu: FiniteNumber
        let hostSeconds: FiniteNumber
        let sequenceSeconds: FiniteNumber
        let clientBeforeSeconds: FiniteNumber?
    }

    private let requests: Int
    private let anchor: String
    private let preemptions: Int
    private let meanErrors: Errors
    private let p99Errors: Errors
    private let mape: Errors
    private let fitted: Constants?

    public init(
        _ comparison: RunComparison, anchor: ArrivalAnchor?, fitted: StepConstants? = nil,
        client: ClientOverhead? = nil
    ) {
        self.anchor = (anchor ?? .engine).rawValue
        requests = comparison.requests
        preemptions = comparison.preemptions
        func errors(_ value: (RunComparison.Latency) -> Double) -> Errors {
            Errors(
                ttft: FiniteNumber(value(comparison.firstToken)),
                tpot: FiniteNumber(comparison.outputToken.map(value)),
                e2e: FiniteNumber(value(comparison.endToEnd)))
        }
        meanErrors = errors(\.mean.error)
        p99Errors = errors(\.p99.error)
        mape = errors(\.absoluteError)
        self.fitted = fitted.map {
            Constants(
                mfu: FiniteNumber($0.arithmetic), mbu: FiniteNumber($0.bandwidth),
                hostSeconds: FiniteNumber($0.hostSeconds),
                sequenceSeconds: FiniteNumber($0.sequenceSeconds),
                clientBeforeSeconds: client.map { FiniteNumber($0.beforeSeconds) })
        }
    }
}
