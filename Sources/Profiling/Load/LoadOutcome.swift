import Quantities
import Vocabulary

/// The facts of one open-loop run, over its counted part: everything after lead-in and warm-up.
public struct LoadOutcome: Sendable {
    /// Queries that were due in the counted part and were handed to the threads.
    public var arrivedQueries: Int
    /// Of these, the ones whose last piece ended.
    public var completedQueries: Int
    /// Of these, the ones given up because the threads could not keep up.
    public var abandonedQueries: Int
    public var ending: LoadRun.Ending
    /// How long the counted part lasted.
    public var duration: Nanoseconds
    /// When it began, on the system's monotonic clock.
    public var countedFrom: Nanoseconds
    /// What was left out at the start.
    public var warmUp: LoadRun.WarmUp
    /// Whether service times had settled by the middle of the run.
    public var isSettled: Bool
    /// Completions within the counted part, by its length.
    public var completedRate: QueriesPerSecond
    /// From scheduled arrival to the end of the last piece; for an abandoned query its age when it was given
    /// up, a lower bound. One value for each arrived query.
    public var latencies: LatencyHistogram
    /// How many independent queries would tell the tail as well.
    public var effectiveQueries: Double
    /// How long after its scheduled arrival each query was handed over.
    public var generatorLateness: LatencyHistogram
    /// From hand-over to the start of the inference, for pieces that found a thread idle: the time to wake it
    /// up.
    public var dispatch: LatencyHistogram
    /// A bounded uniform sample of the pieces that began in the counted part; of a pipeline, of their dense
    /// parts.
    public var serviceSamples: [ServiceSample]
    /// Busy time within the counted part, by its length and the number of threads; of a pipeline, of all
    /// cores that its threads have.
    public var utilisation: Fraction
    /// Of a pipeline.
    public var sparseStage: LoadRun.SparseStage?
    /// The instant of the start on the system's monotonic clock, which scheduled arrivals are offsets from.
    public var startedAt: Nanoseconds
    /// Of a language model.
    public var tokens: TokenFigures?
    /// What the engine itself says of its power; nil where this machine's meter decides.
    public var reportedPower: ReportedPower?
    /// false where the engine offers the load itself and does not say how busy it was.
    public var knowsUtilisation = true

    /// Whether the run was cut short because the backlog showed that the rate cannot be sustained.
    public var isOverloaded: Bool { ending == .overloaded }
}

/// Mean power over a run as an engine reports it.
public struct ReportedPower: Hashable, Sendable {
    public var power: Watts
    public var provenance: PowerProvenance
}

/// What a schedule can do at most: all threads busy all the time.
public struct Saturation: Hashable, Sendable {
    public var itemsPerSecond: Double
    /// At the mean query size.
    public var throughput: QueriesPerSecond
    public var pieces: Int
    public var duration: Nanoseconds
    /// Share of the threads' time spent on inference.
    public var utilisation: Fraction
    /// From the start of a query's first piece to the end of its last; nobody waits in a closed loop.
    public var latencies: LatencyHistogram
    /// A bounded uniform sample of the pieces; of a pipeline, of their dense parts.
    public var serviceSamples: [ServiceSample]
    /// Of a pipeline.
    public var sparseStage: LoadRun.SparseStage?
}

