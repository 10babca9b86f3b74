/// A batch of an engine and the requests in it. Not nested: compilers of today fail on that in debug builds.
struct EngineLane: ~Copyable {
    var running = JobList()
    var reading: [Int32] = []
    var generating = 0
    var generatingContext = 0
    var offset: Int64 = 0
    var pace: GenerationPace
    var buckets: [Int]
    var endings = EventHeap<TokenEnding>()
    var progress: TokenSteps?
    var epoch: Int32 = 0
    var heldBack: [Int32] = []
    var lastGeneratingEnd: Int64 = 0
    var joins: [(time: Int64, count: Int)] = []
    var late: [(time: Int64, count: Int)] = []
    var hasPieces = false
}

/// The batches that an engine has under way: one, or as many as its pipeline has stages.
///
/// The engine works on one of them at a time; the others are parked here. A batch passes through the stages
/// one after another and waits where the one before is still there, so that bubbles appear by themselves.
struct EngineLanes: ~Copyable {
    let count: Int
    /// The one that the engine works on; its place below holds nothing of interest.
    var current = 0
    fileprivate let parked: UnsafeMutablePointer<EngineLane>
    private let sendTime: Int64
    private let sendTimePerToken: Int64
    /// When each stage has done what was given to it.
    private var stageFree: [Int64]
    var lastEpoch: Int32 = 0
    /// Ends of steps that the cluster does not know of yet.
    var begun: [(epoch: Int32, end: Int64)] = []

    init(setup: EngineSetup) {
        count = setup.stages
        sendTime = setup.sendTime
        sendTimePerToken = setup.sendTimePerToken
        stageFree = Array(repeating: 0, count: setup.stages)
        parked = .allocate(capacity: count)
        for lane in 0..<count {
            (parked + lane).initialize(
                to: EngineLane(
                    pace: GenerationPace(setup.speculation),
                    buckets: Array(repeating: 0, count: setup.blockTokens)))
        }
    }

    deinit {
        parked.deinitialize(count: count)
        parked.deallocate()
    }

    /// Sends a batch through the stages, each of which takes its share of the step's time.
    /// - Returns: what the batch takes beyond the step's time.
    @inline(__always)
    mutating func pass(_ time: Int64, tokens: Int, at now: Int64) -> Int64 {
        count == 1 ? 0 : passStages(time, tokens: tokens, at: now)
    }

    private mutating func passStages(_ time: Int64, tokens: Int, at now: Int64) -> Int64 {
        let (send, stages) = (sendTime + sendTimePerToken * Int64(tokens), Int64(count))
        var leave = now - send
        for stage in 0..<count {
            let own = time * Int64(stage + 1) / stages - time * Int64(stage) / stages
            leave = max(stage == 0 ? now : leave + send, stageFree[stage]) + own
            stageFree[stage] = leave
        }
        return leave - now - time
    }

    /// A batch that has no step under way, of those that are parked.
    fileprivate var idle: Int? { (0..<count).first { $0 != current && parked[$0].progress == nil } }

    /// Requests of parked batches whose prompts are being read.
    var readingCount: Int {
        (0..<count).reduce(0) { $1 == current ? $0 : $0 + parked[$1].reading.count }
    }

    /// Whether a parked batch waits for memory that others hold.
    var areStalled: Bool { (0..<count).contains { isStalled($0) } }

    fileprivate func isStalled(_ lane: Int) -> Bool {
        lane != current && parked[lane].progress == nil && parked[lane].running.count > 0
    }

    /// Whether a parked batch has a request that would be preempted before this one.
    func haveVictim(before job: Int32, byPriority: Bool, in jobs: borrowing Slab<TokenJob>) -> Bool {
        let own = jobs[job]
        for lane in 0..<count where lane != current && parked[lane].running.count > 0 {
            guard byPriority else {
                if jobs[parked[lane].running.last].seat &- own.seat > 0 { return true }
                continue
            }
            var other = parked[lane].running.first
            while other >= 0 {
                let held = jobs[other]
                let (one, two) = (held.request, own.request)
                // Of those that came at the same time, whoever was admitted later.
                if (one.priority, one.arrival, held.seat) > (two.priority, two.arrival, own.seat) {
                    return true
                }
                other = held.after
            }
        }
        return false
    }
}

/// What the cluster tells an engine, and what the engine does then.
extension TokenEngine {
    /// Looks at what was put into the queue: at once if it is idle, after the step in progress otherwise.
    mutating func notice(at now: Int64, jumps: Bool) {
        // By priority, whoever comes may be admitted before those that wait.
        let mayBegin = waitingCount - loadingCount == 1 || setup.byPriority
        guard lanes.count == 1 else {
            if mayBegin || runningCount == 0 { fill(at: now, jumps: jumps) }
            return
        }
        if progress == nil {
            _ = plan(at: now, jumps: jumps)
        } else if mayBegin {
            cut(at: now)
        }
    }

    /// Goes on after a step has ended.
    mutating func proceed(at now: Int64, jumps: Bool) {
        _ = plan(at: now, jumps: jumps)
        guard lanes.count > 1 else { return }
        // Those that wait for memory come before those that wait for a seat. One that gives way makes room.
        let own = lanes.current
        var preemptions = -1
        while preemptions != account.preemptions {
            preemptions = account.preemptions
            for lane in 0..<lanes.count {
                turn(to: lane)
                if progress == nil, running.count > 0 { _ = plan(at: now, jumps: jumps) }
            }
        }
        turn(to: own)
        if waiting.count > 0 { fill(at: now, jumps: jumps) }
    }

