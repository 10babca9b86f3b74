import struct Foundation.Data
import GRDB
import Quantities
import Vocabulary

/// Measurements as rows, and back.
enum MeasurementRow {
    static func values(
        of measurement: LoadRun, model: Int64, serverType: Int64, host: Int64,
        settingsDigest: ContentDigest, run: RecordID<StoredRun>?
    ) throws -> [(String, (any DatabaseValueConvertible)?)] {
        let latencies = measurement.latencies
        let lateness = measurement.generatorLateness
        let noise = measurement.noise
        return try ScheduleRow.values(of: measurement.schedule) + [
            ("run_id", run?.number), ("model_id", model), ("server_type_id", serverType), ("host_id", host),
            ("purpose", measurement.purpose.rawValue), ("load_pattern", measurement.pattern.rawValue),
            ("engine", measurement.engine), ("engine_version", measurement.engineVersion),
            ("settings_digest", settingsDigest.hexadecimal),
            ("repetition", measurement.repetition), ("attempt", measurement.attempt),
            ("ending", measurement.ending.rawValue),
            ("warm_up_nanoseconds", measurement.warmUp?.duration.count),
            ("warm_up_queries", measurement.warmUp?.queries),
            ("offered_queries_per_second", measurement.offeredRate?.value),
            ("completed_queries_per_second", measurement.completedRate.value),
            ("queries", measurement.queries), ("duration_nanoseconds", measurement.duration.count),
            ("latency_histogram_blob", Data(HistogramBlob.encode(latencies))),
            ("generator_lateness_histogram_blob", Data(HistogramBlob.encode(lateness))),
            ("service_samples_blob", Data(ServiceSampleBlob.encode(measurement.serviceSamples))),
            (
                "sparse_service_samples_blob",
                measurement.sparseStage.map { Data(ServiceSampleBlob.encode($0.serviceSamples)) }
            ),
            ("sparse_utilisation_fraction", measurement.sparseStage?.utilisation.value),
            ("dense_utilisation_fraction", measurement.sparseStage?.denseUtilisation.value),
            ("hand_over_p50_nanoseconds", measurement.sparseStage?.handOverMedian?.count),
            ("hand_over_p99_nanoseconds", measurement.sparseStage?.handOverP99?.count),
            ("dense_dispatch_p50_nanoseconds", measurement.sparseStage?.denseDispatchMedian?.count),
            ("latency_mean_nanoseconds", latencies.mean?.count),
            ("latency_p50_nanoseconds", latencies.latency(at: Quantile(0.5))?.count),
            ("latency_p95_nanoseconds", latencies.latency(at: Quantile(0.95))?.count),
            ("latency_p99_nanoseconds", latencies.latency(at: Quantile(0.99))?.count),
            ("latency_max_nanoseconds", latencies.max?.count),
            ("effective_queries", measurement.effectiveQueries),
            ("generator_lateness_p50_nanoseconds", lateness.latency(at: Quantile(0.5))?.count),
            ("generator_lateness_p99_nanoseconds", lateness.latency(at: Quantile(0.99))?.count),
            ("generator_lateness_max_nanoseconds", lateness.max?.count),
            ("dispatch_p50_nanoseconds", measurement.dispatchMedian?.count),
            ("dispatch_p99_nanoseconds", measurement.dispatchP99?.count),
            ("utilisation_fraction", measurement.utilisation?.value),
            ("power_watts", measurement.power?.value),
            ("power_provenance", measurement.powerProvenance?.rawValue),
            ("power_boundary", measurement.powerBoundary), ("idle_power_watts", measurement.idlePower?.value),
            ("placement", measurement.placement), ("steal_fraction", noise.stealFraction?.value),
            ("steal_max_fraction", noise.stealMaxFraction?.value),
            ("processor_pressure_fraction", noise.processorPressureFraction?.value),
            ("processor_pressure_max_fraction", noise.processorPressureMaxFraction?.value),
            ("other_load_fraction", noise.otherLoadFraction?.value),
            ("frequency_min_hertz", noise.frequencyMin?.value),
            ("frequency_mean_hertz", noise.frequencyMean?.value),
            ("provenance", measurement.provenance.rawValue), ("source", measurement.source),
            ("inference_precision", measurement.inferencePrecision),
            ("seed", Int64(bitPattern: measurement.seed)),
            ("measured_at_unix_seconds", measurement.measuredAtUnixSeconds),
            ("tool_version", measurement.toolVersion),
        ]
    }

