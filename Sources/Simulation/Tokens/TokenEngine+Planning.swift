import Quantities

/// Forming steps.
extension TokenEngine {
    /// Forms the next step and begins it; where nothing can happen on the way, a whole row of them.
    /// - Parameter jumps: false forms one step at a time.
    /// - Returns: when it ends; nil where there is nothing to do.
    mutating func plan(at now: Int64, jumps: Bool) -> Int64? {
        var shape = StepShape()
        var isSteady = form(at: now, &shape)
        // Whoever was preempted may be admitted by the next step, which is at once.
        if shape.isEmpty, waiting.count > 0 {
            takeUpAgain()
            isSteady = form(at: now, &shape)
        }
        guard !shape.isEmpty else { return nil }
        shape.sampled += shape.decodes
        let isRow = shape.prefillTokens == 0
        let line =
            isRow
            ? law.decodeLine(sequences: shape.decodes, context: shape.decodeContext)
            : DecodeLine(base: law.time(of: shape), slope: 0)
        var steps = 1
        if jumps, isRow, isSteady, heldBack.isEmpty { steps = stepsAhead(line, shape) }
        let duration = line.time(context: shape.decodeContext, sequences: shape.decodes, steps: steps)
        progress = TokenSteps(start: now, end: now + duration, steps: steps, shape: shape, line: line)
        account.sequencesMost = max(account.sequencesMost, running.count)
        return now + duration
    }

    private mutating func form(at now: Int64, _ shape: inout StepShape) -> Bool {
        switch setup.policy {
        case .vllm, .noEvict: planMixed(at: now, &shape)
        case .continuous: planApart(at: now, &shape)
        case .static: planTogether(at: now, &shape)
        case .sglang: planPromptsFirst(at: now, &shape)
        case .llamaCpp: planInSlots(at: now, &shape)
        }
    }

    /// Steps until the first answer ends, memory is full, or the law takes another line.
    private func stepsAhead(_ line: DecodeLine, _ shape: StepShape) -> Int {
        var steps = stepsThatFit()
        // An entry that no longer holds only ends the row early.
        if endings.count > 0 { steps = min(steps, Int(endings.earliest.count - offset)) }
        if line.contextEnd != .max {
            let room = line.contextEnd - shape.decodeContext
            steps = min(steps, max(1, (room + shape.decodes - 1) / shape.decodes))
        }
        // The sum of the row stays far from what a clock holds.
        let last = line.time(context: shape.decodeContext + shape.decodes * min(steps, 1_000_000))
        steps = min(steps, 1_000_000, Int(100_000_000_000_000_000 / max(1, last)))
        return max(1, steps)
    }

    // MARK: vLLM

    /// Running requests first, each catching up with its tokens; then waiting ones, unless one was preempted.
    /// - Returns: whether the same would be formed again until an answer ends or memory is short.
    private mutating func planMixed(at now: Int64, _ shape: inout StepShape) -> Bool {
        let preemptions = account.preemptions
        var budget = setup.tokenBudget
        if !planRunning(&budget, &shape) { planRunningInOrder(&budget, &shape) }
        guard account.preemptions == preemptions else { return false }
        while budget > 0, waiting.count > 0, running.count < setup.sequencesMax {
            guard admit(waiting.first, &budget, &shape, at: now) else { break }
        }
        // Where only the first piece must fit, the head may be admitted once its blocks are evicted.
        let isPiecewise = setup.keepsContent && !setup.reservesWholePrompt
        return waiting.count == 0 || !isPiecewise
    }

    /// All running requests at once. O(requests that read).
    /// - Returns: false where their order matters: memory or budget does not suffice for all.
    mutating func planRunning(_ budget: inout Int, _ shape: inout StepShape) -> Bool {
        var (room, need) = (budget - generating, beginning(after: 0))
        for job in reading {
            let left = pieceLeft(of: job)
            // The last of all gets what the others leave.
            guard left <= room || job == running.last else { return false }
            let (base, piece) = (Int(jobs[job].base), min(left, room))
            need += blocks(base + piece) - blocks(base)
            room -= piece
        }
        guard need <= ledger.free else { return false }
        room = budget - generating
        for job in reading {
            let piece = min(pieceLeft(of: job), room)
            guard piece > 0 else { continue }
            read(piece, of: job, &shape)
            room -= piece
        }
        generate(&budget, &shape)
        budget = room
        return true
    }

    /// Every generating request by one token.
    mutating func generate(_ budget: inout Int, _ shape: inout StepShape) {
        ledger.take(beginning(after: 0))
        shape.decodes = generating
        shape.decodeContext = generatingContext
        budget -= generating
    }

