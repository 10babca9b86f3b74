import GRDB
import Quantities
import Vocabulary

/// Where imported rows come from.
public struct ImportOrigin: Hashable, Sendable {
    public var kind: String
    /// As the user named it.
    public var file: String
    /// The SHA-256 of its bytes, 64 hexadecimal digits.
    public var fileDigest: String
    /// Everything else that decides what the rows say, as one text.
    public var options: String
    public var source: String
    public var licence: String?
    /// What was said of the file beside them.
    public var said: ImportSayings
    public var toolVersion: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public var importedAtUnixSeconds: Int64

    public init(
        kind: String, file: String, fileDigest: String, options: String, source: String, licence: String?,
        said: ImportSayings = ImportSayings(), toolVersion: String, importedAtUnixSeconds: Int64
    ) {
        self.said = said
        self.kind = kind
        self.file = file
        self.fileDigest = fileDigest
        self.options = options
        self.source = source
        self.licence = licence
        self.toolVersion = toolVersion
        self.importedAtUnixSeconds = importedAtUnixSeconds
    }

    /// What makes two imports the same.
    var contentDigest: ContentDigest { ContentDigest(ofText: "\(kind)\u{1F}\(fileDigest)") }
    var optionsDigest: ContentDigest {
        ContentDigest(
            ofText: ([options, source, licence ?? ""] + said.texts).joined(separator: "\u{1D}"))
    }
}

/// What a user says of a file beside its source and licence; nil where nothing is said.
public struct ImportSayings: Hashable, Sendable {
    /// Whether the user measured the figures.
    public var isOwn: Bool?
    /// What plans multiply its throughputs by.
    public var derating: Fraction?
    /// Whether rows that break a law are refused.
    public var isStrict: Bool?

    public init(isOwn: Bool? = nil, derating: Fraction? = nil, isStrict: Bool? = nil) {
        self.isOwn = isOwn
        self.derating = derating
        self.isStrict = isStrict
    }

    /// Empty where only strictness is said, which the options hold.
    fileprivate var texts: [String] {
        isOwn == nil && derating == nil
            ? [] : ["\(isOwn.map { "\($0)" } ?? "")", "\(derating.map { "\($0.value)" } ?? "")"]
    }
}

/// Takes the rows of one file inside the transaction that saves them.
public final class ImportWriter {
    private let database: Database
    private let id: Int64
    private let insertion: Statement
    private var figures = 0
    private var limits = 0
    /// As they are made.
    private var indexesSetAside: [String] = []

    init(_ database: Database, id: Int64) throws {
        self.database = database
        self.id = id
        insertion = try database.makeStatement(sql: ImportRow.insertion)
    }

    /// Adds a figure with what the laws say of it.
    public func add(_ figure: ImportedFigure, verdict: FigureVerdict) throws {
        var row = RowBinding(insertion)
        ImportRow.bind(figure, verdict, position: figures, of: id, to: &row)
        try row.execute(in: database)
        figures += 1
        if figures == Self.rowsBeforeIndexesGo { try setIndexesAside() }
    }

    /// A row comes in no order of the indexes: once an import is long, and longer than all before it, they
    /// are made anew at its end, from sorted rows, in the same transaction.
    private static let rowsBeforeIndexesGo = 20_000

    private func setIndexesAside() throws {
        let before =
            try Int.fetchOne(database, sql: "SELECT coalesce(sum(rows_kept), 0) FROM import_source") ?? 0
        guard before < figures else { return }
        RowBinding.end(insertion)
        let indexes = try Row.fetchAll(
            database,
            sql: """
                SELECT name, sql FROM sqlite_master
                WHERE type = 'index' AND tbl_name = 'imported_figure' AND sql NOT NULL
                """)
        for index in indexes {
            try database.execute(sql: "DROP INDEX \"\(index["name"] as String)\"")
            indexesSetAside.append(index["sql"])
        }
    }

    /// Makes the indexes again that were set aside.
    fileprivate func restoreIndexes() throws {
        RowBinding.end(insertion)
        for sql in indexesSetAside { try database.execute(sql: sql) }
        indexesSetAside = []
    }

