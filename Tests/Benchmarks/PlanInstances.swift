import Foundation
import Provisioning
import Quantities
import Randomness
import Simulation
import Vocabulary

/// A fleet and its models, and their demand over time.
struct PlanInstance {
    let name: String
    let fleet: Fleet
    let table: EfficiencyTable
    /// The load of each model at each interval; the headroom is in it.
    let demands: [Demand]

    func problems() throws -> [ProvisioningProblem] {
        guard let first = demands.first else { return [] }
        let problem = try ProvisioningProblem(demand: first, fleet: fleet, efficiency: table)
        return try demands.map { try problem.replacingDemand($0) }
    }

    /// The same with all loads multiplied.
    func scaled(by factor: Double) -> PlanInstance {
        PlanInstance(name: name, fleet: fleet, table: table, demands: demands.map { $0.scaled(by: factor) })
    }

    /// A drawn fleet: powers and rates lognormal by type and by pair, loads that go up and down between 30 %
    /// and 90 % of a model's share of the whole fleet's capacity.
    ///
    /// - Parameter sigma: of the logarithms; 0.15 makes the relaxation's bound about as weak as in practice.
    static func drawn(
        types: Int, models: Int, servers: Int, intervals: Int, seed: UInt64, sigma: Double = 0.15
    ) throws -> PlanInstance {
        var random = RandomStream(seed: seed, name: "plan \(types) \(models) \(servers)")
        func lognormal(_ sigma: Double) -> Double { random.logNormal(mu: 0, sigma: sigma) }
        let mean = Double(servers) / Double(types)
        let counts = (0..<types).map { _ in max(1, Int((mean * (0.5 + random.uniform())).rounded())) }
        let speeds = (0..<types).map { _ in lognormal(sigma) }
        let powers = (0..<types).map { _ in 300 * lognormal(sigma) }
        var entries: [EfficiencyEntry] = []
        var shares: [Double] = []
        for model in 0..<models {
            let scale = 1000 * lognormal(1)
            var capacity = 0.0
            for type in 0..<types {
                let rate = scale * speeds[type] * lognormal(sigma)
                capacity += rate * Double(counts[type])
                entries.append(entry(model, type, rate, powers[type] * lognormal(0.1)))
            }
            shares.append(capacity / Double(models))
        }
        let phases = (0..<models).map { _ in 2 * Double.pi * random.uniform() }
        let demands = (0..<intervals).map { interval in
            let angle = 2 * Double.pi * Double(interval) / 288
            return Demand(
                Dictionary(
                    uniqueKeysWithValues: (0..<models).map { model in
                        let level = 0.6 + 0.3 * sin(angle + phases[model]) + 0.006 * random.normal()
                        return (
                            Self.model(model), QueriesPerSecond(shares[model] * min(0.9, max(0.3, level)))
                        )
                    }))
        }
        return PlanInstance(
            name: "\(types) types x \(models) models",
            fleet: Fleet(
                id: "drawn",
                counts: Dictionary(uniqueKeysWithValues: counts.enumerated().map { (Self.type($0), $1) })),
            table: EfficiencyTable(entries), demands: demands)
    }

    private static func model(_ index: Int) -> ModelID { ModelID("m\(10_000 + index)") }
    private static func type(_ index: Int) -> ServerTypeID { ServerTypeID("t\(10_000 + index)") }

    private static func entry(_ model: Int, _ type: Int, _ rate: Double, _ watts: Double) -> EfficiencyEntry {
        EfficiencyEntry(
            model: Self.model(model), serverType: Self.type(type),
            target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 100)),
            powerBudget: nil, schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
            throughput: QueriesPerSecond(rate), power: Watts(watts), powerProvenance: .estimated,
            provenance: .modelled, method: "drawn", evaluations: 1, spaceSize: 1)
    }
}

/// HiGHS called cold through SciPy, in a process of its own.
struct PlanPeer {
    /// What is asked of it.
    struct Task {
        let name: String
        let problem: ProvisioningProblem
        /// How long it may take.
        let seconds: Double
        /// What our own planner took.
        let ourSeconds: Double
    }

    /// What it found.
    struct Answer: Decodable {
        let name: String
        let seconds: Double
        let gap: Double?
        let objective: Double?
        let bound: Double?
        let isReached: Bool
        let equalObjective: Double?
    }

    private struct Instance: Encodable {
        let name: String
        let types: Int
        let models: Int
        let available: [Int]
        let loads: [Double]
        let rates: [Double]
        let powers: [Double]
        let gap: Double
        let seconds: Double
        let equalSeconds: Double
    }

    /// The answers in the order of the tasks.
    static func solve(_ tasks: [Task], gap: Double) throws -> [Answer] {
        let instances = tasks.map { task in
            let problem = task.problem
            return Instance(
                name: task.name, types: problem.serverTypes.count, models: problem.models.count,
                available: problem.available, loads: problem.models.map { problem.demand[$0].value },
                rates: problem.throughputs, powers: problem.powers, gap: gap, seconds: task.seconds,
                equalSeconds: max(task.ourSeconds, 1e-3))
        }
        return try PeerProgram.answers(of: "plan_milp.py", to: instances)
    }
}
