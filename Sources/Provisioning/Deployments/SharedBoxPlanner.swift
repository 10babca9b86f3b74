import Optimization
import Quantities
import Vocabulary

/// Plans replicas on boxes that several models share: a replica takes some parts of a box, accelerators or
/// cores, and a box powers up as a whole.
///
/// Whole boxes of one model each are a special case, so that sharing never costs more than that at the same
/// rates; what it saves is what small loads leave idle of a large box.
///
/// The program adds up watts on a straight line from idle to full. Power curves bend above it, so that its
/// bound holds for them too; the plan's own watts are booked on the curves of its boxes.
public struct SharedBoxPlanner: Sendable {
    /// A way to run a model on a type of box.
    public struct Choice: Hashable, Sendable {
        public let model: ModelID
        public let serverType: ServerTypeID
        public let schedule: Schedule
        /// What one replica takes of a box; see ``ServerType/parts``.
        public let parts: Int
        /// Of one replica, within the targets.
        public let rate: QueriesPerSecond
        /// What one replica adds to the power of an idle box at that rate, on a straight line.
        public let watts: Watts

        public init(
            model: ModelID, serverType: ServerTypeID, schedule: Schedule, parts: Int, rate: QueriesPerSecond,
            watts: Watts
        ) {
            self.model = model
            self.serverType = serverType
            self.schedule = schedule
            self.parts = parts
            self.rate = rate
            self.watts = watts
        }

        /// The same at another rate.
        public func withRate(scaledBy factor: Double) -> Choice {
            Choice(
                model: model, serverType: serverType, schedule: schedule, parts: parts,
                rate: QueriesPerSecond(rate.value * factor), watts: watts)
        }

        fileprivate var role: FootprintProgram.Role {
            switch schedule.engineRules?.role {
            case .prefill: .prefill
            case .decode: .decode
            case .mixed, nil: .whole
            }
        }

        /// A replica that takes a share of a box, or all of it.
        /// - Parameters:
        ///   - share: what the rate and the power are of.
        ///   - parts: that it is of the box.
        ///   - power: of the share at that rate, what it draws idle included.
        public init(
            model: ModelID, share: ServerType, parts: Int, schedule: Schedule, rate: QueriesPerSecond,
            power: Watts
        ) {
            self.init(
                model: model, serverType: share.id, schedule: schedule, parts: parts, rate: rate,
                watts: Watts(max(0, (power - share.power.idle).value)))
        }

