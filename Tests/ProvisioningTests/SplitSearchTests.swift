import Provisioning
import Quantities
import Randomness
import Testing
import Vocabulary

/// Limits of pipelines split over stages.
@Suite struct SplitSearchTests {
    private static let limit = Nanoseconds(seconds: 1)
    private static let types = [box("small", parts: 2, idle: 80), box("big", parts: 4, idle: 300)]

    private static func box(_ id: ServerTypeID, parts: Int, idle: Double) -> ServerType {
        ServerType(
            id: id, title: id.name, processor: nil, memory: nil, nearMemory: nil,
            accelerator: Accelerator(
                name: "a", count: parts, peak: FlopsPerSecond(1), memory: Bytes(1),
                bandwidth: BytesPerSecond(1), hostLink: BytesPerSecond(1), launchOverhead: Nanoseconds(1)),
            power: PowerCurve(
                hostIdle: Watts(idle), hostPeak: Watts(idle), acceleratorIdle: .zero,
                acceleratorPeak: Watts(100 * Double(parts)), halfLoadFactor: 1),
            isThisHost: false, sources: [])
    }

    private static func planner(_ boxes: Int = 12) -> SharedBoxPlanner {
        SharedBoxPlanner(
            fleet: Fleet(id: "f", counts: ["small": boxes, "big": boxes]), types: types, gap: Fraction(1e-6))
    }

    private static func pipeline(_ id: ModelID, stages: Int, forks: Bool = false) -> ServedPipeline {
        ServedPipeline(
            id: id,
            stages: (0..<stages).map { place in
                ServedPipeline.Stage(
                    name: "s\(place)", model: "m", after: place == 0 || forks && place == 1 ? [] : [place - 1]
                )
            }, target: LatencyTarget(quantile: Quantile(0.95), limit: limit))
    }

    /// Rates that rise with the budget, each stage and box by a rule of its own.
    private static func demand(
        _ pipeline: ServedPipeline, load: Double, _ stream: inout RandomStream
    ) -> PipelineDemand {
        let fractions = [0.1, 0.25, 0.4, 0.6, 1]
        let stages = pipeline.stages.indices.map { place -> PipelineDemand.Stage in
            let kinds = types.map { type in
                (type: type, most: 2 + 6 * stream.uniform(), slow: 0.3 * stream.uniform())
            }
            func choices(_ fraction: Double) -> [SharedBoxPlanner.Choice] {
                kinds.compactMap { kind in
                    let rate = kind.most * (1 - kind.slow / fraction)
                    return rate > 0
                        ? SharedBoxPlanner.Choice(
                            model: pipeline.demandID(of: place), serverType: kind.type.id,
                            schedule: .engine(EngineRules(sequencesMax: 64, tokenBudget: 2048)), parts: 1,
                            rate: QueriesPerSecond(rate), watts: Watts(60)) : nil
                }
            }
            return PipelineDemand.Stage(
                levels: fractions.map {
                    .init(budget: Nanoseconds(seconds: limit.seconds * $0), choices: choices($0))
                }, widest: choices(1))
        }
        return PipelineDemand(pipeline: pipeline, load: QueriesPerSecond(load), stages: stages)
    }

    /// Every split within reach, planned.
    private func bruteForce(_ one: PipelineDemand, reach: Double) throws -> Watts? {
        var splits: [[Int]] = [[]]
        for stage in one.stages {
            splits = splits.flatMap { split in stage.levels.indices.map { split + [$0] } }
        }
        var best: Watts?
        for split in splits {
            let levels = zip(one.stages, split).map { $0.levels[$1] }
            guard one.pipeline.longest(levels.map(\.budget.seconds)) <= Self.limit.seconds * reach + 1e-9
            else { continue }
            let loads = one.stages.indices.map { (one.pipeline.demandID(of: $0), one.load(of: $0)) }
            let plan = try Self.planner().plan(
                Demand(Dictionary(uniqueKeysWithValues: loads)), levels.flatMap(\.choices))
            guard let plan, plan.shortfall.isEmpty else { continue }
            best = min(best ?? plan.objective, plan.objective)
        }
        return best
    }

