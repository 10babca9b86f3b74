import Quantities
import Vocabulary

/// A demand to be served by a fleet: everything a policy needs to know to make a plan.
///
/// Models and server types are kept in name order, and figures in flat arrays with one row per model, so that
/// a policy neither hashes nor depends on the order of a dictionary.
public struct ProvisioningProblem: Sendable {
    /// The load to cover, headroom included.
    public private(set) var demand: Demand
    /// The models of the demand, in name order.
    public let models: [ModelID]
    /// The server types of which there is at least one, in name order.
    public let serverTypes: [ServerTypeID]
    /// available[h].
    public private(set) var available: [Int]
    /// load[m], in queries/s.
    package private(set) var loads: [Double]
    /// qps[h,m] in queries/s; 0 where the type cannot serve the model.
    package let throughputs: [Double]
    /// power[h,m] in watts; 0 where the type cannot serve the model.
    package let powers: [Double]
    /// cost[h,m] in the unit of the goal's objective; 0 where the type cannot serve the model.
    package private(set) var costs: [Double]
    /// What the loads add to the objective whatever serves them, in its unit; see `expecting`.
    package private(set) var loadCost = 0.0
    /// What a server of each pair costs with its share of the load: what rules of thumb rank types by.
    private(set) var rankingCosts: [Double]
    /// What to minimise, and under which constraints.
    public internal(set) var goal: PlanGoal
    /// What runs already and what it costs to start more; nil where starts are not weighed.
    private(set) var starts: Starts?

    /// Servers that run, and what starting one more adds to the objective, for each pair.
    struct Starts: Hashable, Sendable {
        let running: Counts
        /// Amortised over the time a plan is taken to last, in the unit of the objective.
        let costs: [Double]
    }

    /// A demand, the fleet to serve it and what each server achieves.
    ///
    /// An entry with throughput 0 says that the type cannot serve the model. Server types of which the fleet
    /// has none need no entries.
    /// - Throws: `missingEfficiency` for a pair of a model and a server type without an entry, and the
    ///   `invalid...` cases.
    public init(
        demand: Demand, fleet: Fleet, efficiency: EfficiencyTable, goal: PlanGoal = PlanGoal()
    ) throws(ProvisioningError) {
        for serverType in fleet.serverTypes {
            let count = fleet.counts[serverType] ?? 0
            guard count >= 0 else {
                throw .invalidServerCount(serverType: serverType, found: count)
            }
        }
        self.demand = demand
        models = demand.models
        serverTypes = fleet.serverTypes.filter(fleet.hasServers)
        available = serverTypes.map { fleet.counts[$0] ?? 0 }
        loads = try Self.checkedLoads(of: demand, models: models)
        var throughputs: [Double] = []
        var powers: [Double] = []
        for model in models {
            for serverType in serverTypes {
                let (throughput, power) = try Self.figures(model, serverType, efficiency)
                throughputs.append(throughput)
                powers.append(power)
            }
        }
        self.throughputs = throughputs
        self.powers = powers
        self.goal = goal
        try Self.checkedConstraints(
            goal.constraints, models: models, fleet: fleet, efficiency: efficiency)
        var costs: [Double] = []
        for (pair, power) in powers.enumerated() {
            let serverType = serverTypes[pair % serverTypes.count]
            let cost = power > 0 ? goal.cost(of: Watts(power), on: serverType) : 0
            guard cost.isFinite, cost >= 0 else {
                throw .invalidCost(
                    model: models[pair / serverTypes.count], serverType: serverType, found: cost)
            }
            costs.append(cost)
        }
        self.costs = costs
        rankingCosts = costs
    }

    /// The same fleet and models under another demand.
    /// - Throws: `missingObservation` for a model without a load, `invalidLoad`.
    public func replacingDemand(_ demand: Demand) throws(ProvisioningError) -> ProvisioningProblem {
        for model in models where demand.loads[model] == nil { throw .missingObservation(model: model) }
        var copy = self
        copy.demand = Demand(demand.loads.filter { models.contains($0.key) })
        copy.loads = try Self.checkedLoads(of: demand, models: models)
        return copy
    }

    /// The same fleet and models under loads in queries/s, in the order of the models.
    /// - Throws: `invalidLoad`.
    package func replacingLoads(_ loads: [Double]) throws(ProvisioningError) -> ProvisioningProblem {
        precondition(loads.count == models.count, "every model has a load")
        for (model, load) in zip(models, loads) where !(load.isFinite && load >= 0) {
            throw .invalidLoad(model: model, found: QueriesPerSecond(load))
        }
        var copy = self
        copy.loads = loads
        copy.demand = Demand(
            Dictionary(uniqueKeysWithValues: zip(models, loads.map { QueriesPerSecond($0) })))
        return copy
    }

