import Quantities

/// Limits that a request has to meet, all of them, to count as good.
public struct TokenLimits: Sendable, Hashable {
    public var firstToken: Nanoseconds?
    /// Mean time of an output token, in seconds.
    public var outputToken: Double?
    public var endToEnd: Nanoseconds?

    public init(firstToken: Nanoseconds? = nil, outputToken: Double? = nil, endToEnd: Nanoseconds? = nil) {
        self.firstToken = firstToken
        self.outputToken = outputToken
        self.endToEnd = endToEnd
    }

    /// Whether a request meets every limit there is. An answer of one token meets any limit a token.
    public func isMet(by record: TokenRecord) -> Bool {
        if let firstToken, record.timeToFirstToken > firstToken { return false }
        if let outputToken, let own = record.timePerOutputToken, own > outputToken { return false }
        if let endToEnd, record.endToEnd > endToEnd { return false }
        return true
    }
}

/// Latencies of the requests of one class.
public struct TokenLatencies: Sendable {
    public var firstToken = LatencyTally()
    /// Mean time of an output token, by request.
    public var outputToken = LatencyTally()
    public var endToEnd = LatencyTally()
    public var queue = LatencyTally()
    /// Requests that met all their limits.
    public var good = 0
    public var outputTokens = 0

    public init() {}

    public var count: Int { endToEnd.count }

    /// Adds what became of a request.
    public mutating func record(_ record: TokenRecord, limits: TokenLimits) {
        firstToken.record(record.timeToFirstToken)
        endToEnd.record(record.endToEnd)
        queue.record(record.queueTime)
        if let time = record.timePerOutputToken { outputToken.record(Nanoseconds(seconds: time)) }
        if limits.isMet(by: record) { good += 1 }
        outputTokens += Int(record.request.output)
    }

    public mutating func merge(_ other: TokenLatencies) {
        firstToken.merge(other.firstToken)
        outputToken.merge(other.outputToken)
        endToEnd.merge(other.endToEnd)
        queue.merge(other.queue)
        good += other.good
        outputTokens += other.outputTokens
    }
}

/// What one engine did.
public struct TokenEngineFigures: Sendable {
    /// Time of steps that only generated, by the number of sequences.
    public var busyByBatch: [Nanoseconds]
    /// Time of steps that read prompts.
    public var reading: Nanoseconds
    public var steps: Int
    public var preemptions: Int
    /// Tokens read again because their requests had been preempted.
    public var recomputedTokens: Int
    public var promptTokens: Int
    /// Of those, found in the cache, and what was loaded from tiers below it.
    public var cachedTokens: Int
    /// Of those, loaded from each of its tiers.
    public var loadedTokens: [Int]
    public var generatedTokens: Int
    public var sequencesMost: Int
    public var blocksMost: Int
    public var blocks: Int
    public var life = EngineLifeFigures()
    /// What its steps worked on; of a step that was lost with the engine nothing.
    public var work = StepWork()

    public var busy: Nanoseconds { busyByBatch.reduce(reading, +) }
}

/// A cluster at one time.
public struct TokenSample: Sendable, Hashable {
    public var time: Nanoseconds
    public var running: Int
    public var waiting: Int
    /// Share of the blocks in use, mean over engines.
    public var usedShare: Double
    /// Of the first engines of the cluster.
    public var engines: [TokenEngineSample]
}

/// An engine at one time.
public struct TokenEngineSample: Sendable, Hashable {
    /// Requests whose prompts are being read.
    public var reading: Int
    /// Requests that generate.
    public var generating: Int
    public var waiting: Int
    /// Share of the blocks in use.
    public var usedShare: Double
}

/// How a cluster served a workload.
public struct TokenOutcome: Sendable {
    /// By class, over requests that arrived after the warm-up.
    public var byKind: [TokenLatencies]
    /// Gaps between tokens of one answer (ITL), over all requests.
    public var gaps = LatencyTally()
    public var engines: [TokenEngineFigures]
    /// By graph, and by stage.
    public var stages: [[StageFigures]] = []
    public var stations: [StageStationFigures] = []
    public var tiers: [CacheTierFigures] = []
    /// Times that requests waited for loads.
    public var loadWaits = LatencyTally()
    /// Of the first requests that walked stages.
    public var spans: [StageSpan] = []
    /// Requests that no engine could ever hold.
    public var rejected = 0
    /// Requests that were lost with an engine, or whose engines were all switched off.
    public var lost = 0
    /// Requests and calls that failing engines had, and those of them that were begun anew.
    public var returned = 0
    public var restarted = 0
    /// Tokens that the caches of failing engines held of these.
    public var tokensLost = 0
    /// Tokens that were generated for lost requests and calls.
    public var tokensOfLost = 0
    /// Times that requests waited at the router for an engine to come up.
    public var routerWaits = LatencyTally()
    public var arrived = 0
    public var completed = 0
    /// From the first arrival to the last token.
    public var start = Nanoseconds.zero
    public var end = Nanoseconds.zero
    public var eventsPlayed = 0
    /// The cluster over time, at equal distances.
    public var samples: [TokenSample] = []
    /// What did not add up, where it was verified.
    package var imbalances: [String] = []

    public var all: TokenLatencies {
        byKind.dropFirst().reduce(into: byKind.first ?? TokenLatencies()) { $0.merge($1) }
    }
    public var preemptions: Int { engines.reduce(0) { $0 + $1.preemptions } }

    /// The share of prompt tokens that the caches held; nil where nothing was read.
    public var hitShare: Double? {
        let tokens = engines.reduce(0) { $0 + $1.promptTokens }
        return tokens == 0 ? nil : Double(engines.reduce(0) { $0 + $1.cachedTokens }) / Double(tokens)
    }
}
