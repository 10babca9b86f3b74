import CNative
import Foundation
import Vocabulary

/// OpenVINO on the CPU, in this process, through its C interface.
///
/// A schedule's M and O become `NUM_STREAMS = M` and `INFERENCE_NUM_THREADS = M x O`. All M requests share
/// one copy of the weights, which stays mapped from the ONNX file's external data.
public final class OpenVINOEngine: PipelinedEngine, @unchecked Sendable {
    // Unchecked: the core is thread-safe by its documentation.

    private let library: OpenVINOLibrary
    private let core: OpaquePointer
    private let models: GeneratedModels
    private let seed: UInt64
    private let pools: InputPoolCache

    /// Loads the library.
    /// - Parameters:
    ///   - models: where ONNX files are found or written.
    ///   - seed: of the weights and of the random input.
    ///   - cacheBytes: size of the last-level cache, which random input must outgrow.
    ///   - repeatsInput: whether every query reads the same input, whose rows then lie in the cache.
    ///   - libraryName: the file that is looked for.
    public init(
        models: GeneratedModels, seed: UInt64, cacheBytes: Int = 32 << 20,
        repeatsInput: Bool = false,
        libraryName: String = "libopenvino_c.so"
    ) throws(ProfilingError) {
        library = try OpenVINOLibrary(name: libraryName)
        self.models = models
        self.seed = seed
        pools = InputPoolCache(cacheBytes: cacheBytes, repeatsWindow: repeatsInput, seed: seed)
        var created: OpaquePointer?
        try library.check(library.functions.core_create(&created), "core_create", model: "-")
        guard let created else {
            throw .engineFailed(engine: "openvino", call: "core_create", model: "-", message: "no core")
        }
        core = created
    }

    deinit { library.functions.core_free(core) }

    public var name: String { "openvino" }
    public var version: String { library.version }

    /// What the processor lacks, the runtime replaces; that is refused once it is seen. There is no setting
    /// for int8: a graph that was quantised computes so by itself.
    public var precisions: [Precision] { [.default, .f32, .bf16, .f16] }
    public var joinsBatches: Bool { true }

    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel {
        try prepare(model, threads: threads, workers: workers, batches: batches, precision: .default)
    }

    /// Compiles a model: 30 to 150 ms, and first the time to write its ONNX file where that is missing.
    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int], precision: Precision
    ) throws(ProfilingError) -> any PreparedModel {
        let ladder = model.ladder(for: batches)
        let pool = pools.pool(
            for: try model.requireInputs(engine: name), windowMax: ladder.rungs.last ?? 1)
        return try prepare(
            model, threads: threads, workers: workers, ladder: ladder, pool: pool, precision: precision)
    }

    /// The same over input of the caller's choice.
    package func prepare(
        _ model: Model, threads: Int, workers: Int, ladder: BatchLadder, pool: InputPool,
        precision: Precision = .default
    ) throws(ProfilingError) -> OpenVINOModel {
        try requireSupport(of: precision)
        let path = try models.file(of: model, seed: seed, engine: name)
        let compiled = try CompiledModel(
            library: library, core: core, path: path, model: model.id,
            properties: Self.properties(threads: threads, workers: workers, precision))
        try compiled.require(precision, of: precisions)
        return try OpenVINOModel(compiled: compiled, pool: pool, ladder: ladder, threads: threads)
    }

    /// Compiles both parts of a model, each with streams and threads of its own.
    public func prepare(
        _ model: Model, sparse: ThreadSchedule.ThreadGroup, dense: ThreadSchedule.ThreadGroup,
        batches: [Int], precision: Precision
    ) throws(ProfilingError) -> any PipelinedModel {
        let ladder = model.ladder(for: batches)
        let pool = pools.pool(
            for: try model.requireInputs(engine: name), windowMax: ladder.rungs.last ?? 1)
        return try prepare(
            model, sparse: sparse, dense: dense, ladder: ladder, pool: pool, precision: precision)
    }

    /// The same over input of the caller's choice.
    package func prepare(
        _ model: Model, sparse: ThreadSchedule.ThreadGroup, dense: ThreadSchedule.ThreadGroup,
        ladder: BatchLadder, pool: InputPool, precision: Precision = .default
    ) throws(ProfilingError) -> OpenVINOPipeline {
        let paths = try models.parts(of: model, seed: seed, engine: name)
        func compiled(
            _ path: String, _ group: ThreadSchedule.ThreadGroup
        ) throws(ProfilingError) -> CompiledModel {
            let compiled = try CompiledModel(
                library: library, core: core, path: path, model: model.id,
                properties: Self.properties(threads: group.threads, workers: group.workers, precision))
            try compiled.require(precision, of: precisions)
            return compiled
        }
        try requireSupport(of: precision)
        return try OpenVINOPipeline(
            sparse: (sparse, try compiled(paths.sparse, sparse)),
            dense: (dense, try compiled(paths.dense, dense)), tensors: model.splitTensors ?? [],
            pool: pool, ladder: ladder)
    }

    private static func properties(
        threads: Int, workers: Int, _ precision: Precision
    ) -> [(key: String, value: String)] {
        // By default the runtime takes what is fastest on the processor, bfloat16 where it has units for it:
        // that is what people deploy.
        let precisions =
            precision == .default ? [] : [(CompiledModel.precisionKey, precision.rawValue)]
        return precisions + [
            ("NUM_STREAMS", "\(threads)"),
            ("INFERENCE_NUM_THREADS", "\(threads * workers)"),
            // A pinned thread waits for its core even while others idle: on cores shared with other programs
            // that costs more than the caches it keeps warm.
            ("ENABLE_CPU_PINNING", "NO"),
        ]
    }
}

