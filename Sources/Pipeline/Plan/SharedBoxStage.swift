import Provisioning
import Quantities
import Reporting
import ServerModels
import Vocabulary

/// Plans models on boxes that they share, beside the plan of whole boxes. Nothing of it is stored.
///
/// Engines of language models take accelerators of a box. Any other model takes a share of cores, memory and
/// accelerators, which is searched as a smaller box of its own: fewer threads that queries wait for serve
/// less than their share within the same latency.
public struct SharedBoxStage: Sendable {
    /// A plan and what it was made for.
    public struct Outcome: Sendable {
        public let plan: SharedBoxPlan
        /// Without headroom.
        let demand: Demand
        let headroom: Fraction
        /// Of every language model; the last of them where rates had to be lowered.
        public let checks: [SharedBoxPlan.Check]
        /// What rates of models were multiplied by, because a simulation of the whole did not confirm them.
        public let lowered: [ModelID: Double]
        /// What whole boxes of one model each would draw; nil where they do not serve the load.
        public let whole: Plan?
        /// What engines that all answer every class of requests would draw, where classes were told apart.
        public let untold: SharedBoxPlan?
        /// What joins engines that do a part of each request.
        let link: SharedBoxPlan.Link?
    }

    /// A plan, what simulations say of it, and what rates were multiplied by until they confirmed it.
    private typealias Confirmed = (
        plan: SharedBoxPlan, checks: [SharedBoxPlan.Check], lowered: [ModelID: Double]
    )

    private let session: Session
    private let link: SharedBoxPlan.Link?
    private let tellsClasses: Bool

    /// - Parameter link: what carries keys and values from engines that read prompts to engines that
    ///   generate; nil plans engines that do both.
    /// - Parameter tellsClasses: whether classes of a language model's requests may go to unlike engines.
    /// - Precondition: not both are asked for.
    public init(_ session: Session, link: BytesPerSecond? = nil, tellsClasses: Bool = false) {
        precondition(link == nil || !tellsClasses, "classes are told apart for whole engines only")
        self.session = session
        self.link = link.map { capacity in
            let divided = session.scenario.models.compactMap { model in
                model.service.map {
                    (model.id, $0.meanTokens.prompt * $0.shape.cacheBytesPerToken(tensorParallel: 1))
                }
            }
            return SharedBoxPlan.Link(
                capacity: capacity,
                bytesPerRequest: Dictionary(divided, uniquingKeysWith: { first, _ in first }))
        }
        self.tellsClasses = tellsClasses
    }

    /// How often rates are lowered that a simulation does not confirm, and to what share.
    private static let loweringsMax = 5
    private static let lowering = 0.95

    /// - Parameters:
    ///   - demand: nil for each model's peak over the scenario's trace.
    ///   - headroom: R; nil for the scenario's initial over-provision rate.
    /// - Throws: `PipelineError.badValue` where no plan is found.
    public func run(demand: Demand?, headroom: Fraction?) throws -> Outcome {
        let scenario = session.scenario
        let table = try session.efficiencyTable()
        let headroom = headroom ?? scenario.replay.overProvision.initial
        let demand = try demand ?? scenario.requiredTrace().peakDemand
        let mixed = try choices(of: scenario.models, table)
        let told = tellsClasses ? try telling(mixed) : nil
        session.progress.stageBegan("plan", units: 1, expected: nil)
        let needed = demand.scaled(by: 1 + headroom.value)
        let untold = try confirmed(needed, mixed, classes: [:])
        // What was lowered may draw more than a plan that tells nothing apart, or never be confirmed.
        let best =
            try told.map { try confirmed(needed, $0.choices, classes: $0.classes) }
            .flatMap { told in
                let isRefuted = told.checks.contains { !$0.holds } && untold.checks.allSatisfy(\.holds)
                return isRefuted || untold.plan.isBetter(than: told.plan) ? nil : told
            } ?? untold
        let plan = best.plan
        let whole = try PlanStage(session).plan(demand: demand, headroom: headroom, table: table).plan
        session.progress.stageEnded(
            "\(plan.boxCount.counted("box", plural: "boxes")), "
                + "\(plan.shares.reduce(0) { $0 + $1.replicas }.counted("replica"))")
        return Outcome(
            plan: plan, demand: demand, headroom: headroom, checks: best.checks, lowered: best.lowered,
            whole: whole.status == .infeasible ? nil : whole, untold: tellsClasses ? untold.plan : nil,
            link: link)
    }

