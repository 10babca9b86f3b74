import Quantities
import Vocabulary

extension LoadOutcome {
    /// Adds what the sparse threads of a pipeline did, and how pieces went on from there. O(pieces log
    /// pieces).
    mutating func addPipeline(
        of stage: SparseStageRecord, _ ran: [Int], _ state: OpenLoopState, denseBusy: Double,
        to countedEnd: Nanoseconds
    ) {
        var reservoir = ServiceReservoir(seed: state.run.seed)
        var (dispatch, waits, wakeUps) = (LatencyRecorder(), LatencyRecorder(), LatencyRecorder())
        var busy = Nanoseconds.zero
        for piece in ran {
            guard let end = stage.end(of: piece) else { continue }
            let begin = stage.begin(of: piece)
            let overlap = min(end, countedEnd) - max(begin, countedFrom)
            if overlap > .zero { busy += overlap }
            guard begin >= countedFrom else { continue }
            reservoir.add(ServiceSample(items: Int(state.pieces[piece].items), time: end - begin))
            let arrival = state.record.handOver(of: Int(state.pieces[piece].query))
            if stage.ready(piece) <= arrival { dispatch.record(begin - arrival) }
            waits.record(state.record.begin(of: piece) - end)
        }
        // Several sparse threads may hand over in another order than they began.
        var freeFrom = Array(repeating: Nanoseconds.zero, count: stage.dense.threads)
        for piece in ran.sorted(by: { state.record.begin(of: $0) < state.record.begin(of: $1) }) {
            guard let arrival = stage.end(of: piece), let end = state.record.end(of: piece) else { continue }
            let (thread, begin) = (state.record.thread(of: piece), state.record.begin(of: piece))
            if begin >= countedFrom, freeFrom[thread] <= arrival { wakeUps.record(begin - arrival) }
            freeFrom[thread] = end
        }
        self.dispatch = dispatch.histogram
        let (handOver, wakeUp) = (waits.histogram, wakeUps.histogram)
        let figures = LoadRun.SparseStage(
            serviceSamples: reservoir.samples,
            utilisation: Self.share(busy.seconds, of: duration, threads: stage.sparse.threads),
            denseUtilisation: Self.share(denseBusy, of: duration, threads: stage.dense.threads),
            handOverMedian: handOver.latency(at: Quantile(0.5)),
            handOverP99: handOver.latency(at: Quantile(0.99)),
            denseDispatchMedian: wakeUp.latency(at: Quantile(0.5)))
        sparseStage = figures
        utilisation = figures.utilisationOfCores(sparse: stage.sparse, dense: stage.dense)
    }

    static func share(_ busySeconds: Double, of duration: Nanoseconds, threads: Int) -> Fraction {
        Fraction(min(1, busySeconds / max(duration.seconds * Double(threads), 1e-9)))
    }
}

extension SparseStageRecord {
    /// How long the sparse part of a piece took; zero until it has ended.
    func time(of piece: Int) -> Nanoseconds { end(of: piece).map { $0 - begin(of: piece) } ?? .zero }
}

extension LoadRun.SparseStage {
    /// Busy share of all cores that the two groups have.
    func utilisationOfCores(sparse: ThreadSchedule.ThreadGroup, dense: ThreadSchedule.ThreadGroup) -> Fraction
    {
        Fraction(
            (utilisation.value * Double(sparse.cores) + denseUtilisation.value * Double(dense.cores))
                / Double(sparse.cores + dense.cores))
    }
}
