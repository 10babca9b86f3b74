import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

@Suite("ONNX Runtime", .serialized)
struct OnnxRuntimeTests {
    private static let seed: UInt64 = 11
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func engine() throws -> OnnxRuntimeEngine {
        try OnnxRuntimeEngine(
            models: GeneratedModels(directory: directory.path, pooling: .gather), seed: Self.seed)
    }

    @Test(
        "It computes what OpenVINO computes, over the same weights and the same input",
        arguments: [0, 3, 5, 6, 7].map { TinyModels.all[$0] } + TinyModels.unusual.prefix(2))
    func agreesWithOpenVINO(model: Model) throws {
        let items = 24
        let ladder = BatchLadder(batches: [items])
        let pool = InputPool(inputs: try #require(model.inputs), items: 2 * 64, seed: 3)
        let first = try engine().prepare(model, threads: 2, workers: 2, ladder: ladder, pool: pool)
        let second = try OpenVINOEngine(
            models: GeneratedModels(directory: directory.path, pooling: .gather), seed: Self.seed
        ).prepare(model, threads: 2, workers: 2, ladder: ladder, pool: pool, precision: .f32)
        #expect(first.warmUpSizes == second.warmUpSizes)
        // Several calls: windows must move on alike, and outputs of the call before must be let go.
        for (one, other) in zip(first.sessions, second.requests) {
            for size in [items, 1, 7, items] {
                try one.infer(items: size)
                try other.infer(items: size)
                let (left, right) = (try one.outputs(), try other.outputs())
                #expect(left.map(\.count) == right.map(\.count))
                let values = left.flatMap { $0 }
                let difference = zip(values, right.flatMap { $0 }).map { abs($0 - $1) }.max() ?? .infinity
                #expect(difference < 1e-5, "\(model.id) is off by \(difference)")
                // Sigmoids that all saturate would agree however wrong the rest is.
                #expect(size == 1 || (values.max() ?? 0) - (values.min() ?? 0) > 1e-4)
            }
        }
    }

    @Test("The engine names itself, and its options reach the library")
    func names() throws {
        let engine = try engine()
        #expect(engine.name == "onnxruntime")
        #expect(engine.version.hasPrefix("1."))
    }

    @Test("Threads share one file: it is loaded once for each, and each has its own input")
    func threads() throws {
        let prepared = try engine().prepare(TinyModels.all[3], threads: 3, workers: 1, batches: [8])
        #expect(prepared.workers.count == 3)
        for worker in prepared.workers { try worker.infer(items: 5) }
    }

    @Test("A broken file is an error with the library's own words and the model's name")
    func brokenFile() throws {
        let models = GeneratedModels(directory: directory.path, pooling: .gather)
        let model = TinyModels.all[3]
        let path = try models.file(of: model, seed: Self.seed)
        try Data("not a graph".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ProfilingError.self) {
            try engine().prepare(model, threads: 1, workers: 1, batches: [8])
        }
        #expect(error?.description.contains("model ncf") == true)
        #expect(error?.description.contains("onnxruntime: loading \(path)") == true)
        #expect(error?.description.lowercased().contains("protobuf") == true)
    }

    @Test("Input of another model, and of another type, is refused by name")
    func otherInputs() throws {
        let other = try #require(TinyModels.all[4].inputs)
        let names = #expect(throws: ProfilingError.self) {
            try engine().prepare(
                TinyModels.all[3], threads: 1, workers: 1, ladder: BatchLadder(batches: [8]),
                pool: InputPool(inputs: other, items: 64, seed: 1))
        }
        #expect(
            names
                == .inputsDiffer(
                    model: "ncf", found: ["indices_0", "indices_1"], expected: ["dense", "indices_0"]))
        let wide = ["indices_0", "indices_1"].map {
            ModelInput(
                name: $0, elementType: .int64, width: 2, values: .tableRows(rows: 140, lookups: 1))
        }
        let types = #expect(throws: ProfilingError.self) {
            try engine().prepare(
                TinyModels.all[3], threads: 1, workers: 1, ladder: BatchLadder(batches: [8]),
                pool: InputPool(inputs: wide, items: 64, seed: 1))
        }
        #expect(
            types
                == .inputsDiffer(
                    model: "ncf", found: ["indices_0: int32[free, 2]"],
                    expected: ["indices_0: int64[batch, 2]"]))
    }

    @Test("A missing library, and one without the interface, are refused by name")
    func libraries() {
        let models = GeneratedModels(directory: directory.path, pooling: .gather)
        let missing = #expect(throws: ProfilingError.self) {
            try OnnxRuntimeEngine(models: models, seed: 1, libraryName: "libonnxruntime-that-nobody-has.so")
        }
        #expect(missing?.description.contains("libonnxruntime-that-nobody-has.so") == true)
        #expect(missing?.description.contains("Scripts/setup") == true)
        let wrong = #expect(throws: ProfilingError.self) {
            try OnnxRuntimeEngine(models: models, seed: 1, libraryName: "libm.so.6")
        }
        #expect(wrong?.description.contains("OrtGetApiBase") == true)
    }

    @Test("A model that somebody else serves cannot be run in this process")
    func endpoint() throws {
        let served = Model(
            id: "chat", title: "", source: "",
            kind: .endpoint(
                ServedModel(servedName: "chat", payload: .text(prompt: .fixed(8), output: .fixed(8)))),
            latencyTarget: TinyModels.all[0].latencyTarget, querySizes: .fixed(1))
        let error = #expect(throws: ProfilingError.self) {
            try engine().prepare(served, threads: 1, workers: 1, batches: [1])
        }
        #expect(
            error?.description
                == "model chat: found a model behind an endpoint, expected a model with input tensors, "
                + "which onnxruntime runs")
    }
}
