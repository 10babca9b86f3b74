import Quantities
import Simulation
import Vocabulary

/// A described cluster as the simulation plays it.
public struct ServingSimulation: Sendable {
    /// Why a cluster cannot be played.
    public enum Fault: Error, Hashable, CustomStringConvertible {
        case law(TokenStepLaw.Fault, place: String)
        /// With the smallest degree of tensor parallelism that would do, where there is one.
        case doesNotFit(model: String, place: String, missingBytes: Double, smallestTensorParallel: Int?)
        case rules(String)

        public var description: String {
            switch self {
            case .law(let fault, let place): return "\(place): \(fault)"
            case .doesNotFit(let model, let place, let missing, let smallest):
                let lack = (missing / 1e8).rounded(.up) / 10
                let advice =
                    smallest.map { "it fits with tensor_parallel \($0)" }
                    ?? "it fits with no tensor_parallel up to 64"
                return "\(place): \(model) does not fit: \(lack) GB of an accelerator's memory are "
                    + "missing; \(advice)"
            case .rules(let text): return text
            }
        }
    }

    public let cluster: ServingCluster
    public private(set) var simulation: TokenSimulation
    /// Of each description of engines, pool by pool.
    public let blocks: [Int]
    /// What the simulated tiers stand for.
    let tierPlan: CacheTierPlan

    /// - Throws: what is wrong with the first description of engines that cannot be played.
    public init(_ cluster: ServingCluster) throws(Fault) {
        self.cluster = cluster
        var (pools, blocks): ([TokenPool], [Int]) = ([], [])
        var tierPlan = CacheTierPlan()
        for (index, pool) in cluster.pools.enumerated() {
            let name = cluster.pools.count > 1 ? pool.name : nil
            let played = try Self.pool(
                pool, place: cluster.engineKey(ofPool: index), tiers: &tierPlan, named: name)
            pools.append(played.pool)
            blocks += played.blocks
        }
        self.blocks = blocks
        self.tierPlan = tierPlan
        simulation = TokenSimulation(pools: pools)
        simulation.tiers = tierPlan.tiers
        simulation.signalAge = cluster.signalAge
        simulation.prediction = PipelinePlan.prediction(cluster.predicted)
        simulation.seed = cluster.seed
        let targets = cluster.targets
        let limits = TokenLimits(
            firstToken: targets.firstToken.map { Nanoseconds(seconds: $0) },
            outputToken: targets.outputToken, endToEnd: targets.endToEnd.map { Nanoseconds(seconds: $0) })
        simulation.limits = Array(repeating: limits, count: TokenWorkloadSource.classesMax)
        if let workload = cluster.workload {
            simulation.warmUp = Nanoseconds(seconds: workload.warmUpSeconds)
            if case .listed(let requests, _) = workload.content {
                simulation.names = requests.flatMap(\.names)
            }
        }
        PipelinePlan(cluster).apply(to: &simulation)
        if let fault = simulation.fault { throw .rules(fault) }
    }

    private static func pool(
        _ pool: ServingPool, place: String, tiers: inout CacheTierPlan, named name: String?
    ) throws(Fault) -> (pool: TokenPool, blocks: [Int]) {
        var (engines, blocks): ([TokenSimulation.Engine], [Int]) = ([], [])
        for (index, engine) in pool.engines.enumerated() {
            let own = "\(place)[\(index)]"
            blocks.append(try Self.blocks(of: engine, model: pool.model, place: own))
            let law = try Self.law(of: engine, model: pool.model, place: own)
            let setup = Self.setup(engine, model: pool.model, blocks: blocks[index])
            guard law.longestStep(setup) < 1e15 else {
                throw .rules("\(own): found steps of more than 1,000 s, expected shorter ones")
            }
            let capacity = 1e12 / Double(law.decodeLine(sequences: 1, context: 1024).time(context: 1024))
            var one = TokenSimulation.Engine(setup: setup, law: law, capacity: capacity)
            if let lifecycle = engine.lifecycle { one.life = EngineLife(lifecycle, of: pool.model) }
            let copies = tiers.add(engine.tiers, of: engine, in: pool, named: name)
            engines += copies.map { places in
                var copy = one
                copy.setup.tiers = places
                return copy
            }
        }
        let shared = tiers.add(pool.sharedTiers, of: pool, named: name)
        for index in engines.indices where engines[index].setup.role != .decode {
            engines[index].setup.tiers += shared
        }
        var played = TokenPool(engines: engines)
        played.router = TokenRouter(pool.router)
        played.decodeRouter = TokenRouter(pool.decodeRouter)
        played.failureRule = FailureRule(pool.onFailure)
        played.link = pool.linkBandwidth.map { bandwidth in
            let bytes = pool.model.cacheBytesPerToken(tensorParallel: 1)
            return TokenSimulation.Link(
                picosecondsPerToken: Int64((1e12 * bytes / bandwidth).rounded()), latency: pool.linkLatency
            )
        }
        return (played, blocks)
    }

