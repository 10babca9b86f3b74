import Foundation
import Quantities
import Vocabulary

/// What the threads of a pipeline share while its sparse threads begin pieces of an endless line of queries.
final class PipelineSaturation: @unchecked Sendable {
    // Unchecked: what changes is guarded by the lock.

    private struct Group {
        let threads: Int
        var busy = 0.0
        var reservoir: ServiceReservoir

        mutating func add(items: Int, from begin: Nanoseconds, to end: Nanoseconds) {
            busy += (end - begin).seconds
            reservoir.add(ServiceSample(items: items, time: end - begin))
        }
    }

    private let run: ClosedLoopRun
    private let pipeline: any PipelinedModel
    private let handOver: HandOver
    private let failure = FirstFailure()
    private let begin = SystemClock.now()
    private let lock = NSLock()
    private var queries: EndlessQueries
    private var sparse: Group
    private var dense: Group
    /// Of each piece begun: its query and items, and when its sparse part ended.
    private var begun: [(query: Int, items: Int, sparseEnd: Nanoseconds)] = []
    /// When pieces ended, and their items, in that order.
    private var ended: [(at: Nanoseconds, items: Int)] = []
    private var servingThreads: Int
    /// When the last sparse thread stopped to begin pieces.
    private var stopped: Nanoseconds?
    private var waits = LatencyRecorder()

    init(_ run: ClosedLoopRun, _ pipeline: any PipelinedModel) {
        self.run = run
        self.pipeline = pipeline
        handOver = HandOver(slots: pipeline.slots)
        queries = EndlessQueries(sizes: run.sizes, batch: run.batch, seed: run.seed)
        sparse = Group(threads: pipeline.sparse.threads, reservoir: ServiceReservoir(seed: run.seed))
        dense = Group(threads: pipeline.dense.threads, reservoir: ServiceReservoir(seed: run.seed))
        servingThreads = pipeline.sparse.threads
    }

    /// Begins pieces until time is up.
    func serve(_ worker: any SparseWorker) {
        let (least, most) = (run.durationMin, max(run.durationMin, ClosedLoopRun.durationMax))
        var (now, pieces) = (SystemClock.now(), 0)
        while now - begin < most && (now - begin < least || pieces < ClosedLoopRun.piecesMin) {
            guard let slot = handOver.takeSlot() else { break }
            let next = lock.withLock { queries.next() }
            let from = SystemClock.now()
            do throws(ProfilingError) {
                try worker.pool(items: next.items, into: slot)
            } catch {
                fail(error)
                break
            }
            now = SystemClock.now()
            let piece = lock.withLock {
                sparse.add(items: next.items, from: from, to: now)
                begun.append((next.query, next.items, now))
                return begun.count - 1
            }
            handOver.put(HandOver.Item(piece: piece, slot: slot))
            pieces += 1
        }
        let isLast = lock.withLock {
            servingThreads -= 1
            if servingThreads == 0 { stopped = SystemClock.now() }
            return servingThreads == 0
        }
        if isLast { handOver.close() }
    }

    /// Ends pieces until there are no more.
    func serve(_ worker: any DenseWorker) {
        while let item = handOver.take() {
            let piece = lock.withLock { begun[item.piece] }
            let from = SystemClock.now()
            do throws(ProfilingError) {
                try worker.infer(items: piece.items, from: item.slot)
            } catch {
                fail(error)
                break
            }
            let end = SystemClock.now()
            handOver.giveBack(item.slot)
            lock.withLock {
                waits.record(from - piece.sparseEnd)
                dense.add(items: piece.items, from: from, to: end)
                queries.ended(piece.query, at: end)
                ended.append((end, piece.items))
            }
        }
    }

    private func fail(_ error: ProfilingError) {
        failure.record(error)
        handOver.abandon()
    }

    /// The facts, after all threads are done.
    ///
    /// Neither the filling of the pipeline nor its draining counts: the rate is that of the pieces that ended
    /// after the first one and while new ones were still begun.
    func saturation() throws(ProfilingError) -> Saturation {
        try failure.rethrow()
        return lock.withLock {
            let now = SystemClock.now()
            ended.sort { $0.at < $1.at }
            let counted = ended.prefix { $0.at <= stopped ?? now }
            let steady = counted.count > 1 ? counted : ended[...]
            let items = steady.dropFirst().reduce(0) { $0 + $1.items }
            let span = (steady.last?.at ?? now) - (steady.first?.at ?? begin)
            let itemsPerSecond = Double(items) / max(span.seconds, 1e-9)
            // Busy times reach to the end of the drain.
            let duration = now - begin
            let handOver = waits.histogram
            let stage = LoadRun.SparseStage(
                serviceSamples: sparse.reservoir.samples,
                utilisation: LoadOutcome.share(sparse.busy, of: duration, threads: sparse.threads),
                denseUtilisation: LoadOutcome.share(dense.busy, of: duration, threads: dense.threads),
                handOverMedian: handOver.latency(at: Quantile(0.5)),
                handOverP99: handOver.latency(at: Quantile(0.99)), denseDispatchMedian: nil)
            return Saturation(
                itemsPerSecond: itemsPerSecond, throughput: QueriesPerSecond(itemsPerSecond / run.meanSize),
                pieces: ended.count, duration: duration,
                utilisation: stage.utilisationOfCores(sparse: pipeline.sparse, dense: pipeline.dense),
                latencies: queries.latencies, serviceSamples: dense.reservoir.samples, sparseStage: stage)
        }
    }
}
