/// Policies that do not mix prompts and answers in a step.
extension TokenEngine {
    // MARK: Continuous batching without pieces

    /// Whole prompts of waiting requests in a step of their own; answers go on in the steps between.
    mutating func planApart(at now: Int64, _ shape: inout StepShape) -> Bool {
        var budget = setup.tokenBudget
        var job = candidate(from: waiting.first)
        while job >= 0, seated < setup.sequencesMax {
            let (tokens, next) = (Int(jobs[job].tokens), jobs[job].after)
            if jobs[job].isDelivered {
                guard joinDelivered(job) else { break }
                job = candidate(from: next)
                continue
            }
            // A prompt beyond the budget has a step alone.
            let room = shape.prefillTokens == 0 ? max(budget, tokens) : budget
            var left = room
            guard tokens <= room, admit(job, &left, &shape, at: now) else { break }
            if left < room { budget -= tokens }
            job = candidate(from: next)
        }
        guard shape.prefillTokens == 0 else { return false }
        return generateOnly(&shape)
    }

    /// All answers by one token; where memory is short, requests are preempted from the end.
    private mutating func generateOnly(_ shape: inout StepShape) -> Bool {
        let preemptions = account.preemptions
        var budget = max(setup.tokenBudget, generating * width)
        if !planRunning(&budget, &shape) { planRunningInOrder(&budget, &shape) }
        return account.preemptions == preemptions
    }

    // MARK: Static batching

    /// A batch is admitted when the one before has ended, each request with room for its whole answer.
    mutating func planTogether(at now: Int64, _ shape: inout StepShape) -> Bool {
        guard running.count == 0, lingering.isEmpty else { return generateOnly(&shape) }
        var budget = Int.max
        var job = candidate(from: waiting.first)
        while job >= 0, seated < setup.sequencesMax {
            let next = jobs[job].after
            guard admit(job, &budget, &shape, at: now) else { break }
            job = candidate(from: next)
        }
        return false
    }

    // MARK: SGLang

    private static let answerTokensMax = 4096
    private static let ratioAtFirst = 0.7
    private static let ratioAtLast = 0.7 * 0.14
    private static let ratioSteps = 600.0
    private static let stepsAfterRetraction = 20

    /// Prompts before answers: a step that reads anything generates nothing but the first tokens of what it
    /// reads to the end (SGLang 0.5.6, mixed chunks off).
    mutating func planPromptsFirst(at now: Int64, _ shape: inout StepShape) -> Bool {
        if running.count == 0 { (ratioStart, ratioAge) = (Self.ratioAtFirst, 0) }
        var (budget, chunk) = (setup.tokenBudget, setup.pieceTokensMax ?? .max)
        // A prompt that was cut goes on before others begin.
        if let job = reading.first {
            let piece = min(pieceLeft(of: job), chunk)
            if blocksNeeded(piece, of: job) <= ledger.free {
                read(piece, of: job, &shape)
                budget -= piece
                chunk -= piece
            }
        }
        var job = candidate(from: waiting.first)
        while job >= 0, seated < setup.sequencesMax, chunk > 0, budget > 0 {
            let next = jobs[job].after
            guard admitExpecting(job, &budget, &chunk, &shape, at: now) else { break }
            job = candidate(from: next)
        }
        guard shape.prefillTokens == 0 else { return false }
        retract()
        guard generating > 0 else { return false }
        ratioAge += 1
        var left = max(setup.tokenBudget, generating * width)
        generate(&left, &shape)
        // Whoever waits may be admitted as the ratio falls, step by step.
        return candidateCount == 0
    }

    /// The share of their answers that running requests are expected to take.
    private var newTokenRatio: Double {
        let fall = (Self.ratioAtFirst - Self.ratioAtLast) / Self.ratioSteps
        return max(Self.ratioAtLast, ratioStart - fall * Double(ratioAge))
    }

    /// Admits the head where memory has room for it beside the expected rest of all answers.
    private mutating func admitExpecting(
        _ job: Int32, _ budget: inout Int, _ chunk: inout Int, _ shape: inout StepShape, at now: Int64
    ) -> Bool {
        let (size, request) = (setup.blockTokens, jobs[job].request)
        let expected = min(Int(request.output - jobs[job].generated), Self.answerTokensMax)
        if jobs[job].isDelivered { return joinDelivered(job, spare: expected + expectedAnswers()) }
        let hit = found(job)
        let room = (ledger.free - Int(hit.free)) * size - expectedAnswers()
        if let ends = loadEnds(of: job, after: hit, at: now) {
            let needed = blocks(Int(jobs[job].tokens)) - hit.blocks
            guard needed * size + expected + lookahead < room else { return false }
            load(ends, of: job, after: hit, at: now)
            return true
        }
        let left = Int(jobs[job].tokens) - cachedWhileWaiting(job, hit)
        guard left <= budget || shape.prefillTokens == 0 else { return false }
        let piece = min(left, chunk)
        let isLast = piece == left
        let answer = isLast ? expected + lookahead : 0
        guard blocks(piece) * size + answer < room else { return false }
        begin(job, hit, at: now)
        read(piece, of: job, &shape)
        budget -= piece
        chunk -= piece
        return true
    }

    /// Tokens that running requests are expected to generate yet.
    private func expectedAnswers() -> Int {
        let ratio = newTokenRatio
        var (sum, job) = (0.0, running.first)
        while job >= 0 {
            let left = Int(jobs[job].request.output) - generatedTokens(of: job)
            sum += Double(min(left, Self.answerTokensMax)) * ratio
            job = jobs[job].after
        }
        return Int(sum.rounded(.up))
    }

    /// Takes those with the fewest generated tokens back to the queue until the others' next tokens fit.
    private mutating func retract() {
        guard blocksOfStep > ledger.free else { return }
        // Alone, a request always has room; not so beside what is not yet free, or loaded for others.
        let fewest = lingering.isEmpty && loadHolders == 0 ? 1 : 0
        while blocksOfStep > ledger.free, generating > fewest {
            var (least, shortest, job) = (Int32(-1), Int.max, running.first)
            while job >= 0 {
                if jobs[job].state == .generating {
                    let generated = generatedTokens(of: job)
                    if generated <= shortest { (least, shortest) = (job, generated) }
                }
                job = jobs[job].after
            }
            preempt(least)
        }
        // A prompt that is half read gives way to the last answer.
        while blocksOfStep > ledger.free, let job = reading.last { preempt(job) }
        var (decoded, most, job) = (0, 0, running.first)
        while job >= 0 {
            if jobs[job].state == .generating {
                decoded += generatedTokens(of: job)
                most += Int(jobs[job].request.output)
            }
            job = jobs[job].after
        }
        let expected = Double(decoded + Self.stepsAfterRetraction * generating)
        (ratioStart, ratioAge) = (min(1, expected / Double(most + 1)), 0)
    }
}
