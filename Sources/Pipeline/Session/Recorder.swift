import Quantities
import Store
import Vocabulary

/// Writes outcomes, each stamped with the run it belongs to, the version of the tool and the time.
///
/// The only way in which a use case writes into the database, so that no row lacks its origin. A failed
/// write throws `StoreError` and leaves the database as it was.
public struct Recorder: Sendable {
    /// The version of the tool, stored with every record it writes.
    public static let toolVersion = "0.1.0"

    package let store: Store
    /// nil for records that belong to no run, as those of batch jobs.
    package let run: RecordID<StoredRun>?
    /// Seconds since 1970-01-01T00:00:00Z.
    package let now: @Sendable () -> Int64

    package init(
        store: Store, run: RecordID<StoredRun>?,
        now: @escaping @Sendable () -> Int64 = { WallClock.unixSeconds }
    ) {
        self.store = store
        self.run = run
        self.now = now
    }

    /// Notes that a scenario is worked on from now on.
    /// - Parameter isVariant: whether something was changed that is not to be the next verb's default.
    /// - Returns: the run that records made for it belong to.
    static func begin(
        _ scenario: Scenario, in store: Store, isVariant: Bool = false
    ) throws -> RecordID<StoredRun> {
        try store.beginRun(
            of: scenario, seed: scenario.seed, toolVersion: toolVersion,
            atUnixSeconds: WallClock.unixSeconds, isVariant: isVariant)
    }

    /// Joins another database file into this one.
    func merge(_ path: String, keepsRedefinitions: Bool) throws -> MergeSummary {
        try store.merge(
            path, keepsRedefinitions: keepsRedefinitions, toolVersion: Self.toolVersion, atUnixSeconds: now())
    }

    /// Where imported figures come from.
    /// - Parameters:
    ///   - digest: of the file's bytes.
    ///   - options: what else decides which rows are kept.
    func origin(
        kind: String, file: String, digest: String, options: String, source: String, licence: String?,
        said: ImportSayings
    ) -> ImportOrigin {
        ImportOrigin(
            kind: kind, file: file, fileDigest: digest, options: options, source: source, licence: licence,
            said: said,
            toolVersion: Self.toolVersion, importedAtUnixSeconds: now())
    }

    /// - Parameter settings: of everything but model, host, engine and schedule that decides the outcome.
    package func save(
        _ measurement: LoadRun, _ verdict: Verdict, of model: Model, on type: ServerType,
        settings: ContentDigest
    ) throws {
        try store.save(
            measurement, verdict: verdict, model: model, serverType: type, settingsDigest: settings, run: run)
    }

    package func save(_ failure: CellFailure, of model: Model, on type: ServerType) throws {
        try store.save(failure, model: model, serverType: type, run: run)
    }

    /// Saves what a job's cell came to and gives its lease back, in one transaction.
    /// - Returns: nil where the lease had run out; then nothing is saved.
    package func complete(
        _ lease: CellLease, _ measurement: LoadRun, _ verdict: Verdict, of model: Model,
        on type: ServerType, settings: ContentDigest, took: Nanoseconds
    ) throws -> RecordID<LoadRun>? {
        try store.complete(
            lease, with: measurement, verdict: verdict, model: model, serverType: type,
            settingsDigest: settings,
            took: took, atUnixSeconds: now())
    }

    package func addJob(_ job: ProfileJob) throws -> RecordID<StoredJob> {
        try store.addJob(job, toolVersion: Self.toolVersion, atUnixSeconds: now())
    }

    package func addStudy(_ study: Study) throws -> RecordID<StoredStudy> {
        try store.addStudy(study, toolVersion: Self.toolVersion, atUnixSeconds: now())
    }

    /// Saves what a study's cell came to and gives its lease back, in one transaction.
    /// - Returns: false where the lease had run out; then nothing is saved.
    package func complete(
        _ lease: CellLease, _ outcome: StudyOutcome, inputs: ContentDigest, took: Nanoseconds
    ) throws -> Bool {
        try store.complete(
            lease, with: outcome, inputs: inputs, took: took, toolVersion: Self.toolVersion,
            atUnixSeconds: now())
    }

    /// Begins a search, or takes up the one of the same key that did not come to its end.
    package func begin(_ key: SearchKey) throws -> (id: RecordID<SearchOutcome>, known: [ScheduleEvaluation])
    {
        try store.beginSearch(for: key, toolVersion: Self.toolVersion, atUnixSeconds: now(), run: run)
    }

    /// Keeps an evaluation as it is made.
    /// - Parameter best: the entry that it makes; nil where it is not the best so far.
    package func append(
        _ evaluation: ScheduleEvaluation, at position: Int, best: EfficiencyEntry?,
        to search: RecordID<SearchOutcome>
    ) throws {
        try store.append(evaluation, at: position, best: best, to: search)
    }

    package func save(_ outcome: SearchOutcome, as key: SearchKey) throws {
        try store.save(outcome, key: key, toolVersion: Self.toolVersion, atUnixSeconds: now(), run: run)
    }

    /// - Parameter inputs: of everything the plan was made from; nil where it is not to be found again.
    package func save(_ planned: PlanStage.Outcome, fleet: Fleet, method: String, inputs: ContentDigest?)
        throws
    {
        try store.save(
            planned.plan, demand: planned.demand, fleet: fleet, overProvision: planned.headroom,
            efficiency: planned.table, method: method, toolVersion: Self.toolVersion, atUnixSeconds: now(),
            run: run, goal: planned.goal, route: planned.effort.route.rawValue, inputsDigest: inputs)
    }

    package func save(
        _ replay: ReplayOutcome, with table: EfficiencyTable, inputs: ContentDigest, seed: UInt64
    ) throws -> RecordID<ReplayOutcome> {
        try store.save(
            replay, efficiency: table, inputsDigest: inputs, seed: seed, toolVersion: Self.toolVersion,
            atUnixSeconds: now(), run: run)
    }

    package func save(_ window: RequestLevelOutcome, of replay: RecordID<ReplayOutcome>) throws {
        try store.save(window, of: replay, toolVersion: Self.toolVersion, atUnixSeconds: now())
    }

    package func save(_ points: [ServicePoint], of replay: RecordID<ReplayOutcome>) throws {
        try store.save(points, of: replay, toolVersion: Self.toolVersion, atUnixSeconds: now())
    }

    package func save(_ comparison: ThroughputComparison, of model: Model, on type: ServerType) throws {
        try store.save(comparison, model: model, serverType: type, run: run)
    }

    /// Says how the run ended.
    package func finish(_ status: StoredRun.Status) throws {
        guard let run else { return }
        try store.finishRun(run, status: status, atUnixSeconds: now())
    }
}

/// What is told of language models, which belongs to no run.
extension Recorder {
    func keepServing(_ json: String, of cluster: ServingCluster, seed: UInt64) throws {
        try store.saveServing(
            json, of: cluster, timings: cluster.engines.map(\.timing.word), seed: seed,
            toolVersion: Self.toolVersion, atUnixSeconds: now())
    }

    func keep(_ calibration: StoredCalibration) throws {
        try store.save(calibration, toolVersion: Self.toolVersion, atUnixSeconds: now())
    }
}
