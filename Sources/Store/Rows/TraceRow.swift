import Foundation
import GRDB
import Quantities
import Vocabulary

/// Traces as rows of series, and back. A trace is stored once, however often it is replayed.
enum TraceRow {
    static func rowID(of trace: Trace, digest: ContentDigest, in database: Database) throws -> Int64 {
        if let known = try id(ofContent: digest.hexadecimal, database) { return known }
        try database.insert(
            into: "trace",
            [
                ("name", trace.name), ("content_digest", digest.hexadecimal),
                ("start_unix_seconds", trace.startUnixSeconds),
                ("interval_nanoseconds", trace.interval.count),
                ("interval_count", trace.intervalCount),
            ])
        let id = database.lastInsertedRowID
        let statement = try database.makeStatement(sql: "INSERT INTO trace_series VALUES (?, ?, ?, ?, ?)")
        for model in trace.models {
            var first = 0
            for chunk in chunks(of: trace, model) {
                try statement.execute(arguments: [
                    id, model.name, first, chunk.count, SeriesCoding.value(of: chunk, as: .numbers),
                ])
                first += chunk.count
            }
        }
        for (model, lengths) in (trace.tokenLengths ?? [:]).sorted(by: { $0.key < $1.key }) {
            try database.insert(
                into: "trace_token_length",
                [
                    ("trace_id", id), ("model", model.name), ("requests", lengths.requests),
                    ("input_mean_tokens", lengths.inputMean), ("output_mean_tokens", lengths.outputMean),
                ])
        }
        try TraceMixRow.insert(trace.tokenMix ?? [:], of: id, into: database)
        try database.seal("trace", id)
        return id
    }

    static func id(ofContent digest: String, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database, sql: "SELECT id FROM trace WHERE content_digest = ?", arguments: [digest])
    }

    /// The loads of a model as they are stored.
    static func chunks(of trace: Trace, _ model: ModelID) -> [SeriesChunk] {
        NumberSeries((trace.loads[model] ?? []).lazy.map(\.value)).words.allChunks
    }

    static func trace(_ id: Int64, _ database: Database) throws -> Trace {
        guard let found = try Row.fetchOne(database, sql: "SELECT * FROM trace WHERE id = ?", arguments: [id])
        else { throw StoreError.unknownRecord(table: "trace", id: id) }
        let row = StoredRow(found, table: "trace")
        let intervalCount = try row.count("interval_count", atLeast: 1)
        let interval = try row.time("interval_nanoseconds")
        guard interval > .zero else { throw row.fault("interval_nanoseconds", "more than 0") }
        var loads = try series(of: id, database)
        if loads.isEmpty { loads = try rows(of: id, database) }
        guard !loads.isEmpty, loads.values.allSatisfy({ $0.count == intervalCount }) else {
            throw row.fault("interval_count", "as many intervals as trace_series has for each model")
        }
        var trace = Trace(
            name: try row.text("name"), startUnixSeconds: try row.integer("start_unix_seconds"),
            interval: interval, loads: loads, tokenLengths: try tokenLengths(of: id, database))
        trace.tokenMix = try TraceMixRow.mix(of: id, intervalCount: intervalCount, database)
        return trace
    }

    private static func tokenLengths(
        of id: Int64, _ database: Database
    ) throws -> [ModelID: TokenLengths]? {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM trace_token_length WHERE trace_id = ?", arguments: [id])
        var lengths: [ModelID: TokenLengths] = [:]
        for found in rows {
            let row = StoredRow(found, table: "trace_token_length", label: "trace \(id)")
            lengths[ModelID(try row.text("model"))] = TokenLengths(
                requests: try row.count("requests", atLeast: 1),
                inputMean: try row.number("input_mean_tokens"),
                outputMean: try row.number("output_mean_tokens"))
        }
        return lengths.isEmpty ? nil : lengths
    }

    private static func series(
        of id: Int64, _ database: Database
    ) throws -> [ModelID: [QueriesPerSecond]] {
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        let cursor = try Row.fetchCursor(
            database, sql: "SELECT * FROM trace_series WHERE trace_id = ? ORDER BY model, first_position",
            arguments: [id])
        while let found = try cursor.next() {
            let row = StoredRow(found, table: "trace_series", label: "trace \(id)")
            let model = ModelID(try row.text("model"))
            guard try row.count("first_position") == loads[model]?.count ?? 0 else {
                throw row.fault("first_position", "\(loads[model]?.count ?? 0): rows without gaps")
            }
            let chunk = try row.chunk(as: .numbers)
            guard chunk.allSatisfy({ $0 != NumberSeries.unknown }) else {
                throw row.fault("numbers", "numbers that are all known")
            }
            for place in 0..<chunk.count {
                loads[model, default: []].append(QueriesPerSecond(Double(bitPattern: chunk[place])))
            }
        }
        return loads
    }

    /// The loads of a trace that an earlier version wrote.
    private static func rows(of id: Int64, _ database: Database) throws -> [ModelID: [QueriesPerSecond]] {
        var loads: [ModelID: [QueriesPerSecond]] = [:]
        let cursor = try Row.fetchCursor(
            database,
            sql: """
                SELECT model, load_queries_per_second FROM trace_load_row WHERE trace_id = ?
                ORDER BY model, interval_position
                """,
            arguments: [id])
        while let load = try cursor.next() {
            let load = StoredRow(load, table: "trace_load_row", label: "\(id)")
            loads[ModelID(try load.text("model")), default: []].append(
                try load.quantity("load_queries_per_second"))
        }
        return loads
    }
}

