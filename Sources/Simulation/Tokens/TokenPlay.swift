import Quantities

/// What can happen. Not inside the generic type: compilers of today fail on that in debug builds.
enum TokenEvent: BitwiseCopyable {
    case stepEnd(engine: Int32, epoch: Int32)
    /// Keys and values have arrived at an engine of a pool.
    case delivered(transfer: Int32, pool: Int32)
    /// A batch at a station is done; its visits are a list.
    case stationEnd(station: Int32, batch: Int32)
    case pauseEnd(workflow: Int32, stage: Int32)
}

/// The future of one simulation of engines. Times are picoseconds.
struct TokenPlay<Source: TokenRequestSource>: ~Copyable {
    /// 69 days: what takes longer is cut off, before the clock overflows.
    private static var clockMax: Int64 { 6_000_000_000_000_000_000 }

    let simulation: TokenSimulation
    private var source: Source
    var engines: UnsafeMutablePointer<TokenEngine>
    let engineCount: Int
    let tiers: UnsafeMutablePointer<TierState>
    var tierEvents = EventHeap<TierTick>()
    var pools: [PoolState]
    /// Of each engine, its pool.
    let poolOfEngine: [Int32]
    /// The engine whose step is being booked: what comes to it meanwhile is in its next step.
    private var ending = -1
    var events = EventHeap<TokenEvent>()
    private var following = EventHeap<TokenRequest>()
    private var upcoming: TokenRequest?
    private var transfers = Slab<TokenRecord>(capacity: 16)
    private var signals: RoutingSignals
    var load: RouterLoad
    /// Whether a router weighs predicted work.
    let predicts: Bool
    var table: WorkflowTable
    var stations: [StationState]
    var outcome: TokenOutcome
    private var countsFrom: Int64?
    var lives: [EngineStatus]
    let hasLives: Bool
    var lifeEvents = EventHeap<LifeEvent>()
    /// The first arrival, from which lives count.
    var origin: Int64 = 0
    /// Why the router took the last request that it did not: all engines that could hold it are gone.
    var refusedAsLost = false
    private var sampleTime = Int64.max
    private var samplePeriod: Int64 = 10_000_000_000

    init(_ simulation: TokenSimulation, _ source: Source, names: UnsafePointer<UInt64>?) {
        let ordered = simulation.pools.flatMap(\.ordered)
        self.simulation = simulation
        self.source = source
        engineCount = ordered.count
        engines = .allocate(capacity: ordered.count)
        tiers = Self.tiers(of: simulation, ordered, names: names)
        for (index, engine) in ordered.enumerated() {
            (engines + index).initialize(
                to: TokenEngine(
                    setup: engine.setup, law: engine.law, index: index, names: names, tiers: tiers))
        }
        let capacities = ordered.map(\.capacity)
        var first = 0
        pools = simulation.pools.enumerated().map { index, pool in
            defer { first += pool.engines.count }
            return PoolState(pool, index: index, first: first, capacities: capacities, seed: simulation.seed)
        }
        poolOfEngine = simulation.pools.enumerated().flatMap { index, pool in
            Array(repeating: Int32(index), count: pool.engines.count)
        }
        signals = RoutingSignals(engines: ordered.count)
        load = RouterLoad(ordered)
        predicts = simulation.pools.contains { $0.router.predicts || $0.decodeRouter.predicts }
        lives = ordered.enumerated().map { EngineStatus($1.life, engine: $0, seed: simulation.seed) }
        hasLives = ordered.contains { $0.life != EngineLife() }
        table = WorkflowTable(simulation.graphs, seed: simulation.seed)
        stations = simulation.stations.enumerated().map { index, station in
            StationState(station, index: index, seed: simulation.seed)
        }
        outcome = TokenOutcome(byKind: [], engines: [])
        outcome.stages = simulation.graphs.map { $0.stages.map { _ in StageFigures() } }
        upcoming = nil
    }

    deinit {
        engines.deinitialize(count: engineCount)
        engines.deallocate()
        tiers.deinitialize(count: simulation.tiers.count)
        tiers.deallocate()
    }

