import Quantities

/// Forming steps.
extension TokenEngine {
    /// Forms the next step and begins it; where nothing can happen on the way, a whole row of them.
    /// - Parameter jumps: false forms one step at a time.
    /// - Returns: whether there was anything to do.
    mutating func plan(at now: Int64, jumps: Bool) -> Bool {
        var shape = StepShape()
        // A step that follows another one was planned before that one ended.
        var isOverlapped = setup.plansAhead && followsStep
        followsStep = false
        if setup.plansAhead, !isOverlapped { _ = catchUp() }
        var isSteady = form(at: now, &shape)
        if isOverlapped {
            let mayChange = catchUp() && (waiting.count > 0 || !reading.isEmpty)
            if shape.isEmpty {
                isOverlapped = false
                takeUpAgain()
                isSteady = form(at: now, &shape)
            } else if mayChange {
                isSteady = false
            }
        }
        // Whoever was preempted may be admitted by the next step, which is at once.
        if shape.isEmpty, waiting.count > 0, lanes.count == 1 {
            takeUpAgain()
            isSteady = form(at: now, &shape)
        }
        if shape.isEmpty, loadHolders > 0, lanes.count == 1 || seated == 0 {
            isSteady = formOnLoads(at: now, &shape)
        }
        guard !shape.isEmpty else {
            takeUpAgain()
            return false
        }
        if candidateCount > 0, !setup.tiers.isEmpty {
            // What must fit may be less where more is found in the tiers.
            isSteady = isSteady && setup.reservesWholePrompt && setup.cutsPrompts
        }
        shape.sampled += shape.decodes * width
        let isRow = shape.prefillTokens == 0
        let line =
            isRow
            ? timing.line(shape, isOverlapped: isOverlapped)
            : DecodeLine(base: timing.time(shape, isOverlapped: isOverlapped), slope: 0)
        let mayRow = jumps && isRow && isSteady && heldBack.isEmpty
        // The first step after a rest hides no work of the host; batches of a pipeline meet in its stages.
        let isLike = !setup.plansAhead || isOverlapped
        let isAlone = lanes.count == 1 || (waiting.count == 0 && seated == running.count)
        let steps = mayRow && isLike && isAlone ? stepsAhead(line, shape) : 1
        begin(shape, line, steps: steps, at: now)
        account.sequencesMost = max(account.sequencesMost, runningCount)
        return true
    }

    /// Begins a row of steps that was formed.
    private mutating func begin(_ shape: StepShape, _ line: DecodeLine, steps: Int, at now: Int64) {
        let each = line.time(context: shape.decodeContext)
        let extra = lanes.pass(each, tokens: shape.tokens(perDecode: width), at: now)
        let duration = line.time(
            context: shape.decodeContext, sequences: shape.decodes, steps: steps, pace: pace)
        let end = now + duration + Int64(steps) * extra
        progress = TokenSteps(start: now, end: end, steps: steps, shape: shape, line: line, extra: extra)
        announce(end)
    }

    /// Has the cluster know when a step ends, in place of what it knew.
    mutating func announce(_ end: Int64) {
        lanes.lastEpoch &+= 1
        epoch = lanes.lastEpoch
        guard lanes.count > 1 else { return begunEnd = end }
        lanes.begun.append((epoch, end))
    }

    mutating func form(at now: Int64, _ shape: inout StepShape) -> Bool {
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
        if endings.count > 0 {
            steps = min(steps, pace.steps(reaching: Int(endings.earliest.count - offset)))
        }
        if line.contextEnd != .max {
            // The last step of the row begins below the end of the line.
            let gained = (line.contextEnd - shape.decodeContext + shape.decodes - 1) / shape.decodes - 1
            steps = min(steps, max(1, pace.steps(within: max(0, gained)) + 1))
        }
        // The sum of the row stays far from what a clock holds.
        let longest = pace.tokens(min(steps, 1_000_000))
        let last = line.time(context: shape.decodeContext + shape.decodes * longest)
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
        if lanes.count > 1, !heldBack.isEmpty || lanes.areStalled { return false }
        var job = candidate(from: waiting.first)
        while budget > 0, job >= 0, seated < setup.sequencesMax {
            let next = jobs[job].after
            guard admit(job, &budget, &shape, at: now) else { break }
            job = candidate(from: next)
        }
        // Where only the first piece must fit, the head may be admitted once its blocks are evicted.
        let isPiecewise = setup.keepsContent && !setup.reservesWholePrompt
        return candidateCount == 0 || !isPiecewise
    }

    /// All running requests at once. O(requests that read).
    /// - Returns: false where their order matters: memory or budget does not suffice for all.
    mutating func planRunning(_ budget: inout Int, _ shape: inout StepShape) -> Bool {
        var (room, need) = (budget - generating * width, blocksOfStep)
        for job in reading {
            let left = pieceLeft(of: job)
            // The last of all gets what the others leave.
            guard left <= room || job == running.last else { return false }
            let piece = min(left, room)
            need += blocksNeeded(piece, of: job)
            room -= piece
        }
        guard need <= ledger.free else { return false }
        room = budget - generating * width
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
        ledger.take(blocksOfStep)
        shape.decodes = generating
        shape.decodeContext = generatingContext
        budget -= generating * width
    }

