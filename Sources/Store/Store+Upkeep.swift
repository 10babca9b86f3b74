import DatabaseSchema
import Foundation
import GRDB

extension Store {
    /// What the file is: size, schema, and how many records it holds of each kind, as names with values.
    public func facts() throws(StoreError) -> [(name: String, value: String)] {
        let bytes = fileSize
        return try read { database in
            func number(_ sql: String) throws -> String { "\(try Int.fetchOne(database, sql: sql) ?? 0)" }
            let counts = [
                ("models", "model"), ("server types", "server_type"), ("hosts", "host"), ("runs", "run"),
                ("measurements", "measurement"), ("searches", "search"), ("plans", "plan"),
                ("replays", "replay"), ("jobs", "job"), ("studies", "study"),
                ("imported files", "import_source"),
                ("imported figures", "imported_figure"),
            ]
            var facts = [
                (name: "file", value: path), (name: "bytes", value: "\(bytes)"),
                (
                    name: "bytes free inside",
                    value: try number(
                        "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size")
                ),
                (name: "schema", value: try DatabaseFile.appliedMigrations(database).max() ?? ""),
                (name: "SQLite", value: try String.fetchOne(database, sql: "SELECT sqlite_version()") ?? ""),
            ]
            for (name, table) in counts {
                facts.append((name: name, value: try number("SELECT count(*) FROM \"\(table)\"")))
            }
            return facts
        }
    }

    /// Rewrites the file without the space of deleted rows.
    /// - Returns: the bytes of the file before and after, with its log.
    public func vacuum() throws(StoreError) -> (before: Int, after: Int) {
        let before = fileSize
        try writeOutsideTransaction { database in
            try database.execute(sql: "VACUUM")
            _ = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        return (before, fileSize)
    }

    private var fileSize: Int {
        ["", "-wal"].reduce(0) { sum, suffix in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
            return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
        }
    }

    /// What SQLite's own checks do not see: numbers out of the range of their unit, and blobs that cannot be
    /// read.
    static func contentProblems(_ database: Database) throws -> [String] {
        try schemaProblems(database) + rangeProblems(database) + blobProblems(database)
            + seriesProblems(database)
            + OutcomeDigests(database).altered().map { "\(StoreError.altered(table: $0.table, id: $0.id))" }
    }

    /// Tables, views, indexes and triggers that are not as the migrations make them. What else a user has
    /// added is left alone.
    private static func schemaProblems(_ database: Database) throws -> [String] {
        let question = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        let expected = try DatabaseQueue().write { fresh in
            for migration in DatabaseSchema.migrations { try fresh.execute(sql: migration.sql) }
            return try Row.fetchAll(fresh, sql: question)
        }
        let found = Dictionary(
            try Row.fetchAll(database, sql: question).map { ($0["name"] as String, $0["sql"] as String) }
        ) { first, _ in first }
        return expected.compactMap { row in
            let name = row["name"] as String
            return found[name] == row["sql"]
                ? nil : "\(name): found another definition than the migrations make, expected theirs"
        }
    }

    /// Rows that a program without foreign keys or checks may have written.
    private static func rangeProblems(_ database: Database) throws -> [String] {
        var problems: [String] = []
        for (table, column) in try columns(of: "REAL", database) {
            guard let range = UnitRange(column: column) else { continue }
            let count =
                try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM \"\(table)\" WHERE NOT (\(range.condition(column)))") ?? 0
            if count > 0 {
                problems.append(
                    "table \(table), column \(column): \(count) \(count == 1 ? "value" : "values") outside "
                        + range.words)
            }
        }
        return problems
    }