    /// Adds the limits of a device.
    public func add(_ limit: HardwareLimit) throws {
        try database.insert(
            into: "imported_hardware",
            [
                ("import_id", id), ("position", limits), ("line", limit.line), ("name", limit.name),
                ("kind", limit.kind), ("maximum_power_watts", limit.maximumPower.value),
                ("idle_power_watts", limit.idlePower?.value),
                ("single_peak_flops_per_second", limit.singlePeak?.value),
                ("half_peak_flops_per_second", limit.halfPeak?.value), ("memory_bytes", limit.memory?.value),
                ("source", limit.source), ("provenance", Provenance.imported.rawValue),
            ])
        limits += 1
    }
}

extension Store {
    /// Whether exactly this has been imported already: the same file, read in the same way.
    public func holdsImport(_ origin: ImportOrigin) throws(StoreError) -> Bool {
        try read { database in
            try Int.fetchOne(
                database, sql: "SELECT 1 FROM import_source WHERE content_digest = ? AND options_digest = ?",
                arguments: [origin.contentDigest.hexadecimal, origin.optionsDigest.hexadecimal]) != nil
        }
    }

    /// What was said of a file of this content when it was imported; nil where it was not.
    public func storedImport(
        kind: String, fileDigest: String
    ) throws(StoreError) -> (source: String, licence: String?, said: ImportSayings)? {
        try read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT * FROM import_source WHERE kind = ? AND file_digest = ? ORDER BY id DESC",
                arguments: [kind, fileDigest]
            ).map { fetched in
                let row = StoredRow(fetched, table: "import_source")
                return (
                    try row.text("source"), try row.optionalText("licence"),
                    ImportSayings(
                        isOwn: try row.optionalInteger("is_own").map { $0 == 1 },
                        derating: try row.optionalQuantity("derating_fraction"),
                        isStrict: try row.optionalInteger("is_strict").map { $0 == 1 })
                )
            }
        }
    }

    /// Whether anything was imported from a file of this path.
    public func holdsImport(ofFile path: String) throws(StoreError) -> Bool {
        try read { database in
            try Int.fetchOne(
                database, sql: "SELECT 1 FROM import_source WHERE file = ?", arguments: [path]) != nil
        }
    }

    private static let importCacheKibibytes = 16 << 10

    /// Saves the rows of one file in one transaction. What an earlier import of the same file left makes way.
    /// - Parameter body: adds the rows, and returns what became of them; when it throws, nothing has changed.
    /// - Throws: what `body` throws, or `StoreError`.
    public func saveImport(
        _ origin: ImportOrigin, _ body: (ImportWriter) throws -> ImportSummary
    ) throws {
        importsAreIntact.set(false)
        // An error of the file must come out as it went in, not as one of the database.
        var failure: (any Error)?
        do {
            try write { database in
                // Enough for the pages that rows are appended to, and for sorting the indexes, and no more
                // however long the file is.
                try database.execute(sql: "PRAGMA cache_size = \(-Self.importCacheKibibytes)")
                try database.execute(
                    sql: """
                        DELETE FROM import_source
                        WHERE content_digest = ? OR (kind = ? AND file_digest = ?)
                        """,
                    arguments: [origin.contentDigest.hexadecimal, origin.kind, origin.fileDigest])
                try database.insert(
                    into: "import_source",
                    [
                        ("content_digest", origin.contentDigest.hexadecimal), ("kind", origin.kind),
                        ("file", origin.file), ("file_digest", origin.fileDigest),
                        ("options_digest", origin.optionsDigest.hexadecimal), ("source", origin.source),
                        ("licence", origin.licence), ("is_own", origin.said.isOwn),
                        ("derating_fraction", origin.said.derating?.value),
                        ("is_strict", origin.said.isStrict), ("rows_read", 0), ("rows_kept", 0),
                        ("rows_refused", 0),
                        ("rows_marked", 0), ("imported_at_unix_seconds", origin.importedAtUnixSeconds),
                        ("tool_version", origin.toolVersion),
                    ])
                let id = database.lastInsertedRowID
                let summary: ImportSummary
                do {
                    let writer = try ImportWriter(database, id: id)
                    summary = try body(writer)
                    try writer.restoreIndexes()
                } catch {
                    if !(error is DatabaseError) { failure = error }
                    throw error
                }
                try database.execute(
                    sql: """
                        UPDATE import_source SET rows_read = ?, rows_kept = ?, rows_refused = ?, rows_marked \
                        = ?
                        WHERE id = ?
                        """,
                    arguments: [
                        summary.rowsRead, summary.rowsKept, summary.rowsRefused, summary.rowsMarked, id,
                    ])
                try database.seal("import_source", id)
            }
        } catch {
            throw failure ?? error
        }
    }

    /// Looks once at everything that was imported, before the first of it is shown.
    /// - Throws: `StoreError.altered`.
    private func requireIntactImports() throws(StoreError) {
        if importsAreIntact.isSet { return }
        try read { database in
            try database.requireIntact(
                "import_source", Int64.fetchAll(database, sql: "SELECT id FROM import_source"))
        }
        importsAreIntact.set(true)
    }

    /// The limits of all devices whose datasheets were imported, in the order they came.
    public func hardwareLimits() throws(StoreError) -> [HardwareLimit] {
        try requireIntactImports()
        return try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM imported_hardware ORDER BY import_id, position"
            ).map { try ImportRow.limit(from: StoredRow($0, table: "imported_hardware")) }
        }
    }

    /// The imported figures of a model on a server, by the names they were imported under, in the order they
    /// came.
    /// - Parameters:
    ///   - model: nil for all models.
    ///   - server: nil for all servers.
    ///   - kind: nil for all kinds of files.
    ///   - source: nil for everybody's.
    ///   - isSoundOnly: whether figures that break a law are left out.
    ///   - namesFiles: whether a row without a source of its own gets that of its file.
    public func importedFigures(
        model: String? = nil, server: String? = nil, kind: String? = nil, source: String? = nil,
        isSoundOnly: Bool = true, namesFiles: Bool = false
    ) throws(StoreError) -> [ImportedFigure] {
        try requireIntactImports()
        return try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT imported_figure.*, import_source.source AS file_source
                    FROM imported_figure JOIN import_source ON import_source.id = import_id
                    WHERE (:model IS NULL OR model = :model) AND (:server IS NULL OR server = :server)
                    AND (:kind IS NULL OR kind = :kind) AND (is_sound OR NOT :sound)
                    AND (:source IS NULL OR import_source.source = :source)
                    ORDER BY import_id, position
                    """,
                arguments: [
                    "model": model, "server": server, "kind": kind, "source": source, "sound": isSoundOnly,
                ]
            ).map { fetched in
                let row = StoredRow(fetched, table: "imported_figure")
                var figure = try ImportRow.figure(from: row)
                if namesFiles, figure.source == nil { figure.source = try row.optionalText("file_source") }
                return figure
            }
        }
    }

    /// Whom figures were imported from, in name order.
    public func importedSources() throws(StoreError) -> [String] {
        try read { database in
            try String.fetchAll(database, sql: "SELECT DISTINCT source FROM import_source ORDER BY source")
        }
    }

    /// Removes every import whose source, file or file digest (at least its first 8 digits) is the one named.
    /// - Returns: how many files and how many rows.
    /// - Throws: `StoreError.unknownImport`, with what there is.
    public func forgetImports(_ name: String) throws(StoreError) -> (files: Int, rows: Int) {
        try write { database in
            let prefix = name.count >= 8 && name.allSatisfy(\.isHexDigit) ? name.lowercased() : nil
            let found = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, rows_kept FROM import_source WHERE source = :name OR file = :name
                    OR substr(file_digest, 1, length(:prefix)) = :prefix
                    """, arguments: ["name": name, "prefix": prefix])
            guard !found.isEmpty else {
                throw StoreError.unknownImport(
                    name: name,
                    known: try String.fetchAll(
                        database, sql: "SELECT DISTINCT source FROM import_source ORDER BY source"))
            }
            for row in found {
                try database.execute(
                    sql: "DELETE FROM import_source WHERE id = ?", arguments: [row["id"] as Int64])
            }
            return (found.count, found.reduce(0) { $0 + ($1["rows_kept"] as Int) })
        }
    }
}
