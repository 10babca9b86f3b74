/// What an engine loses when it fails.
extension TokenEngine {
    /// Ends the engine at a time: its step in progress is lost, and all that its memory held. It is as new
    /// afterwards, but for its account.
    /// - Returns: its requests, those in a batch by their admission, then those that waited.
    mutating func fail(at now: Int64) -> [RoutedRequest] {
        var seats: [(seat: Int32, request: RoutedRequest)] = []
        for lane in 0..<lanes.count {
            turn(to: lane)
            dropStep(at: now)
            var job = running.first
            while job >= 0 {
                seats.append((jobs[job].seat, returned(job)))
                job = jobs[job].after
            }
        }
        seats.sort { $0.seat &- $1.seat < 0 }
        var returned = seats.map(\.request)
        var job = waiting.first
        while job >= 0 {
            returned.append(self.returned(job))
            job = jobs[job].after
        }
        for job in fresh { returned.append(self.returned(job)) }
        renew()
        return returned
    }

    /// Counts the steps of a row that have ended, and drops the one that runs.
    private mutating func dropStep(at now: Int64) {
        guard var row = progress else { return }
        var start = row.start
        let begun = stepsBegun(by: now, in: row)
        if begun > 1 {
            row.steps = begun - 1
            row.end = end(of: row, after: row.steps)
            start = row.end
            progress = row
            // Blocks of the step that runs may have been taken; they were never held to its end.
            let (most, ended) = (account.blocksMost, pace.tokens(row.steps))
            let begun = max(ended, pace.tokens(row.settled))
            let beyond = blocksTaken(in: ended..<begun)
            finish()
            account.blocksMost = max(most, setup.blocks - ledger.free - beyond)
        } else {
            takeUpAgain()
        }
        progress = nil
        let each = row.line.time(context: generatingContext)
        let busy = min(now - start, row.shape.prefillTokens == 0 ? each : now - start)
        if row.shape.prefillTokens == 0 {
            account.busyByBatch[row.shape.decodes] += busy
        } else {
            account.reading += busy
        }
    }

    private func returned(_ job: Int32) -> RoutedRequest {
        let own = jobs[job]
        let isGenerating = own.state == .generating
        return RoutedRequest(
            own, generated: generatedTokens(of: job),
            cached: own.state == .waiting ? 0 : cachedTokens(of: job),
            lastToken: isGenerating ? max(own.lastToken, lastGeneratingEnd) : own.lastToken)
    }

    private mutating func renew() {
        let (account, epoch, life) = (self.account, lanes.lastEpoch &+ 1, life &+ 1)
        self = TokenEngine(
            setup: setup, law: timing.law, index: Int(index), names: names, tiers: tiers)
        self.account = account
        self.life = life
        // Ends of steps that were announced are not those of new steps.
        lanes.lastEpoch = epoch
        self.epoch = epoch
    }

    /// What an engine without requests still holds, which is a fault.
    var leftovers: [String] {
        guard isEmpty, progress == nil, jobs.count > 0 || ledger.free < setup.blocks else { return [] }
        return ["\(jobs.count) requests and \(setup.blocks - ledger.free) blocks left"]
    }

    /// Whether it has no request.
    var isEmpty: Bool { waitingCount == 0 && runningCount == 0 }
}
