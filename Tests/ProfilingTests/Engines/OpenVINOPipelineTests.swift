import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

/// What the generator's numpy computes for a few items.
private struct SplitReference: Decodable {
    var inputs: [String: [Double]]
    var outputs: [String: [Double]]
    /// At the tensors between the parts.
    var split: [String: [Double]]
}

@Suite("OpenVINO in two parts", .serialized)
struct OpenVINOPipelineTests {
    private static let seed: UInt64 = 11
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        "Sparse and dense parts together compute what the whole model computes, at any batch size",
        arguments: TinyModels.all + TinyModels.unusual)
    func composed(model: Model) throws {
        let models = GeneratedModels(directory: directory.path)
        let items = 40
        let reference = try JSONDecoder().decode(
            SplitReference.self,
            from: Data(
                contentsOf: URL(
                    fileURLWithPath: models.reference(of: model, seed: Self.seed, items: items))))
        let graph = try #require(model.graph)
        #expect(Set(graph.splitTensors.map(\.name)) == Set(reference.split.keys))
        for tensor in graph.splitTensors {
            #expect(reference.split[tensor.name]?.count == items * tensor.width)
        }
        let engine = try OpenVINOEngine(models: models, seed: Self.seed)
        let inputs = try #require(model.inputs)
        let pool = InputPool(
            inputs: inputs, items: items, values: try inputs.map { try #require(reference.inputs[$0.name]) })
        let prepared = try engine.prepare(
            model, sparse: .init(threads: 2, workers: 1), dense: .init(threads: 1, workers: 2),
            ladder: BatchLadder(batches: [items]), pool: pool, precision: .f32)
        #expect(prepared.slots >= 3)
        for (slot, worker) in prepared.sparseWorkers.enumerated() {
            for size in [items, 1, items, 7, items] {
                try worker.pool(items: size, into: slot + 1)
                try prepared.requests[0].infer(items: size, from: slot + 1)
                let outputs = try prepared.requests[0].outputs()
                let names = reference.outputs.keys.sorted()
                #expect(outputs.count == names.count)
                for (name, output) in zip(names, outputs) {
                    let expected = try #require(reference.outputs[name])
                    #expect(output.count == size * expected.count / items)
                    guard size == items else { continue }
                    let difference = zip(output, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
                    #expect(difference < 1e-5, "\(name) of \(model.id) is off by \(difference)")
                }
            }
        }
    }

    @Test("Dense threads read what was handed over, not what another slot holds")
    func slots() throws {
        let model = TinyModels.all[0]
        let engine = try OpenVINOEngine(models: GeneratedModels(directory: directory.path), seed: Self.seed)
        let pool = InputPool(
            drawing: try #require(model.inputs), windowMax: 16, cacheBytes: 1 << 16, seed: 1)
        let prepared = try engine.prepare(
            model, sparse: .init(threads: 1, workers: 1), dense: .init(threads: 1, workers: 1),
            ladder: BatchLadder(batches: [16]), pool: pool, precision: .f32)
        // Consecutive pieces read other items.
        for slot in 0..<3 { try prepared.sparseWorkers[0].pool(items: 16, into: slot) }
        func outputs(of slot: Int) throws -> [Float] {
            try prepared.requests[0].infer(items: 16, from: slot)
            return try prepared.requests[0].outputs()[0]
        }
        let first = try outputs(of: 0)
        let second = try outputs(of: 1)
        #expect(first != second)
        #expect(try outputs(of: 0) == first)
        #expect(try outputs(of: 1) == second)
    }

    @Test("The parts are files of a few kilobytes that read the whole model's weights")
    func files() throws {
        let models = GeneratedModels(directory: directory.path)
        let model = TinyModels.all[1]
        let whole = try models.file(of: model, seed: Self.seed)
        let parts = try models.parts(of: model, seed: Self.seed)
        let size = { (path: String) in
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        }
        #expect(try size(parts.sparse) > 0 && size(parts.sparse) < 16_384)
        #expect(try size(parts.dense) > 0 && size(parts.dense) < 16_384)
        #expect(try directory.names.filter { $0.hasSuffix(".data") }.count == 1)
        #expect(try directory.names.filter { $0.contains(".part") } == [])
        #expect(whole.dropLast(".onnx".count) == parts.sparse.dropLast(".sparse.onnx".count))
    }

    @Test("Models that nothing can split are refused by name")
    func refusals() throws {
        let models = GeneratedModels(directory: directory.path)
        let dense = TinyModels.model("mlp", dense: (4, [3]), tables: [], predict: [1])
        let error = #expect(throws: ProfilingError.self) { try models.parts(of: dense, seed: 1) }
        #expect(error?.description.contains("model mlp: found a model without embedding tables") == true)
        #expect(try directory.names == [])
    }

    @Test("A pipeline is measured like any schedule, with the samples of both parts")
    func measured() throws {
        let engine = try OpenVINOEngine(models: GeneratedModels(directory: directory.path), seed: Self.seed)
        let session = try ProfilingSession(
            engine: engine, model: TinyModels.all[0], threads: 1, workers: 1, batches: [16, 64],
            sparse: .init(threads: 1, workers: 1))
        let saturation = try session.saturate(batch: 64, seed: 1)
        #expect(saturation.itemsPerSecond > 0)
        #expect(saturation.sparseStage?.serviceSamples.isEmpty == false)
        let outcome = try session.offer(
            rate: saturation.throughput * 0.3, batch: 64, duration: Nanoseconds(milliseconds: 300), seed: 2)
        #expect(outcome.completedQueries > 0)
        #expect(outcome.sparseStage?.serviceSamples.isEmpty == false)
        #expect(outcome.serviceSamples.isEmpty == false)
    }
}
