import Quantities
import Reporting
import Testing
import Vocabulary

/// Lengths of a trace's requests beside those that imported figures were taken with.
@Suite struct TokenLengthNotesTests {
    private static func notes(input: Double?, output: Double?, isKnown: Bool = true) -> [String] {
        let load = ReportedLoad(inputTokens: input, outputTokens: output, source: "s")
        let entry = Fixtures.entry("chat", "box", qps: 1, watts: 1, schedule: .reported(load))
        let lengths = TokenLengths(requests: 19_366, inputMean: 1154.7, outputMean: 211.1)
        let trace = Trace(
            name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: 60),
            loads: ["chat": [QueriesPerSecond(1)]],
            tokenLengths: isKnown ? ["chat": lengths] : nil)
        return TokenLengthNotes(trace: trace, entries: [entry]).notes
    }

    @Test func lengthsThatDifferAreSaid() {
        #expect(
            Self.notes(input: 1024, output: 128) == [
                "chat: requests of the trace are 1,155 tokens in and 211 tokens out on average; the figure "
                    + "for box was taken with 1,024 tokens and 128 tokens, so that its rate may not hold for "
                    + "them."
            ])
        #expect(Self.notes(input: 1200, output: 200).first?.hasSuffix("200 tokens, about the same.") == true)
    }

    @Test func whereOneIsUnknownNothingIsSaid() {
        #expect(Self.notes(input: nil, output: 128).isEmpty && Self.notes(input: 1, output: nil).isEmpty)
        #expect(Self.notes(input: 1024, output: 128, isKnown: false).isEmpty)
    }
}
