import Files
import Quantities
import Vocabulary

/// Reads `llm/<name>.yaml`: engines that serve language models, and what is asked of them.
struct ServingClusterReader {
    let catalog: Catalog

    private enum Key: String, SectionKey {
        case id, model, engines, router, link, pools, stations, pipelines, targets, workload, seed, client
        case decodeRouter = "decode_router"
        case signalAge = "signal_age_ms"
        case predicted = "predicted_lengths"
        case sharedTiers = "shared_tiers"
        case onFailure = "on_failure"
    }

    private enum PoolKey: String, SectionKey {
        case name, model, engines, router, link
        case decodeRouter = "decode_router"
        case sharedTiers = "shared_tiers"
        case onFailure = "on_failure"
    }

    private enum LinkKey: String, SectionKey {
        case bandwidth = "bandwidth_gb_per_s"
        case latency = "latency_us"
    }

    private enum ClientKey: String, SectionKey {
        case before = "before_ms"
        case after = "after_ms"
        case perToken = "per_token_ms"
        case source
    }

    private enum TargetKey: String, SectionKey {
        case firstToken = "ttft_ms"
        case outputToken = "tpot_ms"
        case endToEnd = "e2e_ms"
    }

    private enum PredictionKey: String, SectionKey {
        case sigma = "error_sigma"
        case mean = "mean_tokens"
    }

    /// The name of the pool of a cluster that describes its engines alone.
    static let onlyPool = "engines"
    private static let poolsMax = 32

    func cluster(at path: String) throws(FileError) -> ServingCluster {
        let section = try YAMLValue(path: path).section(Key.self)
        try section.require(.id)
        var problems = FileProblems()
        let name = problems.reading { () throws(FileError) in try section[.id].name() }
        let pools = problems.reading { () throws(FileError) in try self.pools(section) }
        let workload = problems.reading { () throws(FileError) -> TokenWorkload? in
            guard let value = section.optional(.workload) else { return nil }
            return try TokenWorkloadReader.workload(value)
        }
        let rest = problems.reading { () throws(FileError) in try self.rest(section) }
        try problems.throwAll()
        guard let pools, let name, var cluster = rest else {
            preconditionFailure("what could not be read was thrown")
        }
        if let workload = workload ?? nil {
            for pool in pools {
                guard let fault = workload.answerBeyond(context: pool.model.contextMax) else { continue }
                throw .invalidValue(
                    section.place(of: .workload), found: fault,
                    expected: "fewer than the \(pool.model.contextMax) tokens of \(pool.model.name)'s context"
                )
            }
        }
        cluster.name = name
        cluster.pools = pools
        cluster.workload = workload ?? nil
        let stations = try section.optional(.stations).map { (value) throws(FileError) in
            try ServingPipelineReader.stations(value)
        }
        cluster.stations = stations ?? []
        if let value = section.optional(.pipelines) {
            cluster.pipelines = try ServingPipelineReader(cluster).pipelines(value)
        }
        return cluster
    }

    // MARK: Pools

    private func pools(_ section: YAMLSection<Key>) throws(FileError) -> [ServingPool] {
        let (key, value) = try section.either(.engines, .pools)
        guard key == .pools else {
            try section.require(.model)
            let keys = PoolValues(
                model: try section[.model], engines: value, router: section.optional(.router),
                decodeRouter: section.optional(.decodeRouter), link: section.optional(.link),
                sharedTiers: section.optional(.sharedTiers),
                onFailure: section.optional(.onFailure))
            return [try pool(Self.onlyPool, keys)]
        }
        for unused in [Key.router, .decodeRouter, .link, .sharedTiers, .onFailure] {
            guard let value = section.optional(unused) else { continue }
            throw .invalidValue(
                value.place, found: "\(unused.rawValue) beside pools", expected: "it in an item of pools")
        }
        var (pools, problems): ([ServingPool], FileProblems) = ([], FileProblems())
        for item in try value.filledList(max: Self.poolsMax) {
            let pool = problems.reading { () throws(FileError) in
                try self.pool(item, model: section.optional(.model))
            }
            guard let pool else { continue }
            if pools.contains(where: { $0.name == pool.name }) {
                problems.add(
                    .invalidValue(
                        item.place, found: "\(pool.name) a second time", expected: "a name of its own"))
            }
            pools.append(pool)
        }
        try problems.throwAll()
        return pools
    }