extension LoadOutcome {
    /// Reads a run that has ended. O(pieces).
    init(of state: OpenLoopState) {
        let countedEnd = state.cutAt ?? state.plannedEnd
        let lastEnd = state.abandonedAt ?? Nanoseconds(Int64.max)
        // Pieces are taken in order, so this is the order in which they began.
        let ran = (0..<state.firstPiece[state.handedOver]).filter { piece in
            state.record.end(of: piece).map { $0 <= lastEnd } ?? false
        }
        let settled = Self.settled(ran, state)
        let countedFrom = max(
            state.leadInEnd,
            min(
                settled.from,
                state.leadInEnd + Nanoseconds(max(0, (countedEnd - state.leadInEnd).count / 2))))
        startedAt = state.start
        ending = state.ending
        isSettled = settled.isFound
        self.countedFrom = countedFrom
        duration = countedEnd - countedFrom

        var latencies = LatencyRecorder()
        var lateness = LatencyRecorder()
        var inOrder: [Nanoseconds] = []
        var (completed, abandoned, inTime, skipped) = (0, 0, 0, 0)
        for query in 0..<state.handedOver {
            let due = state.due(query)
            let end = state.end(of: query).flatMap { $0 <= lastEnd ? $0 : nil }
            if let end, end >= countedFrom && end <= countedEnd { inTime += 1 }
            guard due >= countedFrom else {
                skipped += 1
                continue
            }
            lateness.record(state.record.handOver(of: query) - due)
            if end == nil { abandoned += 1 } else { completed += 1 }
            let latency = (end ?? lastEnd) - due
            latencies.record(latency)
            inOrder.append(latency)
        }
        warmUp = LoadRun.WarmUp(duration: countedFrom - state.start, queries: skipped)
        arrivedQueries = completed + abandoned
        completedQueries = completed
        abandonedQueries = abandoned
        completedRate = QueriesPerSecond(Double(inTime) / max(duration.seconds, 1e-9))
        self.latencies = latencies.histogram
        generatorLateness = lateness.histogram
        let tail = self.latencies.latency(at: state.run.tail)
        effectiveQueries =
            tail.map { tail in
                QuantileInterval.effectiveCount(of: inOrder.map { $0 > tail })
            } ?? 0

        let service = Self.service(of: ran, state, from: countedFrom, to: countedEnd)
        serviceSamples = service.samples
        dispatch = service.dispatch
        utilisation = Fraction(
            min(1, service.busy.seconds / max(duration.seconds * Double(state.threads), 1e-9)))
        if let stage = state.sparseStage {
            addPipeline(of: stage, ran, state, denseBusy: service.busy.seconds, to: countedEnd)
        }
    }

    /// Service times and dispatch of the pieces that begin in the counted stretch, and how long threads were
    /// busy in it.
    private static func service(
        of ran: [Int], _ state: OpenLoopState, from countedFrom: Nanoseconds, to countedEnd: Nanoseconds
    ) -> (samples: [ServiceSample], dispatch: LatencyHistogram, busy: Nanoseconds) {
        var reservoir = ServiceReservoir(seed: state.run.seed)
        var dispatch = LatencyRecorder()
        var busy = Nanoseconds.zero
        var freeFrom = Array(repeating: Nanoseconds.zero, count: state.threads)
        for launch in launches(of: ran, state) {
            let (begin, end) = (launch.begin, launch.end)
            let overlap = min(end, countedEnd) - max(begin, countedFrom)
            if overlap > .zero { busy += overlap }
            if begin >= countedFrom {
                reservoir.add(ServiceSample(items: launch.items, time: end - begin))
                // A pipeline's pieces are dispatched to its sparse threads, see `addPipeline`. Joined ones
                // wait on purpose.
                let handOver = state.record.handOver(of: Int(state.pieces[launch.first].query))
                if state.sparseStage == nil, state.run.joinWait == nil, freeFrom[launch.thread] <= handOver {
                    dispatch.record(begin - handOver)
                }
            }
            freeFrom[launch.thread] = end
        }
        return (reservoir.samples, dispatch.histogram, busy)
    }

    /// What a thread ran at once.
    private struct Launch {
        let first: Int
        var items: Int
        let thread: Int
        let begin: Nanoseconds
        let end: Nanoseconds
    }

    /// The launches that pieces were run in, in the order of their first pieces: one for each piece, unless
    /// several were joined. O(pieces).
    private static func launches(of ran: [Int], _ state: OpenLoopState) -> [Launch] {
        var launches: [Launch] = []
        for piece in ran {
            guard let end = state.record.end(of: piece) else { continue }
            let (begin, thread) = (state.record.begin(of: piece), state.record.thread(of: piece))
            let items = Int(state.pieces[piece].items)
            // Pieces of one launch stand in a row.
            if state.run.joinWait != nil, let last = launches.last, last.begin == begin,
                last.thread == thread, last.end == end
            {
                launches[launches.count - 1].items += items
            } else {
                launches.append(Launch(first: piece, items: items, thread: thread, begin: begin, end: end))
            }
        }
        return launches
    }

    /// When the engine had settled, and whether it had at all by the middle of the run.
    private static func settled(_ ran: [Int], _ state: OpenLoopState) -> (from: Nanoseconds, isFound: Bool) {
        let launches = launches(of: ran, state)
        let pieces = launches.map { launch in
            WarmUpDetection.Piece(
                items: launch.items,
                time: launch.end - launch.begin + (state.sparseStage?.time(of: launch.first) ?? .zero))
        }
        guard let warmUp = WarmUpDetection.warmUpPieces(pieces) else { return (state.leadInEnd, false) }
        return (warmUp < launches.count ? launches[warmUp].begin : state.leadInEnd, true)
    }
}