extension StoredRow {
    /// The numbers of a row of a series.
    func chunk(as kind: SeriesCoding.Kind) throws(StoreError) -> SeriesChunk {
        let count = try count("number_count", atLeast: 1)
        do throws(BlobFault) {
            return try SeriesCoding.chunk(
                of: row["numbers"] as DatabaseValue? ?? .null, count: count, as: kind)
        } catch {
            throw .unreadableValue(
                table: table, row: label, column: "numbers", found: error.found, expected: error.expected)
        }
    }
}

extension ContentDigest {
    /// The digest of a trace: of its name, clock and models as canonical JSON, then of the loads of each
    /// model as floating-point numbers of eight bytes, high byte first, then of the lengths of its requests
    /// where they change. O(loads).
    public init(ofTrace trace: Trace) throws(StoreError) {
        let head = try CanonicalJSON.encode(
            TraceHead(
                name: trace.name, startUnixSeconds: trace.startUnixSeconds, interval: trace.interval,
                intervalCount: trace.intervalCount, models: trace.models,
                tokenLengths: trace.tokenLengths?.sorted { $0.key < $1.key }.map {
                    NamedLengths(model: $0.key, lengths: $0.value)
                }))
        var hash = SHA256()
        hash.update(Array(head.utf8))
        for model in trace.models {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(1 << 16)
            for load in trace.loads[model] ?? [] {
                withUnsafeBytes(of: load.value.bitPattern.bigEndian) { bytes.append(contentsOf: $0) }
                if bytes.count == 1 << 16 {
                    hash.update(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
            }
            hash.update(bytes)
        }
        for (model, mix) in (trace.tokenMix ?? [:]).sorted(by: { $0.key < $1.key }) {
            hash.update(Array(model.name.utf8))
            for series in [mix.prompts, mix.outputs, mix.work ?? []] {
                for number in series {
                    withUnsafeBytes(of: number.bitPattern.bigEndian) { hash.update(Array($0)) }
                }
            }
        }
        self.init(stored: hash.finishHexadecimal())
    }
}

/// What a trace's digest covers beside its loads.
private struct TraceHead: Encodable {
    let name: String
    let startUnixSeconds: Int64
    let interval: Nanoseconds
    let intervalCount: Int
    let models: [ModelID]
    /// nil, and not encoded, where no length is known: such traces keep the digest that they had.
    let tokenLengths: [NamedLengths]?
}

private struct NamedLengths: Encodable {
    let model: ModelID
    let lengths: TokenLengths
}
