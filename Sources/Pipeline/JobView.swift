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
        let rows = plan.cells.map { planned -> [Table.Cell] in
            let cell = planned.cell
            return [
                .text(cell.model.id.name), .text(cell.engine.name), .text("\(cell.schedule)"),
                .text("\(cell.load)"), .integer(cell.repetition), .number(planned.expected.seconds),
                .text((states[planned.digest.hexadecimal] ?? .waiting).rawValue),
            ]
        }
        let left = plan.cells.filter { states[$0.digest.hexadecimal] ?? .waiting != .done }
        let seconds = left.reduce(0) { $0 + $1.expected.seconds }
        let table = Table(
            caption: "Cells of \(plan.job.id) on \(plan.host.name) as \(plan.serverType.id)",
            columns: [
                .init("model", "Model", .text), .init("engine", "Engine", .text),
                .init("schedule", "Schedule", .text), .init("load", "Load", .text),
                .init("repetition", "Repetition", .plain), .init("expectedSeconds", "Seconds", .plain),
                .init("state", "State", .tag),
            ], rows: rows)
        var text = rendering.render(table)
        guard case .text = rendering else { return text }
        text +=
            "\n\(plan.cells.count) cells, \(left.count) to measure, about \(Self.duration(seconds)) by one process"
        if let budget = plan.limits.timeBudget, seconds > budget.seconds {
            text += "; a process stops after \(Self.duration(budget.seconds)) (time_budget_minutes)"
        }
        if !plan.leftOut.isEmpty {
            text += "\nleft out (this host has \(plan.host.cores) cores): "
            text += plan.leftOut.map(\.description).joined(separator: ", ")
        }
        return text + "\n"
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

    /// How the jobs of a database stand: done, running, waiting and failed cells by kind of host, who is at
    /// which cell, and when they are likely to be through.
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
        var progress: [[Table.Cell]] = []
        var running: [[Table.Cell]] = []
        var failed: [[Table.Cell]] = []
        for job in jobs {
            let cells = try store.cells(of: job.id)
            for (host, cells) in Dictionary(grouping: cells, by: \.hostFingerprint).sorted(by: {
                $0.key < $1.key
            }) {
                progress.append(Self.progressRow(job.job.id, host, cells))
                running += cells.filter { $0.state == .leased }.map {
                    Self.runningRow(job.job.id, $0, now: now)
                }
                failed += cells.filter { $0.state == .failed }.map { Self.failedRow(job.job.id, $0) }
            }
        }
        let main = Table(
            caption: "Profile jobs",
            columns: [
                .init("job", "Job", .text), .init("host", "Host", .text), .init("cells", "Cells", .plain),
                .init("done", "Done", .plain), .init("running", "Running", .plain),
                .init("waiting", "Waiting", .plain), .init("failed", "Failed", .plain),
                .init("failures", "Failures", .plain), .init("interruptions", "Interruptions", .plain),
                .init("secondsLeft", "Seconds left", .plain),
            ], rows: progress)
        guard case .text = rendering else { return rendering.render(main) }
        var text = rendering.render(main)
        if !running.isEmpty {
            text +=
                "\n"
                + rendering.render(
                    Table(
                        caption: "Running",
                        columns: [
                            .init("job", "Job", .text), .init("cell", "Cell", .text),
                            .init("by", "By", .text),
                            .init("forSeconds", "Seconds", .plain), .init("leaseSeconds", "Lease, s", .plain),
                        ], rows: running))
        }
        if !failed.isEmpty {
            text +=
                "\n"
                + rendering.render(
                    Table(
                        caption: "Failed",
                        columns: [
                            .init("job", "Job", .text), .init("cell", "Cell", .text),
                            .init("failures", "Failures", .plain), .init("error", "Error", .text),
                        ], rows: failed))
        }
        return text
    }

    private static func progressRow(_ job: String, _ host: String, _ cells: [StoredCell]) -> [Table.Cell] {
        func count(_ state: CellState) -> Table.Cell { .integer(cells.count { $0.state == state }) }
        return [
            .text(job), .text(host), .integer(cells.count), count(.done), count(.leased), count(.waiting),
            count(.failed), .integer(cells.reduce(0) { $0 + $1.failures }),
            .integer(cells.reduce(0) { $0 + $1.interruptions }),
            secondsLeft(cells).map { .number(($0 * 10).rounded() / 10) } ?? .missing,
        ]
    }

    /// What is left, by what the cells measured so far took against what was expected of them, shared by the
    /// processes that are at it; missing where nobody is.
    private static func secondsLeft(_ cells: [StoredCell]) -> Double? {
        let open = cells.filter { $0.state == .waiting || $0.state == .leased }
        let workers = Set(cells.filter { $0.state == .leased }.compactMap(\.worker)).count
        if open.isEmpty { return 0 }
        guard workers > 0 else { return nil }
        let measured = cells.filter { $0.took != nil }
        let took = measured.reduce(0) { $0 + ($1.took?.seconds ?? 0) }
        let expected = measured.reduce(0) { $0 + $1.expected.seconds }
        let left = open.reduce(0) { $0 + $1.expected.seconds }
        return left * (expected > 0 ? took / expected : 1) / Double(workers)
    }

    private static func runningRow(_ job: String, _ cell: StoredCell, now: Double) -> [Table.Cell] {
        [
            .text(job), .text(name(of: cell)), .text(cell.worker ?? "unknown"),
            cell.leaseBeganAtUnixSeconds.map { .integer(Int(now) - Int($0)) } ?? .missing,
            cell.leaseExpiresAt.map { .integer(Int(($0.seconds - now).rounded())) } ?? .missing,
        ]
    }

    private static func failedRow(_ job: String, _ cell: StoredCell) -> [Table.Cell] {
        [
            .text(job), .text(name(of: cell)), .integer(cell.failures),
            cell.error.map { .text($0) } ?? .missing,
        ]
    }

    private static func name(of cell: StoredCell) -> String {
        "\(cell.model) \(cell.engine) \(cell.schedule) at \(cell.load) #\(cell.repetition)"
    }

    // MARK: Afterwards

    /// Every cell of a job on every kind of host, with what was measured.
    public func outcome(of plan: JobPlan, in store: Store) throws -> String {
        let cells = try store.job(for: plan.job.deciding).map { try store.cells(of: $0.id) } ?? []
        return rendering.render(
            Table(
                caption: "Cells of \(plan.job.id)",
                columns: [
                    .init("model", "Model", .text), .init("engine", "Engine", .text),
                    .init("schedule", "Schedule", .text), .init("load", "Load", .text),
                    .init("repetition", "Repetition", .plain), .init("state", "State", .tag),
                    .init("completedQueriesPerSecond", "Completed", .rate),
                    .init("latencyP95Milliseconds", "p95", .milliseconds),
                    .init("doubts", "Doubts", .text),
                ],
                rows: cells.map { cell in
                    [
                        .text(cell.model), .text(cell.engine), .text(cell.schedule), .text(cell.load),
                        .integer(cell.repetition), .text(cell.state.rawValue), .quantity(cell.completedRate),
                        .milliseconds(cell.latencyP95),
                        cell.doubts.map { .text($0) } ?? .missing,
                    ]
                }))
    }

    /// `rack` for `Workloads/jobs/rack.yaml` and for `rack`.
    private static func jobName(_ text: String) -> String {
        text.hasSuffix(".yaml") ? URL(fileURLWithPath: text).deletingPathExtension().lastPathComponent : text
    }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        return whole < 3600
            ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
