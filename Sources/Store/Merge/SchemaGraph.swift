import GRDB

/// How the tables of a database refer to one another, read from the schema itself, so that a table added
/// later is merged without a word about it here.
///
/// A *record* has an `id` of its own. A *part* belongs to a record: it refers to it by a foreign key that
/// deletes the part with the record.
struct SchemaGraph {
    struct Table {
        let name: String
        /// All columns in order, `id` included.
        let columns: [String]
        /// Whether rows are told apart by a number of this file, `id`.
        let hasID: Bool
        /// The columns that hold the `id` of a record, directly or through other parts, with the record's
        /// table.
        let references: [String: String]
        /// The column that names the row's owner; nil for a record of its own.
        let owner: String?
    }

    /// Every table that holds content, each after those it refers to; but for a controller's, whose past is a
    /// chain of its own and belongs to one file.
    let tables: [Table]

    subscript(name: String) -> Table? { tables.first { $0.name == name } }

    private struct ForeignKey {
        let column: String
        let parent: String
        let parentColumn: String
        let isOwning: Bool
    }

    init(_ database: Database) throws {
        let names = try String.fetchAll(
            database,
            sql: """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                AND name NOT LIKE 'controller\\_%' ESCAPE '\\'
                AND name NOT IN ('grdb_migrations', 'outcome_digest') ORDER BY name
                """)
        var columns: [String: [String]] = [:]
        var withID: Set<String> = []
        var keys: [String: [ForeignKey]] = [:]
        for name in names {
            let info = try Row.fetchAll(database, sql: "PRAGMA table_info(\"\(name)\")")
            columns[name] = info.map { $0["name"] }
            let primary = info.filter { ($0["pk"] as Int) > 0 }.map { $0["name"] as String }
            if primary == ["id"] { withID.insert(name) }
            keys[name] = try Row.fetchAll(database, sql: "PRAGMA foreign_key_list(\"\(name)\")").map { row in
                ForeignKey(
                    column: row["from"], parent: row["table"], parentColumn: row["to"] ?? "id",
                    isOwning: row["on_delete"] == "CASCADE")
            }
        }

        /// The record whose `id` a column holds in the end.
        func record(_ table: String, _ column: String) -> String? {
            for key in keys[table] ?? [] where key.column == column && key.parent != table {
                if key.parentColumn == "id" && withID.contains(key.parent) { return key.parent }
                if let found = record(key.parent, key.parentColumn) { return found }
            }
            return nil
        }

        var sorted: [Table] = []
        var placed: Set<String> = []
        func place(_ name: String) {
            guard placed.insert(name).inserted else { return }
            for key in keys[name] ?? [] { place(key.parent) }
            var references: [String: String] = [:]
            for column in columns[name] ?? [] { references[column] = record(name, column) }
            let owning = (keys[name] ?? []).filter { $0.isOwning && references[$0.column] != nil }
            sorted.append(
                Table(
                    name: name, columns: columns[name] ?? [], hasID: withID.contains(name),
                    references: references,
                    owner: Self.shared.contains(name) ? nil : owning.first?.column))
        }
        names.forEach(place)
        tables = sorted
    }

    /// Parts that several files may each hold some of, so that they count as records.
    private static let shared: Set<String> = [
        "frontier_point", "job_cell", "request_level", "study_cell", "throughput_comparison",
    ]
}
