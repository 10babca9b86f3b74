import GRDB
import Quantities
import Store
import Testing
import Vocabulary

@Suite struct MeasurementTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    @discardableResult
    private func save(
        _ measurement: LoadRun = Samples.measurement, doubts: [Verdict.Doubt] = [],
        run: RecordID<StoredRun>? = nil
    ) throws -> RecordID<LoadRun> {
        try store.save(
            measurement, verdict: Verdict(doubts: doubts), model: Samples.model,
            serverType: Samples.serverType, settingsDigest: Samples.settings, run: run)
    }

    @Test func aMeasurementComesBackWhole() throws {
        let verdict = Verdict(doubts: [.processorPressure, .tooFewQueries], tail: Samples.tail)
        let id = try store.save(
            Samples.measurement, verdict: verdict, model: Samples.model, serverType: Samples.serverType,
            settingsDigest: Samples.settings)
        let stored = try #require(try store.measurements().first)
        #expect(stored.id == id)
        #expect(stored.measurement == Samples.measurement)
        #expect(stored.verdict == verdict)
        #expect(stored.settingsDigest == Samples.settings)
        #expect(stored.run == nil)
    }

    @Test func tokenFiguresComeBackWithTheirMeasurementAndGoWithIt() throws {
        var measurement = Samples.measurement
        let tokens = Samples.tokens
        measurement.tokens = tokens
        let id = try save(measurement)
        try save()
        let stored = try store.measurements()
        #expect(stored.map(\.measurement.tokens) == [tokens, nil])
        try store.close()
        let database = try DatabaseQueue(path: folder.path())
        try database.write { database in
            let row = try Row.fetchOne(database, sql: "SELECT * FROM token_summary")
            let rate: Double? = row?["output_tokens_per_second"]
            let first: Double? = row?["first_token_p95_milliseconds"]
            let prompts: Int? = row?["prompt_tokens"]
            #expect(rate == 20.5 && first == 0.009 && prompts == nil)
            try database.execute(sql: "DELETE FROM measurement WHERE id = ?", arguments: [id.number])
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM measurement_tokens") == 0)
        }
    }

    @Test func absentFiguresStayAbsent() throws {
        var measurement = Samples.measurement
        measurement.pattern = .closed
        measurement.offeredRate = nil
        measurement.noise = HostNoise(stealFraction: nil, processorPressureFraction: Fraction(0))
        measurement.latencies = LatencyHistogram(bins: [])
        measurement.serviceSamples = []
        measurement.seed = 0
        measurement.utilisation = nil
        measurement.power = nil
        measurement.powerProvenance = nil
        measurement.powerBoundary = nil
        measurement.idlePower = nil
        measurement.warmUp = nil
        measurement.dispatchMedian = nil
        measurement.dispatchP99 = nil
        measurement.placement = nil
        measurement.source = nil
        measurement.sparseStage = nil
        try save(measurement)
        #expect(try store.measurements().map(\.measurement) == [measurement])
        let summary = try store.rows(of: "measurement_summary")
        let column = try #require(summary.columns.firstIndex(of: "latency_p95_milliseconds"))
        #expect(summary.rows[0][column] == .null)
    }

    @Test func aPipelineWhoseThreadsNeverMetAnythingKeepsNoWaits() throws {
        var measurement = Samples.measurement
        measurement.sparseStage = .init(
            serviceSamples: [], utilisation: Fraction(0), denseUtilisation: Fraction(1), handOverMedian: nil,
            handOverP99: nil, denseDispatchMedian: nil)
        try save(measurement)
        #expect(try store.measurements().map(\.measurement) == [measurement])
    }

    @Test func everyEnumeratedValueIsAllowedByTheSchema() throws {
        for partition in ThreadSchedule.Partition.allCases {
            for purpose in LoadRun.Purpose.allCases {
                var measurement = Samples.measurement
                measurement.schedule = Schedule(partition: partition, threads: 1, workers: 1, batch: 1)
                measurement.purpose = purpose
                try save(measurement, doubts: Verdict.Doubt.allCases)
            }
        }
        for provenance in Provenance.allCases {
            for powerProvenance in PowerProvenance.allCases {
                var measurement = Samples.measurement
                measurement.provenance = provenance
                measurement.powerProvenance = powerProvenance
                try save(measurement)
            }
        }
        let partitions = ThreadSchedule.Partition.allCases.count
        let purposes = LoadRun.Purpose.allCases.count
        #expect(try store.measurements().count == partitions * purposes + 6)
    }

    @Test func theSummaryAgreesWithTheHistogram() throws {
        try save(doubts: [.stolenTime, .generatorBehind])
        let summary = try store.rows(of: "measurement_summary")
        let row = Dictionary(uniqueKeysWithValues: zip(summary.columns, summary.rows[0]))
        let latencies = Samples.measurement.latencies
        let p95 = try #require(latencies.latency(at: Quantile(0.95)))
        #expect(row["latency_p95_milliseconds"] == .real(Double(p95.count) / 1e6))
        #expect(row["latency_max_milliseconds"] == .real(Double(try #require(latencies.max).count) / 1e6))
        #expect(row["model"] == .text("rm1-200k-rows"))
        #expect(row["server_type"] == .text("this-host"))
        #expect(row["duration_seconds"] == .real(5.0049))
        #expect(row["measured_at_utc"] == .text("2026-09-21 14:13:20"))
        #expect(row["is_valid"] == .integer(0))
        #expect(row["doubts"] == .text("stolenTime generatorBehind"))
        #expect(row["provenance"] == .text("measured"))
        #expect(row["power_provenance"] == .text("estimated"))
    }

    @Test func aMeasurementOfAnotherModelThanTheDefinitionIsRefused() throws {
        #expect(
            throws: StoreError.inconsistent(
                what: "the measured model", found: "rm1-200k-rows", expected: "ncf")
        ) {
            try store.save(
                Samples.measurement, verdict: Verdict(doubts: []), model: Samples.otherModel,
                serverType: Samples.serverType, settingsDigest: Samples.settings)
        }
        #expect(throws: StoreError.self) {
            try store.save(
                Samples.measurement, verdict: Verdict(doubts: []), model: Samples.model,
                serverType: Samples.otherServerType, settingsDigest: Samples.settings)
        }
        #expect(try store.tables().allSatisfy { $0.rowCount == 0 || $0.name == "ordinal" })
    }

    @Test func definitionsAreStoredOnceAndChangedOnesSideBySide() throws {
        let edited = Model(
            id: Samples.model.id, title: "edited", source: "", kind: Samples.model.kind,
            latencyTarget: Samples.model.latencyTarget, querySizes: .fixed(9))
        try save()
        try save()
        try store.save(
            Samples.measurement, verdict: Verdict(doubts: []), model: edited, serverType: Samples.serverType,
            settingsDigest: Samples.settings)
        let counts = Dictionary(uniqueKeysWithValues: try store.tables().map { ($0.name, $0.rowCount) })
        #expect(counts["model"] == 2)
        #expect(counts["server_type"] == 1)
        #expect(counts["host"] == 1)
        #expect(counts["measurement"] == 3)
        var filter = MeasurementFilter()
        filter.model = edited
        #expect(try store.measurements(filter).count == 1)
    }

    @Test func aStoredDigestIsTheDigestOfTheStoredText() throws {
        try save()
        let rows = try rawConnection(folder.path()).read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT definition_json, definition_digest FROM model
                    UNION ALL SELECT definition_json, definition_digest FROM server_type
                    """)
        }
        #expect(rows.count == 2)
        for row in rows {
            #expect(ContentDigest(ofText: row["definition_json"]).hexadecimal == row["definition_digest"])
        }
    }

    @Test func aVerdictCanBeReplacedWithoutTouchingTheFacts() throws {
        let id = try save(doubts: [.stolenTime])
        try store.replaceVerdict(
            of: id, with: Verdict(doubts: [.tooFewQueries, .stolenTime]), toolVersion: "2")
        let stored = try #require(try store.measurements().first)
        #expect(stored.verdict.doubts == [.tooFewQueries, .stolenTime])
        #expect(stored.measurement == Samples.measurement)
        #expect(throws: StoreError.unknownRecord(table: "measurement", id: 99)) {
            try store.replaceVerdict(of: RecordID(99), with: Verdict(doubts: []), toolVersion: "2")
        }
    }

    @Test func filtersRestrict() throws {
        let run = try store.beginRun(
            of: Samples.scenario, seed: 1, toolVersion: "1", atUnixSeconds: 1_790_000_000)
        var confirmation = Samples.measurement
        confirmation.purpose = .confirmation
        let first = try save(doubts: [.stolenTime])
        let second = try save(confirmation, run: run)
        var imported = Samples.measurement
        imported.provenance = .imported
        let third = try save(imported)

        func ids(_ change: (inout MeasurementFilter) -> Void) throws -> [RecordID<LoadRun>] {
            var filter = MeasurementFilter()
            change(&filter)
            return try store.measurements(filter).map(\.id)
        }
        #expect(try ids { _ in } == [first, second, third])
        #expect(try ids { $0.isValidOnly = true } == [second, third])
        #expect(try ids { $0.purpose = .confirmation } == [second])
        #expect(try ids { $0.run = run } == [second])
        #expect(try ids { $0.provenance = .imported } == [third])
        #expect(try ids { $0.model = Samples.otherModel } == [])
        #expect(try ids { $0.serverType = Samples.serverType } == [first, second, third])
        #expect(try ids { $0.pattern = .closed } == [])
        #expect(try ids { $0.host = Samples.host } == [first, second, third])
        #expect(try ids { $0.settingsDigest = Samples.inputs } == [])
    }
}
