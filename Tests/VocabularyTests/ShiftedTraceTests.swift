import Quantities
import Testing
import Vocabulary

@Suite struct ShiftedTraceTests {
    private let trace = Trace(
        name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: 3600),
        loads: [
            "a": [1, 2, 3, 4].map { QueriesPerSecond($0) }, "b": [5, 6, 7, 8].map { QueriesPerSecond($0) },
        ])

    @Test func aShiftMovesALoadLaterAndRoundTheEnd() {
        let shifted = trace.shifted(by: ["b": Nanoseconds(seconds: 3600)])
        #expect(shifted.loads["a"] == trace.loads["a"])
        #expect(shifted.loads["b"]?.map(\.value) == [8, 5, 6, 7])
        for hours in [0.0, 4, 8, 3.9, 100] {
            let all = trace.shifted(by: ["b": Nanoseconds(seconds: 3600 * hours)])
            #expect(all.loads["b"]?.map(\.value) == [5, 6, 7, 8], "\(hours) is whole turns, up to rounding")
        }
    }
}
