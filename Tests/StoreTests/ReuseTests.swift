import Quantities
import Store
import Testing
import Vocabulary

/// What is measured once is found again under exactly the same circumstances.
@Suite struct ReuseTests {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store(path: folder.path())
        try store.save(
            Samples.measurement, verdict: Verdict(doubts: []), model: Samples.model,
            serverType: Samples.serverType, settingsDigest: Samples.settings)
    }

    @Test func theSameKeyHitsAlsoAfterReopening() throws {
        #expect(try store.measurement(for: Samples.key)?.measurement == Samples.measurement)
        try store.close()
        let reopened = try Store(path: folder.path(), access: .existing)
        #expect(try reopened.measurement(for: Samples.key)?.measurement == Samples.measurement)
    }

    static let changes: [(String, @Sendable (inout MeasurementKey) -> Void)] = [
        ("model name", { $0.model = Samples.otherModel }),
        (
            "model graph",
            { key in
                guard var graph = Samples.model.graph else { preconditionFailure("the sample has a graph") }
                graph.predictLayers = [256, 64, 2]
                key.model = Model(
                    id: Samples.model.id, title: Samples.model.title, source: Samples.model.source,
                    graph: graph,
                    latencyTarget: Samples.model.latencyTarget, querySizes: Samples.model.querySizes)
            }
        ),
        ("server type", { $0.serverType = Samples.otherServerType }),
        ("processor", { $0.host = host(processor: "another") }),
        ("cores", { $0.host = host(cores: 8) }),
        ("engine", { $0.engine = "onnxruntime" }),
        ("engine version", { $0.engineVersion = "2026.4.2" }),
        ("partition", { $0.schedule = Schedule(partition: .whole, threads: 3, workers: 2, batch: 128) }),
        ("threads", { $0.schedule = Schedule(partition: .sparseDense, threads: 2, workers: 2, batch: 128) }),
        ("workers", { $0.schedule = Schedule(partition: .sparseDense, threads: 3, workers: 1, batch: 128) }),
        ("batch", { $0.schedule = Schedule(partition: .sparseDense, threads: 3, workers: 2, batch: 64) }),
        ("purpose", { $0.purpose = .confirmation }),
        ("pattern", { $0.pattern = .closed }),
        ("settings", { $0.settingsDigest = ContentDigest(ofText: "other") }),
        ("provenance", { $0.provenance = .imported }),
    ]

    private static func host(processor: String = Samples.host.processor, cores: Int = 4) -> Host {
        Host(
            name: Samples.host.name, processor: processor, cores: cores, memory: Samples.host.memory,
            operatingSystem: Samples.host.operatingSystem)
    }

    @Test(arguments: changes.indices) func anyOtherKeyMisses(index: Int) throws {
        let (name, change) = Self.changes[index]
        var key = Samples.key
        change(&key)
        #expect(try store.measurement(for: key) == nil, "\(name)")
    }

    @Test func aNewNameOfTheHostOrTitleOfTheModelStillHits() throws {
        var key = Samples.key
        key.host = Host(
            name: "node-8", processor: Samples.host.processor, cores: 4, memory: Bytes(1),
            operatingSystem: "x")
        key.model = Model(
            id: Samples.model.id, title: "retitled", source: "", kind: Samples.model.kind,
            latencyTarget: LatencyTarget(quantile: Quantile(0.5), limit: Nanoseconds(1)),
            querySizes: Samples.model.querySizes)
        #expect(try store.measurement(for: key) != nil)
    }

    @Test func theLatestValidMeasurementIsPreferred() throws {
        func save(power: Double, doubts: [Verdict.Doubt]) throws {
            var measurement = Samples.measurement
            measurement.power = Watts(power)
            try store.save(
                measurement, verdict: Verdict(doubts: doubts), model: Samples.model,
                serverType: Samples.serverType, settingsDigest: Samples.settings)
        }
        try save(power: 2, doubts: [])
        try save(power: 3, doubts: [.stolenTime])
        #expect(try store.measurement(for: Samples.key)?.measurement.power == Watts(2))
    }

    @Test func aDoubtfulMeasurementIsFoundWhereThereIsNoOther() throws {
        var confirmation = Samples.measurement
        confirmation.purpose = .confirmation
        try store.save(
            confirmation, verdict: Verdict(doubts: [.tooFewQueries]), model: Samples.model,
            serverType: Samples.serverType, settingsDigest: Samples.settings)
        var key = Samples.key
        key.purpose = .confirmation
        #expect(try store.measurement(for: key)?.verdict.doubts == [.tooFewQueries])
    }
}
