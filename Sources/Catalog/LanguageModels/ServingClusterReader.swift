import Files
import Quantities
import Vocabulary

/// Reads `llm/<name>.yaml`: engines that serve a language model, and what is asked of them.
struct ServingClusterReader {
    let catalog: Catalog

    private enum Key: String, SectionKey {
        case id, model, engines, router, link, targets, workload, seed, client
        case decodeRouter = "decode_router"
        case signalAge = "signal_age_ms"
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

    func cluster(at path: String) throws(FileError) -> ServingCluster {
        let section = try YAMLValue(path: path).section(Key.self)
        try section.require(.id, .model, .engines)
        var problems = FileProblems()
        let model = problems.reading { () throws(FileError) in
            try catalog.languageModel(try section[.model])
        }
        let engines = problems.reading { () throws(FileError) in
            var engines: [ServingEngine] = []
            for item in try section[.engines].filledList(max: 64) {
                engines.append(try ServingEngineReader(catalog: catalog, model: model).engine(item))
            }
            return engines
        }
        let workload = problems.reading { () throws(FileError) -> TokenWorkload? in
            guard let value = section.optional(.workload) else { return nil }
            return try TokenWorkloadReader.workload(value)
        }
        let name = problems.reading { () throws(FileError) in try section[.id].name() }
        let rest = problems.reading { () throws(FileError) in try self.rest(section) }
        try problems.throwAll()
        guard let model, let engines, let name, var cluster = rest else {
            preconditionFailure("what could not be read was thrown")
        }
        if let workload = workload ?? nil, let fault = workload.answerBeyond(context: model.contextMax) {
            throw .invalidValue(
                section.place(of: .workload), found: fault,
                expected: "fewer than the \(model.contextMax) tokens of \(model.name)'s context")
        }
        cluster.name = name
        cluster.model = model
        cluster.engines = engines
        cluster.workload = workload ?? nil
        return cluster
    }

    /// Everything but the model, the engines and the workload.
    private func rest(_ section: YAMLSection<Key>) throws(FileError) -> ServingCluster {
        let nothing = LanguageModelShape(
            name: "", architecture: "", hidden: 1, layers: 1, heads: 1, keyValueHeads: 1, headWidth: 1,
            inner: 1, vocabulary: 1, tiesEmbeddings: false, contextMax: 1)
        var cluster = ServingCluster(name: "", model: nothing, engines: [])
        if let router = section.optional(.router) { cluster.router = try router.word() }
        if let router = section.optional(.decodeRouter) { cluster.decodeRouter = try router.word() }
        if let age = section.optional(.signalAge) {
            cluster.signalAge = Nanoseconds(milliseconds: try age.number(.from(0, to: 60_000)))
        }
        if let seed = section.optional(.seed) { cluster.seed = try seed.seed() }
        if let link = section.optional(.link) {
            let keys = try link.section(LinkKey.self)
            cluster.linkBandwidth = try keys[.bandwidth].number(.from(0.001, to: 100_000)) * 1e9
            if let latency = keys.optional(.latency) {
                cluster.linkLatency = Nanoseconds(seconds: try latency.number(.from(0, to: 1e6)) * 1e-6)
            }
        }
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
}

/// Reads one item of `engines`.
struct ServingEngineReader {
    let catalog: Catalog
    /// nil where it could not be read.
    let model: LanguageModelShape?

    private enum Key: String, SectionKey {
        case device, count, role, policy, blocks, constants
        case tensorParallel = "tensor_parallel"
        case pipelineParallel = "pipeline_parallel"
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
        let tokens = try whole(.tokens, max(2048, sequences), to: 10_000_000)
        guard tokens >= sequences else {
            throw .invalidValue(
                section.place(of: .tokens), found: "\(tokens)",
                expected: "at least sequences_max, \(sequences): each sequence takes a token of a step")
        }
        let role: EngineRules.Role = try section.optional(.role)?.word() ?? .mixed
        let rules = EngineRules(
            tensorParallel: tensorParallel, pipelineParallel: try whole(.pipelineParallel, 1, to: 64),
            sequencesMax: sequences, tokenBudget: tokens,
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
