import Pipeline
import Quantities
import Randomness
import Replaying
import Simulation
import Vocabulary

/// Scenarios made up for tests: fleets, loads and settings without any catalogue.
enum OnlineScenarios {
    static func entry(_ model: ModelID, _ type: ServerTypeID, _ rate: Double, _ watts: Double)
        -> EfficiencyEntry
    {
        EfficiencyEntry(
            model: model, serverType: type,
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100)),
            powerBudget: nil, schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
            throughput: QueriesPerSecond(rate), power: Watts(watts), powerProvenance: .estimated,
            provenance: .modelled, method: "gradient", evaluations: 1, spaceSize: 1)
    }

    static func trace(_ loads: [ModelID: [Double]], seconds: Double = 60) -> Trace {
        Trace(
            name: "t", startUnixSeconds: 0, interval: Nanoseconds(seconds: seconds),
            loads: loads.mapValues { $0.map { QueriesPerSecond($0) } })
    }

    /// - Parameter window: from 1000 on R stays `initial`, because the traces here are too short for so high
    ///   a quantile.
    static func scenario(
        _ trace: Trace, fleet: [ServerTypeID: Int], online: OnlineSettings?, quantile: Double = 0.9,
        window: Int = 20, initial: Double = 0.1, seed: UInt64 = 1
    ) -> Scenario {
        Scenario(
            id: "s", title: "s", seed: seed, models: [], fleet: Fleet(id: "f", counts: fleet),
            serverTypes: [],
            trace: trace,
            profile: ProfileSettings(
                batches: [1], cellDuration: Nanoseconds(seconds: 1), loadFraction: Fraction(0.5),
                confirmationDuration: Nanoseconds(seconds: 1)),
            search: SearchSettings(method: "gradient", batches: [1], queries: 1),
            replay: ReplaySettings(
                policies: ["greedy"], subject: "greedy", baseline: "greedy", gap: Fraction(1e-3),
                overProvision: OverProvisionRule(
                    initial: Fraction(initial), quantile: Quantile(window >= 1000 ? 0.999 : quantile),
                    window: window), online: online)
        )
    }

    /// Plays a policy on a scenario.
    static func play(
        _ policy: String, _ scenario: Scenario, table: EfficiencyTable, idle: [ServerTypeID: Watts]
    ) throws -> Timeline {
        let replay = Replay(
            trace: try scenario.requiredTrace(), fleet: scenario.fleet, table: table, idlePowers: idle,
            settings: scenario.replay.online ?? OnlineSettings(), seed: scenario.seed)
        return try PolicyPlay(policy, scenario: scenario, replay: replay, table: table).timeline(
            idlePowers: idle, modelSizes: [:])
    }

    /// Boots in 45 s, loads in 15 s, drains in 1 s.
    static var slowStart: FleetDynamics {
        FleetDynamics(
            boot: Nanoseconds(seconds: 45), modelLoad: Nanoseconds(seconds: 15),
            drain: Nanoseconds(seconds: 1))
    }
}

/// A random world: fleet, table, loads, dynamics, failures, outages.
struct RandomWorld {
    let trace: Trace
    let scenario: Scenario
    let table: EfficiencyTable
    let idle: [ServerTypeID: Watts]

    init(seed: UInt64) {
        var stream = RandomStream(seed: seed, name: "world")
        let types = (0..<stream.integer(in: 1..<5)).map { ServerTypeID("t\($0)") }
        let models = (0..<stream.integer(in: 1..<4)).map { ModelID("m\($0)") }
        var counts: [ServerTypeID: Int] = [:]
        var idle: [ServerTypeID: Watts] = [:]
        var entries: [EfficiencyEntry] = []
        for type in types {
            counts[type] = stream.integer(in: 1..<13)
            idle[type] = Watts(40 + 100 * stream.uniform())
            for model in models {
                let rate = stream.uniform() < 0.1 ? 0 : 20 + 200 * stream.uniform()
                entries.append(OnlineScenarios.entry(model, type, rate, 100 + 300 * stream.uniform()))
            }
        }
        let intervals = stream.integer(in: 6..<30)
        var loads: [ModelID: [Double]] = [:]
        for model in models {
            let scale = 800 * stream.uniform()
            loads[model] = (0..<intervals).map { _ in
                stream.uniform() < 0.1 ? 0 : scale * (0.3 + 0.7 * stream.uniform())
            }
        }
        func time(_ most: Double) -> Nanoseconds {
            stream.uniform() < 0.2 ? .zero : Nanoseconds(seconds: most * stream.uniform())
        }
        var online = OnlineSettings()
        online.dynamics = FleetDynamics(
            boot: time(120), modelLoad: time(60), drain: time(20),
            startingLoad: Fraction(stream.uniform()), offPower: Watts(5 * stream.uniform()),
            idleHold: time(90), dwell: time(200))
        if stream.uniform() < 0.8 {
            online.failures = FailureSettings(
                meanTimeBetweenServerFailures: Nanoseconds(seconds: 2_000 + 20_000 * stream.uniform()),
                meanTimeBetweenRackFailures: stream.uniform() < 0.5 ? Nanoseconds(seconds: 5_000) : nil,
                rackServers: stream.integer(in: 1..<8),
                meanRepair: Nanoseconds(seconds: 10 + 600 * stream.uniform()))
        }
        if stream.uniform() < 0.3 {
            online.outages = OutageSettings(
                meanTimeBetween: Nanoseconds(seconds: 600), duration: Nanoseconds(seconds: 130),
                restoresState: stream.uniform() < 0.5)
        }
        if stream.uniform() < 0.3 { online.stepServersMax = stream.integer(in: 1..<6) }
        if stream.uniform() < 0.3 { online.decisionPeriod = Nanoseconds(seconds: 180) }
        if stream.uniform() < 0.3 { online.replanFraction = Fraction(0.05) }
        if stream.uniform() < 0.3 { online.switchingHorizon = Nanoseconds(seconds: 600) }
        if stream.uniform() < 0.2 {
            online.disturbances = [
                LoadDisturbance(perDay: 100, duration: Nanoseconds(seconds: 120), factor: 3),
                LoadDisturbance(perDay: 50, duration: Nanoseconds(seconds: 180), factor: 0),
            ]
        }
        trace = OnlineScenarios.trace(loads)
        scenario = OnlineScenarios.scenario(trace, fleet: counts, online: online, seed: seed)
        table = EfficiencyTable(entries)
        self.idle = idle
    }

    var replay: Replay {
        Replay(
            trace: trace, fleet: scenario.fleet, table: table, idlePowers: idle,
            settings: scenario.replay.online ?? OnlineSettings(), seed: scenario.seed)
    }
}
