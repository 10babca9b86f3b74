import Quantities
import Vocabulary

/// The cells that a job comes to on a host, and how long they are expected to take.
public struct JobOutlookDocument: TableDocument {
    private let outlook: JobOutlook

    public init(_ outlook: JobOutlook) { self.outlook = outlook }

    public var table: Table {
        Table(
            caption: "Cells of \(outlook.job) on \(outlook.host.name) as \(outlook.serverType)",
            columns: [
                Table.Column("model", "model", .text), Table.Column("engine", "engine", .text),
                Table.Column("schedule", "schedule", .text), Table.Column("load", "load", .text),
                Table.Column("repetition", "repetition", .plain),
                Table.Column("expectedSeconds", "seconds", .plain), Table.Column("state", "state", .tag),
            ],
            rows: outlook.cells.map { cell in
                [
                    .text(cell.model.name), .text(cell.engine), .text("\(cell.schedule)"),
                    .text("\(cell.load)"), .integer(cell.repetition), .number(cell.expected.seconds),
                    .text(cell.state.rawValue),
                ]
            })
    }

    public var remarks: String {
        let seconds = outlook.open.reduce(0) { $0 + $1.expected.seconds }
        var text =
            "\n\(outlook.cells.count) cells, \(outlook.open.count) to measure, about "
            + "\(Self.duration(seconds)) by one process"
        if let budget = outlook.timeBudget, seconds > budget.seconds {
            text += "; a process stops after \(Self.duration(budget.seconds)) (time_budget_minutes)"
        }
        if !outlook.leftOut.isEmpty {
            text += "\nleft out (this host has \(outlook.host.cores) cores): "
            text += outlook.leftOut.map(\.description).joined(separator: ", ")
        }
        return text + "\n"
    }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        return whole < 3600
            ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}

/// How jobs stand: done, running, waiting and failed cells by kind of host, who is at which cell, and when
/// they are likely to be through.
public struct JobProgressDocument: TableDocument {
    private let jobs: [JobProgress]
    private let now: Double

    /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
    public init(_ jobs: [JobProgress], atUnixSeconds now: Double) {
        self.jobs = jobs
        self.now = now
    }

    public var table: Table {
        Table(
            caption: "Profile jobs",
            columns: [
                Table.Column("job", "job", .text), Table.Column("host", "host", .text),
                Table.Column("cells", "cells", .plain), Table.Column("done", "done", .plain),
                Table.Column("running", "running", .plain), Table.Column("waiting", "waiting", .plain),
                Table.Column("failed", "failed", .plain), Table.Column("failures", "failures", .plain),
                Table.Column("interruptions", "interruptions", .plain),
                Table.Column("secondsLeft", "seconds left", .plain),
            ],
            rows: jobs.map { job in
                [
                    .text(job.job), .text(job.hostFingerprint), .integer(job.cells.count),
                    .integer(job.count(.done)), .integer(job.count(.leased)), .integer(job.count(.waiting)),
                    .integer(job.count(.failed)), .integer(job.cells.reduce(0) { $0 + $1.failures }),
                    .integer(job.cells.reduce(0) { $0 + $1.interruptions }),
                    job.secondsLeft.map { .number(($0 * 10).rounded() / 10) } ?? .missing,
                ]
            })
    }

    public var remarks: String {
        [runningTable, failedTable].filter { !$0.rows.isEmpty }
            .map { "\n" + Rendering.text.render($0) }.joined()
    }

    private var runningTable: Table {
        Table(
            caption: "Running",
            columns: [
                Table.Column("job", "job", .text), Table.Column("cell", "cell", .text),
                Table.Column("by", "by", .text), Table.Column("forSeconds", "seconds", .plain),
                Table.Column("leaseSeconds", "lease (s)", .plain),
            ],
            rows: cells(.leased).map { job, cell in
                [
                    .text(job), .text(cell.label), .text(cell.worker ?? "unknown"),
                    cell.leaseBeganAtUnixSeconds.map { .integer(Int(now) - Int($0)) } ?? .missing,
                    cell.leaseExpiresAt.map { .integer(Int(($0.seconds - now).rounded())) } ?? .missing,
                ]
            })
    }

    private var failedTable: Table {
        Table(
            caption: "Failed",
            columns: [
                Table.Column("job", "job", .text), Table.Column("cell", "cell", .text),
                Table.Column("failures", "failures", .plain), Table.Column("error", "error", .text),
            ],
            rows: cells(.failed).map { job, cell in
                [
                    .text(job), .text(cell.label), .integer(cell.failures),
                    cell.error.map { .text($0) } ?? .missing,
                ]
            })
    }

    private func cells(_ state: CellState) -> [(job: String, cell: StoredCell)] {
        jobs.flatMap { job in job.cells.filter { $0.state == state }.map { (job.job, $0) } }
    }
}

/// Every cell of a job on every kind of host, with what was measured.
public struct JobCellsDocument: TableDocument {
    private let job: String
    private let cells: [StoredCell]

    /// - Parameter job: its name.
    public init(_ cells: [StoredCell], of job: String) {
        self.cells = cells
        self.job = job
    }

    public var table: Table {
        Table(
            caption: "Cells of \(job)",
            columns: [
                Table.Column("model", "model", .text), Table.Column("engine", "engine", .text),
                Table.Column("schedule", "schedule", .text), Table.Column("load", "load", .text),
                Table.Column("repetition", "repetition", .plain), Table.Column("state", "state", .tag),
                Table.Column("completedQueriesPerSecond", "completed", .rate),
                Table.Column("latencyP95Milliseconds", "p95", .milliseconds),
                Table.Column("doubts", "doubts", .text),
            ],
            rows: cells.map { cell in
                [
                    .text(cell.model), .text(cell.engine), .text(cell.schedule), .text(cell.load),
                    .integer(cell.repetition), .text(cell.state.rawValue), .quantity(cell.completedRate),
                    .milliseconds(cell.latencyP95),
                    cell.doubts.map { .text($0) } ?? .missing,
                ]
            })
    }
}

extension StoredCell {
    fileprivate var label: String { "\(model) \(engine) \(schedule) at \(load) #\(repetition)" }
}
