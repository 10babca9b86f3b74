import GRDB
import Quantities
import Vocabulary

/// A replay, as stored, with the efficiency entries its figures rest on.
public struct StoredReplay: Hashable, Sendable {
    /// Names the replay in other calls.
    public let id: RecordID<ReplayOutcome>
    /// Every policy, interval by interval.
    public let outcome: ReplayOutcome
    /// Ordered by model, then server type.
    public let efficiencyEntries: [EfficiencyEntry]
    /// As it was saved with.
    public let inputsDigest: ContentDigest
    /// What the replay was seeded with.
    public let seed: UInt64
    /// The version of the tool that replayed.
    public let toolVersion: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public let replayedAtUnixSeconds: Int64
    /// The run it belongs to; nil where it was made by itself.
    public let run: RecordID<StoredRun>?
}

extension Store {
    /// Saves a replay, interval by interval, with the efficiency entries its figures rest on. An earlier
    /// replay of the same inputs makes way, so that repeating a run does not swell the file.
    ///
    /// O(policies x intervals x models) numbers in rows of 1,024. What repeats itself is stored once: see
    /// Database/README.md for the size of a year.
    /// - Parameter inputsDigest: Everything the outcome depends on: trace, fleet, policies, settings,
    ///   entries, seed.
    @discardableResult
    public func save(
        _ outcome: ReplayOutcome, efficiency: EfficiencyTable, inputsDigest: ContentDigest, seed: UInt64,
        toolVersion: String, atUnixSeconds: Int64, run: RecordID<StoredRun>? = nil
    ) throws(StoreError) -> RecordID<ReplayOutcome> {
        let traceDigest = try ContentDigest(ofTrace: outcome.trace)
        return try write { database in
            try database.execute(
                sql: "DELETE FROM replay WHERE inputs_digest = ?", arguments: [inputsDigest.hexadecimal])
            try database.insert(
                into: "replay",
                [
                    ("run_id", run?.number),
                    ("trace_id", try TraceRow.rowID(of: outcome.trace, digest: traceDigest, in: database)),
                    ("subject", outcome.subject), ("inputs_digest", inputsDigest.hexadecimal),
                    ("seed", Int64(bitPattern: seed)), ("tool_version", toolVersion),
                    ("replayed_at_unix_seconds", atUnixSeconds),
                ])
            let id = RecordID<ReplayOutcome>(database.lastInsertedRowID)
            for entry in efficiency.entries { try ReplayRow.insert(entry, of: id, into: database) }
            var writer = try TimelineWriter(outcome, id: id, database: database)
            try writer.write(outcome.timelines)
            try database.seal("replay", id.number)
            return id
        }
    }

    /// The stored replay of the same inputs; nil where there is none.
    public func replay(ofInputs inputsDigest: ContentDigest) throws(StoreError) -> StoredReplay? {
        try replay(where: "inputs_digest = ?", [inputsDigest.hexadecimal])
    }

    /// Whether an earlier version, which kept a row for each interval, saved any replay.
    public func hasEarlierReplays() throws(StoreError) -> Bool {
        try read { try Int.fetchOne($0, sql: "SELECT 1 FROM replay_interval_row LIMIT 1") != nil }
    }

    /// The replay saved last, in one run or in any; nil where there is none.
    public func lastReplay(of run: RecordID<StoredRun>? = nil) throws(StoreError) -> StoredReplay? {
        try replay(where: "?1 IS NULL OR run_id = ?1", [run?.number])
    }

    private func replay(
        where condition: String, _ arguments: StatementArguments
    ) throws(StoreError) -> StoredReplay? {
        try read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM replay WHERE \(condition) ORDER BY id DESC LIMIT 1",
                arguments: arguments)
            return try row.map { row in
                let replay = try ReplayRow.replay(from: StoredRow(row, table: "replay"), database)
                try database.requireIntact("replay", [replay.id.number])
                try database.requireIntact("trace", [row["trace_id"]])
                return replay
            }
        }
    }
}
