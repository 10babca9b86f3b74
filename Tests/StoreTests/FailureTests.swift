import Quantities
import Store
import Testing
import Vocabulary

extension Samples {
    /// The sample measurement's cell failed.
    static func failure(at seconds: Int64) -> CellFailure {
        CellFailure(
            model: model.id, serverType: serverType.id, schedule: schedule, host: host, engine: "openvino",
            engineVersion: "2026.4.1", message: "found 1 row for 8 items", failedAtUnixSeconds: seconds,
            toolVersion: "1.2.3-test")
    }
}

/// Failures stand until the same cell has been measured.
@Suite struct FailureTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
    }

    private var standing: [CellFailure] {
        get throws { try store.failures(of: Samples.model, on: Samples.serverType) }
    }

    private func measure(at seconds: Int64, version: String = "2026.4.1", batch: Int? = nil) throws {
        var measurement = Samples.measurement
        measurement.measuredAtUnixSeconds = seconds
        measurement.engineVersion = version
        if let batch {
            measurement.schedule = Schedule(partition: .whole, threads: 1, workers: 1, batch: batch)
        }
        try store.save(
            measurement, verdict: Verdict(doubts: []), model: Samples.model, serverType: Samples.serverType,
            settingsDigest: Samples.settings)
    }

    @Test func aFailureIsReadBackAsItWasSaved() throws {
        try store.save(Samples.failure(at: 100), model: Samples.model, serverType: Samples.serverType)
        #expect(try standing == [Samples.failure(at: 100)])
    }

    @Test func onlyALaterMeasurementOfTheSameCellLiftsIt() throws {
        try measure(at: 99)
        try store.save(Samples.failure(at: 100), model: Samples.model, serverType: Samples.serverType)
        try measure(at: 200, version: "2027.0")
        try measure(at: 200, batch: 77)
        #expect(try standing.count == 1)
        try measure(at: 101)
        #expect(try standing.isEmpty)
    }
}
