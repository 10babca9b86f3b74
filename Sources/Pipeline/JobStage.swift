import Catalog
import Foundation
import Profiling
import Quantities
import Store
import Vocabulary

/// How a process works on a job.
public struct JobOptions: Sendable {
    /// Whether to measure beside other processes on the same cores.
    public var sharesHost = false
    /// How long a cell is this process's own without being heard of.
    public var lease = Nanoseconds(seconds: 30)
    /// Whether cells that were given up are tried again.
    public var retriesFailed = false
    /// Instead of the job's.
    public var timeBudget: Nanoseconds?

    public init() {}

    /// From what was given on the command line.
    public init(
        sharesHost: Bool, leaseSeconds: Double, retriesFailed: Bool, timeBudgetMinutes: Double?
    ) throws {
        guard leaseSeconds.isFinite, leaseSeconds >= 1, leaseSeconds <= 86_400 else {
            throw PipelineError.badOption(
                name: "--lease-seconds", found: "\(leaseSeconds)", expected: "seconds from 1 to 86400")
        }
        if let timeBudgetMinutes {
            guard timeBudgetMinutes >= 0, timeBudgetMinutes <= 1e6 else {
                throw PipelineError.badOption(
                    name: "--time-budget-minutes", found: "\(timeBudgetMinutes)",
                    expected: "minutes from 0 to 1000000")
            }
            timeBudget = Nanoseconds(seconds: timeBudgetMinutes * 60)
        }
        self.sharesHost = sharesHost
        self.retriesFailed = retriesFailed
        lease = Nanoseconds(seconds: leaseSeconds)
    }
}

/// Tells the files apart that `profile` takes.
public enum WorkFile {
    /// Whether a file describes a profile job rather than a scenario.
    public static func isJob(_ path: String) throws -> Bool { try WorkFileKind.of(path: path) == .job }
}

/// Measures the cells of a job, together with whatever other processes work on the same file.
public final class JobStage {
    /// What this process's share of the work came to.
    public struct Summary: Sendable {
        /// Cells measured by this process.
        public internal(set) var measured = 0
        /// Cells that measurements in the database stood in for.
        public internal(set) var reused = 0
        /// Cells measured by this process that some doubt hangs over.
        public internal(set) var doubtful = 0
        /// Runs that were made again because they had been disturbed.
        public internal(set) var repeated = 0
        /// Whether cells were left because the time budget would not do.
        public internal(set) var isOutOfTime = false
        /// Cells of this kind of host that are done, wait, and failed.
        public internal(set) var done = 0
        public internal(set) var waiting = 0
        public internal(set) var failed: [StoredCell] = []
    }

    /// Opens or makes the database that a job's measurements go to.
    public static func store(at path: String) throws -> Store { try Store(path: path) }

    private let plan: JobPlan
    private let store: Store
    private let options: JobOptions
    private let progress: any ProgressListener
    private let share: HostShare
    private let keeper: LeaseKeeper
    private let began = ContinuousClock.now
    private var worker: JobWorkerIdentity
    private var profiler: (engine: EngineSettings, profiler: HostProfiler)?
    private var summary = Summary()
    private var runs: DisturbedRuns

    public init(
        _ plan: JobPlan, store: Store, options: JobOptions = JobOptions(), progress: any ProgressListener
    ) {
        self.plan = plan
        self.store = store
        self.options = options
        self.progress = progress
        let process = ProcessIdentity.current
        worker = JobWorkerIdentity(
            host: plan.host.name, machine: process.machine, processID: process.number,
            processStart: process.start)
        runs = DisturbedRuns(expected: plan.cells.reduce(.zero) { $0 + $1.expected })
        keeper = LeaseKeeper(store: store, duration: options.lease, progress: progress)
        let activity = "hercules profile \(plan.job.id)"
        // A server elsewhere is what two processes would disturb for one another, rather than these cores.
        let endpoints = Set(plan.job.engines.map(\.url))
        let locks =
            endpoints.count == 1 ? endpoints.first?.map { ResourceLocks(endpoint: $0) } : nil
        share = HostShare(
            activity: activity, isShared: options.sharesHost, progress: progress,
            locks: locks ?? ResourceLocks())
    }

