import Quantities

/// How an engine forms its steps.
public enum BatchingRule: String, CaseIterable, Hashable, Codable, Sendable {
    /// vLLM's scheduler (V1).
    case vllm
    /// SGLang's: prompts before answers.
    case sglang
    /// TensorRT-LLM's, which never takes back what it has begun.
    case trtllm
    /// Whole prompts in steps of their own.
    case continuous
    /// One batch after another.
    case `static`
    /// llama.cpp's server, whose slots hold a request each.
    case llamaCpp = "llamacpp"
}

/// Which engine a request goes to.
public enum RoutingRule: String, CaseIterable, Hashable, Codable, Sendable {
    case random
    case roundRobin = "round-robin"
    case leastRequests = "least-requests"
    case powerOfTwo = "power-of-two"
    case weightedQueue = "weighted-queue"
    case leastTokens = "least-tokens"
    case leastMemory = "least-memory"
    case affinity
    case smoothWeighted = "smooth-weighted"
    case shortestDelay = "shortest-delay"
    case leastWork = "least-work"
    case promisedMemory = "promised-memory"
    case capacityAware = "capacity-aware"
    case prefixAware = "prefix-aware"
    case weightedRandom = "weighted-random"
    case weightedPowerOfTwo = "weighted-power-of-two"
}

/// What routers that weigh work suppose of an answer's length.
public enum PredictedLengths: Hashable, Sendable {
    case known
    /// Off by a factor of `exp(sigma * Z)`, Z standard normal.
    case error(sigma: Double)
    case mean(Int)
}

/// Equal engines of a cluster.
public struct ServingEngine: Hashable, Sendable {
    /// What step times come from.
    public enum Timing: Hashable, Sendable {
        case constants(StepConstants)
        /// Constants that were fitted before and are looked up: the latest of the model on the device.
        case calibrated
        case kernels(KernelTable, hostSeconds: Double)
        /// A law that was fitted to measured times of output tokens.
        case law(TokenLaw)

        /// One word for tables.
        public var word: String {
            switch self {
            case .constants(let constants): constants.label
            case .calibrated: "calibrated"
            case .kernels: "kernels"
            case .law: "fitted"
            }
        }
    }

    public var device: CatalogDevice
    public var count: Int
    public var rules: EngineRules
    public var batching: BatchingRule
    public var timing: Timing
    /// Measured blocks of the cache, which count before what is computed; nil computes them.
    public var blocks: Int?
    public var blockTokens: Int
    /// The share of the device's memory that the engine may take.
    public var memoryShare: Double
    /// Whether freed blocks are found again.
    public var keepsPrefixes: Bool
    /// Whether a prompt may be read in pieces.
    public var cutsPrompts: Bool
    /// Watts of one accelerator that idles and one that is busy; nil where not known.
    public var idleWatts: Watts?
    public var busyWatts: Watts?
    /// nil between idle and busy power by the share of time in which a step runs.
    public var power: ServingPower?
    /// nil generates one token a step.
    public var drafts: DraftRule?
    /// Whether a step is planned while the one before runs.
    public var plansAhead = false
    /// What joins its accelerators; nil counts no time for what they send one another.
    public var interconnect: AcceleratorLink?
    /// Where blocks are kept below the device, in the order in which they are sought.
    public var tiers: [ServingCacheTier] = []
    public var tierLoading = TierLoading.load
    /// nil for engines that are up all the time.
    public var lifecycle: EngineLifecycle?

    public init(
        device: CatalogDevice, count: Int = 1, rules: EngineRules, batching: BatchingRule = .vllm,
        timing: Timing, blocks: Int? = nil, blockTokens: Int = 16, memoryShare: Double = 0.9,
        keepsPrefixes: Bool = true, cutsPrompts: Bool = true, idleWatts: Watts? = nil,
        busyWatts: Watts? = nil
    ) {
        self.device = device
        self.count = count
        self.rules = rules
        self.batching = batching
        self.timing = timing
        self.blocks = blocks
        self.blockTokens = blockTokens
        self.memoryShare = memoryShare
        self.keepsPrefixes = keepsPrefixes
        self.cutsPrompts = cutsPrompts
        self.idleWatts = idleWatts
        self.busyWatts = busyWatts
    }
}

