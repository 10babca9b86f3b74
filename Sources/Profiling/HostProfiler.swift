import Quantities
import Vocabulary

/// Measures schedules on this machine.
///
/// Keeps the last compiled model, so cells should be asked for in the order of `scheduleGrid`. Not for use by two
/// threads at once.
public final class HostProfiler {
    public let engine: any InferenceEngine
    public let host: Host
    private let probe: HostProbe
    private let toolVersion: String
    private let powerRoot: String
    private var session: ProfilingSession?

    /// - Parameters:
    ///   - toolVersion: stored with every measurement.
    ///   - powerRoot: the directory that holds `sys`, where energy counters are looked for.
    /// - Throws: `unreadable` where the kernel's files do not say what machine this is.
    public init(
        engine: any InferenceEngine, probe: HostProbe = HostProbe(), toolVersion: String,
        powerRoot: String = "/"
    ) throws(ProfilingError) {
        self.engine = engine
        self.probe = probe
        self.toolVersion = toolVersion
        self.powerRoot = powerRoot
        host = try probe.host()
    }

    /// Measures one cell of the schedule grid: saturates the schedule for a moment, then offers Poisson load at
    /// `settings.loadFraction` of that for `settings.cellDuration`.
    ///
    /// Takes the cell's duration and about half a second; the first cell of an (M, O) compiles the model as well.
    public func measureCell(
        model: Model, serverType: ServerType, schedule: Schedule, settings: ProfileSettings, seed: UInt64
    ) throws(ProfilingError) -> Measurement {
        let session = try session(for: model, schedule, batches: settings.batches)
        let saturation = try session.saturate(batch: schedule.batch, seed: seed)
        let rate = saturation.throughput * settings.loadFraction.value
        return try measure(
            .cell, session, serverType: serverType, schedule: schedule, rate: rate,
            duration: settings.cellDuration, seed: seed)
    }

    /// Offers Poisson load at a rate that is believed to be sustainable, for `settings.confirmationDuration`.
    public func confirm(
        model: Model, serverType: ServerType, schedule: Schedule, rate: QueriesPerSecond,
        settings: ProfileSettings,
        seed: UInt64
    ) throws(ProfilingError) -> Measurement {
        let session = try session(for: model, schedule, batches: settings.batches)
        return try measure(
            .confirmation, session, serverType: serverType, schedule: schedule, rate: rate,
            duration: settings.confirmationDuration, seed: seed)
    }

    /// The compiled model for a schedule, reused as long as the model, M and O stay the same.
    public func session(
        for model: Model, _ schedule: Schedule, batches: [Int]
    ) throws(ProfilingError) -> ProfilingSession {
        guard schedule.partition == .whole else {
            throw .partitionNotSupported(schedule: schedule, engine: engine.name)
        }
        switch engine.axes {
        case .cores:
            guard schedule.threads * schedule.workers <= host.cores else {
                throw .scheduleDoesNotFit(schedule: schedule, cores: host.cores)
            }
        case .requestsInFlight(let hasBatches):
            guard schedule.workers == 1, hasBatches || schedule.batch == 1 else {
                throw .scheduleNotSupported(
                    schedule: schedule, engine: engine.name,
                    expected: hasBatches ? "O = 1" : "O = 1 and D = 1")
            }
        }
        if let session, session.serves(model, schedule) { return session }
        // Freed first: two compiled models would share the cores' caches and the memory.
        session = nil
        let made = try ProfilingSession(
            engine: engine, model: model, threads: schedule.threads, workers: schedule.workers,
            batches: Set(batches + [schedule.batch]).sorted())
        session = made
        return made
    }

    private func measure(
        _ purpose: Measurement.Purpose, _ session: ProfilingSession, serverType: ServerType,
        schedule: Schedule,
        rate: QueriesPerSecond, duration: Nanoseconds, seed: UInt64
    ) throws(ProfilingError) -> Measurement {
        let meter = PowerMeters.best(for: serverType, root: powerRoot).meter
        let measuredAt = SystemClock.unixSeconds()
        let noiseBefore = probe.noiseSnapshot()
        let energyBefore = try meter.reading()
        let outcome = try session.offer(rate: rate, batch: schedule.batch, duration: duration, seed: seed)
        let energyAfter = try meter.reading()
        let noise = probe.noiseSnapshot().noise(since: noiseBefore)
        // A thread is busy with all its operator workers; the estimate takes the whole server for its measure.
        let busyCores = outcome.utilisation.value * Double(schedule.threads * schedule.workers)
        let power = meter.meanPower(
            from: energyBefore, to: energyAfter,
            hostUtilisation: Fraction(min(1, busyCores / Double(serverType.processor.cores))))
        return Measurement(
            model: session.model.id, serverType: serverType.id, schedule: schedule, purpose: purpose,
            pattern: .openPoisson, host: host, engine: engine.name, engineVersion: engine.version,
            offeredRate: rate, completedRate: outcome.completedRate, queries: outcome.arrivedQueries,
            duration: outcome.duration, latencies: outcome.latencies,
            generatorLateness: outcome.generatorLateness, serviceSamples: outcome.serviceSamples,
            utilisation: outcome.utilisation, power: power, powerProvenance: meter.provenance, noise: noise,
            provenance: .measured, seed: seed, measuredAtUnixSeconds: measuredAt, toolVersion: toolVersion)
    }
}
