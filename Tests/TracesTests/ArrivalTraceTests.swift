import Quantities
import TestSupport
import Testing
import Traces
import Vocabulary

@Suite struct ArrivalTraceTests {
    @Test func arrivalsAreCountedInTheirIntervals() throws {
        let copy = try WorkingCopy()
        let path = try copy.write(
            """
            TIMESTAMP,tokens
            2023-11-16 18:15:46.6805900,374
            2023-11-16 18:15:50.9951690,nonsense
            2023-11-16 18:15:46.7000000,
            2023-11-16 18:16:31.0000000,1
            """, to: "arrivals.csv")
        var options = TraceImportOptions(timeColumn: "TIMESTAMP", loadKind: .arrivals)
        options.interval = Nanoseconds(seconds: 10)
        let (one, summary) = try TraceImporter(options: options).read(path: path)
        #expect(one.models == ["arrivals"] && summary.rowsRead == 4)
        let loads = (one.loads["arrivals"] ?? []).map(\.value)
        // The last of them is 44.3 s after the first, and they are 14.8 s apart: the fifth interval is whole.
        #expect(loads.count == 5 && loads[0] == 0.3 && loads[1...3] == [0, 0, 0] && loads[4] == 0.1)
        options.loads = .models(["rm1": "arrivals", "ncf": "arrivals"])
        let both = try TraceImporter(options: options).read(path: path).trace
        #expect(both.models == ["ncf", "rm1"] && both.loads["rm1"] == one.loads["arrivals"])
    }

    @Test(.enabled(if: Repository.hasSharedData, Repository.sharedDataComment))
    func azureChatArrivalsAreAllCounted() throws {
        var options = TraceImportOptions(timeColumn: "TIMESTAMP", loadKind: .arrivals)
        options.interval = Nanoseconds(seconds: 60)
        let path = "\(Repository.sharedData)/azure_llm_2023/AzureLLMInferenceTrace_conv.csv"
        let (trace, _) = try TraceImporter(options: options).read(path: path)
        let queries = (trace.loads["arrivals"] ?? []).reduce(0) { $0 + $1.value * 60 }
        // 19,366 rows over 58 minutes and 16 s; the rest of the 59th goes on at their mean rate.
        #expect(trace.intervalCount == 59 && abs(queries / (59 * 60) - 19_366 / (58 * 60 + 16)) < 0.01)
    }

    private func read(
        _ text: String, _ change: (inout TraceImportOptions) -> Void
    ) throws -> (trace: Trace, summary: TraceImportSummary) {
        var options = TraceImportOptions(interval: Nanoseconds(seconds: 60))
        change(&options)
        let copy = try WorkingCopy()
        return try TraceImporter(options: options).read(path: copy.write(text, to: "t.csv"))
    }

    @Test func anIntervalThatIsCutOffIsNotOneOfLittleLoad() throws {
        let text = "t\n" + (0..<90).map { "\($0)\n" }.joined()
        let (trace, summary) = try read(text) { $0.loadKind = .arrivals }
        #expect(trace.loads["arrivals"]?.map(\.value) == [1, 1])
        #expect(summary.oddities.tailCompleted == Nanoseconds(seconds: 30))
        #expect(summary.description.contains("the last interval is recorded for 30"))
        // Of a second in a minute nothing is made up.
        let hair = try read("t\n" + (0..<121).map { "\($0)\n" }.joined()) { $0.loadKind = .arrivals }
        #expect(hair.trace.loads["arrivals"]?.map(\.value) == [1, 1])
        #expect(hair.summary.oddities.tailMerged == Nanoseconds(seconds: 1))
        #expect(hair.summary.oddities.tailCompleted == nil)
        let whole = try read("t\n" + (0..<120).map { "\($0)\n" }.joined()) { $0.loadKind = .arrivals }
        #expect(whole.trace.loads["arrivals"]?.map(\.value) == [1, 1])
        #expect(whole.summary.oddities.tailMerged == nil && whole.summary.oddities.tailCompleted == nil)
    }

    private static let burst = """
        Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
        5,GPTx,472,18,490,Conversation log
        45,GPTx,1087,230,1317,Conversation log
        118,GPTy,417,276,693,Conversation log
        120,GPTy,300,0,300,API log
        185.5,GPTx,11,7,18,API log

        """

    private func arrivals(_ trace: Trace, _ model: ModelID) -> Double {
        (trace.loads[model] ?? []).reduce(0) { $0 + $1.value * 60 }
    }

