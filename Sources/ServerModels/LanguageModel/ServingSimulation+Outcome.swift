import Quantities
import Simulation
import Vocabulary

extension ServingSimulation {
    /// Requests whose way through the cluster is kept.
    private static let passagesMax = 80
    private static let samplesMax = 1500
    private static let spansMax = 600
    private static let enginesSampled = 8

    /// Plays a workload.
    /// - Parameters:
    ///   - rate: conversations per second in place of the workload's own.
    public func outcome(_ workload: TokenWorkload, rate: Double? = nil, seed: UInt64) -> ServingOutcome {
        var simulation = simulation
        simulation.samplesMax = Self.samplesMax
        simulation.spansMax = Self.spansMax
        simulation.enginesSampled = Self.enginesSampled
        simulation.seed = seed
        let source = TokenWorkloadSource(
            workload, rate: rate, contextMax: cluster.contextMax, seed: seed, client: cluster.client)
        var passages: [TokenRecord] = []
        var view = cluster.client.map { ClientView($0, limits: simulation.limits.first ?? TokenLimits()) }
        let warmUp = simulation.warmUp
        var start: Nanoseconds?
        let played = simulation.play(source) { record in
            let begun = start ?? record.request.arrival
            start = begun
            guard record.request.arrival >= begun + warmUp else { return }
            view?.record(record)
            guard passages.count < Self.passagesMax, !simulation.walksStages(record.request) else { return }
            passages.append(record)
        }
        return outcome(played, passages: passages, workload, view: view)
    }

    private func outcome(
        _ played: TokenOutcome, passages: [TokenRecord], _ workload: TokenWorkload, view: ClientView?
    ) -> ServingOutcome {
        let names: [String] =
            if case .drawn(let classes, _, _) = workload.content { classes.map(\.name) } else { [] }
        let hasTargets = !cluster.targets.isEmpty
        let seconds = (played.end - played.start).seconds
        let classes = (view?.byKind ?? played.byKind).enumerated().map { kind, latencies in
            figures(
                latencies, name: kind < names.count ? names[kind] : "all", hasTargets: hasTargets,
                client: view?.overheads[kind])
        }
        let all = figures(
            view?.all ?? played.all, name: "all", hasTargets: hasTargets, client: view?.allOverheads)
        func since(_ time: Nanoseconds) -> Double { (time - played.start).seconds }
        var outcome = ServingOutcome(
            arrived: played.arrived, rejected: played.rejected,
            unfinished: played.arrived - played.completed - played.rejected - played.lost, seconds: seconds,
            countedSeconds: max(0, seconds - workload.warmUpSeconds),
            all: all, classes: classes.count > 1 ? classes : [],
            gaps: Self.latency(played.gaps, later: cluster.client?.perTokenSeconds ?? 0),
            outputTokens: played.engines.reduce(0) { $0 + $1.generatedTokens },
            preemptions: played.preemptions,
            recomputedTokens: played.engines.reduce(0) { $0 + $1.recomputedTokens },
            hitShare: played.hitShare, engines: engines(played, seconds: seconds),
            samples: played.samples.map {
                ServingOutcome.Sample(
                    time: since($0.time), running: $0.running, waiting: $0.waiting, usedShare: $0.usedShare,
                    engines: samples($0.engines))
            },
            passages: passages.map {
                ServingOutcome.Passage(
                    id: Int($0.request.id), engine: Int($0.engine), arrival: since($0.request.arrival),
                    scheduled: since($0.scheduled), firstToken: since($0.firstToken),
                    lastToken: since($0.lastToken))
            }, stages: stages(played), stations: stations(played, seconds: seconds),
            spans: spans(played))
        outcome.tiers = tiers(played)
        outcome.failures = failures(played)
        outcome.anchor = view == nil ? .engine : .client
        outcome.cut = workload.requestsBeyond(context: cluster.contextMax)
        return outcome
    }

    private func failures(_ played: TokenOutcome) -> ServingOutcome.Failures? {
        guard cluster.engines.contains(where: { $0.lifecycle != nil }) else { return nil }
        return ServingOutcome.Failures(
            lost: played.lost, returned: played.returned, restarted: played.restarted,
            tokensLost: played.tokensLost, wait: Self.latency(played.routerWaits))
    }

    // MARK: Stages

    private func stages(_ played: TokenOutcome) -> [ServingOutcome.StageFigures] {
        zip(cluster.pipelines, played.stages).flatMap { pipeline, figures in
            zip(pipeline.stages, figures).map { stage, figures in
                ServingOutcome.StageFigures(
                    pipeline: pipeline.name, name: stage.name, kind: stage.kind, skipped: figures.skipped,
                    time: Self.latency(figures.time), waiting: Self.latency(figures.waiting))
            }
        }
    }

    private func stations(
        _ played: TokenOutcome, seconds: Double
    ) -> [ServingOutcome.StationFigures] {
        zip(cluster.stations, played.stations).map { station, figures in
            let available = seconds * Double(station.servers)
            return ServingOutcome.StationFigures(
                name: station.name, servers: station.servers, served: figures.served,
                meanBatch: figures.batches > 0 ? Double(figures.served) / Double(figures.batches) : nil,
                busyShare: available > 0 ? min(1, figures.busySeconds / available) : 0,
                waitingMost: figures.waitingMost, source: station.source)
        }
    }

