import Quantities
import Vocabulary

/// Everything about a fleet that does not change during a replay, in flat arrays: one row of `types.count`
/// figures for each model, models and types in name order.
struct FleetFigures {
    let models: [ModelID]
    let types: [ServerTypeID]
    /// Servers of each type.
    let counts: [Int]
    /// Queries/s and watts of one server at its latency-bounded throughput; NaN where no entry says so.
    let throughput: [Double]
    let power: [Double]
    /// Watts with nothing running, at most the pair's power; NaN where not known.
    let idlePower: [Double]
    /// Watts while booting or loading for a pair.
    let startingPower: [Double]
    /// Watts of a server of a type without a model; zero where not known, as such a server is never on.
    let typeIdlePower: [Double]
    let offPower: Double
    /// In nanoseconds.
    let boot: Int64
    let modelLoad: [Int64]
    let drain: Int64
    let idleHold: Int64
    /// Seconds a query may take, at most, for a pair.
    let latencyLimit: [Double]
    let spreading: LoadSpreading
    /// The pairs of each model by what a query draws beyond idle power, least first.
    let packingOrder: [[Int]]

    init(
        models: [ModelID], fleet: Fleet, table: EfficiencyTable, idlePowers: [ServerTypeID: Watts],
        dynamics: FleetDynamics, modelSizes: [ModelID: Bytes], spreading: LoadSpreading = .proportional
    ) {
        self.models = models
        types = fleet.serverTypes
        counts = types.map { max(0, fleet.counts[$0] ?? 0) }
        var throughput: [Double] = []
        var power: [Double] = []
        var idle: [Double] = []
        var starting: [Double] = []
        var limit: [Double] = []
        for model in models {
            for type in types {
                let entry = table[model, type]
                let watts = entry?.power.value ?? .nan
                let floor = idlePowers[type].map { min($0.value, watts) } ?? .nan
                throughput.append(entry?.throughput.value ?? .nan)
                power.append(watts)
                idle.append(floor)
                starting.append(floor + (watts - floor) * dynamics.startingLoad.value)
                limit.append(entry?.target.limit.seconds ?? 0)
            }
        }
        self.throughput = throughput
        self.power = power
        idlePower = idle
        self.spreading = spreading
        let typeCount = types.count
        packingOrder = models.indices.map { model in
            let pairs = (model * typeCount..<(model + 1) * typeCount).filter { throughput[$0] > 0 }
            let joules = pairs.map { ((power[$0] - idle[$0]) / throughput[$0], $0) }
            return joules.sorted { $0 < $1 }.map(\.1)
        }
        startingPower = starting
        latencyLimit = limit
        typeIdlePower = types.map { idlePowers[$0]?.value ?? 0 }
        offPower = dynamics.offPower.value
        boot = dynamics.boot.count
        modelLoad = models.map { dynamics.loadTime(modelSize: modelSizes[$0]).count }
        drain = dynamics.drain.count
        idleHold = dynamics.idleHold.count
    }

    /// All pairs as they stand in the flat arrays.
    var pairs: [ModelOnServer] {
        models.flatMap { model in types.map { ModelOnServer(model: model, serverType: $0) } }
    }

    /// Where a pair stands in the flat arrays.
    func pair(_ model: Int, _ type: Int) -> Int { model * types.count + type }

    /// How full the servers of a model are, from 0 to 1, by a rule.
    ///
    /// - Parameters:
    ///   - fullness: of every pair; those of the model are written.
    ///   - whole: queries/s that the model's servers serve at most.
    ///   - serving: servers of every pair that serve.
    func spread(
        _ load: Double, of model: Int, by rule: LoadSpreading, whole: Double, over serving: [Int],
        into fullness: inout [Double]
    ) {
        let pairs = model * types.count..<(model + 1) * types.count
        switch rule {
        case .proportional:
            let share = whole > 0 ? min(1, load / whole) : 0
            for pair in pairs { fullness[pair] = share }
        case .packed:
            for pair in pairs { fullness[pair] = 0 }
            var left = min(load, whole)
            for pair in packingOrder[model] where left > 0 {
                let room = Double(serving[pair]) * throughput[pair]
                guard room > 0 else { continue }
                let taken = min(left, room)
                fullness[pair] = taken / room
                left -= taken
            }
        }
    }

    /// A pair's counts as an allocation.
    func allocation(_ counts: [Int]) -> Allocation {
        var allocation = Allocation()
        for pair in counts.indices where counts[pair] > 0 {
            allocation[models[pair / types.count], types[pair % types.count]] = counts[pair]
        }
        return allocation
    }
}