    @Test(arguments: 0..<12)
    func theBestSplitIsThatOfBruteForce(seed: UInt64) throws {
        var stream = RandomStream(seed: seed, name: "splits")
        let pipeline = Self.pipeline("p", stages: 2 + Int(seed % 2), forks: seed % 3 == 0)
        let one = Self.demand(pipeline, load: 1 + 8 * stream.uniform(), &stream)
        var before: Watts?
        for reach in [0.7, 1, 1.4] {
            let expected = try bruteForce(one, reach: reach)
            let search = SplitSearch(Self.planner(), [one], others: [], demand: Demand([:]))
            let found = try search.best(reach: reach)
            #expect((found == nil) == (expected == nil))
            guard let found, let expected else { continue }
            #expect(abs(found.plan.objective.value - expected.value) <= 1e-5 * expected.value)
            #expect(found.bound <= found.plan.objective && found.planned >= 1)
            // No split at all undercuts the whole limit for each stage alone.
            let bound = try #require(try search.bound())
            #expect(bound.value <= expected.value * (1 + 1e-9))
            // What is within a reach is within a wider one.
            if let before { #expect(found.plan.objective.value <= before.value * (1 + 1e-5)) }
            before = found.plan.objective
        }
    }

    /// One split each is the cheapest pair of all, and models that are asked for themselves are in the plan.
    @Test func severalPipelinesAndAModelShareBoxes() throws {
        var stream = RandomStream(seed: 5, name: "splits")
        let demands = ["p", "q"].map {
            Self.demand(Self.pipeline(ModelID($0), stages: 2), load: 1.5, &stream)
        }
        let other = SharedBoxPlanner.Choice(
            model: "alone", serverType: "big",
            schedule: .engine(EngineRules(sequencesMax: 64, tokenBudget: 2048)), parts: 1,
            rate: QueriesPerSecond(5), watts: Watts(60))
        let search = SplitSearch(
            Self.planner(), demands, others: [other], demand: Demand(["alone": QueriesPerSecond(2)]))
        let found = try #require(try search.best(reach: 1))
        #expect(found.levels.map(\.count) == [2, 2] && found.plan.shortfall.isEmpty)
        #expect(Set(found.plan.shares.map(\.model)).contains("alone"))
        #expect(Set(found.plan.shares.map(\.model)).count == 5)
        let alone = try demands.map { demand in
            try #require(
                try SplitSearch(Self.planner(), [demand], others: [], demand: Demand([:])).best(reach: 1)
            ).plan.objective.value
        }
        // Sharing costs no more than boxes of their own, the model's being one more.
        #expect(found.plan.objective.value <= alone.reduce(0, +) + 360 + 1e-6)
    }

    @Test func budgetsThatBuyNothingAreLeftOut() {
        let choice = SharedBoxPlanner.Choice(
            model: "p.s0", serverType: "big",
            schedule: .engine(EngineRules(sequencesMax: 64, tokenBudget: 2048)), parts: 1,
            rate: QueriesPerSecond(5), watts: Watts(60))
        let stage = PipelineDemand.Stage(
            levels: [
                .init(budget: Nanoseconds(milliseconds: 10), choices: []),
                .init(budget: Nanoseconds(milliseconds: 20), choices: [choice]),
                .init(budget: Nanoseconds(milliseconds: 40), choices: [choice]),
            ], widest: [choice])
        #expect(stage.levels.map(\.budget) == [Nanoseconds(milliseconds: 20)])
    }

    /// A load beyond the fleet is served as far as it goes, and the rest named.
    @Test func aLoadBeyondTheFleetIsAShortfall() throws {
        var stream = RandomStream(seed: 9, name: "splits")
        let one = Self.demand(Self.pipeline("p", stages: 2), load: 400, &stream)
        let search = SplitSearch(Self.planner(1), [one], others: [], demand: Demand([:]))
        let found = try #require(try search.best(reach: 1))
        #expect(
            !found.plan.shortfall.isEmpty && found.plan.shortfall.keys.allSatisfy { $0.name.hasPrefix("p.") })
        #expect(try search.bound() == nil)
    }
}
