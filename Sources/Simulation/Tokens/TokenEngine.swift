// Types of their own, not nested in the engine: compilers of today fail on that in debug builds.

/// What a request does.
enum TokenJobState: UInt8, BitwiseCopyable { case waiting, reading, generating }

/// A request that an engine has taken on.
struct TokenJob: BitwiseCopyable {
    var request: TokenRequest
    var before: Int32 = -1
    var after: Int32 = -1
    var state = TokenJobState.waiting
    /// Tokens in the cache; of a generating job, less the engine's `offset`.
    var base: Int64 = 0
    /// Tokens generated; of a generating job what follows from `base` counts.
    var generated: Int32 = 0
    /// Of its entry in `endings`; 0 while it has none.
    var epoch: UInt32 = 0
    /// Blocks held under their names.
    var named: Int32 = 0
    /// Counts admissions to batches.
    var seat: Int32 = 0
    /// Tokens that the step in progress reads.
    var piece: Int32 = 0
    var preemptions: Int32 = 0
    var restarts: Int32 = 0
    var cachedTokens: Int32 = 0
    var scheduled: Int64 = -1
    var firstToken: Int64 = -1
    var lastToken: Int64 = -1
    /// Whether another engine has read the prompt, so that it only waits for room.
    var isDelivered = false
    /// Transfers that it waits for.
    var transfers: Int32 = 0
    /// Whether it holds, while it waits, blocks for what is or was loaded from a tier: `base` tokens.
    var holdsLoad = false
    /// Tokens loaded from each tier since it was last put into the queue.
    var loaded = SIMD4<Int32>.zero
    var loadStart: Int64 = 0

    /// Tokens known: the prompt and what was generated.
    var tokens: Int32 { request.prompt + generated }
}

/// When the answer of a job ends.
struct TokenEnding: BitwiseCopyable {
    var job: Int32
    var epoch: UInt32
}

/// The step, or the row of equal steps, in progress.
struct TokenSteps: BitwiseCopyable {
    var start: Int64
    var end: Int64
    var steps: Int
    var shape: StepShape
    var line: DecodeLine
    /// What each step takes beyond its line: ways between the stages of a pipeline, and waits for them.
    var extra: Int64
    /// Steps whose blocks have been taken: those of the first are when it is formed.
    var settled = 1
}

/// One replica of an engine that serves a language model: its queue, its batch, its memory and its clock.
///
/// Times are whole picoseconds. All sequences that generate advance together, so each keeps the difference
/// to a common count of steps: a step touches only what is read, begins or ends, and `steps` many of them
/// in a row cost no more than one. O(log n) for each beginning and end among n sequences.
struct TokenEngine: ~Copyable {
    let setup: EngineSetup
    let timing: StepTiming
    /// Tokens that a generating job puts through a step, and those of them that are drafted.
    let width: Int
    let lookahead: Int
    let names: UnsafePointer<UInt64>?
    var ledger: KVLedger
    var jobs: Slab<TokenJob>
    var waiting = JobList()
    var running = JobList()
    /// Running jobs that still read, in order of admission.
    var reading: [Int32] = []
    var generating = 0
    /// Sum of tokens in the cache over generating jobs.
    var generatingContext = 0
    /// Tokens that a generating job has gained since the beginning.
    var offset: Int64 = 0
    /// How many of them a step brings.
    var pace: GenerationPace
    /// Generating jobs by `base`, and the room that drafts take, modulo the tokens of a block.
    var buckets: [Int]
    var endings = EventHeap<TokenEnding>()
    var lastEpoch: UInt32 = 0
    var progress: TokenSteps?
    /// Tells the end of the step in progress from ends that were put off.
    var epoch: Int32 = 0
    /// An end that the cluster does not know of yet; -1 for none. With several batches `lanes` has them.
    var begunEnd: Int64 = -1
    /// Blocks that requests in a batch will hold at most.
    var promised = 0
    /// Requests in a batch, those of the step before included whose end is not yet seen.
    var seated = 0
    var lastSeat: Int32 = 0
    /// Requests that ended while the next step was planned: their memory and seats are free after it.
    var lingering: [Int32] = []
    /// Requests that came while the next step was planned.
    var fresh: [Int32] = []
    /// Whether the next step is formed while another one ends.
    var followsStep = false
    /// The batches in other stages of the pipeline.
    var lanes: EngineLanes
    /// Generating jobs that the step in progress leaves out.
    var heldBack: [Int32] = []
    /// SGLang's expectation of answers: where it began to fall, and the steps since.
    var ratioStart = 0.7
    var ratioAge = 0
    var lastGeneratingEnd: Int64 = 0
    /// Generating jobs whose last token may not be of `lastGeneratingEnd`.
    var joins: [(time: Int64, count: Int)] = []
    /// When those that the step in progress leaves out got their last tokens.
    var late: [(time: Int64, count: Int)] = []
    /// Of llama.cpp's server; empty under other policies.
    var slots: [TokenSlot] = []
    /// Whether generating jobs bear pieces, as they do while a step is formed one by one.
    var hasPieces = false
    /// The cluster's tiers of memory below devices.
    let tiers: UnsafeMutablePointer<TierState>?
    /// Waiting requests whose blocks are on their way, and those that hold blocks for what was loaded.
    var loadingCount = 0
    var loadHolders = 0
    /// Requests whose loads ended while the next step was planned.
    var freshLoads: [Int32] = []
    var account = EngineAccount()
    /// Requests that ended in the step that was finished last.
    var ended: [TokenRecord] = []
    let index: Int32
    /// Counts failures, after each of which the engine is another one.
    var life: Int32 = 0

