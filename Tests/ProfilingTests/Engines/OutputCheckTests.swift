import Foundation
import Profiling
import Quantities
import TestSupport
import Testing
import Vocabulary

/// Success is not taken for work done: outputs must hold a result for each item.
@Suite(.serialized) struct OutputCheckTests {
    private func verify(_ runs: [(items: Int, shapes: [[Int]])]) -> ProfilingError? {
        var check = OutputCheck(model: "m")
        for run in runs {
            let shapes = run.shapes.map { OutputShape(name: "y", dimensions: $0) }
            check.saw(shapes, items: run.items)
        }
        do throws(ProfilingError) {
            try check.verify()
            return nil
        } catch {
            return error
        }
    }

    @Test func aDimensionGrowsWithTheItems() {
        #expect(verify([(1, [[1, 4]]), (2, [[2, 4]]), (8, [[8, 4]])]) == nil)
        // The batch may stand elsewhere, and an item may have several rows.
        #expect(verify([(1, [[5, 1, 4]]), (8, [[5, 8, 4]])]) == nil)
        #expect(verify([(1, [[3]]), (2, [[6]]), (8, [[24]])]) == nil)
        #expect(verify([(1, [[]])]) == nil)
    }

    @Test func whatHoldsFewerItemsIsRefused() {
        #expect(
            verify([(1, [[1, 4]]), (2, [[1, 4]]), (4, [[1, 4]]), (8, [[1, 4]])])
                == .outputsDiffer(model: "m", items: 8, found: "1 row in output y [1, 4]"))
        // One output of two, and a size in the middle.
        #expect(verify([(1, [[1], [1]]), (8, [[8], [1]])]) != nil)
        #expect(verify([(2, [[2]]), (4, [[2]]), (8, [[8]])]) != nil)
        #expect(verify([(1, [[]]), (8, [[]])]) != nil)
    }

    @Test func emptyOutputsAndNoneAreRefused() {
        #expect(
            verify([(8, [[8, 0]])])
                == .outputsDiffer(model: "m", items: 8, found: "an empty output y [8, 0]"))
        #expect(verify([(8, [])]) == .outputsDiffer(model: "m", items: 8, found: "no output"))
        #expect(verify([]) == nil, "an engine that does not tell is not blamed")
    }

    // MARK: With the engines

    private func model(_ bytes: OnnxFileBytes, _ input: ModelInput, in folder: TemporaryDirectory) throws
        -> Model
    {
        let path = "\(folder.path)/m.onnx"
        try bytes.write(to: path)
        return Model(
            id: "m", title: "", source: "",
            kind: .onnx(OnnxFile(path: path, fingerprint: "f", inputs: [input])),
            latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 50)),
            querySizes: .fixed(8))
    }

    private func engines(in folder: TemporaryDirectory) throws -> [any InferenceEngine] {
        let models = GeneratedModels(directory: folder.path, pooling: .gather)
        return [try OpenVINOEngine(models: models, seed: 1), try OnnxRuntimeEngine(models: models, seed: 1)]
    }

    @Test func aGraphThatFixesItsBatchInsideIsRefusedAtAnyThreads() throws {
        let folder = try TemporaryDirectory()
        let input = ModelInput(
            name: "x", elementType: .float32, shape: [.batch, .fixed(4), .fixed(4)], values: .uniform)
        let model = try model(.fixedReshape(), input, in: folder)
        for engine in try engines(in: folder) {
            for threads in [1, 2] {
                let error = #expect(throws: ProfilingError.self) {
                    _ = try ProfilingSession(
                        engine: engine, model: model, threads: threads, workers: 1, batches: [8])
                }
                #expect(error?.isOfTheModel == true, "\(engine.name), \(threads) threads: \(error as Any)")
            }
            // A batch of one is what the graph computes.
            _ = try ProfilingSession(engine: engine, model: model, threads: 1, workers: 1, batches: [1])
        }
    }

    @Test func halfPrecisionScalarsAndAFixedBatchAreMeasured() throws {
        let folder = try TemporaryDirectory()
        var half = OnnxFileBytes()
        half.input("x", type: 10, [.symbol("batch"), .fixed(16)])
        half.node("Neg", ["x"], ["y"])
        half.output("y", type: 10, [.symbol("batch"), .fixed(16)])
        var scalar = OnnxFileBytes()
        scalar.input("x", [.symbol("batch"), .fixed(16)])
        scalar.input("k", [])
        scalar.node("Mul", ["x", "k"], ["y"])
        scalar.output("y", [.symbol("batch"), .fixed(16)])
        func x(_ type: ModelInput.ElementType) -> ModelInput {
            ModelInput(name: "x", elementType: type, shape: [.batch, .fixed(16)], values: .uniform)
        }
        let k = ModelInput(
            name: "k", elementType: .float32, shape: [], values: .between(lower: 1, upper: 2))
        for (name, bytes, inputs, batch) in [
            ("half", half, [x(.float16)], nil), ("scalar", scalar, [x(.float32), k], nil),
            ("one", OnnxFileBytes.product(batch: .fixed(1)), [x(.float32)], 1),
        ] as [(String, OnnxFileBytes, [ModelInput], Int?)] {
            let path = "\(folder.path)/\(name).onnx"
            try bytes.write(to: path)
            let file = OnnxFile(path: path, fingerprint: name, inputs: inputs, fixedBatch: batch)
            let model = Model(
                id: ModelID(name), title: "", source: "", kind: .onnx(file),
                latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 50)),
                querySizes: .fixed(8))
            for engine in try engines(in: folder) {
                let session = try ProfilingSession(
                    engine: engine, model: model, threads: 1, workers: 1,
                    batches: model.batches(of: [8]))
                let found = try session.saturate(
                    batch: model.batches(of: [8])[0], seed: 1, duration: Nanoseconds(milliseconds: 20))
                #expect(found.pieces > 0, "\(name) with \(engine.name)")
            }
        }
    }
}
