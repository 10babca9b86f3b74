import Vocabulary

/// The two parts of a model compiled by OpenVINO, with one inference request for each thread of either group.
///
/// The sparse part writes its outputs right into the memory that the dense part reads: nothing is copied in
/// between.
package final class OpenVINOPipeline: PipelinedModel {
    package let sparse: ThreadSchedule.ThreadGroup
    package let dense: ThreadSchedule.ThreadGroup
    package let sparseWorkers: [any SparseWorker]
    package let denseWorkers: [any DenseWorker]
    package let warmUpSizes: [Int]
    package let inferencePrecision: String?
    /// The dense workers, for who wants to see what they computed.
    package let requests: [OpenVINODenseWorker]
    private let memory: PooledSlots

    package var slots: Int { memory.count }

    /// - Parameters:
    ///   - tensors: between the parts.
    ///   - pool: input of the whole model.
    init(
        sparse: (group: ThreadSchedule.ThreadGroup, compiled: CompiledModel),
        dense: (group: ThreadSchedule.ThreadGroup, compiled: CompiledModel), tensors: [ModelInput],
        pool: InputPool, ladder: BatchLadder
    ) throws(ProfilingError) {
        let memory = PooledSlots(
            tensors, count: PooledSlots.count(sparse.group, dense.group), itemsMax: ladder.rungs.last ?? 1)
        var sparseWorkers: [any SparseWorker] = []
        for index in 0..<sparse.group.threads {
            sparseWorkers.append(
                try OpenVINOSparseWorker(
                    sparse.compiled, memory, pool, ladder,
                    InputWindows(items: pool.items, worker: index, workers: sparse.group.threads)))
        }
        var requests: [OpenVINODenseWorker] = []
        for _ in 0..<dense.group.threads {
            requests.append(try OpenVINODenseWorker(dense.compiled, memory, pool, ladder))
        }
        self.sparse = sparse.group
        self.dense = dense.group
        self.sparseWorkers = sparseWorkers
        self.requests = requests
        self.memory = memory
        denseWorkers = requests
        warmUpSizes = ladder.rungs
        inferencePrecision = dense.compiled.precision
    }
}

/// Pools embeddings from the input pool into a slot.
final class OpenVINOSparseWorker: SparseWorker, @unchecked Sendable {
    // Unchecked: by the protocol, one thread at a time uses a worker.

    private let request: OpenVINORequest
    private let memory: PooledSlots
    private let pool: InputPool
    private let ladder: BatchLadder
    private var windows: InputWindows
    /// For each input of the part, its place in the pool.
    private let inputs: [Int]

    init(
        _ compiled: CompiledModel, _ memory: PooledSlots, _ pool: InputPool, _ ladder: BatchLadder,
        _ windows: InputWindows
    ) throws(ProfilingError) {
        inputs = pool.inputs.indices.filter { pool.inputs[$0].isLookup }
        try compiled.requireOrder(
            inputs: inputs.map { pool.inputs[$0].name }, outputs: memory.tensors.map(\.name))
        request = try OpenVINORequest(compiled)
        self.memory = memory
        self.pool = pool
        self.ladder = ladder
        self.windows = windows
    }

    func pool(items: Int, into slot: Int) throws(ProfilingError) {
        let padded = ladder.rung(for: items)
        let first = windows.advance(by: padded)
        for (index, place) in inputs.enumerated() {
            try request.set(
                .input, index, to: pool.inputs[place], items: padded,
                at: pool.address(ofInput: place, item: first))
        }
        for (index, tensor) in memory.tensors.enumerated() {
            try request.set(
                .output, index, to: tensor, items: padded, at: memory.address(ofTensor: index, in: slot))
        }
        try request.infer(items: padded)
        memory.setFirst(first, of: slot)
    }
}

/// Computes a model's outputs from a slot, and from the dense features of the same items.
package final class OpenVINODenseWorker: DenseWorker, @unchecked Sendable {
    // Unchecked: by the protocol, one thread at a time uses a worker.

    private let request: OpenVINORequest
    private let memory: PooledSlots
    private let pool: InputPool
    private let ladder: BatchLadder
    /// For each of the part's own inputs, which come before those from the slot, its place in the pool.
    private let inputs: [Int]

    init(
        _ compiled: CompiledModel, _ memory: PooledSlots, _ pool: InputPool, _ ladder: BatchLadder
    ) throws(ProfilingError) {
        inputs = pool.inputs.indices.filter { !pool.inputs[$0].isLookup }
        try compiled.requireOrder(
            inputs: inputs.map { pool.inputs[$0].name } + memory.tensors.map(\.name), outputs: nil)
        request = try OpenVINORequest(compiled)
        self.memory = memory
        self.pool = pool
        self.ladder = ladder
    }

    package func infer(items: Int, from slot: Int) throws(ProfilingError) {
        let padded = ladder.rung(for: items)
        for (index, place) in inputs.enumerated() {
            try request.set(
                .input, index, to: pool.inputs[place], items: padded,
                at: pool.address(ofInput: place, item: memory.first(of: slot)))
        }
        for (index, tensor) in memory.tensors.enumerated() {
            try request.set(
                .input, inputs.count + index, to: tensor, items: padded,
                at: memory.address(ofTensor: index, in: slot))
        }
        try request.infer(items: padded)
    }

    /// What the last inference computed, output by output, in the order of the graph.
    package func outputs() throws(ProfilingError) -> [[Float]] { try request.outputs() }

    package func outputShapes() throws(ProfilingError) -> [OutputShape]? { try request.outputShapes() }
}

extension ModelInput {
    /// Whether its values are rows of embedding tables, which only the sparse part reads.
    fileprivate var isLookup: Bool {
        if case .tableRows = values { true } else { false }
    }
}

extension CompiledModel {
    /// Checks that a part has these tensors in this order, which is that of its file.
    ///
    /// Where the optimiser takes out an operator that changes nothing, a tensor has several names and is
    /// known by any of them. So a name that belongs to no tensor here says nothing, and one that does must
    /// stand in its place.
    fileprivate func requireOrder(inputs: [String], outputs: [String]?) throws(ProfilingError) {
        func agree(_ found: [String], _ expected: [String]) -> Bool {
            found.count == expected.count
                && zip(found, expected).allSatisfy { $0 == $1 || !expected.contains($0) }
        }
        guard agree(inputNames, inputs), outputs.map({ agree(outputNames, $0) }) ?? true else {
            throw .inputsDiffer(
                model: model, found: inputNames + (outputs == nil ? [] : outputNames),
                expected: inputs + (outputs ?? []))
        }
    }
}