    private func pool(_ value: YAMLValue, model: YAMLValue?) throws(FileError) -> ServingPool {
        let section = try value.section(PoolKey.self)
        try section.require(.name, .engines)
        let own: YAMLValue =
            if let own = section.optional(.model) ?? model { own } else { try section[.model] }
        let keys = PoolValues(
            model: own, engines: try section[.engines], router: section.optional(.router),
            decodeRouter: section.optional(.decodeRouter), link: section.optional(.link),
            sharedTiers: section.optional(.sharedTiers),
            onFailure: section.optional(.onFailure))
        return try pool(try section[.name].name(), keys)
    }

    /// What a pool is read from, wherever it stands.
    private struct PoolValues {
        let model: YAMLValue
        let engines: YAMLValue
        let router: YAMLValue?
        let decodeRouter: YAMLValue?
        let link: YAMLValue?
        let sharedTiers: YAMLValue?
        let onFailure: YAMLValue?
    }

    private func pool(_ name: String, _ keys: PoolValues) throws(FileError) -> ServingPool {
        var problems = FileProblems()
        let model = problems.reading { () throws(FileError) in try catalog.languageModel(keys.model) }
        let engines = problems.reading { () throws(FileError) in
            try self.engines(keys.engines, serving: model)
        }
        let router = problems.reading { () throws(FileError) -> RoutingRule? in try keys.router?.word() }
        let decodeRouter = problems.reading { () throws(FileError) -> RoutingRule? in
            try keys.decodeRouter?.word()
        }
        let link = problems.reading { () throws(FileError) in try self.link(keys.link) }
        let tiers = problems.reading { () throws(FileError) in
            try CacheTierReader.sharedTiers(keys.sharedTiers, of: engines ?? [])
        }
        let rule = problems.reading { () throws(FileError) -> LossRule? in try keys.onFailure?.word() }
        try problems.throwAll()
        guard let model, let engines, let router, let decodeRouter, let link, let tiers, let rule else {
            preconditionFailure("what could not be read was thrown")
        }
        var pool = ServingPool(
            name: name, model: model, engines: engines, router: router ?? .leastRequests,
            decodeRouter: decodeRouter ?? .leastTokens, linkBandwidth: link.bandwidth,
            linkLatency: link.latency)
        pool.sharedTiers = tiers
        pool.onFailure = rule ?? .restart
        return pool
    }

    /// - Parameter model: nil where it could not be read.
    private func engines(
        _ value: YAMLValue, serving model: LanguageModelShape?
    ) throws(FileError) -> [ServingEngine] {
        var engines: [ServingEngine] = []
        for item in try value.filledList(max: 64) {
            engines.append(try ServingEngineReader(catalog: catalog, model: model).engine(item))
        }
        return engines
    }

    private func link(
        _ value: YAMLValue?
    ) throws(FileError) -> (bandwidth: Double?, latency: Nanoseconds) {
        guard let keys = try value?.section(LinkKey.self) else { return (nil, .zero) }
        let bandwidth = try keys[.bandwidth].number(.from(0.001, to: 100_000)) * 1e9
        let latency = try keys.optional(.latency)?.number(.from(0, to: 1e6)) ?? 0
        return (bandwidth, Nanoseconds(seconds: latency * 1e-6))
    }

    // MARK: The rest

