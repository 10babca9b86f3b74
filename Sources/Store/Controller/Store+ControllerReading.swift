import GRDB
import Vocabulary

/// What a controller, its interface and its user read of the past. Every list is bounded.
extension Store {
    /// No list is longer.
    public static let controllerRowsMax = 1000

    /// The last tick that was decided for, and when; nil before the first.
    public func lastControllerTick() throws(StoreError) -> (tick: Int, atUnixMilliseconds: Int64)? {
        try read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT tick, at_unix_milliseconds FROM controller_tick ORDER BY tick DESC LIMIT 1"
            ).map { ($0["tick"], $0["at_unix_milliseconds"]) }
        }
    }

    /// Ticks from one on, in order, with their observations.
    /// - Parameter limit: at most so many; unlike other lists this may be long, as a rebuild needs all.
    public func controllerTicks(from tick: Int, limit: Int) throws(StoreError) -> [StoredControlTick] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM controller_tick WHERE tick >= ? ORDER BY tick LIMIT ?",
                arguments: [tick, max(0, limit)])
            guard let first = rows.first?["tick"] as Int?, let last = rows.last?["tick"] as Int? else {
                return []
            }
            let observed = Dictionary(
                grouping: try Row.fetchAll(
                    database,
                    sql:
                        """
                        SELECT * FROM controller_observation WHERE tick BETWEEN ? AND ?
                        ORDER BY tick, model
                        """,
                    arguments: [first, last])
            ) { $0["tick"] as Int }
            return rows.map { row in
                StoredControlTick(
                    tick: row["tick"], run: row["run_id"], atUnixMilliseconds: row["at_unix_milliseconds"],
                    missed: row["missed"], circumstances: row["circumstances_json"],
                    answers: row["answers_json"],
                    observations: (observed[row["tick"]] ?? []).map { each in
                        StoredControlTick.Observation(
                            model: ModelID(each["model"]), state: each["state"], cause: each["cause"],
                            load: each["load_queries_per_second"], ageSeconds: each["sample_age_seconds"],
                            samples: each["samples"], expected: each["expected_samples"],
                            assessment: each["assessment_json"])
                    })
            }
        }
    }

    /// Decisions as JSON, the newest first.
    ///
    /// - Parameters:
    ///   - after: only later ones.
    ///   - before: only earlier ones.
    ///   - model: only those that order servers of it, or whose need of it has moved most.
    public func controllerDecisions(
        after: Int64? = nil, before: Int64? = nil, model: ModelID? = nil, reason: String? = nil, limit: Int
    ) throws(StoreError) -> [String] {
        try read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT decision_json FROM controller_decision
                    WHERE (:after IS NULL OR id > :after) AND (:before IS NULL OR id < :before)
                        AND (:reason IS NULL OR reason = :reason)
                        AND (:model IS NULL OR model = :model OR EXISTS (
                            SELECT 1 FROM json_each(decision_json, '$.orders') AS each
                            WHERE each.value ->> '$.model' = :model))
                    ORDER BY id DESC LIMIT :limit
                    """,
                arguments: [
                    "after": after, "before": before, "model": model?.name, "reason": reason,
                    "limit": min(max(0, limit), Self.controllerRowsMax),
                ])
        }
    }

    /// A decision as JSON; nil where there is none of the number.
    public func controllerDecision(_ id: Int64) throws(StoreError) -> String? {
        try read { database in
            try String.fetchOne(
                database, sql: "SELECT decision_json FROM controller_decision WHERE id = ?", arguments: [id])
        }
    }

    /// The last decision of a tick or before as JSON; nil where there is none.
    public func lastControllerDecision(until tick: Int) throws(StoreError) -> String? {
        try read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT decision_json FROM controller_decision WHERE tick <= ?
                    ORDER BY tick DESC LIMIT 1
                    """, arguments: [tick])
        }
    }

    /// Decisions of ticks from one on as JSON, the oldest first; as long as a rebuild or a record needs.
    public func controllerDecisions(from tick: Int, limit: Int) throws(StoreError) -> [String] {
        try read { database in
            try String.fetchAll(
                database,
                sql: "SELECT decision_json FROM controller_decision WHERE tick >= ? ORDER BY tick LIMIT ?",
                arguments: [tick, max(0, limit)])
        }
    }

    /// Events after one, the oldest first, as JSON.
    public func controllerEvents(after id: Int64, limit: Int) throws(StoreError) -> [String] {
        try read { database in
            try String.fetchAll(
                database, sql: "SELECT event_json FROM controller_event WHERE id > ? ORDER BY id LIMIT ?",
                arguments: [id, min(max(0, limit), Self.controllerRowsMax)])
        }
    }

    /// The number of the last event; 0 before the first.
    public func lastControllerEvent() throws(StoreError) -> Int64 {
        try read { try Int64.fetchOne($0, sql: "SELECT max(id) FROM controller_event") ?? 0 }
    }

    /// The audit after a line, the oldest first.
    public func controllerAudit(after id: Int64, limit: Int) throws(StoreError) -> [StoredAuditEntry] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT controller_audit.*, digest FROM controller_audit
                    JOIN controller_chain ON kind = 'audit' AND row_id = controller_audit.id
                    WHERE controller_audit.id > ? ORDER BY controller_audit.id LIMIT ?
                    """, arguments: [id, min(max(0, limit), Self.controllerRowsMax)]
            ).map { row in
                StoredAuditEntry(
                    id: row["id"], atUnixMilliseconds: row["at_unix_milliseconds"], actor: row["actor"],
                    role: row["role"], address: row["address"], action: row["action"],
                    before: row["before_json"], after: row["after_json"], digest: row["digest"])
            }
        }
    }

    /// Orders whose last state is not final: they are looked at again after a start.
    public func openControllerOrders() throws(StoreError) -> [(
        id: Int64, decision: Int64, order: StoredControlDecision.Order, generation: Int64, state: String
    )] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT controller_order.*, state FROM controller_order
                    JOIN controller_order_state AS last ON last.id = (
                        SELECT max(id) FROM controller_order_state WHERE order_id = controller_order.id)
                    WHERE state IN ('written', 'accepted', 'lagging') ORDER BY controller_order.id
                    """
            ).map { row in
                (
                    row["id"], row["decision_id"],
                    StoredControlDecision.Order(
                        model: ModelID(row["model"]), serverType: ServerTypeID(row["server_type"]),
                        from: row["from_servers"], to: row["to_servers"]), row["generation"], row["state"]
                )
            }
        }
    }
}
