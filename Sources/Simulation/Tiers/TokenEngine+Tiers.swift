/// Blocks that are loaded from tiers below the device, and written there.
extension TokenEngine {
    /// Waiting requests that do not wait for a load.
    var candidateCount: Int { waiting.count - loadingCount }

    /// The first at or behind a place in the queue that does not wait for a load; -1 for none.
    @inline(__always)
    func candidate(from job: Int32) -> Int32 {
        guard loadingCount > 0 else { return job }
        var job = job
        while job >= 0, jobs[job].transfers > 0 { job = jobs[job].after }
        return job
    }

    /// What the device holds of a waiting request that does not hold it already.
    func found(_ job: Int32) -> KVLedger.Hit {
        guard !jobs[job].holdsLoad else { return KVLedger.Hit() }
        return ledger.hit(content(job), limit: (Int(jobs[job].tokens) - 1) / setup.blockTokens)
    }

    /// Tokens of a waiting request that need not be read.
    func cachedWhileWaiting(_ job: Int32, _ hit: KVLedger.Hit) -> Int {
        jobs[job].holdsLoad ? Int(jobs[job].base) : hit.blocks * setup.blockTokens
    }

    // MARK: Loading

    /// Up to which block a waiting request is loaded from each tier: every tier goes on where the one before
    /// it ends, behind what the device holds.
    /// - Returns: nil where nothing is loaded.
    func loadEnds(of job: Int32, after hit: KVLedger.Hit, at now: Int64) -> SIMD4<Int32>? {
        guard !setup.tiers.isEmpty, !jobs[job].holdsLoad, let tiers else { return nil }
        let limit = (Int(jobs[job].tokens) - 1) / setup.blockTokens
        let content = content(job)
        var (ends, end) = (SIMD4<Int32>.zero, hit.blocks)
        for (place, tier) in setup.tiers.enumerated() {
            end = tiers[tier].store.reach(content, from: end, limit: limit)
            ends[place] = Int32(end)
        }
        guard end > hit.blocks else { return nil }
        if setup.tierChoice == .sooner { cut(&ends, of: job, after: hit.blocks, at: now) }
        return Int(ends.max()) > hit.blocks ? ends : nil
    }

    /// Loads from as many tiers as make a request ready soonest; of equals, from the most.
    private func cut(_ ends: inout SIMD4<Int32>, of job: Int32, after start: Int, at now: Int64) {
        guard let tiers else { return }
        let (size, tokens) = (setup.blockTokens, Int(jobs[job].tokens))
        var (begin, longest) = (start, 0.0)
        var (best, most) = (readingTime(from: start * size, to: tokens), 0)
        for (place, tier) in setup.tiers.enumerated() {
            let end = Int(ends[place])
            if end > begin { longest = max(longest, tiers[tier].expected(blocks: end - begin, at: now)) }
            begin = end
            let time = longest + readingTime(from: end * size, to: tokens)
            if time <= best { (best, most) = (time, place + 1) }
        }
        let last = most == 0 ? Int32(start) : ends[most - 1]
        for place in setup.tiers.indices where place >= most { ends[place] = last }
    }

    /// The time of steps that read nothing but these tokens of one request, in picoseconds.
    private func readingTime(from start: Int, to end: Int) -> Double {
        let most = min(setup.tokenBudget, setup.pieceTokensMax ?? .max)
        var (read, time) = (start, 0.0)
        while read < end {
            var shape = StepShape()
            let piece = min(end - read, most)
            shape.addPrefill(tokens: piece, context: read)
            read += piece
            shape.sampled = read == end ? 1 : 0
            time += Double(timing.time(shape, isOverlapped: false))
        }
        return time
    }

    /// Has a waiting request hold what the device has of it and room for the rest, which is on its way then.
    /// It keeps its place in the queue, and others may pass it.
    mutating func load(
        _ ends: SIMD4<Int32>, of job: Int32, after hit: KVLedger.Hit, at now: Int64
    ) {
        guard let tiers else { return }
        let end = Int(ends.max())
        ledger.hold(hit, of: content(job))
        ledger.take(end - hit.blocks)
        promised += blocksAtMost(for: jobs[job].request)
        jobs[job].holdsLoad = true
        jobs[job].base = Int64(end * setup.blockTokens)
        jobs[job].named = hit.shared
        jobs[job].loadStart = now
        loadHolders += 1
        loadingCount += 1
        var begin = hit.blocks
        for (place, tier) in setup.tiers.enumerated() {
            let stop = Int(ends[place])
            guard stop > begin else { continue }
            jobs[job].transfers += 1
            jobs[job].loaded[place] = Int32((stop - begin) * setup.blockTokens)
            tiers[tier].load(
                begin..<stop, of: jobs[job].request, job: job, at: index, life: life, now: now)
            begin = stop
        }
    }

    /// One of the transfers that a request waits for has arrived.
    /// - Returns: since when it has waited, if that was the last one.
    mutating func arrive(_ job: Int32) -> Int64? {
        guard jobs[job].transfers == 1 else {
            jobs[job].transfers -= 1
            return nil
        }
        if setup.plansAhead, progress != nil || followsStep {
            freshLoads.append(job)
        } else {
            endLoad(job)
        }
        return jobs[job].loadStart
    }

    /// A request can be admitted with what was loaded, and others find that.
    mutating func endLoad(_ job: Int32) {
        jobs[job].transfers = 0
        loadingCount -= 1
        name(job, upTo: Int(jobs[job].base))
    }

    /// What was loaded for a request is its own like any other part of its prompt.
    mutating func leaveLoads(_ job: Int32) {
        jobs[job].holdsLoad = false
        loadHolders -= 1
    }

    /// Looks, after a load has ended, whether a step can hold the request.
    mutating func noticeLoad(at now: Int64, jumps: Bool) {
        guard lanes.count == 1 else { return fill(at: now, jumps: jumps) }
        if progress == nil {
            _ = plan(at: now, jumps: jumps)
        } else {
            cut(at: now)
        }
    }

    // MARK: Lack of memory

    /// Forms a step where nothing could be done beside the memory that loaded requests hold: they give it up,
    /// the last one first. What they loaded stays on the device until its room is needed.
    mutating func formOnLoads(at now: Int64, _ shape: inout StepShape) -> Bool {
        var isSteady = false
        while shape.isEmpty, let job = lastHolder() {
            takeUpAgain()
            let base = Int(jobs[job].base)
            release(job, held: base, whole: base, isOver: false)
            promised -= blocksAtMost(for: jobs[job].request)
            leaveLoads(job)
            jobs[job].base = 0
            jobs[job].loaded = .zero
            isSteady = form(at: now, &shape)
        }
        return isSteady
    }

    /// The last of those that have been loaded, but not the one whose turn it is while nobody else is served.
    private func lastHolder() -> Int32? {
        let head = seated == 0 ? candidate(from: waiting.first) : -1
        var job = waiting.last
        while job >= 0 {
            if jobs[job].holdsLoad, jobs[job].transfers == 0, job != head { return job }
            job = jobs[job].before
        }
        return nil
    }

    // MARK: Writing

    /// Writes the full blocks of a prompt that has been read to every tier that lacks them.
    func writeThrough(_ job: Int32, at now: Int64) {
        guard let tiers else { return }
        let whole = Int(jobs[job].request.prompt) / setup.blockTokens
        guard whole > 0 else { return }
        for tier in setup.tiers { tiers[tier].write(blocks: whole, of: jobs[job].request, now: now) }
    }
}
