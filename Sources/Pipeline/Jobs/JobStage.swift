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
    private let recorder: Recorder
    private let measurer: Measurer
    private let keeper: LeaseKeeper
    private let began = ContinuousClock.now
    private var worker: JobWorkerIdentity
    private var summary = Summary()
    private var repeats: DisturbedRuns

    public init(
        _ plan: JobPlan, store: Store, options: JobOptions = JobOptions(), progress: any ProgressListener
    ) {
        self.plan = plan
        self.store = store
        self.options = options
        self.progress = progress
        worker = JobWorkerIdentity(ofThisProcessOn: plan.host)
        repeats = DisturbedRuns(expected: plan.cells.reduce(.zero) { $0 + $1.expected })
        keeper = LeaseKeeper(store: store, duration: options.lease, progress: progress)
        recorder = Recorder(store: store, run: nil)
        // A server elsewhere is what two processes would disturb for one another, rather than these cores.
        let endpoints = Set(plan.job.engines.map(\.url))
        let locks =
            endpoints.count == 1 ? endpoints.first?.map { ResourceLocks(endpoint: $0) } : nil
        measurer = Measurer(
            recorder: recorder,
            lock: HostLock(
                activity: "hercules profile \(plan.job.id)", isShared: options.sharesHost, progress: progress,
                locks: locks ?? ResourceLocks()), seed: plan.job.seed, hostName: plan.host.name)
    }

    /// Works until no cell of this kind of host is left, or time is up.
    ///
    /// Each measurement is saved with its cell in one transaction: an interrupted process loses at most the
    /// cell it was in, which comes back at once where the same machine sees that the process is gone, and
    /// else when its lease has run out.
    public func run() throws -> Summary {
        if let warning = NetworkFileSystem.warning(about: store.path) { progress.note(warning) }
        let job = try recorder.addJob(plan.job.deciding)
        let expansion = JobExpansion(job: job, hostFingerprint: plan.host.fingerprint, cells: plan.cells)
        try store.add(expansion)
        if options.retriesFailed {
            let count = try store.retryFailedCells(of: expansion.pool)
            if count > 0 { progress.note("\(count) cells that had been given up are tried again") }
        }
        try reuseMeasurements(expansion)
        try work(expansion)
        try count(job)
        summary.repeated = repeats.repeated
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
        let waiting = try store.waitingCells(of: expansion.pool)
        let measured = try store.measuredSettings()
        var digests = JobDigests(plan.job, plan.host)
        var found: [(digest: ContentDigest, measurement: RecordID<LoadRun>)] = []
        for planned in plan.cells where waiting.contains(planned.digest.hexadecimal) {
            guard measured.contains(try digests.settings(of: planned.cell).hexadecimal),
                let stored = try store.measurement(for: plan.measurementKey(of: planned.cell))
            else { continue }
            found.append((planned.digest, stored.id))
        }
        summary.reused += try store.fill(found, of: expansion.job)
        let left = try store.waitingCells(of: expansion.pool)
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
            let open = try store.openCells(of: expansion.pool)
            if open.waiting == 0 && open.leased == 0 { return }
            if open.waiting > 0, !isTimeLeft(for: plan.cells[0].expected) {
                summary.isOutOfTime = true
                return
            }
            guard measurer.tryBegin() else {
                Thread.sleep(forTimeInterval: 0.05)
                continue
            }
            let claim = try claimAndMeasure(expansion, cells, after: &last)
            if case .finished = claim { return }
            // The cores are free meanwhile.
            if case .othersAtWork = claim {
                Thread.sleep(forTimeInterval: min(0.2, options.lease.seconds / 10))
            }
        }
    }

    /// Claims a cell and measures it, while the cores are this process's own; gives them back.
    private func claimAndMeasure(
        _ expansion: JobExpansion, _ cells: [String: PlannedCell], after last: inout String?
    ) throws -> CellClaim {
        defer { measurer.end() }
        let claim = try store.claimCell(
            of: expansion.pool, for: worker, lease: options.lease, now: LeaseKeeper.now, after: last,
            isAlive: ProcessIdentity.isAlive)
        guard case .leased(let lease) = claim else { return claim }
        keeper.keep(lease)
        defer { keeper.forget(lease) }
        guard let planned = cells[lease.cellDigest] else { return claim }
        try measure(planned.cell, lease)
        last = lease.cellDigest
        return claim
    }

    /// Measures one cell. What goes wrong in measuring is the cell's; what goes wrong in saving ends the job.
    ///
    /// A disturbed run is made again, a bounded number of times; the quietest is the cell's one measurement,
    /// which says which attempt it was.
    private func measure(_ cell: JobCell, _ lease: CellLease) throws {
        let start = ContinuousClock.now
        let settings = try JobPlan.settingsDigest(of: cell, plan.job)
        let subject = Measurer.Subject(
            cell.model, on: cell.serverType, by: cell.schedule, settings: settings)
        let (measurement, verdict): (LoadRun, Verdict)
        do {
            (measurement, verdict) = try measurer.measure(
                subject, with: cell.engine, repeats: &repeats, keeping: .none
            ) { (try self.offerLoad(to: cell, $0), []) }
        } catch {
            keeper.forget(lease)
            let isGivenUp = try store.fail(lease, error: "\(error)", attemptsMax: plan.limits.attemptsMax)
            progress.note(
                "\(cell.model.id) \(cell.schedule) at \(cell.load): \(error)"
                    + (isGivenUp ? "; given up" : "; tried again later"))
            return
        }
        let id = try recorder.complete(
            lease, measurement, verdict, of: cell.model, on: cell.serverType, settings: settings,
            took: Nanoseconds(seconds: (ContinuousClock.now - start) / .seconds(1)))
        keeper.forget(lease)
        guard id != nil else {
            progress.note(
                """
                \(cell.model.id) \(cell.schedule) at \(cell.load): the lease ran out and another process \
                has the
                """
                    + " cell; this measurement is dropped")
            return
        }
        summary.measured += 1
        if !verdict.isValid { summary.doubtful += 1 }
        progress.advanced("\(cell.model.id) \(cell.schedule) at \(cell.load)")
    }

    private func offerLoad(to cell: JobCell, _ profiler: HostProfiler) throws -> LoadRun {
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
