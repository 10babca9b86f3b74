import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Notes a study; one with the same definition is the same study.
    public func addStudy(
        _ study: Study, toolVersion: String, atUnixSeconds: Int64
    ) throws(StoreError) -> RecordID<StoredStudy> {
        let json = try CanonicalJSON.encode(study)
        let digest = ContentDigest(ofText: json).hexadecimal
        return try write { database in
            try database.execute(
                sql: """
                    INSERT INTO study (name, definition_digest, definition_json, tool_version, \
                    created_at_unix_seconds)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT (definition_digest) DO NOTHING
                    """,
                arguments: [study.id, digest, json, toolVersion, atUnixSeconds])
            let isNew = database.changesCount == 1
            let id = try database.requiredID("SELECT id FROM study WHERE definition_digest = ?", [digest])
            if isNew { try database.seal("study", id) }
            return RecordID(id)
        }
    }

    /// The stored study of a definition; nil where it has not been begun.
    public func study(for definition: Study) throws(StoreError) -> StoredStudy? {
        let digest = try ContentDigest(of: definition)
        return try read { database -> StoredStudy? in
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM study WHERE definition_digest = ?",
                arguments: [digest.hexadecimal])
            guard let row else { return nil }
            let stored = StoredRow(row, table: "study")
            let id = try stored.integer("id")
            try database.requireIntact("study", [id])
            return StoredStudy(
                id: RecordID(id),
                study: try stored.json(Study.self, "definition_json", digest: "definition_digest"))
        }
    }

    /// Adds the cells of an expansion that the study does not have yet, in one transaction, and marks those
    /// as done whose outcome is known already. O(cells).
    ///
    /// Cells that the study came to before, with other figures, and that nobody has done or is at, are
    /// dropped.
    /// - Returns: how many cells a known outcome stood in for.
    public func add(_ expansion: StudyExpansion) throws(StoreError) -> Int {
        try write { database in
            try database.execute(
                sql: """
                    DELETE FROM study_cell
                    WHERE study_id = ?1 AND expansion_digest <> ?2 AND state IN ('waiting', 'failed')
                    AND cell_digest NOT IN (SELECT value FROM json_each(?3))
                    AND expansion_digest NOT IN (
                        SELECT expansion_digest FROM study_cell WHERE study_id = ?1 AND state = 'leased')
                    """,
                arguments: [
                    expansion.study.number, expansion.digest.hexadecimal,
                    try CanonicalJSON.encode(expansion.cells.map(\.digest.hexadecimal)),
                ])
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO study_cell (study_id, cell_digest, expansion_digest, inputs_digest, \
                    position, label, state)
                    VALUES (?, ?, ?, ?, ?, ?, 'waiting')
                    ON CONFLICT (study_id, cell_digest) DO UPDATE SET
                        expansion_digest = excluded.expansion_digest, position = excluded.position
                    """)
            for cell in expansion.cells {
                try statement.execute(arguments: [
                    expansion.study.number, cell.digest.hexadecimal, expansion.digest.hexadecimal,
                    cell.inputs.hexadecimal, cell.position, cell.label,
                ])
            }
            try database.execute(
                sql: """
                    UPDATE study_cell SET state = 'done', error = NULL, outcome_id =
                        (SELECT id FROM study_outcome
                            WHERE study_outcome.inputs_digest = study_cell.inputs_digest)
                    WHERE study_id = ? AND expansion_digest = ? AND state = 'waiting'
                    AND inputs_digest IN (SELECT inputs_digest FROM study_outcome)
                    """,
                arguments: [expansion.study.number, expansion.digest.hexadecimal])
            return database.changesCount
        }
    }

    /// Saves what a cell came to and ends the cell, in one transaction.
    /// - Parameter inputs: of everything that the outcome depends on.
    /// - Returns: false, and nothing is saved, where the lease was lost: another worker has the cell.
    public func complete(
        _ lease: CellLease, with outcome: StudyOutcome, inputs: ContentDigest, took: Nanoseconds,
        toolVersion: String, atUnixSeconds: Int64
    ) throws(StoreError) -> Bool {
        try write { database in
            guard try database.isHeld(lease) else { return false }
            let id = try StudyOutcomeRow.insert(
                outcome, inputs: inputs, toolVersion: toolVersion, atUnixSeconds: atUnixSeconds,
                into: database)
            try database.complete(lease, "outcome_id", id, took: took, atUnixSeconds: atUnixSeconds)
            return true
        }
    }

    /// How every cell of an expansion stands, in order.
    public func cells(of expansion: StudyExpansion) throws(StoreError) -> [StudyCellResult] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM study_cell WHERE study_id = ? AND expansion_digest = ? ORDER BY position
                    """,
                arguments: [expansion.study.number, expansion.digest.hexadecimal])
            return try rows.map { row in
                let row = StoredRow(row, table: "study_cell")
                let outcome = try row.optionalInteger("outcome_id")
                return StudyCellResult(
                    position: try row.count("position"), state: try row.choice("state"),
                    outcome: try outcome.map { try StudyOutcomeRow.outcome($0, database) },
                    took: try row.optionalTime("took_nanoseconds"), error: try row.optionalText("error"))
            }
        }
    }
}
