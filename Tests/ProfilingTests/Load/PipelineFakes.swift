import Foundation
import Profiling
import Quantities
import Vocabulary

/// A pipelined engine whose two parts are closures, which writes down what went through which slot.
final class FakePipelineEngine: PipelinedEngine, @unchecked Sendable {
    // Unchecked: the lists are guarded by the lock.

    typealias Body = @Sendable (_ call: Int, _ items: Int) throws(ProfilingError) -> Void

    /// One call of a worker of either group.
    struct Call: Equatable {
        var worker: Int
        var items: Int
        /// What the sparse part left in the slot: the number of its own call.
        var ticket: Int
    }

    private let lock = NSLock()
    private let slots: Int?
    private let sparseBody: Body
    private let denseBody: Body
    private var sparse: [Call] = []
    private var dense: [Call] = []
    private var contents: [Int: Int] = [:]
    private var misuses = 0
    private var mostUnderWay = 0

    /// - Parameter slots: nil for two a thread.
    init(
        slots: Int? = nil, sparse: @escaping Body = { _, _ in }, dense: @escaping Body = { _, _ in }
    ) {
        self.slots = slots
        sparseBody = sparse
        denseBody = dense
    }

    var name: String { "fake" }
    var version: String { "7" }
    var sparseCalls: [Call] { lock.withLock { sparse } }
    var denseCalls: [Call] { lock.withLock { dense } }
    /// How often a slot was written while it was full, or read while it was empty.
    var slotMisuses: Int { lock.withLock { misuses } }
    /// The most slots that were full at once.
    var slotsFull: Int { lock.withLock { mostUnderWay } }

    func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel {
        throw .engineFailed(engine: name, call: "prepare", model: model.id, message: "only pipelines")
    }

    func prepare(
        _ model: Model, sparse: ThreadSchedule.ThreadGroup, dense: ThreadSchedule.ThreadGroup,
        batches: [Int], precision: Precision
    ) throws(ProfilingError) -> any PipelinedModel {
        FakePipeline(self, sparse, dense, slots: slots ?? 2 * (sparse.threads + dense.threads))
    }

    fileprivate func pool(worker: Int, items: Int, slot: Int) throws(ProfilingError) {
        let number = lock.withLock {
            let number = sparse.count
            sparse.append(Call(worker: worker, items: items, ticket: number))
            if contents[slot] != nil { misuses += 1 }
            contents[slot] = number
            mostUnderWay = max(mostUnderWay, contents.count)
            return number
        }
        try sparseBody(number, items)
    }

    fileprivate func infer(worker: Int, items: Int, slot: Int) throws(ProfilingError) {
        let number = lock.withLock {
            let ticket = contents[slot]
            if ticket == nil { misuses += 1 }
            dense.append(Call(worker: worker, items: items, ticket: ticket ?? -1))
            return dense.count - 1
        }
        try denseBody(number, items)
        lock.withLock { contents[slot] = nil }
    }
}

private final class FakePipeline: PipelinedModel {
    let sparse: ThreadSchedule.ThreadGroup
    let dense: ThreadSchedule.ThreadGroup
    let sparseWorkers: [any SparseWorker]
    let denseWorkers: [any DenseWorker]
    let slots: Int
    var warmUpSizes: [Int] { [] }

    init(
        _ engine: FakePipelineEngine, _ sparse: ThreadSchedule.ThreadGroup,
        _ dense: ThreadSchedule.ThreadGroup,
        slots: Int
    ) {
        self.sparse = sparse
        self.dense = dense
        self.slots = slots
        sparseWorkers = (0..<sparse.threads).map { FakePart(engine, $0) }
        denseWorkers = (0..<dense.threads).map { FakePart(engine, $0) }
    }
}

private final class FakePart: SparseWorker, DenseWorker {
    private let engine: FakePipelineEngine
    private let index: Int
    init(_ engine: FakePipelineEngine, _ index: Int) {
        self.engine = engine
        self.index = index
    }
    func pool(items: Int, into slot: Int) throws(ProfilingError) {
        try engine.pool(worker: index, items: items, slot: slot)
    }
    func infer(items: Int, from slot: Int) throws(ProfilingError) {
        try engine.infer(worker: index, items: items, slot: slot)
    }
}

extension Samples {
    static func group(_ threads: Int) -> ThreadSchedule.ThreadGroup { .init(threads: threads, workers: 1) }

    /// Runs a load against a fake pipeline.
    static func run(
        _ load: OpenLoopRun, on engine: FakePipelineEngine, sparse: Int, dense: Int
    ) throws -> LoadOutcome {
        try load.run(
            against: engine.prepare(
                model(sizes: load.sizes), sparse: group(sparse), dense: group(dense), batches: [load.batch],
                precision: .default))
    }
}
