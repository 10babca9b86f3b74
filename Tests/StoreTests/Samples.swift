import Foundation
import Quantities
import Store
import Vocabulary

/// Small values of every stored type, with figures odd enough that two mixed-up columns show.
enum Samples {
    static let model = Model(
        id: "rm1-200k-rows", title: "Ranking model 1, tables cut to 200k rows",
        source: "a paper; its repository",
        graph: RecommendationGraph(
            denseInputWidth: 128, denseLayers: [64, 32],
            embeddingTables: [EmbeddingTable(count: 8, rows: 200_000, dimension: 32, lookups: 80)],
            sequence: SequenceLayer(kind: .gru, width: 64), predictLayers: [256, 64, 1],
            taskLayers: [[2], [1]]),
        latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100)),
        querySizes: .deepRecSys)

    static let tokens = TokenFigures(
        requests: 3, promptTokens: nil, outputTokens: 41, areTokensReported: true,
        outputTokensPerSecond: 20.5,
        timeToFirstToken: LatencyHistogram(
            bins: [
                LatencyHistogram.Bin(latency: Nanoseconds(1_000), count: 2),
                LatencyHistogram.Bin(latency: Nanoseconds(9_000), count: 1),
            ]), timePerOutputToken: LatencyHistogram(bins: []))

    static let otherModel = Model(
        id: "ncf", title: "Neural collaborative filtering", source: "a paper",
        graph: RecommendationGraph(
            denseInputWidth: 0, denseLayers: [],
            embeddingTables: [EmbeddingTable(count: 2, rows: 140_000, dimension: 64, lookups: 1)],
            sequence: nil, predictLayers: [256, 128, 64], taskLayers: []),
        latencyTarget: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 5)),
        querySizes: .fixed(120))

    static let serverType = ServerType(
        id: "this-host", title: "The machine the tests run on",
        processor: Processor(cores: 4, peakPerCore: FlopsPerSecond(8.96e10), lastLevelCache: Bytes(3.3e7)),
        memory: MemorySystem(capacity: Bytes(1.6e10), bandwidth: BytesPerSecond(2.5e10)), nearMemory: nil,
        accelerator: nil,
        power: PowerCurve(
            hostIdle: Watts(61.5), hostPeak: Watts(148.25), acceleratorIdle: .zero, acceleratorPeak: .zero,
            halfLoadFactor: 0.7),
        isThisHost: true, sources: ["a datasheet/page 3"])

    static let otherServerType = ServerType(
        id: "gpu-v100", title: "With an accelerator",
        processor: Processor(cores: 20, peakPerCore: FlopsPerSecond(7e10), lastLevelCache: Bytes(2.75e7)),
        memory: MemorySystem(capacity: Bytes(2.56e11), bandwidth: BytesPerSecond(1.28e11)),
        nearMemory: NearMemory(rankParallelism: 4),
        accelerator: Accelerator(
            name: "V100", count: 1, peak: FlopsPerSecond(1.4e13), memory: Bytes(1.6e10),
            bandwidth: BytesPerSecond(9e11), hostLink: BytesPerSecond(1.2e10),
            launchOverhead: Nanoseconds(8_000)),
        power: PowerCurve(
            hostIdle: Watts(110), hostPeak: Watts(290), acceleratorIdle: Watts(40),
            acceleratorPeak: Watts(300), halfLoadFactor: 1),
        isThisHost: false, sources: [])

    static let host = Host(
        name: "node-7", processor: "A processor @ 2.80GHz", cores: 4, memory: Bytes(16_777_216_000),
        operatingSystem: "Debian 12")

    static let schedule = Schedule(partition: .sparseDense, threads: 3, workers: 2, batch: 128)

    static let measurement: LoadRun = {
        var measurement = plainMeasurement
        measurement.repetition = 2
        measurement.attempt = 3
        measurement.ending = .decided
        measurement.warmUp = .init(duration: Nanoseconds(milliseconds: 120), queries: 10)
        measurement.effectiveQueries = 250.5
        measurement.dispatchMedian = Nanoseconds(4_321)
        measurement.dispatchP99 = Nanoseconds(54_321)
        measurement.powerBoundary = "board"
        measurement.idlePower = Watts(61.75)
        measurement.placement = "cores 0-2 of node 0; generator on core 3"
        measurement.source = "a note"
        measurement.sparseStage = .init(
            serviceSamples: [
                ServiceSample(items: 128, time: Nanoseconds(900_011)),
                ServiceSample(items: 7, time: Nanoseconds(45_003)),
            ], utilisation: Fraction(0.21), denseUtilisation: Fraction(0.78),
            handOverMedian: Nanoseconds(31_007), handOverP99: Nanoseconds(2_000_123),
            denseDispatchMedian: Nanoseconds(9_001))
        return measurement
    }()

    static let tail = Verdict.Tail(
        target: model.latencyTarget, confidence: Fraction(0.95), lower: Nanoseconds(9_500_001), upper: nil,
        answer: .undecided)

    private static let plainMeasurement = LoadRun(
        model: model.id, serverType: serverType.id, schedule: schedule, purpose: .cell, pattern: .openPoisson,
        host: host, engine: "openvino", engineVersion: "2026.4.1", offeredRate: QueriesPerSecond(81.5),
        completedRate: QueriesPerSecond(80.125), queries: 401, duration: Nanoseconds(seconds: 5.0049),
        latencies: histogram(from: 9_000_001, bins: 90),
        generatorLateness: LatencyHistogram(
            bins: [
                LatencyHistogram.Bin(latency: Nanoseconds(-3), count: 2),
                LatencyHistogram.Bin(latency: Nanoseconds(1_700), count: 399),
            ]),
        serviceSamples: [
            ServiceSample(items: 128, time: Nanoseconds(4_100_233)),
            ServiceSample(items: 7, time: Nanoseconds(390_001)),
            ServiceSample(items: 128, time: Nanoseconds(4_100_233)),
        ],
        utilisation: Fraction(0.731), power: Watts(121.75), powerProvenance: .estimated,
        noise: HostNoise(
            stealFraction: Fraction(0.0125), stealMaxFraction: Fraction(0.0625),
            processorPressureFraction: nil, processorPressureMaxFraction: nil,
            otherLoadFraction: Fraction(0.03125), frequencyMin: Hertz(2.5e9), frequencyMean: Hertz(2.75e9)),
        provenance: .measured, seed: .max - 4, measuredAtUnixSeconds: 1_790_000_000, toolVersion: "1.2.3-test"
    )

    static let settings = ContentDigest(ofText: "settings of a test")
    static let inputs = ContentDigest(ofText: "inputs of a test")

    static let key = MeasurementKey(
        model: model, serverType: serverType, host: host, engine: "openvino", engineVersion: "2026.4.1",
        schedule: schedule, purpose: .cell, pattern: .openPoisson, settingsDigest: settings)

    static func histogram(from first: Int64, bins: Int) -> LatencyHistogram {
        LatencyHistogram(
            bins: (0..<Int64(bins)).map { index in
                LatencyHistogram.Bin(
                    latency: Nanoseconds(first + index * index * 1_013), count: 1 + Int(index * 37 % 11))
            })
    }

    static func entry(
        _ model: Model = model, _ serverType: ServerType = serverType, throughput: Double = 312.5,
        power: Double = 133.375, provenance: Provenance = .measured,
        powerProvenance: PowerProvenance = .estimated, powerBudget: Watts? = nil, method: String = "gradient"
    ) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model.id, serverType: serverType.id, target: model.latencyTarget, powerBudget: powerBudget,
            schedule: schedule, throughput: QueriesPerSecond(throughput), power: Watts(power),
            powerProvenance: powerProvenance, provenance: provenance, method: method, evaluations: 4,
            spaceSize: 96)
    }

    /// A search whose path visits schedules in another order than they were evaluated in, one of them twice.
    static func search(_ entry: EfficiencyEntry? = entry()) -> SearchOutcome {
        let batches = [32, 64, 128, 256]
        let schedules = batches.map { Schedule(partition: .whole, threads: 3, workers: 2, batch: $0) }
        let evaluations = zip(schedules, [0, 101.5, 312.5, 250.25]).map { schedule, throughput in
            ScheduleEvaluation(
                schedule: schedule, throughput: QueriesPerSecond(throughput),
                power: Watts(60 + throughput / 5),
                provenance: .modelled)
        }
        return SearchOutcome(
            entry: entry, model: entry?.model ?? model.id, serverType: entry?.serverType ?? serverType.id,
            evaluations: evaluations, path: [schedules[0], schedules[3], schedules[2], schedules[0]])
    }

    static func searchKey(
        _ model: Model = model, _ serverType: ServerType = serverType, powerBudget: Watts? = nil,
        method: String = "gradient", inputs: ContentDigest = inputs
    ) -> SearchKey {
        SearchKey(
            model: model, serverType: serverType, powerBudget: powerBudget, method: method,
            inputsDigest: inputs)
    }

    static let table = EfficiencyTable([
        entry(), entry(otherModel, serverType, throughput: 2_000.5, power: 99.5),
        entry(
            otherModel, otherServerType, throughput: 5_100, power: 410, provenance: .modelled,
            powerProvenance: .metered),
    ])

    static let fleet = Fleet(
        id: "small", counts: [serverType.id: 12, otherServerType.id: 3, "spare": 0])

    static let demand = Demand([model.id: QueriesPerSecond(1_000.25), otherModel.id: QueriesPerSecond(9_000)])

    static var allocation: Allocation {
        var allocation = Allocation()
        allocation[model.id, serverType.id] = 4
        allocation[otherModel.id, serverType.id] = 2
        allocation[otherModel.id, otherServerType.id] = 1
        return allocation
    }

    static let plan = Plan(
        status: .feasible, allocation: allocation, objective: Watts(1_142.5), bound: Watts(1_120.125),
        shortfalls: [])

    static let infeasiblePlan = Plan(
        status: .infeasible, allocation: Allocation(), objective: .zero, bound: nil,
        shortfalls: [
            Plan.Shortfall(model: otherModel.id, load: QueriesPerSecond(12.5)),
            Plan.Shortfall(model: model.id, load: QueriesPerSecond(0.125)),
        ])
}