    /// Turns to the batch whose step ends.
    /// - Returns: false where the end was put off.
    mutating func face(_ epoch: Int32) -> Bool {
        if self.epoch == epoch { return progress != nil }
        for lane in 0..<lanes.count where lane != lanes.current && lanes.parked[lane].epoch == epoch {
            turn(to: lane)
            return progress != nil
        }
        return false
    }

    /// Forms batches of what waits as long as a stage has none.
    mutating func fill(at now: Int64, jumps: Bool) {
        for lane in 0..<lanes.count where lane != lanes.current { splitRow(of: lane, at: now) }
        split(at: now)
        while waiting.count > 0 {
            if progress != nil {
                guard let lane = lanes.idle else { return }
                turn(to: lane)
            }
            guard plan(at: now, jumps: jumps) else { return }
        }
    }

    private mutating func splitRow(of lane: Int, at now: Int64) {
        guard let row = lanes.parked[lane].progress, row.steps > 1 else { return }
        let own = lanes.current
        turn(to: lane)
        split(at: now)
        turn(to: own)
    }

    /// Ends a row with the step before the one that runs at a time, which is then one by itself, so that
    /// memory and stages are as they are at that time.
    private mutating func split(at now: Int64) {
        settle(at: now)
        guard var row = progress, row.steps > 1 else { return }
        let begun = stepsBegun(by: now, in: row)
        if begun > 1 {
            row.steps = begun - 1
            row.end = end(of: row, after: row.steps)
            progress = row
            finish()
            followsStep = false
            row.start = row.end
            row.shape.decodeContext = generatingContext
            let time = row.line.time(context: row.shape.decodeContext)
            _ = lanes.pass(time, tokens: row.shape.tokens(perDecode: width), at: row.start)
        }
        (row.steps, row.settled) = (1, 1)
        row.end = end(of: row, after: 1)
        progress = row
        announce(row.end)
    }

    /// Parks the batch it works on and takes up another one.
    mutating func turn(to lane: Int) {
        guard lane != lanes.current else { return }
        exchange(lanes.current)
        exchange(lane)
        lanes.current = lane
    }

    private mutating func exchange(_ lane: Int) {
        let place = lanes.parked + lane
        swap(&running, &place.pointee.running)
        swap(&reading, &place.pointee.reading)
        swap(&generating, &place.pointee.generating)
        swap(&generatingContext, &place.pointee.generatingContext)
        swap(&offset, &place.pointee.offset)
        swap(&pace, &place.pointee.pace)
        swap(&buckets, &place.pointee.buckets)
        swap(&endings, &place.pointee.endings)
        swap(&progress, &place.pointee.progress)
        swap(&epoch, &place.pointee.epoch)
        swap(&heldBack, &place.pointee.heldBack)
        swap(&lastGeneratingEnd, &place.pointee.lastGeneratingEnd)
        swap(&joins, &place.pointee.joins)
        swap(&late, &place.pointee.late)
        swap(&hasPieces, &place.pointee.hasPieces)
    }

    // MARK: Checks

    /// What does not add up between steps: blocks, tokens and counts, each against a sum over requests.
    /// O(requests and blocks).
    mutating func imbalances() -> [String] {
        var (held, named) = (0, 0)
        var found: [String] = []
        let own = lanes.current
        for lane in 0..<lanes.count {
            turn(to: lane)
            found += imbalancesOfLane(&held, &named)
        }
        turn(to: own)
        for job in lingering {
            held += blocks(Int(jobs[job].base) + lookahead) - Int(jobs[job].named)
            named += Int(jobs[job].named)
        }
        var job = waiting.first
        while job >= 0 {
            if jobs[job].holdsLoad { held += blocks(Int(jobs[job].base)) - Int(jobs[job].named) }
            named += Int(jobs[job].named)
            job = jobs[job].after
        }
        let kept = ledger.namedHeld
        if held + kept + ledger.free != setup.blocks {
            found.append("\(held) blocks held, \(kept) named, \(ledger.free) free of \(setup.blocks)")
        }
        if kept > named { found.append("\(kept) named blocks held by \(named) requests") }
        if !ledger.isConsistent { found.append("the free list does not hold \(ledger.free) blocks") }
        return found
    }

    private func imbalancesOfLane(_ held: inout Int, _ named: inout Int) -> [String] {
        var (count, context, job) = (0, 0, running.first)
        // A step in progress has room for what it brings, and those that it leaves out are put back by that.
        let takesPart = !heldBack.isEmpty || (progress?.shape.decodes ?? 0) > 0
        let step = takesPart ? pace.tokens(progress?.settled ?? 1) : 0
        while job >= 0 {
            let own = jobs[job]
            let cached = cachedTokens(of: job)
            if own.state == .generating {
                count += 1
                context += cached
                held += blocks(cached + lookahead + step)
            } else {
                held += blocks(heldTokens(job, with: Int(own.piece)))
            }
            held -= Int(own.named)
            named += Int(own.named)
            job = own.after
        }
        context += heldBack.count * pace.tokens(1)
        var found: [String] = []
        if count != generating { found.append("\(generating) generating, found \(count)") }
        if context != generatingContext { found.append("\(generatingContext) in context, found \(context)") }
        if buckets.reduce(0, +) != generating { found.append("buckets \(buckets), \(generating) generating") }
        return found
    }
}