/// Limits on a request, all of which it has to meet; nil sets none.
public struct TokenTargets: Hashable, Codable, Sendable {
    /// To the first token, in seconds.
    public var firstToken: Double?
    /// Mean of an output token after the first, in seconds.
    public var outputToken: Double?
    /// To the last token, in seconds.
    public var endToEnd: Double?

    public init(firstToken: Double? = nil, outputToken: Double? = nil, endToEnd: Double? = nil) {
        self.firstToken = firstToken
        self.outputToken = outputToken
        self.endToEnd = endToEnd
    }

    public var isEmpty: Bool { firstToken == nil && outputToken == nil && endToEnd == nil }
}

/// Engines of one language model among which a router chooses.
public struct ServingPool: Hashable, Sendable {
    public var name: String
    public var model: LanguageModelShape
    public var engines: [ServingEngine]
    public var router: RoutingRule
    /// Chooses among engines that generate, where others read.
    public var decodeRouter: RoutingRule
    /// What carries keys and values between engines of unlike roles, in bytes per second; nil takes no time.
    public var linkBandwidth: Double?
    public var linkLatency: Nanoseconds
    /// Tiers that all engines which read prompts share, sought behind their own.
    public var sharedTiers: [ServingCacheTier] = []
    public var onFailure = LossRule.restart

    public init(
        name: String, model: LanguageModelShape, engines: [ServingEngine],
        router: RoutingRule = .leastRequests, decodeRouter: RoutingRule = .leastTokens,
        linkBandwidth: Double? = nil, linkLatency: Nanoseconds = .zero
    ) {
        self.name = name
        self.model = model
        self.engines = engines
        self.router = router
        self.decodeRouter = decodeRouter
        self.linkBandwidth = linkBandwidth
        self.linkLatency = linkLatency
    }
}

/// Engines that serve language models, and what is asked of them.
public struct ServingCluster: Hashable, Sendable {
    public var name: String
    /// At least one; requests that walk no stages go to the first.
    public var pools: [ServingPool]
    public var stations: [ServingStation]
    /// What classes of requests walk; a class beyond them is one call of the first pool.
    public var pipelines: [ServingPipeline]
    /// How old the signals are that routers see.
    public var signalAge: Nanoseconds
    public var predicted: PredictedLengths
    public var targets: TokenTargets
    /// What clients add to the engines' times; nil where times count from the engines' queues.
    public var client: ClientOverhead?
    /// nil for a cluster that is only compared with a measured run.
    public var workload: TokenWorkload?
    public var seed: UInt64

    public init(
        name: String, pools: [ServingPool], stations: [ServingStation] = [],
        pipelines: [ServingPipeline] = [], signalAge: Nanoseconds = .zero,
        predicted: PredictedLengths = .known, targets: TokenTargets = TokenTargets(),
        workload: TokenWorkload? = nil, seed: UInt64 = 1
    ) {
        self.name = name
        self.pools = pools
        self.stations = stations
        self.pipelines = pipelines
        self.signalAge = signalAge
        self.predicted = predicted
        self.targets = targets
        self.workload = workload
        self.seed = seed
    }

    /// Of all pools, in their order.
    public var engines: [ServingEngine] { pools.flatMap(\.engines) }

    /// The key under which a pool's engines stand in the cluster's file.
    public func engineKey(ofPool pool: Int) -> String {
        pools.count == 1 ? "engines" : "pools[\(pool)].engines"
    }

    /// Tokens that a prompt and its answer may have together, whichever pool they go to.
    public var contextMax: Int { pools.map(\.model.contextMax).min() ?? .max }

    /// The names of the models, each once, in the order of the pools.
    public var modelNames: [String] {
        pools.map(\.model.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
