import Quantities
import Vocabulary

/// Rates that a simulation predicted, compared with live load on the same machine.
struct LiveChecks {
    /// Confirmation runs, in report order.
    let runs: [ProfileReport.Run]
    let targets: [ModelID: LatencyTarget]
    /// The searches whose winners were checked; they hold the simulated rates.
    let searches: [SearchOutcome]

    /// What a section about the checks says first.
    static let explanation =
        "Predicted is the latency-bounded throughput that the simulation over stored service times gives for "
        + "the best schedule. That schedule was then run live, first at the predicted rate and, where the "
        + "tail missed the target, at lower ones; then those that may be better. Live is the highest rate at "
        + "which an undisturbed run met it; the planner gets that one. Disturbed runs decide nothing."

    /// One row for each schedule checked: what was predicted, what held.
    var summaryTable: Table {
        Table(
            caption: "Predicted and live latency-bounded throughput",
            columns: [
                Table.Column("model", "model", .text),
                Table.Column("server", "server type", .text),
                Table.Column("schedule", "schedule", .text),
                Table.Column("predictedQps", "predicted", .rate),
                Table.Column("liveQps", "live", .rate),
                Table.Column("relativeDifference", "difference", .fraction),
                Table.Column("tailLatencyMilliseconds", "live tail", .milliseconds),
                Table.Column("latencyTarget", "target", .text),
                Table.Column("checks", "checks", .count),
                Table.Column("provenance", "source", .tag),
            ],
            keyColumnCount: 2, rows: groups.map(summaryRow))
    }

    /// One row for each run.
    var runTable: Table {
        Table(
            caption: "Live checks",
            columns: [
                Table.Column("model", "model", .text),
                Table.Column("server", "server type", .text),
                Table.Column("schedule", "schedule", .text),
                Table.Column("offeredQps", "offered", .rate),
                Table.Column("completedQps", "completed", .rate),
                Table.Column("tailLatencyMilliseconds", "tail", .milliseconds),
                Table.Column("latencyTarget", "target", .text),
                Table.Column("outcome", "result", .tag),
                Table.Column("verdict", "run", .tag),
                Table.Column("doubts", "doubts", .text),
                Table.Column("provenance", "source", .tag),
            ],
            keyColumnCount: 2, rows: runs.map(runRow))
    }

    /// The runs of one schedule each, in report order.
    private var groups: [[ProfileReport.Run]] {
        var groups: [[ProfileReport.Run]] = []
        for run in runs {
            if let last = groups.last?.first?.measurement, last.model == run.measurement.model,
                last.serverType == run.measurement.serverType, last.schedule == run.measurement.schedule
            {
                groups[groups.count - 1].append(run)
            } else {
                groups.append([run])
            }
        }
        return groups
    }

    private func summaryRow(_ group: [ProfileReport.Run]) -> [Table.Cell] {
        let measurement = group[0].measurement
        let met = group.filter { hasMet($0) == true }
            .max { ($0.measurement.offeredRate ?? .zero) < ($1.measurement.offeredRate ?? .zero) }
        let predicted = prediction(for: measurement)
        // Unknown where no run decided.
        let isDecided = group.contains { hasMet($0) != nil }
        let live = met?.measurement.offeredRate ?? (isDecided ? .zero : nil)
        let difference = predicted.flatMap { predicted in
            predicted > .zero ? live.map { Fraction($0 / predicted - 1) } : nil
        }
        return [
            .text(measurement.model.name), .text(measurement.serverType.name),
            .text(measurement.schedule.description), .quantity(predicted), .quantity(live),
            .quantity(difference), .milliseconds(met.flatMap(tail)), targetCell(measurement.model),
            .integer(group.count), .text(measurement.provenance.rawValue),
        ]
    }

    private func runRow(_ run: ProfileReport.Run) -> [Table.Cell] {
        let measurement = run.measurement
        return [
            .text(measurement.model.name), .text(measurement.serverType.name),
            .text(measurement.schedule.description), .quantity(measurement.offeredRate),
            .quantity(measurement.completedRate), .milliseconds(tail(run)), targetCell(measurement.model),
            .text(hasMet(run).map { $0 ? "met" : "missed" } ?? "undecided"), .text(run.verdict.title),
            .text(run.verdict.explanation), .text(measurement.provenance.rawValue),
        ]
    }

    private func prediction(for measurement: LoadRun) -> QueriesPerSecond? {
        searches.first { $0.model == measurement.model && $0.serverType == measurement.serverType }?
            .evaluations.first { $0.schedule == measurement.schedule }?.throughput
    }

    private func tail(_ run: ProfileReport.Run) -> Nanoseconds? {
        targets[run.measurement.model].flatMap { run.measurement.latencies.latency(at: $0.quantile) }
    }

    /// nil where the run was disturbed, or its tail cannot be told from the limit: it decides nothing.
    private func hasMet(_ run: ProfileReport.Run) -> Bool? {
        guard !run.verdict.isDisturbed else { return nil }
        switch run.verdict.tail?.answer {
        case .meets: return true
        case .misses: return false
        case .undecided: return nil
        case nil:
            guard let target = targets[run.measurement.model], let tail = tail(run) else { return nil }
            return tail <= target.limit
        }
    }

    private func targetCell(_ model: ModelID) -> Table.Cell {
        targets[model].map { .text($0.description) } ?? .missing
    }
}