    mutating func run(_ take: (TokenRecord) -> Void) -> TokenOutcome {
        upcoming = source.next()
        while true {
            let own = upcoming.map { $0.arrival.count } ?? .max
            let arrival = min(own, following.earliest.count)
            let arrivalTime = arrival == .max ? Int64.max : arrival * 1000
            let tierTime = tierEvents.earliest.count
            // Lives go on as long as somebody may have use of an engine.
            let lifeTime = hasLives && (arrival != .max || isServing) ? lifeEvents.earliest.count : .max
            let next = min(arrivalTime, events.earliest.count, tierTime, lifeTime)
            while sampleTime < next, next != .max { sample() }
            if tierTime != .max, tierTime == next {
                playTier(tierEvents.next().event, at: tierTime)
            } else if lifeTime != .max, lifeTime == next {
                play(lifeEvents.next().event, at: lifeTime, take)
            } else if arrival != .max, arrivalTime <= events.earliest.count {
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
            beginLives(at: now)
        }
        outcome.arrived += 1
        let kind = Int(request.kind)
        switch kind < simulation.entries.count ? simulation.entries[kind] : .target(TokenTarget(pool: 0)) {
        case .target(let target):
            let pool = target.pool(forPrompt: Int(request.prompt))
            if !hand(request, to: pool, at: now) { refuse() }
        case .graph(let graph):
            let counts = request.arrival.count >= countsFrom ?? 0
            let workflow = table.begin(request, graph: graph, counts: counts)
            advance(workflow, at: now)
            if table.workflows[workflow].active == 0 { abandon(workflow) }
        }
    }

    /// Hands a request to an engine of a pool that reads.
    /// - Returns: false where none could ever hold it.
    mutating func hand(_ request: TokenRequest, to pool: Int, at now: Int64) -> Bool {
        var request = request
        if predicts { request.predicted = simulation.prediction.tokens(of: request, seed: simulation.seed) }
        return hand(RoutedRequest(request), to: pool, at: now)
    }

    /// - Returns: false where no engine will ever hold it.
    mutating func hand(_ call: RoutedRequest, to pool: Int, at now: Int64) -> Bool {
        let choice = route(call.request, in: pool, isRead: call.isRead, at: now)
        refusedAsLost = false
        switch choice {
        case .engine(let engine):
            if predicts { load.add(call.request, to: engine) }
            if call.since >= 0 { outcome.routerWaits.record(Nanoseconds((now - call.since) / 1000)) }
            engines[engine].enqueue(call)
            wake(engine, at: now)
            return true
        case .later:
            var call = call
            if call.since < 0 { call.since = now }
            pools[pool].pending.append(call)
            return true
        case .lost:
            refusedAsLost = true
            return false
        case .never: return false
        }
    }

    /// Counts a request that is not served.
    mutating func refuse() {
        if refusedAsLost { outcome.lost += 1 } else { outcome.rejected += 1 }
    }

    /// Has an engine look at what was put into its queue.
    private mutating func wake(_ engine: Int, at now: Int64) {
        guard engine != ending else { return }
        engines[engine].notice(at: now, jumps: simulation.jumps)
        scheduleEnds(of: engine)
    }

    /// Enters when the steps end that an engine has begun, or cut short.
    mutating func scheduleEnds(of engine: Int) {
        for tier in engines[engine].setup.tiers { announce(tier) }
        let end = engines[engine].begunEnd
        if end >= 0 {
            events.schedule(
                .stepEnd(engine: Int32(engine), epoch: engines[engine].epoch), at: Nanoseconds(end))
            engines[engine].begunEnd = -1
        }
        guard engines[engine].lanes.count > 1 else { return }
        for (epoch, end) in engines[engine].lanes.begun {
            events.schedule(.stepEnd(engine: Int32(engine), epoch: epoch), at: Nanoseconds(end))
        }
        engines[engine].lanes.begun.removeAll(keepingCapacity: true)
    }

    /// The engine of a pool that takes a request.
    private mutating func route(
        _ request: TokenRequest, in pool: Int, isRead: Bool, at now: Int64
    ) -> RouteChoice {
        let range = isRead ? pools[pool].writers ?? pools[pool].readers : pools[pool].readers
        guard hasLives else {
            return route(request, in: pool, among: EngineCandidates(range), isRead: isRead, at: now)
        }
        let up = range.filter { lives[$0].accepts }
        let choice: RouteChoice =
            up.isEmpty
            ? .never : route(request, in: pool, among: EngineCandidates(up), isRead: isRead, at: now)
        guard case .never = choice else { return choice }
        return alternative(for: request, in: range)
    }

    private mutating func route(
        _ request: TokenRequest, in pool: Int, among range: EngineCandidates, isRead: Bool, at now: Int64
    ) -> RouteChoice {
        look(at: now)
        // A copy of the pointer, as the routing state is changed meanwhile.
        let engines = engines
        func hits(_ engine: Int) -> Double { engines[engine].cachedShare(of: request, at: now) }
        let chosen: Int
        if isRead, pools[pool].writers != nil {
            chosen = pools[pool].decodeRouting.choose(
                among: range, for: request, seeing: signals, load: load, hits: hits)
        } else {
            chosen = pools[pool].routing.choose(
                among: range, for: request, seeing: signals, load: load, hits: hits)
        }
        if engines[chosen].canHold(request) { return .engine(chosen) }
        return range.first { engines[$0].canHold(request) }.map { .engine($0) } ?? .never
    }

    /// Takes the signals anew once they are old enough.
    private mutating func look(at now: Int64) {
        let age = simulation.signalAge.count * 1000
        guard signals.time == .min || now - signals.time >= age else { return }
        guard engineCount > 1 || predicts else { return }
        signals.time = now
        if predicts {
            signals.work = load.work
            signals.promised = load.promised
        }
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
            guard engines[Int(engine)].face(epoch) else { return }
            engines[Int(engine)].finish()
            if simulation.verifies { outcome.imbalances += engines[Int(engine)].imbalances() }
            ending = Int(engine)
            for record in engines[Int(engine)].ended { end(record, at: now, take) }
            ending = -1
            engines[Int(engine)].proceed(at: now, jumps: simulation.jumps)
            scheduleEnds(of: Int(engine))
            if hasLives { retire(Int(engine), at: now, take) }
        case .delivered(let transfer, let pool):
            let record = transfers[transfer]
            transfers.free(transfer)
            if !hand(RoutedRequest(delivered: record), to: Int(pool), at: now) {
                outcome.tokensOfLost += Int(record.generated)
                reject(record.request, at: now, take)
            }
        case .stationEnd(let station, let batch): endBatch(batch, at: Int(station), now: now, take)
        case .pauseEnd(let workflow, let stage):
            endPart(of: workflow, stage: Int(stage), at: now)
            proceed(workflow, stage: Int(stage), at: now, take)
        }
    }

