import CNative
import Foundation
import Vocabulary

/// A model loaded by ONNX Runtime, with one session for each thread.
package final class OnnxRuntimeModel: PreparedModel {
    package let workers: [any InferenceWorker]
    package let warmUpSizes: [Int]
    /// The same workers, for who wants to see what they computed.
    package let sessions: [OnnxRuntimeWorker]

    init(_ sessions: [OnnxRuntimeWorker], ladder: BatchLadder) {
        self.sessions = sessions
        workers = sessions
        warmUpSizes = ladder.rungs
    }
}

/// One session and its way through the input.
package final class OnnxRuntimeWorker: InferenceWorker, @unchecked Sendable {
    // Unchecked: by the protocol, one thread at a time uses a worker.

    private let session: OnnxSession
    private let pool: InputPool
    private let ladder: BatchLadder
    /// For each input of the graph, its place in the pool.
    private let places: [Int]
    private var windows: InputWindows
    private let inputNames: [UnsafePointer<CChar>?]
    private let outputNames: [UnsafePointer<CChar>?]
    /// Of the last inference.
    private var results: [OpaquePointer?]

    init(
        session: OnnxSession, pool: InputPool, ladder: BatchLadder, windows: InputWindows
    ) throws(ProfilingError) {
        let places = session.inputs.compactMap { port in
            pool.inputs.firstIndex { $0.name == port.name }
        }
        guard places.count == session.inputs.count, places.count == pool.inputs.count else {
            throw .inputsDiffer(
                model: session.model, found: session.inputs.map(\.name), expected: pool.inputs.map(\.name))
        }
        for (port, place) in zip(session.inputs, places) where !pool.inputs[place].fits(port) {
            throw .inputsDiffer(
                model: session.model, found: [port.text], expected: [pool.inputs[place].text])
        }
        self.session = session
        self.pool = pool
        self.ladder = ladder
        self.places = places
        self.windows = windows
        inputNames = session.inputs.map { UnsafePointer(strdup($0.name)) }
        outputNames = session.outputs.map { UnsafePointer(strdup($0)) }
        results = Array(repeating: nil, count: session.outputs.count)
    }

    deinit {
        release()
        for name in inputNames + outputNames { free(UnsafeMutablePointer(mutating: name)) }
    }

    package func infer(items: Int) throws(ProfilingError) {
        let functions = session.library.functions
        let padded = ladder.rung(for: items)
        let first = windows.advance(by: padded)
        release()
        var values: [OpaquePointer?] = []
        values.reserveCapacity(places.count)
        defer {
            for value in values { functions.value_release(value) }
        }
        for place in places {
            let input = pool.inputs[place]
            let dimensions = input.dimensions(items: padded)
            let bytes = input.bytesPerItem * (input.hasBatch ? padded : 1)
            var value: OpaquePointer?
            try session.library.check(
                functions.value_over(
                    session.library.memory, pool.address(ofInput: place, item: first), bytes, dimensions,
                    dimensions.count, input.elementType.onnxCode, &value),
                "a tensor over \(input.name)", session.model)
            values.append(value)
        }
        try session.library.check(
            functions.session_run(
                session.handle, nil, inputNames, values, values.count, outputNames, outputNames.count,
                &results),
            "inference of \(padded) items", session.model)
    }

    /// What the last inference computed, output by output, in the order of the graph.
    /// - Precondition: outputs are of 32-bit floats.
    package func outputs() throws(ProfilingError) -> [[Float]] {
        let functions = session.library.functions
        var outputs: [[Float]] = []
        for (index, result) in results.enumerated() {
            var (shape, count): (OpaquePointer?, Int) = (nil, 0)
            try session.library.check(
                functions.value_shape(result, &shape), "shape of output \(index)", session.model)
            defer { functions.shape_release(shape) }
            try session.library.check(
                functions.shape_elements(shape, &count), "size of output \(index)", session.model)
            var data: UnsafeMutableRawPointer?
            try session.library.check(
                functions.value_data(result, &data), "data of output \(index)", session.model)
            guard let data else { continue }
            outputs.append(
                Array(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count)))
        }
        return outputs
    }

    /// The shapes of what the last inference computed, in the order of the graph. Of a sequence, as classical
    /// classifiers give, it is the number of its values.
    package func outputShapes() throws(ProfilingError) -> [OutputShape]? {
        let functions = session.library.functions
        var shapes: [OutputShape] = []
        for (name, result) in zip(session.outputs, results) {
            var isTensor: Int32 = 0
            try session.library.check(
                functions.value_is_tensor(result, &isTensor), "kind of output \(name)", session.model)
            guard isTensor == 1 else {
                var count = 0
                try session.library.check(
                    functions.value_count(result, &count), "size of output \(name)", session.model)
                shapes.append(OutputShape(name: name, dimensions: [count]))
                continue
            }
            var shape: OpaquePointer?
            try session.library.check(
                functions.value_shape(result, &shape), "shape of output \(name)", session.model)
            defer { functions.shape_release(shape) }
            var rank = 0
            try session.library.check(
                functions.shape_rank(shape, &rank), "rank of output \(name)", session.model)
            var dimensions = [Int64](repeating: 0, count: rank)
            try session.library.check(
                functions.shape_dimensions(shape, &dimensions, rank), "shape of output \(name)",
                session.model)
            shapes.append(OutputShape(name: name, dimensions: dimensions.map { Int($0) }))
        }
        return shapes
    }

    private func release() {
        for index in results.indices {
            if let result = results[index] { session.library.functions.value_release(result) }
            results[index] = nil
        }
    }
}

extension ModelInput {
    /// Whether the graph takes such a tensor: same type and rank, and every size it fixes as it is here. A
    /// batch that it fixes is the ladder's matter.
    fileprivate func fits(_ port: OnnxSession.Port) -> Bool {
        elementType.onnxCode == port.elementType && shape.count == port.dimensions.count
            && zip(shape, port.dimensions).allSatisfy { own, graph in
                switch own {
                case .batch: true
                case .fixed(let size): graph < 0 || graph == Int64(size)
                }
            }
    }

    fileprivate var text: String {
        let sizes = shape.map { dimension in
            if case .fixed(let size) = dimension { "\(size)" } else { "batch" }
        }
        return "\(name): \(elementType.rawValue)[\(sizes.joined(separator: ", "))]"
    }
}

extension OnnxSession.Port {
    fileprivate var text: String {
        let type = ModelInput.ElementType.allCases.first { $0.onnxCode == elementType }
        let sizes = dimensions.map { $0 < 0 ? "free" : "\($0)" }
        return "\(name): \(type?.rawValue ?? "type \(elementType)")[\(sizes.joined(separator: ", "))]"
    }
}

extension ModelInput.ElementType {
    /// The number of this type in the ONNX standard.
    fileprivate var onnxCode: Int32 {
        switch self {
        case .float32: Int32(CNATIVE_ORT_FLOAT32)
        case .float64: Int32(CNATIVE_ORT_FLOAT64)
        case .float16: Int32(CNATIVE_ORT_FLOAT16)
        case .int8: Int32(CNATIVE_ORT_INT8)
        case .uint8: Int32(CNATIVE_ORT_UINT8)
        case .int32: Int32(CNATIVE_ORT_INT32)
        case .int64: Int32(CNATIVE_ORT_INT64)
        case .bool: Int32(CNATIVE_ORT_BOOL)
        }
    }
}