    static func insert(
        _ verdict: Verdict, of id: RecordID<LoadRun>, toolVersion: String, into database: Database
    ) throws {
        let tail = verdict.tail
        try database.insert(
            into: "verdict",
            [
                ("measurement_id", id.number), ("tool_version", toolVersion),
                ("target_quantile", tail?.target.quantile.value),
                ("target_limit_nanoseconds", tail?.target.limit.count),
                ("confidence_fraction", tail?.confidence.value),
                ("tail_lower_nanoseconds", tail?.lower?.count),
                ("tail_upper_nanoseconds", tail?.upper?.count),
                ("answer", tail?.answer.rawValue),
            ])
        for (position, doubt) in verdict.doubts.enumerated() {
            try database.insert(
                into: "verdict_doubt",
                [("measurement_id", id.number), ("position", position), ("doubt", doubt.rawValue)])
        }
    }

    static func fetch(
        _ database: Database, where condition: String, _ arguments: StatementArguments, order: String
    ) throws -> [StoredMeasurement] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT measurement.*, model.name AS model_name, server_type.name AS server_type_name,
                    host.name AS host_name, host.processor, host.cores, host.memory_bytes,\
                     host.operating_system
                FROM measurement
                JOIN model ON model.id = measurement.model_id
                JOIN server_type ON server_type.id = measurement.server_type_id
                JOIN host ON host.id = measurement.host_id
                WHERE \(condition) ORDER BY \(order)
                """,
            arguments: arguments)
        let measurements = try rows.map { row in
            let row = StoredRow(row, table: "measurement")
            let id = try row.integer("id")
            let doubts = try Row.fetchAll(
                database,
                sql: "SELECT * FROM verdict_doubt WHERE measurement_id = ? ORDER BY position",
                arguments: [id]
            ).map {
                try StoredRow($0, table: "verdict_doubt", label: "\(id)").choice("doubt") as Verdict.Doubt
            }
            var measurement = try Self.measurement(from: row)
            measurement.tokens = try TokenFiguresRow.fetch(database, of: id)
            return StoredMeasurement(
                id: RecordID(id), measurement: measurement,
                verdict: Verdict(doubts: doubts, tail: try Self.tail(of: id, database)),
                settingsDigest: ContentDigest(stored: try row.text("settings_digest")),
                run: try row.optionalInteger("run_id").map { RecordID($0) })
        }
        try database.requireIntact("measurement", measurements.map(\.id.number))
        return measurements
    }

    private static func tail(of id: Int64, _ database: Database) throws -> Verdict.Tail? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM verdict WHERE measurement_id = ? AND answer IS NOT NULL",
            arguments: [id])
        guard let row else { return nil }
        let stored = StoredRow(row, table: "verdict", label: "\(id)")
        return Verdict.Tail(
            target: LatencyTarget(
                quantile: try stored.quantile("target_quantile"),
                limit: try stored.time("target_limit_nanoseconds")),
            confidence: try stored.quantity("confidence_fraction"),
            lower: try stored.optionalTime("tail_lower_nanoseconds"),
            upper: try stored.optionalTime("tail_upper_nanoseconds"), answer: try stored.choice("answer"))
    }

    private static func measurement(from row: StoredRow) throws(StoreError) -> LoadRun {
        let host = Host(
            name: try row.text("host_name"), processor: try row.text("processor"),
            cores: try row.count("cores"), memory: try row.quantity("memory_bytes"),
            operatingSystem: try row.text("operating_system"))
        let noise = HostNoise(
            stealFraction: try row.optionalQuantity("steal_fraction"),
            stealMaxFraction: try row.optionalQuantity("steal_max_fraction"),
            processorPressureFraction: try row.optionalQuantity("processor_pressure_fraction"),
            processorPressureMaxFraction: try row.optionalQuantity("processor_pressure_max_fraction"),
            otherLoadFraction: try row.optionalQuantity("other_load_fraction"),
            frequencyMin: try row.optionalQuantity("frequency_min_hertz"),
            frequencyMean: try row.optionalQuantity("frequency_mean_hertz"))
        var measurement = LoadRun(
            model: ModelID(try row.text("model_name")),
            serverType: ServerTypeID(try row.text("server_type_name")), schedule: try row.schedule(),
            purpose: try row.choice("purpose"), pattern: try row.choice("load_pattern"), host: host,
            engine: try row.text("engine"), engineVersion: try row.text("engine_version"),
            offeredRate: try row.optionalQuantity("offered_queries_per_second"),
            completedRate: try row.quantity("completed_queries_per_second"),
            queries: try row.count("queries"), duration: try row.time("duration_nanoseconds"),
            latencies: try row.blob("latency_histogram_blob", decode: HistogramBlob.decode),
            generatorLateness: try row.blob(
                "generator_lateness_histogram_blob", decode: HistogramBlob.decode),
            serviceSamples: try row.blob("service_samples_blob", decode: ServiceSampleBlob.decode),
            utilisation: try row.optionalQuantity("utilisation_fraction"),
            power: try row.optionalQuantity("power_watts"),
            powerProvenance: try row.optionalChoice("power_provenance"), noise: noise,
            provenance: try row.choice("provenance"), seed: try row.seed("seed"),
            measuredAtUnixSeconds: try row.integer("measured_at_unix_seconds"),
            toolVersion: try row.text("tool_version"))
        measurement.repetition = try row.count("repetition", atLeast: 1)
        measurement.attempt = try row.count("attempt", atLeast: 1)
        measurement.ending = try row.choice("ending")
        if let duration = try row.optionalTime("warm_up_nanoseconds") {
            measurement.warmUp = LoadRun.WarmUp(
                duration: duration, queries: try row.count("warm_up_queries"))
        }
        measurement.effectiveQueries = try row.optionalNumber("effective_queries")
        measurement.dispatchMedian = try row.optionalTime("dispatch_p50_nanoseconds")
        measurement.dispatchP99 = try row.optionalTime("dispatch_p99_nanoseconds")
        measurement.powerBoundary = try row.optionalText("power_boundary")
        measurement.idlePower = try row.optionalQuantity("idle_power_watts")
        measurement.placement = try row.optionalText("placement")
        measurement.source = try row.optionalText("source")
        measurement.inferencePrecision = try row.optionalText("inference_precision")
        measurement.sparseStage = try sparseStage(from: row)
        return measurement
    }

    /// nil for measurements of other partitions.
    private static func sparseStage(
        from row: StoredRow
    ) throws(StoreError) -> LoadRun.SparseStage? {
        guard
            let samples = try row.optionalBlob(
                "sparse_service_samples_blob", decode: ServiceSampleBlob.decode)
        else { return nil }
        return LoadRun.SparseStage(
            serviceSamples: samples, utilisation: try row.quantity("sparse_utilisation_fraction"),
            denseUtilisation: try row.quantity("dense_utilisation_fraction"),
            handOverMedian: try row.optionalTime("hand_over_p50_nanoseconds"),
            handOverP99: try row.optionalTime("hand_over_p99_nanoseconds"),
            denseDispatchMedian: try row.optionalTime("dense_dispatch_p50_nanoseconds"))
    }
}
