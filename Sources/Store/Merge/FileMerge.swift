import GRDB
import Vocabulary

/// Copies the records of an attached database into the main one, inside the caller's transaction.
struct FileMerge {
    private let database: Database
    private let graph: SchemaGraph
    private let source: RecordIdentities
    private let target: RecordIdentities
    /// Where each of the file's records is now, by table and number in the file.
    private var places: [String: [Int64: Int64]] = [:]
    /// The file's records whose parts are copied.
    private var fresh: [String: Set<Int64>] = [:]
    /// The records here that are not what they were.
    private var changed: [String: Set<Int64>] = [:]
    private(set) var counts: [MergeCount] = []

    /// The name the file is attached by.
    static let schema = "merged"

    init(_ database: Database) throws {
        self.database = database
        graph = try SchemaGraph(database)
        source = try RecordIdentities(database, graph: graph, schema: Self.schema)
        target = try RecordIdentities(database, graph: graph, schema: "main")
    }

    mutating func run() throws {
        for table in graph.tables {
            if table.owner != nil {
                try copyParts(table)
            } else if table.hasID {
                try mergeRecords(table)
            }
        }
        try mergeVerdicts()
        let digests = try OutcomeDigests(database)
        for (table, ids) in changed { for id in ids { try digests.seal(table, id) } }
    }

    // MARK: Records