    /// Means by the minute; a minute without requests is as the one before, one before the first as that.
    @Test func lengthsAreKnownByTheInterval() throws {
        let (trace, _) = try read(Self.burst) { $0.layout = .burstGPT }
        let x = try #require(trace.tokenMix?["GPTx"])
        #expect(x.prompts == [779.5, 779.5, 779.5, 11] && x.outputs == [124, 124, 124, 7])
        // A request without an answer says nothing.
        let y = try #require(trace.tokenMix?["GPTy"])
        #expect(y.prompts == [417, 417, 417, 417] && y.outputs == [276, 276, 276, 276])
        #expect(x.work == nil)
        let later = trace.shifted(by: ["GPTx": Nanoseconds(seconds: 60)])
        #expect(later.tokenMix?["GPTx"]?.prompts == [11, 779.5, 779.5, 779.5])
        #expect(later.tokenMix?["GPTy"] == y)
        let (loads, _) = try read("t,load\n0,1\n60,2\n") { $0.layout = .table }
        #expect(loads.tokenMix == nil)
    }

    @Test func aColumnOfNamesSplitsArrivals() throws {
        let (all, summary) = try read(Self.burst) { $0.layout = .burstGPT }
        #expect(all.models == ["GPTx", "GPTy"] && all.intervalCount == 4)
        // Three and two arrivals within 180.5 s, and the 45.125 s after them that they are apart: each mean
        // rate is arrivals over time, and the shares are those of the file.
        let means = ["GPTx", "GPTy"].map { arrivals(all, $0) / 240 }
        #expect(abs(means[0] - 3 / 225.625) < 1e-12 && abs(means[1] - 2 / 225.625) < 1e-12)
        #expect((all.loads["GPTx"] ?? []).prefix(3).map { ($0.value * 60).rounded() } == [2, 0, 0])
        #expect((all.loads["GPTy"] ?? []).prefix(3).map { ($0.value * 60).rounded() } == [0, 2, 0])
        let x = try #require(summary.series.first?.tokens)
        #expect(x.requests == 3 && abs(x.inputMean - 1570.0 / 3) < 1e-9 && x.outputMean == 85)
        #expect(all.tokenLengths?["GPTx"] == x && all.tokenLengths?["GPTy"]?.requests == 2)
        #expect(all.shifted(by: ["GPTx": Nanoseconds(seconds: 60)]).tokenLengths == all.tokenLengths)
        let (mine, _) = try read(Self.burst) {
            $0.layout = .burstGPT
            $0.loads = .models(["a": "GPTx", "b": "GPTy"])
        }
        #expect(mine.loads["a"] == all.loads["GPTx"] && mine.loads["b"] == all.loads["GPTy"])
        let (one, left) = try read(Self.burst) {
            $0.layout = .burstGPT
            $0.loads = .columns(["GPTx"])
        }
        #expect(one.models == ["GPTx"] && left.oddities.otherRows == 2)
    }

    @Test func aNameThatIsNotThereIsRefused() throws {
        let missing = #expect(throws: (any Error).self) {
            try read(Self.burst) {
                $0.layout = .burstGPT
                $0.loads = .models(["a": "GPTx", "b": "GPTz"])
            }
        }
        #expect(
            "\(missing.map { "\($0)" } ?? "")".contains(
                "Model: found 'GPTz', expected a name of that column: one of GPTx, GPTy; did you mean 'GPTx'?"
            ))
        // Where none of the names that are there was asked for, they are named all the same.
        let none = #expect(throws: (any Error).self) {
            try read(Self.burst) {
                $0.layout = .burstGPT
                $0.loads = .models(["a": "gpt"])
            }
        }
        #expect("\(none.map { "\($0)" } ?? "")".contains("a name of that column: one of GPTx, GPTy"))
        let twice = #expect(throws: (any Error).self) {
            try read("t,k\n0,1\n70,1\n") {
                $0.loadKind = .arrivals
                $0.loads = .models(["a": "k", "b": "arrivals"])
            }
        }
        #expect("\(twice.map { "\($0)" } ?? "")".contains("found 'k', expected the one series of arrivals"))
    }

    @Test func aColumnOfNamesSplitsLoads() throws {
        let (trace, _) = try read("time,svc,rps\n0,b,1\n0,a,2\n60,a,3\n60,b,4\n") {
            $0.modelColumn = "svc"
        }
        #expect(trace.loads["a"]?.map(\.value) == [2, 3] && trace.loads["b"]?.map(\.value) == [1, 4])
    }
}
