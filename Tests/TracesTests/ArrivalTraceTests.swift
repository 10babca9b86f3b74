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
        #expect(one.loads["arrivals"]?.map(\.value) == [0.3, 0, 0, 0, 0.1])
        options.loads = .models(["rm1": "", "ncf": ""])
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
        // 19,366 rows over 58 minutes and a bit.
        #expect(trace.intervalCount == 59 && abs(queries - 19_366) < 1e-6)
    }
}
