import Quantities
import Reporting
import Vocabulary

/// A replay small enough to be computed by hand: two models, two server types, two policies, four hours.
enum Fixtures {
    static let target = LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 25))

    static func entry(
        _ model: ModelID, _ type: ServerTypeID, qps: Double, watts: Double,
        provenance: Provenance = .modelled,
        powerProvenance: PowerProvenance = .estimated,
        schedule: Schedule = Schedule(partition: .whole, threads: 4, workers: 2, batch: 128)
    ) -> EfficiencyEntry {
        EfficiencyEntry(
            model: model, serverType: type, target: target, powerBudget: nil, schedule: schedule,
            throughput: QueriesPerSecond(qps), power: Watts(watts), powerProvenance: powerProvenance,
            provenance: provenance, method: "gradient", evaluations: 12, spaceSize: 60)
    }

    static let entries = [
        entry("rm1", "gpu", qps: 400, watts: 500),
        entry("rm1", "cpu", qps: 100, watts: 200, provenance: .measured),
        entry("ncf", "cpu", qps: 1000, watts: 180, provenance: .measured),
    ]
    static let table = EfficiencyTable(entries)

    static let trace = Trace(
        name: "four-hours", startUnixSeconds: 1_772_409_600, interval: Nanoseconds(seconds: 3600),
        loads: [
            "rm1": [300, 600, 900, 300].map { QueriesPerSecond($0) },
            "ncf": [1000, 2000, 1500, 500].map { QueriesPerSecond($0) },
        ])

    /// `static` keeps nine and two CPU servers; `hercules` follows the load and is one GPU short in the third
    /// hour.
    static let replay = ReplayOutcome(
        trace: trace, subject: "hercules",
        timelines: [
            timeline(
                "static", rm1: ("cpu", [9, 9, 9, 9]), ncf: [2, 2, 2, 2], drawn: [1500, 1800, 2000, 1400],
                status: .feasible),
            timeline(
                "hercules", rm1: ("gpu", [1, 2, 2, 1]), ncf: [1, 2, 2, 1], drawn: [600, 1200, 1360, 500],
                status: .optimal),
        ])

    private static func timeline(
        _ policy: String, rm1: (ServerTypeID, [Int]), ncf: [Int], drawn: [Double], status: Plan.Status
    ) -> Timeline {
        let records = (0..<4).map { index in
            var allocation = Allocation()
            allocation["rm1", rm1.0] = rm1.1[index]
            allocation["ncf", "cpu"] = ncf[index]
            let load = trace.demand(at: index)
            let capacity = Demand(
                Dictionary(
                    uniqueKeysWithValues: trace.models.map { model in
                        let shares = allocation.shares.filter { $0.model == model }
                        let total = shares.reduce(0.0) {
                            $0 + Double($1.count) * (table[model, $1.serverType]?.throughput.value ?? 0)
                        }
                        return (model, QueriesPerSecond(total))
                    }))
            let power = allocation.shares.reduce(0.0) {
                $0 + Double($1.count) * (table[$1.model, $1.serverType]?.power.value ?? 0)
            }
            let excess = trace.models.map { max(0, (load[$0] - capacity[$0]).value) }
            return IntervalRecord(
                load: load, capacity: capacity, allocation: allocation, provisionedPower: Watts(power),
                drawnPower: Watts(drawn[index]),
                violatedModels: trace.models.filter { load[$0] > capacity[$0] },
                arrivedQueries: trace.models.reduce(0) { $0 + load[$1].value * 3600 },
                unservedQueries: excess.reduce(0, +) * 3600, planStatus: status,
                planGap: status == .optimal ? Fraction(0.0004) : nil)
        }
        return Timeline(policy: policy, interval: trace.interval, records: records, decisionSeconds: 0.25)
    }

    static let replayReport = ReplayReport(
        outcome: replay, baseline: "static", table: table, includesDecisionTime: false)

    static let infeasiblePlan: Plan = {
        var allocation = Allocation()
        allocation["rm1", "gpu"] = 2
        return Plan(
            status: .infeasible, allocation: allocation, objective: Watts(1000), bound: nil,
            shortfalls: [Plan.Shortfall(model: "rm1", load: QueriesPerSecond(1234))])
    }()

    static let optimalPlan: Plan = {
        var allocation = Allocation()
        allocation["rm1", "gpu"] = 2
        allocation["rm1", "cpu"] = 1
        allocation["ncf", "cpu"] = 2
        return Plan(
            status: .optimal, allocation: allocation, objective: Watts(1560), bound: Watts(1559),
            shortfalls: [])
    }()

    static func search(_ model: ModelID, _ type: ServerTypeID) -> SearchOutcome {
        func schedule(_ threads: Int, _ batch: Int) -> Schedule {
            Schedule(partition: .whole, threads: threads, workers: 1, batch: batch)
        }
        func evaluation(_ threads: Int, _ batch: Int, _ qps: Double) -> ScheduleEvaluation {
            ScheduleEvaluation(
                schedule: schedule(threads, batch), throughput: QueriesPerSecond(qps), power: Watts(100),
                provenance: .modelled)
        }
        return SearchOutcome(
            entry: EfficiencyEntry(
                model: model, serverType: type, target: target, powerBudget: nil, schedule: schedule(3, 32),
                throughput: QueriesPerSecond(80), power: Watts(100), powerProvenance: .estimated,
                provenance: .modelled, method: "gradient", evaluations: 4, spaceSize: 20),
            model: model, serverType: type,
            evaluations: [
                evaluation(1, 16, 20), evaluation(1, 32, 15), evaluation(2, 16, 40), evaluation(3, 32, 80),
            ],
            path: [schedule(1, 16), schedule(2, 16), schedule(3, 32)])
    }

    /// A scenario of the two models over the trace.
    static func scenario(models: [Model]? = nil) -> Scenario {
        let graph = RecommendationGraph(
            denseInputWidth: 0, denseLayers: [], embeddingTables: [], sequence: nil, predictLayers: [1],
            taskLayers: [])
        let usual = ["rm1", "ncf"].map {
            Model(
                id: ModelID($0), title: $0, source: "", graph: graph, latencyTarget: target,
                querySizes: .fixed(1))
        }
        return Scenario(
            id: "small", title: "A small scenario", seed: 5, models: models ?? usual,
            fleet: Fleet(id: "two", counts: ["cpu": 20, "gpu": 4]), serverTypes: [], trace: trace,
            profile: ProfileSettings(
                batches: [64], cellDuration: Nanoseconds(seconds: 1), loadFraction: Fraction(0.7),
                confirmationDuration: Nanoseconds(seconds: 1)),
            search: SearchSettings(method: "gradient", batches: [64], queries: 10),
            replay: ReplaySettings(
                policies: ["static", "hercules"], subject: "hercules", baseline: "static",
                gap: Fraction(0.001),
                overProvision: OverProvisionRule(initial: .zero, quantile: Quantile(0.9), window: 4)))
    }

    static func measurement(
        _ model: ModelID, purpose: LoadRun.Purpose, threads: Int = 2, offered: Double,
        completed: Double, latencies: [(Double, Int)]
    ) -> LoadRun {
        LoadRun(
            model: model, serverType: "this-host",
            schedule: Schedule(partition: .whole, threads: threads, workers: 1, batch: 64), purpose: purpose,
            pattern: .openPoisson,
            host: Host(
                name: "session", processor: "Example CPU", cores: 4, memory: Bytes(16e9),
                operatingSystem: "Debian 12"),
            engine: "OpenVINO", engineVersion: "2026.4.1", offeredRate: QueriesPerSecond(offered),
            completedRate: QueriesPerSecond(completed), queries: latencies.reduce(0) { $0 + $1.1 },
            duration: Nanoseconds(seconds: 2),
            latencies: LatencyHistogram(
                bins: latencies.map {
                    LatencyHistogram.Bin(latency: Nanoseconds(milliseconds: $0.0), count: $0.1)
                }),
            generatorLateness: LatencyHistogram(bins: []), serviceSamples: [], utilisation: Fraction(0.625),
            power: Watts(48.25), powerProvenance: .estimated,
            noise: HostNoise(stealFraction: nil, processorPressureFraction: nil), provenance: .measured,
            seed: 3,
            measuredAtUnixSeconds: 1_772_409_600, toolVersion: "0.1.0")
    }
}
