import Foundation
import Profiling
import Quantities
import Testing
import Vocabulary

/// What the generator's numpy computes for a few items.
private struct Reference: Decodable {
    var items: Int
    var inputs: [String: [Double]]
    var outputs: [String: [Double]]

    init(path: String) throws {
        self = try JSONDecoder().decode(
            Reference.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

@Suite("OpenVINO", .serialized)
struct OpenVINOTests {
    private static let seed: UInt64 = 11
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        "Every architecture computes what numpy computes, at any batch size",
        arguments: TinyModels.all + TinyModels.unusual)
    func agreesWithNumpy(model: Model) throws {
        try compare(model, pooling: .bag)
    }

    @Test("Both ways of pooling give the same sums", arguments: [TinyModels.all[0], TinyModels.all[6]])
    func standardPooling(model: Model) throws {
        try compare(model, pooling: .gather)
    }

    private func compare(_ model: Model, pooling: GeneratedModels.Pooling) throws {
        let models = GeneratedModels(directory: directory.path, pooling: pooling)
        let items = 40
        let reference = try Reference(path: models.reference(of: model, seed: Self.seed, items: items))
        let engine = try OpenVINOEngine(models: models, seed: Self.seed)
        let inputs = try #require(model.inputs)
        let pool = InputPool(
            inputs: inputs, items: items, values: try inputs.map { try #require(reference.inputs[$0.name]) })
        let prepared = try engine.prepare(
            model, threads: 2, workers: 2, ladder: BatchLadder(batches: [items]), pool: pool,
            precision: .f32)
        #expect(prepared.warmUpSizes.last == items)
        // The second worker starts in the middle of the pool; whole batches wrap to its beginning.
        for worker in prepared.requests {
            for size in [items, 1, items, 7, items] {
                try worker.infer(items: size)
                let outputs = try worker.outputs()
                let names = reference.outputs.keys.sorted()
                #expect(outputs.count == names.count)
                for (name, output) in zip(names, outputs) {
                    let expected = try #require(reference.outputs[name])
                    let width = expected.count / items
                    #expect(output.count == size * width)
                    guard size == items else { continue }
                    let difference = zip(output, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
                    #expect(difference < 1e-5, "\(name) of \(model.id) is off by \(difference)")
                    // Sigmoids that all saturate would agree however wrong the rest is.
                    #expect((expected.max() ?? 0) - (expected.min() ?? 0) > 1e-3)
                }
            }
        }
    }

    @Test("A small model agrees with arithmetic done here, from the bytes of its weight file")
    func agreesWithSwift() throws {
        let model = TinyModels.model(
            "small", dense: (4, [3]), tables: [TinyModels.tables(2, rows: 5, dimension: 2, lookups: 3)],
            predict: [1])
        let models = GeneratedModels(directory: directory.path)
        let path = try models.file(of: model, seed: Self.seed)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path + ".data"))
        // Weights stand in the order of the graph, each from a new page on.
        func page(_ number: Int, count: Int) -> [Double] {
            (0..<count).map { index in
                bytes.withUnsafeBytes {
                    Double($0.loadUnaligned(fromByteOffset: number * 4096 + index * 4, as: Float.self))
                }
            }
        }
        let (denseWeight, denseBias) = (page(0, count: 12), page(1, count: 3))
        let table = page(2, count: 20)
        let (weight, bias) = (page(3, count: 7), page(4, count: 1))
        let dense = [0.25, -1.5, 3, 0.125]
        let rows = [4, 0, 4, 5 + 2, 5 + 2, 5 + 3]

        var features: [Double] = []
        for column in 0..<3 {
            var sum = denseBias[column]
            for row in 0..<4 { sum += dense[row] * denseWeight[row * 3 + column] }
            features.append(max(0, sum))
        }
        for bag in [rows[0..<3], rows[3..<6]] {
            for column in 0..<2 {
                var sum = 0.0
                for row in bag { sum += table[row * 2 + column] }
                features.append(sum)
            }
        }
        var sum: Double = bias[0]
        for index in 0..<7 { sum += features[index] * weight[index] }
        let expected = 1 / (1 + exp(-sum))

        let engine = try OpenVINOEngine(models: models, seed: Self.seed)
        let pool = InputPool(
            inputs: try #require(model.inputs), items: 1, values: [dense, rows.map(Double.init)])
        let prepared = try engine.prepare(
            model, threads: 1, workers: 1, ladder: BatchLadder(batches: [1]), pool: pool,
            precision: .f32)
        try prepared.requests[0].infer(items: 1)
        let output = try #require(try prepared.requests[0].outputs().first?.first)
        #expect(abs(Double(output) - expected) < 1e-6)
    }

    @Test("Remainder pieces are padded to the next rung")
    func padding() throws {
        let model = TinyModels.all[3]
        let engine = try OpenVINOEngine(models: GeneratedModels(directory: directory.path), seed: Self.seed)
        let ladder = BatchLadder(batches: [100])
        let pool = InputPool(
            drawing: try #require(model.inputs), windowMax: 100, cacheBytes: 1 << 20, seed: 1)
        let prepared = try engine.prepare(model, threads: 1, workers: 1, ladder: ladder, pool: pool)
        for items in [1, 9, 33, 97, 100] {
            try prepared.requests[0].infer(items: items)
            #expect(try prepared.requests[0].outputs()[0].count == 64 * ladder.rung(for: items))
        }
    }

    @Test("The engine names itself, and a broken file is an error that names the model")
    func errors() throws {
        let models = GeneratedModels(directory: directory.path)
        let engine = try OpenVINOEngine(models: models, seed: Self.seed)
        #expect(engine.name == "openvino")
        #expect(engine.version.first?.isNumber == true)
        let model = TinyModels.all[3]
        let path = try models.file(of: model, seed: Self.seed)
        // The graph is whole, its weights are gone.
        try Data().write(to: URL(fileURLWithPath: path + ".data"))
        let error = #expect(throws: ProfilingError.self) {
            try engine.prepare(model, threads: 1, workers: 1, batches: [8])
        }
        #expect(error?.description.contains("model ncf") == true)
        #expect(error?.description.contains(path) == true)
    }

    @Test("Input of another model is refused")
    func otherInputs() throws {
        let engine = try OpenVINOEngine(models: GeneratedModels(directory: directory.path), seed: Self.seed)
        let error = #expect(throws: ProfilingError.self) {
            try engine.prepare(
                TinyModels.all[3], threads: 1, workers: 1, ladder: BatchLadder(batches: [8]),
                pool: InputPool(
                    drawing: try #require(TinyModels.all[4].inputs), windowMax: 8, cacheBytes: 1 << 20,
                    seed: 1))
        }
        #expect(
            error
                == .inputsDiffer(
                    model: "ncf", found: ["indices_0", "indices_1"], expected: ["dense", "indices_0"]))
    }

    @Test("A missing library is an error that says how to install it")
    func missingLibrary() {
        let error = #expect(throws: ProfilingError.self) {
            try OpenVINOEngine(
                models: GeneratedModels(directory: directory.path), seed: 1,
                libraryName: "libopenvino-that-nobody-has.so")
        }
        #expect(error?.description.contains("libopenvino-that-nobody-has.so") == true)
        #expect(error?.description.contains("Scripts/setup") == true)
    }

    @Test("A library without the interface is refused by the name of what it lacks")
    func wrongLibrary() {
        let error = #expect(throws: ProfilingError.self) {
            try OpenVINOEngine(
                models: GeneratedModels(directory: directory.path), seed: 1, libraryName: "libm.so.6")
        }
        #expect(error?.description.contains("ov_get_openvino_version") == true)
    }

    @Test("The ladder's rungs are few, and pad a remainder by at most a quarter")
    func ladder() {
        let batches = [32, 100, 512]
        let ladder = BatchLadder(batches: batches)
        #expect(Set(batches).isSubset(of: ladder.rungs))
        #expect(ladder.rungs.count <= 36)
        #expect(ladder.rungs == ladder.rungs.sorted())
        for items in 1...512 {
            let rung = ladder.rung(for: items)
            #expect(rung == ladder.rungs.first { $0 >= items })
            #expect(Double(rung) <= 1.25 * Double(items))
        }
        #expect(ladder.rung(for: 700) == 700)
        #expect(BatchLadder(batches: [1]).rungs == [1])
    }
}
