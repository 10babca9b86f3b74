import Quantities

/// Ending steps.
extension TokenEngine {
    /// Ends the step, or the row of steps, in progress; `ended` then holds the requests that it completed.
    mutating func finish() {
        ended.removeAll(keepingCapacity: true)
        guard let row = progress else { return }
        progress = nil
        followsStep = true
        // The blocks of the first step were taken when it was formed.
        if row.steps > row.settled {
            ledger.take(blocksTaken(in: pace.tokens(row.settled)..<pace.tokens(row.steps)))
        }
        account.work.add(
            row.shape, steps: row.steps, width: width, gained: pace.gainedBefore(row.steps))
        account.blocksMost = max(account.blocksMost, setup.blocks - ledger.free)
        let busy = row.end - row.start - Int64(row.steps) * row.extra
        if row.shape.prefillTokens == 0 {
            account.busyByBatch[row.shape.decodes] += busy
        } else {
            account.reading += busy
        }
        if row.shape.decodes > 0 {
            advance(row)
        } else if !heldBack.isEmpty {
            takeUpAgain()
        }
        if row.shape.prefillTokens > 0 { endReading(at: row.end) }
        clearPieces()
    }

    /// Every generating request that took part has so many tokens more.
    private mutating func advance(_ row: TokenSteps) {
        let moved = row.shape.decodes
        recordGaps(row)
        joins.append(contentsOf: late)
        late.removeAll(keepingCapacity: true)
        let gained = pace.tokens(row.steps)
        pace.advance(row.steps)
        offset += Int64(gained)
        generatingContext += gained * moved
        account.generatedTokens += gained * moved
        outstandingTokens -= gained * moved
        lastGeneratingEnd = row.end
        // Tokens that a step verifies beside another come at the same time.
        var together = (gained - row.steps) * moved
        ratioAge += row.steps - 1
        while endings.count > 0, endings.earliest.count <= offset {
            let (ending, time) = endings.next()
            guard jobs[ending.job].epoch == ending.epoch else { continue }
            // Of the last tokens that are accepted, those beyond the answer are dropped.
            let beyond = Int(offset - time.count)
            together -= beyond
            account.generatedTokens -= beyond
            outstandingTokens += beyond
            let cached = cachedTokens(of: ending.job)
            leaveGenerating(ending.job)
            complete(ending.job, cached: cached, at: row.end)
        }
        if together > 0 { account.gaps.record(0, rise: 0, steps: together, times: 1) }
    }

    /// Gaps between tokens: of the first step since each request's last token, of the others their own time.
    private mutating func recordGaps(_ row: TokenSteps) {
        let shape = row.shape
        let single = row.line.time(context: shape.decodeContext) + row.extra
        let first = row.start + single
        var joined = 0
        for join in joins where join.count > 0 {
            account.gaps.record(first - join.time, rise: 0, steps: 1, times: join.count)
            joined += join.count
        }
        joins.removeAll(keepingCapacity: true)
        let others = shape.decodes - joined
        if others > 0 {
            account.gaps.record(first - lastGeneratingEnd, rise: 0, steps: 1, times: others)
        }
        guard row.steps > 1 else { return }
        let rise = row.line.slope * Int64(shape.decodes)
        guard pace.most > 1 else {
            account.gaps.record(single + rise, rise: rise, steps: row.steps - 1, times: shape.decodes)
            return
        }
        for step in 1..<row.steps {
            let gap = single + rise * Int64(pace.tokens(step))
            account.gaps.record(gap, rise: 0, steps: 1, times: shape.decodes)
        }
    }

    /// Requests that were read are further; those read to their end have a token.
    private mutating func endReading(at end: Int64) {
        var kept: [Int32] = []
        let read = reading
        for job in read {
            let piece = jobs[job].piece
            jobs[job].piece = 0
            jobs[job].base += Int64(piece)
            outstandingTokens -= Int(piece)
            guard jobs[job].base == Int64(jobs[job].tokens) else {
                kept.append(job)
                continue
            }
            sample(job, at: end)
        }
        reading = kept
    }

    private mutating func sample(_ job: Int32, at end: Int64) {
        if !setup.tiers.isEmpty { writeThrough(job, at: end) }
        if jobs[job].firstToken < 0 { jobs[job].firstToken = end }
        if jobs[job].lastToken >= 0 {
            account.gaps.record(end - jobs[job].lastToken, rise: 0, steps: 1, times: 1)
        }
        jobs[job].generated += 1
        jobs[job].lastToken = end
        account.generatedTokens += 1
        outstandingTokens -= 1
        if jobs[job].generated == jobs[job].request.output || setup.role == .prefill {
            complete(job, cached: Int(jobs[job].base), at: end)
            return
        }
        startGenerating(job, at: end)
    }

    /// A request that has been read joins those that generate.
    mutating func startGenerating(_ job: Int32, at end: Int64) {
        let cached = jobs[job].base
        jobs[job].state = .generating
        jobs[job].base = cached - offset
        generating += 1
        generatingContext += Int(cached)
        buckets[bucket(of: jobs[job].base)] += 1
        scheduleEnding(of: job)
        if let last = joins.indices.last, joins[last].time == end {
            joins[last].count += 1
        } else {
            joins.append((end, 1))
        }
    }

    /// - Parameter cached: tokens that the request has in the cache, dropped ones included.
    private mutating func complete(_ job: Int32, cached: Int, at end: Int64) {
        let held = jobs[job]
        var record = TokenRecord(
            request: held.request, engine: index, handedOver: held.request.arrival,
            scheduled: Nanoseconds(held.scheduled / 1000),
            firstToken: Nanoseconds(held.firstToken / 1000), lastToken: Nanoseconds(end / 1000),
            end: Nanoseconds(end / 1000), preemptions: held.preemptions, cachedTokens: held.cachedTokens)
        record.restarts = held.restarts
        record.generated = held.generated
        ended.append(record)
        running.remove(job, in: jobs)
        jobs[job].base = Int64(cached)
        guard setup.plansAhead else { return clear(job) }
        lingering.append(job)
    }

    /// Gives back what a request that has ended held.
    private mutating func clear(_ job: Int32) {
        let (cached, needed) = (Int(jobs[job].base), jobs[job].request.cachedAtMost)
        release(job, held: cached + lookahead, whole: min(cached, needed), isOver: true)
        leaveSeat(job)
        jobs.free(job)
    }

    /// What ended and what came while a step was planned is seen after it.
    /// - Returns: whether there was anything that the plan might have used.
    mutating func catchUp() -> Bool {
        guard !lingering.isEmpty || !fresh.isEmpty || !freshLoads.isEmpty else { return false }
        for job in lingering { clear(job) }
        for job in fresh { lineUp(job) }
        for job in freshLoads { endLoad(job) }
        freshLoads.removeAll(keepingCapacity: true)
        lingering.removeAll(keepingCapacity: true)
        fresh.removeAll(keepingCapacity: true)
        return true
    }

    /// Pieces of generating requests matter only while a step is formed one by one.
    private mutating func clearPieces() {
        guard hasPieces else { return }
        var job = running.first
        while job >= 0 {
            jobs[job].piece = 0
            job = jobs[job].after
        }
        hasPieces = false
        heldBack.removeAll(keepingCapacity: true)
    }
}
