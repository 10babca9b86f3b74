import Dispatch
import Foundation
import Profiling
import Quantities
import Replaying
import Store
import Vocabulary

/// How a process works on a study.
public struct StudyOptions: Sendable {
    /// Which of the cells this process takes.
    public var part = StudyPart.whole
    /// How many cells are computed at once; nil for one on each processor.
    public var workers: Int?
    /// How long a cell is this process's own without being heard of.
    public var lease = Nanoseconds(seconds: 30)
    /// Whether cells that failed are tried again.
    public var retriesFailed = false
    /// After this time no cell is begun.
    public var timeBudget: Nanoseconds?

    public init() {}
}

/// Computes the cells of a study on all processors, together with whatever other processes work on the same
/// file.
public final class StudyStage: Sendable {
    /// The edition of what cells come to: outcomes of another one are not taken for this one's.
    private static let edition = 1

    /// Everything that an outcome depends on.
    private struct Inputs: Codable {
        let edition: Int
        let replay: ContentDigest
    }

    private let plan: StudyPlan
    private let store: Store
    private let options: StudyOptions
    private let progress: any ProgressListener
    private let keeper: LeaseKeeper
    private let began = ContinuousClock.now

    public init(
        _ plan: StudyPlan, databasePath: String, options: StudyOptions = StudyOptions(),
        progress: any ProgressListener
    ) throws {
        self.plan = plan
        store = try Store(path: databasePath)
        self.options = options
        self.progress = progress
        keeper = LeaseKeeper(store: store, duration: options.lease, progress: progress)
    }

    /// Works until no cell is left, or time is up. Each outcome is saved with its cell in one transaction: an
    /// interrupted process loses what it was at, which the next one takes up at once.
    /// - Returns: how every cell stands.
    public func run() throws -> StudyRun {
        if let warning = NetworkFileSystem.warning(about: store.path) { progress.note(warning) }
        // Not what the next verb goes on from: it is a look at a scenario.
        let run = try Recorder.begin(plan.base, in: store, isVariant: true)
        let recorder = Recorder(store: store, run: run)
        do {
            let outcome = try work(recorder, run)
            try recorder.finish(.finished)
            return outcome
        } catch {
            // The first error is the one to report, whatever becomes of the note.
            try? recorder.finish(.failed)
            throw error
        }
    }

    private func work(_ recorder: Recorder, _ run: RecordID<StoredRun>) throws -> StudyRun {
        let (store, host, progress) = (store, plan.host, progress)
        func session(_ scenario: Scenario) -> Session {
            Session(scenario: scenario, store: store, run: run, host: host, progress: progress)
        }
        let figures = try StudyFigures(of: plan.scenarios, session: session)
        let study = try recorder.addStudy(plan.study)
        let cells = try plan.scenarios.enumerated().map { position, scenario in
            let replay = try ReplayStage(session(scenario)).inputs(with: figures[scenario])
            return PlannedStudyCell(
                position: position, label: plan.study.name(of: position),
                inputs: try ContentDigest(of: Inputs(edition: Self.edition, replay: replay)))
        }
        let expansion = StudyExpansion(study: study, cells: cells)
        let reused = try store.add(expansion)
        let pool = expansion.pool(options.part)
        if options.retriesFailed {
            let count = try store.retryFailedCells(of: pool)
            if count > 0 { progress.note("\(count) cells that had failed are tried again") }
        }
        let computed = try compute(expansion, pool, figures, recorder)
        let results = try store.cells(of: expansion)
        let done = results.count { $0.state == .done }
        progress.stageEnded(
            "computed \(computed) cells, \(reused) were known; \(done) of \(results.count) are done")
        return StudyRun(study: plan.study, cells: results, seed: plan.base.seed, computed: computed)
    }

    private func compute(
        _ expansion: StudyExpansion, _ pool: CellPool, _ figures: StudyFigures, _ recorder: Recorder
    ) throws -> Int {
        let open = try store.openCells(of: pool)
        progress.stageBegan("study \(plan.study.id)", units: open.waiting, expected: nil)
        let byDigest = Dictionary(
            expansion.cells.map { ($0.digest.hexadecimal, $0) }, uniquingKeysWith: { first, _ in first })
        let workers = min(
            options.workers ?? ProcessInfo.processInfo.activeProcessorCount, max(1, expansion.cells.count))
        let counts = try Array(0..<workers).concurrentMap { _ in
            try self.work(on: pool, byDigest, figures, recorder)
        }
        return counts.reduce(0, +)
    }

    /// Takes one cell after the other, on one thread.
    /// - Returns: how many were computed.
    private func work(
        on pool: CellPool, _ cells: [String: PlannedStudyCell], _ figures: StudyFigures, _ recorder: Recorder
    ) throws -> Int {
        var computed = 0
        while true {
            if let budget = options.timeBudget,
                (ContinuousClock.now - began) / .seconds(1) >= budget.seconds
            {
                return computed
            }
            let claim = try store.claimCell(
                of: pool, for: JobWorkerIdentity(ofThisProcessOn: plan.host), lease: options.lease,
                now: LeaseKeeper.now,
                isAlive: ProcessIdentity.isAlive)
            switch claim {
            case .finished: return computed
            case .othersAtWork: Thread.sleep(forTimeInterval: min(0.2, options.lease.seconds / 10))
            case .leased(let lease):
                keeper.keep(lease)
                defer { keeper.forget(lease) }
                guard let cell = cells[lease.cellDigest] else { continue }
                if try compute(cell, lease, figures, recorder) { computed += 1 }
            }
        }
    }

    /// Computes one cell. What goes wrong in computing is the cell's, and would go wrong again; what goes
    /// wrong in saving ends the study.
    private func compute(
        _ cell: PlannedStudyCell, _ lease: CellLease, _ figures: StudyFigures, _ recorder: Recorder
    ) throws -> Bool {
        let start = ContinuousClock.now
        let scenario = plan.scenarios[cell.position]
        let outcome: StudyOutcome
        do {
            outcome = try StudyCell(scenario, table: figures[scenario]).outcome()
        } catch {
            _ = try store.fail(lease, error: "\(error)", attemptsMax: 1)
            progress.note("\(cell.label): \(error)")
            return false
        }
        let isSaved = try recorder.complete(
            lease, outcome, inputs: cell.inputs,
            took: Nanoseconds(seconds: (ContinuousClock.now - start) / .seconds(1)))
        if !isSaved { progress.note("\(cell.label): the lease ran out and another process has the cell") }
        progress.advanced(cell.label)
        return isSaved
    }
}

/// A study as it stands after a run.
public struct StudyRun: Sendable {
    public let study: Study
    /// Every cell, in order.
    public let cells: [StudyCellResult]
    public let seed: UInt64
    /// How many of them this run computed.
    public let computed: Int

    /// Cells that could not be computed.
    public var failed: Int { cells.count { $0.state == .failed } }
}