    /// The same problem with costs at the loads that are expected: headroom costs what it draws while it is
    /// not needed. A server that alone would serve more than is needed is as full as the load makes it.
    ///
    /// A load draws at least what it takes on the type that does most with a watt above idle, whatever it is
    /// served by: that goes to `loadCost`, once for each load. A server costs its idle power and what its
    /// share of the load draws beyond that. Were it charged with all of it, what a plan has to spare would be
    /// priced as if it were used, and a few large servers would seem to cost more than many small ones.
    ///
    /// - Parameters:
    ///   - expected: loads in queries/s, in the order of the models.
    ///   - needed: the same with headroom.
    package func expecting(_ expected: [Double], needed: [Double]) -> ProvisioningProblem {
        guard !goal.isProvisionedPower else { return self }
        var copy = self
        copy.loadCost = 0
        for model in models.indices {
            let full = needed[model] > 0 ? min(1, expected[model] / needed[model]) : 0
            let base = leastCostOfQuery(model)
            copy.loadCost += base * expected[model]
            for type in serverTypes.indices where canServe(model, with: type) {
                let pair = index(model: model, serverType: type)
                let fullness = min(full, expected[model] / throughputs[pair])
                copy.rankingCosts[pair] = goal.cost(
                    of: Watts(powers[pair]), on: serverTypes[type], fullness: fullness)
                copy.costs[pair] = copy.rankingCosts[pair] - base * fullness * throughputs[pair]
            }
        }
        return copy
    }

    /// What a query/s of a model adds to the objective at least, on any type, beyond that of an idle server;
    /// 0 where idle servers of some type cost next to nothing, as nothing would be left to minimise.
    private func leastCostOfQuery(_ model: Int) -> Double {
        var least = Double.infinity
        for type in serverTypes.indices where canServe(model, with: type) {
            let pair = index(model: model, serverType: type)
            func cost(_ fullness: Double) -> Double {
                goal.cost(of: Watts(powers[pair]), on: serverTypes[type], fullness: fullness)
            }
            guard cost(0) > 0.02 * cost(1) else { return 0 }
            least = min(least, (cost(1) - cost(0)) / throughputs[pair])
        }
        return least.isFinite ? least : 0
    }

    /// What a model's servers are expected to cost while its load is spread over them in proportion to their
    /// throughput, and what it takes to start those that do not run.
    package func expectedCost(of counts: Counts, model: Int, load: Double) -> Double {
        let whole = capacity(of: counts, model: model)
        let fullness = whole > 0 ? min(1, load / whole) : 0
        return serverTypes.indices.reduce(0) { sum, type in
            let pair = index(model: model, serverType: type)
            guard counts[pair] > 0 else { return sum }
            let each = goal.cost(of: Watts(powers[pair]), on: serverTypes[type], fullness: fullness)
            let started = max(0, counts[pair] - running(pair))
            return sum + Double(counts[pair]) * each + Double(started) * startCost(pair)
        }
    }

    /// Servers of a pair that run already; all of them where starts are not weighed.
    func running(_ pair: Int) -> Int { starts?.running[pair] ?? .max }

    /// What starting one more server of a pair adds to the objective.
    func startCost(_ pair: Int) -> Double { starts?.costs[pair] ?? 0 }

    /// The same problem with other numbers of servers, in the order of the types; none may be there for a
    /// while.
    package func replacingAvailability(_ available: [Int]) -> ProvisioningProblem {
        precondition(
            available.count == serverTypes.count && available.allSatisfy { $0 >= 0 },
            "every type has a number of servers")
        var copy = self
        copy.available = available
        return copy
    }

    /// The same problem with what it costs to start servers in its objective: start[h,m] for each server
    /// beyond running[h,m]. Plans are then valued with these costs, and their bounds hold for the sum.
    ///
    /// Left as it is where pins, reserves, failures of a type or a rack, or a number of types constrain the
    /// plan, or no start costs anything.
    /// - Parameter startCosts: not negative, in the unit of the objective.
    package func weighingStarts(running: Counts, startCosts: [Double]) -> ProvisioningProblem {
        precondition(
            running.count == costs.count && startCosts.count == costs.count
                && startCosts.allSatisfy { $0 >= 0 && $0.isFinite }, "one count and one cost for each pair")
        var plain = PlanConstraints()
        switch goal.constraints.survives {
        case .anyServer, .anyServers, .anyServersOfOneType: plain.survives = goal.constraints.survives
        case .anyType, .anyRack, nil: break
        }
        guard goal.constraints == plain, startCosts.contains(where: { $0 > 0 }) else { return self }
        var copy = self
        copy.starts = Starts(running: running, costs: startCosts)
        return copy
    }

    private static func checkedLoads(
        of demand: Demand, models: [ModelID]
    ) throws(ProvisioningError) -> [Double] {
        var loads: [Double] = []
        for model in models {
            let load = demand[model]
            guard load.value.isFinite, load.value >= 0 else { throw .invalidLoad(model: model, found: load) }
            loads.append(load.value)
        }
        return loads
    }

