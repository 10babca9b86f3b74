import CNative
import Vocabulary

/// A model compiled by OpenVINO, with one inference request for each thread.
package final class OpenVINOModel: PreparedModel {
    package let workers: [any InferenceWorker]
    package let warmUpSizes: [Int]
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
    }
}

/// One inference request. A synchronous call runs on the calling thread, which OpenVINO ties to one of its streams,
/// together with that stream's other threads.
package final class OpenVINOWorker: InferenceWorker, @unchecked Sendable {
    // Unchecked: by the protocol, one thread at a time uses a worker.

    private let compiled: CompiledModel
    private let request: OpaquePointer
    private let pool: InputPool
    private let ladder: BatchLadder
    /// For each input of the compiled model, its place in the pool.
    private let inputs: [Int]
    private var windows: InputWindows

    init(
        compiled: CompiledModel, pool: InputPool, ladder: BatchLadder, windows: InputWindows
    ) throws(ProfilingError) {
        var inputs: [Int] = []
        for name in compiled.inputNames {
            guard let place = pool.inputs.firstIndex(where: { $0.name == name }) else { continue }
            inputs.append(place)
        }
        guard inputs.count == compiled.inputNames.count, inputs.count == pool.inputs.count else {
            throw .inputsDiffer(
                model: compiled.model, found: compiled.inputNames, expected: pool.inputs.map(\.name))
        }
        var request: OpaquePointer?
        try compiled.library.check(
            compiled.library.functions.compiled_request(compiled.handle, &request), "making a request",
            model: compiled.model)
        guard let request else {
            throw .engineFailed(
                engine: "openvino", call: "making a request", model: compiled.model, message: "no request")
        }
        self.compiled = compiled
        self.request = request
        self.pool = pool
        self.ladder = ladder
        self.inputs = inputs
        self.windows = windows
    }

    deinit { compiled.library.functions.request_free(request) }

    package func infer(items: Int) throws(ProfilingError) {
        let functions = compiled.library.functions
        let padded = ladder.rung(for: items)
        let first = windows.advance(by: padded)
        for (index, place) in inputs.enumerated() {
            let input = pool.inputs[place]
            var tensor: OpaquePointer?
            let address = pool.address(ofInput: place, item: first)
            var dimensions = input.dimensions(items: padded)
            let status = dimensions.withUnsafeMutableBufferPointer { buffer in
                let shape = cnative_ov_shape(rank: Int64(buffer.count), dimensions: buffer.baseAddress)
                return functions.tensor_over(input.elementType.code, shape, address, &tensor)
            }
            try check(status, "a tensor over \(input.name)")
            defer { functions.tensor_free(tensor) }
            try check(functions.request_set_input(request, index, tensor), "setting \(input.name)")
        }
        try check(functions.request_infer(request), "inference of \(padded) items")
    }

    /// What the last inference computed, output by output, in the order of the graph.
    package func outputs() throws(ProfilingError) -> [[Float]] {
        let functions = compiled.library.functions
        var outputs: [[Float]] = []
        for index in 0..<compiled.outputCount {
            var tensor: OpaquePointer?
            try check(functions.request_output(request, index, &tensor), "output \(index)")
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
        case .int8: Int32(CNATIVE_OV_INT8)
        case .uint8: Int32(CNATIVE_OV_UINT8)
        case .int32: Int32(CNATIVE_OV_INT32)
        case .int64: Int32(CNATIVE_OV_INT64)
        case .bool: Int32(CNATIVE_OV_BOOL)
        }
    }
}
