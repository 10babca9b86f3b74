import Quantities
import Vocabulary

/// Measures schedules on this machine.
///
/// Keeps the last compiled model, so cells should be asked for in the order of `scheduleGrid`. Not for use by
/// two threads at once.
public final class HostProfiler {
    public let engine: any InferenceEngine
    public let host: Host
    private let probe: HostProbe
    private let topology: HostTopology
    private let toolVersion: String
    private let powerPlaces: PowerSource.Places
    private var session: ProfilingSession?
    /// The last server type's, with its idle power.
    private var power: (serverType: ServerType, source: PowerSource, idle: Watts?)?

    /// How long the idle machine is metered before its first load.
    private static let idleSpan = Nanoseconds(seconds: 1)

    /// - Parameters:
    ///   - toolVersion: stored with every measurement.
    ///   - power: where instruments are looked for.
    /// - Throws: `unreadable` where the kernel's files do not say what machine this is.
    public init(
        engine: any InferenceEngine, probe: HostProbe = HostProbe(), toolVersion: String,
        power: PowerSource.Places = PowerSource.Places()
    ) throws(ProfilingError) {
        self.engine = engine
        self.probe = probe
        self.toolVersion = toolVersion
        powerPlaces = power
        host = try probe.host()
        topology = probe.topology
    }

    /// What one cell of the schedule grid showed.
    public struct Cell: Sendable {
        /// All threads always busy, for a moment.
        public var saturation: LoadRun
        /// Poisson load at a share of that.
        public var loaded: LoadRun
    }

    /// Measures one cell of the schedule grid: saturates the schedule for a moment, then offers Poisson load
    /// at `settings.loadFraction` of that for `settings.cellDuration`.
    ///
    /// Takes the cell's duration and about half a second; the first cell of an (M, O) compiles the model as
    /// well.
    public func measureCell(
        model: Model, serverType: ServerType, schedule: Schedule, settings: ProfileSettings, seed: UInt64
    ) throws(ProfilingError) -> LoadRun {
        try measureBoth(
            model: model, serverType: serverType, schedule: schedule, settings: settings, seed: seed
        ).loaded
    }

    /// The same, with what the saturation showed: how service times change when every thread is busy.
    public func measureBoth(
        model: Model, serverType: ServerType, schedule: Schedule, settings: ProfileSettings, seed: UInt64
    ) throws(ProfilingError) -> Cell {
        let saturation = try saturate(
            model: model, serverType: serverType, schedule: schedule,
            duration: Nanoseconds(min(max(settings.cellDuration.count / 4, 100_000_000), 1_000_000_000)),
            settings: settings, seed: seed)
        let loaded = try measureCell(
            model: model, serverType: serverType, schedule: schedule,
            rate: saturation.completedRate * settings.loadFraction.value, duration: settings.cellDuration,
            settings: settings, seed: seed)
        return Cell(saturation: saturation, loaded: loaded)
    }

    /// Measures a cell at a rate of the caller's choice.
    public func measureCell(
        model: Model, serverType: ServerType, schedule: Schedule, rate: QueriesPerSecond,
        duration: Nanoseconds, settings: ProfileSettings, seed: UInt64
    ) throws(ProfilingError) -> LoadRun {
        let session = try session(for: model, schedule, batches: settings.batches)
        return try measure(
            .cell, session, serverType: serverType, schedule: schedule, rate: rate, duration: duration,
            seed: seed, question: nil)
    }

    /// Keeps all threads busy for a while: a closed loop. Its completed rate is at the mean query size.
    public func saturate(
        model: Model, serverType: ServerType, schedule: Schedule, duration: Nanoseconds,
        settings: ProfileSettings, seed: UInt64
    ) throws(ProfilingError) -> LoadRun {
        let session = try session(for: model, schedule, batches: settings.batches)
        return try observe(session, serverType, schedule, .saturation, .closed, seed: seed) {
            watchers throws(ProfilingError) in
            let begin = SystemClock.now()
            let saturation = try session.saturate(
                batch: schedule.columns.batch, seed: seed, duration: duration,
                joins: schedule.columns.joinWait != nil, watchers: watchers)
            return Observed(
                offeredRate: nil, completedRate: saturation.throughput,
                queries: saturation.latencies.count, latencies: saturation.latencies,
                lateness: LatencyHistogram(bins: []), samples: saturation.serviceSamples,
                utilisation: saturation.utilisation, sparseStage: saturation.sparseStage, from: begin,
                duration: saturation.duration)
        }
    }