    private static func figures(
        _ model: ModelID, _ serverType: ServerTypeID, _ efficiency: EfficiencyTable
    ) throws(ProvisioningError) -> (throughput: Double, power: Double) {
        guard let entry = efficiency[model, serverType] else {
            throw .missingEfficiency(model: model, serverType: serverType)
        }
        let throughput = entry.throughput
        guard throughput.value.isFinite, throughput.value >= 0 else {
            throw .invalidEfficiency(
                model: model, serverType: serverType, found: "a throughput of \(throughput)",
                expected: "a finite number of at least 0")
        }
        guard throughput.value > 0 else { return (0, 0) }
        guard entry.power.value.isFinite, entry.power.value > 0 else {
            throw .invalidEfficiency(
                model: model, serverType: serverType, found: "a power of \(entry.power)",
                expected: "a finite number above 0 for a type that serves the model")
        }
        return (throughput.value, entry.power.value)
    }
}

// MARK: - Allocations as arrays of counts

extension ProvisioningProblem {
    /// An allocation as N[h,m], one row of `serverTypes.count` numbers for each model.
    package typealias Counts = [Int]

    /// No servers at all.
    package var noServers: Counts { Counts(repeating: 0, count: models.count * serverTypes.count) }

    /// Where a pair stands in the flat arrays.
    package func index(model: Int, serverType: Int) -> Int { model * serverTypes.count + serverType }

    /// How many servers of a type cover a load of a model that is not served yet, at least 0.
    ///
    /// - Parameter remaining: queries/s still to cover, out of the model's whole load.
    /// - Precondition: the type can serve the model.
    package func serversToCover(_ remaining: Double, model: Int, serverType: Int) -> Int {
        let uncovered = remaining - Coverage.tolerance * loads[model]
        guard uncovered > 0 else { return 0 }
        let throughput = throughputs[index(model: model, serverType: serverType)]
        return Int(min(max(1, (uncovered / throughput).rounded(.up)), Double(available[serverType])))
    }

    /// sum_h N[h,m] * qps[h,m] in queries/s.
    package func capacity(of counts: Counts, model: Int) -> Double {
        serverTypes.indices.reduce(0) {
            let pair = index(model: model, serverType: $1)
            return $0 + Double(counts[pair]) * throughputs[pair]
        }
    }

    /// Whether a capacity serves the load of a model, up to the tolerance.
    package func isServed(model: Int, by capacity: Double) -> Bool {
        capacity >= loads[model] * (1 - Coverage.tolerance)
    }

    /// sum N[h,m] * power[h,m] in watts.
    package func power(of counts: Counts) -> Double {
        counts.indices.reduce(0) { $0 + Double(counts[$1]) * powers[$1] }
    }

    /// The plan for the given counts. Its status follows from what they serve and how close the bound is.
    ///
    /// - Parameter bound: what no allocation that serves the demand costs less than; nil where nothing is
    ///   proven.
    /// - Parameter gap: how far the objective of an optimal plan may be from the bound.
    /// - Parameter fits: false where the constraints were found not to be kept.
    package func plan(_ counts: Counts, bound: Double?, gap: Double, fits: Bool = true) -> Plan {
        let allocation = Allocation(counts, models: models, serverTypes: serverTypes)
        var shortfalls: [Plan.Shortfall] = []
        for (modelIndex, model) in models.enumerated() {
            let capacity = assuredCapacity(of: counts, model: modelIndex)
            if !isServed(model: modelIndex, by: capacity) {
                shortfalls.append(
                    Plan.Shortfall(model: model, load: QueriesPerSecond(loads[modelIndex] - capacity)))
            }
        }
        let objective = cost(of: counts)
        let isPower = goal.isProvisionedPower && starts == nil
        let name = starts == nil ? goal.name : "\(goal.name) and starts"
        func valuation(_ bound: Double?) -> Plan.Valuation? {
            isPower ? nil : Plan.Valuation(name: name, unit: goal.unit, value: objective, bound: bound)
        }
        let power = Watts(power(of: counts))
        guard shortfalls.isEmpty, fits else {
            return Plan(
                status: .infeasible, allocation: allocation, objective: power, bound: nil,
                shortfalls: shortfalls, valuation: valuation(nil))
        }
        let isClose = bound.map { objective - $0 <= gap * objective } ?? false
        let proven = bound.map { min($0, objective) }
        return Plan(
            status: isClose ? .optimal : .feasible, allocation: allocation, objective: power,
            bound: isPower ? proven.map { Watts($0) } : nil, shortfalls: [], valuation: valuation(proven))
    }
}

extension Allocation {
    /// N[m, h] by the names of its models and server types, in that order; empty where there are no counts.
    init(_ counts: ProvisioningProblem.Counts, models: [ModelID], serverTypes: [ServerTypeID]) {
        self.init()
        for (index, count) in counts.enumerated() where count > 0 {
            self[models[index / serverTypes.count], serverTypes[index % serverTypes.count]] = count
        }
    }
}