    /// Everything but the pools, the pipelines and the workload.
    private func rest(_ section: YAMLSection<Key>) throws(FileError) -> ServingCluster {
        var cluster = ServingCluster(name: "", pools: [])
        if let age = section.optional(.signalAge) {
            cluster.signalAge = Nanoseconds(milliseconds: try age.number(.from(0, to: 60_000)))
        }
        if let value = section.optional(.predicted) { cluster.predicted = try predicted(value) }
        if let seed = section.optional(.seed) { cluster.seed = try seed.seed() }
        if let client = section.optional(.client) {
            let keys = try client.section(ClientKey.self)
            try keys.require(.before, .source)
            func seconds(_ key: ClientKey) throws(FileError) -> Double {
                (try keys.optional(key)?.number(.from(0, to: 600_000)) ?? 0) / 1000
            }
            cluster.client = ClientOverhead(
                beforeSeconds: try seconds(.before), afterSeconds: try seconds(.after),
                perTokenSeconds: try seconds(.perToken), origin: .stated(try keys[.source].text()))
        }
        if let targets = section.optional(.targets) {
            let keys = try targets.section(TargetKey.self)
            func seconds(_ key: TargetKey) throws(FileError) -> Double? {
                guard let value = keys.optional(key) else { return nil }
                return try value.number(.from(0.001, to: 1e9)) / 1000
            }
            cluster.targets = TokenTargets(
                firstToken: try seconds(.firstToken), outputToken: try seconds(.outputToken),
                endToEnd: try seconds(.endToEnd))
        }
        return cluster
    }

    private func predicted(_ value: YAMLValue) throws(FileError) -> PredictedLengths {
        let (key, number) = try value.section(PredictionKey.self).either(.sigma, .mean)
        switch key {
        case .sigma: return .error(sigma: try number.number(.from(0, to: 10)))
        case .mean: return .mean(try number.wholeNumber(to: 10_000_000))
        }
    }
}

/// Reads one item of `engines`.
struct ServingEngineReader {
    let catalog: Catalog
    /// nil where it could not be read.
    let model: LanguageModelShape?

    private enum Key: String, SectionKey {
        case device, count, role, policy, blocks, constants, speculative, interconnect
        case tensorParallel = "tensor_parallel"
        case pipelineParallel = "pipeline_parallel"
        case expertParallel = "expert_parallel"
        case asyncScheduling = "async_scheduling"
        case powerLaw = "power_law"
        case sequences = "sequences_max"
        case tokens = "token_budget"
        case chunk = "chunk_tokens"
        case blockTokens = "block_tokens"
        case memoryShare = "memory_share"
        case prefixCaching = "prefix_caching"
        case chunkedPrefill = "chunked_prefill"
        case kernels = "kernel_times"
        case host = "host_ms"
        case idleWatts = "idle_watts"
        case busyWatts = "busy_watts"
        case tiers = "cache_tiers"
        case tierLoading = "cache_loading"
        case lifecycle
    }

    private enum ConstantKey: String, SectionKey {
        case arithmetic = "mfu"
        case bandwidth = "mbu"
        case host = "host_ms"
        case sequence = "sequence_us"
        case source
    }

