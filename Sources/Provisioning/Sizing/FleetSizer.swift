import Optimization
import Quantities
import Vocabulary

/// Chooses how many servers of each type to own for a whole trace, capital and energy together. With F[h]
/// servers owned, N[h,m,t] of them running model m at a load that stands for weight[t] hours of the horizon,
///
///     minimise    sum_h  buy[h] b[h] - resale[h] r[h] + keep[h] F[h]
///                 + sum_t weight[t] sum_{h,m} energy[h,m] N[h,m,t]
///     subject to  F[h] = owned[h] + b[h] - r[h]
///                 sum_h cover[h,m,t] N[h,m,t] >= 1 + slack      for every model m and load t
///                 sum_m N[h,m,t]              <= F[h]           for every type h and load t
///                 F, b, r whole; N >= 0, and whole where weight[t] = 0
///
/// over loads that stand for the trace: the intervals in the order of their total load fall into groups, the
/// middle of each standing for it, and the peaks count without weight but with whole servers. Where loads
/// grow, each year has groups of its own, and the peaks are those of the year with the greatest. Then every
/// interval of every year is planned with whole servers on the fleet found. Where one does not fit, it joins
/// the loads and `slack` grows, and the choice is made again.
///
/// Where the loss of any one server has to be survived, the covering rows of the peaks become
///
///                 sum_h cover[h] N[h] - cover[g] y[g] >= 1 + slack,  N[g] <= M y[g],  y binary, for every g
///
/// and those of the other loads  sum_h cover[h] N[h] >= 1 + slack + min_h cover[h],  which follows from them.
public final class FleetSizer {
    private let efficiency: EfficiencyTable
    private let prices: FleetPrices
    /// With the costs of the energy that a running server draws for an hour.
    private let goal: PlanGoal
    private let planner: IntegerProgramPlanner
    private let solver: HiGHSSolver
    private let gap: Double

    private static let groups = 8
    private static let groupsInAll = 32
    private static let rounds = 8

    /// A load that stands for hours of the horizon.
    private struct StandIn {
        let demand: Demand
        /// 0 for a peak, which has to be served with whole servers.
        let hours: Double
    }

    /// - Parameter idlePowers: of a server of each type with nothing running.
    /// - Parameter fullness: how full planned capacity is expected to be: 1 / (1 + R).
    /// - Parameter survivesAnyServer: whether every interval is to be served without any one server.
    /// - Throws: `solver` where HiGHS cannot be loaded.
    public init(
        efficiency: EfficiencyTable, prices: FleetPrices, idlePowers: [ServerTypeID: Watts],
        fullness: Fraction, survivesAnyServer: Bool = false, gap: Fraction = Fraction(1e-3)
    ) throws(ProvisioningError) {
        self.efficiency = efficiency
        self.prices = prices
        self.gap = gap.value
        var goal = PlanGoal(weights: [.money: 1])
        goal.rates.idlePowers = idlePowers
        goal.rates.fullness = fullness
        goal.rates.energyPricePerKilowattHour = prices.energyPricePerKilowattHour
        goal.rates.facilityFactor = prices.facilityFactor
        goal.constraints.survives = survivesAnyServer ? .anyServer : nil
        self.goal = goal
        planner = try IntegerProgramPlanner(gap: gap)
        do { solver = try HiGHSSolver() } catch { throw .solver(error) }
    }

    /// The best fleet for the demands of a trace, beside the current one.
    ///
    /// - Parameter progress: hears of each interval of each year planned.
    public func size(
        _ current: Fleet, for demands: [Demand], progress: () -> Void = {}
    ) throws(ProvisioningError) -> FleetSizing {
        let before = try cost(of: current, from: current, demands, progress)
        var loads = standIns(for: demands)
        var slack = 0.0
        var bound: Double?
        var proposed = before.cost
        for round in 0..<Self.rounds {
            guard let choice = try choose(current, loads, slack) else { break }
            if round == 0 { bound = choice.bound }
            let after = try cost(of: choice.fleet, from: current, demands, progress)
            proposed = after.cost
            guard let worst = after.firstUnserved else { break }
            loads.append(StandIn(demand: worst, hours: 0))
            slack += 0.005
        }
        // Keeping what is there is a choice too.
        let keeps =
            before.cost.unservedIntervals < proposed.unservedIntervals
            || (before.cost.unservedIntervals == proposed.unservedIntervals
                && before.cost.total <= proposed.total)
        return FleetSizing(
            current: before.cost, proposed: keeps ? before.cost : proposed, bound: bound,
            intervalsConsidered: loads.count)
    }

    /// Loads with the hours of the horizon that each stands for.
    private func standIns(for demands: [Demand]) -> [StandIn] {
        let models = demands.first?.models ?? []
        let peaks = Dictionary(
            models.map { model in (model, demands.map { $0[model].value }.max() ?? 0) }
        ) { first, _ in first }
        func total(_ demand: Demand) -> Double {
            models.reduce(0) {
                $0 + (peaks[$1, default: 0] > 0 ? demand[$1].value / peaks[$1, default: 1] : 0)
            }
        }
        let order = demands.indices.sorted { (total(demands[$0]), $0) < (total(demands[$1]), $1) }
        let stretches = prices.stretches
        var loads: [StandIn] = []
        let groups = min(Self.groups, order.count, max(2, Self.groupsInAll / stretches.count))
        for (factor, hours) in stretches {
            let hoursEach = hours / Double(max(1, demands.count))
            for group in 0..<groups {
                let members = order[group * order.count / groups..<(group + 1) * order.count / groups]
                let middle = members[members.startIndex + members.count / 2]
                loads.append(
                    StandIn(
                        demand: demands[middle].scaled(by: factor), hours: hoursEach * Double(members.count)))
            }
        }
        let greatest = stretches.map(\.growthFactor).max() ?? 1
        var peaksOf = order.last.map { [$0] } ?? []
        for model in models {
            if let peak = demands.indices.max(by: { demands[$0][model] < demands[$1][model] }) {
                peaksOf.append(peak)
            }
        }
        return loads + peaksOf.map { StandIn(demand: demands[$0].scaled(by: greatest), hours: 0) }
    }