    private mutating func end(_ record: TokenRecord, at now: Int64, _ take: (TokenRecord) -> Void) {
        let pool = Int(poolOfEngine[Int(record.engine)])
        if predicts { load.remove(record.request, from: Int(record.engine)) }
        if pools[pool].writers != nil, pools[pool].readers.contains(Int(record.engine)),
            record.generated < record.request.output
        {
            transfer(record, in: pool, at: now)
        } else if record.request.workflow >= 0 {
            endCall(record, at: now, take)
        } else {
            conclude(record, counts: record.request.arrival.count >= countsFrom ?? .max, take)
        }
    }

    /// Books a request that is answered, whole.
    mutating func conclude(_ record: TokenRecord, counts: Bool, _ take: (TokenRecord) -> Void) {
        outcome.completed += 1
        outcome.end = max(outcome.end, record.end)
        if counts {
            let kind = Int(record.request.kind)
            while outcome.byKind.count <= kind { outcome.byKind.append(TokenLatencies()) }
            let limits = kind < simulation.limits.count ? simulation.limits[kind] : TokenLimits()
            outcome.byKind[kind].record(record, limits: limits)
        }
        take(record)
        if let next = source.following(record) {
            let latest = Nanoseconds(Self.clockMax / 1000)
            following.schedule(next, at: min(max(next.arrival, record.end), latest))
        }
    }

    /// Sends what was read to the engines that generate; the link carries one request after another.
    private mutating func transfer(_ record: TokenRecord, in pool: Int, at now: Int64) {
        var arrival = now
        if let link = pools[pool].link {
            let begin = max(now, pools[pool].linkFree)
            let tokens = record.request.prompt + record.generated - 1
            let end = begin + link.picosecondsPerToken * Int64(tokens)
            pools[pool].linkFree = end
            arrival = end + link.latency.count * 1000
        }
        let place = transfers.take(record)
        events.schedule(.delivered(transfer: place, pool: Int32(pool)), at: Nanoseconds(arrival))
    }

    // MARK: Accounts

    private mutating func sample() {
        var sample = TokenSample(
            time: Nanoseconds(sampleTime / 1000), running: 0, waiting: 0, usedShare: 0, engines: [])
        for engine in 0..<engineCount {
            sample.running += engines[engine].runningCount
            sample.waiting += engines[engine].waitingCount
            let usedShare = engines[engine].usedShare(at: sampleTime)
            sample.usedShare += usedShare / Double(engineCount)
            guard engine < simulation.enginesSampled else { continue }
            sample.engines.append(
                TokenEngineSample(
                    reading: engines[engine].readingCount,
                    generating: engines[engine].runningCount - engines[engine].readingCount,
                    waiting: engines[engine].waitingCount, usedShare: usedShare))
        }
        outcome.samples.append(sample)
        sampleTime += samplePeriod
        guard outcome.samples.count >= simulation.samplesMax else { return }
        outcome.samples = stride(from: 0, to: outcome.samples.count, by: 2).map { outcome.samples[$0] }
        samplePeriod *= 2
    }

    private mutating func conclude() -> TokenOutcome {
        let last = max(outcome.end.count * 1000, origin)
        for engine in 0..<engineCount {
            let account = engines[engine].account
            outcome.gaps.merge(account.gaps.latencies)
            outcome.engines.append(
                TokenEngineFigures(
                    busyByBatch: account.busyByBatch.map { Nanoseconds($0 / 1000) },
                    reading: Nanoseconds(account.reading / 1000), steps: account.work.steps,
                    preemptions: account.preemptions, recomputedTokens: account.recomputedTokens,
                    promptTokens: account.promptTokens, cachedTokens: account.cachedTokens,
                    loadedTokens: account.loadedTokens,
                    generatedTokens: account.generatedTokens, sequencesMost: account.sequencesMost,
                    blocksMost: account.blocksMost, blocks: engines[engine].setup.blocks))
            outcome.engines[engine].work = account.work
            outcome.engines[engine].life = lives[engine].figures(until: last)
            if simulation.verifies { outcome.imbalances += engines[engine].leftovers }
        }
        outcome.stations = stations.map(\.figures)
        outcome.tiers = (0..<simulation.tiers.count).map { tiers[$0].figures }
        if outcome.byKind.isEmpty { outcome.byKind = [TokenLatencies()] }
        return outcome
    }
}
