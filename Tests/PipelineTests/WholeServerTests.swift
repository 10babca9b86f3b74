import Pipeline
import Quantities
import Testing
import Vocabulary

@Suite struct WholeServerTests {
    private func entry(_ schedule: Schedule) -> EfficiencyEntry {
        EfficiencyEntry(
            model: "m", serverType: "box",
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(seconds: 1)),
            powerBudget: nil, schedule: schedule, throughput: QueriesPerSecond(1), power: Watts(1),
            powerProvenance: .estimated, provenance: .modelled, method: "gradient", evaluations: 1,
            spaceSize: 1)
    }

    private let box = ServerType(
        id: "box", title: "Eight accelerators",
        processor: Processor(cores: 8, peakPerCore: FlopsPerSecond(1), lastLevelCache: Bytes(1)),
        memory: MemorySystem(capacity: Bytes(1), bandwidth: BytesPerSecond(1)), nearMemory: nil,
        accelerator: Accelerator(
            name: "a", count: 8, peak: FlopsPerSecond(1), memory: Bytes(1), bandwidth: BytesPerSecond(1),
            hostLink: BytesPerSecond(1), launchOverhead: Nanoseconds(1)),
        power: PowerCurve(
            hostIdle: .zero, hostPeak: .zero, acceleratorIdle: .zero, acceleratorPeak: .zero,
            halfLoadFactor: 1), isThisHost: false, sources: [])

    @Test func aScheduleThatTakesSeveralServersIsRefusedByName() throws {
        let whole = [
            Schedule(partition: .whole, threads: 2, workers: 1, batch: 8),
            .engine(EngineRules(tensorParallel: 8, sequencesMax: 64, tokenBudget: 512)),
            .engine(EngineRules(tensorParallel: 2, sequencesMax: 64, tokenBudget: 512)),
        ].map(entry)
        try whole.requireWholeServers(of: [box])
        let wide = Schedule.engine(
            EngineRules(tensorParallel: 8, pipelineParallel: 2, sequencesMax: 64, tokenBudget: 512))
        let error = #expect(throws: PipelineError.self) {
            try (whole + [entry(wide)]).requireWholeServers(of: [box])
        }
        #expect(
            error
                == .notAWholeServer(
                    model: "m", serverType: "box", schedule: wide, found: .servers(2)))
        #expect(
            error?.description
                == "model 'm' on server type 'box': found schedule engine TP=8 PP=2 sequences=64 "
                + "tokens=512, which takes 2 whole servers, expected one that fits one server: plans count "
                + "single servers")
    }
}