    /// The law of the first pool's engines under other constants; for fits.
    public func law(of index: Int, _ constants: StepConstants) throws(Fault) -> StepLaw {
        var engine = cluster.pools[0].engines[index]
        engine.timing = .constants(constants)
        return try Self.law(of: engine, model: cluster.pools[0].model, place: "engines[\(index)]")
    }

    // MARK: Parts

    static func law(
        of engine: ServingEngine, model: LanguageModelShape, place: String
    ) throws(Fault) -> StepLaw {
        switch engine.timing {
        case .kernels(let table, let hostSeconds):
            return .tables(StepTables(table, layers: model.layers, hostSeconds: hostSeconds))
        case .calibrated:
            throw .rules(
                "\(place): found constants that are looked up, expected a database with them"
            )
        case .law(let law): return .linear(LinearStepLaw(law.times))
        case .constants(let constants):
            do throws(TokenStepLaw.Fault) {
                let law = try TokenStepLaw(model: model, device: engine.device, rules: engine.rules)
                return .linear(law.law(constants, interconnect: engine.interconnect))
            } catch {
                throw .law(error, place: place)
            }
        }
    }

    static func blocks(
        of engine: ServingEngine, model: LanguageModelShape, place: String
    ) throws(Fault) -> Int {
        // One block of those that vLLM reports is its own.
        if let measured = engine.blocks {
            return engine.batching == .vllm && measured > 1 ? measured - 1 : measured
        }
        guard let memory = engine.device[.memory] else {
            throw .law(.noFigure(.memory, device: engine.device.name), place: place)
        }
        func capacity(_ tensorParallel: Int) -> CacheCapacity {
            let rules = EngineRules(
                tensorParallel: tensorParallel, pipelineParallel: engine.rules.pipelineParallel,
                expertParallel: engine.rules.expertParallel, sequencesMax: engine.rules.sequencesMax,
                tokenBudget: engine.rules.tokenBudget)
            return CacheCapacity(
                model: model, memory: memory * 1_073_741_824, share: engine.memoryShare, rules: rules,
                blockTokens: engine.blockTokens)
        }
        let own = capacity(engine.rules.tensorParallel)
        let tokens = min(model.contextMax, 2048)
        guard let missing = own.missingBytes(forTokens: tokens, blockTokens: engine.blockTokens) else {
            return own.blocks
        }
        let smallest = [1, 2, 4, 8, 16, 32, 64].first {
            model.heads.isMultiple(of: $0)
                && capacity($0).missingBytes(forTokens: tokens, blockTokens: engine.blockTokens) == nil
        }
        throw .doesNotFit(
            model: model.name, place: place, missingBytes: missing, smallestTensorParallel: smallest)
    }

    private static func setup(
        _ engine: ServingEngine, model: LanguageModelShape, blocks: Int
    ) -> EngineSetup {
        var setup = EngineSetup(blocks: blocks)
        setup.policy = BatchingPolicy(engine.batching)
        setup.role = EngineRole(engine.rules.role)
        setup.tierChoice = TierChoice(engine.tierLoading)
        setup.blockTokens = engine.blockTokens
        setup.sequencesMax = engine.rules.sequencesMax
        setup.tokenBudget = engine.rules.tokenBudget
        setup.pieceTokensMax = engine.rules.chunkTokens
        setup.keepsContent = engine.keepsPrefixes
        setup.cutsPrompts = engine.cutsPrompts
        setup.plansAhead = engine.plansAhead
        setup.speculation = engine.drafts.map { drafts in
            Speculation(
                drafted: drafts.tokens, acceptance: drafts.acceptance,
                draftTime: TokenStepLaw.picoseconds(drafts.seconds), draftShare: drafts.share)
        }
        setup.stages = engine.rules.pipelineParallel
        if let link = engine.interconnect {
            // One vector of 16 bits a token goes on to the next stage.
            setup.sendTime = TokenStepLaw.picoseconds(link.latencySeconds)
            setup.sendTimePerToken = TokenStepLaw.picoseconds(2 * Double(model.hidden) / link.bandwidth)
        }
        return setup
    }
}
