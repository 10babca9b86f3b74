import Quantities
import Synchronization
import Vocabulary

/// What the generator and the inference threads of one open-loop run share.
final class OpenLoopState: RunWatcher, @unchecked Sendable {
    // Unchecked: what changes is atomic, or belongs to the generator's thread until the run has ended, or to
    // the watching thread.

    let run: OpenLoopRun
    let arrivals: ArrivalSchedule
    let threads: Int
    let start: Nanoseconds
    /// The counted part, unless the engine takes longer to settle or the run is cut short.
    let leadInEnd: Nanoseconds
    let plannedEnd: Nanoseconds
    let pieces: [Piece]
    /// The first piece of each query, and the number of all.
    let firstPiece: [Int]
    /// Of the whole model, or of the dense part of a pipeline.
    let record: RunRecord
    /// Of the sparse part of a pipeline.
    let sparseStage: SparseStageRecord?

    private let queue: PieceQueue
    /// nil where each piece is run by itself.
    private let joiner: PieceJoiner?
    private let servingThreads: Atomic<Int>
    private let failure = FirstFailure()
    private let isFailing = Atomic(false)
    private let isAnswered = Atomic(false)

    // The generator's.
    private(set) var handedOver = 0
    private(set) var ending = LoadRun.Ending.complete
    private(set) var cutAt: Nanoseconds?
    private(set) var abandonedAt: Nanoseconds?

    private var inquiry: TailInquiry?

    /// - Parameters:
    ///   - threads: of the schedule, of both groups where it is a pipeline.
    ///   - pipeline: nil where each thread runs the whole model.
    init(run: OpenLoopRun, arrivals: ArrivalSchedule, threads: Int, pipeline: (any PipelinedModel)? = nil) {
        self.run = run
        self.arrivals = arrivals
        self.threads = threads
        servingThreads = Atomic(threads)
        var pieces: [Piece] = []
        var firstPiece = [0]
        for query in 0..<arrivals.count {
            Piece.split(query: query, size: arrivals.sizes[query], batch: run.batch) { pieces.append($0) }
            firstPiece.append(pieces.count)
        }
        self.pieces = pieces
        self.firstPiece = firstPiece
        let record = RunRecord(queries: arrivals.count, pieces: pieces.count)
        self.record = record
        sparseStage = pipeline.map { SparseStageRecord($0, pieces: pieces.count) }
        // An idle thread watches the queue only where the next piece is likely to come before sleeping and
        // waking would be over, and where that takes no core from the generator.
        let piecesPerSecond = Double(pieces.count) / max((run.leadIn + run.duration).seconds, 1e-9)
        let isBusy = run.generatorHasOwnCore && piecesPerSecond / Double(threads) > 10_000
        let queue = PieceQueue(looks: isBusy ? 5_000 : 0)
        self.queue = queue
        joiner = run.joinWait.map { wait in
            PieceJoiner(
                queue, pieces: pieces, itemsMax: run.batch, wait: wait, handOver: record.handOver(of:))
        }
        // A little ahead, so that the first arrivals do not find the threads still waking up.
        start = SystemClock.now() + Nanoseconds(milliseconds: 2)
        leadInEnd = start + run.leadIn
        plannedEnd = leadInEnd + run.duration
        inquiry = run.question.map { TailInquiry($0, from: leadInEnd) }
    }

    // MARK: The generator

    /// Hands each query over at its time, then waits until the threads are done or their time is up.
    func generate(watching margin: Nanoseconds) {
        var query = 0
        while query < arrivals.count {
            SystemClock.sleep(until: due(query), watching: margin)
            if isFailing.load(ordering: .relaxed) { break }
            if isAnswered.load(ordering: .relaxed) {
                cut(.decided, at: SystemClock.now())
                break
            }
            var now = SystemClock.now()
            if isOverloaded(now) {
                cut(.overloaded, at: now)
                break
            }
            // A generator that was kept waiting catches up in one go, or nearly.
            let batchEnd = min(arrivals.count, query + 64)
            repeat {
                record.handedOver(query, at: now)
                query += 1
                if query < batchEnd, due(query) > now { now = SystemClock.now() }
            } while query < batchEnd && due(query) <= now
            queue.publish(upTo: firstPiece[query])
        }
        handedOver = query
        if cutAt == nil && !isFailing.load(ordering: .relaxed) {
            SystemClock.sleep(until: plannedEnd, watching: .zero)
        }
        drain()
    }

    private func cut(_ ending: LoadRun.Ending, at instant: Nanoseconds) {
        self.ending = ending
        cutAt = instant
    }