    func engine(_ value: YAMLValue) throws(FileError) -> ServingEngine {
        let section = try value.section(Key.self)
        let device = try catalog.accelerator(try section[.device])
        func whole(_ key: Key, _ standard: Int, to upper: Int) throws(FileError) -> Int {
            try section.optional(key)?.wholeNumber(to: upper) ?? standard
        }
        let tensorParallel = try whole(.tensorParallel, 1, to: 64)
        let sequences = try whole(.sequences, 256, to: 1_000_000)
        var drafts: DraftRule?
        if let value = section.optional(.speculative) { drafts = try EngineFeatureReader.drafts(value) }
        let needed = sequences * (1 + (drafts?.tokens ?? 0))
        let tokens = try whole(.tokens, max(2048, needed), to: 100_000_000)
        guard tokens >= needed else {
            throw .invalidValue(
                section.place(of: .tokens), found: "\(tokens)",
                expected: drafts == nil
                    ? "at least sequences_max, \(sequences): each sequence takes a token of a step"
                    : "at least \(needed): each of sequences_max takes 1 and the drafted tokens of a step"
            )
        }
        let role: EngineRules.Role = try section.optional(.role)?.word() ?? .mixed
        let rules = EngineRules(
            tensorParallel: tensorParallel, pipelineParallel: try whole(.pipelineParallel, 1, to: 64),
            expertParallel: try whole(.expertParallel, 1, to: 1024), sequencesMax: sequences,
            tokenBudget: tokens,
            chunkTokens: try section.optional(.chunk)?.wholeNumber(to: 10_000_000), role: role)
        var engine = ServingEngine(
            device: device, count: try whole(.count, 1, to: 4096), rules: rules,
            timing: try timing(section, tensorParallel: tensorParallel))
        if let policy = section.optional(.policy) { engine.batching = try policy.word() }
        engine.blocks = try section.optional(.blocks)?.wholeNumber(to: 100_000_000)
        engine.blockTokens = try whole(.blockTokens, engine.batching == .sglang ? 1 : 16, to: 4096)
        if let share = section.optional(.memoryShare) {
            engine.memoryShare = try share.number(.positiveFraction)
        }
        if let truth = section.optional(.prefixCaching) { engine.keepsPrefixes = try truth.truth() }
        if let truth = section.optional(.chunkedPrefill) { engine.cutsPrompts = try truth.truth() }
        engine.idleWatts = try watts(section, .idleWatts) ?? device[.idle].map { Watts($0) }
        engine.busyWatts = try watts(section, .busyWatts) ?? device[.thermalDesign].map { Watts($0) }
        engine.drafts = drafts
        if let truth = section.optional(.asyncScheduling) { engine.plansAhead = try truth.truth() }
        if let value = section.optional(.interconnect) {
            engine.interconnect = try EngineFeatureReader.interconnect(value)
        }
        if let value = section.optional(.powerLaw) { engine.power = try EngineFeatureReader.power(value) }
        if let value = section.optional(.tiers) {
            engine.tiers = try CacheTierReader.tiers(value, of: engine)
        }
        if let value = section.optional(.lifecycle) {
            engine.lifecycle = try EngineLifecycleReader.lifecycle(value)
        }
        if let word = section.optional(.tierLoading) { engine.tierLoading = try word.word() }
        return engine
    }

    private func watts(_ section: YAMLSection<Key>, _ key: Key) throws(FileError) -> Watts? {
        guard let value = section.optional(key) else { return nil }
        return Watts(try value.number(.from(0, to: 1e6)))
    }

    private func timing(
        _ section: YAMLSection<Key>, tensorParallel: Int
    ) throws(FileError) -> ServingEngine.Timing {
        if let folder = section.optional(.kernels) {
            guard section.optional(.constants) == nil else {
                throw .invalidValue(
                    folder.place, found: "kernel_times beside constants", expected: "one or the other")
            }
            let host = try section.optional(.host)?.number(.from(0, to: 1000)) ?? 0
            return .kernels(
                try KernelTableReader.table(folder, tensorParallel: tensorParallel, model: model),
                hostSeconds: host / 1000)
        }
        if let host = section.optional(.host) {
            throw .invalidValue(
                host.place, found: "host_ms without kernel_times",
                expected: "constants.host_ms, or kernel_times")
        }
        guard let value = section.optional(.constants) else { return .constants(.assumed) }
        if (try? value.text()) == "calibrated" { return .calibrated }
        let keys = try value.section(ConstantKey.self)
        return .constants(
            StepConstants(
                arithmetic: try keys[.arithmetic].number(.from(0.001, to: 1.5)),
                bandwidth: try keys[.bandwidth].number(.from(0.001, to: 1.5)),
                hostSeconds: (try keys.optional(.host)?.number(.from(0, to: 1000)) ?? 0) / 1000,
                sequenceSeconds: (try keys.optional(.sequence)?.number(.from(0, to: 1e6)) ?? 0) * 1e-6,
                origin: .stated(try keys[.source].text())))
    }
}
