import Quantities
import Simulation
import Vocabulary

/// Plays all engines that a plan gives a language model, each with its planned part of the load: what engines
/// were found to do alone has to hold of them together.
public struct SharedBoxTrial {
    private let model: Model
    private let types: [ServerTypeID: ServerType]
    private let settings: ServerModelSettings
    private let link: BytesPerSecond?

    /// - Parameter link: what carries keys and values from engines that read to engines that generate.
    public init(
        _ model: Model, types: [ServerTypeID: ServerType], settings: ServerModelSettings,
        link: BytesPerSecond?
    ) {
        self.model = model
        self.types = types
        self.settings = settings
        self.link = link
    }

    /// - Parameter shares: of the model.
    /// - Returns: nil where there is nothing to play.
    public func run(_ shares: [SharedBoxPlan.Share]) throws -> SharedBoxPlan.Check? {
        var latencies = TokenLatencies()
        for (share, count) in requestsOfEach(shares.filter { !$0.classes.isEmpty && $0.load > .zero }) {
            // Routers give each class to the engines that the plan names for it, so that engines of unlike
            // classes are groups of their own.
            guard let played = try play([share], at: share.load.value, requests: count, over: nil) else {
                continue
            }
            latencies.merge(played)
        }
        let whole = shares.filter(\.classes.isEmpty)
        // Engines that do all and engines that do a part are two groups, between which the load is divided.
        for (isWhole, group) in Dictionary(grouping: whole, by: { $0.role == .mixed })
            .sorted(by: { $0.key && !$1.key })
        {
            let rate = group.filter { $0.role != .decode }.reduce(0) { $0 + $1.load.value }
            guard rate > 0,
                let played = try play(group, at: rate, requests: requests, over: isWhole ? nil : link)
            else { continue }
            latencies.merge(played)
        }
        guard latencies.count > 0 else { return nil }
        let quantile = model.latencyTarget.quantile
        return SharedBoxPlan.Check(
            model: model.id, requests: latencies.count,
            attained: Fraction(Double(latencies.good) / Double(latencies.count)),
            asked: Fraction(quantile.value), firstToken: latencies.firstToken.quantile(quantile)?.seconds,
            outputToken: latencies.outputToken.quantile(quantile)?.seconds)
    }

    /// Of a run that shows the quantile.
    private var requests: Int { settings.queries.count(toSee: model.latencyTarget.quantile) }

    /// At most so many times the requests that show a quantile, so that small shares are played long enough.
    private static let runsMax = 20.0

    /// Requests by their parts of the load: of the smallest as many as show the quantile, within reason.
    private func requestsOfEach(
        _ shares: [SharedBoxPlan.Share]
    ) -> [(share: SharedBoxPlan.Share, count: Int)] {
        let all = shares.reduce(0) { $0 + $1.load.value }
        guard all > 0, let least = shares.map(\.load.value).min() else { return [] }
        let total = Double(requests) * min(Self.runsMax, all / least)
        return shares.map { ($0, max(1, Int((total * $0.load.value / all).rounded()))) }
    }

    /// The classes of requests that come to a share, by their parts of its load.
    private func classes(of shares: [SharedBoxPlan.Share], _ service: TokenService) -> [TokenWorkload.Class] {
        guard let share = shares.first, !share.classes.isEmpty, share.load > .zero else {
            return service.classes
        }
        return service.classes.compactMap { one in
            guard let told = share.classes.first(where: { $0.name == one.name }), told.load > .zero else {
                return nil
            }
            var one = one
            one.share = told.load.value / share.load.value
            return one
        }
    }

    private func play(
        _ shares: [SharedBoxPlan.Share], at rate: Double, requests: Int, over link: BytesPerSecond?
    ) throws -> TokenLatencies? {
        guard let service = model.service else { return nil }
        var (engines, loads): ([ServingEngine], [Double]) = ([], [])
        for share in shares where share.load > .zero {
            guard let type = types[share.serverType] else { return nil }
            var engine = try LanguageServerModel(model, on: type, settings: settings).engine(share.schedule)
            engine.count = share.replicas
            engines.append(engine)
            loads += Array(
                repeating: share.load.value / Double(share.replicas), count: share.replicas)
        }
        var cluster = ServingCluster(
            name: model.id.name,
            pools: [
                ServingPool(
                    name: "engines", model: service.shape, engines: engines, router: .smoothWeighted,
                    decodeRouter: .smoothWeighted, linkBandwidth: link?.value)
            ])
        cluster.targets = service.targets(model.latencyTarget)
        cluster.seed = settings.seed
        var simulation = try ServingSimulation(cluster).simulation
        for index in simulation.pools[0].engines.indices {
            simulation.pools[0].engines[index].capacity = loads[index]
        }
        return simulation.played(
            classes(of: shares, service), at: rate, requests: requests,
            contextMax: cluster.contextMax, seed: settings.seed
        ).all
    }
}

extension SharedBoxPlan.Share {
    fileprivate var role: EngineRules.Role { schedule.engineRules?.role ?? .mixed }
}
