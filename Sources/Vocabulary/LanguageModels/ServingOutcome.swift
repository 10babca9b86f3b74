import Quantities

/// How a cluster served a workload of a language model, simulated.
public struct ServingOutcome: Hashable, Sendable {
    /// A latency over many requests, in seconds.
    public struct Latency: Hashable, Sendable {
        public var count: Int
        public var mean: Double
        /// At 1, 2, ... 99 %, then 99.5 and 99.9 %; what a distribution is drawn from.
        public var quantiles: [Double]

        public static let shares = (1...99).map { Double($0) / 100 } + [0.995, 0.999]

        /// - Parameter quantiles: at `shares`.
        public init(count: Int, mean: Double, quantiles: [Double]) {
            precondition(quantiles.count == Self.shares.count, "a quantile for every share")
            self.count = count
            self.mean = mean
            self.quantiles = quantiles
        }

        public var p50: Double { quantiles[49] }
        public var p90: Double { quantiles[89] }
        public var p99: Double { quantiles[98] }
    }

    /// Requests of one class, or of all.
    public struct ClassFigures: Hashable, Sendable {
        public var name: String
        public var requests: Int
        /// nil where nothing was counted.
        public var firstToken: Latency?
        public var outputToken: Latency?
        public var endToEnd: Latency?
        public var queue: Latency?
        /// What clients added before, at and after the tokens; nil where times count from the engines.
        public var client: Latency?
        /// Requests that met every target; nil where there are no targets.
        public var good: Int?

        public init(
            name: String, requests: Int, firstToken: Latency?, outputToken: Latency?, endToEnd: Latency?,
            queue: Latency?, good: Int?, client: Latency? = nil
        ) {
            self.name = name
            self.requests = requests
            self.firstToken = firstToken
            self.outputToken = outputToken
            self.endToEnd = endToEnd
            self.queue = queue
            self.client = client
            self.good = good
        }
    }

    /// One engine.
    public struct EngineFigures: Hashable, Sendable {
        public var name: String
        public var role: EngineRules.Role
        public var requestsMost: Int
        public var blocks: Int
        public var blocksMost: Int
        /// Share of the time in which a step ran.
        public var busyShare: Double
        /// Share of the time in which steps read prompts.
        public var readingShare: Double
        public var generatedTokens: Int
        public var preemptions: Int
        /// Sequences of steps that only generated, in the mean over their time; nil where none ran.
        public var meanBatch: Double?
        /// Mean, of all its accelerators; nil where idle or busy power is not known.
        public var watts: Watts?
        /// nil of an engine that is up all the time.
        public var life: EngineLife?

        public init(
            name: String, role: EngineRules.Role, requestsMost: Int, blocks: Int, blocksMost: Int,
            busyShare: Double, readingShare: Double, generatedTokens: Int, preemptions: Int,
            meanBatch: Double?, watts: Watts?
        ) {
            self.name = name
            self.role = role
            self.requestsMost = requestsMost
            self.blocks = blocks
            self.blocksMost = blocksMost
            self.busyShare = busyShare
            self.readingShare = readingShare
            self.generatedTokens = generatedTokens
            self.preemptions = preemptions
            self.meanBatch = meanBatch
            self.watts = watts
        }
    }

    /// The cluster at one time.
    public struct Sample: Hashable, Sendable {
        /// From the first arrival, in seconds.
        public var time: Double
        public var running: Int
        public var waiting: Int
        /// Share of the memory for keys and values in use, mean over engines.
        public var usedShare: Double
        /// Of the first engines.
        public var engines: [EngineSample]

        public init(
            time: Double, running: Int, waiting: Int, usedShare: Double, engines: [EngineSample] = []
        ) {
            self.time = time
            self.running = running
            self.waiting = waiting
            self.usedShare = usedShare
            self.engines = engines
        }
    }

    /// An engine at one time.
    public struct EngineSample: Hashable, Sendable {
        /// Requests whose prompts are being read.
        public var reading: Int
        public var generating: Int
        public var waiting: Int
        /// Share of its memory for keys and values in use.
        public var usedShare: Double
        /// Of all its accelerators; nil where not known.
        public var watts: Watts?

        public init(reading: Int, generating: Int, waiting: Int, usedShare: Double, watts: Watts?) {
            self.reading = reading
            self.generating = generating
            self.waiting = waiting
            self.usedShare = usedShare
            self.watts = watts
        }
    }

    /// One request on its way; times from the first arrival, in seconds.
    public struct Passage: Hashable, Sendable {
        public var id: Int
        public var engine: Int
        public var arrival: Double
        public var scheduled: Double
        public var firstToken: Double
        public var lastToken: Double

        public init(
            id: Int, engine: Int, arrival: Double, scheduled: Double, firstToken: Double, lastToken: Double
        ) {
            self.id = id
            self.engine = engine
            self.arrival = arrival
            self.scheduled = scheduled
            self.firstToken = firstToken
            self.lastToken = lastToken
        }
    }

    /// One stage of a pipeline, over all requests that took it.
    public struct StageFigures: Hashable, Sendable {
        public var pipeline: String
        public var name: String
        /// `call`, `station` or `pause`.
        public var kind: String
        /// Times it was passed over.
        public var skipped: Int
        /// From its beginning to its end; nil where nobody took it.
        public var time: Latency?
        /// Of that, before an engine or a server took it on.
        public var waiting: Latency?

