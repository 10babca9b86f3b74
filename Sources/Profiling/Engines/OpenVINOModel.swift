import CNative
import Vocabulary

/// A model compiled by OpenVINO, with one inference request for each thread.
package final class OpenVINOModel: PreparedModel {
    package let workers: [any InferenceWorker]
    package let warmUpSizes: [Int]
    package let inferencePrecision: String?
    /// The same workers, for who wants to see what they computed.
    package let requests: [OpenVINOWorker]

    init(
        compiled: CompiledModel, pool: InputPool, ladder: BatchLadder, threads: Int
    ) throws(ProfilingError) {
        var requests: [OpenVINOWorker] = []
        for index in 0..<threads {
            requests.append(
                try OpenVINOWorker(
                    compiled: compiled, pool: pool, ladder: ladder,
                    windows: InputWindows(items: pool.items, worker: index, workers: threads)))
        }
        self.requests = requests
        workers = requests
        warmUpSizes = ladder.rungs
        inferencePrecision = compiled.precision
    }
}

/// One inference request over the input pool.
package final class OpenVINOWorker: InferenceWorker, @unchecked Sendable {
    // Unchecked: by the protocol, one thread at a time uses a worker.

    private let request: OpenVINORequest
    private let pool: InputPool
    private let ladder: BatchLadder
    /// For each input of the compiled model, its place in the pool.
    private let inputs: [Int]
    private var windows: InputWindows

    init(
        compiled: CompiledModel, pool: InputPool, ladder: BatchLadder, windows: InputWindows
    ) throws(ProfilingError) {
        inputs = compiled.inputNames.compactMap { name in pool.inputs.firstIndex { $0.name == name } }
        guard inputs.count == compiled.inputNames.count, inputs.count == pool.inputs.count else {
            throw .inputsDiffer(
                model: compiled.model, found: compiled.inputNames, expected: pool.inputs.map(\.name))
        }
        request = try OpenVINORequest(compiled)
        self.pool = pool
        self.ladder = ladder
        self.windows = windows
    }

    package func infer(items: Int) throws(ProfilingError) {
        let padded = ladder.rung(for: items)
        let first = windows.advance(by: padded)
        for (index, place) in inputs.enumerated() {
            try request.set(
                .input, index, to: pool.inputs[place], items: padded,
                at: pool.address(ofInput: place, item: first))
        }
        try request.infer(items: padded)
    }

    /// What the last inference computed, output by output, in the order of the graph.
    package func outputs() throws(ProfilingError) -> [[Float]] { try request.outputs() }

    package func outputShapes() throws(ProfilingError) -> [OutputShape]? { try request.outputShapes() }
}

/// An inference request whose tensors lie in memory of the caller's. A synchronous call runs on the calling
/// thread, which OpenVINO ties to one of the compiled model's streams, together with that stream's other
/// threads.
final class OpenVINORequest: @unchecked Sendable {
    // Unchecked: by the protocol of workers, one thread at a time uses a request.

    /// Which of the model's tensors.
    enum Side { case input, output }

    private let compiled: CompiledModel
    private let handle: OpaquePointer

    init(_ compiled: CompiledModel) throws(ProfilingError) {
        var request: OpaquePointer?
        try compiled.library.check(
            compiled.library.functions.compiled_request(compiled.handle, &request), "making a request",
            model: compiled.model)
        guard let request else {
            throw .engineFailed(
                engine: "openvino", call: "making a request", model: compiled.model, message: "no request")
        }
        self.compiled = compiled
        handle = request
    }

    deinit { compiled.library.functions.request_free(handle) }

    /// Makes the request read an input from, or write an output to, memory that outlives the next inference.
    func set(
        _ side: Side, _ index: Int, to input: ModelInput, items: Int, at address: UnsafeMutableRawPointer
    ) throws(ProfilingError) {
        let functions = compiled.library.functions
        var tensor: OpaquePointer?
        var dimensions = input.dimensions(items: items)
        let status = dimensions.withUnsafeMutableBufferPointer { buffer in
            let shape = cnative_ov_shape(rank: Int64(buffer.count), dimensions: buffer.baseAddress)
            return functions.tensor_over(input.elementType.code, shape, address, &tensor)
        }
        try check(status, "a tensor over \(input.name)")
        defer { functions.tensor_free(tensor) }
        let isSet =
            side == .input
            ? functions.request_set_input(handle, index, tensor)
            : functions.request_set_output(handle, index, tensor)
        try check(isSet, "setting \(input.name)")
    }

    func infer(items: Int) throws(ProfilingError) {
        try check(compiled.library.functions.request_infer(handle), "inference of \(items) items")
    }

    /// What the last inference computed, output by output, in the order of the graph.
    /// - Precondition: outputs are of 32-bit floats.
    func outputs() throws(ProfilingError) -> [[Float]] {
        let functions = compiled.library.functions
        var outputs: [[Float]] = []
        for index in compiled.outputNames.indices {
            var tensor: OpaquePointer?
            try check(functions.request_output(handle, index, &tensor), "output \(index)")
            defer { functions.tensor_free(tensor) }
            var count = 0
            try check(functions.tensor_size(tensor, &count), "size of output \(index)")
            var data: UnsafeMutableRawPointer?
            try check(functions.tensor_data(tensor, &data), "data of output \(index)")
            guard let data else { continue }
            outputs.append(
                Array(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count)))
        }
        return outputs
    }

    /// The shapes of what the last inference computed, in the order of the graph.
    func outputShapes() throws(ProfilingError) -> [OutputShape] {
        let functions = compiled.library.functions
        var shapes: [OutputShape] = []
        for (index, name) in compiled.outputNames.enumerated() {
            var tensor: OpaquePointer?
            try check(functions.request_output(handle, index, &tensor), "output \(index)")
            defer { functions.tensor_free(tensor) }
            var shape = cnative_ov_shape(rank: 0, dimensions: nil)
            try check(functions.tensor_shape(tensor, &shape), "shape of output \(index)")
            defer { _ = functions.shape_free(&shape) }
            let dimensions = UnsafeBufferPointer(start: shape.dimensions, count: Int(shape.rank))
            shapes.append(OutputShape(name: name, dimensions: dimensions.map { Int($0) }))
        }
        return shapes
    }

    private func check(_ status: Int32, _ call: @autoclosure () -> String) throws(ProfilingError) {
        guard status != CNATIVE_OV_OK else { return }
        try compiled.library.check(status, call(), model: compiled.model)
    }
}

extension ModelInput.ElementType {
    /// The number of this type in OpenVINO's C interface.
    fileprivate var code: Int32 {
        switch self {
        case .float32: Int32(CNATIVE_OV_FLOAT32)
        case .float64: Int32(CNATIVE_OV_FLOAT64)
        case .float16: Int32(CNATIVE_OV_FLOAT16)
        case .int8: Int32(CNATIVE_OV_INT8)
        case .uint8: Int32(CNATIVE_OV_UINT8)
        case .int32: Int32(CNATIVE_OV_INT32)
        case .int64: Int32(CNATIVE_OV_INT64)
        case .bool: Int32(CNATIVE_OV_BOOL)
        }
    }
}
