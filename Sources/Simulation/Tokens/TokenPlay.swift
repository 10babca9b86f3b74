import Quantities

/// What can happen. Not inside the generic type: compilers of today fail on that in debug builds.
enum TokenEvent: BitwiseCopyable {
    case stepEnd(engine: Int32, epoch: Int32)
    /// Keys and values have arrived at an engine.
    case delivered(transfer: Int32)
}

/// The future of one simulation of engines. Times are picoseconds.
struct TokenPlay<Source: TokenRequestSource>: ~Copyable {
    /// 69 days: what takes longer is cut off, before the clock overflows.
    private static var clockMax: Int64 { 6_000_000_000_000_000_000 }

    private let simulation: TokenSimulation
    private var source: Source
    private var engines: UnsafeMutablePointer<TokenEngine>
    private let engineCount: Int
    private let readers: Range<Int>
    private let writers: Range<Int>?
    private var epochs: [Int32]
    private var events = EventHeap<TokenEvent>()
    private var following = EventHeap<TokenRequest>()
    private var upcoming: TokenRequest?
    private var transfers = Slab<TokenRecord>(capacity: 16)
    private var linkFree: Int64 = 0
    private var routing: RoutingState
    private var decodeRouting: RoutingState
    private var signals: RoutingSignals
    private var outcome: TokenOutcome
    private var countsFrom: Int64?
    private var sampleTime = Int64.max
    private var samplePeriod: Int64 = 10_000_000_000

    init(_ simulation: TokenSimulation, _ source: Source, names: UnsafePointer<UInt64>?) {
        // Engines that read come before those that generate, so that each pool is a range.
        let ordered =
            simulation.engines.filter { $0.setup.role != .decode }
            + simulation.engines.filter { $0.setup.role == .decode }
        let readers = ordered.count(where: { $0.setup.role != .decode })
        self.simulation = simulation
        self.source = source
        engineCount = ordered.count
        engines = .allocate(capacity: ordered.count)
        for (index, engine) in ordered.enumerated() {
            (engines + index).initialize(
                to: TokenEngine(setup: engine.setup, law: engine.law, index: index, names: names))
        }
        self.readers = 0..<readers
        writers = readers < ordered.count ? readers..<ordered.count : nil
        epochs = Array(repeating: 0, count: ordered.count)
        let capacities = ordered.map(\.capacity)
        routing = RoutingState(simulation.router, capacities: capacities, seed: simulation.seed)
        decodeRouting = RoutingState(
            simulation.decodeRouter, capacities: capacities, seed: simulation.seed &+ 1)
        signals = RoutingSignals(
            requests: ordered.map { _ in 0 }, waiting: ordered.map { _ in 0 }, tokens: ordered.map { _ in 0 },
            memory: ordered.map { _ in 0 })
        outcome = TokenOutcome(byKind: [], engines: [])
        upcoming = nil
    }

    deinit {
        engines.deinitialize(count: engineCount)
        engines.deallocate()
    }

    mutating func run(_ take: (TokenRecord) -> Void) -> TokenOutcome {
        upcoming = source.next()
        while true {
            let own = upcoming.map { $0.arrival.count } ?? .max
            let arrival = min(own, following.earliest.count)
            let arrivalTime = arrival == .max ? Int64.max : arrival * 1000
            let next = min(arrivalTime, events.earliest.count)
            while sampleTime < next, next != .max { sample() }
            if arrival != .max, arrivalTime <= events.earliest.count {
                if own <= following.earliest.count, let request = upcoming {
                    arrive(request, at: arrivalTime)
                    upcoming = source.next()
                } else {
                    arrive(following.next().event, at: arrivalTime)
                }
            } else if events.count > 0 {
                let (event, time) = events.next()
                play(event, at: time.count, take)
            } else {
                break
            }
            outcome.eventsPlayed += 1
            guard next < Self.clockMax else { break }
        }
        return conclude()
    }

    // MARK: Arrivals

    private mutating func arrive(_ request: TokenRequest, at now: Int64) {
        if countsFrom == nil {
            outcome.start = request.arrival
            countsFrom = request.arrival.count + simulation.warmUp.count
            if simulation.samplesMax > 1 { sampleTime = now }
        }
        outcome.arrived += 1
        guard let engine = route(request, among: readers, isRead: false, at: now) else { return }
        engines[engine].enqueue(request)
        wake(engine, at: now)
    }

    /// Has an engine look at what was put into its queue: at once if it is idle, after the step in progress
    /// otherwise.
    private mutating func wake(_ engine: Int, at now: Int64) {
        // By priority, whoever comes may be admitted before those that wait.
        let mayBegin = engines[engine].waitingCount == 1 || engines[engine].setup.byPriority
        if engines[engine].isIdle {
            begin(engine, at: now)
        } else if mayBegin, let row = engines[engine].progress, row.steps > 1,
            let end = engines[engine].cut(at: now)
        {
            epochs[engine] &+= 1
            events.schedule(
                .stepEnd(engine: Int32(engine), epoch: epochs[engine]), at: Nanoseconds(end))
        }
    }