    /// Running requests one by one, in order of admission, preempting from the end where memory is short.
    mutating func planRunningInOrder(_ budget: inout Int, _ shape: inout StepShape) {
        hasPieces = true
        var job = running.first
        inOrder: while job >= 0, budget > 0 {
            let isGenerating = jobs[job].state == .generating
            let piece = isGenerating ? 1 : min(pieceLeft(of: job), budget)
            let cached = cachedTokens(of: job)
            let need = blocks(cached + piece) - blocks(cached)
            while need > ledger.free {
                let (victim, next) = (self.victim(), jobs[job].after)
                takeBack(victim, &budget, &shape)
                preempt(victim)
                guard victim == job else { continue }
                job = next
                break inOrder
            }
            if isGenerating {
                ledger.take(need)
                shape.decodes += 1
                shape.decodeContext += cached
                jobs[job].piece = 1
            } else {
                read(piece, of: job, &shape)
            }
            budget -= piece
            job = jobs[job].after
        }
        while job >= 0 {
            if jobs[job].state == .generating { holdBack(job) }
            job = jobs[job].after
        }
    }

    private func victim() -> Int32 {
        guard setup.byPriority else { return running.last }
        var (worst, job) = (running.first, running.first)
        while job >= 0 {
            let (one, other) = (jobs[job].request, jobs[worst].request)
            if (one.priority, one.arrival) >= (other.priority, other.arrival) { worst = job }
            job = jobs[job].after
        }
        return worst
    }

    /// What a victim was to do in this step is not done: its tokens go back to the budget.
    private mutating func takeBack(_ job: Int32, _ budget: inout Int, _ shape: inout StepShape) {
        let piece = Int(jobs[job].piece)
        guard piece > 0 else { return }
        budget += piece
        let context = cachedTokens(of: job)
        if jobs[job].state == .generating {
            shape.decodes -= 1
            shape.decodeContext -= context
        } else {
            shape.prefillTokens -= piece
            shape.prefillSequences -= 1
            shape.prefillContext -= context
            shape.prefillPairsDoubled -= piece * (2 * context + piece)
            if context + piece == Int(jobs[job].tokens) { shape.sampled -= 1 }
        }
    }

    /// Tokens of a prompt that one step may read.
    func pieceLeft(of job: Int32) -> Int {
        min(Int(jobs[job].tokens) - Int(jobs[job].base), setup.pieceTokensMax ?? .max)
    }

    /// Has the step read a piece of a running request's tokens.
    mutating func read(_ piece: Int, of job: Int32, _ shape: inout StepShape) {
        let base = Int(jobs[job].base)
        ledger.take(blocks(base + piece) - blocks(base))
        jobs[job].piece = Int32(piece)
        shape.addPrefill(tokens: piece, context: base)
        if base + piece == Int(jobs[job].tokens) { shape.sampled += 1 }
        name(job, upTo: base + piece)
    }

    private mutating func name(_ job: Int32, upTo tokens: Int) {
        let content = content(job)
        let whole = min(tokens / setup.blockTokens, content.sharedBlocks)
        let named = Int(jobs[job].named)
        guard whole > named else { return }
        ledger.name(named..<whole, of: content, held: &jobs[job].named)
    }

    // MARK: Admission

    /// Admits the head of the queue, if all that the rules ask for is there.
    mutating func admit(
        _ job: Int32, _ budget: inout Int, _ shape: inout StepShape, at now: Int64
    ) -> Bool {
        if jobs[job].isDelivered { return admitDelivered(job, &budget, &shape) }
        let tokens = Int(jobs[job].tokens)
        let hit = ledger.hit(content(job), limit: (tokens - 1) / setup.blockTokens)
        let cached = hit.blocks * setup.blockTokens
        var piece = min(tokens - cached, setup.pieceTokensMax ?? .max)
        if piece > budget {
            guard setup.cutsPrompts else { return false }
            piece = budget
        }
        if setup.policy.keepsRoomForAnswers {
            guard promised + blocksAtMost(for: jobs[job].request) <= setup.blocks else { return false }
        }
        let known = setup.reservesWholePrompt ? tokens : cached + piece
        guard blocks(known) - hit.blocks + Int(hit.free) <= ledger.free else { return false }
        begin(job, hit, at: now)
        read(piece, of: job, &shape)
        budget -= piece
        return true
    }

    /// Admits a request whose keys and values have arrived: it generates at once.
    private mutating func admitDelivered(
        _ job: Int32, _ budget: inout Int, _ shape: inout StepShape
    ) -> Bool {
        let cached = Int(jobs[job].request.prompt)
        guard blocks(cached + 1) <= ledger.free else { return false }
        ledger.take(blocks(cached + 1))
        enterBatch(job)
        jobs[job].isDelivered = false
        jobs[job].base = Int64(cached)
        startGenerating(job, at: jobs[job].lastToken)
        shape.decodes += 1
        shape.decodeContext += cached
        budget -= 1
        return true
    }