    init(
        setup: EngineSetup, law: StepLaw, index: Int, names: UnsafePointer<UInt64>?,
        tiers: UnsafeMutablePointer<TierState>? = nil
    ) {
        precondition(setup.fault == nil, "rules are checked before they are played")
        self.setup = setup.effective
        timing = StepTiming(law: law, setup: setup)
        width = setup.tokensPerDecode
        lookahead = setup.lookahead
        pace = GenerationPace(setup.speculation)
        lanes = EngineLanes(setup: setup)
        self.names = names
        self.tiers = tiers
        self.index = Int32(index)
        ledger = KVLedger(capacity: setup.blocks, keepsContent: setup.keepsContent)
        jobs = Slab(capacity: 64)
        buckets = Array(repeating: 0, count: setup.blockTokens)
        account.loadedTokens = Array(repeating: 0, count: setup.tiers.count)
        account.busyByBatch = Array(repeating: 0, count: setup.sequencesMax + 1)
    }

    // MARK: What routers see

    var waitingCount: Int { waiting.count + fresh.count }
    var runningCount: Int { seated - lingering.count }

    /// Requests whose prompts are being read.
    var readingCount: Int { reading.count + lanes.readingCount }

    /// Whether a request can ever be served: its prompt and answer fit an empty memory.
    func canHold(_ request: TokenRequest) -> Bool {
        guard setup.policy != .sglang else {
            // Room for whole blocks of both, and one token beyond.
            return blocks(Int(request.prompt)) + blocks(Int(request.output) + slack) < setup.blocks
        }
        guard blocksAtMost(for: request) <= setup.blocks else { return false }
        // Without pieces all that is known must fit one budget, after a preemption the answer so far too.
        return setup.cutsPrompts || request.cachedAtMost <= setup.tokenBudget
    }

    /// The share of a request's prompt that the cache holds at a time. O(blocks that are shared).
    mutating func cachedShare(of request: TokenRequest, at now: Int64) -> Double {
        settle(at: now)
        let content = KVContent(request: request, blockTokens: setup.blockTokens, names: names)
        let blocks = ledger.hit(content, limit: (Int(request.prompt) - 1) / setup.blockTokens).blocks
        return Double(blocks * setup.blockTokens) / Double(request.prompt)
    }

    /// Takes the blocks of the steps of a row that have begun, so that nobody finds what they held before.
    mutating func settle(at now: Int64) {
        guard let progress, progress.shape.prefillTokens == 0, progress.steps > 1 else { return }
        let begun = stepsBegun(by: now, in: progress)
        guard begun > progress.settled else { return }
        ledger.take(blocksTaken(in: pace.tokens(progress.settled)..<pace.tokens(begun)))
        self.progress?.settled = begun
    }

    /// Tokens still to be read and generated at the end of the last finished step.
    var outstandingTokens = 0

