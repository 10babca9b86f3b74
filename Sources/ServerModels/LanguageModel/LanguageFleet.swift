import Quantities
import Simulation
import Vocabulary

/// The servers of one language model as they come and go, and the requests that come to them: what
/// `RequestSimulation` plays for other models, played token by token.
///
/// A server holds equal engines, up to the accelerators it has. An engine that starts boots and loads its
/// weights before it takes a request; one that drains ends the answers it has begun, but no later than the
/// fleet switches it off; one that fails loses its memory. What is left of their requests is read anew on
/// another engine. Routers weigh engines by what the plan trusts their servers with. Nobody gives up waiting.
public struct LanguageFleet {
    /// Equal servers, as a schedule runs them.
    public struct Profile {
        public let server: LanguageServerModel
        public let schedule: Schedule
        /// From off to serving: booting, and loading the weights.
        public let startTime: Nanoseconds
        /// Of a server that starts.
        public let startingPower: Watts

        public init(
            _ server: LanguageServerModel, schedule: Schedule, startTime: Nanoseconds, startingPower: Watts
        ) {
            self.server = server
            self.schedule = schedule
            self.startTime = startTime
            self.startingPower = startingPower
        }
    }

    /// A server from when it serves until it does no more.
    struct Stay {
        let profile: Int
        let weight: Double
        let from: Nanoseconds
        /// nil for the end of all time.
        var until: Nanoseconds?
        var fails = false
    }

    /// More engines than anybody wants to wait for.
    public static let enginesMax = 20_000

    private let profiles: [Profile]
    private let model: Model
    private let service: TokenService
    private let stays: [Stay]
    private let drain: Nanoseconds
    private let rule: DispatchRule
    private let countedFrom: Nanoseconds
    private let seed: UInt64

    /// - Parameters:
    ///   - servers: every server that ever serves; what they hold at most does not matter.
    ///   - changes: in any order; no server serves before its first start.
    ///   - drain: after which a draining server is switched off; zero lets every answer end.
    ///   - countedFrom: requests that arrive before are served and not counted.
    /// - Throws: `ServerModelError.notModelled` for a model of another kind.
    public init(
        _ model: Model, profiles: [Profile], servers: [SimulatedServer], changes: [FleetChange],
        drain: Nanoseconds, rule: DispatchRule, countedFrom: Nanoseconds, seed: UInt64
    ) throws(ServerModelError) {
        guard let service = model.service else {
            throw .notModelled(
                model: model.id, found: model.kind.label,
                serverType: profiles.first?.server.serverType.id ?? "none")
        }
        self.model = model
        self.service = service
        self.profiles = profiles
        self.drain = drain
        self.rule = rule
        self.countedFrom = countedFrom
        self.seed = seed
        stays = Self.stays(of: servers, changes)
    }

    static func stays(of servers: [SimulatedServer], _ changes: [FleetChange]) -> [Stay] {
        var stays: [Stay] = []
        var open: [Int: Int] = [:]
        let ordered = changes.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        for change in ordered.map(\.element) {
            switch change.kind {
            case .start:
                guard open[change.server] == nil else { continue }
                open[change.server] = stays.count
                let server = servers[change.server]
                stays.append(Stay(profile: server.profile, weight: server.weight, from: change.time))
            case .drain, .fail:
                guard let stay = open.removeValue(forKey: change.server) else { continue }
                stays[stay].until = change.time
                stays[stay].fails = change.kind == .fail
            }
        }
        return stays
    }

    /// What came of it: requests as of any model, and tokens.
    public struct Outcome {
        public var requests: RequestOutcome
        public var tokens: TokenLevelFigures
    }