    private mutating func begin(_ engine: Int, at now: Int64) {
        guard let end = engines[engine].plan(at: now, jumps: simulation.jumps) else { return }
        events.schedule(.stepEnd(engine: Int32(engine), epoch: epochs[engine]), at: Nanoseconds(end))
    }

    /// - Returns: the engine that takes a request; nil, and the request counts as rejected, where none could
    ///   ever hold it.
    private mutating func route(
        _ request: TokenRequest, among pool: Range<Int>, isRead: Bool, at now: Int64
    ) -> Int? {
        look(at: now)
        let chosen =
            isRead
            ? decodeRouting.choose(among: pool, for: request, seeing: signals)
            : routing.choose(among: pool, for: request, seeing: signals)
        if engines[chosen].canHold(request) { return chosen }
        let other = pool.first { engines[$0].canHold(request) }
        if other == nil { outcome.rejected += 1 }
        return other
    }

    /// Takes the signals anew once they are old enough.
    private mutating func look(at now: Int64) {
        let age = simulation.signalAge.count * 1000
        guard signals.time == .min || now - signals.time >= age else { return }
        guard engineCount > 1 else { return }
        signals.time = now
        for engine in 0..<engineCount {
            signals.waiting[engine] = engines[engine].waitingCount
            signals.requests[engine] = engines[engine].waitingCount + engines[engine].runningCount
            signals.tokens[engine] = engines[engine].outstanding(at: now)
            signals.memory[engine] = engines[engine].usedShare(at: now)
        }
    }

    // MARK: Events

    private mutating func play(_ event: TokenEvent, at now: Int64, _ take: (TokenRecord) -> Void) {
        switch event {
        case .stepEnd(let engine, let epoch):
            guard epochs[Int(engine)] == epoch else { return }
            engines[Int(engine)].finish()
            if simulation.verifies { outcome.imbalances += engines[Int(engine)].imbalances() }
            for record in engines[Int(engine)].ended { end(record, at: now, take) }
            begin(Int(engine), at: now)
        case .delivered(let transfer):
            let record = transfers[transfer]
            transfers.free(transfer)
            guard let writers,
                let engine = route(record.request, among: writers, isRead: true, at: now)
            else { return }
            engines[engine].enqueue(delivered: record)
            wake(engine, at: now)
        }
    }

    private mutating func end(_ record: TokenRecord, at now: Int64, _ take: (TokenRecord) -> Void) {
        if writers != nil, Int(record.engine) < readers.upperBound, record.request.output > 1 {
            transfer(record, at: now)
            return
        }
        outcome.completed += 1
        outcome.end = max(outcome.end, record.lastToken)
        if let countsFrom, record.request.arrival.count >= countsFrom {
            let kind = Int(record.request.kind)
            while outcome.byKind.count <= kind { outcome.byKind.append(TokenLatencies()) }
            let limits = kind < simulation.limits.count ? simulation.limits[kind] : TokenLimits()
            outcome.byKind[kind].record(record, limits: limits)
        }
        take(record)
        if let next = source.following(record) {
            let latest = Nanoseconds(Self.clockMax / 1000)
            following.schedule(next, at: min(max(next.arrival, record.lastToken), latest))
        }
    }

    /// Sends what was read to the engines that generate; the link carries one request after another.
    private mutating func transfer(_ record: TokenRecord, at now: Int64) {
        var arrival = now
        if let link = simulation.link {
            let begin = max(now, linkFree)
            linkFree = begin + link.picosecondsPerToken * Int64(record.request.prompt)
            arrival = linkFree + link.latency.count * 1000
        }
        events.schedule(.delivered(transfer: transfers.take(record)), at: Nanoseconds(arrival))
    }

    // MARK: Accounts

    private mutating func sample() {
        var sample = TokenSample(time: Nanoseconds(sampleTime / 1000), running: 0, waiting: 0, usedShare: 0)
        for engine in 0..<engineCount {
            sample.running += engines[engine].runningCount
            sample.waiting += engines[engine].waitingCount
            sample.usedShare += engines[engine].usedShare(at: sampleTime) / Double(engineCount)
        }
        outcome.samples.append(sample)
        sampleTime += samplePeriod
        guard outcome.samples.count >= simulation.samplesMax else { return }
        outcome.samples = stride(from: 0, to: outcome.samples.count, by: 2).map { outcome.samples[$0] }
        samplePeriod *= 2
    }

    private mutating func conclude() -> TokenOutcome {
        for engine in 0..<engineCount {
            let account = engines[engine].account
            outcome.gaps.merge(account.gaps.latencies)
            outcome.engines.append(
                TokenEngineFigures(
                    busyByBatch: account.busyByBatch.map { Nanoseconds($0 / 1000) },
                    reading: Nanoseconds(account.reading / 1000), steps: account.steps,
                    preemptions: account.preemptions, recomputedTokens: account.recomputedTokens,
                    promptTokens: account.promptTokens, cachedTokens: account.cachedTokens,
                    generatedTokens: account.generatedTokens, sequencesMost: account.sequencesMost,
                    blocksMost: account.blocksMost, blocks: engines[engine].setup.blocks))
        }
        if outcome.byKind.isEmpty { outcome.byKind = [TokenLatencies()] }
        return outcome
    }
}