    /// Offers Poisson load at a rate that is believed to be sustainable, for `settings.confirmationDuration`.
    /// - Parameter question: ends the run early once it is answered.
    public func confirm(
        model: Model, serverType: ServerType, schedule: Schedule, rate: QueriesPerSecond,
        settings: ProfileSettings, seed: UInt64, purpose: LoadRun.Purpose = .confirmation,
        question: TailQuestion? = nil
    ) throws(ProfilingError) -> LoadRun {
        let session = try session(for: model, schedule, batches: settings.batches)
        return try measure(
            purpose, session, serverType: serverType, schedule: schedule, rate: rate,
            duration: settings.confirmationDuration, seed: seed, question: question)
    }

    /// The compiled model for a schedule, reused as long as the model, M and O stay the same.
    public func session(
        for model: Model, _ schedule: Schedule, batches: [Int]
    ) throws(ProfilingError) -> ProfilingSession {
        guard let threads = schedule.threadSchedule else {
            throw .kindOfScheduleNotSupported(schedule: schedule, engine: engine.name)
        }
        let sparse = sparseGroup(of: threads)
        guard threads.partition == .whole || (sparse != nil && engine is any PipelinedEngine) else {
            throw .partitionNotSupported(schedule: schedule, engine: engine.name)
        }
        try engine.requireSupport(of: threads.precision)
        guard threads.joinWait == nil || (threads.partition == .whole && engine.joinsBatches) else {
            throw .joiningNotSupported(schedule: schedule, engine: engine.name)
        }
        switch engine.axes {
        case .cores:
            guard threads.threads * threads.workers + (sparse?.cores ?? 0) <= host.cores else {
                throw .scheduleDoesNotFit(schedule: schedule, cores: host.cores)
            }
        case .requestsInFlight(let hasBatches):
            guard threads.workers == 1, hasBatches || threads.batch == 1 else {
                throw .scheduleNotSupported(
                    schedule: schedule, engine: engine.name,
                    expected: hasBatches ? "O = 1" : "O = 1 and D = 1")
            }
        }
        guard model.batches(of: [threads.batch]) == [threads.batch] else {
            throw .batchFixed(
                model: model.id, found: threads.batch, expected: model.fixedBatch ?? threads.batch)
        }
        if let session, session.serves(model, threads, sparse: sparse) { return session }
        // Freed first: two compiled models would share the cores' caches and the memory.
        session = nil
        let made = try ProfilingSession(
            engine: engine, model: model, threads: threads.threads, workers: threads.workers,
            batches: Set(model.batches(of: batches) + [threads.batch]).sorted(), sparse: sparse,
            placement: placement(of: schedule), precision: threads.precision)
        session = made
        return made
    }

    /// Where the threads of a schedule run on this machine; nil where they only wait for requests that run
    /// elsewhere.
    public func placement(of schedule: Schedule) -> ThreadPlacement? {
        guard case .cores = engine.axes, let threads = schedule.threadSchedule else { return nil }
        let groups = [sparseGroup(of: threads)].compactMap { $0 }
        return ThreadPlacement(
            groups: groups + [.init(threads: threads.threads, workers: threads.workers)], on: topology)
    }

    /// The sparse threads of a pipeline; nil for other schedules.
    private func sparseGroup(of schedule: ThreadSchedule) -> ThreadSchedule.ThreadGroup? {
        schedule.partition == .sparseDense ? schedule.sparseGroup(cores: host.cores) : nil
    }

    // MARK: One run

    private func measure(
        _ purpose: LoadRun.Purpose, _ session: ProfilingSession, serverType: ServerType,
        schedule: Schedule, rate: QueriesPerSecond, duration: Nanoseconds, seed: UInt64,
        question: TailQuestion?
    ) throws(ProfilingError) -> LoadRun {
        try observe(session, serverType, schedule, purpose, .openPoisson, seed: seed) {
            watchers throws(ProfilingError) in
            let outcome = try session.offer(
                rate: rate, batch: schedule.columns.batch, duration: duration, seed: seed, question: question,
                joinWait: schedule.columns.joinWait, watchers: watchers)
            var observed = Observed(
                offeredRate: rate, completedRate: outcome.completedRate, queries: outcome.arrivedQueries,
                latencies: outcome.latencies, lateness: outcome.generatorLateness,
                samples: outcome.serviceSamples, utilisation: outcome.utilisation,
                sparseStage: outcome.sparseStage, from: outcome.countedFrom, duration: outcome.duration)
            observed.outcome = outcome
            return observed
        }
    }

