import GRDB
import Vocabulary

/// A live controller's writes: every one is a transaction that has reached the disk when it returns, so that
/// nothing is done that is not written down.
extension Store {
    /// A process begins.
    public func beginControllerRun(
        atUnixMilliseconds at: Int64, host: String, process: Int, toolVersion: String,
        scenario: ContentDigest, mode: String
    ) throws(StoreError) -> Int64 {
        try write { database in
            try database.insert(
                into: "controller_run",
                [
                    ("started_at_unix_milliseconds", at), ("host", host), ("process", process),
                    ("tool_version", toolVersion), ("scenario_digest", scenario.hexadecimal), ("mode", mode),
                ])
            return database.lastInsertedRowID
        }
    }

    /// Saves a tick, its decision, and the orders that are about to be given.
    ///
    /// - Parameter lease: the lease under whose generation it was decided; nil where none is needed. A tick
    ///   of a lower generation than the lease has now is refused, whoever sends it.
    public func save(
        _ tick: StoredControlTick, _ decision: StoredControlDecision?, lease: String?
    ) throws(StoreError) -> ControlDecisionNumbers? {
        try write { database in
            if let lease {
                try Self.requireGeneration(
                    decision?.generation ?? 0, of: lease, in: database)
            }
            try Self.insert(tick, in: database)
            let numbers = try decision.map { try Self.insert($0, tick: tick, in: database) }
            let chain = ControllerChain(database: database)
            try chain.append(.tick, Int64(tick.tick))
            for order in numbers?.orders ?? [] {
                try Self.note(order, "written", "", at: tick.atUnixMilliseconds, chain)
            }
            return numbers
        }
    }

    /// Saves intervals that went by without a decision, all of them or none.
    ///
    /// - Parameters: as of a tick with one.
    public func save(
        passed ticks: [StoredControlTick], generation: Int64, lease: String?
    ) throws(StoreError) {
        try write { database in
            if let lease { try Self.requireGeneration(generation, of: lease, in: database) }
            let chain = ControllerChain(database: database)
            for tick in ticks {
                try Self.insert(tick, in: database)
                try chain.append(.tick, Int64(tick.tick))
            }
        }
    }

    /// Saves orders of a decision that was made before, as a person has approved them.
    /// - Returns: their numbers.
    public func addControllerOrders(
        _ orders: [StoredControlDecision.Order], decision: Int64, generation: Int64, lease: String?,
        atUnixMilliseconds at: Int64
    ) throws(StoreError) -> [Int64] {
        try write { database in
            if let lease { try Self.requireGeneration(generation, of: lease, in: database) }
            let chain = ControllerChain(database: database)
            return try orders.map { order in
                let id = try Self.insert(order, decision: decision, generation: generation, in: database)
                try Self.note(id, "written", "", at: at, chain)
                return id
            }
        }
    }

    /// Notes what became of an order.
    public func noteOrder(
        _ id: Int64, state: String, detail: String, atUnixMilliseconds at: Int64
    ) throws(StoreError) {
        try write { database in
            try Self.note(id, state, detail, at: at, ControllerChain(database: database))
        }
    }

    /// Adds a line to the audit.
    /// - Returns: its number.
    public func audit(
        actor: String, role: String, address: String, action: String, before: String?, after: String?,
        atUnixMilliseconds at: Int64
    ) throws(StoreError) -> Int64 {
        try write { database in
            try database.insert(
                into: "controller_audit",
                [
                    ("at_unix_milliseconds", at), ("actor", actor), ("role", role), ("address", address),
                    ("action", action), ("before_json", before), ("after_json", after),
                ])
            let id = database.lastInsertedRowID
            try ControllerChain(database: database).append(.audit, id)
            return id
        }
    }

    /// Adds an event that belongs to no tick.
    /// - Parameter text: JSON, given the number of its row.
    public func addControllerEvent(
        atUnixMilliseconds at: Int64, text: (Int64) throws -> String
    ) throws(StoreError) -> Int64 {
        try write { database in
            let id = try Self.nextID("controller_event", in: database)
            try database.insert(
                into: "controller_event",
                [("id", id), ("tick", nil), ("at_unix_milliseconds", at), ("event_json", try text(id))])
            return id
        }
    }

    /// The lease of a name as it stands; nil where nobody has taken it.
    public func controllerLease(_ name: String) throws(StoreError) -> StoredLease? {
        try read { database in try Self.lease(name, in: database) }
    }

    /// Puts a lease in the place of another, if that still stands.
    ///
    /// - Parameter old: what was seen; nil where there was none.
    /// - Returns: whether it was replaced.
    public func replaceControllerLease(
        _ name: String, _ old: StoredLease?, with new: StoredLease, atUnixMilliseconds at: Int64
    ) throws(StoreError) -> Bool {
        try write { database in
            guard try Self.lease(name, in: database) == old else { return false }
            try database.execute(
                sql: """
                    INSERT INTO controller_lease VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
                        holder = excluded.holder, generation = excluded.generation, beat = excluded.beat,
                        renewed_at_unix_milliseconds = excluded.renewed_at_unix_milliseconds
                    """, arguments: [name, new.holder, new.generation, new.beat, at])
            return true
        }
    }

