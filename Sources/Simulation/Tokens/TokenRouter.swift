import Randomness

/// Which engine of a pool a request goes to.
public enum TokenRouter: String, CaseIterable, Sendable, Hashable {
    case random
    case roundRobin = "round-robin"
    /// The fewest requests, waiting and running.
    case leastRequests = "least-requests"
    /// The one with fewer requests of two drawn at random (Mitzenmacher 2001).
    case powerOfTwo = "power-of-two"
    /// The least of 4 x waiting + running, as vLLM's data-parallel front end does.
    case weightedQueue = "weighted-queue"
    /// The fewest outstanding tokens over the engine's capacity.
    case leastTokens = "least-tokens"
    /// The smallest share of memory for keys and values in use.
    case leastMemory = "least-memory"
    /// The engine that had the last request of the same prefix, unless it has many more requests than the
    /// least.
    case affinity
    /// In turn, each as often as its capacity asks, spread evenly (nginx's smooth weighted round robin).
    case smoothWeighted = "smooth-weighted"
    /// The least of (requests + 1) over capacity: the shortest expected delay.
    case shortestDelay = "shortest-delay"
    /// The least predicted work with the new request, in seconds of the engine's own.
    case leastWork = "least-work"
    /// The least share of memory that all its requests will take, with the new one, as predicted.
    case promisedMemory = "promised-memory"
    /// The least of what is longer: the predicted work, or the time until memory has room (after
    /// arXiv 2504.15303, which weighs compute and memory; the formula is ours).
    case capacityAware = "capacity-aware"
    /// The most of the prompt in the cache, weighed against requests and memory in use as 2 : 1 : 1.
    case prefixAware = "prefix-aware"
    /// At random, each as often as its capacity asks.
    case weightedRandom = "weighted-random"
    /// Of two drawn as often as their capacities ask, the one with fewer requests for its capacity.
    case weightedPowerOfTwo = "weighted-power-of-two"

    /// Whether it needs predicted lengths.
    public var predicts: Bool { [.leastWork, .promisedMemory, .capacityAware].contains(self) }
}

/// What routers see of each engine, as of a time.
struct RoutingSignals {
    var time = Int64.min
    var requests: [Int]
    var waiting: [Int]
    var tokens: [Int]
    var memory: [Double]
    /// What was handed out, in picoseconds of predicted work and in tokens; empty where no router asks.
    var work: [Double] = []
    var promised: [Int] = []

    init(engines: Int) {
        requests = Array(repeating: 0, count: engines)
        waiting = requests
        tokens = requests
        memory = Array(repeating: 0, count: engines)
    }
}

/// Engines among which a router chooses. One type for all of a pool and for some of it: the choice is made
/// for every request, and code that is generic over collections costs the play a quarter of its speed.
struct EngineCandidates: RandomAccessCollection {
    private let first: Int
    /// nil for all from the first on.
    private let some: [Int]?
    let startIndex = 0
    let endIndex: Int

    init(_ range: Range<Int>) {
        (first, some, endIndex) = (range.lowerBound, nil, range.count)
    }

    init(_ engines: [Int]) {
        (first, some, endIndex) = (0, engines, engines.count)
    }

    subscript(place: Int) -> Int {
        if let some { some[place] } else { first + place }
    }
}

/// A router and what it remembers.
struct RoutingState {
    let router: TokenRouter
    /// Tokens per second of each engine, for what weighs by capacity.
    let capacities: [Double]
    private var next = 0
    private var stream: RandomStream
    private var homes: [UInt32: Int] = [:]
    /// Of smooth weighted round robin.
    private var credits: [Double]

    init(_ router: TokenRouter, capacities: [Double], seed: UInt64) {
        self.router = router
        self.capacities = capacities
        credits = capacities.map { _ in 0 }
        stream = RandomStream(seed: seed, name: "router")
    }