    private mutating func mergeRecords(_ table: SchemaGraph.Table) throws {
        var known: [String: Int64] = [:]
        for (id, digest) in target.digests[table.name] ?? [:] {
            // Of several equal records the oldest stands for all.
            known[digest] = min(id, known[digest] ?? id)
        }
        var places: [Int64: Int64] = [:]
        var fresh: Set<Int64> = []
        var (found, added) = (0, 0)
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM \(Self.schema).\"\(table.name)\" ORDER BY id")
        for row in rows {
            let id = row["id"] as Int64
            let digest = source.digests[table.name]?[id] ?? ""
            found += 1
            if let place = known[digest] {
                places[id] = place
                if try reconcile(row, with: place, in: table) {
                    fresh.insert(id)
                    added += 1
                }
                continue
            }
            let place = try insert(row, into: table)
            changed[table.name, default: []].insert(place)
            if table.name == "run" { try copyIdentity(ofRun: id, to: place) }
            known[digest] = place
            places[id] = place
            fresh.insert(id)
            added += 1
        }
        self.places[table.name] = places
        self.fresh[table.name] = fresh
        if found > 0 { counts.append(MergeCount(table: table.name, found: found, added: added)) }
    }

    /// Settles what two copies of one record say differently.
    /// - Returns: whether the file's copy took the place of the one here, so that its parts are to be copied.
    private mutating func reconcile(
        _ row: Row, with place: Int64, in table: SchemaGraph.Table
    ) throws -> Bool {
        guard
            let here = try Row.fetchOne(
                database, sql: "SELECT * FROM main.\"\(table.name)\" WHERE id = ?", arguments: [place])
        else { return false }
        let (ours, theirs) = (target.text(of: here, in: table), source.text(of: row, in: table))
        if ours == theirs { return false }
        switch (table.name, MergeRule(for: table)) {
        case ("run", _):
            // A copy taken while the run was under way knows less.
            if here["status"] == "running" { try update(place, from: row, in: table) }
            return false
        case ("job_cell", _), ("study_cell", _):
            if try CellPrecedence(of: row, theirs) > CellPrecedence(of: here, ours) {
                try update(place, from: unleased(row), in: table)
            }
            return false
        case (_, .latest(_, let time)):
            let (our, their) = (here[time] as Int64, row[time] as Int64)
            guard (their, theirs) > (our, ours) else { return false }
            for part in graph.tables where part.owner.flatMap({ part.references[$0] }) == table.name {
                try database.execute(
                    sql: "DELETE FROM main.\"\(part.name)\" WHERE \"\(part.owner ?? "")\" = ?",
                    arguments: [place])
            }
            try update(place, from: row, in: table)
            return true
        case (_, .key):
            if theirs < ours { try update(place, from: row, in: table) }
            return false
        case (_, .content):
            return false
        }
    }

    private func copyIdentity(ofRun id: Int64, to place: Int64) throws {
        try database.execute(
            sql: """
                UPDATE main.run_identity SET identity =
                    (SELECT identity FROM \(Self.schema).run_identity WHERE run_id = ?) WHERE run_id = ?
                """,
            arguments: [id, place])
    }

    // MARK: Parts

    private mutating func copyParts(_ table: SchemaGraph.Table) throws {
        // Written when the run was.
        guard table.name != "run_identity", let owner = table.owner, let record = table.references[owner]
        else { return }
        let wanted = fresh[record] ?? []
        if wanted.isEmpty { return }
        var places: [Int64: Int64] = [:]
        let rows = try Row.fetchCursor(
            database, sql: "SELECT * FROM \(Self.schema).\"\(table.name)\" ORDER BY 1, 2")
        while let row = try rows.next() {
            guard wanted.contains(row[owner] as Int64) else { continue }
            let place = try insert(row, into: table)
            if table.hasID { places[row["id"] as Int64] = place }
        }
        self.places[table.name] = places
        fresh[table.name] = Set(places.keys)
    }

    /// A measurement is judged once, but may be judged anew: of two verdicts that of the later tool stands.
    private mutating func mergeVerdicts() throws {
        for (id, place) in places["measurement"] ?? [:] where !(fresh["measurement"]?.contains(id) ?? false) {
            guard let theirs = try verdict(of: id, in: Self.schema, source) else { continue }
            let ours = try verdict(of: place, in: "main", target)
            if let ours, !ours.lexicographicallyPrecedes(theirs) { continue }
            changed["measurement", default: []].insert(place)
            try database.execute(
                sql: "DELETE FROM main.verdict WHERE measurement_id = ?", arguments: [place])
            for name in ["verdict", "verdict_doubt"] {
                guard let table = graph[name] else { continue }
                let rows = try Row.fetchAll(
                    database, sql: "SELECT * FROM \(Self.schema).\(name) WHERE measurement_id = ?",
                    arguments: [id])
                for row in rows { _ = try insert(row, into: table) }
            }
        }
    }

    /// A verdict in a form that compares: the tool's version, then what it says.
    private func verdict(
        of measurement: Int64, in schema: String, _ identities: RecordIdentities
    ) throws -> [String]? {
        guard let verdict = graph["verdict"], let doubt = graph["verdict_doubt"],
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM \(schema).verdict WHERE measurement_id = ?",
                arguments: [measurement])
        else { return nil }
        let doubts = try Row.fetchAll(
            database, sql: "SELECT * FROM \(schema).verdict_doubt WHERE measurement_id = ? ORDER BY position",
            arguments: [measurement])
        return [row["tool_version"] as String, identities.text(of: row, in: verdict)]
            + doubts.map { identities.text(of: $0, in: doubt) }
    }

    // MARK: Rows

    /// Inserts a row of the file under a new number, its references changed to where those records are here.
    private func insert(_ row: Row, into table: SchemaGraph.Table) throws -> Int64 {
        let row = ["job_cell", "study_cell"].contains(table.name) ? try unleased(row) : row
        let columns = table.columns.filter { $0 != "id" || !table.hasID }
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: "INSERT INTO main.\"\(table.name)\" (\(names)) VALUES (\(marks))")
        try statement.execute(arguments: StatementArguments(columns.map { value($0, of: row, in: table) }))
        return database.lastInsertedRowID
    }

    private mutating func update(_ place: Int64, from row: Row, in table: SchemaGraph.Table) throws {
        changed[table.name, default: []].insert(place)
        let columns = table.columns.filter { $0 != "id" }
        let changes = columns.map { "\"\($0)\" = ?" }.joined(separator: ", ")
        var values = columns.map { value($0, of: row, in: table) }
        values.append(place.databaseValue)
        try database.execute(
            sql: "UPDATE main.\"\(table.name)\" SET \(changes) WHERE id = ?",
            arguments: StatementArguments(values))
    }

    private func value(_ column: String, of row: Row, in table: SchemaGraph.Table) -> DatabaseValue {
        let value = row[column] as DatabaseValue
        guard let record = table.references[column], case .int64(let id) = value.storage else { return value }
        return places[record]?[id]?.databaseValue ?? .null
    }

    /// A lease holds in the file it was taken in; here the cell waits.
    private func unleased(_ row: Row) throws -> Row {
        guard row["state"] == "leased" else { return row }
        var values = Dictionary(row.map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
        values["state"] = "waiting".databaseValue
        for name in values.keys where name.hasPrefix("lease_") { values[name] = .null }
        return Row(values)
    }
}

/// Which of two copies of a job's or study's cell knows more; equal ones are told apart by their text, so
/// that the order in which files are merged does not matter.
private struct CellPrecedence: Comparable {
    private let rank: Int
    private let text: String

    init(of row: Row, _ text: String) throws {
        switch row["state"] as String {
        case "done": rank = 3
        case "failed": rank = 2
        default: rank = 1
        }
        self.text = text
    }

    static func < (left: Self, right: Self) -> Bool { (left.rank, left.text) < (right.rank, right.text) }
}