    /// What a run yields, whatever its pattern.
    private struct Observed {
        var offeredRate: QueriesPerSecond?
        var completedRate: QueriesPerSecond
        var queries: Int
        var latencies: LatencyHistogram
        var lateness: LatencyHistogram
        var samples: [ServiceSample]
        var utilisation: Fraction
        /// Of a pipeline.
        var sparseStage: LoadRun.SparseStage?
        /// The counted part.
        var from: Nanoseconds
        var duration: Nanoseconds
        /// Of an open loop.
        var outcome: LoadOutcome?
    }

    /// Makes a run under the eyes of meter and probe.
    private func observe(
        _ session: ProfilingSession, _ serverType: ServerType, _ schedule: Schedule,
        _ purpose: LoadRun.Purpose, _ pattern: LoadRun.LoadPattern, seed: UInt64,
        _ run: ([any RunWatcher]) throws(ProfilingError) -> Observed
    ) throws(ProfilingError) -> LoadRun {
        let power = try powerSource(for: serverType)
        let noise = NoiseWatcher(probe)
        let meter = power.source.meter.map { PowerWatcher($0) }
        let measuredAt = SystemClock.unixSeconds()
        let observed = try run([noise] + (meter.map { [$0] } ?? []))
        let end = observed.from + observed.duration
        // A thread is busy with all its operator workers; the estimate takes the whole server for its
        // measure.
        let ownCores = session.threads * session.workers + (session.sparse?.cores ?? 0)
        let busyCores = observed.utilisation.value * Double(ownCores)
        let watts = power.source.meanPower(
            try meter?.finished(), from: observed.from, to: end,
            hostUtilisation: min(1, busyCores / Double(serverType.processor?.cores ?? host.cores)))
        // A server that is asked over a network may stand anywhere: this machine's watts are not its own.
        var reported = observed.outcome?.reportedPower
        let knowsUtilisation = observed.outcome?.knowsUtilisation ?? true
        let isMeteredHere =
            reported == nil && engine.axes == .cores
            && (knowsUtilisation || power.source.provenance == .metered)
        if isMeteredHere, let watts {
            reported = ReportedPower(power: watts, provenance: power.source.provenance)
        }
        var measurement = LoadRun(
            model: session.model.id, serverType: serverType.id, schedule: schedule, purpose: purpose,
            pattern: pattern, host: host, engine: engine.name, engineVersion: engine.version,
            offeredRate: observed.offeredRate, completedRate: observed.completedRate,
            queries: observed.queries, duration: observed.duration, latencies: observed.latencies,
            generatorLateness: observed.lateness, serviceSamples: observed.samples,
            utilisation: knowsUtilisation ? observed.utilisation : nil, power: reported?.power,
            powerProvenance: reported?.provenance,
            noise: noise.noise(from: observed.from, to: end), provenance: .measured, seed: seed,
            measuredAtUnixSeconds: measuredAt, toolVersion: toolVersion)
        if isMeteredHere {
            measurement.powerBoundary = power.source.boundary
            measurement.idlePower = power.idle
        }
        measurement.tokens = observed.outcome?.tokens
        measurement.sparseStage = observed.sparseStage
        measurement.placement = session.placement?.note
        measurement.inferencePrecision = session.inferencePrecision
        if let outcome = observed.outcome {
            measurement.ending = outcome.ending
            measurement.warmUp = outcome.warmUp
            measurement.effectiveQueries = outcome.effectiveQueries > 0 ? outcome.effectiveQueries : nil
            measurement.dispatchMedian = outcome.dispatch.latency(at: Quantile(0.5))
            measurement.dispatchP99 = outcome.dispatch.latency(at: Quantile(0.99))
        }
        return measurement
    }

    /// Finds the meter for a server type, and lets it look at the idle machine before its first load.
    private func powerSource(
        for serverType: ServerType
    ) throws(ProfilingError) -> (source: PowerSource, idle: Watts?) {
        if let power, power.serverType == serverType { return (power.source, power.idle) }
        let source = try PowerSource.best(for: serverType, at: powerPlaces)
        let idle = try source.idlePower(for: Self.idleSpan)
        power = (serverType, source, idle)
        return (source, idle)
    }
}