        /// The ways that were evaluated of engines: of each number of accelerators the one that serves most,
        /// whatever its degrees of tensor and pipeline parallelism.
        /// - Parameter type: that the evaluations are of, filled with engines.
        public static func best(
            of evaluations: [ScheduleEvaluation], model: ModelID, on type: ServerType
        ) -> [Choice] {
            guard let accelerators = type.accelerator?.count else { return [] }
            var best: [Int: (rules: EngineRules, evaluation: ScheduleEvaluation)] = [:]
            for evaluation in evaluations where evaluation.throughput > .zero {
                guard let rules = evaluation.schedule.engineRules, rules.devices <= accelerators,
                    rules.role == .mixed
                else { continue }
                if evaluation.throughput > best[rules.devices]?.evaluation.throughput ?? .zero {
                    best[rules.devices] = (rules, evaluation)
                }
            }
            return best.sorted { $0.key < $1.key }.map { devices, found in
                let engines = Double(accelerators / devices)
                let added = (found.evaluation.power - type.power.idle).value / engines
                return Choice(
                    model: model, serverType: type.id, schedule: .engine(found.rules),
                    parts: found.rules.devices,
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
        self.types = types.filter { fleet.hasServers(of: $0.id) }
        self.gap = gap
    }

    /// What a query per second draws at least by any of the choices, with its part of the idle power of boxes
    /// that are without number and full; nil where the fleet has no box of any.
    public func leastWattsPerQuery(_ choices: [Choice]) -> Double? {
        choices.compactMap { choice in
            watts(of: choice).map { $0.value / choice.rate.value }
        }.min()
    }

    /// What a replica draws at its rate on a straight line, with its part of a full box's idle power; nil
    /// where the fleet has no such box, or the replica serves nothing.
    public func watts(of choice: Choice) -> Watts? {
        guard choice.rate > .zero, let type = types.first(where: { $0.id == choice.serverType }) else {
            return nil
        }
        return choice.watts + type.power.idle * (Double(choice.parts) / Double(type.parts))
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
                    cost: type.power.idle.value, size: type.parts,
                    available: fleet.counts[type.id] ?? 0)
            },
            buckets: models.map { model in
                FootprintProgram.Bucket(
                    demand: demand.loads[model]?.value ?? 0, priority: priorities[model] ?? 0)
            },
            columns: usable.map { choice, box, bucket in
                FootprintProgram.Column(
                    cost: choice.watts.value,
                    pieces: [FootprintProgram.Piece(boxType: box, accelerators: choice.parts)],
                    services: [FootprintProgram.Service(bucket: bucket, rate: choice.rate.value)],
                    role: choice.role)
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
        let chosen = choices.indices.filter { found.counts[$0] > 0 }
        let shares = chosen.map { index in
            let (choice, count) = (choices[index], found.counts[index])
            return SharedBoxPlan.Share(
                model: choice.model, serverType: choice.serverType, schedule: choice.schedule,
                parts: choice.parts, replicas: count,
                capacity: QueriesPerSecond(choice.rate.value * Double(count)),
                load: QueriesPerSecond(loads[index] ?? 0))
        }
        var objective = Watts.zero
        let boxes = types.indices.filter { found.boxes[$0] > 0 }.map { index in
            let type = types[index]
            let replicas = chosen.filter { choices[$0].serverType == type.id }
                .map { (choice: choices[$0], count: found.counts[$0]) }
            objective = objective + power(of: replicas, on: found.boxes[index], type)
            return SharedBoxPlan.Boxes(
                serverType: type.id, count: found.boxes[index], accelerators: type.accelerator?.count ?? 0,
                parts: type.parts, taken: replicas.reduce(0) { $0 + $1.count * $1.choice.parts })
        }
        let short = zip(models, found.unserved).filter { $0.1 > 1e-9 }
            .map { ($0.0, QueriesPerSecond($0.1)) }
        // Where loads do not fit, the bound is one of what is not served.
        let bound = short.isEmpty ? min(found.bound, objective.value) : found.bound
        return SharedBoxPlan(
            shares: shares.sorted {
                ($0.model, $0.serverType, $0.schedule) < ($1.model, $1.serverType, $1.schedule)
            },
            boxes: boxes, shortfall: Dictionary(uniqueKeysWithValues: short), objective: objective,
            bound: Watts(bound),
            gap: Fraction(objective > .zero ? max(0, 1 - bound / objective.value) : 0),
            step: found.step.rawValue)
    }

    /// What boxes of a type draw on their curve with replicas at their highest rates: the largest first, each
    /// in the first box that has room. Where they do not fit so, they count as spread evenly, which draws the
    /// most.
    private func power(
        of replicas: [(choice: Choice, count: Int)], on boxes: Int, _ type: ServerType
    ) -> Watts {
        let range = type.power.peak - type.power.idle
        let idle = type.power.idle * Double(boxes)
        guard range > .zero else {
            return replicas.reduce(idle) { $0 + $1.choice.watts * Double($1.count) }
        }
        var free = [Int](repeating: type.parts, count: boxes)
        var busy = [Double](repeating: 0, count: boxes)
        var isPacked = true
        for (choice, count) in replicas.sorted(by: { $0.choice.parts > $1.choice.parts }) {
            let share = Double(choice.parts) / Double(type.parts)
            let use = type.power.utilisation(drawing: choice.watts / (range * share)) * share
            for _ in 0..<count {
                let box = free.firstIndex { $0 >= choice.parts }
                isPacked = isPacked && box != nil
                free[box ?? 0] -= choice.parts
                busy[box ?? 0] += use
            }
        }
        if !isPacked {
            busy = [Double](repeating: busy.reduce(0, +) / Double(boxes), count: boxes)
        }
        return busy.reduce(idle) { $0 + range * type.power.shape($1) }
    }
}