    /// Plays arrivals, and answers the last of them.
    ///
    /// O(log n) an event beside the router, which looks at every engine; memory for requests in flight.
    /// - Parameter factors: of every segment of the rates, what its lengths are multiplied by; none for 1.
    /// - Throws: `ServingSimulation.Fault` where engines cannot be played.
    public func play(_ rates: ArrivalRates, factors: [LengthFactors] = []) throws -> Outcome {
        let contextMax = service.shape.contextMax
        var source = WindowRequests(
            TokenWorkloadSource(
                service.classes, rates: rates, factors: factors, contextMax: contextMax, seed: seed), rates)
        var early = source.requests
        let first = rates.start + (early.next()?.arrival ?? .zero)
        let (engines, owners, limits) = try engines(from: first)
        guard !engines.isEmpty else {
            // Nobody is there to answer.
            while source.next() != nil {}
            return Outcome(requests: requests(source.tally, TokenLatencies()), tokens: idle)
        }
        var simulation = TokenSimulation(engines: engines)
        simulation.pools[0].router = TokenRouter(rule)
        simulation.limits = limits
        simulation.warmUp = max(.zero, countedFrom - first)
        simulation.seed = seed
        if let fault = simulation.fault { throw ServingSimulation.Fault.rules(fault) }
        let tally = source.tally
        let ownLimits = limits.first ?? TokenLimits()
        let played = simulation.play(source) { tally.answered($0, isGood: ownLimits.isMet(by: $0)) }
        var found = requests(tally, played.all)
        found.retried = played.restarted
        return Outcome(requests: found, tokens: figures(played, owners))
    }

    // MARK: Engines

    /// The engines of all servers, and of each the stay that it belongs to.
    /// - Parameter first: the first arrival, from which their lives count.
    private func engines(
        from first: Nanoseconds
    ) throws -> (engines: [TokenSimulation.Engine], owners: [Int], limits: [TokenLimits]) {
        var limits: [TokenLimits] = []
        let kinds = try profiles.map { profile -> (engine: TokenSimulation.Engine, count: Int)? in
            let own = try profile.server.simulation(profile.schedule, model.latencyTarget)
            limits = own.simulation.limits
            guard let rules = profile.schedule.engineRules else { return nil }
            return own.simulation.pools.first?.engines.first.map { ($0, profile.server.engines(rules)) }
        }
        var (engines, owners): ([TokenSimulation.Engine], [Int]) = ([], [])
        for (index, stay) in stays.enumerated() {
            guard let kind = kinds[stay.profile], let life = life(of: stay, from: first) else { continue }
            guard engines.count + kind.count <= Self.enginesMax else {
                throw ServingSimulation.Fault.rules(
                    "found more than \(Self.enginesMax) engines that start in the window, expected a "
                        + "shorter window")
            }
            var engine = kind.engine
            engine.capacity = stay.weight / Double(kind.count)
            engine.life = life
            engines += Array(repeating: engine, count: kind.count)
            owners += Array(repeating: index, count: kind.count)
        }
        return (engines, owners, limits)
    }

    /// nil where it is over before the first arrival.
    private func life(of stay: Stay, from first: Nanoseconds) -> EngineLife? {
        var life = EngineLife()
        if stay.from > first {
            let up = stay.from - first
            life.bootTime = min(up, profiles[stay.profile].startTime)
            life.bootsAt = up - life.bootTime
        }
        guard let until = stay.until else { return life }
        guard until > first else { return nil }
        let end = until - first
        if stay.fails {
            life.failsAt = [end]
        } else {
            life.drainsAt = end
            if drain > .zero { life.failsAt = [end + drain] }
        }
        return life
    }

    // MARK: Figures

    private func requests(_ tally: WindowTally, _ latencies: TokenLatencies) -> RequestOutcome {
        var outcome = RequestOutcome(segments: tally.segments)
        outcome.latencies = latencies.firstToken
        for counts in tally.segments { outcome.all.merge(counts) }
        return outcome
    }

    private var idle: TokenLevelFigures {
        TokenLevelFigures(
            targets: service.targets(model.latencyTarget), firstToken: nil, outputToken: nil, endToEnd: nil,
            promptTokens: 0, outputTokens: 0, preemptions: 0, restarted: 0, played: .zero, energy: .zero)
    }