    /// Tokens still to be read and generated at a time. O(log steps).
    func outstanding(at now: Int64) -> Int {
        guard let progress, progress.shape.prefillTokens == 0 else { return outstandingTokens }
        let gained = pace.tokens(stepsBegun(by: now, in: progress) - 1)
        return outstandingTokens - gained * progress.shape.decodes
    }

    /// The share of blocks held at a time. O(log steps).
    func usedShare(at now: Int64) -> Double {
        guard let progress, progress.shape.prefillTokens == 0 else { return share(free: ledger.free) }
        let begun = stepsBegun(by: now, in: progress)
        let (taken, needed) = (pace.tokens(progress.settled), pace.tokens(max(begun, progress.settled)))
        return share(free: ledger.free - blocksTaken(in: taken..<needed))
    }

    private func share(free: Int) -> Double { 1 - Double(free) / Double(setup.blocks) }

    // MARK: Arrivals

    /// Puts a request at the end of the queue, with what other engines have done of it.
    mutating func enqueue(_ call: RoutedRequest) {
        let request = call.request
        var job = TokenJob(request: request)
        job.generated = call.generated
        job.isDelivered = call.isRead
        job.preemptions = call.preemptions
        job.restarts = call.restarts
        job.cachedTokens = call.cachedTokens
        job.scheduled = call.scheduled
        job.firstToken = call.firstToken
        job.lastToken = call.lastToken
        // What was generated is read again, unless its keys and values have come along.
        let left = call.isRead ? -Int(call.generated) : Int(request.prompt)
        outstandingTokens += left + Int(request.output)
        account.recomputedTokens += Int(call.lostTokens)
        queueUp(jobs.take(job))
    }

    /// Into the queue, now or once the next step has been planned without it.
    private mutating func queueUp(_ job: Int32) {
        if setup.plansAhead, progress != nil || followsStep {
            fresh.append(job)
        } else {
            lineUp(job)
        }
    }

    mutating func lineUp(_ job: Int32) {
        guard setup.byPriority else { return waiting.append(job, in: jobs) }
        let priority = jobs[job].request.priority
        var place = waiting.last
        while place >= 0, jobs[place].request.priority > priority { place = jobs[place].before }
        waiting.insert(job, after: place, in: jobs)
    }

    /// Ends a row of steps with the step that runs at a time, because something may begin after it.
    mutating func cut(at now: Int64) {
        guard var row = progress, row.steps > 1 else { return }
        row.steps = stepsBegun(by: now, in: row)
        row.end = end(of: row, after: row.steps)
        progress = row
        announce(row.end)
    }