    /// Running requests one by one, in order of admission, preempting from the end where memory is short.
    mutating func planRunningInOrder(_ budget: inout Int, _ shape: inout StepShape) {
        hasPieces = true
        let gained = pace.tokens(1)
        var job = running.first
        inOrder: while job >= 0, budget > 0 {
            let isGenerating = jobs[job].state == .generating
            if isGenerating, budget < width { break }
            let piece = isGenerating ? gained : min(pieceLeft(of: job), budget)
            let cached = cachedTokens(of: job)
            let need = blocksNeeded(piece, of: job)
            while need > ledger.free {
                let (victim, next) = (self.victim(), jobs[job].after)
                // Whoever came later and is in another batch gives way once that one ends.
                if victim == job, lanes.count > 1,
                    lanes.haveVictim(before: job, byPriority: setup.byPriority, in: jobs)
                {
                    break inOrder
                }
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
                jobs[job].piece = Int32(piece)
                budget -= width
            } else {
                read(piece, of: job, &shape)
                budget -= piece
            }
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
        let context = cachedTokens(of: job)
        if jobs[job].state == .generating {
            budget += width
            shape.decodes -= 1
            shape.decodeContext -= context
        } else {
            budget += piece
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

    /// Tokens of a request in the cache, and the room it has for drafted ones: before and after a piece.
    @inline(__always)
    func heldTokens(_ job: Int32, with piece: Int) -> Int {
        if jobs[job].state == .generating { return cachedTokens(of: job) + piece + lookahead }
        let read = Int(jobs[job].base) + piece
        return read == Int(jobs[job].tokens) ? read + lookahead : read
    }

    /// Blocks that a piece of a request's tokens begins.
    @inline(__always)
    func blocksNeeded(_ piece: Int, of job: Int32) -> Int {
        blocks(heldTokens(job, with: piece)) - blocks(heldTokens(job, with: 0))
    }

    /// Has the step read a piece of a running request's tokens.
    mutating func read(_ piece: Int, of job: Int32, _ shape: inout StepShape) {
        let base = Int(jobs[job].base)
        ledger.take(blocksNeeded(piece, of: job))
        jobs[job].piece = Int32(piece)
        shape.addPrefill(tokens: piece, context: base)
        if base + piece == Int(jobs[job].tokens) { shape.sampled += 1 }
        name(job, upTo: base + piece)
    }

    mutating func name(_ job: Int32, upTo tokens: Int) {
        let content = content(job)
        let whole = min(tokens / setup.blockTokens, content.sharedBlocks)
        let named = Int(jobs[job].named)
        guard whole > named else { return }
        ledger.name(named..<whole, of: content, held: &jobs[job].named)
    }

    // MARK: Admission

    /// Admits the head of the queue, if all that the rules ask for is there, or has it wait for a load.
    /// - Returns: false where it waits for room, and others behind it.
    mutating func admit(
        _ job: Int32, _ budget: inout Int, _ shape: inout StepShape, at now: Int64
    ) -> Bool {
        if jobs[job].isDelivered { return admitDelivered(job, &budget, &shape) }
        let tokens = Int(jobs[job].tokens)
        let hit = found(job)
        if let ends = loadEnds(of: job, after: hit, at: now) {
            let end = Int(ends.max()) * setup.blockTokens
            let known = setup.reservesWholePrompt ? tokens + lookahead : end
            guard hasRoom(blocks(known), for: job, hit) else { return false }
            load(ends, of: job, after: hit, at: now)
            return true
        }
        let cached = cachedWhileWaiting(job, hit)
        var piece = min(tokens - cached, setup.pieceTokensMax ?? .max)
        if piece > budget {
            guard setup.cutsPrompts else { return false }
            piece = budget
        }
        let known = setup.reservesWholePrompt ? tokens : cached + piece
        let room = known == tokens ? known + lookahead : known
        guard hasRoom(blocks(room), for: job, hit) else { return false }
        begin(job, hit, at: now)
        read(piece, of: job, &shape)
        budget -= piece
        return true
    }

    /// Whether a waiting request can have so many blocks in all.
    private func hasRoom(_ room: Int, for job: Int32, _ hit: KVLedger.Hit) -> Bool {
        if jobs[job].holdsLoad { return room - blocks(Int(jobs[job].base)) <= ledger.free }
        return keepsPromises(to: job) && room - hit.blocks + Int(hit.free) <= ledger.free
    }

    /// Admits a request whose keys and values have arrived: it generates in the step that is formed.
    private mutating func admitDelivered(
        _ job: Int32, _ budget: inout Int, _ shape: inout StepShape
    ) -> Bool {
        let cached = Int(jobs[job].tokens) - 1
        let room = blocks(cached + pace.tokens(1) + lookahead)
        guard room <= ledger.free, budget >= width, keepsPromises(to: job) else { return false }
        takeOver(job, room: room)
        shape.decodes += 1
        shape.decodeContext += cached
        budget -= width
        return true
    }

    /// Has a request whose keys and values have arrived join those that generate, under policies that form
    /// steps of all these at once.
    /// - Parameter spare: tokens that have to stay free beside those of the next step.
    /// - Returns: false where it waits for room.
    mutating func joinDelivered(_ job: Int32, spare: Int = 0) -> Bool {
        let held = Int(jobs[job].tokens) - 1 + lookahead
        let need = blocks(held + pace.tokens(1)) + blocksOfStep + blocks(spare)
        guard need <= ledger.free, keepsPromises(to: job) else { return false }
        takeOver(job, room: blocks(held))
        return true
    }

    /// Whether the whole answer of a waiting request has room, where a policy asks for that.
    private func keepsPromises(to job: Int32) -> Bool {
        !setup.policy.keepsRoomForAnswers || promised + blocksAtMost(for: jobs[job].request) <= setup.blocks
    }

    private mutating func takeOver(_ job: Int32, room: Int) {
        ledger.take(room)
        enterBatch(job)
        jobs[job].isDelivered = false
        jobs[job].base = Int64(jobs[job].tokens) - 1
        startGenerating(job, at: jobs[job].lastToken)
    }

    /// Moves a request from the queue to the batch, with what the cache has of it.
    mutating func begin(_ job: Int32, _ hit: KVLedger.Hit, at now: Int64) {
        let cached = cachedWhileWaiting(job, hit)
        enterBatch(job)
        reading.append(job)
        jobs[job].state = .reading
        jobs[job].base = Int64(cached)
        if jobs[job].holdsLoad {
            leaveLoads(job)
        } else {
            ledger.hold(hit, of: content(job))
            jobs[job].named = hit.shared
        }
        outstandingTokens -= cached
        if jobs[job].scheduled < 0 {
            jobs[job].scheduled = now
            jobs[job].cachedTokens = Int32(cached)
            account.promptTokens += Int(jobs[job].request.prompt)
            account.cachedTokens += cached
            for place in account.loadedTokens.indices {
                account.loadedTokens[place] += Int(jobs[job].loaded[place])
            }
        } else {
            account.recomputedTokens -= cached
        }
        jobs[job].loaded = .zero
    }

    /// From the queue to the batch, with room promised for the whole answer.
    private mutating func enterBatch(_ job: Int32) {
        waiting.remove(job, in: jobs)
        running.append(job, in: jobs)
        seated += 1
        lastSeat &+= 1
        jobs[job].seat = lastSeat
        if !jobs[job].holdsLoad { promised += blocksAtMost(for: jobs[job].request) }
    }

    /// A seat, and what was promised to who had it, is free again.
    mutating func leaveSeat(_ job: Int32) {
        seated -= 1
        promised -= blocksAtMost(for: jobs[job].request)
    }

    // MARK: Preemption

    /// Takes a running request's memory and puts it back to the head of the queue.
    mutating func preempt(_ job: Int32) {
        let cached = cachedTokens(of: job)
        let held = heldTokens(job, with: Int(jobs[job].piece))
        if jobs[job].state == .generating {
            _ = leaveJoins(job)
            leaveGenerating(job)
        } else {
            reading.removeAll { $0 == job }
        }
        release(job, held: held, whole: cached, isOver: false)
        running.remove(job, in: jobs)
        leaveSeat(job)
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

    /// Gives back the memory of a request.
    /// - Parameters:
    ///   - held: tokens that it has room for.
    ///   - whole: tokens of it that the cache holds.
    mutating func release(_ job: Int32, held: Int, whole: Int, isOver: Bool) {
        ledger.giveBack(
            total: blocks(held), named: Int(jobs[job].named), whole: whole / setup.blockTokens,
            of: content(job), isOver: isOver)
        jobs[job].named = 0
    }

    /// A generating request sits a step out.
    private mutating func holdBack(_ job: Int32) {
        shift(job, by: -Int64(pace.tokens(1)))
        heldBack.append(job)
        late.append((leaveJoins(job), 1))
    }

    /// Those that a step left out take part after all, as the step did nothing.
    mutating func takeUpAgain() {
        for job in heldBack { shift(job, by: Int64(pace.tokens(1))) }
        joins.append(contentsOf: late)
        late.removeAll(keepingCapacity: true)
        heldBack.removeAll(keepingCapacity: true)
    }

    private mutating func shift(_ job: Int32, by tokens: Int64) {
        buckets[bucket(of: jobs[job].base)] -= 1
        jobs[job].base += tokens
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
        let (size, held) = (Int64(setup.blockTokens), base + Int64(lookahead))
        return Int(((held % size) + size) % size)
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
