import Quantities
import Vocabulary

/// Requests of a trace beside those that imported figures were taken with: a rate says little of requests of
/// another length.
package struct TokenLengthNotes {
    let trace: Trace
    let entries: [EfficiencyEntry]

    package init(trace: Trace, entries: [EfficiencyEntry]) {
        self.trace = trace
        self.entries = entries
    }

    /// Lengths that differ by less say the same.
    private static let tolerance = 0.1

    /// One for each entry of which both lengths are known.
    package var notes: [String] { mixNotes + lengthNotes }

    /// One for each model whose load is weighed by the lengths of its requests.
    private var mixNotes: [String] {
        (trace.tokenMix ?? [:]).sorted { $0.key < $1.key }.compactMap { model, mix in
            guard let work = mix.work, let least = work.min(), let most = work.max() else { return nil }
            return
                "\(model): requests of the trace change in length. Its load counts requests of the model's "
                + "own lengths: one of the trace is worth from \(least.fixed(decimals: 2)) to "
                + "\(most.fixed(decimals: 2)) of them, by the interval."
        }
    }

    private var lengthNotes: [String] {
        entries.compactMap { entry in
            guard let asked = trace.tokenLengths?[entry.model], let load = entry.schedule.reportedLoad,
                let input = load.inputTokens, let output = load.outputTokens
            else { return nil }
            let differs = Self.differ(asked.inputMean, input) || Self.differ(asked.outputMean, output)
            return "\(entry.model): requests of the trace are \(Self.tokens(asked.inputMean)) in and "
                + "\(Self.tokens(asked.outputMean)) out on average; the figure for \(entry.serverType) was "
                + "taken with \(Self.tokens(input)) and \(Self.tokens(output))"
                + (differs ? ", so that its rate may not hold for them." : ", about the same.")
        }
    }

    private static func differ(_ left: Double, _ right: Double) -> Bool {
        abs(left - right) > tolerance * max(left, right)
    }

    private static func tokens(_ count: Double) -> String { "\(count.fixed(decimals: 0)) tokens" }
}
