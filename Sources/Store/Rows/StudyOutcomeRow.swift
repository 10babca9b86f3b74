import GRDB
import Quantities
import Vocabulary

/// What cells of studies came to, to rows and back.
enum StudyOutcomeRow {
    /// - Returns: the number of the row; of an outcome with the same inputs that is stored already, its own.
    static func insert(
        _ outcome: StudyOutcome, inputs: ContentDigest, toolVersion: String, atUnixSeconds: Int64,
        into database: Database
    ) throws -> Int64 {
        let known = try Int64.fetchOne(
            database, sql: "SELECT id FROM study_outcome WHERE inputs_digest = ?",
            arguments: [inputs.hexadecimal])
        if let known { return known }
        try database.insert(
            into: "study_outcome",
            [
                ("inputs_digest", inputs.hexadecimal), ("subject", outcome.subject),
                ("currency", outcome.currency),
                ("provenance", outcome.provenances.map(\.rawValue).joined(separator: " ")),
                ("power_provenance", outcome.powerProvenances.map(\.rawValue).joined(separator: " ")),
                ("tool_version", toolVersion), ("computed_at_unix_seconds", atUnixSeconds),
            ])
        let id = database.lastInsertedRowID
        for (position, policy) in outcome.policies.enumerated() {
            try database.insert(
                into: "study_outcome_policy",
                [
                    ("outcome_id", id), ("position", position), ("policy", policy.name),
                    ("mean_drawn_watts", policy.drawnPower.value),
                    ("mean_provisioned_watts", policy.provisionedPower.value),
                    ("violation_fraction", policy.violated.value),
                    ("unserved_fraction", policy.unserved.value), ("changes", policy.changes),
                    ("cost_in_currency", policy.cost),
                ])
        }
        for (position, saving) in outcome.savings.enumerated() {
            var values: [(String, (any DatabaseValueConvertible)?)] = [
                ("outcome_id", id), ("position", position), ("baseline", saving.baseline),
                ("measure", saving.measure.rawValue), ("level_fraction", saving.level.value),
                ("baseline_least_fraction", saving.baselineRange.lowerBound),
                ("baseline_greatest_fraction", saving.baselineRange.upperBound),
            ]
            values += columns(saving.drawnEnergy, "drawn")
            values += columns(saving.provisionedEnergy, "provisioned")
            values += columns(saving.cost, "cost")
            try database.insert(into: "study_outcome_saving", values)
        }
        try database.seal("study_outcome", id)
        return id
    }

    private static func columns(
        _ estimate: EqualServiceSaving.Estimate?, _ name: String
    ) -> [(String, (any DatabaseValueConvertible)?)] {
        [
            ("\(name)_saved_fraction", estimate?.fraction.value),
            ("\(name)_saved_low_fraction", estimate?.low?.value),
            ("\(name)_saved_high_fraction", estimate?.high?.value),
        ]
    }

    static func outcome(_ id: Int64, _ database: Database) throws -> StudyOutcome {
        guard
            let found = try Row.fetchOne(
                database, sql: "SELECT * FROM study_outcome WHERE id = ?", arguments: [id])
        else {
            throw StoreError.unreadableValue(
                table: "study_cell", row: "?", column: "outcome_id", found: "\(id)",
                expected: "the number of an outcome")
        }
        try database.requireIntact("study_outcome", [id])
        let row = StoredRow(found, table: "study_outcome")
        let subject = try row.text("subject")
        func rows(_ table: String) throws -> [StoredRow] {
            try Row.fetchAll(
                database, sql: "SELECT * FROM \(table) WHERE outcome_id = ? ORDER BY position",
                arguments: [id]
            ).map { StoredRow($0, table: table, label: "outcome \(id)") }
        }
        return StudyOutcome(
            subject: subject, policies: try rows("study_outcome_policy").map(policy),
            savings: try rows("study_outcome_saving").map { try saving($0, of: subject) },
            currency: try row.optionalText("currency"), provenances: try words(row, "provenance"),
            powerProvenances: try words(row, "power_provenance"))
    }

    private static func words<Word: RawRepresentable & CaseIterable>(
        _ row: StoredRow, _ column: String
    ) throws(StoreError) -> [Word] where Word.RawValue == String {
        let texts = try row.text(column).split(separator: " ")
        let words = texts.compactMap { Word(rawValue: String($0)) }
        guard words.count == texts.count else {
            throw row.fault(
                column, "words of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return words
    }

    private static func policy(_ row: StoredRow) throws -> StudyOutcome.PolicyResult {
        StudyOutcome.PolicyResult(
            name: try row.text("policy"), drawnPower: try row.quantity("mean_drawn_watts"),
            provisionedPower: try row.quantity("mean_provisioned_watts"),
            violated: try row.quantity("violation_fraction"),
            unserved: try row.quantity("unserved_fraction"), changes: try row.count("changes"),
            cost: try row.optionalNumber("cost_in_currency"))
    }

    private static func saving(_ row: StoredRow, of subject: String) throws -> EqualServiceSaving {
        func estimate(_ name: String) throws -> EqualServiceSaving.Estimate? {
            guard let fraction: Fraction = try row.optionalQuantity("\(name)_saved_fraction") else {
                return nil
            }
            return .init(
                fraction: fraction, low: try row.optionalQuantity("\(name)_saved_low_fraction"),
                high: try row.optionalQuantity("\(name)_saved_high_fraction"))
        }
        let (least, greatest) = (
            try row.number("baseline_least_fraction"), try row.number("baseline_greatest_fraction")
        )
        guard least <= greatest else {
            throw row.fault("baseline_greatest_fraction", "a number of at least \(least)")
        }
        return EqualServiceSaving(
            policy: subject, baseline: try row.text("baseline"), measure: try row.choice("measure"),
            level: try row.quantity("level_fraction"), drawnEnergy: try estimate("drawn"),
            provisionedEnergy: try estimate("provisioned"), cost: try estimate("cost"),
            baselineRange: least...greatest)
    }
}