/// A compiled model and the order of its inputs.
final class CompiledModel: @unchecked Sendable {
    // Unchecked: immutable after the initializer; the library lets several threads make requests.

    let library: OpenVINOLibrary
    let model: ModelID
    let handle: OpaquePointer
    let inputNames: [String]
    let outputNames: [String]
    /// In which it computes, as the library names it; nil where it does not say.
    let precision: String?
    static let precisionKey = "INFERENCE_PRECISION_HINT"

    init(
        library: OpenVINOLibrary, core: OpaquePointer, path: String, model: ModelID,
        properties: [(key: String, value: String)]
    ) throws(ProfilingError) {
        let functions = library.functions
        var read: OpaquePointer?
        try library.check(functions.model_read(core, path, nil, &read), "reading \(path)", model: model)
        defer { functions.model_free(read) }
        let strings = properties.map { (key: strdup($0.key), value: strdup($0.value)) }
        defer {
            for string in strings {
                free(string.key)
                free(string.value)
            }
        }
        let list = strings.map { cnative_ov_property(key: $0.key, value: $0.value) }
        var compiled: OpaquePointer?
        try library.check(
            functions.model_compile(core, read, "CPU", list.count, list, &compiled), "compiling \(path)",
            model: model)
        guard let compiled else {
            throw .engineFailed(
                engine: "openvino", call: "compiling \(path)", model: model, message: "no model")
        }
        self.library = library
        self.model = model
        handle = compiled
        precision = Self.property(Self.precisionKey, of: compiled, library)
        // From here on the initializer must not throw without freeing the handle, which `deinit` does not do
        // then.
        do {
            inputNames = try Self.names(
                of: compiled, "input", functions.compiled_input_count, functions.compiled_input, library,
                model)
            outputNames = try Self.names(
                of: compiled, "output", functions.compiled_output_count, functions.compiled_output, library,
                model)
        } catch {
            functions.compiled_free(compiled)
            throw error
        }
    }

    deinit { library.functions.compiled_free(handle) }

    /// - Throws: `precisionNotSupported` where it computes in another than was asked for: a processor without
    ///   units for it is not measured under its name.
    func require(_ asked: Precision, of precisions: [Precision]) throws(ProfilingError) {
        guard asked != .default, let precision, precision != asked.rawValue else { return }
        throw .precisionNotSupported(
            engine: "openvino", asked: asked, found: "\(precision) on this processor",
            expected: precisions.filter { $0 != asked })
    }

    private static func property(
        _ key: String, of compiled: OpaquePointer, _ library: OpenVINOLibrary
    ) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard library.functions.compiled_property(compiled, key, &value) == CNATIVE_OV_OK, let value else {
            return nil
        }
        defer { library.functions.text_free(value) }
        return String(cString: value)
    }

    private static func names(
        of compiled: OpaquePointer, _ kind: String,
        _ count: (OpaquePointer?, UnsafeMutablePointer<Int>?) -> Int32,
        _ port: (OpaquePointer?, Int, UnsafeMutablePointer<OpaquePointer?>?) -> Int32,
        _ library: OpenVINOLibrary, _ model: ModelID
    ) throws(ProfilingError) -> [String] {
        let functions = library.functions
        var found = 0
        try library.check(count(compiled, &found), "counting \(kind)s", model: model)
        var names: [String] = []
        for index in 0..<found {
            var handle: OpaquePointer?
            try library.check(port(compiled, index, &handle), "\(kind) \(index)", model: model)
            defer { functions.port_free(handle) }
            var name: UnsafeMutablePointer<CChar>?
            try library.check(functions.port_name(handle, &name), "name of \(kind) \(index)", model: model)
            defer { functions.text_free(name) }
            names.append(name.map { String(cString: $0) } ?? "")
        }
        return names
    }
}