    /// Works until no cell of this kind of host is left, or time is up.
    ///
    /// Each measurement is saved with its cell in one transaction: an interrupted process loses at most the
    /// cell it was in, which comes back at once where the same machine sees that the process is gone, and
    /// else when its lease has run out.
    public func run() throws -> Summary {
        if let warning = NetworkFileSystem.warning(about: store.path) { progress.note(warning) }
        let job = try store.addJob(
            plan.job.deciding, toolVersion: toolVersion, atUnixSeconds: WallClock.unixSeconds)
        let expansion = JobExpansion(job: job, hostFingerprint: plan.host.fingerprint, cells: plan.cells)
        try store.add(expansion)
        if options.retriesFailed {
            let count = try store.retryFailedCells(of: expansion)
            if count > 0 { progress.note("\(count) cells that had been given up are tried again") }
        }
        try reuseMeasurements(expansion)
        try work(expansion)
        try count(job)
        summary.repeated = runs.repeated
        progress.stageEnded(describe())
        for cell in summary.failed {
            progress.note(
                "failed: \(cell.model) \(cell.schedule) at \(cell.load), repetition \(cell.repetition), with "
                    + "\(cell.engine): \(cell.error ?? "no reason is known")")
        }
        return summary
    }

    /// What was measured before, by another job or by hand, is not measured again.
    private func reuseMeasurements(_ expansion: JobExpansion) throws {
        let waiting = try store.waitingCells(of: expansion)
        for planned in plan.cells where waiting.contains(planned.digest.hexadecimal) {
            guard let found = try store.measurement(for: plan.measurementKey(of: planned.cell)) else {
                continue
            }
            if try store.fill(cell: planned.digest, of: expansion.job, with: found.id) { summary.reused += 1 }
        }
        let left = try store.waitingCells(of: expansion)
        progress.stageBegan(
            "profile \(plan.job.id)", units: left.count,
            expected: plan.cells.filter { left.contains($0.digest.hexadecimal) }.reduce(.zero) {
                $0 + $1.expected
            })
        let done = plan.cells.count - left.count
        if done > 0 { progress.note("\(done) of \(plan.cells.count) cells are measured or taken already") }
    }

    private func work(_ expansion: JobExpansion) throws {
        let cells = Dictionary(
            plan.cells.map { ($0.digest.hexadecimal, $0) }, uniquingKeysWith: { first, _ in first })
        var last: String?
        while true {
            let open = try store.openCells(of: expansion)
            if open.waiting == 0 && open.leased == 0 { return }
            if open.waiting > 0, !isTimeLeft(for: plan.cells[0].expected) {
                summary.isOutOfTime = true
                return
            }
            guard share.tryBegin() else {
                Thread.sleep(forTimeInterval: 0.05)
                continue
            }
            defer { share.end() }
            let claim = try store.claimCell(
                of: expansion, for: worker, lease: options.lease, now: LeaseKeeper.now, after: last,
                isAlive: ProcessIdentity.isAlive)
            switch claim {
            case .finished: return
            case .othersAtWork:
                share.end()
                Thread.sleep(forTimeInterval: min(0.2, options.lease.seconds / 10))
            case .leased(let lease):
                keeper.keep(lease)
                defer { keeper.keep(nil) }
                guard let planned = cells[lease.cellDigest] else { continue }
                try measure(planned.cell, lease)
                last = lease.cellDigest
            }
        }
    }

