import Quantities

/// Ending steps.
extension TokenEngine {
    /// Ends the step, or the row of steps, in progress; `ended` then holds the requests that it completed.
    mutating func finish() {
        ended.removeAll(keepingCapacity: true)
        guard let row = progress else { return }
        progress = nil
        // The blocks of the first step were taken when it was formed.
        ledger.take(blocksTaken(in: row.settled..<row.steps))
        account.steps += row.steps
        account.blocksMost = max(account.blocksMost, setup.blocks - ledger.free)
        if row.shape.prefillTokens == 0 {
            account.busyByBatch[row.shape.decodes] += row.end - row.start
        } else {
            account.reading += row.end - row.start
        }
        if row.shape.decodes > 0 { advance(row) }
        if row.shape.prefillTokens > 0 { endReading(at: row.end) }
        clearPieces()
    }

    /// Every generating request that took part has so many tokens more.
    private mutating func advance(_ row: TokenSteps) {
        let moved = row.shape.decodes
        recordGaps(row)
        joins.append(contentsOf: late)
        late.removeAll(keepingCapacity: true)
        offset += Int64(row.steps)
        generatingContext += row.steps * moved
        account.generatedTokens += row.steps * moved
        outstandingTokens -= row.steps * moved
        lastGeneratingEnd = row.end
        ratioAge += row.steps - 1
        while endings.count > 0, endings.earliest.count <= offset {
            let ending = endings.next().event
            guard jobs[ending.job].epoch == ending.epoch else { continue }
            leaveGenerating(ending.job)
            complete(ending.job, at: row.end)
        }
    }

    /// Gaps between tokens: of the first step since each request's last token, of the others their own time.
    private mutating func recordGaps(_ row: TokenSteps) {
        let shape = row.shape
        let single = row.line.time(context: shape.decodeContext)
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
        account.gaps.record(single + rise, rise: rise, steps: row.steps - 1, times: shape.decodes)
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
        if jobs[job].firstToken < 0 { jobs[job].firstToken = end }
        if jobs[job].lastToken >= 0 {
            account.gaps.record(end - jobs[job].lastToken, rise: 0, steps: 1, times: 1)
        }
        jobs[job].generated += 1
        jobs[job].lastToken = end
        account.generatedTokens += 1
        outstandingTokens -= 1
        if jobs[job].generated == jobs[job].request.output || setup.role == .prefill {
            complete(job, at: end)
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

    private mutating func complete(_ job: Int32, at end: Int64) {
        let held = jobs[job]
        release(job, cached: Int(held.tokens) - 1, isOver: true)
        leaveBatch(job)
        ended.append(
            TokenRecord(
                request: held.request, engine: index, handedOver: held.request.arrival,
                scheduled: Nanoseconds(held.scheduled / 1000),
                firstToken: Nanoseconds(held.firstToken / 1000), lastToken: Nanoseconds(end / 1000),
                end: Nanoseconds(end / 1000), preemptions: held.preemptions, cachedTokens: held.cachedTokens))
        jobs.free(job)
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