    /// The engine of a pool that a request goes to, as far as the signals tell.
    /// - Parameters:
    ///   - load: what a new request would add.
    ///   - hits: blocks of a request's prompt in an engine's cache, as a share of the prompt.
    /// - Precondition: there is one.
    mutating func choose(
        among pool: EngineCandidates, for request: TokenRequest, seeing seen: RoutingSignals,
        load: RouterLoad,
        hits: (Int) -> Double
    ) -> Int {
        switch router {
        case .random: return pool[stream.integer(in: 0..<pool.count)]
        case .roundRobin:
            defer { next = (next + 1) % pool.count }
            return pool[next % pool.count]
        case .leastRequests: return Self.least(of: pool) { Double(seen.requests[$0]) }
        case .powerOfTwo:
            let one = pool[stream.integer(in: 0..<pool.count)]
            let other = pool[stream.integer(in: 0..<pool.count)]
            return seen.requests[other] < seen.requests[one] ? other : one
        case .weightedQueue: return Self.least(of: pool) { Double(3 * seen.waiting[$0] + seen.requests[$0]) }
        case .weightedRandom: return drawn(among: pool)
        case .weightedPowerOfTwo:
            let (one, other) = (drawn(among: pool), drawn(among: pool))
            return fullness(other, seen) < fullness(one, seen) ? other : one
        case .leastTokens: return Self.least(of: pool) { Double(seen.tokens[$0]) / capacities[$0] }
        case .leastMemory: return Self.least(of: pool) { seen.memory[$0] + Double(seen.waiting[$0]) }
        case .affinity:
            let least = Self.least(of: pool) { Double(seen.requests[$0]) }
            guard let key = Self.home(request) else { return least }
            if let home = homes[key], seen.requests[home] <= 2 * seen.requests[least] + 4,
                pool.contains(home)
            {
                return home
            }
            homes[key] = least
            return least
        case .smoothWeighted: return smoothWeighted(among: pool)
        case .shortestDelay: return Self.least(of: pool) { fullness($0, seen) }
        case .leastWork: return Self.least(of: pool) { seen.work[$0] + load.work(of: request, at: $0) }
        case .promisedMemory:
            return Self.least(of: pool) { Self.promised(request, at: $0, seen) / Double(load.memory[$0]) }
        case .capacityAware:
            return Self.least(of: pool) { engine in
                let work = seen.work[engine] + load.work(of: request, at: engine)
                let promised = Self.promised(request, at: engine, seen)
                // Work ends evenly, and gives memory back as it does.
                let lacking = max(0, promised - Double(load.memory[engine]))
                let held = max(1, Double(seen.promised[engine]))
                return work + seen.work[engine] * min(1, lacking / held)
            }
        case .prefixAware:
            return Self.least(of: pool) {
                -2 * hits($0) - 1 / Double(1 + seen.requests[$0]) - (1 - seen.memory[$0])
            }
        }
    }

    private static func promised(
        _ request: TokenRequest, at engine: Int, _ seen: RoutingSignals
    ) -> Double {
        Double(seen.promised[engine]) + Double(request.prompt) + Double(request.predicted)
    }

    /// Requests that an engine would have with one more, for its capacity.
    private func fullness(_ engine: Int, _ seen: RoutingSignals) -> Double {
        Double(seen.requests[engine] + 1) / capacities[engine]
    }

    /// An engine at random, as often as its capacity asks. O(engines).
    private mutating func drawn(among pool: EngineCandidates) -> Int {
        var left = stream.uniform() * pool.reduce(0) { $0 + capacities[$1] }
        for engine in pool {
            left -= capacities[engine]
            if left < 0 { return engine }
        }
        return pool[pool.count - 1]
    }

    private mutating func smoothWeighted(among pool: EngineCandidates) -> Int {
        var (best, sum) = (pool[0], 0.0)
        for engine in pool {
            credits[engine] += capacities[engine]
            sum += capacities[engine]
            if credits[engine] > credits[best] { best = engine }
        }
        credits[best] -= sum
        return best
    }

    private static func home(_ request: TokenRequest) -> UInt32? {
        switch request.prefix {
        case .none: nil
        case .group(let id, _): id
        case .session(let id, _, _), .branch(let id, _, _, _): id ^ 0x8000_0000
        case .blocks(let first, _, _): UInt32(bitPattern: first)
        }
    }

    private static func least(of pool: EngineCandidates, by cost: (Int) -> Double) -> Int {
        var (best, lowest) = (pool[0], Double.infinity)
        for engine in pool {
            let own = cost(engine)
            if own < lowest { (best, lowest) = (engine, own) }
        }
        return best
    }
}
