import Quantities
import Vocabulary

/// A pipeline to be planned: what is asked of it, and what its stages can do within each part of the limit.
public struct PipelineDemand: Sendable {
    /// What replicas of a stage do within budgets.
    public struct Stage: Sendable {
        /// Within one budget.
        public struct Level: Sendable {
            public let budget: Nanoseconds
            /// Of the stage's demand; rates under this budget.
            public let choices: [SharedBoxPlanner.Choice]

            public init(budget: Nanoseconds, choices: [SharedBoxPlanner.Choice]) {
                self.budget = budget
                self.choices = choices
            }
        }

        /// Ascending budgets whose rates differ; empty where no budget within the limit will do.
        public let levels: [Level]
        /// Rates that no split exceeds: the whole limit for the stage alone, at the least quantile. nil where
        /// nothing limits the stage, so that it may cost nothing.
        public let widest: [SharedBoxPlanner.Choice]?

        /// Levels whose choices are those of the level before are left out: they are the same for more time.
        public init(levels: [Level], widest: [SharedBoxPlanner.Choice]?) {
            self.levels = levels.indices.filter { index in
                !levels[index].choices.isEmpty
                    && (index == 0 || levels[index].choices != levels[index - 1].choices)
            }.map { levels[$0] }
            self.widest = widest
        }
    }

    public let pipeline: ServedPipeline
    /// With headroom.
    public let load: QueriesPerSecond
    public let stages: [Stage]

    /// - Precondition: there are figures for each stage of the pipeline.
    public init(pipeline: ServedPipeline, load: QueriesPerSecond, stages: [Stage]) {
        precondition(stages.count == pipeline.stages.count, "each stage has figures")
        self.pipeline = pipeline
        self.load = load
        self.stages = stages
    }

    /// What a stage is asked for.
    public func load(of stage: Int) -> QueriesPerSecond {
        QueriesPerSecond(load.value * pipeline.stages[stage].visits)
    }
}

/// Splits the limits of pipelines over their stages so that one plan of all stages, and of whatever else is
/// asked for, takes the least power.
///
/// Splits are ranked by what their stages would draw at least if boxes could be bought in pieces and were
/// without number: `sum_s load_s * min_g (watts_g + idle_g) / rate_gs`. No plan of the split draws less. The
/// best-ranked are planned one after another until the next one's rank is no better than the best plan.
/// Ranking is a depth-first search with that bound; in the worst case it is exponential in the stages.
public struct SplitSearch: Sendable {
    /// The best plan there is of all splits that were looked at.
    public struct Outcome: Sendable {
        public let plan: SharedBoxPlan
        /// By pipeline and stage, the place among the stage's levels.
        public let levels: [[Int]]
        /// Splits that were planned.
        public let planned: Int
        /// No plan of any split within reach draws less.
        public let bound: Watts
    }

    /// A split of one pipeline's limit.
    struct Split: Hashable {
        var levels: [Int]
        var watts: Double
    }

    /// The most splits that are planned; beyond them the bound of the next one counts.
    static let plannedMax = 32

    private let planner: SharedBoxPlanner
    private let pipelines: [PipelineDemand]
    private let others: [SharedBoxPlanner.Choice]
    private let demand: Demand

    /// - Parameters:
    ///   - others: choices of models that are asked for themselves.
    ///   - demand: of those models, with headroom.
    public init(
        _ planner: SharedBoxPlanner, _ pipelines: [PipelineDemand], others: [SharedBoxPlanner.Choice],
        demand: Demand
    ) {
        self.planner = planner
        self.pipelines = pipelines
        self.others = others
        self.demand = demand
    }

    /// The demands of all stages beside the others'.
    private var whole: Demand {
        var loads = demand.loads
        for one in pipelines {
            for stage in one.stages.indices {
                loads[one.pipeline.demandID(of: stage)] = one.load(of: stage)
            }
        }
        return Demand(loads)
    }

    // MARK: Bound

    /// What no plan undercuts, however the limits are split: each stage alone is given its pipeline's whole
    /// limit. nil where not even that is served.
    public func bound() throws -> Watts? {
        var loads = demand.loads
        var choices = others
        for one in pipelines {
            for (place, stage) in one.stages.enumerated() {
                guard let widest = stage.widest else { continue }
                loads[one.pipeline.demandID(of: place)] = one.load(of: place)
                choices += widest
            }
        }
        guard let plan = try planner.plan(Demand(loads), choices), plan.shortfall.isEmpty else { return nil }
        return plan.bound
    }

    // MARK: Splits

