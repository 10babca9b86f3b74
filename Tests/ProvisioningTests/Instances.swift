import Provisioning
import Quantities
import Randomness
import Vocabulary

extension SplitMix64 {
    /// A power of ten between two exponents, uniform in the exponent.
    mutating func magnitude(_ exponents: ClosedRange<Double>) -> Double {
        // Whole tenths of an exponent through a table of factors, so that no library's `pow` is involved.
        let tenths = Int.random(
            in: Int(exponents.lowerBound * 10)...Int(exponents.upperBound * 10), using: &self)
        var value = 1.0
        for _ in 0..<abs(tenths) { value *= 1.258_925_411_794_167_3 }
        return tenths < 0 ? 1 / value : value
    }
}

/// An efficiency entry of which only throughput and power matter.
func entry(_ model: ModelID, _ server: ServerTypeID, _ rate: Double, _ watts: Double) -> EfficiencyEntry {
    EfficiencyEntry(
        model: model, serverType: server,
        target: LatencyTarget(quantile: Quantile(0.95), limit: Nanoseconds(milliseconds: 10)),
        powerBudget: nil, schedule: Schedule(partition: .whole, threads: 1, workers: 1, batch: 1),
        throughput: QueriesPerSecond(rate), power: Watts(watts), powerProvenance: .estimated,
        provenance: .modelled, method: "gradient", evaluations: 1, spaceSize: 1)
}

/// The figures of one random problem, and the problem made from them.
struct Instance {
    var available: [Int]
    var loads: [Double]
    /// qps[model][type] and power[model][type].
    var throughputs: [[Double]]
    var powers: [[Double]]

    static func modelName(_ index: Int) -> ModelID { ModelID("m\(index / 10)\(index % 10)") }
    static func typeName(_ index: Int) -> ServerTypeID { ServerTypeID("t\(index / 10)\(index % 10)") }

    /// Random figures; loads are a share of what the fleet could give each model, so that about half of the
    /// small instances fit.
    static func random(
        models: Int, types: Int, servers: ClosedRange<Int>, loadShare: ClosedRange<Double>, zeros: Bool,
        using words: inout SplitMix64
    ) -> Instance {
        let available = (0..<types).map { _ in Int.random(in: servers, using: &words) }
        let speed = (0..<types).map { _ in Double.random(in: 0.5...2.5, using: &words) }
        let watts = (0..<types).map { _ in Double.random(in: 80...600, using: &words) }
        var throughputs: [[Double]] = []
        var powers: [[Double]] = []
        var loads: [Double] = []
        for _ in 0..<models {
            let scale = words.magnitude(0...5)
            let row = speed.map { speed -> Double in
                if zeros, Int.random(in: 0..<6, using: &words) == 0 { return 0 }
                return scale * speed * Double.random(in: 0.5...1.8, using: &words)
            }
            throughputs.append(row)
            powers.append(watts.map { $0 * Double.random(in: 0.8...1.1, using: &words) })
            let whole = zip(row, available).reduce(0) { $0 + $1.0 * Double($1.1) }
            let isIdle = zeros && Int.random(in: 0..<8, using: &words) == 0
            loads.append(isIdle ? 0 : whole / Double(models) * Double.random(in: loadShare, using: &words))
        }
        return Instance(available: available, loads: loads, throughputs: throughputs, powers: powers)
    }

    /// Adds types that serve as much as given ones, for the same number of watts more with every model.
    mutating func addAlike(_ alike: [(type: Int, count: Int, watts: Double)]) {
        for one in alike {
            available.append(one.count)
            for model in models {
                throughputs[model].append(throughputs[model][one.type])
                powers[model].append(powers[model][one.type] + one.watts)
            }
        }
    }

    var models: Range<Int> { loads.indices }
    var types: Range<Int> { available.indices }

    /// The problem; types may be renamed to change the order they are seen in.
    func problem(typeNames: [ServerTypeID]? = nil, goal: PlanGoal = PlanGoal()) throws -> ProvisioningProblem
    {
        let names = typeNames ?? types.map(Self.typeName)
        return try ProvisioningProblem(
            demand: Demand(
                Dictionary(
                    uniqueKeysWithValues: models.map { (Self.modelName($0), QueriesPerSecond(loads[$0])) })),
            fleet: Fleet(id: "fleet", counts: Dictionary(uniqueKeysWithValues: zip(names, available))),
            efficiency: EfficiencyTable(
                models.flatMap { model in
                    types.map { type in
                        entry(
                            Self.modelName(model), names[type], throughputs[model][type], powers[model][type])
                    }
                }), goal: goal)
    }

    /// The capacity an allocation gives a model.
    func capacity(_ allocation: Allocation, _ model: Int) -> Double {
        types.reduce(0) {
            $0 + throughputs[model][$1] * Double(allocation[Self.modelName(model), Self.typeName($1)])
        }
    }

    /// The share of a model's load that a capacity leaves unserved.
    func unserved(_ capacity: Double, _ model: Int) -> Double {
        let isServed = capacity >= loads[model] * (1 - Coverage.tolerance)
        return isServed ? 0 : 1 - capacity / loads[model]
    }
}

/// What trying every allocation of a small instance finds.
struct Exhaustion {
    /// The least power that serves everything; nil where nothing does.
    var leastPower: Double?
    /// The least sum of unserved shares.
    var leastUnserved = Double.infinity
    /// The least power among the allocations that leave no more than that unserved.
    var leastPowerAtLeastUnserved = Double.infinity

    init(_ instance: Instance) {
        var capacity = instance.loads.map { _ in 0.0 }
        visit(instance, type: 0, model: 0, left: instance.available.first ?? 0, power: 0, capacity: &capacity)
    }

    private mutating func visit(
        _ instance: Instance, type: Int, model: Int, left: Int, power: Double, capacity: inout [Double]
    ) {
        guard type < instance.available.count else { return judge(instance, power, capacity) }
        guard model < instance.loads.count else {
            let next = type + 1 < instance.available.count ? instance.available[type + 1] : 0
            return visit(instance, type: type + 1, model: 0, left: next, power: power, capacity: &capacity)
        }
        let before = capacity[model]
        for count in 0...left {
            capacity[model] = before + Double(count) * instance.throughputs[model][type]
            visit(
                instance, type: type, model: model + 1, left: left - count,
                power: power + Double(count) * instance.powers[model][type], capacity: &capacity)
        }
        capacity[model] = before
    }

    private mutating func judge(_ instance: Instance, _ power: Double, _ capacity: [Double]) {
        let unserved = instance.models.reduce(0) { $0 + instance.unserved(capacity[$1], $1) }
        if unserved == 0 { leastPower = min(leastPower ?? .infinity, power) }
        if unserved < leastUnserved - 1e-12 {
            leastUnserved = unserved
            leastPowerAtLeastUnserved = power
        } else if unserved <= leastUnserved + 1e-12 {
            leastPowerAtLeastUnserved = min(leastPowerAtLeastUnserved, power)
        }
    }
}