    /// The columns of a type of all tables but SQLite's own, in name order.
    private static func columns(
        of type: String, _ database: Database
    ) throws -> [(table: String, column: String)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT list.name AS "table", info.name AS "column" FROM pragma_table_list AS list,
                    pragma_table_info(list.name) AS info
                WHERE list.schema = 'main' AND list.type = 'table' AND list.name NOT LIKE 'sqlite\\_%' \
                ESCAPE '\\'
                    AND info.type = ? ORDER BY 1, 2
                """, arguments: [type]
        ).map { ($0["table"], $0["column"]) }
    }

    /// The powers of two that views compute with belong to no record: each is twice the one before.
    private static func ordinalProblems(_ database: Database) throws -> [String] {
        let right = try Int.fetchOne(
            database,
            sql: """
                SELECT count(*) FROM ordinal JOIN ordinal AS next ON next.number = ordinal.number + 1
                WHERE ordinal.number > 0 AND next.power_of_two = 2 * ordinal.power_of_two
                    AND (next.number <> 1075 OR next.power_of_two = 1.0)
                """)
        return right == 2045 ? [] : ["table ordinal: found other values than were saved"]
    }

    /// Rows of series that cannot be read, and those that share numbers which are not there.
    private static func seriesProblems(_ database: Database) throws -> [String] {
        var problems = try ordinalProblems(database)
        let tables = [
            ("trace_series", "trace_id", "model", "''"),
            ("replay_series", "policy_id", "quantity", "quantity"),
        ]
        for (table, owner, name, quantity) in tables {
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT \(owner) AS owner, \(name) AS name, \(quantity) AS quantity, first_position,
                        number_count, numbers FROM \(table) WHERE numbers NOT NULL
                    """)
            while let row = try rows.next() {
                do throws(BlobFault) {
                    _ = try SeriesCoding.chunk(
                        of: row["numbers"], count: row["number_count"],
                        as: SeriesCoding.Kind(ofQuantity: row["quantity"]))
                } catch {
                    let place = "\(owner) \(row["owner"] as Int64), \(row["name"] as String)"
                    problems.append(
                        "table \(table), \(place) from \(row["first_position"] as Int64) on: found "
                            + "\(error.found), expected \(error.expected)")
                }
            }
        }
        let dangling =
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM replay_series AS own
                    JOIN replay_chunk AS chunk USING (policy_id, quantity, model_position, first_position)
                    WHERE own.shared_policy_position NOT NULL AND chunk.numbers IS NULL
                    """) ?? 0
        if dangling > 0 {
            problems.append("table replay_series: \(dangling) rows share numbers that are not there")
        }
        return problems
    }

    private static func blobProblems(_ database: Database) throws -> [String] {
        var problems: [String] = []
        for (table, column) in try columns(of: "BLOB", database) where column.hasSuffix("_histogram_blob") {
            let blobs = try Row.fetchCursor(
                database,
                sql:
                    """
                    SELECT rowid AS number, \"\(column)\" AS bytes FROM \"\(table)\" WHERE \"\(column)\" \
                    NOT NULL
                    """
            )
            while let blob = try blobs.next() {
                let bytes = [UInt8](blob["bytes"] as Data)
                do throws(BlobFault) {
                    _ = try HistogramBlob.decode(bytes)
                } catch {
                    problems.append(
                        """
                        table \(table), row \(blob["number"] as Int64), column \(column): found \
                        \(error.found),
                        """
                            + " expected \(error.expected)")
                }
            }
        }
        return problems
    }
}

/// The numbers that a unit allows, by the end of a column's name.
private struct UnitRange {
    let words: String
    private let test: String

    init?(column: String) {
        if column.hasSuffix("_quantile") {
            (words, test) = ("0 to 1", "# > 0 AND # < 1")
        } else if ["_watts", "_joules", "_per_second", "_bytes", "_hertz", "_tokens"]
            .contains(where: column.hasSuffix)
        {
            (words, test) = ("0 to the largest finite number", "# >= 0 AND # < 9e999")
        } else {
            return nil
        }
    }

    /// NULL is "not known", and in no range.
    func condition(_ column: String) -> String {
        "\"\(column)\" IS NULL OR (\(test.replacingOccurrences(of: "#", with: "\"\(column)\"")))"
    }
}
