import Profiling
import Quantities
import Store
import Vocabulary

/// Measures: takes the machine's cores, meters power, judges, makes disturbed runs again and keeps every
/// attempt. The only way to a measurement.
///
/// Holds one engine at a time, because two would share the cores' caches and the memory. For one thread.
public final class Measurer {
    /// What is measured, and what tells its measurements apart in the database.
    package struct Subject {
        package let model: Model
        package let serverType: ServerType
        package let schedule: Schedule
        package let settings: ContentDigest
        /// What the runs are judged by.
        package var target: LatencyTarget
        package var judge = MeasurementJudge()

        /// - Parameter target: the model's own where nil.
        package init(
            _ model: Model, on type: ServerType, by schedule: Schedule, settings: ContentDigest,
            target: LatencyTarget? = nil, judge: MeasurementJudge = MeasurementJudge()
        ) {
            self.model = model
            serverType = type
            self.schedule = schedule
            self.settings = settings
            self.target = target ?? model.latencyTarget
            self.judge = judge
        }
    }

    /// What becomes of the attempts.
    package enum Keeping {
        /// Each is saved as it comes.
        case everyAttempt
        /// None is: the caller saves the one that counts.
        case none
    }

    private let recorder: Recorder
    private let lock: HostLock
    private let seed: UInt64
    private let hostName: String?
    private let power: PowerSource.Places
    private var held: (engine: EngineSettings, profiler: HostProfiler)?

    /// - Parameters:
    ///   - seed: of random weights and input.
    ///   - hostName: what this host is called instead of what the kernel says.
    package init(
        recorder: Recorder, lock: HostLock, seed: UInt64, hostName: String? = nil,
        power: PowerSource.Places = .ofEnvironment
    ) {
        self.recorder = recorder
        self.lock = lock
        self.seed = seed
        self.hostName = hostName
        self.power = power
    }

    /// Where generated ONNX files are kept, relative to the working directory.
    package static let modelsDirectory = ".hercules/models"

    /// Readies an engine.
    package static func engine(_ settings: EngineSettings, seed: UInt64) throws -> any InferenceEngine {
        try Engines.make(
            settings, modelsDirectory: modelsDirectory, seed: seed,
            cacheBytes: Int(HostProbe().lastLevelCache.value))
    }

    /// The profiler of an engine, made where it is not at hand.
    /// - Throws: `ProfilingError.notInstalled` where the engine is missing.
    @discardableResult
    package func profiler(for engine: EngineSettings) throws -> HostProfiler {
        if let held, held.engine == engine { return held.profiler }
        held = nil
        let made = try HostProfiler(
            engine: Self.engine(engine, seed: seed), toolVersion: Recorder.toolVersion, power: power)
        held = (engine, made)
        return made
    }

    /// Takes the cores if nobody measures on them; for callers that have other work while somebody does.
    /// - Returns: whether measuring may begin; then `end` has to be called.
    package func tryBegin() -> Bool { lock.tryBegin() }

    package func end() { lock.end() }

    /// Makes a run until it is undisturbed, or attempts or time run out.
    /// - Parameters:
    ///   - run: makes the run; its other measurements belong to the same attempt and are kept beside it.
    ///   - repeats: what may still be spent on further attempts.
    /// - Returns: the last attempt that was undisturbed, or else the least disturbed one.
    @discardableResult
    package func measure(
        _ subject: Subject, with engine: EngineSettings, repeats: inout DisturbedRuns,
        keeping: Keeping = .everyAttempt,
        _ run: (HostProfiler) throws -> (decisive: LoadRun, beside: [LoadRun])
    ) throws -> (measurement: LoadRun, verdict: Verdict) {
        let profiler = try profiler(for: engine)
        func keep(_ measurement: LoadRun, _ verdict: Verdict) throws {
            guard case .everyAttempt = keeping else { return }
            try recorder.save(
                measurement, verdict, of: subject.model, on: subject.serverType, settings: subject.settings)
        }
        func judged(_ measurement: LoadRun) -> Verdict {
            subject.judge.verdict(on: measurement, target: subject.target)
        }
        return try repeats.run(
            { attempt in
                var made = try lock.alone { try noting(subject, profiler) { try run(profiler) } }
                if let hostName { made.decisive.host = made.decisive.host.named(hostName) }
                for var measurement in made.beside {
                    measurement.attempt = attempt
                    if let hostName { measurement.host = measurement.host.named(hostName) }
                    try keep(measurement, judged(measurement))
                }
                return made.decisive
            }, judge: judged, keep: keep)
    }

    /// Keeps that a model failed, so that nothing measured of it counts.
    private func noting<Value>(
        _ subject: Subject, _ profiler: HostProfiler, _ run: () throws -> Value
    ) throws -> Value {
        do {
            return try run()
        } catch let error as ProfilingError where error.isOfTheModel {
            try recorder.save(
                CellFailure(
                    model: subject.model.id, serverType: subject.serverType.id, schedule: subject.schedule,
                    host: hostName.map(profiler.host.named) ?? profiler.host, engine: profiler.engine.name,
                    engineVersion: profiler.engine.version, message: "\(error)",
                    failedAtUnixSeconds: recorder.now(), toolVersion: Recorder.toolVersion),
                of: subject.model, on: subject.serverType)
            throw error
        }
    }

    /// Measures one cell of the schedule grid: saturated for a moment, then under a share of that load.
    /// - Returns: both runs of the attempt that counts, and the verdict on the loaded one.
    package func measureCell(
        _ subject: Subject, _ settings: ProfileSettings, repeats: inout DisturbedRuns
    ) throws -> (cell: HostProfiler.Cell, verdict: Verdict) {
        var cells: [HostProfiler.Cell] = []
        let found = try measure(subject, with: settings.engine ?? Engines.standard, repeats: &repeats) {
            let cell = try $0.measureBoth(
                model: subject.model, serverType: subject.serverType, schedule: subject.schedule,
                settings: settings, seed: seed)
            cells.append(cell)
            return (cell.loaded, [cell.saturation])
        }
        var cell = cells[found.measurement.attempt - 1]
        cell.loaded = found.measurement
        return (cell, found.verdict)
    }

    /// Offers a rate for `settings.confirmationDuration`, or until the question is answered.
    package func offer(
        _ rate: QueriesPerSecond, to subject: Subject, _ settings: ProfileSettings,
        as purpose: LoadRun.Purpose, repeats: inout DisturbedRuns
    ) throws -> (measurement: LoadRun, verdict: Verdict) {
        try measure(subject, with: settings.engine ?? Engines.standard, repeats: &repeats) {
            let run = try $0.confirm(
                model: subject.model, serverType: subject.serverType, schedule: subject.schedule, rate: rate,
                settings: settings, seed: seed, purpose: purpose,
                question: subject.judge.question(subject.target))
            return (run, [])
        }
    }
}
