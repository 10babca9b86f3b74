import Foundation
import GRDB
import Store
import Testing
import Vocabulary

/// What the tests keep.
enum ServingSamples {
    static func calibration(mfu: Double = 0.5, device: String = "l4") -> StoredCalibration {
        StoredCalibration(
            subject: StoredCalibration.Subject(
                model: "tiny", device: device, tensorParallel: 2, batching: .vllm),
            cluster: "chat", source: "run.jsonl", anchor: .client, requests: 300,
            constants: StepConstants(
                arithmetic: mfu, bandwidth: 0.75, hostSeconds: 0.001, sequenceSeconds: 1e-5,
                origin: .fitted(to: "run.jsonl", error: 0.02)),
            clientBeforeSeconds: 0.015, firstTokenError: -0.01, outputTokenError: nil, endToEndError: 0.005,
            requestError: 0.02)
    }

    static func keep(in store: Store) throws {
        try store.save(calibration(), toolVersion: "1.2.3-test", atUnixSeconds: 1_790_000_330)
        try store.saveServing(
            "{\"requests\":5}", of: cluster, timings: ["fitted"], seed: 7, toolVersion: "1.2.3-test",
            atUnixSeconds: 1_790_000_331)
    }

    static let cluster = ServingCluster(
        name: "chat",
        pools: [
            ServingPool(
                name: "main",
                model: LanguageModelShape(
                    name: "tiny", architecture: "LlamaForCausalLM", hidden: 64, layers: 2, heads: 4,
                    keyValueHeads: 4, headWidth: 16, inner: 128, vocabulary: 368, tiesEmbeddings: false,
                    contextMax: 1024), engines: [])
        ])
}

/// Calibrations and simulated service of language models, as they are kept.
@Suite struct ServingStoreTests {
    private let path: String
    private let store: Store

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).sqlite").path
        store = try Store(path: path)
    }

    private func keep(_ calibration: StoredCalibration) throws {
        try store.save(calibration, toolVersion: "1", atUnixSeconds: 1_790_000_000)
    }

    @Test func theLastCalibrationOfASubjectIsFound() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        for one in [
            ServingSamples.calibration(), ServingSamples.calibration(mfu: 0.625),
            ServingSamples.calibration(device: "a100"),
        ] { try keep(one) }
        let found = try #require(try store.calibration(for: ServingSamples.calibration().subject))
        #expect(found == ServingSamples.calibration(mfu: 0.625))
        #expect(try store.calibration(number: 1) == ServingSamples.calibration())
        #expect(try store.calibration(number: 9) == nil)
        var other = ServingSamples.calibration().subject
        other.tensorParallel = 4
        #expect(try store.calibration(for: other) == nil)
    }

    @Test func whatIsKeptAlreadyIsNotKeptAgain() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try keep(ServingSamples.calibration())
        try keep(ServingSamples.calibration())
        #expect(try store.rows(of: "step_calibration").rowCount == 1)
    }

    @Test func aChangedCalibrationIsNoticed() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try keep(ServingSamples.calibration())
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "UPDATE step_calibration SET mfu_fraction = 0.9") }
        #expect(throws: StoreError.self) { try store.calibration(number: 1) }
    }
}