    /// - Parameter reach: the longest way through a pipeline's budgets, over its limit.
    /// - Returns: nil where no split is within reach, or no plan is found.
    public func best(reach: Double) throws -> Outcome? {
        let ranked = pipelines.map { splits(of: $0, reach: reach) }
        guard ranked.allSatisfy({ !$0.isEmpty }) else { return nil }
        let fixed = rank(of: demand, others)
        var best: (plan: SharedBoxPlan, levels: [[Int]])?
        var planned = 0
        // Of the splits that were planned by their plans, of the others by their ranks.
        var bound = Double.infinity
        for combination in Combinations(ranked) {
            let watts = combination.watts + fixed
            if let best, best.plan.shortfall.isEmpty, watts >= best.plan.objective.value { break }
            guard planned < Self.plannedMax else {
                bound = min(bound, watts)
                break
            }
            planned += 1
            let splits = zip(ranked, combination.places).map { $0[$1] }
            guard let plan = try plan(splits) else {
                bound = min(bound, watts)
                continue
            }
            if plan.shortfall.isEmpty { bound = min(bound, plan.bound.value) }
            if best.map({ plan.isBetter(than: $0.plan) }) ?? true { best = (plan, splits.map(\.levels)) }
        }
        return best.map { best in
            Outcome(
                plan: best.plan, levels: best.levels, planned: planned,
                bound: Watts(min(bound, best.plan.objective.value)))
        }
    }

    private func plan(_ splits: [Split]) throws -> SharedBoxPlan? {
        var choices = others
        for (one, split) in zip(pipelines, splits) {
            for (stage, level) in zip(one.stages, split.levels) { choices += stage.levels[level].choices }
        }
        return try planner.plan(whole, choices)
    }

    private func rank(of demand: Demand, _ choices: [SharedBoxPlanner.Choice]) -> Double {
        demand.loads.sorted { $0.key < $1.key }.reduce(0) { sum, load in
            let own = choices.filter { $0.model == load.key }
            return sum + load.value.value * (planner.leastWattsPerQuery(own) ?? 0)
        }
    }

    /// The best-ranked splits of a pipeline within reach, best first.
    func splits(of one: PipelineDemand, reach: Double) -> [Split] {
        let limit = one.pipeline.target.limit.seconds * reach * (1 + 1e-9)
        let watts = one.stages.indices.map { place in
            one.stages[place].levels.map { level in
                one.load(of: place).value * (planner.leastWattsPerQuery(level.choices) ?? 0)
            }
        }
        guard watts.allSatisfy({ !$0.isEmpty }) else { return [] }
        let budgets = one.stages.map { $0.levels.map(\.budget.seconds) }
        let least = budgets.map { $0.min() ?? 0 }
        // What the stages from a place on draw at least.
        var rest = [0.0]
        for own in watts.reversed() { rest.append(rest[rest.count - 1] + (own.min() ?? 0)) }
        rest.reverse()
        var found: [Split] = []
        var levels: [Int] = []
        func descend(_ sum: Double) {
            let place = levels.count
            guard place < watts.count else {
                let split = Split(levels: levels, watts: sum)
                let at = found.firstIndex { $0.watts > sum } ?? found.count
                found.insert(split, at: at)
                if found.count > Self.plannedMax + 1 { found.removeLast() }
                return
            }
            for level in watts[place].indices.reversed() {
                let next = sum + watts[place][level]
                if found.count > Self.plannedMax, let worst = found.last,
                    next + rest[place + 1] >= worst.watts
                {
                    continue
                }
                levels.append(level)
                defer { levels.removeLast() }
                var times = least
                for (stage, chosen) in levels.enumerated() { times[stage] = budgets[stage][chosen] }
                if one.pipeline.longest(times) <= limit { descend(next) }
            }
        }
        descend(0)
        return found
    }
}

/// Combinations of one split of each pipeline, in the order of their sums. O(n) each for n taken.
private struct Combinations: Sequence, IteratorProtocol {
    struct Combination: Hashable {
        var places: [Int]
        var watts: Double
    }

    private let ranked: [[SplitSearch.Split]]
    private var waiting: [Combination]
    private var seen: Set<[Int]> = []

    /// - Precondition: no list is empty, and each ascends.
    init(_ ranked: [[SplitSearch.Split]]) {
        self.ranked = ranked
        let first = ranked.map { _ in 0 }
        waiting = [Combination(places: first, watts: ranked.reduce(0) { $0 + $1[0].watts })]
        seen = [first]
    }

    mutating func next() -> Combination? {
        guard let least = waiting.indices.min(by: { waiting[$0].watts < waiting[$1].watts }) else {
            return nil
        }
        let taken = waiting.remove(at: least)
        for pipeline in ranked.indices where taken.places[pipeline] + 1 < ranked[pipeline].count {
            var places = taken.places
            places[pipeline] += 1
            guard seen.insert(places).inserted else { continue }
            let watts = zip(ranked, places).reduce(0) { $0 + $1.0[$1.1].watts }
            waiting.append(Combination(places: places, watts: watts))
        }
        return taken
    }
}

extension SharedBoxPlan {
    /// Whether it serves more, or as much for less power.
    public func isBetter(than other: SharedBoxPlan) -> Bool {
        func missing(_ plan: SharedBoxPlan) -> Double {
            plan.shortfall.values.reduce(0) { $0 + $1.value }
        }
        let (own, others) = (missing(self), missing(other))
        return abs(own - others) > 1e-9 * Swift.max(own, others) ? own < others : objective < other.objective
    }
}