    /// Measures one cell. What goes wrong in measuring is the cell's; what goes wrong in saving ends the job.
    ///
    /// A disturbed run is made again, a bounded number of times; the quietest is the cell's one measurement,
    /// which says which attempt it was.
    private func measure(_ cell: JobCell, _ lease: CellLease) throws {
        let start = ContinuousClock.now
        let (measurement, verdict): (Vocabulary.Measurement, Verdict)
        do {
            (measurement, verdict) = try runs.run { _ in
                var found = try offerLoad(to: cell)
                found.host = found.host.named(plan.host.name)
                return found
            } judge: {
                MeasurementJudge().verdict(on: $0, target: cell.model.latencyTarget)
            } keep: { _, _ in
            }
        } catch {
            keeper.keep(nil)
            let isGivenUp = try store.fail(lease, error: "\(error)", attemptsMax: plan.limits.attemptsMax)
            progress.note(
                "\(cell.model.id) \(cell.schedule) at \(cell.load): \(error)"
                    + (isGivenUp ? "; given up" : "; tried again later"))
            return
        }
        let id = try store.complete(
            lease, with: measurement, verdict: verdict, model: cell.model, serverType: cell.serverType,
            settingsDigest: JobPlan.settingsDigest(of: cell, plan.job),
            took: Nanoseconds(seconds: (ContinuousClock.now - start) / .seconds(1)),
            atUnixSeconds: WallClock.unixSeconds)
        keeper.keep(nil)
        guard id != nil else {
            progress.note(
                "\(cell.model.id) \(cell.schedule) at \(cell.load): the lease ran out and another process has the "
                    + "cell; this measurement is dropped")
            return
        }
        summary.measured += 1
        if !verdict.isValid { summary.doubtful += 1 }
        progress.advanced("\(cell.model.id) \(cell.schedule) at \(cell.load)")
    }

    private func offerLoad(to cell: JobCell) throws -> Vocabulary.Measurement {
        let profiler = try profiler(for: cell.engine)
        let settings = JobPlan.settings(of: cell, plan.job)
        let seed = JobPlan.seed(of: cell, plan.job)
        switch cell.load {
        case .saturationFraction:
            return try profiler.measureCell(
                model: cell.model, serverType: cell.serverType, schedule: cell.schedule, settings: settings,
                seed: seed)
        case .rate(let rate):
            return try profiler.measureCell(
                model: cell.model, serverType: cell.serverType, schedule: cell.schedule, rate: rate,
                duration: plan.job.cellDuration, settings: settings, seed: seed)
        case .closed:
            return try profiler.saturate(
                model: cell.model, serverType: cell.serverType, schedule: cell.schedule,
                duration: plan.job.cellDuration, settings: settings, seed: seed)
        }
    }

    /// One engine at a time is kept: two would share the cores' caches and the memory.
    private func profiler(for engine: EngineSettings) throws -> HostProfiler {
        if let profiler, profiler.engine == engine { return profiler.profiler }
        profiler = nil
        let made = try HostProfiler(
            engine: JobPlan.engine(engine, of: plan.job), toolVersion: toolVersion)
        profiler = (engine, made)
        return made
    }

    private func isTimeLeft(for expected: Nanoseconds) -> Bool {
        guard let budget = options.timeBudget ?? plan.limits.timeBudget else { return true }
        let spent = Nanoseconds(seconds: (ContinuousClock.now - began) / .seconds(1))
        return spent + expected <= budget
    }

    private func count(_ job: RecordID<StoredJob>) throws {
        let mine = try store.cells(of: job).filter { $0.hostFingerprint == plan.host.fingerprint }
        summary.done = mine.count { $0.state == .done }
        summary.waiting = mine.count { $0.state == .waiting || $0.state == .leased }
        summary.failed = mine.filter { $0.state == .failed }
    }

    private func describe() -> String {
        var parts = ["measured \(summary.measured) cells, reused \(summary.reused)"]
        if summary.repeated > 0 { parts.append("\(summary.repeated) disturbed runs were made again") }
        if summary.doubtful > 0 { parts.append("\(summary.doubtful) carry a doubt") }
        parts.append("\(summary.done) of \(plan.cells.count) are done")
        if summary.isOutOfTime {
            parts.append("the time budget is used up, and \(summary.waiting) wait for the next run")
        }
        if !summary.failed.isEmpty { parts.append("\(summary.failed.count) failed") }
        return parts.joined(separator: "; ")
    }
}
