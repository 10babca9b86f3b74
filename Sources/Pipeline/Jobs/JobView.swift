import Foundation
import Quantities
import Reporting
import Store
import Vocabulary

/// What people see of jobs: what is to come, how it stands, what came out.
public struct JobView {
    private let rendering: Rendering

    public init(as rendering: Rendering) { self.rendering = rendering }

    // MARK: Before

    /// The cells that a job comes to on this host, and how long they are expected to take.
    /// - Parameter database: which cells are measured already is looked up there, where there is such a file.
    public func dryRun(_ plan: JobPlan, database: String) throws -> String {
        let states = try states(of: plan, database: database)
        let cells = plan.cells.map { planned in
            let cell = planned.cell
            return JobOutlook.Cell(
                model: cell.model.id, engine: cell.engine.name, schedule: cell.schedule, load: cell.load,
                repetition: cell.repetition, expected: planned.expected,
                state: states[planned.digest.hexadecimal] ?? .waiting)
        }
        let outlook = JobOutlook(
            job: plan.job.id, host: plan.host, serverType: plan.serverType.id, cells: cells,
            timeBudget: plan.limits.timeBudget, leftOut: plan.leftOut)
        return JobOutlookDocument(outlook).text(as: rendering)
    }

    private func states(of plan: JobPlan, database: String) throws -> [String: CellState] {
        guard FileManager.default.fileExists(atPath: database) else { return [:] }
        let store = try Store(path: database, access: .existing)
        var states: [String: CellState] = [:]
        if let job = try store.job(for: plan.job.deciding) { states = try store.cellStates(of: job.id) }
        for planned in plan.cells where states[planned.digest.hexadecimal] == nil {
            if try store.measurement(for: plan.measurementKey(of: planned.cell)) != nil {
                states[planned.digest.hexadecimal] = .done
            }
        }
        return states
    }

    // MARK: While it runs

    /// How the jobs of a database stand.
    /// - Parameter name: of a job, or its file; nil for every job.
    public func status(named name: String?, database: String) throws -> String {
        let store = try Store(path: database, access: .existing)
        let id = name.map { Self.jobName($0) }
        let jobs = try store.jobs(named: id)
        guard !jobs.isEmpty else {
            let known = try store.jobs().map(\.job.id)
            throw PipelineError.noJob(name: id, database: database, known: Array(Set(known)).sorted())
        }
        let now = Date().timeIntervalSince1970
        let progress = try jobs.flatMap { job in
            Dictionary(grouping: try store.cells(of: job.id), by: \.hostFingerprint)
                .sorted { $0.key < $1.key }
                .map { JobProgress(job: job.job.id, hostFingerprint: $0.key, cells: $0.value) }
        }
        return JobProgressDocument(progress, atUnixSeconds: now).text(as: rendering)
    }

    /// `rack` for `Workloads/jobs/rack.yaml` and for `rack`.
    private static func jobName(_ text: String) -> String {
        text.hasSuffix(".yaml") ? URL(fileURLWithPath: text).deletingPathExtension().lastPathComponent : text
    }

    // MARK: Afterwards

    /// Every cell of a job on every kind of host, with what was measured.
    public func outcome(of plan: JobPlan, in store: Store) throws -> String {
        let cells = try store.job(for: plan.job.deciding).map { try store.cells(of: $0.id) } ?? []
        return JobCellsDocument(cells, of: plan.job.id).text(as: rendering)
    }
}
