/// The stages that a request walks before it is answered.
///
/// A stage begins when all that it comes after are done, so that a graph forks where two stages come after
/// one, and joins where one comes after two. A stage may be skipped, and may send the request back to an
/// earlier one.
public struct StageGraph: Sendable, Hashable {
    /// More stages than anybody draws; their sets are words of 64 bits.
    public static let stagesMax = 64

    /// A call of a language model.
    ///
    /// A request carries its context: the prompt that it came with, and what its stages add. A call reads
    /// the context and what it adds itself, and finds in a cache what an earlier call has left there.
    public struct Generation: Sendable, Hashable {
        /// Where the call goes.
        public var target: TokenTarget
        /// Tokens that are put behind the context before it is read, such as passages that were retrieved.
        public var added = StageSpread.fixed(0)
        /// Reads the prompt that the request came with, without what other stages put behind it.
        public var startsOver = false
        /// Tokens of the answer; nil for as many as the request asks for.
        public var output: StageSpread?
        /// Calls beside each other that read the same and answer each for itself; the stage is done when
        /// the last one is.
        public var copies = StageSpread.fixed(1)
        public var keeps = Keeps.one
        /// Tokens that a prompt and its answer may have together; longer ones are cut.
        public var contextMax = Int(Int32.max)

        public init(target: TokenTarget) { self.target = target }
    }

    /// What of a call's answers becomes part of the context.
    public enum Keeps: String, CaseIterable, Sendable, Hashable {
        /// The answer of the first copy.
        case one
        case all
        /// Neither the answers nor what was added.
        case none
    }

    public enum Work: Sendable, Hashable {
        case generate(Generation)
        /// So many items at a station.
        case station(Int, items: StageSpread)
        /// A time in which nothing is busy, such as a call of somebody else's tool, in seconds.
        case pause(StageSpread)
    }

    /// Whether a stage is done or skipped.
    public enum Condition: Sendable, Hashable {
        case always
        /// By a draw of its own.
        case chance(Double)
        /// For the hardest requests: each has one difficulty, uniform in 0..<1, and all stages see the same
        /// one, so that a cascade sends on the same requests at every step.
        case hardest(Double)
    }

    /// A way back.
    public struct Loop: Sendable, Hashable {
        /// The earlier stage with which another round begins; may be the stage itself.
        public var from: Int
        /// Rounds after the first.
        public var times: StageSpread

        public init(from: Int, times: StageSpread) {
            self.from = from
            self.times = times
        }
    }

    public struct Stage: Sendable, Hashable {
        public var work: Work
        /// Stages that are done before this one begins, each earlier in the list.
        public var after: [Int]
        public var condition = Condition.always
        public var loop: Loop?

        public init(_ work: Work, after: [Int] = []) {
            self.work = work
            self.after = after
        }
    }

    public var stages: [Stage]
    /// The calls whose tokens the user may see: of those that a request takes, the last one in the list of
    /// stages. Empty for every call.
    public var answers: [Int] = []

    public init(stages: [Stage]) { self.stages = stages }

    /// The stages that call a language model.
    private var calls: [Int] {
        stages.indices.filter { if case .generate = stages[$0].work { true } else { false } }
    }

    /// The stages that may answer, as a set of bits.
    var answering: UInt64 {
        (answers.isEmpty ? calls : answers).reduce(0) { $0 | 1 << UInt64($1) }
    }

    /// Of each stage, those before it as a set of bits.
    var predecessors: [UInt64] {
        stages.map { stage in stage.after.reduce(into: UInt64(0)) { $0 |= 1 << UInt64($1) } }
    }

    /// Of each stage with a loop, what runs again: every stage on a way from the loop's first to it.
    var bodies: [UInt64] {
        // Of each stage, itself and everything before it.
        var before: [UInt64] = []
        for (index, stage) in stages.enumerated() {
            before.append(stage.after.reduce(1 << UInt64(index)) { $0 | before[$1] })
        }
        return stages.indices.map { last in
            guard let first = stages[last].loop?.from else { return 0 }
            return stages.indices.reduce(into: UInt64(0)) { body, stage in
                let isBefore = before[last] >> UInt64(stage) & 1 == 1
                let isBehind = before[stage] >> UInt64(first) & 1 == 1
                if isBefore, isBehind { body |= 1 << UInt64(stage) }
            }
        }
    }