    /// Steps of a row that have begun before a time, at least one. O(log steps).
    func stepsBegun(by now: Int64, in row: TokenSteps) -> Int {
        var (low, high) = (1, row.steps)
        while low < high {
            let middle = (low + high) / 2
            if end(of: row, after: middle) >= now { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func end(of row: TokenSteps, after steps: Int) -> Int64 {
        row.start + Int64(steps) * row.extra
            + row.line.time(
                context: row.shape.decodeContext, sequences: row.shape.decodes, steps: steps, pace: pace)
    }

    // MARK: Blocks

    /// Tokens of a running request in the cache.
    @inline(__always)
    func cachedTokens(of job: Int32) -> Int {
        Int(jobs[job].state == .generating ? jobs[job].base + offset : jobs[job].base)
    }

    /// Tokens that a running request has generated.
    func generatedTokens(of job: Int32) -> Int {
        guard jobs[job].state == .generating else { return Int(jobs[job].generated) }
        return cachedTokens(of: job) - Int(jobs[job].request.prompt) + 1
    }

    /// Blocks that a request holds when its last token is generated.
    func blocksAtMost(for request: TokenRequest) -> Int { blocks(request.cachedAtMost + slack) }

    /// Tokens that a request may have room for beyond those it needs: drafted ones.
    var slack: Int { width + pace.most - 2 }

    @inline(__always)
    func blocks(_ tokens: Int) -> Int { (tokens + setup.blockTokens - 1) / setup.blockTokens }

    func content(_ job: Int32) -> KVContent {
        KVContent(request: jobs[job].request, blockTokens: setup.blockTokens, names: names)
    }

    /// Blocks that generating jobs begin with the next tokens that each gains, the first being 0. O(tokens of
    /// a block).
    func blocksTaken(in tokens: Range<Int>) -> Int {
        let size = setup.blockTokens
        var taken = tokens.count / size * generating
        for token in 0..<(tokens.count % size) { taken += beginning(with: tokens.lowerBound + token) }
        return taken
    }

    /// Blocks that generating jobs begin in the next step.
    var blocksOfStep: Int { pace.most == 1 ? beginning(with: 0) : blocksTaken(in: 0..<pace.tokens(1)) }

    /// Generating jobs that begin a block with a token from now.
    @inline(__always)
    private func beginning(with token: Int) -> Int {
        let size = setup.blockTokens
        let phase = Int((offset + Int64(token)) % Int64(size))
        return buckets[phase == 0 ? 0 : size - phase]
    }

    /// The most steps in a row whose new blocks are free, where those of the first are already taken.
    /// O(tokens of a block).
    func stepsThatFit() -> Int {
        let size = setup.blockTokens
        guard generating > 0 else { return 0 }
        let rounds = ledger.free / generating
        let first = pace.tokens(1)
        var (left, tokens) = (ledger.free - rounds * generating, first)
        while tokens - first < size {
            let need = beginning(with: tokens)
            guard need <= left else { break }
            left -= need
            tokens += 1
        }
        let (all, isTooMany) = rounds.multipliedReportingOverflow(by: size)
        return isTooMany ? .max : pace.steps(within: all + tokens)
    }
}

/// Jobs in an order, linked through the slab. Every change is O(1).
struct JobList: BitwiseCopyable {
    private(set) var first: Int32 = -1
    private(set) var last: Int32 = -1
    private(set) var count = 0

    mutating func append(_ job: Int32, in jobs: borrowing Slab<TokenJob>) {
        insert(job, after: last, in: jobs)
    }

    mutating func prepend(_ job: Int32, in jobs: borrowing Slab<TokenJob>) {
        insert(job, after: -1, in: jobs)
    }

    /// - Parameter place: the job before, or -1 for none.
    mutating func insert(_ job: Int32, after place: Int32, in jobs: borrowing Slab<TokenJob>) {
        let next = place < 0 ? first : jobs[place].after
        jobs[job].before = place
        jobs[job].after = next
        if place < 0 { first = job } else { jobs[place].after = job }
        if next < 0 { last = job } else { jobs[next].before = job }
        count += 1
    }

    mutating func remove(_ job: Int32, in jobs: borrowing Slab<TokenJob>) {
        let (before, after) = (jobs[job].before, jobs[job].after)
        if before < 0 { first = after } else { jobs[before].after = after }
        if after < 0 { last = before } else { jobs[after].before = before }
        count -= 1
    }
}

/// What an engine did, in exact sums.
struct EngineAccount: Sendable {
    /// Picoseconds of steps that only generated, by sequences.
    var busyByBatch: [Int64] = []
    /// Picoseconds of steps that read.
    var reading: Int64 = 0
    var work = StepWork()
    var preemptions = 0
    /// Tokens read again after preemptions, those found in the cache not counted.
    var recomputedTokens = 0
    var promptTokens = 0
    var cachedTokens = 0
    /// Of those, loaded from each tier.
    var loadedTokens: [Int] = []
    var generatedTokens = 0
    var sequencesMost = 0
    var blocksMost = 0
    /// Gaps between tokens of one answer (ITL).
    var gaps = GapTally()
}

/// Gaps between tokens, in picoseconds; the sum is exact however many there are.
struct GapTally: Sendable {
    private var tally = LatencyTally()
    private var sum: Int128 = 0

    /// Records gaps that rise evenly, each so many times. O(bins that are passed).
    mutating func record(_ first: Int64, rise: Int64, steps: Int, times: Int) {
        tally.count(first: first, rise: rise, count: steps, times: times)
        let rising = Int128(steps) * Int128(steps - 1) / 2
        sum += (Int128(first) * Int128(steps) + Int128(rise) * rising) * Int128(times)
    }

    /// The gaps in nanoseconds.
    var latencies: LatencyTally {
        var tally = tally
        tally.setSum(Double(sum) / 1000)
        return tally
    }
}