    /// A plan whose rates are lowered until simulations confirm it, or as often as is allowed.
    private func confirmed(
        _ demand: Demand, _ choices: [SharedBoxPlanner.Choice],
        classes: [ModelID: [SharedBoxPlanner.RequestShare]]
    ) throws -> Confirmed {
        let scenario = session.scenario
        let planner = SharedBoxPlanner(
            fleet: scenario.fleet, types: scenario.serverTypes, gap: scenario.replay.gap)
        var lowered: [ModelID: Double] = [:]
        guard var (plan, checks) = try made(planner, demand, choices, classes) else {
            throw PipelineError.badValue(
                name: scenario.id, found: "no plan within the solver's limits", expected: "a wider gap")
        }
        for _ in 0..<Self.loweringsMax {
            let refuted = checks.filter { !$0.holds }.map(\.model)
            guard !refuted.isEmpty else { break }
            var tried = lowered
            for model in refuted { tried[model, default: 1] *= Self.lowering }
            // At lower rates a load may fill the fleet, where no plan is found within the solver's limits:
            // the last one stands, and its checks say what it misses.
            guard
                let found = try made(
                    planner, demand, choices.map { $0.withRate(scaledBy: tried[$0.model] ?? 1) }, classes)
            else { break }
            (plan, checks) = found
            lowered = tried
        }
        return (plan, checks, lowered)
    }

    /// A plan, and what simulations of its engines say; nil where none is found within the solver's limits.
    private func made(
        _ planner: SharedBoxPlanner, _ demand: Demand, _ choices: [SharedBoxPlanner.Choice],
        _ classes: [ModelID: [SharedBoxPlanner.RequestShare]]
    ) throws -> (SharedBoxPlan, [SharedBoxPlan.Check])? {
        try planner.plan(demand, choices, classes: classes, link: link).map {
            ($0, try checks(of: $0, session.scenario.models))
        }
    }

    /// What simulations say of the engines of language models among some models.
    func checks(of plan: SharedBoxPlan, _ models: [Model]) throws -> [SharedBoxPlan.Check] {
        try models.filter { $0.service != nil }.concurrentMap { model in
            // Each model is played alone, so that it has its part of what all of them share.
            try SharedBoxTrial(
                model, types: serverTypes, settings: session.serverModelSettings,
                link: link?.part(of: model.id, in: plan)
            ).run(plan.shares.filter { $0.model == model.id })
        }.compactMap { $0 }
    }

    /// The ways there are to run some of the scenario's models on boxes that they share.
    func choices(of models: [Model], _ table: EfficiencyTable) throws -> [SharedBoxPlanner.Choice] {
        try engines(models) + others(models, table)
    }

    private var serverTypes: [ServerTypeID: ServerType] {
        Dictionary(session.scenario.serverTypes.map { ($0.id, $0) }) { first, _ in first }
    }

    /// Engines of language models, as the searches evaluated them; where something joins them, also engines
    /// that do one part of a request.
    private func engines(_ models: [Model]) throws -> [SharedBoxPlanner.Choice] {
        let types = serverTypes
        let asked = Set(models.map(\.id))
        let searches = try session.searches().filter { asked.contains($0.outcome.model) }
        let whole = searches.flatMap { search -> [SharedBoxPlanner.Choice] in
            guard let type = types[search.outcome.serverType] else { return [] }
            return SharedBoxPlanner.Choice.best(
                of: search.outcome.evaluations, model: search.outcome.model, on: type)
        }
        guard let link else { return whole }
        let settings = session.serverModelSettings
        let servers = models.flatMap { model in
            session.otherTypes.filter { session.scenario.fleet.hasServers(of: $0.id) }.compactMap {
                try? LanguageServerModel(model, on: $0, settings: settings)
            }
        }
        session.progress.stageBegan("rates of divided engines", units: servers.count, expected: nil)
        let halves = try servers.concurrentMap { server in
            let found = try server.halves(over: link.capacity)
            session.progress.advanced("\(server.model.id) on \(server.serverType.id)")
            return found.map {
                SharedBoxPlanner.Choice(
                    model: server.model.id, serverType: server.serverType.id, schedule: .engine($0.rules),
                    parts: $0.rules.devices, rate: $0.rate, watts: $0.watts)
            }
        }
        session.progress.stageEnded("\(halves.reduce(0) { $0 + $1.count }.counted("way")) to divide requests")
        return whole + halves.flatMap { $0 }
    }

