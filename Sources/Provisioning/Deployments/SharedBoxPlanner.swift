import Optimization
import Quantities
import Vocabulary

/// Plans engines on boxes that several models share: an engine takes some accelerators of a box, and a box
/// powers up as a whole.
///
/// Whole boxes of one model each are a special case, so that sharing never costs more than that at the same
/// rates; what it saves is what small loads leave idle of a large box.
public struct SharedBoxPlanner {
    /// A way to run a model on a type of box.
    public struct Choice: Hashable, Sendable {
        public let model: ModelID
        public let serverType: ServerTypeID
        public let rules: EngineRules
        /// Of one engine, within the targets.
        public let rate: QueriesPerSecond
        /// What one engine adds to the power of an idle box at that rate.
        public let watts: Watts

        public init(
            model: ModelID, serverType: ServerTypeID, rules: EngineRules, rate: QueriesPerSecond,
            watts: Watts
        ) {
            self.model = model
            self.serverType = serverType
            self.rules = rules
            self.rate = rate
            self.watts = watts
        }

        /// The ways that were evaluated: of each degree of tensor parallelism the one that serves most.
        /// - Parameter type: that the evaluations are of, filled with engines.
        public static func best(
            of evaluations: [ScheduleEvaluation], model: ModelID, on type: ServerType
        ) -> [Choice] {
            guard let accelerators = type.accelerator?.count else { return [] }
            var best: [Int: (rules: EngineRules, evaluation: ScheduleEvaluation)] = [:]
            for evaluation in evaluations where evaluation.throughput > .zero {
                guard let rules = evaluation.schedule.engineRules, rules.devices <= accelerators else {
                    continue
                }
                if evaluation.throughput > best[rules.devices]?.evaluation.throughput ?? .zero {
                    best[rules.devices] = (rules, evaluation)
                }
            }
            return best.sorted { $0.key < $1.key }.map { devices, found in
                let engines = Double(accelerators / devices)
                let added = (found.evaluation.power - type.power.idle).value / engines
                return Choice(
                    model: model, serverType: type.id, rules: found.rules,
                    rate: QueriesPerSecond(found.evaluation.throughput.value / engines),
                    watts: Watts(max(0, added)))
            }
        }
    }

    private let gap: Fraction
    private let types: [ServerType]
    private let fleet: Fleet

    /// - Parameter types: of the fleet.
    public init(fleet: Fleet, types: [ServerType], gap: Fraction) {
        self.fleet = fleet
        self.types = types.filter { fleet.hasServers(of: $0.id) && ($0.accelerator?.count ?? 0) > 0 }
        self.gap = gap
    }

    /// - Parameters:
    ///   - demand: with headroom.
    ///   - priorities: of models, for loads that do not fit; 0 unless given.
    /// - Throws: `OptimizationError` where the solver is not installed.
    public func plan(
        _ demand: Demand, _ choices: [Choice], priorities: [ModelID: Int] = [:]
    ) throws -> SharedBoxPlan? {
        let models = demand.loads.keys.sorted()
        let usable = choices.compactMap { choice -> (choice: Choice, box: Int, bucket: Int)? in
            guard let box = types.firstIndex(where: { $0.id == choice.serverType }),
                let bucket = models.firstIndex(of: choice.model)
            else { return nil }
            return (choice, box, bucket)
        }
        let program = FootprintProgram(
            boxTypes: types.map { type in
                FootprintProgram.BoxType(
                    cost: type.power.idle.value, size: type.accelerator?.count ?? 1,
                    available: fleet.counts[type.id] ?? 0)
            },
            buckets: models.map { model in
                FootprintProgram.Bucket(
                    demand: demand.loads[model]?.value ?? 0, priority: priorities[model] ?? 0)
            },
            columns: usable.map { choice, box, bucket in
                FootprintProgram.Column(
                    cost: choice.watts.value,
                    pieces: [FootprintProgram.Piece(boxType: box, accelerators: choice.rules.devices)],
                    services: [FootprintProgram.Service(bucket: bucket, rate: choice.rate.value)])
            })
        var options = FootprintSolver.Options()
        options.relativeGap = gap.value
        let solver = try FootprintSolver(options: options)
        var outcome = try solver.minimiseCost(program)
        if case .infeasible = outcome { outcome = try solver.minimiseUnserved(program) }
        return outcome.plan.map { plan(of: $0, usable.map(\.choice), models) }
    }

    private func plan(
        of found: FootprintPlan, _ choices: [Choice], _ models: [ModelID]
    ) -> SharedBoxPlan {
        let loads = found.flows.reduce(into: [Int: Double]()) { $0[$1.column, default: 0] += $1.rate }
        let shares = choices.indices.filter { found.counts[$0] > 0 }.map { index in
            let (choice, count) = (choices[index], found.counts[index])
            return SharedBoxPlan.Share(
                model: choice.model, serverType: choice.serverType, rules: choice.rules, engines: count,
                capacity: QueriesPerSecond(choice.rate.value * Double(count)),
                load: QueriesPerSecond(loads[index] ?? 0))
        }
        let boxes = types.indices.filter { found.boxes[$0] > 0 }.map { index in
            let type = types[index]
            return SharedBoxPlan.Boxes(
                serverType: type.id, count: found.boxes[index], accelerators: type.accelerator?.count ?? 0,
                taken: shares.filter { $0.serverType == type.id }.reduce(0) {
                    $0 + $1.engines * $1.rules.devices
                })
        }
        let short = zip(models, found.unserved).filter { $0.1 > 1e-9 }
            .map { ($0.0, QueriesPerSecond($0.1)) }
        return SharedBoxPlan(
            shares: shares.sorted {
                ($0.model, $0.serverType, $0.rules) < ($1.model, $1.serverType, $1.rules)
            },
            boxes: boxes, shortfall: Dictionary(uniqueKeysWithValues: short),
            objective: Watts(found.objective), bound: Watts(found.bound), gap: Fraction(found.gap),
            step: found.step.rawValue)
    }
}
