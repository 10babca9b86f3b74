import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Saves a measurement, its verdict, and the definitions it was made with, in one transaction.
    /// - Throws: `StoreError.inconsistent` where the measurement names another model or server type than the
    ///   definitions do; `StoreError.valueRefused` where a value breaks a rule of the schema.
    @discardableResult
    public func save(
        _ measurement: LoadRun, verdict: Verdict, model: Model, serverType: ServerType,
        settingsDigest: ContentDigest, run: RecordID<StoredRun>? = nil
    ) throws(StoreError) -> RecordID<LoadRun> {
        try write { database in
            try database.insert(
                measurement, verdict: verdict, model: model, serverType: serverType,
                settingsDigest: settingsDigest, run: run)
        }
    }

    /// Replaces the verdict over a stored measurement; the facts stay as they are.
    public func replaceVerdict(
        of id: RecordID<LoadRun>, with verdict: Verdict, toolVersion: String
    ) throws(StoreError) {
        try write { database in
            let isKnown = try Int.fetchOne(
                database, sql: "SELECT 1 FROM measurement WHERE id = ?", arguments: [id.number])
            guard isKnown != nil else {
                throw StoreError.unknownRecord(table: "measurement", id: id.number)
            }
            try database.requireIntact("measurement", [id.number])
            try database.execute(
                sql: "DELETE FROM verdict WHERE measurement_id = ?", arguments: [id.number])
            try MeasurementRow.insert(verdict, of: id, toolVersion: toolVersion, into: database)
            try database.seal("measurement", id.number)
        }
    }

    /// The measurement that may stand in for one about to be made: the latest with the same key, valid ones
    /// before doubtful ones; nil where there is none.
    public func measurement(for key: MeasurementKey) throws(StoreError) -> StoredMeasurement? {
        let model = try key.model.behaviourDigest
        let serverType = try key.serverType.behaviourDigest
        var arguments: StatementArguments = [
            "model": model.hexadecimal, "serverType": serverType.hexadecimal,
            "fingerprint": key.host.fingerprint, "engine": key.engine, "engineVersion": key.engineVersion,
            "purpose": key.purpose.rawValue, "pattern": key.pattern.rawValue,
            "settings": key.settingsDigest.hexadecimal, "provenance": key.provenance.rawValue,
        ]
        arguments += try ScheduleRow.arguments(for: key.schedule)
        let condition = """
            model.behaviour_digest = :model AND server_type.behaviour_digest = :serverType
            AND host.fingerprint = :fingerprint AND engine = :engine AND engine_version = :engineVersion
            AND \(ScheduleRow.condition)
            AND purpose = :purpose AND load_pattern = :pattern AND settings_digest = :settings
            AND provenance = :provenance
            """
        let bound = arguments
        return try read { database in
            try MeasurementRow.fetch(
                database, where: condition, bound,
                order: "EXISTS (SELECT 1 FROM verdict_doubt WHERE measurement_id = measurement.id),"
                    + " measurement.id DESC LIMIT 1"
            ).first
        }
    }

    /// The measurements that a filter lets through, in the order they were saved.
    public func measurements(_ filter: MeasurementFilter = MeasurementFilter()) throws(StoreError)
        -> [StoredMeasurement]
    {
        var conditions: [String] = []
        var arguments: [String: (any DatabaseValueConvertible)?] = [:]
        func restrict(_ condition: String, _ name: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments[name] = value
        }
        restrict("model.behaviour_digest = :model", "model", try filter.model?.behaviourDigest.hexadecimal)
        restrict(
            "server_type.behaviour_digest = :serverType", "serverType",
            try filter.serverType?.behaviourDigest.hexadecimal)
        restrict("host.fingerprint = :fingerprint", "fingerprint", filter.host?.fingerprint)
        restrict("purpose = :purpose", "purpose", filter.purpose?.rawValue)
        restrict("load_pattern = :pattern", "pattern", filter.pattern?.rawValue)
        restrict("settings_digest = :settings", "settings", filter.settingsDigest?.hexadecimal)
        restrict("provenance = :provenance", "provenance", filter.provenance?.rawValue)
        restrict("run_id = :run", "run", filter.run?.number)
        if filter.isValidOnly {
            conditions.append(
                "NOT EXISTS (SELECT 1 FROM verdict_doubt WHERE measurement_id = measurement.id)")
        }
        let condition = conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND ")
        let bound = StatementArguments(arguments)
        return try read { database in
            try MeasurementRow.fetch(database, where: condition, bound, order: "measurement.id")
        }
    }
}

extension Database {
    /// Inserts a measurement with its verdict and the definitions it was made with, inside the caller's
    /// transaction.
    func insert(
        _ measurement: LoadRun, verdict: Verdict, model: Model, serverType: ServerType,
        settingsDigest: ContentDigest, run: RecordID<StoredRun>?
    ) throws -> RecordID<LoadRun> {
        guard measurement.model == model.id else {
            throw StoreError.inconsistent(
                what: "the measured model", found: measurement.model.name, expected: model.id.name)
        }
        guard measurement.serverType == serverType.id else {
            throw StoreError.inconsistent(
                what: "the measured server type", found: measurement.serverType.name,
                expected: serverType.id.name)
        }
        let values = try MeasurementRow.values(
            of: measurement, model: try rowID(of: model), serverType: try rowID(of: serverType),
            host: try rowID(of: measurement.host), settingsDigest: settingsDigest, run: run)
        try insert(into: "measurement", values)
        let id = RecordID<LoadRun>(lastInsertedRowID)
        try MeasurementRow.insert(verdict, of: id, toolVersion: measurement.toolVersion, into: self)
        if let tokens = measurement.tokens { try TokenFiguresRow.insert(tokens, of: id, into: self) }
        try seal("measurement", id.number)
        return id
    }
}
