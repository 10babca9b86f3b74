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
        /// Of one replica that serves no other class of requests, by class; nil where the classes of a model
        /// are not told apart. Classes that it cannot serve alone are left out.
        public let classRates: [String: QueriesPerSecond]?
        /// Whether it serves one class alone, at ``rate``.
        public let isDedicated: Bool

        public init(
            model: ModelID, serverType: ServerTypeID, schedule: Schedule, parts: Int, rate: QueriesPerSecond,
            watts: Watts, classRates: [String: QueriesPerSecond]? = nil, isDedicated: Bool = false
        ) {
            self.model = model
            self.serverType = serverType
            self.schedule = schedule
            self.parts = parts
            self.rate = rate
            self.watts = watts
            self.classRates = classRates
            self.isDedicated = isDedicated
        }

        /// The same at another rate.
        public func withRate(scaledBy factor: Double) -> Choice {
            Choice(
                model: model, serverType: serverType, schedule: schedule, parts: parts,
                rate: QueriesPerSecond(rate.value * factor), watts: watts,
                classRates: classRates?.mapValues { QueriesPerSecond($0.value * factor) },
                isDedicated: isDedicated)
        }

        /// The same with the rates of classes alone, scaled so that a replica serves the model's own mix at
        /// its rate: engines do more, or less, for a mix than for its classes one after another.
        /// - Parameter shares: of the classes, of all requests.
        public func telling(
            _ shares: [RequestShare], alone: [String: QueriesPerSecond]
        ) -> Choice {
            let served = shares.filter { alone[$0.name] ?? .zero > .zero }
            let known = served.reduce(0) { $0 + $1.share }
            let busy = served.reduce(0) { $0 + $1.share / (alone[$1.name]?.value ?? .infinity) }
            let factor = known > 0 ? rate.value * busy / known : 1
            return Choice(
                model: model, serverType: serverType, schedule: schedule, parts: parts, rate: rate,
                watts: watts,
                classRates: Dictionary(
                    uniqueKeysWithValues: served.map {
                        ($0.name, QueriesPerSecond((alone[$0.name]?.value ?? 0) * factor))
                    }))
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

    /// A class of a model's requests.
    public struct RequestShare: Hashable, Sendable {
        public let name: String
        /// Of all requests of the model; shares add up to 1.
        public let share: Double

        public init(name: String, share: Double) {
            self.name = name
            self.share = share
        }
    }

    /// A part of the load that is alike.
    private struct Bucket {
        let model: ModelID
        /// nil for all classes together.
        let requestClass: String?
        let load: QueriesPerSecond
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
    ///   - classes: of models whose classes of requests are told apart. Where nothing serves a class alone,
    ///     all classes of its model are served together.
    ///   - priorities: of models, for loads that do not fit; 0 unless given.
    ///   - link: nil where it limits nothing.
    /// - Throws: `OptimizationError` where the solver is not installed.
    public func plan(
        _ demand: Demand, _ choices: [Choice], classes: [ModelID: [RequestShare]] = [:],
        priorities: [ModelID: Int] = [:], link: SharedBoxPlan.Link? = nil
    ) throws -> SharedBoxPlan? {
        let buckets = buckets(demand, choices, classes)
        let usable = choices.compactMap { choice -> (choice: Choice, column: FootprintProgram.Column)? in
            guard let box = types.firstIndex(where: { $0.id == choice.serverType }) else { return nil }
            let services = services(of: choice, buckets)
            guard !services.isEmpty else { return nil }
            return (
                choice,
                FootprintProgram.Column(
                    cost: choice.watts.value,
                    pieces: [FootprintProgram.Piece(boxType: box, accelerators: choice.parts)],
                    services: services, role: choice.role)
            )
        }
        let program = FootprintProgram(
            boxTypes: types.map { type in
                FootprintProgram.BoxType(
                    cost: type.power.idle.value, size: type.parts,
                    available: fleet.counts[type.id] ?? 0)
            },
            buckets: buckets.map {
                FootprintProgram.Bucket(demand: $0.load.value, priority: priorities[$0.model] ?? 0)
            }, columns: usable.map(\.column),
            links: link.map { link in
                let amounts = buckets.enumerated().map {
                    ($0.offset, link.bytesPerRequest[$0.element.model] ?? 0)
                }
                return [
                    FootprintProgram.Link(
                        capacity: link.capacity.value * SharedBoxPlan.Link.useMax,
                        amounts: Dictionary(uniqueKeysWithValues: amounts))
                ]
            } ?? [])
        var options = FootprintSolver.Options()
        options.relativeGap = gap.value
        let solver = try FootprintSolver(options: options)
        var outcome = try solver.minimiseCost(program)
        if case .infeasible = outcome { outcome = try solver.minimiseUnserved(program) }
        return outcome.plan.map { plan(of: $0, usable.map(\.choice), buckets) }
    }

    private func buckets(
        _ demand: Demand, _ choices: [Choice], _ classes: [ModelID: [RequestShare]]
    ) -> [Bucket] {
        demand.loads.sorted { $0.key < $1.key }.flatMap { model, load -> [Bucket] in
            let parts = classes[model] ?? []
            let rates = choices.filter { $0.model == model && fleet.hasServers(of: $0.serverType) }
                .compactMap(\.classRates)
            let isTold =
                parts.count > 1
                && parts.allSatisfy { part in rates.contains { $0[part.name] ?? .zero > .zero } }
            guard isTold else { return [Bucket(model: model, requestClass: nil, load: load)] }
            return parts.map {
                Bucket(
                    model: model, requestClass: $0.name, load: QueriesPerSecond(load.value * $0.share))
            }
        }
    }

    /// Engines of one class serve nothing where all classes are served together.
    private func services(of choice: Choice, _ buckets: [Bucket]) -> [FootprintProgram.Service] {
        buckets.enumerated().compactMap { index, bucket in
            guard bucket.model == choice.model else { return nil }
            let rate: QueriesPerSecond? =
                if let name = bucket.requestClass {
                    choice.classRates.map { $0[name] ?? .zero }
                } else {
                    choice.isDedicated ? nil : choice.rate
                }
            guard let rate, rate > .zero else { return nil }
            return FootprintProgram.Service(bucket: index, rate: rate.value)
        }
    }

    private func plan(
        of found: FootprintPlan, _ choices: [Choice], _ buckets: [Bucket]
    ) -> SharedBoxPlan {
        let chosen = choices.indices.filter { found.counts[$0] > 0 }
        let shares = chosen.map { index in
            share(
                of: choices[index], found.counts[index],
                found.flows.filter { $0.column == index }.map { (buckets[$0.bucket], $0.rate) })
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
        var short: [ModelID: QueriesPerSecond] = [:]
        for (bucket, missing) in zip(buckets, found.unserved) where missing > 1e-9 {
            short[bucket.model] = QueriesPerSecond((short[bucket.model]?.value ?? 0) + missing)
        }
        // Where loads do not fit, the bound is one of what is not served.
        let bound = short.isEmpty ? min(found.bound, objective.value) : found.bound
        return SharedBoxPlan(
            shares: shares.sorted {
                ($0.model, $0.serverType, $0.schedule, $0.classNames)
                    < ($1.model, $1.serverType, $1.schedule, $1.classNames)
            },
            boxes: boxes, shortfall: short, objective: objective, bound: Watts(bound),
            gap: Fraction(objective > .zero ? max(0, 1 - bound / objective.value) : 0),
            step: found.step.rawValue)
    }

    private func share(
        of choice: Choice, _ count: Int, _ flows: [(bucket: Bucket, rate: Double)]
    ) -> SharedBoxPlan.Share {
        let load = flows.reduce(0) { $0 + $1.rate }
        var capacity = choice.rate.value * Double(count)
        var classes: [SharedBoxPlan.ClassLoad] = []
        if let rates = choice.classRates {
            classes = flows.compactMap { bucket, rate in
                bucket.requestClass.map {
                    SharedBoxPlan.ClassLoad(name: $0, load: QueriesPerSecond(rate))
                }
            }
            // Of the mix that it is given.
            let busy = classes.reduce(0) { $0 + $1.load.value / (rates[$1.name]?.value ?? .infinity) }
            if busy > 0 { capacity = load * Double(count) / busy }
        }
        return SharedBoxPlan.Share(
            model: choice.model, serverType: choice.serverType, schedule: choice.schedule,
            parts: choice.parts, replicas: count, capacity: QueriesPerSecond(capacity),
            load: QueriesPerSecond(load), classes: classes)
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

extension SharedBoxPlan.Share {
    /// To sort by.
    fileprivate var classNames: String { classes.map(\.name).joined(separator: ",") }
}
