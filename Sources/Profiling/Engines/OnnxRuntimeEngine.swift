import CNative
import Vocabulary

/// ONNX Runtime on the CPU, in this process, through its C interface.
///
/// Each of the M inference threads has a session of its own with O intra-op threads, the calling one among
/// them: calls into one session share its pool, which would make the O of one thread depend on its
/// neighbours. Sessions map a graph's external weights, so that all of them read the same pages.
public final class OnnxRuntimeEngine: InferenceEngine {
    private let library: OnnxRuntimeLibrary
    private let models: GeneratedModels
    private let seed: UInt64
    private let pools: InputPoolCache

    /// Loads the library.
    /// - Parameters:
    ///   - models: where ONNX files are found or written; they must pool with operators of the standard.
    ///   - seed: of the weights and of the random input.
    ///   - cacheBytes: size of the last-level cache, which random input must outgrow.
    ///   - libraryName: the file that is looked for.
    /// - Precondition: `models.pooling` is `gather`.
    public init(
        models: GeneratedModels, seed: UInt64, cacheBytes: Int = 32 << 20,
        libraryName: String = "libonnxruntime.so"
    ) throws(ProfilingError) {
        precondition(models.pooling == .gather, "only OpenVINO knows the fused pooling operator")
        library = try OnnxRuntimeLibrary(name: libraryName)
        self.models = models
        self.seed = seed
        pools = InputPoolCache(cacheBytes: cacheBytes, seed: seed)
    }

    public var name: String { "onnxruntime" }
    public var version: String { library.version }
    /// It computes in the types that the graph names, whatever the processor.
    public var precisions: [Precision] { [.default, .f32] }
    public var joinsBatches: Bool { true }

    /// In f32 is how it computes by itself, where the graph is in f32.
    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int], precision: Precision
    ) throws(ProfilingError) -> any PreparedModel {
        try requireSupport(of: precision)
        return try prepare(model, threads: threads, workers: workers, batches: batches)
    }

    /// Loads a model M times: tens of milliseconds each, and first the time to write its ONNX file where that
    /// is missing.
    public func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel {
        let ladder = model.ladder(for: batches)
        let pool = pools.pool(
            for: try model.requireInputs(engine: name), windowMax: ladder.rungs.last ?? 1)
        return try prepare(model, threads: threads, workers: workers, ladder: ladder, pool: pool)
    }

    /// The same over input of the caller's choice.
    package func prepare(
        _ model: Model, threads: Int, workers: Int, ladder: BatchLadder, pool: InputPool
    ) throws(ProfilingError) -> OnnxRuntimeModel {
        let path = try models.file(of: model, seed: seed, engine: name)
        var sessions: [OnnxRuntimeWorker] = []
        for index in 0..<threads {
            let session = try OnnxSession(library: library, path: path, model: model.id, threads: workers)
            sessions.append(
                try OnnxRuntimeWorker(
                    session: session, pool: pool, ladder: ladder,
                    windows: InputWindows(items: pool.items, worker: index, workers: threads)))
        }
        return OnnxRuntimeModel(sessions, ladder: ladder)
    }
}

/// A loaded graph with a thread pool of its own.
final class OnnxSession: @unchecked Sendable {
    // Unchecked: by the protocol of workers, one thread at a time uses it.

    let library: OnnxRuntimeLibrary
    let model: ModelID
    let handle: OpaquePointer
    let inputs: [Port]
    let outputs: [String]

    /// What a graph says of one of its inputs.
    struct Port {
        let name: String
        /// By the numbers of the ONNX standard.
        let elementType: Int32
        /// Free dimensions are -1.
        let dimensions: [Int64]
    }

    /// - Parameter threads: that share one call, the calling one among them.
    init(library: OnnxRuntimeLibrary, path: String, model: ModelID, threads: Int) throws(ProfilingError) {
        let functions = library.functions
        var options: OpaquePointer?
        try library.check(functions.options_create(&options), "making options", model)
        defer { functions.options_release(options) }
        try library.check(functions.options_intra_threads(options, Int32(threads)), "intra-op threads", model)
        try library.check(functions.options_inter_threads(options, 1), "inter-op threads", model)
        // Workers that spin between calls take the cores from co-located threads and from the generator.
        try library.check(
            functions.options_entry(options, "session.intra_op.allow_spinning", "0"), "spinning off", model)
        var session: OpaquePointer?
        try library.check(
            functions.session_create(library.environment, path, options, &session), "loading \(path)", model)
        guard let session else {
            throw .engineFailed(
                engine: "onnxruntime", call: "loading \(path)", model: model, message: "no session")
        }
        self.library = library
        self.model = model
        handle = session
        // From here on the initializer must not throw without releasing the handle, which `deinit` does not
        // do then.
        do {
            inputs = try Self.inputs(of: session, library, model)
            outputs = try Self.outputs(of: session, library, model)
        } catch {
            functions.session_release(session)
            throw error
        }
    }

    deinit { library.functions.session_release(handle) }

    private static func inputs(
        of session: OpaquePointer, _ library: OnnxRuntimeLibrary, _ model: ModelID
    ) throws(ProfilingError) -> [Port] {
        let functions = library.functions
        var count = 0
        try library.check(functions.session_input_count(session, &count), "counting inputs", model)
        var ports: [Port] = []
        for index in 0..<count {
            var characters: UnsafeMutablePointer<CChar>?
            try library.check(
                functions.session_input_name(session, index, library.allocator, &characters),
                "name of input \(index)", model)
            let name = try text(characters, library, model)
            var type: OpaquePointer?
            try library.check(functions.session_input_type(session, index, &type), "type of \(name)", model)
            defer { functions.type_release(type) }
            var shape: OpaquePointer?
            try library.check(functions.type_shape(type, &shape), "shape of \(name)", model)
            guard let shape else {
                throw .engineFailed(
                    engine: "onnxruntime", call: "shape of \(name)", model: model,
                    message: "found an input that is no tensor, expected a tensor")
            }
            var (elementType, rank): (Int32, Int) = (0, 0)
            try library.check(functions.shape_element_type(shape, &elementType), "type of \(name)", model)
            try library.check(functions.shape_rank(shape, &rank), "rank of \(name)", model)
            var dimensions = [Int64](repeating: 0, count: rank)
            try library.check(
                functions.shape_dimensions(shape, &dimensions, rank), "shape of \(name)", model)
            ports.append(Port(name: name, elementType: elementType, dimensions: dimensions))
        }
        return ports
    }

    private static func outputs(
        of session: OpaquePointer, _ library: OnnxRuntimeLibrary, _ model: ModelID
    ) throws(ProfilingError) -> [String] {
        let functions = library.functions
        var count = 0
        try library.check(functions.session_output_count(session, &count), "counting outputs", model)
        var names: [String] = []
        for index in 0..<count {
            var characters: UnsafeMutablePointer<CChar>?
            try library.check(
                functions.session_output_name(session, index, library.allocator, &characters),
                "name of output \(index)", model)
            names.append(try text(characters, library, model))
        }
        return names
    }

    /// Takes over a text of the library.
    private static func text(
        _ characters: UnsafeMutablePointer<CChar>?, _ library: OnnxRuntimeLibrary, _ model: ModelID
    ) throws(ProfilingError) -> String {
        guard let characters else { return "" }
        let text = String(cString: characters)
        try library.check(
            library.functions.allocator_free(library.allocator, characters), "freeing a name", model)
        return text
    }
}