        public init(
            pipeline: String, name: String, kind: String, skipped: Int, time: Latency?, waiting: Latency?
        ) {
            self.pipeline = pipeline
            self.name = name
            self.kind = kind
            self.skipped = skipped
            self.time = time
            self.waiting = waiting
        }
    }

    /// One station.
    public struct StationFigures: Hashable, Sendable {
        public var name: String
        public var servers: Int
        public var served: Int
        /// Requests of a batch, in the mean; nil where none was served.
        public var meanBatch: Double?
        /// Share of its servers' time in which they served.
        public var busyShare: Double
        public var waitingMost: Int
        /// Where its times come from.
        public var source: String

        public init(
            name: String, servers: Int, served: Int, meanBatch: Double?, busyShare: Double,
            waitingMost: Int, source: String
        ) {
            self.name = name
            self.servers = servers
            self.served = served
            self.meanBatch = meanBatch
            self.busyShare = busyShare
            self.waitingMost = waitingMost
            self.source = source
        }
    }

    /// One stage, or one of its copies, of one request; times from the first arrival, in seconds.
    public struct Span: Hashable, Sendable {
        public var request: Int
        public var stage: String
        public var copy: Int
        public var began: Double
        public var scheduled: Double
        /// Of calls.
        public var firstToken: Double?
        public var ended: Double

        public init(
            request: Int, stage: String, copy: Int, began: Double, scheduled: Double, firstToken: Double?,
            ended: Double
        ) {
            self.request = request
            self.stage = stage
            self.copy = copy
            self.began = began
            self.scheduled = scheduled
            self.firstToken = firstToken
            self.ended = ended
        }
    }

    /// nil where no engine has a tier below its device.
    public var tiers: Tiers?
    /// nil where all engines are up all the time.
    public var failures: Failures?
    /// Where times count from.
    public var anchor = ArrivalAnchor.engine
    /// Requests that were cut to the model's context.
    public var cut = 0
    public var arrived: Int
    /// Requests that no engine could ever hold.
    public var rejected: Int
    /// Requests that were still on their way when the clock ended, after 69 days.
    public var unfinished: Int
    /// From the first arrival to the last token.
    public var seconds: Double
    /// Of those, after the warm-up: what counted requests are divided by.
    public var countedSeconds: Double
    public var all: ClassFigures
    /// Empty where there is one class.
    public var classes: [ClassFigures]
    /// Gaps between tokens of one answer (ITL); nil where no answer had two tokens.
    public var gaps: Latency?
    public var outputTokens: Int
    public var preemptions: Int
    public var recomputedTokens: Int
    /// Share of prompt tokens found in caches.
    public var hitShare: Double?
    public var engines: [EngineFigures]
    public var samples: [Sample]
    /// Of requests that walk no stages.
    public var passages: [Passage]
    public var stages: [StageFigures]
    public var stations: [StationFigures]
    /// Of requests that walk stages.
    public var spans: [Span]

    public init(
        arrived: Int, rejected: Int, unfinished: Int, seconds: Double, countedSeconds: Double,
        all: ClassFigures,
        classes: [ClassFigures],
        gaps: Latency?, outputTokens: Int, preemptions: Int, recomputedTokens: Int, hitShare: Double?,
        engines: [EngineFigures], samples: [Sample], passages: [Passage], stages: [StageFigures] = [],
        stations: [StationFigures] = [], spans: [Span] = []
    ) {
        self.arrived = arrived
        self.rejected = rejected
        self.unfinished = unfinished
        self.seconds = seconds
        self.countedSeconds = countedSeconds
        self.all = all
        self.classes = classes
        self.gaps = gaps
        self.outputTokens = outputTokens
        self.preemptions = preemptions
        self.recomputedTokens = recomputedTokens
        self.hitShare = hitShare
        self.engines = engines
        self.samples = samples
        self.passages = passages
        self.stages = stages
        self.stations = stations
        self.spans = spans
    }

    public var outputTokensPerSecond: Double { seconds > 0 ? Double(outputTokens) / seconds : 0 }

    /// Requests a second that met every target; nil where there are none.
    public var goodput: Double? { all.good.map { countedSeconds > 0 ? Double($0) / countedSeconds : 0 } }

    /// The share of requests that met every target; nil where there are none, or no request was counted.
    public var attained: Double? {
        guard let good = all.good, all.requests > 0 else { return nil }
        return Double(good) / Double(all.requests)
    }

    /// Of all engines; nil where one of them is not known.
    public var watts: Watts? {
        var sum = 0.0
        for engine in engines {
            guard let watts = engine.watts else { return nil }
            sum += watts.value
        }
        return Watts(sum)
    }

    /// Energy of all engines for an output token; nil where power is not known.
    public var joulesPerToken: Double? {
        guard let watts, outputTokens > 0 else { return nil }
        return watts.value * seconds / Double(outputTokens)
    }
}

/// How much is asked of a cluster.
public enum ServingLoad: Hashable, Sendable {
    /// Conversations that begin in a second.
    case rate(Double)
    /// Clients that each send the next when the last has ended.
    case clients(Int)

    public var value: Double {
        switch self {
        case .rate(let rate): rate
        case .clients(let clients): Double(clients)
        }
    }

    public var isClosed: Bool { if case .clients = self { true } else { false } }
}

/// How a cluster serves under one load.
public struct RatedServing: Hashable, Sendable {
    public var load: ServingLoad
    public var outcome: ServingOutcome

    public init(load: ServingLoad, outcome: ServingOutcome) {
        self.load = load
        self.outcome = outcome
    }
}
