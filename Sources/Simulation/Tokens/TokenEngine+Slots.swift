/// A slot that a request takes from its admission to its end.
struct TokenSlot: BitwiseCopyable {
    /// The request in it; `nobody` where it is free.
    var request: Int64
    /// When it was last found in use.
    var used: Int64

    static let nobody = Int64.min
}

/// llama.cpp's server: a fixed number of slots, each with room for a whole context.
extension TokenEngine {
    /// Every generating slot by one token, then prompts in the order of their slots, not of their requests,
    /// within one budget (`n_batch`). A waiting request takes the slot that has been free the longest; none
    /// is ever preempted. What a slot still holds of its last request is not reused: prompts that begin
    /// alike are read anew.
    mutating func planInSlots(at now: Int64, _ shape: inout StepShape) -> Bool {
        if slots.isEmpty {
            slots = Array(
                repeating: TokenSlot(request: TokenSlot.nobody, used: -1), count: setup.sequencesMax)
        }
        leaveSlots(at: now)
        while waiting.count > 0, let slot = freeSlot() {
            let job = waiting.first
            guard promised + blocksAtMost(for: jobs[job].request) <= setup.blocks else { break }
            slots[slot].request = jobs[job].request.id
            begin(job, ledger.hit(content(job), limit: 0), at: now)
        }
        var budget = max(setup.tokenBudget, generating)
        generate(&budget, &shape)
        let ordered = reading.sorted { slot(of: $0) < slot(of: $1) }
        for job in ordered where budget > 0 {
            let piece = min(pieceLeft(of: job), budget)
            read(piece, of: job, &shape)
            budget -= piece
        }
        return true
    }

    /// Frees the slots of requests that have ended.
    private mutating func leaveSlots(at now: Int64) {
        var (held, job) = (Set<Int64>(), running.first)
        while job >= 0 {
            held.insert(jobs[job].request.id)
            job = jobs[job].after
        }
        for slot in slots.indices where slots[slot].request != TokenSlot.nobody {
            slots[slot].used = now
            if !held.contains(slots[slot].request) { slots[slot].request = TokenSlot.nobody }
        }
    }

    private func freeSlot() -> Int? {
        slots.indices.filter { slots[$0].request == TokenSlot.nobody }.min { slots[$0].used < slots[$1].used }
    }

    private func slot(of job: Int32) -> Int {
        slots.firstIndex { $0.request == jobs[job].request.id } ?? slots.count
    }
}
