import GRDB
import Vocabulary

extension Store {
    /// Keeps a calibration; one that is kept already is not kept again.
    @discardableResult
    public func save(
        _ calibration: StoredCalibration, toolVersion: String, atUnixSeconds: Int64
    ) throws(StoreError) -> RecordID<StoredCalibration> {
        let digest = try ContentDigest(of: calibration).hexadecimal
        return try write { database in
            if let known = try Int64.fetchOne(
                database, sql: "SELECT id FROM step_calibration WHERE content_digest = ?",
                arguments: [digest])
            {
                return RecordID(known)
            }
            let (subject, constants) = (calibration.subject, calibration.constants)
            try database.insert(
                into: "step_calibration",
                [
                    ("content_digest", digest), ("cluster", calibration.cluster), ("model", subject.model),
                    ("device", subject.device), ("devices", subject.tensorParallel),
                    ("policy", subject.batching.rawValue), ("source", calibration.source),
                    ("arrival_anchor", calibration.anchor.rawValue), ("requests", calibration.requests),
                    ("mfu_fraction", constants.arithmetic), ("mbu_fraction", constants.bandwidth),
                    ("host_nanoseconds", constants.hostSeconds * 1e9),
                    ("sequence_nanoseconds", constants.sequenceSeconds * 1e9),
                    ("client_before_nanoseconds", calibration.clientBeforeSeconds.map { $0 * 1e9 }),
                    ("first_token_error_fraction", calibration.firstTokenError),
                    ("output_token_error_fraction", calibration.outputTokenError),
                    ("end_to_end_error_fraction", calibration.endToEndError),
                    ("request_error_fraction", calibration.requestError), ("tool_version", toolVersion),
                    ("calibrated_at_unix_seconds", atUnixSeconds),
                ])
            let id = database.lastInsertedRowID
            try database.seal("step_calibration", id)
            return RecordID(id)
        }
    }

    /// The calibration that was kept last for a subject; nil where none was.
    public func calibration(
        for subject: StoredCalibration.Subject
    ) throws(StoreError) -> StoredCalibration? {
        try read { database in
            try Self.calibration(
                database, "model = ? AND device = ? AND devices = ? AND policy = ?",
                [subject.model, subject.device, subject.tensorParallel, subject.batching.rawValue])
        }
    }

    /// The calibration of a number; nil where there is none.
    public func calibration(number: Int64) throws(StoreError) -> StoredCalibration? {
        try read { database in try Self.calibration(database, "id = ?", [number]) }
    }

    private static func calibration(
        _ database: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> StoredCalibration? {
        let found = try Row.fetchOne(
            database,
            sql: "SELECT * FROM step_calibration WHERE \(condition) ORDER BY id DESC LIMIT 1",
            arguments: arguments)
        guard let found else { return nil }
        let row = StoredRow(found, table: "step_calibration")
        try database.requireIntact("step_calibration", [try row.integer("id")])
        let (source, error) = (try row.text("source"), try row.number("request_error_fraction"))
        return StoredCalibration(
            subject: StoredCalibration.Subject(
                model: try row.text("model"), device: try row.text("device"),
                tensorParallel: try row.count("devices", atLeast: 1), batching: try row.choice("policy")),
            cluster: try row.text("cluster"), source: source, anchor: try row.choice("arrival_anchor"),
            requests: try row.count("requests", atLeast: 1),
            constants: StepConstants(
                arithmetic: try row.number("mfu_fraction"), bandwidth: try row.number("mbu_fraction"),
                hostSeconds: try row.number("host_nanoseconds") / 1e9,
                sequenceSeconds: try row.number("sequence_nanoseconds") / 1e9,
                origin: .fitted(to: source, error: error)),
            clientBeforeSeconds: try row.optionalNumber("client_before_nanoseconds").map { $0 / 1e9 },
            firstTokenError: try row.number("first_token_error_fraction"),
            outputTokenError: try row.optionalNumber("output_token_error_fraction"),
            endToEndError: try row.number("end_to_end_error_fraction"), requestError: error)
    }

    /// Keeps what a simulation of serving came to; what is kept already is not kept again.
    /// - Parameters:
    ///   - outcome: as JSON.
    ///   - timings: where step times come from, in words.
    public func saveServing(
        _ outcome: String, of cluster: ServingCluster, timings: [String], seed: UInt64, toolVersion: String,
        atUnixSeconds: Int64
    ) throws(StoreError) {
        let digest = ContentDigest(ofText: outcome).hexadecimal
        try write { database in
            let known = try Int64.fetchOne(
                database, sql: "SELECT id FROM serving_outcome WHERE content_digest = ?", arguments: [digest])
            guard known == nil else { return }
            try database.insert(
                into: "serving_outcome",
                [
                    ("content_digest", digest), ("cluster", cluster.name),
                    ("model", cluster.modelNames.joined(separator: " ")),
                    ("seed", Int64(bitPattern: seed)), ("outcome_json", outcome),
                    ("timings", timings.joined(separator: " ")), ("tool_version", toolVersion),
                    ("simulated_at_unix_seconds", atUnixSeconds),
                ])
            try database.seal("serving_outcome", database.lastInsertedRowID)
        }
    }
}