    /// What keeps the graph from being walked; nil where nothing does.
    func fault(pools: Int, stations: Int) -> String? {
        guard (1...Self.stagesMax).contains(stages.count) else {
            return "found \(stages.count) stages, expected 1 to \(Self.stagesMax)"
        }
        let calls = calls
        if calls.isEmpty { return "found no stage that generates an answer" }
        if let wrong = answers.first(where: { !calls.contains($0) }) {
            return "stage \(wrong + 1) answers, which is no call"
        }
        for (index, stage) in stages.enumerated() {
            if let fault = fault(of: stage, at: index, pools: pools, stations: stations) {
                return "stage \(index + 1): \(fault)"
            }
        }
        let bodies = bodies
        for (index, stage) in stages.enumerated() {
            guard let loop = stage.loop else { continue }
            if bodies[index] >> UInt64(loop.from) & 1 == 0 {
                return "stage \(index + 1): goes back to stage \(loop.from + 1), which does not lead to it"
            }
            // Whoever came out of the middle of a loop would run beside its next round.
            for (other, own) in stages.enumerated() where bodies[index] >> UInt64(other) & 1 == 0 {
                let inside = own.after.first { $0 != index && bodies[index] >> UInt64($0) & 1 == 1 }
                if let inside {
                    return "stage \(other + 1): comes after stage \(inside + 1), inside the loop that ends "
                        + "with stage \(index + 1)"
                }
            }
        }
        return nil
    }

    private func fault(of stage: Stage, at index: Int, pools: Int, stations: Int) -> String? {
        if let wrong = stage.after.first(where: { !(0..<index).contains($0) }) {
            return "comes after stage \(wrong + 1), expected an earlier one"
        }
        if let loop = stage.loop {
            if !(0...index).contains(loop.from) { return "goes back to stage \(loop.from + 1)" }
            if let fault = loop.times.fault { return "rounds: \(fault)" }
        }
        switch stage.condition {
        case .always: break
        case .chance(let share), .hardest(let share):
            if !(0...1).contains(share) { return "a share of \(share)" }
        }
        switch stage.work {
        case .generate(let call):
            if let fault = call.target.fault(pools: pools) { return fault }
            if call.contextMax < 2 { return "a context of \(call.contextMax) tokens" }
            return [call.added, call.copies, call.output].compactMap { $0?.fault }.first
        case .station(let station, let items):
            guard (0..<stations).contains(station) else { return "station \(station + 1) of \(stations)" }
            return items.fault
        case .pause(let seconds): return seconds.fault
        }
    }
}

/// Which pool of engines a request goes to, by the length of its prompt.
public struct TokenTarget: Sendable, Hashable {
    public struct Part: Sendable, Hashable {
        /// The longest prompt that goes there.
        public var promptMax: Int
        public var pool: Int

        public init(promptMax: Int, pool: Int) {
            self.promptMax = promptMax
            self.pool = pool
        }
    }

    /// By longest prompt, ascending; the last one takes whatever is longer.
    public var parts: [Part]

    public init(pool: Int) { parts = [Part(promptMax: .max, pool: pool)] }

    public init(parts: [Part]) { self.parts = parts }

    func pool(forPrompt prompt: Int) -> Int {
        for part in parts where prompt <= part.promptMax { return part.pool }
        return parts[parts.count - 1].pool
    }

    func fault(pools: Int) -> String? {
        if parts.isEmpty { return "no pool" }
        if let wrong = parts.first(where: { !(0..<pools).contains($0.pool) }) {
            return "pool \(wrong.pool + 1) of \(pools)"
        }
        let ascends = zip(parts, parts.dropFirst()).allSatisfy { $0.promptMax < $1.promptMax }
        return ascends ? nil : "lengths of prompts that do not ascend"
    }
}
