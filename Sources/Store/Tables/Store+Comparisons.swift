import GRDB
import Quantities
import Vocabulary

extension Store {
    /// Saves one comparison with the definitions it was made with, in one transaction.
    @discardableResult
    public func save(
        _ comparison: ThroughputComparison, model: Model, serverType: ServerType,
        run: RecordID<StoredRun>? = nil
    ) throws(StoreError) -> RecordID<ThroughputComparison> {
        guard comparison.model == model.id else {
            throw .inconsistent(
                what: "the compared model", found: comparison.model.name, expected: model.id.name)
        }
        return try write { database in
            // Hot rows need an accelerator, and comparisons are made on processors: there is no such column.
            let schedule = try ScheduleRow.values(of: comparison.schedule).filter { $0.0 != "hot_fraction" }
            try database.insert(
                into: "throughput_comparison",
                schedule + [
                    ("run_id", run?.number), ("model_id", try database.rowID(of: model)),
                    ("server_type_id", try database.rowID(of: serverType)),
                    ("host_id", try database.rowID(of: comparison.host)), ("engine", comparison.engine),
                    ("engine_version", comparison.engineVersion),
                    ("target_quantile", comparison.target.quantile.value),
                    ("target_limit_nanoseconds", comparison.target.limit.count),
                    ("live_met_queries_per_second", comparison.liveMet.value),
                    ("live_missed_queries_per_second", comparison.liveMissed?.value),
                    ("live_queries_per_second", comparison.live.value),
                    ("profiled_queries_per_second", comparison.profiled.value),
                    ("plain_queries_per_second", comparison.plain.value),
                    ("stored_queries_per_second", comparison.stored?.value), ("rates", comparison.rates),
                    ("doubtful_rates", comparison.doubtfulRates),
                    ("provenance", comparison.provenance.rawValue),
                    ("seed", Int64(bitPattern: comparison.seed)),
                    ("compared_at_unix_seconds", comparison.comparedAtUnixSeconds),
                    ("tool_version", comparison.toolVersion),
                ])
            let id = database.lastInsertedRowID
            try database.seal("throughput_comparison", id)
            return RecordID(id)
        }
    }

    /// All comparisons, in the order they were made.
    public func comparisons() throws(StoreError) -> [ThroughputComparison] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT throughput_comparison.*, model.name AS model_name,
                        server_type.name AS server_type_name, host.name AS host_name, host.processor,
                        host.cores, host.memory_bytes, host.operating_system
                    FROM throughput_comparison
                    JOIN model ON model.id = throughput_comparison.model_id
                    JOIN server_type ON server_type.id = throughput_comparison.server_type_id
                    JOIN host ON host.id = throughput_comparison.host_id
                    ORDER BY throughput_comparison.id
                    """)
            let comparisons = try rows.map {
                try Self.comparison(from: StoredRow($0, table: "throughput_comparison"))
            }
            try database.requireIntact("throughput_comparison", rows.map { $0["id"] })
            return comparisons
        }
    }

    private static func comparison(from row: StoredRow) throws(StoreError) -> ThroughputComparison {
        ThroughputComparison(
            model: ModelID(try row.text("model_name")),
            serverType: ServerTypeID(try row.text("server_type_name")),
            host: Host(
                name: try row.text("host_name"), processor: try row.text("processor"),
                cores: try row.count("cores"), memory: try row.quantity("memory_bytes"),
                operatingSystem: try row.text("operating_system")),
            engine: try row.text("engine"), engineVersion: try row.text("engine_version"),
            schedule: try row.schedule(),
            target: LatencyTarget(
                quantile: try row.quantile("target_quantile"),
                limit: try row.time("target_limit_nanoseconds")),
            liveMet: try row.quantity("live_met_queries_per_second"),
            liveMissed: try row.optionalQuantity("live_missed_queries_per_second"),
            live: try row.quantity("live_queries_per_second"),
            profiled: try row.quantity("profiled_queries_per_second"),
            plain: try row.quantity("plain_queries_per_second"),
            stored: try row.optionalQuantity("stored_queries_per_second"),
            rates: try row.count("rates", atLeast: 1),
            doubtfulRates: try row.count("doubtful_rates"), provenance: try row.choice("provenance"),
            seed: try row.seed("seed"),
            comparedAtUnixSeconds: try row.integer("compared_at_unix_seconds"),
            toolVersion: try row.text("tool_version"))
    }
}
