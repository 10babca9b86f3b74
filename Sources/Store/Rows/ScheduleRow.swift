import GRDB
import Quantities
import Vocabulary

/// Schedules of every kind as the columns that several tables have, and back.
enum ScheduleRow {
    static func values(
        of schedule: Schedule
    ) throws(StoreError) -> [(String, (any DatabaseValueConvertible)?)] {
        let columns = schedule.columns
        return [
            ("partition", columns.partition.rawValue), ("threads", columns.threads),
            ("workers", columns.workers), ("batch_items", columns.batch),
            ("sparse_threads", columns.sparse?.threads), ("sparse_workers", columns.sparse?.workers),
            ("hot_fraction", columns.hotFraction?.value), ("precision", columns.precision.rawValue),
            ("join_wait_nanoseconds", columns.joinWait?.count), ("engine_rules", try rules(of: schedule)),
        ]
    }

    /// Holds of the rows of one schedule; its arguments are `arguments(for:)`.
    static let condition = """
        "partition" = :partition AND threads = :threads AND workers = :workers AND batch_items = :batch
        AND sparse_threads IS :sparseThreads AND sparse_workers IS :sparseWorkers
        AND hot_fraction IS :hotFraction AND precision = :precision
        AND join_wait_nanoseconds IS :joinWait AND engine_rules IS :engineRules
        """

    /// The columns that tell schedules apart.
    private static let columns = [
        "partition", "threads", "workers", "batch_items", "sparse_threads", "sparse_workers", "hot_fraction",
        "precision", "join_wait_nanoseconds", "engine_rules",
    ]

    /// Holds where the rows of two tables are of one schedule.
    static func equality(_ left: String, _ right: String) -> String {
        columns.map { "\(left).\"\($0)\" IS \(right).\"\($0)\"" }.joined(separator: " AND ")
    }

    static func arguments(for schedule: Schedule) throws(StoreError) -> StatementArguments {
        let columns = schedule.columns
        return [
            "partition": columns.partition.rawValue, "threads": columns.threads, "workers": columns.workers,
            "batch": columns.batch, "sparseThreads": columns.sparse?.threads,
            "sparseWorkers": columns.sparse?.workers, "hotFraction": columns.hotFraction?.value,
            "precision": columns.precision.rawValue, "joinWait": columns.joinWait?.count,
            "engineRules": try rules(of: schedule),
        ]
    }

    /// What a source says of a figure's load, under a key that no engine's rules have.
    fileprivate struct Reported: Codable {
        let reported: ReportedLoad
    }

    /// Canonical, so that equal rules are equal texts.
    private static func rules(of schedule: Schedule) throws(StoreError) -> String? {
        switch schedule {
        case .threads: nil
        case .engine(let rules): try CanonicalJSON.encode(rules)
        case .reported(let load): try CanonicalJSON.encode(Reported(reported: load))
        }
    }
}

extension StoredRow {
    /// The schedule of a row, whatever its kind.
    func schedule() throws(StoreError) -> Schedule {
        var sparse: ThreadSchedule.ThreadGroup?
        if try optionalInteger("sparse_threads") != nil {
            sparse = ThreadSchedule.ThreadGroup(
                threads: try count("sparse_threads", atLeast: 1),
                workers: try count("sparse_workers", atLeast: 1))
        }
        let columns = ThreadSchedule(
            partition: try choice("partition"), threads: try count("threads", atLeast: 1),
            workers: try count("workers", atLeast: 1), batch: try count("batch_items", atLeast: 1),
            sparse: sparse, hotFraction: try optionalFraction("hot_fraction"),
            precision: try choice("precision"), joinWait: try optionalTime("join_wait_nanoseconds"))
        guard let text = try optionalText("engine_rules") else { return .threads(columns) }
        if let found = try? CanonicalJSON.decode(ScheduleRow.Reported.self, from: text) {
            return .reported(found.reported)
        }
        guard let rules = try? CanonicalJSON.decode(EngineRules.self, from: text) else {
            throw fault("engine_rules", "an engine's rules as JSON")
        }
        let schedule = Schedule.engine(rules)
        guard schedule.columns == columns else {
            throw fault("engine_rules", "rules that agree with the columns beside them: \(columns)")
        }
        return schedule
    }
}