    /// The fleet that the program above chooses; nil where nothing serves the loads.
    private func choose(
        _ current: Fleet, _ loads: [StandIn], _ slack: Double
    ) throws(ProvisioningError) -> (fleet: Fleet, bound: Double)? {
        let types = Set(current.serverTypes).union(prices.purchase.keys).sorted()
        var program = IntegerProgram()
        var owned: [Int] = []
        for type in types {
            let count = current.counts[type] ?? 0
            let price = prices.purchase[type] ?? 0
            let keeping = (prices.keepingPerHour[type] ?? 0) * prices.horizonHours
            let fleet = program.addColumn(cost: keeping, isInteger: true)
            let bought = program.addColumn(
                cost: price, upper: prices.purchase[type] == nil ? 0 : 1e6, isInteger: true)
            // Where retiring brings nothing, nothing is retired.
            let isWorthRetiring = price * prices.resale.value > 0 || keeping > 0
            let retired = program.addColumn(
                cost: -price * prices.resale.value, upper: isWorthRetiring ? Double(count) : 0,
                isInteger: true)
            program.addRow(
                lower: Double(count), upper: Double(count), terms: [(fleet, 1), (bought, -1), (retired, 1)])
            owned.append(fleet)
        }
        for load in loads { try add(load, slack, types, owned, to: &program) }
        do {
            let solution = try solver.solve(
                program,
                options: IntegerSolveOptions(
                    relativeGap: gap, nodeLimit: 5_000, timeLimit: Nanoseconds(seconds: 30)))
            guard let incumbent = solution.incumbent else { return nil }
            let counts = Dictionary(
                zip(types, owned).map { ($0, Int(incumbent.values[$1].rounded())) }
            ) { first, _ in first }
            return (Fleet(id: current.id, counts: counts), solution.dualBound)
        } catch { throw .solver(error) }
    }

    /// The rows of one load: every model covered, and no more servers of a type than are owned.
    private func add(
        _ load: StandIn, _ slack: Double, _ types: [ServerTypeID], _ owned: [Int],
        to program: inout IntegerProgram
    ) throws(ProvisioningError) {
        var running = [[LinearProgram.Term]](repeating: [], count: types.count)
        for model in load.demand.models where load.demand[model] > .zero {
            var cover: [LinearProgram.Term] = []
            for (position, type) in types.enumerated() {
                guard let entry = efficiency[model, type] else {
                    throw .missingEfficiency(model: model, serverType: type)
                }
                guard entry.throughput > .zero else { continue }
                let column = program.addColumn(
                    cost: load.hours * goal.cost(of: entry.power, on: type),
                    isInteger: load.hours == 0)
                cover.append((column, entry.throughput / load.demand[model]))
                running[position].append((column, 1))
            }
            let isSpare = goal.constraints.survives != nil
            let least = isSpare ? cover.map(\.coefficient).min() ?? 0 : 0
            program.addRow(lower: 1 + slack + least, terms: cover)
            guard isSpare, load.hours == 0 else { continue }
            let greatest = cover.map(\.coefficient).max() ?? 0
            for one in cover {
                let used = program.addColumn(cost: 0, upper: 1, isInteger: true)
                let most = ((1 + slack + greatest) / one.coefficient).rounded(.up) + 1
                program.addRow(upper: 0, terms: [(one.column, 1), (used, -most)])
                program.addRow(lower: 1 + slack, terms: cover + [(used, -one.coefficient)])
            }
        }
        for (position, terms) in running.enumerated() where !terms.isEmpty {
            program.addRow(upper: 0, terms: terms + [(owned[position], -1)])
        }
    }

    /// What a fleet costs over the horizon, with every interval planned.
    private func cost(
        of fleet: Fleet, from current: Fleet, _ demands: [Demand], _ progress: () -> Void
    ) throws(ProvisioningError) -> (cost: FleetCost, firstUnserved: Demand?) {
        var books = FleetBooks(fleet: fleet, from: current, prices: prices)
        var unserved: [Demand] = []
        guard let first = demands.first else { return (books.cost(unserved: 0), nil) }
        let problem = try ProvisioningProblem(
            demand: first, fleet: fleet, efficiency: efficiency, goal: goal)
        for (factor, hours) in prices.stretches {
            var memory: PlanningMemory?
            books.begin(hours: hours)
            for demand in demands {
                let load = demand.scaled(by: factor)
                let outcome = try planner.plan(problem.replacingDemand(load), after: memory)
                memory = outcome.memory
                if outcome.plan.status == .infeasible { unserved.append(load) }
                books.add(outcome.plan, hours: hours / Double(demands.count)) { model, type in
                    efficiency[model, type].map { goal.cost(of: $0.power, on: type) } ?? 0
                }
                progress()
            }
        }
        return (books.cost(unserved: unserved.count), unserved.first)
    }
}