    /// Choices with what engines do for each class of a model's requests, and engines of one class alone.
    private func telling(
        _ mixed: [SharedBoxPlanner.Choice]
    ) throws -> (
        choices: [SharedBoxPlanner.Choice], classes: [ModelID: [SharedBoxPlanner.RequestShare]]
    ) {
        let classes = Dictionary(
            uniqueKeysWithValues: session.scenario.models.compactMap { model in
                model.service.map { service in
                    (
                        model.id,
                        service.classes.map {
                            SharedBoxPlanner.RequestShare(name: $0.name, share: $0.share)
                        }
                    )
                }
            }
        ).filter { $0.value.count > 1 }
        let settings = session.serverModelSettings
        let servers = session.scenario.models.filter { classes[$0.id] != nil }.flatMap { model in
            session.otherTypes.filter { session.scenario.fleet.hasServers(of: $0.id) }.compactMap {
                try? LanguageServerModel(model, on: $0, settings: settings)
            }
        }
        session.progress.stageBegan("rates of classes", units: servers.count, expected: nil)
        let found = try servers.concurrentMap { server in
            let own = mixed.filter {
                $0.model == server.model.id && $0.serverType == server.serverType.id
            }
            let engines = try server.classEngines(beside: own.compactMap(\.schedule.engineRules))
            session.progress.advanced("\(server.model.id) on \(server.serverType.id)")
            return (server: server, own: own, engines: engines)
        }
        session.progress.stageEnded(
            "\(found.reduce(0) { $0 + $1.engines.dedicated.count }.counted("way")) to serve a class alone")
        let told = found.flatMap { server, own, engines in
            own.map { choice in
                choice.schedule.engineRules.flatMap { engines.ofMixed[$0] }.map {
                    choice.telling(classes[server.model.id] ?? [], alone: $0)
                } ?? choice
            }
                + engines.dedicated.map {
                    SharedBoxPlanner.Choice(
                        model: server.model.id, serverType: server.serverType.id,
                        schedule: .engine($0.rules), parts: $0.rules.devices, rate: $0.rate,
                        watts: $0.watts, classRates: [$0.requestClass: $0.rate], isDedicated: true)
                }
        }
        return (mixed.filter { classes[$0.model] == nil } + told, classes)
    }

    /// All other models, each on a whole box and, where a share of one can be computed, on every share.
    private func others(
        _ models: [Model], _ table: EfficiencyTable
    ) throws -> [SharedBoxPlanner.Choice] {
        let models = models.filter { $0.service == nil }
        let types = session.scenario.serverTypes.filter { session.scenario.fleet.hasServers(of: $0.id) }
        let pairs = models.flatMap { model in types.map { (model: model, type: $0) } }
        let whole = pairs.compactMap { pair -> SharedBoxPlanner.Choice? in
            guard let entry = table[pair.model.id, pair.type.id], entry.throughput > .zero else { return nil }
            return SharedBoxPlanner.Choice(
                model: entry.model, share: pair.type, parts: pair.type.parts, schedule: entry.schedule,
                rate: entry.throughput, power: entry.power)
        }
        let shares = try pairs.flatMap { model, type -> [(model: Model, share: ServerType, parts: Int)] in
            guard try session.evidence.of(model, on: type).kind == .modelled else { return [] }
            return (1..<type.parts).filter { type.parts.isMultiple(of: $0) }
                .compactMap { parts in type.share(of: parts).map { (model, $0, parts) } }
        }
        guard !shares.isEmpty else { return whole }
        session.progress.stageBegan("search shares of boxes", units: shares.count, expected: nil)
        let search = try SearchStage(session)
        let found = try shares.concurrentMap { model, share, parts in
            let best = try search.best(of: model, on: share)
            session.progress.advanced("\(model.id) on \(parts) parts of \(share.id)")
            return best.map {
                SharedBoxPlanner.Choice(
                    model: model.id, share: share, parts: parts, schedule: $0.schedule, rate: $0.throughput,
                    power: $0.power)
            }
        }
        session.progress.stageEnded("searched \(shares.count.counted("share"))")
        return whole + found.compactMap { $0 }
    }
}

extension ReportStage {
    /// A plan of boxes that models share.
    public func plan(_ outcome: SharedBoxStage.Outcome, as rendering: Rendering) -> String {
        let report = SharedBoxReport(
            outcome.plan, demand: outcome.demand, headroom: outcome.headroom, checks: outcome.checks,
            lowered: outcome.lowered, whole: outcome.whole, untold: outcome.untold, link: outcome.link)
        return rendering.render(foot(report)) { report.json }
    }
}