    /// Forgets the ticks before one, and what belongs to them. Their links stay in the chain, which says that
    /// something was forgotten.
    /// - Returns: how many ticks were forgotten.
    public func forgetControllerTicks(
        before tick: Int, atUnixMilliseconds at: Int64
    ) throws(StoreError) -> Int {
        try write { database in
            let count =
                try Int.fetchOne(
                    database, sql: "SELECT count(*) FROM controller_tick WHERE tick < ?", arguments: [tick])
                ?? 0
            guard count > 0 else { return 0 }
            try database.execute(
                sql: "INSERT INTO controller_forgotten (at_unix_milliseconds, before_tick) VALUES (?, ?)",
                arguments: [at, tick])
            try ControllerChain(database: database).append(.forgotten, database.lastInsertedRowID)
            try database.execute(sql: "DELETE FROM controller_tick WHERE tick < ?", arguments: [tick])
            return count
        }
    }
}

extension Store {
    private static func requireGeneration(
        _ generation: Int64, of lease: String, in database: Database
    ) throws {
        let found = try Int64.fetchOne(
            database, sql: "SELECT generation FROM controller_lease WHERE name = ?", arguments: [lease])
        guard let found, found == generation else {
            throw StoreError.inconsistent(
                what: "generation of lease \(lease)", found: "\(generation)",
                expected: found.map { "\($0), which is in force" } ?? "a lease, and there is none")
        }
    }

    private static func insert(_ tick: StoredControlTick, in database: Database) throws {
        try database.insert(
            into: "controller_tick",
            [
                ("tick", tick.tick), ("run_id", tick.run), ("at_unix_milliseconds", tick.atUnixMilliseconds),
                ("missed", tick.missed), ("circumstances_json", tick.circumstances),
                ("answers_json", tick.answers),
            ])
        for observation in tick.observations {
            try database.insert(
                into: "controller_observation",
                [
                    ("tick", tick.tick), ("model", observation.model.name), ("state", observation.state),
                    ("cause", observation.cause), ("load_queries_per_second", observation.load),
                    ("sample_age_seconds", observation.ageSeconds), ("samples", observation.samples),
                    ("expected_samples", observation.expected), ("assessment_json", observation.assessment),
                ])
        }
    }

    private static func insert(
        _ decision: StoredControlDecision, tick: StoredControlTick, in database: Database
    ) throws -> ControlDecisionNumbers {
        let id = try nextID("controller_decision", in: database)
        try database.insert(
            into: "controller_decision",
            [
                ("id", id), ("tick", tick.tick), ("generation", decision.generation),
                ("reason", decision.reason), ("model", decision.model?.name),
                ("objective_watts", decision.objectiveWatts), ("bound_watts", decision.boundWatts),
                ("gap_fraction", decision.gap), ("route", decision.route),
                ("planning_seconds", decision.seconds), ("decision_json", try decision.text(id)),
            ])
        for other in decision.counterfactuals {
            try database.insert(
                into: "controller_counterfactual",
                [
                    ("decision_id", id), ("policy", other.policy), ("provisioned_watts", other.watts),
                    ("servers", other.servers), ("is_short", other.isShort ? 1 : 0),
                ])
        }
        let orders = try decision.orders.map {
            try insert($0, decision: id, generation: decision.generation, in: database)
        }
        for event in decision.events {
            let row = try nextID("controller_event", in: database)
            try database.insert(
                into: "controller_event",
                [
                    ("id", row), ("tick", tick.tick), ("at_unix_milliseconds", tick.atUnixMilliseconds),
                    ("event_json", try event(row, id)),
                ])
        }
        return ControlDecisionNumbers(decision: id, orders: orders)
    }

    private static func insert(
        _ order: StoredControlDecision.Order, decision: Int64, generation: Int64, in database: Database
    ) throws -> Int64 {
        try database.insert(
            into: "controller_order",
            [
                ("decision_id", decision), ("model", order.model.name),
                ("server_type", order.serverType.name), ("from_servers", order.from),
                ("to_servers", order.to), ("generation", generation),
            ])
        return database.lastInsertedRowID
    }

    private static func note(
        _ order: Int64, _ state: String, _ detail: String, at: Int64, _ chain: ControllerChain
    ) throws {
        try chain.database.insert(
            into: "controller_order_state",
            [
                ("order_id", order), ("at_unix_milliseconds", at), ("state", state), ("detail", detail),
            ])
        try chain.append(.orderState, chain.database.lastInsertedRowID)
    }

    private static func nextID(_ table: String, in database: Database) throws -> Int64 {
        (try Int64.fetchOne(database, sql: "SELECT max(id) FROM \(table)") ?? 0) + 1
    }

    private static func lease(_ name: String, in database: Database) throws -> StoredLease? {
        try Row.fetchOne(
            database, sql: "SELECT holder, generation, beat FROM controller_lease WHERE name = ?",
            arguments: [name]
        ).map { StoredLease(holder: $0["holder"], generation: $0["generation"], beat: $0["beat"]) }
    }
}