    /// Not before the counted part is long enough to tell a rate.
    private func isOverloaded(_ now: Nanoseconds) -> Bool {
        guard now - leadInEnd > run.patience, let head = queue.head else { return false }
        return now - due(Int(pieces[head].query)) > run.patience
    }

    private func drain() {
        queue.close()
        let deadline = SystemClock.now() + run.patience * 2
        while servingThreads.load(ordering: .acquiring) > 0 {
            let now = SystemClock.now()
            if now > deadline {
                ending = .overloaded
                abandonedAt = now
                abandon()
                return
            }
            SystemClock.sleep(until: now + Nanoseconds(200_000), watching: .zero)
        }
    }

    // MARK: The inference threads

    /// Runs pieces until there are no more.
    func serve(_ worker: any InferenceWorker, thread: Int) {
        if let joiner {
            serve(worker, thread: thread, joining: joiner)
            return
        }
        while let piece = queue.take() {
            let begin = SystemClock.now()
            do throws(ProfilingError) {
                try worker.infer(items: Int(pieces[piece].items))
            } catch {
                fail(error)
                break
            }
            record.ran(piece, on: thread, from: begin, to: SystemClock.now())
        }
        servingThreads.subtract(1, ordering: .releasing)
    }

    /// The same with several pieces at once.
    private func serve(_ worker: any InferenceWorker, thread: Int, joining joiner: PieceJoiner) {
        while let batch = joiner.take() {
            let begin = SystemClock.now()
            do throws(ProfilingError) {
                try worker.infer(items: batch.reduce(0) { $0 + Int(pieces[$1].items) })
            } catch {
                fail(error)
                break
            }
            let end = SystemClock.now()
            for piece in batch { record.ran(piece, on: thread, from: begin, to: end) }
        }
        servingThreads.subtract(1, ordering: .releasing)
    }

    /// Runs the sparse parts of pieces, and hands them on, until there are no more.
    func serve(_ worker: any SparseWorker, thread: Int, of stage: SparseStageRecord) {
        while let slot = stage.handOver.takeSlot() {
            let ready = SystemClock.now()
            guard let piece = queue.take() else {
                stage.handOver.giveBack(slot)
                break
            }
            let begin = SystemClock.now()
            do throws(ProfilingError) {
                try worker.pool(items: Int(pieces[piece].items), into: slot)
            } catch {
                fail(error)
                break
            }
            stage.ran(piece, on: thread, ready: ready, from: begin, to: SystemClock.now())
            stage.handOver.put(HandOver.Item(piece: piece, slot: slot))
        }
        stage.threadEnded()
        servingThreads.subtract(1, ordering: .releasing)
    }

    /// Runs the dense parts of pieces until there are no more.
    func serve(_ worker: any DenseWorker, thread: Int, of stage: SparseStageRecord) {
        while let item = stage.handOver.take() {
            let begin = SystemClock.now()
            do throws(ProfilingError) {
                try worker.infer(items: Int(pieces[item.piece].items), from: item.slot)
            } catch {
                fail(error)
                break
            }
            record.ran(item.piece, on: thread, from: begin, to: SystemClock.now())
            stage.handOver.giveBack(item.slot)
        }
        servingThreads.subtract(1, ordering: .releasing)
    }

    private func fail(_ error: ProfilingError) {
        failure.record(error)
        isFailing.store(true, ordering: .releasing)
        abandon()
    }

    private func abandon() {
        queue.abandon()
        sparseStage?.handOver.abandon()
    }

    // MARK: The watching thread

    /// Looks whether the question can be answered yet.
    func look(at instant: Nanoseconds) {
        guard !isAnswered.load(ordering: .relaxed), inquiry != nil else { return }
        inquiry?.advance(to: instant, in: self)
        if inquiry?.answer(at: instant) != nil { isAnswered.store(true, ordering: .relaxed) }
    }

    // MARK: Times

    func due(_ query: Int) -> Nanoseconds { start + arrivals.offsets[query] }

    /// The end of a query's last piece; nil while any of them is missing.
    func end(of query: Int) -> Nanoseconds? {
        var last = Nanoseconds.zero
        for piece in firstPiece[query]..<firstPiece[query + 1] {
            guard let end = record.end(of: piece) else { return nil }
            last = max(last, end)
        }
        return last
    }

    // MARK: The outcome

    /// The facts, after all threads are done.
    func outcome() throws(ProfilingError) -> LoadOutcome {
        try failure.rethrow()
        return LoadOutcome(of: self)
    }
}
