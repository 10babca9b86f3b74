import Foundation
import Profiling
import Quantities
import Vocabulary

/// An engine whose inference is a closure, which also writes down what it was asked for.
final class FakeEngine: InferenceEngine, @unchecked Sendable {
    // Unchecked: the lists are guarded by the lock.

    /// One call of a worker.
    struct Call {
        var worker: Int
        var items: Int
        /// On the clock of `LoadOutcome.startedAt`.
        var begin: Nanoseconds
    }

    private let lock = NSLock()
    private let body: @Sendable (_ call: Int, _ items: Int) throws(ProfilingError) -> Void
    private var recorded: [Call] = []
    private var prepared: [String] = []

    init(_ body: @escaping @Sendable (_ call: Int, _ items: Int) throws(ProfilingError) -> Void = { _, _ in })
    {
        self.body = body
    }

    var name: String { "fake" }
    var version: String { "7" }
    var calls: [Call] { lock.withLock { recorded } }
    /// The M and O of every model prepared, in order.
    var preparations: [String] { lock.withLock { prepared } }

    func prepare(
        _ model: Model, threads: Int, workers: Int, batches: [Int]
    ) throws(ProfilingError) -> any PreparedModel {
        lock.withLock { prepared.append("\(model.id) \(threads)x\(workers)") }
        return FakeModel((0..<threads).map { FakeWorker(engine: self, index: $0) })
    }

    fileprivate func run(worker: Int, items: Int) throws(ProfilingError) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let begin = Nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
        let number = lock.withLock {
            recorded.append(Call(worker: worker, items: items, begin: begin))
            return recorded.count - 1
        }
        try body(number, items)
    }
}

private final class FakeModel: PreparedModel {
    let workers: [any InferenceWorker]
    var warmUpSizes: [Int] { [] }
    init(_ workers: [any InferenceWorker]) { self.workers = workers }
}

private final class FakeWorker: InferenceWorker {
    private let engine: FakeEngine
    private let index: Int
    init(engine: FakeEngine, index: Int) {
        self.engine = engine
        self.index = index
    }
    func infer(items: Int) throws(ProfilingError) { try engine.run(worker: index, items: items) }
}

/// The niceness of this process's threads, looked at time and again.
final class ThreadNiceness: @unchecked Sendable {
    // Unchecked: all state is guarded by the lock.
    private let lock = NSLock()
    private var seen: (least: Int, looks: Int) = (.max, 0)

    init() { look() }

    var least: Int { lock.withLock { seen.least } }
    var looks: Int { lock.withLock { seen.looks } }

    func look() {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        let found = tasks.compactMap { task -> Int? in
            let text = try? String(contentsOfFile: "/proc/self/task/\(task)/stat", encoding: .utf8)
            // Behind the name, which may hold anything, niceness is the 17th.
            let fields = text?.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 16 ? Int(fields[16]) : nil
        }
        lock.withLock { seen = (min(seen.least, found.min() ?? .max), seen.looks + 1) }
    }
}

/// Facts for judging and a server type to measure with.
enum Samples {
    static let serverType = ServerType(
        id: "here", title: "this machine",
        processor: Processor(cores: 8, peakPerCore: FlopsPerSecond(1e11), lastLevelCache: Bytes(32e6)),
        memory: MemorySystem(capacity: Bytes(64e9), bandwidth: BytesPerSecond(5e10)), nearMemory: nil,
        accelerator: nil,
        power: PowerCurve(
            hostIdle: Watts(40), hostPeak: Watts(120), acceleratorIdle: .zero, acceleratorPeak: .zero,
            halfLoadFactor: 0.5),
        isThisHost: true, sources: [])

    static let withAccelerator = ServerType(
        id: "there", title: "a machine with an accelerator", processor: serverType.processor,
        memory: serverType.memory, nearMemory: nil,
        accelerator: Accelerator(
            name: "A", count: 1, peak: FlopsPerSecond(1e13), memory: Bytes(1.6e10),
            bandwidth: BytesPerSecond(9e11), hostLink: BytesPerSecond(1.2e10),
            launchOverhead: Nanoseconds(8_000)),
        power: PowerCurve(
            hostIdle: Watts(40), hostPeak: Watts(120), acceleratorIdle: Watts(30),
            acceleratorPeak: Watts(300), halfLoadFactor: 0.5),
        isThisHost: true, sources: [])

    static func model(_ name: String = "m", sizes: QuerySizes = .deepRecSys) -> Model {
        TinyModels.model(name, dense: (1, [1]), tables: [], predict: [1], sizes: sizes)
    }

    /// Runs a load against a fake engine.
    static func run(_ load: OpenLoopRun, on engine: any InferenceEngine, threads: Int) throws -> LoadOutcome {
        try load.run(
            against: engine.prepare(
                model(sizes: load.sizes), threads: threads, workers: 1, batches: [load.batch]))
    }
}
