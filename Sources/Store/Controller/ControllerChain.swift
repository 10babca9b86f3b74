import GRDB

/// The digests over a controller's past: each link covers what belongs to its row and the digest before, so
/// that nothing can be changed, taken out or put in unnoticed, but at the end. They are no signature: whoever
/// can write the file can make all of them anew.
struct ControllerChain {
    /// What a link is about.
    enum Kind: String {
        case tick
        case orderState = "order_state"
        case audit
        case forgotten
    }

    /// The digest before the first link.
    static let start = String(repeating: "0", count: 64)

    let database: Database

    /// Adds the link of a row that has just been saved with all that belongs to it.
    /// - Returns: its digest.
    @discardableResult
    func append(_ kind: Kind, _ row: Int64) throws -> String {
        let previous =
            try String.fetchOne(
                database.cachedStatement(
                    sql: "SELECT digest FROM controller_chain ORDER BY position DESC LIMIT 1")) ?? Self.start
        let digest = try digest(kind, row, after: previous)
        try database.insert(
            into: "controller_chain",
            [
                ("kind", kind.rawValue), ("row_id", row), ("previous_digest", previous), ("digest", digest),
            ])
        return digest
    }

    /// The last link and its digest; nil before the first.
    func last() throws -> (position: Int64, digest: String)? {
        try Row.fetchOne(
            database, sql: "SELECT position, digest FROM controller_chain ORDER BY position DESC LIMIT 1"
        ).map { ($0["position"], $0["digest"]) }
    }

    /// The first link that is not what was saved, in words; nil where all are. O(rows).
    func fault() throws -> String? {
        var previous = Self.start
        let forgotten =
            try Int64.fetchOne(database, sql: "SELECT max(before_tick) FROM controller_forgotten") ?? 0
        var ticks: Set<Int64> = []
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT position, kind, row_id, previous_digest, digest FROM controller_chain ORDER BY 1")
        while let row = try rows.next() {
            let (position, id) = (row["position"] as Int64, row["row_id"] as Int64)
            let place = "controller_chain \(position), \(row["kind"] as String) \(id)"
            guard let kind = Kind(rawValue: row["kind"]) else { return "\(place): unknown kind" }
            let before = row["previous_digest"] as String
            if previous != before { return "\(place): a link before it is missing or changed" }
            previous = row["digest"]
            if try isForgotten(kind, id, before: forgotten) { continue }
            guard try digest(kind, id, after: before) == row["digest"] else {
                return "\(place): what belongs to it is not what was saved"
            }
            if kind == .tick { ticks.insert(id) }
        }
        for tick in try Int64.fetchAll(database, sql: "SELECT tick FROM controller_tick ORDER BY tick")
        where !ticks.contains(tick) {
            return "controller_tick \(tick): found no link of the chain for it, expected one"
        }
        return nil
    }

    /// Whether what a link is about was forgotten, so that only the link itself is left.
    private func isForgotten(_ kind: Kind, _ row: Int64, before tick: Int64) throws -> Bool {
        switch kind {
        case .tick: row < tick
        case .orderState:
            try tick > 0
                && Int.fetchOne(
                    database.cachedStatement(
                        sql: "SELECT count(*) FROM controller_order_state WHERE id = ?"), arguments: [row])
                    == 0
        case .audit, .forgotten: false
        }
    }

    private func digest(_ kind: Kind, _ row: Int64, after previous: String) throws -> String {
        var hash = SHA256()
        hash.update(Array("\(previous)\n\(kind.rawValue) \(row)\n".utf8))
        for (table, condition) in Self.parts(kind) {
            let statement = try database.cachedStatement(
                sql: "SELECT * FROM \(table) WHERE \(condition) ORDER BY 1, 2")
            let rows = try Row.fetchCursor(statement, arguments: [row])
            while let row = try rows.next() {
                // The length of each value stands before it, so that no two rows are written alike.
                for (column, value) in row {
                    let text = Self.text(value)
                    hash.update(Array("\(column) \(text.utf8.count) \(text)\n".utf8))
                }
            }
        }
        return hash.finishHexadecimal()
    }

    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "null"
        case .int64(let number): "integer \(number)"
        // Bits: a number is what it was, not nearly so.
        case .double(let number): "real \(number.bitPattern)"
        case .string(let text): "text \(text)"
        case .blob(let data): "blob \(Array(data))"
        }
    }

    private static func parts(_ kind: Kind) -> [(table: String, condition: String)] {
        switch kind {
        case .tick:
            [
                ("controller_tick", "tick = ?"), ("controller_observation", "tick = ?"),
                ("controller_decision", "tick = ?"),
                (
                    "controller_counterfactual",
                    "decision_id IN (SELECT id FROM controller_decision WHERE tick = ?)"
                ),
                ("controller_event", "tick = ?"),
            ]
        case .orderState:
            [
                ("controller_order_state", "id = ?"),
                (
                    "controller_order",
                    "id = (SELECT order_id FROM controller_order_state WHERE id = ?)"
                ),
            ]
        case .audit: [("controller_audit", "id = ?")]
        case .forgotten: [("controller_forgotten", "id = ?")]
        }
    }
}

extension Store {
    /// Whether a controller's past is what was saved: the first thing that is not, in words.
    public func controllerFault() throws(StoreError) -> String? {
        try read { try ControllerChain(database: $0).fault() }
    }
}