    /// Moves a request from the queue to the batch, with what the cache has of it.
    mutating func begin(_ job: Int32, _ hit: KVLedger.Hit, at now: Int64) {
        ledger.hold(hit, of: content(job))
        enterBatch(job)
        reading.append(job)
        let cached = hit.blocks * setup.blockTokens
        jobs[job].state = .reading
        jobs[job].base = Int64(cached)
        jobs[job].named = hit.shared
        outstandingTokens -= cached
        if jobs[job].scheduled < 0 {
            jobs[job].scheduled = now
            jobs[job].cachedTokens = Int32(cached)
            account.promptTokens += Int(jobs[job].request.prompt)
            account.cachedTokens += cached
        } else {
            account.recomputedTokens -= cached
        }
    }

    /// From the queue to the batch, with room promised for the whole answer.
    private mutating func enterBatch(_ job: Int32) {
        waiting.remove(job, in: jobs)
        running.append(job, in: jobs)
        promised += blocksAtMost(for: jobs[job].request)
    }

    /// Out of the batch, and what was promised is free again.
    mutating func leaveBatch(_ job: Int32) {
        running.remove(job, in: jobs)
        promised -= blocksAtMost(for: jobs[job].request)
    }

    // MARK: Preemption

    /// Takes a running request's memory and puts it back to the head of the queue.
    mutating func preempt(_ job: Int32) {
        let cached = cachedTokens(of: job)
        if jobs[job].state == .generating {
            _ = leaveJoins(job)
            leaveGenerating(job)
        } else {
            reading.removeAll { $0 == job }
        }
        release(job, cached: cached, piece: Int(jobs[job].piece), isOver: false)
        leaveBatch(job)
        waitAgain(job)
        jobs[job].state = .waiting
        jobs[job].base = 0
        jobs[job].piece = 0
        jobs[job].preemptions += 1
        account.preemptions += 1
        account.recomputedTokens += cached
        outstandingTokens += cached
    }

    /// Back to the head of the queue, or among others of its priority by arrival.
    private mutating func waitAgain(_ job: Int32) {
        guard setup.byPriority else { return waiting.prepend(job, in: jobs) }
        let own = jobs[job].request
        var place = waiting.last
        while place >= 0 {
            let other = jobs[place].request
            if (other.priority, other.arrival) <= (own.priority, own.arrival) { break }
            place = jobs[place].before
        }
        waiting.insert(job, after: place, in: jobs)
    }

    /// Gives back the memory of a request, with what a step in progress would have added.
    mutating func release(_ job: Int32, cached: Int, piece: Int = 0, isOver: Bool) {
        ledger.giveBack(
            total: blocks(cached + piece), named: Int(jobs[job].named), whole: cached / setup.blockTokens,
            of: content(job), isOver: isOver)
        jobs[job].named = 0
    }

    /// A generating request sits a step out.
    private mutating func holdBack(_ job: Int32) {
        shift(job, by: -1)
        heldBack.append(job)
        late.append((leaveJoins(job), 1))
    }

    /// Those that a step left out take part after all, as the step did nothing.
    private mutating func takeUpAgain() {
        for job in heldBack { shift(job, by: 1) }
        joins.append(contentsOf: late)
        late.removeAll(keepingCapacity: true)
        heldBack.removeAll(keepingCapacity: true)
    }

    private mutating func shift(_ job: Int32, by steps: Int64) {
        buckets[bucket(of: jobs[job].base)] -= 1
        jobs[job].base += steps
        buckets[bucket(of: jobs[job].base)] += 1
        scheduleEnding(of: job)
    }

    /// A generating job is no longer among those whose gap is counted together.
    /// - Returns: when it got its last token.
    private mutating func leaveJoins(_ job: Int32) -> Int64 {
        let joined = jobs[job].lastToken
        if joined >= lastGeneratingEnd, let place = joins.firstIndex(where: { $0.time == joined }) {
            joins[place].count -= 1
        }
        jobs[job].lastToken = max(joined, lastGeneratingEnd)
        return jobs[job].lastToken
    }

    @inline(__always)
    func bucket(of base: Int64) -> Int {
        let size = Int64(setup.blockTokens)
        return Int(((base % size) + size) % size)
    }

    /// Enters when a request's answer ends; an earlier entry no longer holds.
    mutating func scheduleEnding(of job: Int32) {
        lastEpoch &+= 1
        jobs[job].epoch = lastEpoch
        endings.schedule(
            TokenEnding(job: job, epoch: lastEpoch),
            at: Nanoseconds(Int64(jobs[job].request.cachedAtMost) - jobs[job].base))
    }

    /// Takes a request out of those that generate.
    mutating func leaveGenerating(_ job: Int32) {
        let cached = cachedTokens(of: job)
        generating -= 1
        generatingContext -= cached
        buckets[bucket(of: jobs[job].base)] -= 1
        jobs[job].generated = Int32(cached) - jobs[job].request.prompt + 1
        jobs[job].epoch = 0
    }
}
