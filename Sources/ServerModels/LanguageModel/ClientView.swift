import Quantities
import Simulation
import Vocabulary

/// Requests as their clients see them: the engines' times and what lies before and after.
struct ClientView {
    private let overhead: ClientOverhead
    private let limits: TokenLimits
    /// By class.
    private(set) var byKind = [TokenLatencies()]
    /// What the overhead alone is, by class.
    private(set) var overheads = [LatencyTally()]

    init(_ overhead: ClientOverhead, limits: TokenLimits) {
        self.overhead = overhead
        self.limits = limits
    }

    mutating func record(_ record: TokenRecord) {
        let kind = Int(record.request.kind)
        while kind >= byKind.count {
            byKind.append(TokenLatencies())
            overheads.append(LatencyTally())
        }
        byKind[kind].record(seen(record), limits: limits)
        overheads[kind].record(Nanoseconds(seconds: overhead.toEnd(tokens: Int(record.request.output))))
    }

    /// A request with the times of its client, counted from when it sent. The time in the engine's queue
    /// stays what it is.
    private func seen(_ record: TokenRecord) -> TokenRecord {
        var seen = record
        seen.firstToken += Nanoseconds(seconds: overhead.toFirstToken)
        let behind = Nanoseconds(seconds: overhead.toEnd(tokens: Int(record.request.output)))
        seen.lastToken += behind
        seen.end += behind
        return seen
    }

    var all: TokenLatencies { byKind.dropFirst().reduce(into: byKind[0]) { $0.merge($1) } }
    var allOverheads: LatencyTally { overheads.dropFirst().reduce(into: overheads[0]) { $0.merge($1) } }
}