    private func figures(_ played: TokenOutcome, _ owners: [Int]) -> TokenLevelFigures {
        let all = played.all
        return TokenLevelFigures(
            targets: service.targets(model.latencyTarget), firstToken: Self.latency(all.firstToken),
            outputToken: Self.latency(all.outputToken), endToEnd: Self.latency(all.endToEnd),
            promptTokens: played.engines.reduce(0) { $0 + $1.promptTokens },
            outputTokens: played.engines.reduce(0) { $0 + $1.generatedTokens },
            preemptions: played.preemptions, restarted: played.restarted,
            played: played.end - played.start, energy: energy(played, owners))
    }

    private static func latency(_ tally: LatencyTally) -> TokenLevelFigures.Latency? {
        guard let mean = tally.mean, let p50 = tally.quantile(Quantile(0.5)),
            let p90 = tally.quantile(Quantile(0.9)), let p99 = tally.quantile(Quantile(0.99))
        else { return nil }
        return TokenLevelFigures.Latency(mean: mean, p50: p50, p90: p90, p99: p99)
    }

    /// What servers draw as long as one of their engines is up, and while they start.
    private func energy(_ played: TokenOutcome, _ owners: [Int]) -> Joules {
        var energy = Joules.zero
        var index = 0
        while index < owners.count {
            let stay = owners[index]
            let next = owners[index...].firstIndex { $0 != stay } ?? owners.count
            energy = energy + self.energy(played.engines[index..<next], of: profiles[stays[stay].profile])
            index = next
        }
        return energy
    }

    private func energy(_ engines: ArraySlice<TokenEngineFigures>, of profile: Profile) -> Joules {
        let up = engines.map(\.life.up).max() ?? .zero
        let booting = engines.map(\.life.booting).max() ?? .zero
        let starting = profile.startingPower * booting
        guard let rules = profile.schedule.engineRules, up > .zero else { return starting }
        let law = try? profile.server.law(profile.schedule)
        let promptSeconds = service.promptSeconds(law)
        // Each stage of a pipeline is busy with its part of a step.
        let whole = up.seconds * Double(engines.count * rules.pipelineParallel)
        let busy = engines.reduce(0) { $0 + $1.busy.seconds }
        let read = engines.reduce(0) { $0 + $1.promptTokens - $1.cachedTokens + $1.recomputedTokens }
        return starting
            + profile.server.power(
                rules, busyShare: busy / whole, promptShare: Double(read) * promptSeconds / whole) * up
    }
}

/// Requests of a window by the segment of the load that they came in.
private final class WindowTally {
    private let ends: [Nanoseconds]
    private(set) var segments: [RequestCounts]
    private let start: Nanoseconds

    init(_ rates: ArrivalRates) {
        ends = rates.segments.map(\.end)
        start = rates.start
        segments = rates.segments.map { _ in RequestCounts() }
    }

    /// nil of what comes after the last one, as further turns of a conversation may.
    private func segment(_ request: TokenRequest) -> Int? {
        let time = start + request.arrival
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > time { high = middle } else { low = middle + 1 }
        }
        return low < ends.count ? low : nil
    }

    func arrived(_ request: TokenRequest) {
        guard let segment = segment(request) else { return }
        segments[segment].arrived += 1
        // Until it is answered.
        segments[segment].dropped += 1
    }

    func answered(_ record: TokenRecord, isGood: Bool) {
        guard let segment = segment(record.request) else { return }
        segments[segment].dropped -= 1
        segments[segment].completed += 1
        if !isGood { segments[segment].late += 1 }
    }
}

/// Requests that are counted as they come.
private struct WindowRequests: TokenRequestSource {
    var requests: TokenWorkloadSource
    let tally: WindowTally

    init(_ requests: TokenWorkloadSource, _ rates: ArrivalRates) {
        self.requests = requests
        tally = WindowTally(rates)
    }

    mutating func next() -> TokenRequest? {
        let request = requests.next()
        if let request { tally.arrived(request) }
        return request
    }

    mutating func following(_ record: TokenRecord) -> TokenRequest? {
        let request = requests.following(record)
        if let request { tally.arrived(request) }
        return request
    }
}