    private func spans(_ played: TokenOutcome) -> [ServingOutcome.Span] {
        func since(_ time: Nanoseconds) -> Double { (time - played.start).seconds }
        return played.spans.map { span in
            ServingOutcome.Span(
                request: Int(span.request),
                stage: cluster.pipelines[Int(span.graph)].stages[Int(span.stage)].name,
                copy: Int(span.copy), began: since(span.began), scheduled: since(span.scheduled),
                firstToken: span.firstToken.map(since), ended: since(span.ended))
        }
    }

    private func figures(
        _ latencies: TokenLatencies, name: String, hasTargets: Bool, client: LatencyTally?
    ) -> ServingOutcome.ClassFigures {
        ServingOutcome.ClassFigures(
            name: name, requests: latencies.count, firstToken: Self.latency(latencies.firstToken),
            outputToken: Self.latency(latencies.outputToken), endToEnd: Self.latency(latencies.endToEnd),
            queue: Self.latency(latencies.queue), good: hasTargets ? latencies.good : nil,
            client: client.flatMap { Self.latency($0) })
    }

    /// - Parameter later: seconds that every one of them is longer.
    static func latency(_ tally: LatencyTally, later: Double = 0) -> ServingOutcome.Latency? {
        guard let mean = tally.mean else { return nil }
        return ServingOutcome.Latency(
            count: tally.count, mean: mean.seconds + later,
            quantiles: ServingOutcome.Latency.shares.map {
                (tally.quantile(Quantile($0))?.seconds ?? mean.seconds) + later
            })
    }

    /// Descriptions of the engines one by one, in the order in which they are played.
    private var playedEngines: [ServingEngine] {
        cluster.pools.flatMap { pool in
            let described = pool.engines.flatMap { Array(repeating: $0, count: $0.count) }
            return described.filter { $0.rules.role != .decode }
                + described.filter { $0.rules.role == .decode }
        }
    }

    /// The model of each of them.
    private var playedModels: [LanguageModelShape] {
        cluster.pools.flatMap { pool in
            Array(repeating: pool.model, count: pool.engines.reduce(0) { $0 + $1.count })
        }
    }

    /// What work takes of one accelerator at the peaks of its data sheet; nil where the sheet lacks one.
    private static func peakSeconds(
        of work: StepWork, _ engine: ServingEngine, model: LanguageModelShape
    ) -> ServingPower.PeakSeconds? {
        guard let law = try? TokenStepLaw(model: model, device: engine.device, rules: engine.rules) else {
            return nil
        }
        let ideal = law.law(.dataSheet)
        // Each stage of a pipeline does its part.
        let scale = 1e-12 / Double(engine.rules.pipelineParallel)
        func time(_ amount: Int, _ each: Int64) -> Double { Double(amount) * Double(each) }
        let arithmetic =
            time(work.tokens, ideal.perToken) + time(work.sampled, ideal.perSample)
            + time(work.pairsDoubled, ideal.perPair) / 2
        let memory = time(work.steps, ideal.weights) + time(work.context, ideal.perContext)
        return ServingPower.PeakSeconds(arithmetic: arithmetic * scale, memory: memory * scale)
    }

    private func samples(_ samples: [TokenEngineSample]) -> [ServingOutcome.EngineSample] {
        zip(playedEngines, samples).map { engine, sample in
            ServingOutcome.EngineSample(
                reading: sample.reading, generating: sample.generating, waiting: sample.waiting,
                usedShare: sample.usedShare,
                watts: engine.watts(reading: sample.reading, generating: sample.generating))
        }
    }

    /// In the order in which they are played: pool by pool, those that read before those that only generate.
    private func engines(_ played: TokenOutcome, seconds: Double) -> [ServingOutcome.EngineFigures] {
        let models = playedModels
        return zip(playedEngines, played.engines).enumerated().map { index, pair in
            let (engine, figures) = pair
            // Each stage of a pipeline is busy with its part of a step.
            let stages = Double(engine.rules.pipelineParallel)
            let reading = figures.reading.seconds / stages
            let batches = figures.busyByBatch.map { $0.seconds / stages }
            let generating = batches.reduce(0, +)
            let busy = seconds > 0 ? min(1, (reading + generating) / seconds) : 0
            let weighted = batches.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
            let life = engine.lifecycle.map { _ in
                ServingOutcome.EngineLife(
                    upSeconds: figures.life.up.seconds, bootSeconds: figures.life.booting.seconds,
                    downSeconds: figures.life.down.seconds, failures: figures.life.failures)
            }
            let watts = engine.meanWatts(
                over: seconds, reading: reading, generating: batches,
                work: Self.peakSeconds(of: figures.work, engine, model: models[index]), life: life)
            var own = ServingOutcome.EngineFigures(
                name: "\(index + 1) \(engine.device.name)", role: engine.rules.role,
                requestsMost: figures.sequencesMost, blocks: figures.blocks, blocksMost: figures.blocksMost,
                busyShare: busy, readingShare: seconds > 0 ? reading / seconds : 0,
                generatedTokens: figures.generatedTokens, preemptions: figures.preemptions,
                meanBatch: generating > 0 ? weighted / generating : nil, watts: watts)
            own.life = life
            return own
        }
    }
}

extension ServingPipelineStage {
    /// A word for tables.
    fileprivate var kind: String {
        switch work {
        case .call: "call"
        case .station: "station"
        case .pause: "pause"
        }
    }
}
