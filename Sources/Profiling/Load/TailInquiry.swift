import Quantities
import Vocabulary

/// A question that may end a run before its time: is the latency target met?
public struct TailQuestion: Hashable, Sendable {
    public var target: LatencyTarget
    /// Nothing is answered from fewer queries.
    public var queriesMin: Int
    /// Nothing is answered from a shorter counted part.
    public var durationMin: Nanoseconds
    /// Of the interval that must lie on one side of the limit. A run that is looked at again and again is
    /// right by chance more often than one that is looked at once, so this is stricter than a verdict's
    /// confidence; looks are spaced by a third more queries each, which makes about ten of them in a run.
    public var confidence = 0.995

    public init(target: LatencyTarget, queriesMin: Int, durationMin: Nanoseconds) {
        self.target = target
        self.queriesMin = queriesMin
        self.durationMin = durationMin
    }
}

/// Follows a run's queries in the order of their arrival until its question is answered.
package struct TailInquiry {
    private let question: TailQuestion
    private let from: Nanoseconds
    private var query = 0
    private var late: [Bool] = []
    private var nextLook: Int

    init(_ question: TailQuestion, from: Nanoseconds) {
        self.question = question
        self.from = from
        nextLook = question.queriesMin
    }

    /// Takes in what is certain by now. It stops at the first query that is neither ended nor late already,
    /// so that fast queries do not count before slow ones that came with them.
    mutating func advance(to instant: Nanoseconds, in state: OpenLoopState) {
        while query < state.arrivals.count, state.due(query) <= instant {
            let due = state.due(query)
            if due >= from {
                if let end = state.end(of: query) {
                    late.append(end - due > question.target.limit)
                } else if instant - due > question.target.limit {
                    late.append(true)
                } else {
                    return
                }
            }
            query += 1
        }
    }

    /// The answer, where there is one yet.
    mutating func answer(at instant: Nanoseconds) -> Verdict.Answer? {
        guard late.count >= nextLook, instant - from >= question.durationMin else { return nil }
        nextLook = late.count + late.count / 3
        return Self.answer(late, question)
    }

    package static func answer(_ late: [Bool], _ question: TailQuestion) -> Verdict.Answer? {
        let effective = QuantileInterval.effectiveCount(of: late).rounded(.down)
        let (lower, upper) = QuantileInterval.ranks(
            count: Int(effective), quantile: question.target.quantile, confidence: question.confidence)
        let lateCount = late.reduce(0) { $0 + ($1 ? 1 : 0) }
        let inTime = effective * Double(late.count - lateCount) / Double(max(1, late.count))
        if let upper, inTime >= Double(upper) { return .meets }
        if let lower, inTime < Double(lower) { return .misses }
        return nil
    }
}
