import GRDB

/// What makes two records of two files the same.
enum MergeRule {
    /// Everything in the record, and in its parts where `withParts`.
    case content(withParts: Bool)
    /// These columns; where the others differ, the record whose digest is the smaller stands, in either
    /// order.
    case key([String])
    /// These columns; the later record takes the place of the earlier one, parts and all.
    case latest([String], time: String)

    init(for table: SchemaGraph.Table) {
        switch table.name {
        case "host", "measurement": self = .content(withParts: false)
        case "run": self = .key([])
        case "job_cell": self = .key(["job_id", "cell_digest"])
        case "study_cell": self = .key(["study_id", "cell_digest"])
        case "study_outcome": self = .latest(["inputs_digest"], time: "computed_at_unix_seconds")
        case "replay": self = .latest(["inputs_digest"], time: "replayed_at_unix_seconds")
        case "request_level":
            self = .latest(
                ["replay_id", "start_nanoseconds", "duration_nanoseconds", "dispatch"],
                time: "simulated_at_unix_seconds")
        case "frontier_point": self = .latest(["replay_id", "position"], time: "played_at_unix_seconds")
        case "search":
            self = .latest(
                [
                    "model_id", "server_type_id", "target_quantile", "target_limit_nanoseconds",
                    "power_budget_watts", "method", "inputs_digest",
                ], time: "searched_at_unix_seconds")
        default:
            let digests = ["definition_digest", "content_digest"]
            self =
                digests.first { table.columns.contains($0) }.map { .key([$0]) } ?? .content(withParts: true)
        }
    }

    /// The columns that tell records apart; nil for all of them.
    var columns: [String]? {
        switch self {
        case .content: nil
        case .key(let columns), .latest(let columns, _): columns
        }
    }
}

/// The identities of all records of one database: digests in which no number of a row occurs, so that they
/// are equal in every file that holds the record.
struct RecordIdentities {
    /// By table and `id`.
    private(set) var digests: [String: [Int64: String]] = [:]
    private let graph: SchemaGraph
    /// `main`, or the name a file was attached by.
    private let schema: String

    /// Reads every record. O(size of the database).
    init(_ database: Database, graph: SchemaGraph, schema: String) throws {
        self.graph = graph
        self.schema = schema
        for table in graph.tables where table.hasID { try read(table, database) }
    }

    /// A row as text without any number of a row: references stand for what they refer to.
    func text(of row: Row, in table: SchemaGraph.Table, columns: [String]? = nil) -> String {
        var text = table.name
        for column in columns ?? table.columns where column != "id" {
            text += "\u{1F}\(column)=\(value(of: row, column, in: table))"
        }
        return text
    }

    private func value(of row: Row, _ column: String, in table: SchemaGraph.Table) -> String {
        let value = row[column] as DatabaseValue
        if let record = table.references[column], case .int64(let id) = value.storage {
            return "@" + (digests[record]?[id] ?? "?")
        }
        switch value.storage {
        case .null: return "~"
        case .int64(let number): return "i\(number)"
        case .double(let number): return "d\(number)"
        case .string(let text): return "t\(text)"
        case .blob(let data): return "b" + data.base64EncodedString()
        }
    }

    private mutating func read(_ table: SchemaGraph.Table, _ database: Database) throws {
        var found: [Int64: String] = [:]
        let rule = MergeRule(for: table)
        let parts = parts(of: table, rule)
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \(schema).\"\(table.name)\"")
        while let row = try rows.next() {
            let id = row["id"] as Int64
            if table.name == "run" {
                found[id] = try identity(ofRun: id, database)
                continue
            }
            var text = text(of: row, in: table, columns: table.owner == nil ? rule.columns : nil)
            for (part, column) in parts {
                let lines = try Row.fetchAll(
                    database, sql: "SELECT * FROM \(schema).\"\(part.name)\" WHERE \"\(column)\" = ?",
                    arguments: [id]
                ).map { self.text(of: $0, in: part, columns: part.columns.filter { $0 != column }) }
                text += "\u{1E}" + lines.sorted().joined(separator: "\u{1E}")
            }
            found[id] = ContentDigest(ofText: text).hexadecimal
        }
        digests[table.name] = found
    }

    /// Drawn when the run began.
    private func identity(ofRun id: Int64, _ database: Database) throws -> String {
        let text = try String.fetchOne(
            database, sql: "SELECT identity FROM \(schema).run_identity WHERE run_id = ?", arguments: [id])
        return ContentDigest(ofText: "run " + (text ?? "row \(id)")).hexadecimal
    }

    private func parts(of table: SchemaGraph.Table, _ rule: MergeRule) -> [(SchemaGraph.Table, String)] {
        guard table.owner == nil, case .content(withParts: true) = rule else { return [] }
        return graph.tables.compactMap { part in
            guard !part.hasID, let owner = part.owner, part.references[owner] == table.name else {
                return nil
            }
            return (part, owner)
        }
    }
}
